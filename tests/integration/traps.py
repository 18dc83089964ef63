#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""traps.py CASE HOST CERT KEY TARGET: what some client once stumbled over (doc/interop-traps.md)."""
import socket
import ssl
import struct
import sys

import cstp
from cstp import DATA, DPD, DPD_RESP, KEEPALIVE, Client, echo_request

host, cert, key, target = sys.argv[2:6]
MASTER = "X-DTLS-Master-Secret: " + "5A" * 48
SUITES = "X-DTLS-CipherSuite: AES256-SHA:AES128-SHA"
OPENCONNECT = "OpenConnect VPN Agent v9.01" # whose DTLS need not have the suite of its TLS
IPV6 = "X-CSTP-Full-IPv6-Capability: true"


def client(agent=None):
    c = Client(host, cert, key).login()
    c.agent = agent or c.agent
    return c


def again(c):
    n = Client(host, cert, key, agent=c.agent)
    n.cookie = c.cookie
    return n


def echo(c, address, number):
    c.send(DATA, echo_request(address, target, number, b"y" * 64))
    while True:
        frame = c.receive()
        assert frame is not None, "closed"
        if frame[0] == DATA and frame[1][20] == 0:
            return


def connect_text(c, path="/CSCOSSLC/tunnel"):
    return ("CONNECT %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: %s\r\nCookie: webvpn=%s\r\nX-CSTP-MTU: 1290\r\n\r\n"
            % (path, c.name, c.agent, c.cookie)).encode()


def address_of(c):
    """The head of the answer to CONNECT, what came behind it stays."""
    while b"\r\n\r\n" not in c.rest:
        part = c.tls.recv(65536)
        assert part, c.rest
        c.rest += part
    head, c.rest = c.rest.split(b"\r\n\r\n", 1)
    lines = head.decode().split("\r\n")
    assert lines[0] == "HTTP/1.1 200 CONNECTED", lines
    return [line[16:] for line in lines if line.startswith("X-CSTP-Address: ")][0]


def clavister():
    c = client("Clavister OneConnect VPN")
    c.open()
    c.tls.sendall(connect_text(c, "CSCOSSLC/tunnel"))
    echo(c, address_of(c), 1)
    c.bye()


def unknown_client():
    c = client("Nobody's client 1.0")
    assert c.connect()[""].startswith("HTTP/1.1 200")
    c.bye()


def answer_lines():
    """Mobile clients stop without the licence; the proxy's PAC is spelt so or not sent at all."""
    c = client()
    got = c.connect(MASTER, SUITES, "X-CSTP-License: mobile")
    assert got["X-CSTP-License"] == "accept", got
    assert not [k for k in got if k.upper().startswith("X-CSTP-MSIE-PROXY-PAC")], got
    c.bye()


def idle_default():
    """An idle timeout of "none" is none at all for nobody: webvpn has one for all (asa-reference 4.6)."""
    c = client()
    got = c.connect()
    print(got["X-CSTP-Idle-Timeout"], got["X-CSTP-Disconnected-Timeout"])
    c.bye()


def split_lines():
    c = client(OPENCONNECT)
    c.open()
    c.tls.sendall(connect_text(c).replace(b"\r\n\r\n", ("\r\n" + IPV6 + "\r\n\r\n").encode()))
    head = b""
    while b"\r\n\r\n" not in head:
        head += c.tls.recv(65536)
    print(*[line for line in head.decode().split("\r\n") if line.startswith("X-CSTP-Split")])
    c.bye()


def ios():
    apple = "Cisco AnyConnect VPN Agent for Apple iPhone 4.10"
    for agent, wanted in ((apple, "2000::/3"), ("AnyConnect Linux_64 4.10", None)):
        c = client(agent)
        got = c.connect(IPV6)
        assert "X-CSTP-Address-IP6" in got and got.get("X-CSTP-Split-Include-IP6") == wanted, got
        c.bye()


def small_mtu():
    """IPv6 needs 1280 bytes: below there is none; nor for who does not say that he understands it."""
    for headers, wanted in ((("X-CSTP-MTU: 1280", IPV6), True), (("X-CSTP-MTU: 1279", IPV6), False), (("X-CSTP-MTU: 1280",), False),
                            (("X-CSTP-Address-Type: IPv4", IPV6), False)):
        c = client(OPENCONNECT)
        got = c.connect(*headers)
        assert ("X-CSTP-Address-IP6" in got) == wanted, (headers, got)
        c.bye()


def new_dtls_id():
    first = client(OPENCONNECT)
    a = first.connect(MASTER, SUITES)
    second = again(first)
    b = second.connect(MASTER, SUITES)
    assert len(a["X-DTLS-Session-ID"]) == 64 and a["X-DTLS-Session-ID"] != b["X-DTLS-Session-ID"], (a, b)
    assert a["X-CSTP-Address"] == b["X-CSTP-Address"], (a, b)
    second.bye()


def no_dtls_lines():
    """A secret that is none, none at all, names that nobody knows: not one X-DTLS line."""
    for headers in ((SUITES,), (MASTER,), (SUITES, "X-DTLS-Master-Secret: " + "00" * 48), (SUITES, MASTER + "5A"),
                    (SUITES, MASTER[:-1] + "X"), (MASTER, "X-DTLS-CipherSuite: NULL-SHA:RC4-MD5::x")):
        c = client(OPENCONNECT)
        got = c.connect(*headers)
        assert got[""] == "HTTP/1.1 200 CONNECTED", got
        assert not [k for k in got if k.startswith("X-DTLS")], (headers, got)
        c.bye()


def byte_by_byte():
    """Each byte in a TLS record of its own: the request, then packets."""
    c = client()
    c.open()
    for byte in connect_text(c):
        c.tls.send(bytes([byte]))
    address = address_of(c)
    packet = echo_request(address, target, 1, b"z" * 40)
    for byte in b"STF\1" + struct.pack(">HBB", len(packet), DATA, 0) + packet:
        c.tls.send(bytes([byte]))
    while True:
        frame = c.receive()
        assert frame is not None
        if frame[0] == DATA:
            break
    c.bye()


def in_one_piece():
    """The request and packets behind it in one record, several of them."""
    c = client()
    c.open()
    dpd = b"STF\1" + struct.pack(">HBB", 5, DPD, 0) + b"12345"
    c.tls.sendall(connect_text(c) + dpd + b"STF\1\0\0\7\0" + dpd)
    address_of(c)
    for _ in range(2):
        assert c.receive() == (DPD_RESP, b"12345")
    c.bye()


def dpd_is_echoed():
    """On the channel it came on, whatever its length."""
    c = client()
    assert c.connect()[""].startswith("HTTP/1.1 200")
    for size in (0, 1, 1300, 9000):
        c.send(DPD, b"Z" * size)
        frame = c.receive()
        while frame[0] == KEEPALIVE:
            frame = c.receive()
        assert frame == (DPD_RESP, b"Z" * size), (size, frame[0], len(frame[1]))
    c.bye()


globals()[sys.argv[1]]()
for c in cstp.opened:
    c.tls.close()
