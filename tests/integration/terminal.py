# SPDX-License-Identifier: GPL-2.0-or-later
"""A person at a terminal, for operator.sh: terminal.py PROGRAM SOCKET, then on standard input lines of a script:

    > TEXT      type it; escapes as in Python, so \\r is Enter
    < REGEX     wait until what is seen since the last match holds this
"""
import os, pty, re, select, signal, sys, time

program, socket = sys.argv[1:3]
slack = int(os.environ.get("SLACK", "1"))
pid, fd = pty.fork()
if pid == 0:
    os.environ["TERM"] = "vt100"
    os.execv(program, [program, "-s", socket])

seen = ""


def read(deadline):
    global seen
    ready, _, _ = select.select([fd], [], [], max(0, deadline - time.monotonic()))
    if not ready:
        return False
    try:
        data = os.read(fd, 65536)
    except OSError:
        return False
    seen += data.decode("latin1")
    return bool(data)


def expect(pattern):
    global seen
    deadline = time.monotonic() + 10 * slack
    while True:
        m = re.search(pattern, seen, re.S)
        if m:
            seen = seen[m.end():]
            return
        if not read(deadline):
            print("waited in vain for %r; seen: %r" % (pattern, seen), file=sys.stderr)
            os.kill(pid, signal.SIGKILL)
            sys.exit(1)


for line in sys.stdin:
    line = line.rstrip("\n")
    if line.startswith("> "):
        os.write(fd, line[2:].encode().decode("unicode_escape").encode("latin1"))
    elif line.startswith("< "):
        expect(line[2:])
_, status = os.waitpid(pid, 0)
sys.exit(os.waitstatus_to_exitcode(status))
