# SPDX-License-Identifier: GPL-2.0-or-later
"""openconnect as the client, with a TUN device or with its inner packets in this process."""
import contextlib
import os
import re
import signal
import socket
import struct
import subprocess
import threading
import time

from lab import CLIENT_ENV, WAIT_S, WORK, fail, in_ns, running, wait_for

INNER_MTU = 1390  # the smaller of what the two servers choose
LOGIN_TLS = "NORMAL:-VERS-ALL:+VERS-TLS1.2"  # both servers then choose the same suite

# What --dtls-ciphers takes, and the cipher that must then be in use; None: TLS alone.
CIPHERS = {
    "AES-128-GCM": ("OC-DTLS1_2-AES128-GCM", "AES-128-GCM"),
    "AES-256-GCM": ("OC-DTLS1_2-AES256-GCM", "AES-256-GCM"),
    "AES-128-CBC-SHA1": ("AES128-SHA", "AES-128-CBC"),
    "TLS": None,
}


class HandOver:
    """Where openconnect's script sends the descriptors of inner packets."""

    def __init__(self):
        self.path = f"{WORK}/hand-over.sock"
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.got = {}
        threading.Thread(target=self._take, daemon=True).start()

    def _take(self):
        while True:
            text, fds, _, _ = socket.recv_fds(self.socket, 100, 1)
            pid, address = text.decode().split()
            self.got[int(pid)] = address, fds[0]


hand_over = HandOver()


class Client:
    def __init__(self, server, number, tun=None, cipher="AES-256-GCM"):
        certs = f"{WORK}/certs/phone{number}"
        if tun:
            script = (f'[ "$reason" != connect ] || {{ ip link set dev {tun} up mtu {INNER_MTU} && '
                      f'ip address add $INTERNAL_IP4_ADDRESS/32 dev {tun} && ip route add {server.inside} dev {tun}; }}')
            how = ["--interface", tun, "--script", script]
        else:
            how = ["--script-tun", "--script", f"exec python3 -I -S tests/bench/handover.py {hand_over.path}"]
        self.server, self.cipher = server, cipher
        how += ["--dtls-ciphers", CIPHERS[cipher][0]] if CIPHERS[cipher] else ["--no-dtls"]
        self.lines, self.address, self.fd = [], None, None
        self.dtls, self.settled, self.configured = threading.Event(), threading.Event(), threading.Event()
        self.popen = subprocess.Popen(
            in_ns("c", "openconnect", "-v", "--protocol=anyconnect", "--non-inter", "--gnutls-priority", LOGIN_TLS,
                  "-c", certs + ".pem", "-k", certs + ".key", "--servercert", server.pin, *how, server.url),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=CLIENT_ENV)
        running.append(self)
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        for line in self.popen.stdout:
            self.lines.append(line.rstrip())
            if line.startswith("Established DTLS"):
                self.dtls.set()
            if "MTU after detection" in line or "Detected MTU" in line:
                self.settled.set()
            if line.startswith("Configured as"):
                self.configured.set()

    def up(self):
        """DTLS is up, the MTU known, and the script has run."""
        events = [(self.configured, "end of its script")]
        if CIPHERS[self.cipher]:
            events += [(self.dtls, "DTLS"), (self.settled, "MTU")]
        for event, what in events:
            end = time.monotonic() + WAIT_S
            while not event.wait(0.5):
                if self.popen.poll() is not None or time.monotonic() > end:
                    fail(f"{self.server.name}: no {what}\n" + "\n".join(self.lines))
        if CIPHERS[self.cipher] and CIPHERS[self.cipher][1] not in self.suites()[1]:
            fail(f"{self.server.name}: {self.suites()[1]} instead of {self.cipher}")
        return self

    def take(self):
        wait_for("openconnect's script", lambda: self.popen.pid in hand_over.got)
        self.address, self.fd = hand_over.got.pop(self.popen.pid)
        os.set_blocking(self.fd, False)
        self.request = echo_request(self.address, self.server.inside)

    def suites(self):
        """Of TLS and DTLS."""
        text = "\n".join(self.lines)
        dtls = re.search(r"Established DTLS .* Ciphersuite (\S+?)\.?$", text, re.M)
        return re.search(r"HTTPS on .* with ciphersuite (\S+)", text)[1], dtls[1] if dtls else "none"

    def echo(self):
        """A packet through the tunnel and back."""
        def answered():
            with contextlib.suppress(BlockingIOError):
                os.write(self.fd, self.request)
            end = time.monotonic() + 0.1
            while time.monotonic() < end:
                if self.answers():
                    return True
                time.sleep(0.001)
            return False
        wait_for("an echo through the tunnel", answered)

    def answers(self):
        """Echo replies that have come."""
        count = 0
        with contextlib.suppress(BlockingIOError):
            while True:
                packet = os.read(self.fd, 2000)
                count += len(packet) == len(self.request) and packet[9] == 1 and packet[20] == 0
        return count

    def leave(self):
        self.popen.send_signal(signal.SIGINT)

    def stop(self):
        if self in running:
            running.remove(self)
        self.leave()
        try:
            self.popen.wait(WAIT_S)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()
        self.thread.join()
        if self.fd is not None:
            os.close(self.fd)
            self.fd = None


def checksum(data):
    n = sum(struct.unpack(f"!{len(data) // 2}H", data))
    n = (n & 0xffff) + (n >> 16)
    return ~(n + (n >> 16)) & 0xffff


def echo_request(source, destination):
    """An IPv4 packet of 200 bytes, the size of G.711 speech of 20 ms with its headers."""
    icmp = struct.pack("!BBHHH", 8, 0, 0, 1, 1) + bytes(172)
    icmp = icmp[:2] + struct.pack("!H", checksum(icmp)) + icmp[4:]
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(icmp), 0, 0x4000, 64, 1, 0, socket.inet_aton(source),
                       socket.inet_aton(destination))
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + icmp
