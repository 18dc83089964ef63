# SPDX-License-Identifier: GPL-2.0-or-later
"""One forwarder and two: bulk over many sessions at saturation, with the load generator that batches. CPU of the
server per GB (10^9 bytes of payload that arrived), throughput, and how much the load generator used."""
from lab import fail, progress
from loader import Load
from servers import Offhook

TITLE = "Forwarders, many sessions of clients that batch"
CASES = [("1 forwarder", ""), ("2 forwarders", "forwarders = 2;\n"),
         ("2, not steered", "forwarders = 2;\nsteering = false;\n")]
# With the phones' cipher a forwarder costs more than twice what the load generator does: it alone is the limit.
CIPHERS = [("AES-256-GCM", 3e9), ("AES-128-CBC-SHA1", 1e9)]
SIZE, BATCH, WINDOW, SESSIONS = 1390, 32, 8192, 32


def measure(part, name, cipher, goal):
    s = Offhook()
    s.host_lines = dict(CASES)[name]
    s.start()
    load = Load(s, cipher=cipher)
    load.open(SESSIONS)
    for way in "down", "up":
        progress(f"forwarders: {cipher} {name} {way}")
        s.process.quiet()
        cpu = s.cpu_us()
        answer = load.do("bulk", way, int(goal), SIZE, BATCH, WINDOW, SESSIONS)
        cpu = s.cpu_us() - cpu
        got = answer[way]
        if got["bytes"] < goal * 0.2:
            fail(f"{cipher} {name} {way}: {got}")
        seconds = answer["seconds"]
        part.add(f"{cipher} {way}, {name}: Mbit/s", "offhook", answer["mbit"], ".0f")
        part.add(f"{cipher} {way}, {name}: CPU s per GB", "offhook", cpu / got["bytes"] * 1e3)
        part.add(f"{cipher} {way}, {name}: cores used, server", "offhook", cpu / 1e6 / seconds)
        part.add(f"{cipher} {way}, {name}: cores used, load generator", "offhook", answer["load_cpu_us"] / 1e6 / seconds)
        part.add(f"{cipher} {way}, {name}: % lost", "offhook", 100 * (1 - got["received"] / got["sent"]), ".2f")
    load.stop()
    s.stop()


def run(bench, part):
    for cipher, goal in CIPHERS:
        if bench.cipher not in (None, cipher):
            continue
        for n in range(bench.rounds):
            for name, _ in CASES if n % 2 == 0 else CASES[::-1]:
                measure(part, name, cipher, 256e6 if bench.quick else goal)
