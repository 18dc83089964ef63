#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# show vpn-sessiondb in its forms, and logoff by each selector.
. "$(dirname "$0")/../lib.sh"
need_root
net_make
daemon_start

# Two sessions for each of 20 phones: more than one part of a long answer.
for half in first second; do
	spawn "$T/$half.phone" in_phone "$BUILD/phone" -c $GW_IP -j -e -H -1 -1 -N 20 -m 8861 $(cert mic-sha256-phone%d) --require-dtls "$URL"
	phone_event $half hold 40 20 || exit 1
done
phone -m 7962 $(cert lsc-phone1) --ping $LAN_IP -n 5 --ping-size 56 --channel both --bye empty > "$T/one" || exit 1
wait_for 5 sessions 'sum(x["state"] == "waiting" for x in s) == 1' || exit 1
USER_1=CP-8861-SEP74A02FC0A301

# layout FILE: what differs from run to run is replaced
layout() {
	sed -E 's/^(Login Time   : ).*/\1TIME/; s/^(Duration     : ).*/\1TIME/; s/^(Inactivity   : ).*/\1TIME/; s/^(Audt Sess ID : ).*/\1ID/
		s/(Idle TO Left : )[0-9]+ Minutes/\1N Minutes/; s/((TCP|UDP) Src Port : )[0-9]+/\1PORT/' "$1"
}

test_detail_has_the_layout_of_the_asa() {
	local index
	phone_start detail -m 7962 $(cert lsc-phone2) --require-dtls --ping $LAN_IP --ping-size 100 -n 4 --channel both
	index=$(sessions 's[-1]["index"]')
	wait_for 5 sessions 's[-1]["packets_rx"] == 8'
	cli show vpn-sessiondb detail index "$index" > "$T/detail"
	layout "$T/detail" > "$T/got"
	sed "s/INDEX/$index/" > "$T/wanted" <<'END'
Session Type: AnyConnect Detailed

Username     : CP-8861-SEP74A02FC0A302
Index        : INDEX
Assigned IP  : 10.10.1.42             Public IP    : 172.16.1.10
Protocol     : AnyConnect-Parent SSL-Tunnel DTLS-Tunnel
License      : AnyConnect Premium, AnyConnect for Cisco VPN Phone
Encryption   : AnyConnect-Parent: (1)AES256  SSL-Tunnel: (1)AES256  DTLS-Tunnel: (1)AES256
Hashing      : AnyConnect-Parent: (1)SHA1  SSL-Tunnel: (1)SHA1  DTLS-Tunnel: (1)SHA1
Bytes Tx     : 1024                   Bytes Rx     : 1024
Pkts Tx      : 8                      Pkts Rx      : 8
Pkts Tx Drop : 0                      Pkts Rx Drop : 0
Group Policy : vpn-phone-policy       Tunnel Group : vpn-phone-group
Login Time   : TIME
Duration     : TIME
Inactivity   : TIME
VLAN Mapping : N/A                    VLAN         : none
Audt Sess ID : ID
Security Grp : none                   

AnyConnect-Parent Tunnels: 1
SSL-Tunnel Tunnels: 1
DTLS-Tunnel Tunnels: 1

AnyConnect-Parent:
  Tunnel ID    : INDEX.1
  Public IP    : 172.16.1.10
  Encryption   : AES256                 Hashing      : SHA1
  TCP Src Port : PORT                  TCP Dst Port : 443
  Auth Mode    : Certificate
  Idle Time Out: 30 Minutes             Idle TO Left : N Minutes
  Client Type  : AnyConnect
  Client Ver   : Cisco SVC IPPhone Client v1.0 (1.0)
  Bytes Tx     : 0                      Bytes Rx     : 0
  Pkts Tx      : 0                      Pkts Rx      : 0
  Pkts Tx Drop : 0                      Pkts Rx Drop : 0

SSL-Tunnel:
  Tunnel ID    : INDEX.2
  Assigned IP  : 10.10.1.42             Public IP    : 172.16.1.10
  Encryption   : AES256                 Hashing      : SHA1
  Ciphersuite  : AES256-SHA
  Encapsulation: TLSv1.0                TCP Src Port : PORT
  TCP Dst Port : 443                    Auth Mode    : Certificate
  Idle Time Out: 30 Minutes             Idle TO Left : N Minutes
  Client Type  : SSL VPN Client
  Client Ver   : Cisco SVC IPPhone Client v1.0 (1.0)
  Bytes Tx     : 512                    Bytes Rx     : 512
  Pkts Tx      : 4                      Pkts Rx      : 4
  Pkts Tx Drop : 0                      Pkts Rx Drop : 0

DTLS-Tunnel:
  Tunnel ID    : INDEX.3
  Assigned IP  : 10.10.1.42             Public IP    : 172.16.1.10
  Encryption   : AES256                 Hashing      : SHA1
  Ciphersuite  : AES256-SHA
  Encapsulation: DTLSv1.0               UDP Src Port : PORT
  UDP Dst Port : 443                    Auth Mode    : Certificate
  Idle Time Out: 30 Minutes             Idle TO Left : N Minutes
  Client Type  : DTLS VPN Client
  Client Ver   : Cisco SVC IPPhone Client v1.0 (1.0)
  Bytes Tx     : 512                    Bytes Rx     : 512
  Pkts Tx      : 4                      Pkts Rx      : 4
  Pkts Tx Drop : 0                      Pkts Rx Drop : 0
END
	# the columns behind a number that was replaced
	sed -E 's/(TCP Src Port : PORT) +/\1 /' "$T/got" > "$T/got.1"
	sed -E 's/(TCP Src Port : PORT) +/\1 /' "$T/wanted" | diff - "$T/got.1"
	cli -j show vpn-sessiondb index "$index" | python3 -c '
import json, sys
s, = json.load(sys.stdin)["sessions"]
assert [(t["tunnel"], t["bytes_rx"], t["packets_tx"]) for t in s["tunnels"]] == [("SSL-Tunnel", 512, 4), ("DTLS-Tunnel", 512, 4)], s'
	phone_stop "$PHONE"
}

