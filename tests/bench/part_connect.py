# SPDX-License-Identifier: GPL-2.0-or-later
"""CPU of a full connect: TLS, login, CONNECT on a second TLS connection, DTLS, an echo through the tunnel, goodbye."""
from statistics import median

from lab import progress
from openconnect import Client
from part_floor import handshake_us

TITLE = "Connect, openconnect with a client certificate"
BAR = 0.25
HANDSHAKES = 2 * 1.3  # a connect has two


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
    bare_ms = []
    for s in servers:
        connect(s, [1])  # the first one finds nothing in memory
    for at_once, times in ((1, 4), (8, 1)) if bench.quick else ((1, 20), (8, 3)):
        for n in range(bench.rounds):
            bare_ms.append(handshake_us() / 1000)
            for s in bench.turn(n):
                progress(f"connect: {at_once} at a time, {s.name}")
                s.rest()
                cpu = s.cpu_us()
                for i in range(times):
                    connect(s, [1 + (i * at_once + k) % 50 for k in range(at_once)])
                s.rest()
                each = (s.cpu_us() - cpu) / 1000 / times / at_once
                part.add(f"{at_once} at a time: CPU ms each", s.name, each, bar=BAR)
                part.add(f"{at_once} at a time: in bare handshakes", s.name, each / median(bare_ms),
                         limit=(HANDSHAKES, "1.3 x 2 handshakes of a process that stays"))
    part.note(f"a bare handshake: {median(bare_ms):.2f} ms ({min(bare_ms):.2f}..{max(bare_ms):.2f})")
    for s in servers:
        s.stop()
