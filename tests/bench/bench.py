#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What tests/bench/run calls once the namespaces stand: starts the two servers
and their clients, measures, and writes RESULTS."""

import os
import socket
import sys

if len(sys.argv) == 3 and sys.argv[1] == "hand-over":
    # openconnect's --script: gives the descriptor for inner packets to the benchmark
    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    s.connect(sys.argv[2])
    text = os.environ["VPNPID"] + " " + os.environ["INTERNAL_IP4_ADDRESS"]
    socket.send_fds(s, [text.encode()], [int(os.environ["VPNFD"])])
    sys.exit(0)

import contextlib
import datetime
import json
import platform
import re
import signal
import struct
import subprocess
import threading
import time
from statistics import median

NAME, WORK = sys.argv[1:3]
QUICK = os.environ.get("BENCH_QUICK") == "1"
SESSIONS = [4, 8] if QUICK else [20, 50]
ROUNDS, PER_ROUND = (2, 5) if QUICK else (5, 20)
PHONES = 5 if QUICK else 50
CALL_S = 3 if QUICK else 10
TRANSFERS, TRANSFER_MB = (1, 64) if QUICK else (3, 256)  # each way: times, MiB
TRANSFER_S = 60  # at most
UDP_RATE, UDP_BYTES = "200M", 1300
INNER_MTU = 1390  # the smaller of what the two servers choose
WAIT_S = 20  # for anything that should come at once
LOGIN_TLS = "NORMAL:-VERS-ALL:+VERS-TLS1.2"  # both servers then choose the same suite
RESULTS = WORK + "/RESULTS" if QUICK else "tests/bench/RESULTS"


def fail(text):
    raise SystemExit("bench: " + text)


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


# ---- processes and what they use ----

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


def cgroup_root():
    """Where control groups v2 are mounted and can be made, or None."""
    for line in read("/proc/mounts").splitlines():
        _, where, kind = line.split()[:3]
        if kind == "cgroup2":
            with contextlib.suppress(OSError):
                os.mkdir(f"{where}/{NAME}-try")
                os.rmdir(f"{where}/{NAME}-try")
                return where
    return None


CGROUPS = cgroup_root()


class Process:
    """A server: the process that was started and all below it."""

    def __init__(self, ns, command, log, **more):
        self.group = f"{CGROUPS}/{NAME}-{ns}" if CGROUPS else None
        if self.group:
            os.makedirs(self.group, exist_ok=True)
        self.popen = subprocess.Popen(in_ns(ns, *command), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                      preexec_fn=self._join, **more)
        running.append(self)

    def _join(self):
        if self.group:
            with open(self.group + "/cgroup.procs", "w") as f:
                f.write("0")

    def pids(self):
        return process_tree(self.popen.pid)

    def cpu_us(self):
        """CPU time of all its processes so far, those that ended included."""
        if self.group:
            return int(re.search(r"^usage_usec (\d+)", read(self.group + "/cpu.stat"), re.M)[1])
        ticks = 0
        for pid in self.pids():
            with contextlib.suppress(OSError):
                # utime, stime and those of children it has waited for
                ticks += sum(int(n) for n in read(f"/proc/{pid}/stat").rpartition(")")[2].split()[11:15])
        return ticks * 1000000 // os.sysconf("SC_CLK_TCK")

    def quiet(self):
        """Wait until it has nothing more to do."""
        last = self.cpu_us()
        for _ in range(40):
            time.sleep(0.25)
            now = self.cpu_us()
            if now - last < 1000:
                return
            last = now
        print("bench: a server does not come to rest, the figures hold its work, too", file=sys.stderr)

    def memory(self):
        """KiB: proportional and private dirty memory, page tables and kernel stacks."""
        total = {"pss": 0, "dirty": 0, "kernel": 0, "processes": 0}
        for pid in self.pids():
            rollup, status = read(f"/proc/{pid}/smaps_rollup"), read(f"/proc/{pid}/status")
            total["pss"] += int(re.search(r"^Pss:\s+(\d+)", rollup, re.M)[1])
            total["dirty"] += int(re.search(r"^Private_Dirty:\s+(\d+)", rollup, re.M)[1])
            total["kernel"] += int(re.search(r"^VmPTE:\s+(\d+)", status, re.M)[1])
            total["kernel"] += 16 * int(re.search(r"^Threads:\s+(\d+)", status, re.M)[1])
            total["processes"] += 1
        fields = dict(re.findall(r"^(\w+):\s+(\d+)", read("/proc/meminfo"), re.M))
        total["machine"] = sum(int(fields[f]) for f in ("Slab", "KernelStack", "PageTables", "Percpu"))
        return total

    def stop(self):
        if self in running:
            running.remove(self)
        self.popen.terminate()
        try:
            self.popen.wait(WAIT_S)
        except subprocess.TimeoutExpired:
            for pid in self.pids():
                os.kill(pid, signal.SIGKILL)
            self.popen.wait()
        if self.group:
            wait_for("the last processes of a server", lambda: not read(self.group + "/cgroup.procs"))
            os.rmdir(self.group)


running = []  # what the end of the benchmark has to end


def end_all(*_):
    for thing in reversed(running[:]):
        with contextlib.suppress(Exception, SystemExit):
            thing.stop() if hasattr(thing, "stop") else thing.kill()


# ---- the two servers ----

class Server:
    def __init__(self):
        self.log = open(f"{WORK}/{self.name}.log", "ab", buffering=0)

    def idle_count(self):
        """Wait for the workers of past connections to go."""
        wait_for(self.name + ": workers that end", lambda: len(self.process.pids()) == self.at_rest)
        self.process.quiet()

    def start(self):
        self.log.truncate(0)
        self.start_process()
        self.process.quiet()
        self.at_rest = len(self.process.pids())

    def stop(self):
        self.process.stop()


class Offhook(Server):
    name, ns = "offhook", "o"
    address, inside = "10.99.1.1", "169.254.17.1"
    url = f"https://{address}/phone"
    dir = f"{WORK}/offhook"

    def show(self, *command, **more):
        return output(f"{WORK}/bin/offhook", "-s", f"{self.dir}/run/control.sock", *command, **more)

    def start_process(self):
        os.makedirs(self.dir, exist_ok=True)
        config = read("configs/vpn-phone.cfg").replace("https://172.16.1.250/phone", self.url)
        with open(f"{self.dir}/startup-config", "w") as f:
            f.write(config)
        with open(f"{self.dir}/offhookd.conf", "w") as f:
            f.write(f'state_dir = "{self.dir}/state";\nrun_dir = "{self.dir}/run";\n'
                    f'interfaces = {{ outside = {{ address = "{self.address}"; tcp_port = 443; udp_port = 443; }}; }};\n')
        ready, ready_in = os.pipe()
        self.process = Process(self.ns, [f"{WORK}/bin/offhookd", "-f", "-c", f"{self.dir}/startup-config", "-o",
                                         f"{self.dir}/offhookd.conf", "--ready-fd", str(ready_in)], self.log,
                               pass_fds=[ready_in])
        os.close(ready_in)
        with os.fdopen(ready) as f:
            line = f.readline()
        if not line:
            fail("offhookd did not start:\n" + read(self.log.name))
        if '"sha1": null' in line:
            self.show("crypto", "ca", "enroll", "asa-identity-cert", "noconfirm")
        for trustpoint, file in ("cert3", "mic-sha256-root"), ("cert4", "mic-sha256-ca"):
            self.show("crypto", "ca", "authenticate", trustpoint, "nointeractive",
                      input=read(f"{WORK}/certs/{file}.pem") + "quit\n")
        self.pin = key_pin(self.show("crypto", "ca", "export", "asa-identity-cert", "identity-certificate"))


class Ocserv(Server):
    name, ns = "ocserv", "s"
    address, inside = "10.99.2.1", "10.10.2.1"
    url = f"https://{address}/"

    # Debian's own file, but for addresses, certificates, limits that would slow a
    # benchmark down, and dtls-psk: without it the DTLS of both servers is the same.
    config = """