test_a_long_list_comes_whole() {
	cli show vpn-sessiondb anyconnect > "$T/list"
	same sessions 41 "$(grep -c '^Username' "$T/list")"
	same order "$(grep '^Index' "$T/list")" "$(grep '^Index' "$T/list" | sort -t: -k2n)"
	session_count_is 41
	cli show vpn-sessiondb full anyconnect > "$T/full"
	same lines 41 "$(wc -l < "$T/full")"
	not grep -qvE '^Session Type: AnyConnect; Username: [^;]+; Index: [0-9]+; Assigned IP: 10\.10\.1\.[0-9]+; Public IP: ' "$T/full"
}

# listed FILTER...: the number of sessions
listed() { cli show vpn-sessiondb anyconnect "$@" | grep -c '^Username' || :; }

# parsed TEMPLATE EXPRESSION < OUTPUT: with the system's Python, which has the package; rows are r
parsed() {
	/usr/bin/python3 tests/integration/parsed.py "$1" > "$T/parsed.json" && python3 -c 'import json, sys
r = json.load(open(sys.argv[1]))
sys.exit(not eval(sys.argv[2]) and print(r, file=sys.stderr) is None)' "$T/parsed.json" "$2"
}

# those who read an ASA's output by a program read ours
test_text_parsers_read_it() {
	cli show vpn-sessiondb anyconnect | parsed vpn_sessiondb_anyconnect 'len(r) == 41 and all(x["USERNAME"] and x["INDEX"] and x["PUBLIC_IP"] == "172.16.1.10" for x in r)'
	cli show vpn-sessiondb anyconnect filter inactive | parsed vpn_sessiondb_anyconnect 'r[0]["PROTOCOL"] == "AnyConnect-Parent" and r[0]["ENCRYPTION"] == "AnyConnect-Parent: (1)none"'
	cli show vpn-sessiondb summary | parsed vpn_sessiondb '[x["NAME"] for x in r] == ["AnyConnect Client", "SSL/TLS/DTLS", "AnyConnect-Parent", "SSL-Tunnel", "DTLS-Tunnel"] and r[0]["ACTIVE"] == "40" and r[0]["INACTIVE"] == "1"'
	cli show ip local pool vpn-phone-pool | parsed ip_local_pool 'r[0]["BEGIN"] == "10.10.1.1" and r[0]["IN_USE"] == "41" and len(r[0]["USED"]) == 41'
	cli show nameif | parsed nameif '[x["NAME"] for x in r] == ["outside", "inside"]'
}

