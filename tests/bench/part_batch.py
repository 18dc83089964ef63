# SPDX-License-Identifier: GPL-2.0-or-later
"""Bulk with the load generator, which batches at both ends (UDP_SEGMENT, UDP_GRO; over TLS many records a
call): UDP in the tunnel, a window of packets on their way. CPU of the server per GB (10^9 bytes of payload that arrived)."""
from lab import fail, progress
from loader import Load

TITLE = "Bulk, UDP of a client that batches"
BAR, BAR_TLS = 0.15, 0.75
CIPHERS = ["AES-128-GCM", "AES-256-GCM", "AES-128-CBC-SHA1", "TLS"]
SIZE = 1390


def run(bench, part):
    goal = 64e6 if bench.quick else 256e6
    servers = [s.start() for s in bench.servers]
    for cipher in [bench.cipher] if bench.cipher else CIPHERS:
        loads = {s.name: Load(s, cipher=cipher) for s in servers}
        for load in loads.values():
            load.open(1)
        for way in "down", "up":
            progress(f"batch: {cipher} {way}")
            for n in range(bench.rounds):
                for s in bench.turn(n):
                    s.process.quiet()
                    cpu = s.cpu_us()
                    answer = loads[s.name].do("bulk", way, int(goal), SIZE)
                    cpu = s.cpu_us() - cpu
                    got = answer[way]
                    if got["bytes"] < goal * 0.5:
                        fail(f"{s.name}: {cipher} {way}: {got}")
                    part.add(f"{cipher} {way}: CPU s per GB", s.name, cpu / got["bytes"] * 1e3,
                             bar=BAR_TLS if cipher == "TLS" else BAR)
                    part.add(f"{cipher} {way}: Mbit/s", s.name, answer["mbit"], ".0f")
                    part.add(f"{cipher} {way}: % lost", s.name, 100 * (1 - got["received"] / got["sent"]), ".2f")
        for load in loads.values():
            load.stop()
    for s in servers:
        s.stop()
