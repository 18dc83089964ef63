#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""compression.py CASE HOST CERT KEY TARGET: one of the functions below; says what is wrong and exits 1."""
import os
import struct
import sys

import cstp
from cstp import COMPRESSED, DATA, Client, echo_request

host, cert, key, target = sys.argv[2:6]
BODY = b"the same words again and again, " * 30
ALL = "X-CSTP-Accept-Encoding: oc-lz4,lzs,deflate"


def tunnel(*headers):
    c = Client(host, cert, key).login()
    answer = c.connect("X-CSTP-MTU: 1290", *headers)
    assert answer[""].startswith("HTTP/1.1 200"), answer
    c.address = answer["X-CSTP-Address"]
    c.encoding = answer.get("X-CSTP-Content-Encoding")
    return c


def pinged(c, number, encode, decode, wanted):
    """An echo forth and back; how long it was on its way back."""
    packet = echo_request(c.address, target, number, BODY)
    if encode:
        c.send(COMPRESSED, encode(packet))
    else:
        c.send(DATA, packet)
    kind, payload = c.receive()
    assert kind == wanted, "type %d instead of %d" % (kind, wanted)
    answer = decode(payload) if kind == COMPRESSED else payload
    assert answer[20] == 0 and answer[28:] == BODY and struct.unpack(">H", answer[26:28])[0] == number, answer
    return len(payload)


def off():
    """Without the group-policy's word nothing is offered."""
    c = tunnel(ALL, "X-DTLS-Accept-Encoding: oc-lz4,lzs")
    assert c.encoding is None, c.encoding
    pinged(c, 1, None, None, DATA)


def unasked():
    """Nor without the client's."""
    assert tunnel().encoding is None


def both(c, encode, decode):
    size = pinged(c, 1, encode, decode, COMPRESSED)
    assert size < len(BODY) / 3, size
    # each packet stands alone; what differs is the header's identification
    assert abs(pinged(c, 2, None, decode, COMPRESSED) - size) <= 8
    for number in range(3, 40):
        pinged(c, number, encode, decode, COMPRESSED)


def lz4():
    c = tunnel(ALL)
    assert c.encoding == "oc-lz4", c.encoding
    both(c, cstp.lz4_encode, cstp.lz4_decode)


def lzs():
    c = tunnel("X-CSTP-Accept-Encoding: lzs")
    assert c.encoding == "lzs", c.encoding
    both(c, cstp.lzs_encode, cstp.lzs_decode)


def deflate():
    c = tunnel("X-CSTP-Accept-Encoding: deflate")
    assert c.encoding is None, c.encoding
    pinged(c, 1, None, None, DATA)


def small():
    """Short packets go as they are."""
    c = tunnel(ALL)
    c.send(DATA, echo_request(c.address, target, 1, b"a" * 20))
    assert c.receive()[0] == DATA


def bombs():
    """Broken ones, and those that would burst: dropped, and the tunnel goes on."""
    for name, bomb, encode, decode in (
            ("lzs", cstp.lzs_encode(echo_request("0.0.0.0", target, 9, b"\0" * 16000)), cstp.lzs_encode, cstp.lzs_decode),
            ("oc-lz4", b"\x1f\0\1\0" + b"\xff" * 60 + b"\0", cstp.lz4_encode, cstp.lz4_decode)):
        c = tunnel("X-CSTP-Accept-Encoding: " + name)
        for i in range(300):
            c.send(COMPRESSED, bomb)
            c.send(COMPRESSED, b"\xff" * 500)
            c.send(COMPRESSED, os.urandom(1 + i))
            c.send(COMPRESSED)
        pinged(c, 1, encode, decode, COMPRESSED)


def unnegotiated():
    """Type 8 without having agreed on it is an unknown type: logged a few times, ignored."""
    c = tunnel()
    for _ in range(300):
        c.send(COMPRESSED, b"\x20\x90\xb0\x5e\x18\0")
    pinged(c, 1, None, None, DATA)


globals()[sys.argv[1]]()
for client in cstp.opened:
    client.bye()
