# SPDX-License-Identifier: GPL-2.0-or-later
"""Small packets, as of calls: CPU of the server per packet that arrived, and the time that the tunnel adds.

Server and load generator share one CPU. The time is that of one way, from the
call that sends until the far end has the packet, less the same without a tunnel."""
from lab import ONE_CPU, fail, progress
from loader import Load

TITLE = "Small packets of 200 bytes, one CPU for all"
SIZE = 200
# sessions, packets per second each way in each, bar of CPU, bar of latency
CASES = [(50, 50, 0.50, 1.0), (500, 50, 0.50, None), (1, 10000, 0.40, None)]


def direct(server, per_s, seconds, inside="10.99.1.4"):
    """Latency without a tunnel, us."""
    load = Load(server, cpus=ONE_CPU, inside=inside)
    load.do("direct", "10.99.0.10")
    answer = load.do("rate", per_s, SIZE, seconds)
    load.stop()
    return answer["latency_both_us"]


def run(bench, part):
    seconds = 2 if bench.quick else 10
    servers = [s.start(ONE_CPU) for s in bench.servers]
    for sessions, per_s, bar, latency_bar in CASES:
        name = f"{sessions} x {per_s}/s"
        loads = {s.name: Load(s, cpus=ONE_CPU) for s in servers}
        for load in loads.values():
            load.open(sessions)
        for n in range(bench.rounds):
            base = direct(servers[0], sessions * per_s, 1)
            for s in bench.turn(n):
                progress(f"small: {name}, {s.name}")
                s.process.quiet()
                cpu = s.cpu_us()
                answer = loads[s.name].do("rate", per_s, SIZE, seconds)
                cpu = s.cpu_us() - cpu
                sent, received = (sum(answer[way][key] for way in ("up", "down")) for key in ("sent", "received"))
                offered = 2 * sessions * per_s * seconds
                if not received:
                    fail(f"{s.name}: {name}: nothing arrived")
                part.add(f"{name}: CPU us per packet", s.name, cpu / received, bar=bar)
                part.add(f"{name}: % of the packets offered that arrived", s.name, 100 * received / offered, ".1f")
                for mark in "p50", "p99":
                    part.add(f"{name}: latency added, us, {mark}", s.name, answer["latency_both_us"][mark] - base[mark], ".0f",
                             bar=latency_bar)
        for load in loads.values():
            load.stop()
        for s in servers:
            s.rest()
    for s in servers:
        s.stop()
