# SPDX-License-Identifier: GPL-2.0-or-later
"""How what a connect costs, and a server at rest, grow with the pool and with the configuration (offhook alone)."""
import time

from lab import progress
from loader import Load

TITLE = "Growth: larger pools and configurations"
POOLS = (
    (254, "10.101.0.1-10.101.0.254 mask 255.255.255.0"),
    (65534, "10.101.0.1-10.101.255.254 mask 255.255.0.0"),
    (8388606, "10.128.0.1-10.255.255.254 mask 255.128.0.0"),
)
POLICIES = (10, 1000, 10000)
CONNECTS = 100


def policies(count):
    """Group-policies, each with a tunnel-group that has a group-url of its own."""
    lines = []
    for n in range(count):
        lines += [f"group-policy policy{n} internal", f"group-policy policy{n} attributes", f" dns-server value 10.99.1.{n % 200 + 1}",
                  f" vpn-idle-timeout {30 + n % 60}", f"tunnel-group group{n} type remote-access",
                  f"tunnel-group group{n} general-attributes", f" default-group-policy policy{n}",
                  f"tunnel-group group{n} webvpn-attributes", f" group-url https://10.99.0.1/site{n} enable"]
    return "".join(line + "\n" for line in lines)


def measure(part, server, what):
    began = time.monotonic()
    server.start()
    part.add(f"{what}: seconds until ready", server.name, time.monotonic() - began)
    load = Load(server)
    load.open(1)
    load.do("close")
    server.rest()
    part.add(f"{what}: MiB at rest, private dirty + kernel", server.name, server.process.memory()["all"] / 1024, ".1f")
    cpu = server.cpu_us()
    load.open(CONNECTS)
    part.add(f"{what}: CPU ms of each connect", server.name, (server.cpu_us() - cpu) / 1e3 / CONNECTS)
    load.stop()
    server.stop()


def run(bench, part):
    for s in bench.servers:
        if s.name != "offhook":
            continue
        for n in range(bench.rounds):
            for count, addresses in POOLS:
                progress(f"sizes: a pool of {count}")
                s.pool = addresses
                measure(part, s, f"a pool of {count}")
            s.pool = type(s).pool
            for count in POLICIES:
                progress(f"sizes: {count} group-policies")
                s.config_lines = policies(count)
                measure(part, s, f"{count} group-policies and tunnel-groups")
            s.config_lines = ""
