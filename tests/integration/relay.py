#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A bad network for UDP, the same each time by its seed.

relay.py PORT HOST PORT2 [--seed N] [--loss %] [--reorder %] [--dup %] [--replay %] [--max BYTES] [--source ADDR]
                            [--deaf %] [--rebind N [--times N]]

Takes datagrams on 127.0.0.1:PORT for HOST:PORT2 and brings the answers back.
  loss      so many of a hundred are lost, both ways
  reorder   so many wait until the next one has gone
  dup       so many go twice
  replay    behind so many an old one goes again
  max       longer ones are lost
  deaf      so many of the answers are lost, besides
  rebind    after so many datagrams of the client from another port, and so on, times in all (1)
Signals: USR1  from now on from another port, as a NAT that has forgotten does
         USR2  nothing goes through, until the next USR2
         HUP   each datagram of the client goes again from yet another port, as an eavesdropper would send it
Prints "listening", then at its end what it did.
"""
import random
import select
import signal
import socket
import sys


class Way:
    """One direction: what goes in comes out, more or less."""

    def __init__(self, o, send):
        self.o, self.send, self.held, self.old = o, send, None, []

    def put(self, data):
        o = self.o
        count["in"] += 1
        if o["max"] and len(data) > o["max"]:
            count["long"] += 1
            return
        if chance(o["loss"]):
            count["lost"] += 1
            return
        if self.held is None and chance(o["reorder"]):
            count["reordered"] += 1
            self.held = data
            return
        self.send(data)
        if self.held is not None:
            self.send(self.held)
            self.held = None
        if chance(o["dup"]):
            count["doubled"] += 1
            self.send(data)
        if self.old and chance(o["replay"]):
            count["replayed"] += 1
            self.send(random.choice(self.old))
        self.old = (self.old + [data])[-200:]


count = {k: 0 for k in ("in", "lost", "reordered", "doubled", "replayed", "long", "rebound", "copied")}
state = {"blocked": False, "rebind": False, "copy": False}


def chance(percent):
    return percent > 0 and random.random() * 100 < percent


def upstream(target, source):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    if source:
        s.bind((source, 0))
    s.connect(target)
    return s


def on_signal(number, _):
    if number == signal.SIGUSR1:
        state["rebind"] = True
    elif number == signal.SIGUSR2:
        state["blocked"] = not state["blocked"]
    elif number == signal.SIGHUP:
        state["copy"] = not state["copy"]
    else:
        raise SystemExit


def main():
    args = sys.argv[1:]
    o = {"seed": 1, "loss": 0, "reorder": 0, "dup": 0, "replay": 0, "max": 0, "source": "", "deaf": 0, "rebind": 0, "times": 1}
    port, host, port2 = int(args[0]), args[1], int(args[2])
    for name, value in zip(args[3::2], args[4::2]):
        o[name[2:]] = value if name == "--source" else int(value)
    random.seed(o["seed"])
    for number in (signal.SIGUSR1, signal.SIGUSR2, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, on_signal)
    down = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    down.bind(("127.0.0.1", port))
    client = [None]
    up = upstream((host, port2), o["source"])
    spy = upstream((host, port2), o["source"])

    def to_server(data):
        try:
            up.send(data)
        except OSError:
            pass

    def to_client(data):
        if client[0]:
            down.sendto(data, client[0])

    there, back = Way(o, to_server), Way(dict(o, loss=max(o["loss"], o["deaf"])), to_client)
    heard = 0
    print("listening", flush=True)
    try:
        while True:
            ready = select.select([down, up], [], [], 0.1)[0]
            if state["rebind"]:
                state["rebind"] = False
                count["rebound"] += 1
                up.close()
                up = upstream((host, port2), o["source"])
                continue
            for s in ready:
                try:
                    data, client_now = s.recvfrom(65536)
                except OSError:
                    continue
                if s is down:
                    client[0] = client_now
                    heard += 1
                    if o["rebind"] and heard % o["rebind"] == 0 and heard // o["rebind"] <= o["times"]:
                        state["rebind"] = True # from the next one on
                if state["blocked"]:
                    continue
                if s is down and state["copy"]:
                    count["copied"] += 1
                    there.send(data)
                    spy.send(data)
                    continue
                (there if s is down else back).put(data)
    finally:
        print(" ".join("%s %d" % item for item in count.items()), flush=True)


main()
