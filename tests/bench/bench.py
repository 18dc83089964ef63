#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What tests/bench/run calls once the namespaces stand: runs the parts that are asked for, writes the table."""
import argparse
import datetime
import importlib
import json
import os
import platform
import re
import signal
import sys
from statistics import median

sys.dont_write_bytecode = True

import lab
import servers
from table import Part, lines_of

PARTS = ["memory", "connect", "bulk", "batch", "forwarders", "small", "storm", "show", "idle5000", "growth", "sizes", "floor"]

ALONE = "Configuration and certificates (offhook alone)"


class Bench:
    def __init__(self, options):
        self.rounds, self.quick, self.hold = options.rounds, options.quick, options.hold
        self.cipher = options.cipher
        self.servers = [servers.SERVERS[name]() for name in options.servers.split(",")]

    def turn(self, n):
        """The servers in the order of round n: each is first in turn."""
        return self.servers if n % 2 == 0 else self.servers[::-1]


def arguments():
    p = argparse.ArgumentParser(prog="tests/bench/run", description="offhook beside ocserv",
                                epilog="Figures of each part are kept in BUILD/bench/figures; \"table\" alone prints what "
                                "is there. The table goes to BUILD/bench/RESULTS; with --results to that file.")
    p.add_argument("parts", nargs="*", metavar="PART", help="table, or some of: " + ", ".join(PARTS) + " (all)")
    p.add_argument("--rounds", type=int, default=5, metavar="N", help="rounds, the servers taking turns (5)")
    p.add_argument("--servers", default="offhook,ocserv", metavar="A,B", help="which of offhook, ocserv (both)")
    p.add_argument("--quick", action="store_true", help="all is short, the figures are worth little")
    p.add_argument("--hold", type=int, default=600, metavar="S", help="how long idle5000 holds its sessions (600)")
    p.add_argument("--nice", type=int, default=0, metavar="N", help="of servers and clients alike (0); where others compile, "
                   "-15 keeps them out of what is timed")
    p.add_argument("--cipher", metavar="NAME", help="bulk, batch: this one alone (TLS, AES-256-GCM, ...)")
    p.add_argument("--results", metavar="FILE", help="write the table there")
    o = p.parse_args()
    for name in o.parts:
        if name not in PARTS + ["table"]:
            p.error("no part " + name)
    if any(name not in servers.SERVERS for name in o.servers.split(",")):
        p.error("no such server in " + o.servers)
    if o.quick:
        o.rounds = min(o.rounds, 2)
    return o


def about():
    def first(command):
        return lab.output("sh", "-c", command + " 2>&1 | head -n 1").strip()

    cpu = re.search(r"^model name\s*: (.*)", lab.read("/proc/cpuinfo"), re.M)
    flags = " ".join(f for f in ("aes", "avx2", "vaes", "sha_ni") if re.search(rf"\b{f}\b", lab.read("/proc/cpuinfo")))
    commit = first("git rev-parse --short=10 HEAD")
    if not re.match(r"[0-9a-f]+$", commit):
        commit = "of no known commit"
    elif first("git diff --name-only HEAD -- Makefile common server tests/phone"):
        commit += " and changes"
    return [
        "date      " + datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        f"machine   {os.cpu_count()} cores, {cpu[1] if cpu else platform.machine()} ({flags}), Linux {platform.release()}",
        f"versions  offhook {commit}, {first('ocserv --version')}, {first('openconnect --version')}, "
        f"GnuTLS {first('dpkg-query -Wf ' + chr(39) + '${Version}' + chr(39) + ' libgnutls30')}, {first('iperf3 --version')}",
    ]


def figures_path(name):
    return f"{lab.WORK}/figures/{name}.json"


def run_part(bench, name):
    module = importlib.import_module("part_" + name)
    part = Part(name, module.TITLE)
    when, load = about(), lab.read("/proc/loadavg").split()[0]
    lab.pin(lab.TWO_CPUS)
    module.run(bench, part)
    data = part.data() | {"about": when, "rounds": bench.rounds, "quick": bench.quick, "load": load}
    os.makedirs(os.path.dirname(figures_path(name)), exist_ok=True)
    with open(figures_path(name), "w") as f:
        json.dump(data, f, indent=1)
    print("\n".join(lines_of(data)[0]) + "\n", flush=True)


def write_table(names, path):
    lines, missed, common = ["offhook beside ocserv: medians, lowest..highest of the rounds, ratio, bar", ""], [], None
    for name in names:
        if not os.path.exists(figures_path(name)):
            continue
        with open(figures_path(name)) as f:
            data = json.load(f)
        if data["about"][1:] != common:
            common = data["about"][1:]
            lines += common + [""]
        own, own_missed = lines_of(data)
        lines += own + [f"  {data['rounds']} rounds, {data['about'][0].split(None, 1)[1]}, load of others {data['load']}"
                        + (", QUICK" if data["quick"] else ""), ""]
        missed += [f"{name}: {what}" for what in own_missed]
    lines += ["How: tests/bench/METHOD", ""] + ["Bar missed: " + what for what in missed]
    rest = ""  # what alone.py has written there
    if os.path.exists(path) and ALONE in lab.read(path):
        rest = "\n" + ALONE + lab.read(path).split(ALONE, 1)[1]
    with open(path + ".new", "w") as f:
        f.write("\n".join(lines).rstrip() + "\n" + rest)
    os.rename(path + ".new", path)
    print("table: " + path)


# What the README shows of it.
SHORT = [
    ("memory", "DTLS, 500: private dirty + kernel", "memory of an idle session, KiB"),
    ("connect", "1 at a time: CPU ms each", "CPU of a connect, ms"),
    ("bulk", "AES-256-GCM down: CPU s per GB", "CPU of a GB over DTLS to a client, s"),
    ("bulk", "AES-256-GCM up: CPU s per GB", "CPU of a GB over DTLS from a client, s"),
    ("batch", "AES-256-GCM down: CPU s per GB", "... to a client that batches, s"),
    ("batch", "AES-256-GCM up: CPU s per GB", "... from a client that batches, s"),
    ("small", "50 x 50/s: CPU us per packet", "CPU of a voice packet, 50 calls, us"),
    ("small", "500 x 50/s: CPU us per packet", "CPU of a voice packet, 500 calls, us"),
    ("storm", "1000 sessions: seconds until all are in", "1000 sessions at once, s until all are in"),
]


def short_table():
    """Lines for the README, of parts that have been measured."""
    lines = [f"  {'what it costs':<44}{'offhook':>9}{'ocserv':>9}{'ratio':>8}"]
    for name, what, label in SHORT:
        if not os.path.exists(figures_path(name)):
            continue
        with open(figures_path(name)) as f:
            row = next((r for r in json.load(f)["rows"] if r["what"] == what), None)
        if row and {"offhook", "ocserv"} <= row["values"].keys():
            ours, theirs = (median(row["values"][server]) for server in ("offhook", "ocserv"))
            lines.append(f"  {label:<44}{ours:>9.1f}{theirs:>9.1f}{ours / theirs:>8.2f}")
    return lines


def main():
    options = arguments()
    names = options.parts or PARTS
    if names == ["table"]:
        names = PARTS
    else:
        bench = Bench(options)
        os.nice(options.nice)
        for name in names:
            run_part(bench, name)
    write_table(names, options.results or lab.WORK + "/RESULTS")
    if names == PARTS:
        print("for the README, with date and machine:\n" + "\n".join(short_table()))
    return 0


signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
signal.signal(signal.SIGINT, lambda *_: sys.exit(1))
try:
    sys.exit(main())
finally:
    lab.end_all()