auth = "certificate"
listen-host = {address}
tcp-port = 443
udp-port = 443
run-as-user = ocserv
run-as-group = ocserv
socket-file = {work}/ocserv.socket
pid-file = {work}/ocserv.pid
server-cert = {work}/certs/gateway.pem
server-key = {work}/certs/gateway.key
ca-cert = {work}/ocserv-ca.pem
cert-user-oid = 2.5.4.3
isolate-workers = true
max-clients = 0
max-same-clients = 0
rate-limit-ms = 0
max-ban-score = 0
server-stats-reset-time = 604800
keepalive = 32400
dpd = 90
mobile-dpd = 1800
switch-to-tcp-timeout = 25
try-mtu-discovery = false
tls-priorities = "NORMAL:%SERVER_PRECEDENCE:%COMPAT:-VERS-SSL3.0:-VERS-TLS1.0:-VERS-TLS1.1:-VERS-TLS1.3"
auth-timeout = 240
min-reauth-time = 300
cookie-timeout = 300
deny-roaming = false
rekey-time = 172800
rekey-method = ssl
use-occtl = false
log-level = 1
device = vpns
predictable-ips = true
ipv4-network = 10.10.2.0
ipv4-netmask = 255.255.255.0
ping-leases = false
compression = false
cisco-client-compat = true
dtls-legacy = true
dtls-psk = false
client-bypass-protocol = false
"""

    def start_process(self):
        with open(f"{WORK}/ocserv-ca.pem", "w") as f:
            f.write(read(f"{WORK}/certs/mic-sha256-ca.pem") + read(f"{WORK}/certs/mic-sha256-root.pem"))
        with open(f"{WORK}/ocserv.conf", "w") as f:
            f.write(self.config.format(address=self.address, work=WORK))
        self.process = Process(self.ns, ["ocserv", "-f", "-c", f"{WORK}/ocserv.conf"], self.log)
        wait_for("ocserv that starts", lambda: "sec-mod initialized" in read(self.log.name))
        self.pin = key_pin(read(f"{WORK}/certs/gateway.pem"))


def key_pin(pem):
    """What openconnect's --servercert wants."""
    return "pin-sha256:" + output("sh", "-c", "openssl x509 -pubkey -noout | openssl pkey -pubin -outform DER |"
                                  "openssl dgst -sha256 -binary | base64", input=pem).strip()


