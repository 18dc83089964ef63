# SPDX-License-Identifier: GPL-2.0-or-later
"""Bulk: CPU of the server per GB (10^9 bytes of payload that arrived), one stream of TCP, openconnect."""
import json
import re
import subprocess

from lab import CLIENT_ENV, fail, in_ns, output, progress, running
from openconnect import CIPHERS, Client

TITLE = "Bulk, one TCP stream of iperf3 through openconnect"
TRANSFER_S = 60  # at most
BARS = {"down": 0.33, "up": 0.50}
BAR_TLS = 0.75


def tls_bytes():
    """Bytes on TLS connections: what did not go over DTLS."""
    text = output(*in_ns("c", "ss", "-Htin", "dport", "=", ":443"))
    return sum(int(n) for n in re.findall(r"bytes_(?:sent|received):(\d+)", text))


def iperf(ns, *more):
    p = subprocess.Popen(in_ns(ns, "iperf3", "--forceflush", *more), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, text=True)
    running.append(p)
    return p


def transfer(server, way, megabytes, dtls):
    """CPU seconds per GB of payload that arrived, and Mbit/s; None when it got stuck."""
    sink = iperf("i", "-s", "-1", "-B", server.inside)
    for line in sink.stdout:
        if "Server listening" in line:
            break
    cpu, tls = server.cpu_us(), tls_bytes()
    source = iperf("c", "-c", server.inside, "-J", "-n", f"{megabytes}M", *(["-R"] if way == "down" else []))
    try:
        text = source.communicate(timeout=TRANSFER_S)[0]
    except subprocess.TimeoutExpired:
        progress(f"bulk: {server.name}: {megabytes} MiB {way} take longer than {TRANSFER_S} s")
        for p in source, sink:
            p.kill()
            p.communicate()
            running.remove(p)
        return None
    if source.returncode:
        fail(f"{server.name}: iperf3: {text}")
    sink.communicate()
    running.remove(source)
    running.remove(sink)
    cpu, tls = server.cpu_us() - cpu, tls_bytes() - tls
    got = json.loads(text)["end"]["sum_received"]
    if dtls and tls > got["bytes"] / 100:
        fail(f"{server.name}: {tls} bytes went over TLS")
    return cpu / 1e6 / (got["bytes"] / 1e9), got["bytes"] * 8 / got["seconds"] / 1e6


def run(bench, part):
    megabytes = 64 if bench.quick else 256
    servers = [s.start() for s in bench.servers]
    for cipher in [bench.cipher] if bench.cipher else CIPHERS:
        clients = [Client(s, 1, f"bench-{s.name}", cipher).up() for s in servers]
        for way in "down", "up":
            progress(f"bulk: {cipher} {way}")
            for n in range(bench.rounds):
                for s in bench.turn(n):
                    stuck = 0
                    while not (figures := transfer(s, way, megabytes, CIPHERS[cipher])):
                        stuck += 1
                        if stuck > 3:
                            fail(f"{s.name}: {cipher} {way} gets stuck again and again")
                    if stuck:
                        part.note(f"{s.name}, {cipher} {way}, round {n + 1}: {stuck} transfers stood still for good")
                    cost, speed = figures
                    bar = BARS[way] if CIPHERS[cipher] else BAR_TLS
                    part.add(f"{cipher} {way}: CPU s per GB", s.name, cost, bar=bar)
                    part.add(f"{cipher} {way}: Mbit/s", s.name, speed, ".0f")
        for c in clients:
            c.stop()
    for s in servers:
        s.stop()
