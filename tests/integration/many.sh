#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Twenty phones at once, and what show commands say of them.
. "$(dirname "$0")/../lib.sh"
need_root
net_make
daemon_start

test_no_session_says_so() {
	same "empty list" "INFO: There are presently no active sessions of the type specified" "$(cli show vpn-sessiondb anyconnect)"
	session_count_is 0
}

spawn "$T/many.phone" in_phone "$BUILD/phone" -c $GW_IP -j -e -H -1 -N 20 -m 8861 $(cert mic-sha256-phone%d) --require-dtls --ping $LAN_IP "$URL"
MANY=$SPAWNED

test_20_phones_are_up_with_20_addresses() {
	phone_event many hold 30 20
	session_count_is 20
	sessions 'len({x["assigned_ip"] for x in s}) == 20'
	sessions 'len({x["username"] for x in s}) == 20'
	sessions 'len({x["index"] for x in s}) == 20'
	sessions 'all(x["state"] == "active" and x["dtls_version"] == "DTLSv1.0" for x in s)'
}

# asa-reference 2.1: each line in its place, nothing else
test_show_has_the_layout_of_the_asa() {
	cli show vpn-sessiondb anyconnect > "$T/show"
	cli -j show vpn-sessiondb anyconnect > "$T/show.json"
	python3 - "$T/show" "$T/show.json" <<'END'
import json, re, sys
text = open(sys.argv[1]).read()
data = json.load(open(sys.argv[2]))["sessions"]
head, *blocks = text.rstrip("\n").split("\n\n")
assert head == "Session Type: AnyConnect", head
assert len(blocks) == len(data) == 20
for block, s in zip(blocks, data):
    lines = block.split("\n")
    user = s["username"]
    assert len(user) == 23
    want = [
        r"Username     : " + user,  # 23 characters: the right field has a line of its own
        r"Index        : %d" % s["index"],
        r"Assigned IP  : " + re.escape("%-23s" % s["assigned_ip"]) + r"Public IP    : 172\.16\.1\.10",
        r"Protocol     : AnyConnect-Parent SSL-Tunnel DTLS-Tunnel",
        r"License      : AnyConnect Premium, AnyConnect for Cisco VPN Phone",
        r"Encryption   : AnyConnect-Parent: \(1\)AES256  SSL-Tunnel: \(1\)AES256  DTLS-Tunnel: \(1\)AES256",
        r"Hashing      : AnyConnect-Parent: \(1\)SHA1  SSL-Tunnel: \(1\)SHA1  DTLS-Tunnel: \(1\)SHA1",
        r"Bytes Tx     : (\d+) +Bytes Rx     : (\d+)",
        r"Group Policy : vpn-phone-policy       Tunnel Group : vpn-phone-group",
        r"Login Time   : \d\d:\d\d:\d\d UTC (Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z][a-z] [1-9]\d? \d{4}",
        r"Duration     : 0h:0\d?m:\d\ds",
        r"Inactivity   : 0h:00m:00s",
        r"VLAN Mapping : N/A                    VLAN         : none",
        r"Audt Sess ID : ac1001fa%08x[0-9a-f]{8}" % (s["index"] << 12),
        r"Security Grp : none {19}",
    ]
    assert len(lines) == len(want), block
    for line, pattern in zip(lines, want):
        assert re.fullmatch(pattern, line), (line, pattern)
    row = lines[7]
    assert row[13] == row[51] == ":" and row[38:46] == "Bytes Rx", row
    assert s["audit_session_id"] in block
    assert s["bytes_rx"] >= 3 * 84 and s["bytes_tx"] >= 3 * 84, s
    assert s["tls_version"] == "TLSv1.2" and s["tls_cipher"] == s["dtls_cipher"] == "AES256-SHA"
    assert s["group_policy"] == "vpn-phone-policy" and s["tunnel_group"] == "vpn-phone-group"
    assert s["client"] == "Cisco SVC IPPhone Client v1.0 (1.0)" and s["phone"] is True
END
}