test_each_filter_chooses() {
	same name 1 "$(listed filter name $USER_1)"
	same "name in part" 0 "$(listed filter name ${USER_1%1})"
	same a-ipaddress 1 "$(listed filter a-ipaddress 10.10.1.7)"
	same p-ipaddress 41 "$(listed filter p-ipaddress 172.16.1.10)"
	same a-ipversion 0 "$(listed filter a-ipversion v6)"
	same p-ipversion 41 "$(listed filter p-ipversion v4)"
	same tunnel-group 41 "$(listed filter tunnel-group vpn-phone-group)"
	same "another tunnel-group" 0 "$(listed filter tunnel-group DefaultWEBVPNGroup)"
	same protocol 40 "$(listed filter protocol dtls-tunnel)"
	same encryption 40 "$(listed filter encryption AES256)"
	same inactive 1 "$(listed filter inactive)"
	cli show vpn-sessiondb inactive | grep -qx 'Protocol     : AnyConnect-Parent'
	same "none of them" "INFO: There are presently no active sessions of the type specified" \
		"$(cli show vpn-sessiondb anyconnect filter name nobody)"
	same "another type" "INFO: There are presently no active sessions of the type specified" "$(cli show vpn-sessiondb l2l)"
}

test_each_order_sorts() {
	cli show vpn-sessiondb full anyconnect sort name | sed 's/.*Username: \([^;]*\);.*/\1/' > "$T/names"
	LC_ALL=C sort -c "$T/names"
	cli show vpn-sessiondb full anyconnect sort a-ipaddress | sed 's/.*Assigned IP: \([^;]*\);.*/\1/' > "$T/ips"
	sort -t. -k4n -c "$T/ips"
	same "longest inactive first" $USER_1 "$(cli show vpn-sessiondb full anyconnect sort inactivity | sed -n '1s/.*Username: \([^;]*\);.*/\1/p')"
}

test_ratio_and_licences_count_them() {
	cli show vpn-sessiondb ratio encryption > "$T/ratio"
	grep -qx 'Total Active Sessions: 41' "$T/ratio"
	grep -qx 'none                            1            2%' "$T/ratio"
	grep -qx 'AES256                         40           98%' "$T/ratio"
	cli show vpn-sessiondb ratio protocol filter vpn-phone-group | grep -qx 'DTLS-Tunnel                    40           33%'
	cli show vpn-sessiondb license-summary > "$T/license"
	grep -qx 'AnyConnect for Cisco VPN Phone   :  ENABLED' "$T/license"
	grep -qx 'AnyConnect Premium     :     41 :      0 :     41 :     4[12] :   5000 :     1%' "$T/license"
	cli -j show vpn-sessiondb license-summary | python3 -c 'import json, sys; assert json.load(sys.stdin)["phones_in_use"] == 41'
}

test_statistics_may_begin_anew() {
	cli show vpn-sessiondb summary | grep -qE '^AnyConnect Client +: +40 : +42 : +4[12] : +1$'
	cli clear vpn-sessiondb statistics anyconnect
	cli show vpn-sessiondb summary | grep -qE '^AnyConnect Client +: +40 : +41 : +41 : +1$'
}

# logged_off WANTED SELECTOR...
logged_off() {
	same "answer to logoff ${*:2}" "INFO: Number of sessions $1" "$(cli vpn-sessiondb logoff "${@:2}" noconfirm)"
}

test_each_selector_logs_off() {
	logged_off 'with name "nobody" logged off : 0' name nobody
	logged_off "with name \"$USER_1\" logged off : 1" name $USER_1
	logged_off 'with index "5" logged off : 1' index 5
	logged_off 'with IP address "10.10.1.7" logged off : 1' ipaddress 10.10.1.7
	logged_off 'of type "" logged off : 0' l2l
	session_count_is 38
	logged_off 'with protocol "ssl-tunnel" logged off : 38' protocol ssl-tunnel
	session_count_is 0
	logged_off 'from tunnel group "vpn-phone-group" logged off : 0' tunnel-group vpn-phone-group
	logged_off 'of type "" logged off : 0' all
}

test_without_noconfirm_it_asks() {
	phone_start ask $(cert lsc-phone3)
	printf 'vpn-sessiondb logoff all\nno\n' | cli > "$T/answer"
	same question "Do you want to logoff the VPN session(s)? [confirm]" "$(cat "$T/answer")"
	session_count_is 1
	printf 'vpn-sessiondb logoff all\n\n' | cli | grep -q 'logged off : 1$'
	session_count_is 0
}

run_cases
