#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Numbered datagrams there and back: does any overtake another?

order.py serve PORT            answer each; says "in order" at the end, or what came behind a later one
order.py ask HOST PORT COUNT   send them, a few at a time; exit 1 if answers are out of order or many are missing
"""
import socket
import struct
import sys
import time

END = 0xFFFFFFFF


class Order:
    def __init__(self):
        self.last, self.late, self.got = -1, 0, 0

    def take(self, number):
        self.late += number <= self.last
        self.last = max(self.last, number)
        self.got += 1


def serve(port):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("", int(port)))
    s.settimeout(30)
    print("listening", flush=True)
    order = Order()
    while True:
        data, peer = s.recvfrom(2048)
        number = struct.unpack(">I", data[:4])[0]
        if number == END:
            break
        order.take(number)
        s.sendto(data, peer)
    print("in order" if order.late == 0 else "%d late" % order.late, order.got, flush=True)


def ask(host, port, count):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.connect((host, int(port)))
    order = Order()

    def take(seconds):
        s.settimeout(seconds)
        try:
            while order.got < int(count):
                order.take(struct.unpack(">I", s.recv(2048)[:4])[0])
        except (TimeoutError, BlockingIOError):
            pass

    for number in range(int(count)):
        s.send(struct.pack(">I", number) + bytes(196))
        if number % 16 == 15:
            take(0)
            time.sleep(0.002)
    take(1)
    for _ in range(3):
        s.send(struct.pack(">I", END))
    print("answers", order.got, "late", order.late)
    sys.exit(order.late != 0 or order.got < int(count) * 0.95)


if __name__ == "__main__":
    {"serve": serve, "ask": ask}[sys.argv[1]](*sys.argv[2:])
