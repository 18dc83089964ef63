# SPDX-License-Identifier: GPL-2.0-or-later
"""The load generator (load/), as a child that takes commands."""
import json
import selectors
import subprocess

from lab import BIN, CLIENT_ENV, NAME, WORK, fail, in_ns, running


class Load:
    def __init__(self, server, *options, cipher="AES-256-GCM", cpus=None, inside=None):
        self.name = server.name
        certs = f"{WORK}/certs"
        command = in_ns("c", f"{BIN}/load", "--ca", f"{certs}/mic-sha256-ca.pem", "--ca-key", f"{certs}/mic-sha256-ca.key",
                        "--key", f"{certs}/phone1.key", "--inside", inside or server.inside, "--inside-ns", f"/run/netns/{NAME}-i",
                        "--cipher", "none" if cipher == "TLS" else cipher, *options, server.url)
        if cpus:
            command = ["taskset", "-c", ",".join(map(str, cpus)), *command]
        self.popen = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=CLIENT_ENV)
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.popen.stdout, selectors.EVENT_READ)
        running.append(self)

    def tell(self, *words):
        self.popen.stdin.write(" ".join(str(w) for w in words) + "\n")
        self.popen.stdin.flush()

    def answer(self, seconds=120, tolerant=False):
        """tolerant: sessions may have failed."""
        if not self.selector.select(seconds):
            fail(f"{self.name}: the load generator does not answer within {seconds} s")
        line = self.popen.stdout.readline()
        if not line:
            fail(f"{self.name}: the load generator ended, status {self.popen.wait()}")
        answer = json.loads(line)
        if answer.get("error") and not tolerant:
            fail(f"{self.name}: load generator: {answer['error']} ({line.strip()})")
        return answer

    def do(self, *words, seconds=120, tolerant=False):
        self.tell(*words)
        return self.answer(seconds, tolerant)

    def open(self, count, at_once=8, seconds=120):
        """Sessions in all, every one of them up."""
        answer = self.do("open", count, at_once, seconds=seconds)
        if answer["failed"]:
            fail(f"{self.name}: {answer['failed']} sessions failed")
        return answer

    def stop(self, seconds=60):
        if self in running:
            running.remove(self)
        if self.popen.poll() is None:
            self.popen.stdin.close()
            try:
                self.popen.wait(seconds)
            except subprocess.TimeoutExpired:
                self.popen.kill()
                self.popen.wait()
        self.popen.stdout.close()
