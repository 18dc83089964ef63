# SPDX-License-Identifier: GPL-2.0-or-later
"""What is possible: a bare relay between TUN and UDP, the bare cost of the cryptography, a TLS handshake in one
process that stays. All of it is floor/."""
import json

from lab import BIN, ONE_CPU, TWO_CPUS, WORK, Process, fail, in_ns, output, progress, wait_for
from loader import Load
import part_small

TITLE = "Floor: no gateway at all"
DEVICE, PORT, INNER = "relay0", 4500, "10.103.0.1"


class Relay:
    name, inside, url, address = "floor", "10.99.1.4", "https://10.99.0.1/", "10.99.0.1"

    def __init__(self, how, cpus):
        self.log = open(f"{WORK}/relay.log", "wb+", buffering=0)
        self.process = Process("relay", [f"{BIN}/floor", "relay", DEVICE, self.address, str(PORT), how], self.log, cpus)

        def ready():
            self.log.seek(0)
            return b"ready" in self.log.read()

        wait_for("the relay", ready)
        output(*in_ns("g", "ip", "link", "set", DEVICE, "up"))
        output(*in_ns("g", "ip", "route", "add", "10.103.0.0/16", "dev", DEVICE))

    def load(self, sessions, cpus=None):
        load = Load(self, cipher="TLS", cpus=cpus)
        load.do("relay", sessions, f"{self.address}:{PORT}", INNER)
        load.do("rate", 20, 200, 0.2)  # the relay learns where each inner address is
        return load

    def cpu_us(self):
        return self.process.cpu_us()

    def stop(self):
        self.process.stop()
        self.log.close()


def handshake_us(count=200):
    return json.loads(output(f"{BIN}/floor", "handshake", f"{WORK}/certs", str(count)))["us"]


def run(bench, part):
    goal = int(64e6 if bench.quick else 256e6)
    seconds = 2 if bench.quick else 10
    for how, name in ("plain", "relay, a packet a call"), ("offload", "relay, GSO/GRO/USO"):
        for n in range(bench.rounds):
            progress(f"floor: {name}, {n + 1}")
            relay = Relay(how, TWO_CPUS)
            load = relay.load(1)
            for way in "down", "up":
                cpu = relay.cpu_us()
                answer = load.do("bulk", way, goal, 1390)
                got = answer[way]
                if got["bytes"] < goal * 0.5:
                    fail(f"relay: {how} {way}: {got}")
                part.add(f"{name}, {way}: CPU s per GB", "floor", (relay.cpu_us() - cpu) / got["bytes"] * 1e3)
                part.add(f"{name}, {way}: Mbit/s", "floor", answer["mbit"], ".0f")
            load.stop()
            relay.stop()
            for sessions, per_s, _, _ in part_small.CASES:
                relay = Relay(how, ONE_CPU)
                load = relay.load(sessions, ONE_CPU)
                base = part_small.direct(relay, sessions * per_s, 1, inside="10.99.1.3")
                cpu = relay.cpu_us()
                answer = load.do("rate", per_s, part_small.SIZE, seconds)
                received = sum(answer[way]["received"] for way in ("up", "down"))
                what = f"{name}, {sessions} x {per_s}/s"
                part.add(f"{what}: CPU us per packet", "floor", (relay.cpu_us() - cpu) / received)
                for mark in "p50", "p99":
                    part.add(f"{what}: latency added, us, {mark}", "floor", answer["latency_both_us"][mark] - base[mark], ".0f")
                load.stop()
                relay.stop()
    for n in range(bench.rounds):
        progress(f"floor: handshake, cryptography, {n + 1}")
        part.add("TLS handshake, RSA 2048, client certificate: CPU ms", "floor", handshake_us() / 1000, ".3f")
        for line in output(f"{BIN}/floor", "crypto").splitlines():
            c = json.loads(line)
            for what, key in ("seal", "seal"), ("open", "open"):
                if c["bytes"] > 1000:
                    part.add(f"{c['cipher']}, {c['bytes']} bytes, {what}: CPU s per GB", "floor", c[key + "_s_per_gb"], ".3f")
                else:
                    part.add(f"{c['cipher']}, {c['bytes']} bytes, {what}: CPU ns per packet", "floor", c[key + "_ns"], ".0f")
