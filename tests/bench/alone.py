#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Figures that have no counterpart in ocserv: how long a large configuration
takes to read and check, and what validating a phone's chain costs certauth.

    tests/bench/alone.py BUILD RESULTS

replaces that part of RESULTS, its last."""
import os
import statistics
import subprocess
import sys
import tempfile
import time

BUILD, RESULTS = sys.argv[1], sys.argv[2]
HEAD = "Configuration and certificates (offhook alone)"
ROUNDS = 5


def check(path):
    """Seconds of CPU and peak memory (KiB) of offhookd --check."""
    process = subprocess.Popen([f"{BUILD}/offhookd", "--check", "-c", path], stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0, f"{path}: status {status}"
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def configurations(lines):
    with tempfile.TemporaryDirectory() as work:
        base = None
        for scale in 0.1, 1, 10:
            path = f"{work}/big.cfg"
            with open(path, "w") as f:
                subprocess.run(["tests/bench/bigconfig.py", str(scale)], stdout=f, check=True)
            runs = [check(path) for _ in range(ROUNDS if scale < 10 else 3)]
            seconds, peak = (statistics.median(r[i] for r in runs) for i in (0, 1))
            with open(path) as f:
                count = sum(1 for _ in f)
            per_line = seconds / count * 1e6
            base = base or per_line
            lines.append(f"  load and check, {count:8d} lines ({os.path.getsize(path) / 1e6:5.1f} MB)   {seconds:8.3f} s CPU"
                         f"  {peak / 1024:7.1f} MiB peak  {per_line:6.2f} us per line  x {per_line / base:.2f}")


def validations(lines):
    for count in 1, 20, 200:
        runs = [float(subprocess.run([f"{BUILD}/bench-validate", str(count)], capture_output=True, check=True, text=True).stdout)
                for _ in range(ROUNDS)]
        lines.append(f"  validate a chain of two against {count:3d} trustpoints        {statistics.median(runs):8.1f} us CPU"
                     f"  ({min(runs):.1f} to {max(runs):.1f})")


lines = [HEAD, "", f"date      {time.strftime('%Y-%m-%d %H:%M UTC', time.gmtime())}", ""]
configurations(lines)
validations(lines)
lines += ["", "How: offhookd --check of what tests/bench/bigconfig.py writes (scale 1: 10,000 usernames, 500 tunnel-groups and",
          "group-policies, 200 access lists of 100 lines), CPU of the process, median; x is the time per line beside that of the",
          "smallest: it must not grow. Validation: chain_verify() of server/certauth, RSA 2048, SHA-256, 2000 times in a process."]
try:
    with open(RESULTS) as f:
        text = f.read().split("\n" + HEAD)[0].rstrip("\n") + "\n\n"
except FileNotFoundError:
    text = ""
with open(RESULTS + ".new", "w") as f:
    f.write(text + "\n".join(lines) + "\n")
os.rename(RESULTS + ".new", RESULTS)
print("\n".join(lines))
