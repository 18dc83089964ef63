#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""openconnect's --script: gives the descriptor for inner packets to the benchmark."""
import os
import socket
import sys

s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.connect(sys.argv[1])
text = os.environ["VPNPID"] + " " + os.environ["INTERNAL_IP4_ADDRESS"]
socket.send_fds(s, [text.encode()], [int(os.environ["VPNFD"])])