# ---- clients ----

class HandOver:
    """Where openconnect's script sends the descriptors of inner packets."""

    def __init__(self):
        self.path = f"{WORK}/hand-over.sock"
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.got = {}
        threading.Thread(target=self._take, daemon=True).start()

    def _take(self):
        while True:
            text, fds, _, _ = socket.recv_fds(self.socket, 100, 1)
            pid, address = text.decode().split()
            self.got[int(pid)] = address, fds[0]


class Client:
    """openconnect, with a TUN device or with its inner packets in this process."""

    def __init__(self, server, number, tun=None):
        certs = f"{WORK}/certs/phone{number}"
        if tun:
            script = (f'[ "$reason" != connect ] || {{ ip link set dev {tun} up mtu {INNER_MTU} && '
                      f'ip address add $INTERNAL_IP4_ADDRESS/32 dev {tun} && ip route add {server.inside} dev {tun}; }}')
            how = ["--interface", tun, "--script", script]
        else:
            how = ["--script-tun", "--script", f"exec python3 -I -S tests/bench/bench.py hand-over {hand_over.path}"]
        self.server = server
        self.lines, self.address, self.fd = [], None, None
        self.dtls, self.settled, self.configured = threading.Event(), threading.Event(), threading.Event()
        self.popen = subprocess.Popen(
            in_ns("c", "openconnect", "-v", "--protocol=anyconnect", "--non-inter", "--gnutls-priority", LOGIN_TLS,
                  "-c", certs + ".pem", "-k", certs + ".key", "--servercert", server.pin, *how, server.url),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={"PATH": os.environ["PATH"], "LD_LIBRARY_PATH": f"{WORK}/lib", "LC_ALL": "C"})
        running.append(self)
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        for line in self.popen.stdout:
            self.lines.append(line.rstrip())
            if line.startswith("Established DTLS"):
                self.dtls.set()
            if "MTU after detection" in line or "Detected MTU" in line:
                self.settled.set()
            if line.startswith("Configured as"):
                self.configured.set()

    def up(self):
        """DTLS is up, the MTU known, and the script has run."""
        for event, what in (self.dtls, "DTLS"), (self.settled, "MTU"), (self.configured, "end of its script"):
            end = time.monotonic() + WAIT_S
            while not event.wait(0.5):
                if self.popen.poll() is not None or time.monotonic() > end:
                    fail(f"{self.server.name}: no {what}\n" + "\n".join(self.lines))
        return self

    def take(self):
        wait_for("openconnect's script", lambda: self.popen.pid in hand_over.got)
        self.address, self.fd = hand_over.got.pop(self.popen.pid)
        os.set_blocking(self.fd, False)
        self.request = echo_request(self.address, self.server.inside)

    def suites(self):
        text = "\n".join(self.lines)
        return (re.search(r"HTTPS on .* with ciphersuite (\S+)", text)[1],
                re.search(r"Established DTLS .* Ciphersuite (\S+?)\.?$", text, re.M)[1])

    def echo(self):
        """A packet through the tunnel and back."""
        def answered():
            with contextlib.suppress(BlockingIOError):
                os.write(self.fd, self.request)
            end = time.monotonic() + 0.1
            while time.monotonic() < end:
                if self.answers():
                    return True
                time.sleep(0.001)
            return False
        wait_for("an echo through the tunnel", answered)

    def answers(self):
        """Echo replies that have come."""
        count = 0
        with contextlib.suppress(BlockingIOError):
            while True:
                packet = os.read(self.fd, 2000)
                count += len(packet) == len(self.request) and packet[9] == 1 and packet[20] == 0
        return count

    def leave(self):
        self.popen.send_signal(signal.SIGINT)

    def stop(self):
        if self in running:
            running.remove(self)
        self.leave()
        try:
            self.popen.wait(WAIT_S)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()
        self.thread.join()
        if self.fd is not None:
            os.close(self.fd)
            self.fd = None


