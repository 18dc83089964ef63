# SPDX-License-Identifier: GPL-2.0-or-later
"""Memory of an idle session: private dirty memory of all processes and the kernel's memory of their group.

Less the same with no session after one connect; a server is started anew for each round."""
from lab import progress
from loader import Load

TITLE = "Memory of an idle session, KiB"
BARS = 0.30, 0.20  # first one, then the other


def run(bench, part):
    counts = (5, 20) if bench.quick else (20, 50, 500)
    for cipher, name in ("AES-256-GCM", "DTLS"), ("TLS", "TLS only"):
        for n in range(bench.rounds):
            for s in bench.turn(n):
                progress(f"memory: {s.name}, {name}")
                s.start()
                load = Load(s, cipher=cipher)
                load.open(1)
                load.do("close")
                s.rest()
                base = s.process.memory()
                for count in counts:
                    load.open(count)
                    s.process.quiet()
                    now = s.process.memory()
                    each = {key: (now[key] - base[key]) / count for key in now}
                    part.add(f"{name}, {count}: private dirty + kernel", s.name, each["all"], ".1f", bar=BARS)
                    for key, what in ("dirty", "private dirty"), ("kernel", "kernel"), ("pss", "PSS"):
                        part.add(f"{name}, {count}: {what}", s.name, each[key], ".1f")
                load.stop()
                s.stop()
