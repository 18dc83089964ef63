#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""service.py SOCKET OUT: datagrams that come to SOCKET, each as a JSON object of its fields on a line of OUT."""
import json
import socket
import sys

path, out = sys.argv[1:]
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(path)
with open(out, "a", buffering=1) as f:
    print("bound", flush=True)
    while True:
        text = s.recv(65536).decode()
        f.write(json.dumps(dict(line.split("=", 1) for line in text.splitlines())) + "\n")
