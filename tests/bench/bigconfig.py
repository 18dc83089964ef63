#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A large configuration, to measure reading and checking it.

    tests/bench/bigconfig.py [SCALE] > big.cfg
    /usr/bin/time -v build/offhookd --check -c big.cfg

SCALE 1: 10,000 usernames with attributes, 500 tunnel-groups with a group-policy
and a pool each, 200 access lists of 100 lines, 1,000 objects in 10 groups.
"""
import ipaddress
import sys

scale = float(sys.argv[1]) if len(sys.argv) > 1 else 1
users = int(10000 * scale)
groups = int(500 * scale)
acls = int(200 * scale)
objects = int(1000 * scale)


def ip(base, n):
    return str(ipaddress.ip_address(int(ipaddress.ip_address(base)) + n))


out = ["hostname big", "interface GigabitEthernet0/0", " nameif outside", " ip address 192.0.2.1 255.255.255.0"]
for g in range(groups):
    first = 16 * g
    out.append(f"ip local pool pool{g} {ip('10.0.0.0', first + 1)}-{ip('10.0.0.0', first + 14)} mask 255.255.255.240")
for o in range(objects):
    out += [f"object network host{o}", f" host {ip('172.16.0.0', o)}"]
for g in range(max(objects // 100, 1)):
    out.append(f"object-group network hosts{g}")
    out += [f" network-object object host{o}" for o in range(100 * g, min(100 * g + 100, objects))]
for a in range(acls):
    out.append(f"access-list acl{a} remark list number {a}")
    for line in range(99):
        source = ["any", f"host {ip('172.20.0.0', line)}", f"object host{line % max(objects, 1)}"][line % 3]
        port = ["eq https", "range 5060 5061", "eq 8080"][line % 3]
        out.append(f"access-list acl{a} extended permit tcp {source} host {ip('172.30.0.0', 100 * a + line)} {port}")
out += ["webvpn", " enable outside", " anyconnect enable"]
for g in range(groups):
    out += [f"group-policy gp{g} internal", f"group-policy gp{g} attributes", " vpn-simultaneous-logins 5",
            f" vpn-filter value acl{g % acls}" if acls else " vpn-filter none", " vpn-tunnel-protocol ssl-client",
            " split-tunnel-policy tunnelall", f" address-pools value pool{g}", " webvpn", "  anyconnect mtu 1300"]
for u in range(users):
    out += [f"username user{u} password $sha512$5000$AAAAAAAAAAAAAAAAAAAAAA==$BBBBBBBBBBBBBBBBBBBBBB== pbkdf2",
            f"username user{u} attributes"]
    if groups:
        out.append(f" vpn-group-policy gp{u % groups}")
    out += [f" vpn-framed-ip-address {ip('100.64.0.0', u)} 255.255.255.255", " service-type remote-access"]
for g in range(groups):
    out += [f"tunnel-group tg{g} type remote-access", f"tunnel-group tg{g} general-attributes", f" address-pool pool{g}",
            f" default-group-policy gp{g}", f"tunnel-group tg{g} webvpn-attributes", " authentication certificate",
            f" group-alias alias{g} enable", f" group-url https://vpn.example/g{g} enable"]
print("\n".join(out))
