# SPDX-License-Identifier: GPL-2.0-or-later
"""All phones at once, as after a power cut: until each has its tunnel with DTLS. Nothing is tried again.

Load generator and server share two cores, so the bound is made of what both need for a connect without haste."""

from lab import TWO_CPUS, progress
from loader import Load
from table import median

TITLE = "Storm: so many sessions at once"
SLACK = 1.3
CALIBRATION = 50


def calm(server, *options, **more):
    """CPU seconds of server and load generator for one connect, a few at a time."""
    load = Load(server, *options, **more)
    load.open(1)
    server.process.quiet()
    cpu = server.cpu_us()
    answer = load.open(1 + CALIBRATION, 4)
    server.process.quiet()
    cpu = server.cpu_us() - cpu
    load.stop()
    server.rest()
    return cpu / 1e6 / CALIBRATION, answer["load_cpu_us"] / 1e6 / CALIBRATION


def run(bench, part):
    for s in bench.servers:
        s.start()
    for dialect in [()] if not any(s.name == "offhook" for s in bench.servers) else [(), ("--phone",)]:
        for count in (50, 100) if bench.quick else (200, 1000):
            bounds = {s.name: [] for s in bench.servers}
            for n in range(bench.rounds):
                for s in bench.turn(n):
                    if dialect and s.name != "offhook":
                        continue  # ocserv does not know the phones' dialect
                    name = f"{count} {'phones' if dialect else 'sessions'}"
                    progress(f"storm: {name}, {s.name}")
                    cipher = "AES-256-CBC-SHA1" if dialect else "AES-256-GCM"
                    server_s, load_s = calm(s, *dialect, cipher=cipher)
                    bounds[s.name].append(SLACK * count * (server_s + load_s) / len(TWO_CPUS))
                    load = Load(s, *dialect, "--timeout", "120", cipher=cipher)
                    cpu = s.cpu_us()
                    answer = load.do("open", count, count, seconds=300, tolerant=True)
                    cpu = s.cpu_us() - cpu
                    if answer["failed"]:
                        progress(f"storm: {answer['failed']} failed, the first: {answer['error']}")
                    bound = median(bounds[s.name]), f"{SLACK} x CPU of {count} connects of both ends / {len(TWO_CPUS)} cores"
                    part.add(f"{name}: seconds until all are in", s.name, answer["seconds"],
                             limit=None if s.name != "offhook" else bound)
                    part.add(f"{name}: failed", s.name, answer["failed"], ".0f",
                             limit=(0, "none") if s.name == "offhook" else None)
                    for key, what in ("syns_again", "SYNs"), ("hellos_again", "DTLS hellos"):
                        part.add(f"{name}: {what} sent again", s.name, answer[key], ".0f",
                                 limit=(0, "none") if s.name == "offhook" else None)
                    part.add(f"{name}: ms until a session is up, p50", s.name, answer["ready_ms"]["p50"], ".0f")
                    part.add(f"{name}: ms until a session is up, p99", s.name, answer["ready_ms"]["p99"], ".0f")
                    part.add(f"{name}: CPU ms of the server each", s.name, cpu / 1e3 / count)
                    part.add(f"{name}: CPU ms of the server each, without haste", s.name, server_s * 1e3)
                    part.add(f"{name}: CPU ms of the load generator each", s.name, answer["load_cpu_us"] / 1e3 / count)
                    load.stop(120)
                    s.rest()
    for s in bench.servers:
        s.stop()
