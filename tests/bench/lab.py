# SPDX-License-Identifier: GPL-2.0-or-later
"""The place where things run: namespaces, processes, what they use.

    c (clients) 10.99.0.10 --- 10.99.0.1 offhook, 10.99.0.2 ocserv  g  10.99.1.1 --- 10.99.1.2 (to offhook), .3 (to ocserv), .4  i (inside)

tests/bench/run makes the namespaces NAME-c, NAME-g and NAME-i."""
import contextlib
import os
import re
import signal
import subprocess
import sys
import time

NAME, WORK = os.environ["BENCH_NAME"], os.environ["BENCH_WORK"]
BIN = WORK + "/bin"
CLIENT_ENV = {"PATH": os.environ["PATH"], "LD_LIBRARY_PATH": f"{WORK}/lib", "LC_ALL": "C"}
WAIT_S = 20  # for anything that should come at once
ALL_CPUS = sorted(os.sched_getaffinity(0))
ONE_CPU = ALL_CPUS[-1:]
TWO_CPUS = ALL_CPUS[-2:]

began = time.monotonic()
running = []  # what the end of the benchmark has to end


def fail(text):
    raise SystemExit("bench: " + text)


def progress(text):
    print(f"[{time.monotonic() - began:5.0f} s] {text}", file=sys.stderr)


def wait_for(what, condition, seconds=WAIT_S):
    """Ask until it is so; a deadline ends the benchmark."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            fail("waited in vain: " + what)
        time.sleep(0.01)


def output(*command, **more):
    return subprocess.run(command, check=True, capture_output=True, text=True, **more).stdout


def in_ns(ns, *command):
    return ["nsenter", f"--net=/run/netns/{NAME}-{ns}", *command]


def read(path):
    with open(path) as f:
        return f.read()


def pin(cpus):
    """This process, and all it starts from now on."""
    os.sched_setaffinity(0, cpus)


def process_tree(root):
    """A process and its descendants."""
    children = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError):
                parent = int(read(f"/proc/{entry}/stat").rpartition(")")[2].split()[1])
                children.setdefault(parent, []).append(int(entry))
    found = [root]
    for pid in found:
        found += children.get(pid, [])
    return found


def end_all():
    for thing in reversed(running[:]):
        with contextlib.suppress(Exception, SystemExit):
            thing.stop() if hasattr(thing, "stop") else thing.kill()


# ---- control groups ----

def mounts():
    """Where control groups are mounted: "v2", and the controllers of v1."""
    found = {}
    for line in read("/proc/mounts").splitlines():
        _, where, kind, options = line.split()[:4]
        if kind == "cgroup2":
            found.setdefault("v2", where)
        elif kind == "cgroup":
            for option in options.split(","):
                found.setdefault(option, where)
    return found


class Group:
    """All processes of a server: one group for CPU time, one for the kernel's memory; they may be the same."""

    def __init__(self, name):
        where = mounts()
        v2 = where.get("v2")
        v2_controllers = read(v2 + "/cgroup.subtree_control").split() if v2 else []
        self.cpu = self.memory = None
        if v2:  # usage_usec is there even without the cpu controller
            self.cpu = f"{v2}/{NAME}-{name}"
        elif "cpuacct" in where:
            self.cpu = f"{where['cpuacct']}/{NAME}-{name}"
        if "memory" in v2_controllers:
            self.memory = self.cpu
        elif "memory" in where:
            self.memory = f"{where['memory']}/{NAME}-{name}"
        if not self.cpu or not self.memory:
            fail("no control groups to measure with (mount cgroup2, or cpuacct and memory of cgroup v1)")
        self.paths = sorted({self.cpu, self.memory})
        for path in self.paths:
            os.makedirs(path, exist_ok=True)

    def join(self):
        """The calling process, from now on."""
        for path in self.paths:
            with open(path + "/cgroup.procs", "w") as f:
                f.write("0")

    def pids(self):
        return [int(pid) for pid in read(self.cpu + "/cgroup.procs").split()]

    def cpu_us(self):
        """CPU time of all its processes so far, those that ended included."""
        with contextlib.suppress(FileNotFoundError):
            return int(re.search(r"^usage_usec (\d+)", read(self.cpu + "/cpu.stat"), re.M)[1])
        return int(read(self.cpu + "/cpuacct.usage")) // 1000

    def kernel_kib(self):
        """Memory that the kernel holds for it: stacks, page tables, sockets, devices."""
        with contextlib.suppress(FileNotFoundError):
            return (int(read(self.memory + "/memory.kmem.usage_in_bytes"))
                    + int(read(self.memory + "/memory.kmem.tcp.usage_in_bytes"))) // 1024
        stat = dict(line.split() for line in read(self.memory + "/memory.stat").splitlines())
        return (int(stat["kernel"]) + int(stat["sock"])) // 1024

    def remove(self):
        for path in self.paths:
            wait_for("the last processes of a server", lambda: not read(path + "/cgroup.procs"))
            wait_for("a control group that goes", lambda: self._rmdir(path))

    @staticmethod
    def _rmdir(path):
        try:
            os.rmdir(path)
        except OSError:
            return False
        return True


class Process:
    """A server: the process that was started and all below it."""

    def __init__(self, name, command, log, cpus, **more):
        self.group = Group(name)

        def join():
            os.sched_setaffinity(0, cpus)
            self.group.join()

        self.popen = subprocess.Popen(in_ns("g", *command), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                      preexec_fn=join, **more)
        running.append(self)

    def pids(self):
        return self.group.pids()

    def cpu_us(self):
        return self.group.cpu_us()

    def quiet(self, us_per_s=4000, seconds=20):
        """Wait until it has nothing more to do."""
        last, end = self.cpu_us(), time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(0.25)
            now = self.cpu_us()
            if now - last < us_per_s / 4:
                return
            last = now
        print("bench: a server does not come to rest, the figures hold its work, too", file=sys.stderr)

    def memory(self):
        """KiB: private dirty and proportional memory, the kernel's memory."""
        total = {"dirty": 0, "pss": 0, "kernel": self.group.kernel_kib(), "processes": 0}
        for pid in self.pids():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                rollup = read(f"/proc/{pid}/smaps_rollup")
                total["pss"] += int(re.search(r"^Pss:\s+(\d+)", rollup, re.M)[1])
                total["dirty"] += int(re.search(r"^Private_Dirty:\s+(\d+)", rollup, re.M)[1])
                total["processes"] += 1
        total["all"] = total["dirty"] + total["kernel"]
        return total

    def stop(self, seconds=WAIT_S):
        if self in running:
            running.remove(self)
        self.popen.terminate()
        try:
            self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            print("bench: a server does not end", file=sys.stderr)
        end = time.monotonic() + seconds
        while self.pids() and time.monotonic() < end:
            time.sleep(0.01)
        for pid in self.pids():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.popen.wait()
        self.group.remove()
