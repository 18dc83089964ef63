# SPDX-License-Identifier: GPL-2.0-or-later
"""How what a session costs grows with the number of sessions: all of one client address, as behind an office's NAT."""
import time

from lab import progress
from loader import Load
from part_show import timed

TITLE = "Growth: the same with more sessions"
COUNTS = (50, 500, 2000, 5000)
PACKETS_PER_S = 2500  # each way, all sessions together
IDLE_S = 30           # a DPD interval: each session has its turn


def run(bench, part):
    counts = (20, 60) if bench.quick else COUNTS
    for s in bench.servers:
        s.start()
        load = Load(s)
        load.open(1)
        load.do("close")
        s.rest()
        base, before = s.process.memory(), 0
        for count in counts:
            progress(f"growth: {s.name}, {count} sessions")
            cpu = s.cpu_us()
            load.open(count, 8, seconds=3600)
            part.add(f"{count} sessions: CPU ms of each connect since the row before", s.name,
                     (s.cpu_us() - cpu) / 1e3 / (count - before))
            before = count
            s.process.quiet(100000)
            now = s.process.memory()
            part.add(f"{count} sessions: KiB each, private dirty + kernel", s.name, (now["all"] - base["all"]) / count, ".0f")
            cpu, start = s.cpu_us(), time.monotonic()
            time.sleep(3 if bench.quick else IDLE_S)
            idle = (s.cpu_us() - cpu) / (time.monotonic() - start)
            part.add(f"{count} sessions: idle, CPU % of a core", s.name, idle / 1e4, ".2f")
            seconds = 2 if bench.quick else 10
            for _ in range(min(bench.rounds, 3)):
                cpu, start = s.cpu_us(), time.monotonic()
                answer = load.do("rate", PACKETS_PER_S / count, 200, seconds, seconds=seconds + 120)
                cpu = s.cpu_us() - cpu - idle * (time.monotonic() - start)
                got = sum(answer[way]["received"] for way in ("up", "down"))
                part.add(f"{count} sessions: CPU us of a packet, {2 * PACKETS_PER_S} per s in all", s.name, cpu / max(got, 1))
            wall, cpu = timed(s, s.summary)
            part.add(f"{count} sessions: summary, ms", s.name, wall, ".1f")
            answer = load.open(count + 1)
            part.add(f"{count} sessions: one more connect, ms", s.name, answer["ready_ms"]["max"], ".0f")
            before += 1
        cpu = s.cpu_us()
        load.stop(600)
        s.process.quiet(100000)
        part.add("CPU ms of each session's end", s.name, (s.cpu_us() - cpu) / 1e3 / before)
        s.stop()