test_abbreviations_reach_the_same_command() {
	same "sh vpn-s anyc" "$(cli show vpn-sessiondb anyconnect | grep -v '^Duration\|^Bytes')" "$(cli sh vpn-s anyc | grep -v '^Duration\|^Bytes')"
	same "SHOW" 20 "$(cli SHOW VPN-sessiondb AnyConnect | grep -c ^Username)"
}

test_the_summary_counts_them() {
	cli show vpn-sessiondb > "$T/summary"
	grep -qx 'AnyConnect Client            :     20 :         20 :          20 :        0' "$T/summary"
	grep -qx '  SSL/TLS/DTLS               :     20 :         20 :          20 :        0' "$T/summary"
	grep -qx 'Total Active and Inactive    :     20             Total Cumulative :     20' "$T/summary"
	grep -qx 'AnyConnect-Parent            :     20 :         20 :              20' "$T/summary"
	grep -qx 'SSL-Tunnel                   :     20 :         20 :              20' "$T/summary"
	grep -qx 'DTLS-Tunnel                  :     20 :         20 :              20' "$T/summary"
	grep -qx 'Totals                       :     60 :         60' "$T/summary"
	cli -j show vpn-sessiondb | python3 -c 'import json, sys; d = json.load(sys.stdin); assert d["active"] == 20 and d["tunnels"]["dtls_active"] == 20'
}

# asa-reference 2.5
test_the_pool_lists_them() {
	cli show ip local pool vpn-phone-pool > "$T/pool"
	same "head" 'Begin           End             Mask             Free     Held   In use' "$(sed -n 1p "$T/pool")"
	same "row" '10.10.1.1       10.10.1.254     255.255.255.0     234        0       20' "$(sed -n 2p "$T/pool")"
	same "in use" "$(for i in $(seq 20); do echo 10.10.1.$i; done)" "$(sed '1,/^In Use Addresses:$/d;/^$/d' "$T/pool")"
	same "available" 234 "$(sed '1,/^Available Addresses:$/d;/^In Use/,$d;/^$/d' "$T/pool" | wc -l)"
	cli -j show ip local pool vpn-phone-pool | python3 -c 'import json, sys; d = json.load(sys.stdin); assert d["free"] == 234 and len(d["in_use_addresses"]) == 20'
}

test_logoff_by_name_ends_one() {
	local user=CP-8841-SEP682C7B40B5CE
	same answer "INFO: Number of sessions with name \"$user\" logged off : 1" "$(cli vpn-sessiondb logoff name $user noconfirm)"
	session_count_is 19
	phone_event many summary 5 1
	grep -q '"event":"summary","phone":1,"ok":false,"status":11,"stage":"ended"' "$T/many.phone"
	log_has 5 "ASA-4-113019: Group = vpn-phone-group, Username = $user, IP = 172.16.1.10, Session disconnected. Session Type: SSL, Duration: .*, Reason: Administrator Reset"
}

test_logoff_by_index_ends_one() {
	local index
	index=$(sessions 's[0]["index"]')
	same answer "INFO: Number of sessions with index \"$index\" logged off : 1" "$(cli vpn-sessiondb logoff index "$index" noconfirm)"
	same nobody 'INFO: Number of sessions with index "60000" logged off : 0' "$(cli vpn-sessiondb logoff index 60000 noconfirm)"
	same nobody 'INFO: Number of sessions with name "U" logged off : 0' "$(cli vpn-sessiondb logoff name U noconfirm)"
	session_count_is 18
}

test_logoff_asks_first() {
	printf 'vpn-sessiondb logoff all\nno\n' | cli
	session_count_is 18
}

test_logoff_of_all_ends_all() {
	printf 'vpn-sessiondb logoff all\n\n' | cli > "$T/answer"
	grep -q 'logged off : 18' "$T/answer"
	session_count_is 0
	phone_event many summary 10 20
	wait_for 5 gone $MANY
	same "in use" 0 "$(cli -j show ip local pool vpn-phone-pool | python3 -c 'import json, sys; print(json.load(sys.stdin)["in_use"])')"
}

run_cases
