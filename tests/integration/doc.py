#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""doc.py FILE...: the command lines that documents show, as lines "FILE:LINE<tab>HOW<tab>COMMAND".

Command lines are the lines of indented and fenced blocks, and `offhook ...` in
the text. HOW is the first rule's that fits: run (in a shell), start (the daemon),
paste (a certificate on standard input), config (lines for configure terminal),
host (lines of an offhookd.conf), script (a whole fenced block; COMMAND is its
number), no (not run: RULES says why). What fits none is "unknown", which fails the test.
doc.py --script N FILE: that fenced block.
"""
import re
import sys

RULES = [
    # not run
    (r"make (run|check)$", "no", "make run and make check themselves; make check runs this"),
    (r"make (deb|install)", "no", "make check-deb, which takes minutes; tests/integration/install.sh"),
    (r"(a certificate, a demo|starts a gateway|It prints how|connects a simulated|Without root|network namespaces of their) .*", "no",
     "README: what make run and make check do"),
    (r"asa# .*", "no", "typed on the ASA"),
    (r"(systemctl|journalctl) .*", "no", "needs systemd: tests/deb/inside reloads, and reads the journal by field"),
    (r"tcpdump .*", "no", "waits for a packet for ever"),
    (r"jobs:|client:|runs-on: .*|steps:|- run: .*", "no", "a workflow's frame: the script in it is run"),
    (r"Session Type: .*|[A-Z][A-Za-z ]+ : .*", "no", "output of show vpn-sessiondb; tests/integration/show.sh"),
    (r"</?(vpnGroup|mtu|failConnectTime|authMethod|pswdPersistent|autoNetDetect|enableHostIDCheck|addresses|url1|credentials|hashAlg|certHash1)>.*", "no",
     "output of show vpn-phone xml; tests/integration/operate.sh"),
    (r"offhookd?|offhook show|offhook -j|offhook wait|offhookd --ready-fd N", "no", "the command's name in prose"),
    (r"scrape_configs:|- job_name: .*|static_configs:|- targets: .*", "no", "Prometheus's own configuration"),
    (r"- alert: .*|expr: .*", "no", "tests/integration/metrics.sh gives them to promtool"),
    (r"master agentx|agentXSocket .*|agentXPerms .*|offhook-snmp .*|snmp(get|walk) .*", "no", "tests/integration/snmp.sh"),
    (r"lab transcript USER FILE", "no", "placeholders: doc/capture.md has it with a user and a file"),
    # run
    (r"offhook crypto ca authenticate .*", "paste", ""),
    (r"offhookd -f.*", "start", ""),
    (r"(offhook|offhookd --check)( .*|$)", "run", ""),
    (r"(nft|sysctl|ip|sed) .*", "run", ""),
    (r"(crypto ca|ssl|enrollment|subject-name|logging) .*", "config", ""),
    (r"lab = true;|metrics = .*;|show_group = .*;|interfaces = \{|(outside|inside) = \{.*|\};", "host", ""),
]


def rule_of(command):
    for pattern, how, _ in RULES:
        if re.fullmatch(pattern, command):
            return how, pattern
    return "unknown", None


def clean(text):
    """Without prompt, and without what explains it further right."""
    text = text.strip()
    text = re.sub(r"^# (?=offhook)", "", text)
    return re.split(r"\s{3,}", text)[0] if re.match(r"(offhook|make|asa#)", text) else text


def commands(path):
    """(line number, how, command); how None: by the rules."""
    fence, scripts, blank = None, 0, True
    for n, line in enumerate(open(path), 1):
        line = line.rstrip("\n")
        if line.lstrip().startswith("```"):
            fence = None if fence is not None else line.strip()[3:]
            if fence == "sh":
                scripts += 1
                yield n, "script", str(scripts)
            continue
        if fence == "sh":
            continue
        if fence is not None or (line.startswith("    ") and blank):
            if line.strip():
                yield n, None, clean(line)
            continue  # a block goes on
        blank = not line.strip()
        for span in re.findall(r"`([^`]+)`", line):
            if re.match(r"offhookd?( |$)", span):
                yield n, None, span


def script(path, number):
    text = open(path).read()
    return re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S)[number - 1]


def main():
    if sys.argv[1] == "--script":
        sys.stdout.write(script(sys.argv[3], int(sys.argv[2])))
        return
    used = set()
    for path in sys.argv[1:]:
        for n, how, command in commands(path):
            if how is None:
                how, pattern = rule_of(command)
                used.add(pattern)
            print(f"{path}:{n}\t{how}\t{command}")
    for pattern, _, _ in RULES:
        if pattern not in used and len(sys.argv) > 4:  # asked for all documents
            print(f"{__file__}\tunused\t{pattern}")


main()
