# SPDX-License-Identifier: GPL-2.0-or-later
"""Memory of an idle session: private dirty memory of all processes and the kernel's memory of their group."""
from lab import progress
from openconnect import Client
from part_connect import connect

TITLE = "Memory of an idle session, KiB"
BAR = 0.30


def open_sessions(server, clients, count, cipher):
    new = []
    while len(clients) + len(new) < count:
        new.append(Client(server, len(clients) + len(new) + 1, cipher=cipher))
        if len(new) % 5 == 0:
            new[-5].up()
    for c in new:
        c.up()
        c.take()
    clients += new


def run(bench, part):
    counts = (4, 8) if bench.quick else (20, 50)
    for cipher, name in ("AES-256-GCM", "DTLS"), ("TLS", "TLS only"):
        for n in range(1 if bench.quick else min(bench.rounds, 2)):
            for s in bench.turn(n):
                progress(f"memory: {s.name}, {name}")
                s.start()
                connect(s, [1])
                s.rest()
                clients, base = [], s.process.memory()
                for count in counts:
                    open_sessions(s, clients, count, cipher)
                    s.process.quiet()
                    now = s.process.memory()
                    each = {key: (now[key] - base[key]) / count for key in now}
                    part.add(f"{name}, {count}: private dirty + kernel", s.name, each["all"], ".1f", bar=BAR)
                    for key, what in ("dirty", "private dirty"), ("kernel", "kernel"), ("pss", "PSS"):
                        part.add(f"{name}, {count}: {what}", s.name, each[key], ".1f")
                for c in clients:
                    c.leave()
                for c in clients:
                    c.stop()
                s.stop()
