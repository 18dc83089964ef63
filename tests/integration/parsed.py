# SPDX-License-Identifier: GPL-2.0-or-later
"""parsed.py TEMPLATE < OUTPUT: the rows that a TextFSM template finds, as JSON; a line that it does not know is an error."""
import json, os, sys

import textfsm

path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "textfsm", sys.argv[1] + ".textfsm")
with open(path) as template:
    fsm = textfsm.TextFSM(template)
rows = fsm.ParseText(sys.stdin.read())
print(json.dumps([dict(zip(fsm.header, row)) for row in rows]))