def checksum(data):
    n = sum(struct.unpack(f"!{len(data) // 2}H", data))
    n = (n & 0xffff) + (n >> 16)
    return ~(n + (n >> 16)) & 0xffff


def echo_request(source, destination):
    """An IPv4 packet of 200 bytes, the size of G.711 speech of 20 ms with its headers."""
    icmp = struct.pack("!BBHHH", 8, 0, 0, 1, 1) + bytes(172)
    icmp = icmp[:2] + struct.pack("!H", checksum(icmp)) + icmp[4:]
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(icmp), 0, 0x4000, 64, 1, 0, socket.inet_aton(source),
                       socket.inet_aton(destination))
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + icmp


# ---- what is measured ----

def connect_once(server, number):
    c = Client(server, number)
    c.up()
    c.take()
    c.echo()
    c.stop()
    return c.suites()


def measure_memory(server):
    """Per-session memory at each number of sessions; then calls in all of them."""
    connect_once(server, 1)
    server.idle_count()
    states, clients = {0: server.process.memory()}, []
    for count in SESSIONS:
        new = []
        while len(clients) + len(new) < count:
            new.append(Client(server, len(clients) + len(new) + 1))
            if len(new) % 5 == 0:
                new[-5].up()
        for c in new:
            c.up()
            c.take()
        clients += new
        server.process.quiet()
        states[count] = server.process.memory()
    calls = measure_calls(server, clients)
    for c in clients:
        c.leave()
    for c in clients:
        c.stop()
    server.idle_count()
    states["after"] = server.process.memory()
    return states, calls


def measure_calls(server, clients):
    """50 packets a second there and back in each session."""
    sent = answered = 0
    cpu = server.process.cpu_us()
    start = time.monotonic()
    for turn in range(CALL_S * 50):
        for i, c in enumerate(clients):
            due = start + turn * 0.02 + i * 0.02 / len(clients)
            now = time.monotonic()
            if due > now:
                time.sleep(due - now)
            answered += c.answers()
            with contextlib.suppress(BlockingIOError):
                os.write(c.fd, c.request)
                sent += 1
    end = time.monotonic() + 0.5
    while time.monotonic() < end and answered < sent:
        answered += sum(c.answers() for c in clients)
        time.sleep(0.005)
    cpu = server.process.cpu_us() - cpu
    return {"us_per_packet": cpu / (sent + answered), "percent": cpu / 1e4 / (end - 0.5 - start),
            "loss": 100 * (1 - answered / sent), "calls": len(clients)}


