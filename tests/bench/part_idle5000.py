# SPDX-License-Identifier: GPL-2.0-or-later
"""Five thousand sessions that do nothing but answer DPD and send keepalives as the gateway asks for."""
import time

from lab import progress
from loader import Load
from part_show import timed

TITLE = "5000 idle sessions on two cores"


def run(bench, part):
    count, hold_s = (100, 10) if bench.quick else (5000, bench.hold)
    for s in bench.servers:
        s.start()
        load = Load(s)
        load.open(1)
        load.do("close")
        s.rest()
        base, cpu = s.process.memory(), s.cpu_us()
        progress(f"idle5000: {s.name} takes {count} sessions")
        answer = load.do("open", count, 16, seconds=3600, tolerant=True)
        s.process.quiet(100000)
        part.add(f"seconds until all are in, 16 at a time", s.name, answer["seconds"], ".1f")
        part.add(f"failed", s.name, answer["failed"], ".0f")
        part.add(f"CPU ms of the server for each connect", s.name, (s.cpu_us() - cpu) / 1e3 / count)
        now = s.process.memory()
        for key, what in ("all", "private dirty + kernel"), ("dirty", "private dirty"), ("kernel", "kernel"), ("pss", "PSS"):
            part.add(f"KiB each: {what}", s.name, (now[key] - base[key]) / count, ".1f")
        progress(f"idle5000: {s.name} holds them for {hold_s} s")
        cpu, start = s.cpu_us(), time.monotonic()
        time.sleep(hold_s)
        part.add(f"CPU, % of a core, over {hold_s} s", s.name, (s.cpu_us() - cpu) / 1e4 / (time.monotonic() - start), ".2f")
        part.add("sessions up after that", s.name, load.do("count", tolerant=True)["up"], ".0f")
        for _ in range(bench.rounds):
            wall, cpu = timed(s, s.summary)
            part.add("show vpn-sessiondb summary, occtl show status: ms", s.name, wall, ".1f")
            part.add("  CPU ms of the server", s.name, cpu, ".1f")
        for n in range(bench.rounds):
            answer = load.open(count + 1 + n)
            part.add("one more connect: ms", s.name, answer["ready_ms"]["max"], ".1f")
        progress(f"idle5000: {s.name} ends them")
        load.stop(600)
        s.stop()
