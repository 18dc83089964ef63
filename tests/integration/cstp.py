# SPDX-License-Identifier: GPL-2.0-or-later
"""A client written once more, in Python: a phone's login, CONNECT with any headers, CSTP frames, LZS and LZ4 blocks."""
import socket
import ssl
import struct

DATA, DPD, DPD_RESP, BYE, KEEPALIVE, COMPRESSED = 0, 3, 4, 5, 7, 8


def context(cert, key, version=None):
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    c.check_hostname = False
    c.verify_mode = ssl.CERT_NONE
    c.minimum_version = version or ssl.TLSVersion.TLSv1_2
    if version:
        c.maximum_version = version
    if cert:
        c.load_cert_chain(cert, key)
    return c


opened = []  # tunnels, for a goodbye at the end


class Client:
    def __init__(self, host, cert=None, key=None, agent="Cisco SVC IPPhone Client v1.0 (1.0)", path="/phone",
                 name="asav.sckiewer.lab", port=443):
        self.host, self.port, self.agent, self.path, self.name = host, port, agent, path, name
        self.context = context(cert, key)
        self.cookie, self.tls, self.rest = None, None, b""

    def open(self):
        s = socket.create_connection((self.host, self.port), timeout=20)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.tls = self.context.wrap_socket(s, server_hostname=self.name)
        self.rest = b""

    def ask(self, text):
        """Send a request without a body in its answer; the answer's lines."""
        self.tls.sendall(text.replace("\n", "\r\n").encode())
        while b"\r\n\r\n" not in self.rest:
            part = self.tls.recv(65536)
            if not part:
                raise EOFError("closed instead of an answer: %r" % self.rest)
            self.rest += part
        head, self.rest = self.rest.split(b"\r\n\r\n", 1)
        return head.decode().split("\r\n")

    def login(self):
        """As a phone, whatever the User-Agent of CONNECT will be."""
        common = "Host: %s\nUser-Agent: Cisco SVC IPPhone Client v1.0 (1.0)\n" % self.name
        self.open()
        self.ask("GET %s HTTP/1.1\n%s\n" % (self.path, common))
        answer = self.ask("POST %s HTTP/1.1\n%sCookie: webvpnlogin=1\nContent-Length: 0\n\n" % (self.path, common))
        for line in answer:
            if line.startswith("Set-Cookie: webvpn=") and "expires" not in line:
                self.cookie = line[19:].split(";")[0]
        self.tls.close()
        assert self.cookie, answer
        return self

    def connect(self, *headers):
        """The answer's headers as a dictionary, "" is the status line."""
        self.open()
        lines = self.ask("CONNECT /CSCOSSLC/tunnel HTTP/1.1\nHost: %s\nUser-Agent: %s\nCookie: webvpn=%s\n"
                         "X-CSTP-Version: 1\nX-CSTP-Hostname: test\n%s\n" %
                         (self.name, self.agent, self.cookie, "".join(h + "\n" for h in headers)))
        opened.append(self)
        return dict([("", lines[0])] + [tuple(line.split(": ", 1)) for line in lines[1:] if ": " in line])

    def send(self, kind, payload=b""):
        self.tls.sendall(b"STF\1" + struct.pack(">HBB", len(payload), kind, 0) + payload)

    def bye(self, payload=b"\xb0User quit"):
        """Until the server has closed, too; what it still says comes back."""
        got = []
        try:
            self.send(BYE, payload)
            while True:
                frame = self.receive()
                if frame is None:
                    return got
                got.append(frame)
        except (OSError, ssl.SSLError):
            return got

    def receive(self, seconds=5):
        """(type, payload), None at the end of the connection."""
        self.tls.settimeout(seconds)
        while len(self.rest) < 8 or len(self.rest) < 8 + struct.unpack(">H", self.rest[4:6])[0]:
            part = self.tls.recv(65536)
            if not part:
                return None
            self.rest += part
        size = struct.unpack(">H", self.rest[4:6])[0]
        frame, self.rest = (self.rest[6], self.rest[8:8 + size]), self.rest[8 + size:]
        return frame


# ---- packets ----

def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total >> 16) + (total & 0xffff)
    return ~total & 0xffff


def echo_request(source, target, number, body):
    icmp = struct.pack(">BBHHH", 8, 0, 0, 77, number) + body
    icmp = icmp[:2] + struct.pack(">H", checksum(icmp)) + icmp[4:]
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(icmp), number, 0, 64, 1, 0, socket.inet_aton(source),
                       socket.inet_aton(target))
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + icmp


# ---- LZS, ANSI X3.241 ----

def lzs_decode(data, limit=16384):
    bits = "".join("{:08b}".format(b) for b in data)
    at, out = 0, bytearray()

    def take(n):
        nonlocal at
        if at + n > len(bits):
            raise ValueError("LZS: cut")
        at += n
        return int(bits[at - n:at], 2)

    while True:
        if not take(1):
            out.append(take(8))
            continue
        if take(1):
            offset = take(7)
            if offset == 0:
                return bytes(out)
        else:
            offset = take(11)
        length = take(2) + 2
        if length == 5:
            length = take(2) + 5
            if length == 8:
                more = 15
                while more == 15:
                    more = take(4)
                    length += more
        if not 0 < offset <= len(out) or len(out) + length > limit:
            raise ValueError("LZS: match of %d at %d" % (length, offset))
        for _ in range(length):
            out.append(out[-offset])


def lzs_encode(data):
    bits, at = "", 0
    while at < len(data):
        best, where = 0, 0
        for offset in range(1, min(at, 2047) + 1):
            n = 0
            while at + n < len(data) and data[at + n - offset] == data[at + n] and n < 400:
                n += 1
            if n > best:
                best, where = n, offset
        if best < 2:
            bits += "0{:08b}".format(data[at])
            at += 1
            continue
        bits += "11{:07b}".format(where) if where < 128 else "10{:011b}".format(where)
        if best < 5:
            bits += "{:02b}".format(best - 2)
        elif best < 8:
            bits += "11{:02b}".format(best - 5)
        else:
            n = best - 8
            bits += "1111" + "1111" * (n // 15) + "{:04b}".format(n % 15)
        at += best
    bits += "110000000"
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))


# ---- LZ4, raw blocks ----

def lz4_decode(data):
    at, out = 0, bytearray()

    def more(n):
        nonlocal at
        if n == 15:
            while True:
                n += data[at]
                at += 1
                if data[at - 1] != 255:
                    break
        return n

    while at < len(data):
        token = data[at]
        at += 1
        n = more(token >> 4)
        out += data[at:at + n]
        at += n
        if at >= len(data):
            break
        offset = data[at] | data[at + 1] << 8
        at += 2
        n = more(token & 15) + 4
        for _ in range(n):
            out.append(out[-offset])
    return bytes(out)


def lz4_encode(data):
    """Literals only, which is a block, too."""
    n = len(data)
    if n < 15:
        return bytes([n << 4]) + data
    rest = n - 15
    return b"\xf0" + b"\xff" * (rest // 255) + bytes([rest % 255]) + data