def measure_connects(servers):
    """ms of CPU per connect: rounds, the servers taking turns."""
    figures = {s.name: [] for s in servers}
    for _ in range(ROUNDS):
        for s in servers:
            s.idle_count()
            cpu = s.process.cpu_us()
            for i in range(PER_ROUND):
                suites[s.name] = connect_once(s, i + 1)
            s.idle_count()
            figures[s.name].append((s.process.cpu_us() - cpu) / 1000 / PER_ROUND)
    return figures


def measure_phones(server, model):
    """ms of CPU per connect of the simulated phone."""
    server.idle_count()
    cpu = server.process.cpu_us()
    ran = subprocess.run(in_ns("c", f"{WORK}/bin/phone", "--quiet", "--model", model, "--cert", f"{WORK}/certs/phone%d.pem",
                               "--key", f"{WORK}/certs/phone%d.key", "--require-dtls", "--ping", server.inside,
                               "--ping-count", "1", "--count", str(PHONES), "--stagger", "40", server.url),
                         stdin=subprocess.DEVNULL, capture_output=True, text=True,
                         env={"PATH": os.environ["PATH"], "LD_LIBRARY_PATH": f"{WORK}/lib"})
    if ran.returncode:
        fail(f"phone {model}: status {ran.returncode}\n" + ran.stdout + ran.stderr)
    server.idle_count()
    return (server.process.cpu_us() - cpu) / 1000 / PHONES


def tls_bytes():
    """Bytes on TLS connections: what did not go over DTLS."""
    text = output(*in_ns("c", "ss", "-Htin", "dport", "=", ":443"))
    return sum(int(n) for n in re.findall(r"bytes_(?:sent|received):(\d+)", text))


