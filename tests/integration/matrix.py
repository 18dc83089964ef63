#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Print the rows of the clients' matrix: for each client the fewest (found greedily)
in which every two values of different columns that go together meet.

    openconnect login=cert tls=12 ...
"""
import itertools

CLIENTS = {
    "openconnect": (
        dict(
            login=["cert", "password", "both"],
            tls=["10", "12", "13"],
            cipher=["gcm256", "gcm128", "cbc256", "cbc128"],
            dtls=["psk", "name12", "name09", "none"],
            compression=["none", "lz"],
            outer=["ip4", "ip6"],
            policy=["all", "split", "filter"],
        ),
        lambda r: r["tls"] == "12" or (r["tls"] == "13") == r["cipher"].startswith("gcm"),
    ),
    "phone": (
        dict(
            model=["7962", "8861", "8865new"],
            login=["cert", "password"],
            tls=["10", "12"],
            dtls=["phone", "none"],
            outer=["ip4", "ip6"],
            policy=["all", "split", "filter"],
        ),
        lambda r: not (r.get("model") == "7962" and r.get("tls") == "12"),
    ),
    "curl": (
        dict(dialect=["xml", "form"], login=["cert", "password", "both"], tls=["10", "12", "13"], outer=["ip4", "ip6"]),
        lambda r: True,
    ),
}


def pairs(row):
    return {frozenset(p) for p in itertools.combinations(sorted(row.items()), 2)}


def rows(columns, possible):
    every = [dict(zip(columns, values)) for values in itertools.product(*columns.values())]
    every = [r for r in every if possible(r)]
    missing = set().union(*map(pairs, every))
    while missing:
        best = max(every, key=lambda r: len(pairs(r) & missing))
        missing -= pairs(best)
        yield best


for client, (columns, possible) in CLIENTS.items():
    for r in rows(columns, possible):
        print(client, *("%s=%s" % (k, v) for k, v in r.items()))
