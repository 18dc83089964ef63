#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""ClientHellos of others.

hello.py sniff INTERFACE SECONDS FILE      the first DTLS ClientHello that leaves there; prints "listening"
hello.py send HOST PORT FILE COUNT [FROM]  that hello from COUNT ports, each time with a random of its own;
                                           FROM is ADDRESS:PORT for all of them, spoofed if need be
"""
import os
import socket
import struct
import sys
import time


def sniff(interface, seconds, name):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    s.bind((interface, 0))
    s.settimeout(0.2)
    print("listening", flush=True)
    end = time.time() + float(seconds)
    while time.time() < end:
        try:
            frame = s.recv(65536)
        except socket.timeout:
            continue
        if len(frame) < 42 or frame[12:14] != b"\x08\0" or frame[23] != 17:
            continue
        data = frame[42:]
        if len(data) > 92 and data[0] == 22 and data[13] == 1:
            with open(name, "wb") as f:
                f.write(data)
            return


def checksum(data):
    total = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total >> 16) + (total & 0xffff)
    return ~total & 0xffff


def spoofed(source, target, data):
    """A UDP datagram with its IP header."""
    udp = struct.pack(">HHHH", source[1], target[1], 8 + len(data), 0) + data
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0, socket.inet_aton(source[0]),
                       socket.inet_aton(target[0]))
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + udp


def send(host, port, name, count, source=None):
    with open(name, "rb") as f:
        hello = f.read()
    raw = None
    if source:
        raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
        source = (source.split(":")[0], int(source.split(":")[1]))
    for _ in range(int(count)):
        data = hello[:27] + os.urandom(32) + hello[59:]
        if raw:
            raw.sendto(spoofed(source, (host, int(port)), data), (host, 0))
        else:
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            s.sendto(data, (host, int(port)))
            s.close()
        time.sleep(0.02)


{"sniff": sniff, "send": send}[sys.argv[1]](*sys.argv[2:])