def measure_transfer(server, kind, reverse):
    """CPU seconds per GB of payload that arrived, its speed, and the loss."""
    def iperf(ns, *more):
        p = subprocess.Popen(in_ns(ns, "iperf3", "--forceflush", *more), stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        running.append(p)
        return p

    sink = iperf(server.ns, "-s", "-1", "-B", server.inside)
    for line in sink.stdout:
        if "Server listening" in line:
            break
    cpu, tls = server.process.cpu_us(), tls_bytes()
    source = iperf("c", "-c", server.inside, "-J", "-n", f"{TRANSFER_MB}M", *(["-R"] if reverse else []),
                   *(["-u", "-b", UDP_RATE, "-l", str(UDP_BYTES)] if kind == "udp" else []))
    try:
        text = source.communicate(timeout=TRANSFER_S)[0]
    except subprocess.TimeoutExpired:
        fail(f"{server.name}: {kind} takes longer than {TRANSFER_S} s")
    if source.returncode:
        fail(f"{server.name}: iperf3: {text}")
    sink.communicate()
    running.remove(source)
    running.remove(sink)
    cpu, tls = server.process.cpu_us() - cpu, tls_bytes() - tls
    end = json.loads(text)["end"]
    seconds, loss = end["sum_received"]["seconds"], 0.0
    if kind == "udp":
        loss = end["sum"]["lost_percent"]
        got = end["sum_sent"]["bytes"] * (1 - loss / 100)
    else:
        got = end["sum_received"]["bytes"]
    if tls > got / 100:
        fail(f"{server.name}: {tls} bytes went over TLS")
    return {"s_per_gb": cpu / 1e6 / (got / 1e9), "mbit": got * 8 / seconds / 1e6, "loss": loss}


# ---- RESULTS ----

class Table:
    def __init__(self):
        self.lines, self.missed = [], []

    def text(self, line=""):
        self.lines.append(line)

    def head(self, title):
        self.text()
        self.text(f"{title:<54}{'offhook':>10}{'ocserv':>10}{'ratio':>8}")

    def row(self, what, ours, theirs, goal=None, form="{:.1f}", ratio=True):
        line = f"  {what:<52}{form.format(ours):>10}{form.format(theirs) if theirs is not None else '-':>10}"
        if theirs and ratio:
            line += f"{ours / theirs:>8.2f}"
            if goal is not None:
                met = ours / theirs < goal
                line += f"  {'below' if met else 'NOT BELOW'} {goal:.2f}"
                if not met:
                    self.missed.append(what)
        self.text(line)


def versions():
    def first(command):
        return output("sh", "-c", command + " 2>&1 | head -n 1").strip()

    cpu = re.search(r"^model name\s*: (.*)", read("/proc/cpuinfo"), re.M)
    flags = " ".join(f for f in ("aes", "avx2", "sha_ni") if re.search(rf"\b{f}\b", read("/proc/cpuinfo")))
    commit = first("git rev-parse --short=10 HEAD")
    if not re.match(r"[0-9a-f]+$", commit):
        commit = ""
    elif first("git diff --name-only HEAD -- Makefile common server tests/phone"):
        commit += " and changes"
    return [
        "date      " + datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        f"machine   {os.cpu_count()} cores, {cpu[1] if cpu else platform.machine()} ({flags}), Linux {platform.release()}, "
        f"load of others {read('/proc/loadavg').split()[0]}",
        f"versions  offhook {commit or 'of no known commit'}, {first('ocserv --version')}, {first('openconnect --version')}, "
        f"GnuTLS {first('dpkg-query -Wf ' + chr(39) + '${Version}' + chr(39) + ' libgnutls30')}, {first('iperf3 --version')}",
    ]


def write_results(about, memory, calls, connects, phones, transfers):
    t, (o, s) = Table(), ("offhook", "ocserv")
    low, high = SESSIONS
    t.text("offhook beside ocserv: what a session costs the server")
    t.text()
    t.text("command   " + ("BENCH_QUICK=1 " if QUICK else "") + "make bench")
    for line in about:
        t.text(line)
    for name in o, s:
        t.text(f"suites    {name}: TLS {suites[name][0]}, DTLS {suites[name][1]}")

    t.head("Memory, all processes of the server")

    def per_session(name, key, count, base=0):
        return (memory[name][count][key] - memory[name][base][key]) / (count - base)

    for key, what, goal in ("pss", "PSS", 0.5), ("dirty", "private dirty", 0.5), \
            ("kernel", "page tables, kernel stacks", None), ("machine", "kernel, with clients (noisy)", None):
        for count in SESSIONS:
            t.row(f"KiB per session at {count}: {what}", per_session(o, key, count), per_session(s, key, count), goal)
        t.row(f"  each from {low} to {high}", per_session(o, key, high, low), per_session(s, key, high, low), goal)
    for count in 0, *SESSIONS, "after":
        for key, what in ("pss", "PSS"), ("dirty", "private dirty"):
            title = f"KiB in all {'after the last session' if count == 'after' else f'with {count} sessions'}: {what}"
            t.row(title, memory[o][count][key], memory[s][count][key], form="{:.0f}")
    t.row(f"processes with {high} sessions", memory[o][high]["processes"], memory[s][high]["processes"], form="{:.0f}",
          ratio=False)

    t.head(f"CPU per full connect ({ROUNDS} rounds of {PER_ROUND}, taking turns)")
    t.row("ms, openconnect with client certificate", median(connects[o]), median(connects[s]), 0.5, "{:.2f}")
    for n in range(ROUNDS):
        t.row(f"  round {n + 1}", connects[o][n], connects[s][n], form="{:.2f}")
    for model, cost in phones.items():
        t.row(f"ms, simulated phone {model} ({PHONES} connects)", cost, None, form="{:.2f}")

    t.head("CPU over DTLS")
    for (kind, reverse), figures in transfers.items():
        way = "to the client" if reverse else "from the client"
        t.row(f"s per GB, {kind.upper()} {way}", median(figures[o]["s_per_gb"]), median(figures[s]["s_per_gb"]), form="{:.2f}")
        for n in range(TRANSFERS):
            t.row(f"  transfer {n + 1}", figures[o]["s_per_gb"][n], figures[s]["s_per_gb"][n], form="{:.2f}")
        t.row("  Mbit/s", median(figures[o]["mbit"]), median(figures[s]["mbit"]), form="{:.0f}")
        if kind == "udp":
            t.row("  % lost", max(figures[o]["loss"]), max(figures[s]["loss"]), form="{:.2f}", ratio=False)
    t.row(f"us per packet, {high} calls", calls[o]["us_per_packet"], calls[s]["us_per_packet"])
    t.row("  % of a core", calls[o]["percent"], calls[s]["percent"])
    t.row("  % lost", calls[o]["loss"], calls[s]["loss"], form="{:.2f}", ratio=False)

    t.text()
    t.text(f"""How: client and gateways in network namespaces, joined by veth. One openconnect per session, the same for both
servers, with a certificate of its own (RSA 2048); its libraries are copies, so that it shares no page with a server.
ocserv: Debian's configuration file with auth = certificate, isolate-workers, dtls-legacy, no compression, and
dtls-psk = false, so that both servers use the same DTLS. offhook: configs/vpn-phone.cfg, logging informational.
Memory: /proc/PID/smaps_rollup of every process below the server's first, sessions idle with DTLS up, less the same
with none after one connect, divided by the number of sessions ("each from ... to": the later ones alone, since a
first fork turns the parent's private pages into shared ones). Kernel stacks count 16 KiB per thread. The machine's
kernel memory is Slab + KernelStack + PageTables + Percpu of /proc/meminfo.
CPU: {'usage_usec of a control group per server' if CGROUPS else 'utime and stime of all processes'}, ended processes included; the kernel's \
work for packets
that a server's own call carries through veth or TUN counts as the server's. Servers take turns, the first figure is
the median of the rounds. A full connect is TLS, login, CONNECT on a second TLS connection, DTLS, an echo through the
tunnel, goodbye. Transfers are {TRANSFERS} times {TRANSFER_MB} MiB each way with iperf3 to the gateway's own end of the tunnel, inner MTU
{INNER_MTU}; UDP at {UDP_RATE}bit/s in packets of {UDP_BYTES} bytes; GB (10^9) of payload that arrived, lost is the worst of all. A call is
50 packets of 200 bytes a second, each answered; a packet is counted each way.""")
    if t.missed:
        t.text()
        for what in t.missed:
            t.text("Goal missed: " + what)
    with open(RESULTS + ".new", "w") as f:
        f.write("\n".join(t.lines) + "\n")
    os.rename(RESULTS + ".new", RESULTS)
    print("\n".join(t.lines))
    return not t.missed


def main():
    offhook, ocserv = servers = Offhook(), Ocserv()
    began, about = time.monotonic(), versions()

    def progress(text):
        print(f"[{time.monotonic() - began:4.0f} s] {text}", file=sys.stderr)

    memory, calls, phones, transfers = {}, {}, {}, {}
    for s in servers:
        progress(f"{s.name}: memory, then calls")
        s.start()
        memory[s.name], calls[s.name] = measure_memory(s)
        s.stop()
    for s in servers:
        s.start()
    progress("connects")
    connects = measure_connects(servers)
    for model in "8861", "7962":
        progress(f"connects of phone {model}")
        phones[model] = measure_phones(offhook, model)
    clients = [Client(s, 1, f"bench-{s.ns}").up() for s in servers]
    for kind in "udp", "tcp":
        for reverse in False, True:
            progress(f"{kind} {'to' if reverse else 'from'} the client")
            rounds = [[measure_transfer(s, kind, reverse) for s in servers] for _ in range(TRANSFERS)]
            transfers[kind, reverse] = {s.name: {key: [r[i][key] for r in rounds] for key in rounds[0][i]}
                                        for i, s in enumerate(servers)}
    for c in clients:
        c.stop()
    for s in servers:
        s.stop()
    progress("done")
    return 0 if write_results(about, memory, calls, connects, phones, transfers) else 1


suites = {}
hand_over = HandOver()
signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
signal.signal(signal.SIGINT, lambda *_: sys.exit(1))
try:
    sys.exit(main())
finally:
    end_all()
    with contextlib.suppress(FileNotFoundError):
        os.unlink(hand_over.path)
