# SPDX-License-Identifier: GPL-2.0-or-later
"""What the operator waits for with many sessions: the command's whole run, and the server's CPU."""
import time

from lab import progress
from loader import Load

TITLE = "Showing sessions"


def timed(server, command, times=5):
    """ms of wall clock and of the server's CPU, the least of a few."""
    runs = []
    for _ in range(times):
        cpu, start = server.cpu_us(), time.monotonic()
        command()
        runs.append(((time.monotonic() - start) * 1e3, (server.cpu_us() - cpu) / 1e3))
    return min(r[0] for r in runs), min(r[1] for r in runs)


def run(bench, part):
    count = 50 if bench.quick else 2000
    for s in bench.servers:
        progress(f"show: {count} sessions, {s.name}")
        s.start()
        load = Load(s, cipher="TLS")
        load.open(count, 16, seconds=600)
        s.process.quiet()
        for _ in range(bench.rounds):
            for what, command in ("summary", s.summary), ("all sessions", s.sessions):
                wall, cpu = timed(s, command)
                part.add(f"{count} sessions, {what}: ms", s.name, wall, ".1f")
                part.add(f"{count} sessions, {what}: CPU ms of the server", s.name, cpu, ".1f")
        load.stop(300)
        s.stop()
    part.note("summary: show vpn-sessiondb summary, occtl show status; all: show vpn-sessiondb anyconnect, occtl show users")
