#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Clients that misbehave, and other small network tools of the integration tests.

odd.py garbage HOST PORT          bytes that are no TLS, many kinds; each must be closed
odd.py probe HOST PORT            connect and close without a byte
odd.py headers HOST PORT CERT KEY BYTES  a request whose head is that long; prints the status
odd.py request HOST PORT CERT KEY  the request on standard input; prints the answer
odd.py silent HOST PORT N SECONDS  N connections that say nothing; all closed by the server in time
odd.py slow HOST PORT SECONDS     a handshake a byte at a time; prints when it was closed
odd.py slow-request HOST PORT SECONDS  TLS, then a request a byte at a time; prints when it was closed
odd.py randoms HOST PORT N        the ServerHello randoms of N connections, one a line
odd.py udp-noise HOST PORT N      datagrams that are nobody's
odd.py serve PORT BYTES FILE      accept one connection, take BYTES, send BYTES of our own; sums to FILE
odd.py transfer HOST PORT BYTES   the other end; prints "sent SUM received SUM"
odd.py udp-send HOST PORT TEXT SIZE [SOURCE]   one datagram (fragments when large)
odd.py udp-receive PORT COUNT SECONDS  print "ADDRESS LENGTH SUM" of each
"""
import hashlib
import os
import random
import select
import socket
import ssl
import struct
import sys
import time


def connect(host, port):
    s = socket.create_connection((host, int(port)), timeout=20)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s


def drain(s, seconds=20):
    """What comes until the other side closes."""
    got = b""
    s.settimeout(seconds)
    try:
        while True:
            part = s.recv(65536)
            if not part:
                return got
            got += part
    except ConnectionError:
        return got


def hello(version=b"\x03\x01"):
    body = version + os.urandom(32) + b"\0" + struct.pack(">H", 6) + b"\0\x35\0\x2f\0\xff" + b"\1\0"
    shake = b"\1" + struct.pack(">I", len(body))[1:] + body
    return b"\x16\x03\x01" + struct.pack(">H", len(shake)) + shake


def tls(host, port, cert=None, key=None):
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    c.check_hostname = False
    c.verify_mode = ssl.CERT_NONE
    c.minimum_version = ssl.TLSVersion.TLSv1_2
    if cert not in (None, "-"):
        c.load_cert_chain(cert, key)
    return c.wrap_socket(connect(host, port))


def garbage(host, port):
    rnd = random.Random(7)
    kinds = [
        b"GET / HTTP/1.0\r\n\r\n",
        b"\0" * 4000,
        bytes(rnd.randrange(256) for _ in range(4000)),
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\x80\x2e\1\0\2" + b"\0" * 41,  # SSLv2
        b"\x16\x03\x01\xff\xff" + b"x" * 65535,  # a record above the limit
        b"\x16\x03\x01\x00\x04\x01\xff\xff\xff" + b"\x16\x03\x01\x40\x00" + b"y" * 16384,  # a hello of 16 MB
        hello()[:-4] + b"\xff\xff\xff\xff",
        b"\x15\x03\x01\x00\x02\x02\x28",  # an alert
        b"\x17\x03\x01\x00\x20" + b"z" * 32,  # data before a handshake
        hello(b"\x02\x00"),
    ]
    for n, kind in enumerate(kinds):
        s = connect(host, port)
        try:
            s.sendall(kind)
            s.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        try:
            got = drain(s)
        except TimeoutError:
            print("garbage kind %d is not closed" % n)
            sys.exit(1)
        if b"HTTP/1" in got:
            print("garbage kind %d got an HTTP answer" % n)
            sys.exit(1)
        s.close()
    print(len(kinds))


def probe(host, port):
    connect(host, port).close()


def read_status(s):
    got = b""
    s.settimeout(20)
    try:
        while b"\r\n\r\n" not in got:
            part = s.recv(65536)
            if not part:
                break
            got += part
    except (ConnectionError, ssl.SSLError):
        pass
    return got.decode("latin-1")


def headers(host, port, cert, key, size):
    s = tls(host, port, cert, key)
    head = b"GET /phone HTTP/1.1\r\nHost: asav.sckiewer.lab\r\nX-Long: "
    left = int(size) - len(head)
    try:
        s.sendall(head)
        while left > 0:
            s.sendall(b"a" * min(left, 8192))
            left -= 8192
        s.sendall(b"\r\n\r\n")
    except (ConnectionError, ssl.SSLError):
        pass
    print(read_status(s).split("\r\n")[0])


def request(host, port, cert, key):
    s = tls(host, port, cert, key)
    s.sendall(sys.stdin.buffer.read().replace(b"\r", b"").replace(b"\n", b"\r\n"))
    sys.stdout.write(read_status(s).replace("\r", ""))


def silent(host, port, count, seconds):
    all_of_them = [connect(host, port) for _ in range(int(count))]
    print("connected", flush=True)
    end = time.monotonic() + float(seconds)
    while all_of_them:
        ready = select.select(all_of_them, [], [], end - time.monotonic())[0]
        if not ready:
            print("%d connections stay open" % len(all_of_them))
            sys.exit(1)
        for s in ready:
            try:
                if s.recv(100) == b"":
                    all_of_them.remove(s)
            except ConnectionError:
                all_of_them.remove(s)


def slow(host, port, seconds):
    s = connect(host, port)
    data = hello()
    start = time.monotonic()
    for at in range(len(data) * 100):
        if time.monotonic() - start > float(seconds):
            print("still open after %s s" % seconds)
            sys.exit(1)
        if at < len(data) - 1:
            s.send(data[at:at + 1])
        ready = select.select([s], [], [], 1)[0]
        try:
            if ready and s.recv(100) == b"":
                break
        except ConnectionError:
            break
    print("%d" % (time.monotonic() - start))


def slow_request(host, port, seconds):
    s = tls(host, port)
    start = time.monotonic()
    try:
        for byte in b"GET /phone HTTP/1.1\r\nX: " + b"y" * 10000:
            if time.monotonic() - start > float(seconds):
                print("still open after %s s" % seconds)
                sys.exit(1)
            s.send(bytes([byte]))
            if select.select([s], [], [], 0.5)[0] and s.recv(100) == b"":
                break
    except (ConnectionError, ssl.SSLError):
        pass
    print("%d" % (time.monotonic() - start))


def randoms(host, port, count):
    for _ in range(int(count)):
        s = connect(host, port)
        s.sendall(hello(b"\x03\x03"))
        got = b""
        while len(got) < 43:
            part = s.recv(4096)
            if not part:
                print("closed")
                sys.exit(1)
            got += part
        if got[0] != 22 or got[5] != 2:
            print("no ServerHello: %s" % got[:10].hex())
            sys.exit(1)
        print(got[11:43].hex())
        s.close()


def udp_noise(host, port, count):
    rnd = random.Random(11)
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for n in range(int(count)):
        size = rnd.choice([0, 1, 12, 13, 59, 60, 91, 92, 93, 200, 1400, 9000])
        data = bytearray(rnd.randrange(256) for _ in range(size))
        if size > 60 and n % 2:
            data[0], data[13], data[59] = 22, 1, 32
        try:
            s.sendto(data, (host, int(port)))
        except OSError:
            pass
    s.settimeout(0.5)
    try:
        print("answered: %s" % s.recv(2000).hex())
        sys.exit(1)
    except (TimeoutError, ConnectionError):
        pass


def send_all(s, count):
    total = hashlib.sha256()
    rnd = random.Random(os.getpid())
    while count > 0:
        part = rnd.randbytes(min(count, 65536))
        total.update(part)
        s.sendall(part)
        count -= len(part)
    return total.hexdigest()


def receive_all(s, count):
    total = hashlib.sha256()
    while count > 0:
        part = s.recv(min(count, 65536))
        if not part:
            return "closed with %d bytes to come" % count
        total.update(part)
        count -= len(part)
    return total.hexdigest()


def serve(port, count, name):
    both = socket.has_dualstack_ipv6()
    listener = socket.create_server(
        ("", int(port)), family=socket.AF_INET6 if both else socket.AF_INET, dualstack_ipv6=both
    )
    print("listening", flush=True)
    s = listener.accept()[0]
    received = receive_all(s, int(count))
    sent = send_all(s, int(count))
    s.shutdown(socket.SHUT_WR)
    drain(s)
    with open(name + ".new", "w") as f:
        f.write("sent %s received %s\n" % (received, sent))  # as the other end sees it
    os.rename(name + ".new", name)


def transfer(host, port, count):
    s = connect(host, port)
    s.settimeout(90)
    sent = send_all(s, int(count))
    received = receive_all(s, int(count))
    print("sent %s received %s" % (sent, received))


def udp_send(host, port, text, size, source=None):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.IPPROTO_IP, 10, 0)  # IP_MTU_DISCOVER, IP_PMTUDISC_DONT
    if source:
        s.bind((source, 0))
    s.sendto((text.encode() * int(size))[:int(size)], (host, int(port)))


def udp_receive(port, count, seconds):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("", int(port)))
    s.settimeout(float(seconds))
    print("listening", flush=True)
    for _ in range(int(count)):
        try:
            data, peer = s.recvfrom(65535)
        except TimeoutError:
            sys.exit(1)
        print("%s %d %s" % (peer[0], len(data), hashlib.sha256(data).hexdigest()[:16]), flush=True)


if __name__ == "__main__":
    globals()[sys.argv[1].replace("-", "_")](*sys.argv[2:])
