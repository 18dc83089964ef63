# SPDX-License-Identifier: GPL-2.0-or-later
"""CPU of a full connect: TLS, login, CONNECT on a second TLS connection, DTLS, an echo through the tunnel, goodbye."""
from lab import progress
from openconnect import Client

TITLE = "Connect, openconnect with a client certificate"
BAR = 0.25


def connect(server, numbers):
    """All of them at once."""
    clients = [Client(server, number) for number in numbers]
    for c in clients:
        c.up()
        c.take()
        c.echo()
    for c in clients:
        c.leave()
    for c in clients:
        c.stop()


def run(bench, part):
    servers = [s.start() for s in bench.servers]
    for s in servers:
        connect(s, [1])  # the first one finds nothing in memory
    for at_once, times in ((1, 4), (8, 1)) if bench.quick else ((1, 20), (8, 3)):
        for n in range(bench.rounds):
            for s in bench.turn(n):
                progress(f"connect: {at_once} at a time, {s.name}")
                s.rest()
                cpu = s.cpu_us()
                for i in range(times):
                    connect(s, [1 + (i * at_once + k) % 50 for k in range(at_once)])
                s.rest()
                part.add(f"{at_once} at a time: CPU ms each", s.name, (s.cpu_us() - cpu) / 1000 / times / at_once, bar=BAR)
    for s in servers:
        s.stop()
