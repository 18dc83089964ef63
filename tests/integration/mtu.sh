#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The path's MTU: what it is lowered to in the middle of a session, and OpenConnect's own discovery (protocol.md 2.3).
#
#	far 10.9.0.2 --- 10.9.0.1 phone (a router here) 172.16.1.10 --- gateway
# deadline: 180
. "$(dirname "$0")/../lib.sh"
need_root
net_make
FAR=oh$$-far
MORE_NS=("$FAR")
ip netns add "$FAR"
ip -n "$FAR" link set lo up
link "$FAR" eth0 10.9.0.2/24 "$PH" far0 10.9.0.1/24
in_phone sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'
ip -n "$FAR" route add default via 10.9.0.1
ip -n "$GW" route add 10.9.0.0/24 via $PH_IP
config_make
config_add <<'END'
logging console debugging
END
daemon_start
. tests/openconnect.sh
OC_NS=$FAR
type openconnect > /dev/null 2>&1 || { SKIP_ALL="no openconnect"; skip_all; }

far_mtu() {
	ip -n "$PH" link set far0 mtu "$1"
	ip -n "$FAR" link set eth0 mtu "$1"
}

outside_mtu() {
	ip -n "$GW" link set outside0 mtu "$1"
	ip -n "$PH" link set eth0 mtu "$1"
}

dtls_up() { wait_for 15 has_line "$T/$1.oc" "Established DTLS connection"; }

# What the case before has taught the kernels.
forget() {
	in_gw ip route flush cache
	in_lan ip route flush cache
	ip -n "$FAR" route flush cache
}

# A router on the way says "fragmentation needed": without DF everything still arrives, with DF the inside is told.
test_a_routers_word_lowers_what_goes_by_dtls() {
	client_start icmp
	dtls_up icmp
	in_lan ping -q -c 2 -i 0.2 -W 2 -M do -s 1300 "$CLIENT_IP"
	far_mtu 1200
	in_lan ping -q -c 1 -W 1 -M do -s 1300 "$CLIENT_IP" || : # the one that meets the router
	wait_for 5 in_lan ping -q -c 2 -i 0.2 -W 2 -M dont -s 1300 "$CLIENT_IP"
	in_lan ping -c 1 -W 1 -M do -s 1300 "$CLIENT_IP" > "$T/icmp.ping" || :
	# 1200 - 28 - 37 of AES-GCM - the type byte
	grep -qE "mtu ?[=:] ?1134" "$T/icmp.ping" || { cat "$T/icmp.ping"; false; }
	in_lan ip route flush cache
	sessions 's[0]["dtls_version"] == "DTLSv1.2"'
	transfer_both_ways icmp 4
	far_mtu 1500
	client_stop
	forget
}

# udp_arrives BYTES: from the inside to the client, one way.
udp_arrives() {
	rm -f "$T/udp.got"
	spawn "$T/udp.got" ip netns exec "$FAR" tests/integration/odd.py udp-receive 9100 1 2
	wait_for 2 has_line "$T/udp.got" listening
	in_lan tests/integration/odd.py udp-send "$CLIENT_IP" 9100 x "$1"
	wait_for 2 has_line "$T/udp.got" "^$LAN_IP $1 "
}

# Our own interface refuses (EMSGSIZE): one datagram is lost, those behind it go another way or in pieces.
test_a_smaller_interface_is_found_out() {
	client_start local
	dtls_up local
	udp_arrives 1300
	outside_mtu 1300
	udp_arrives 1300 2> /dev/null || :
	in_lan ping -c 1 -W 1 -M do -s 1300 "$CLIENT_IP" > "$T/local.ping" || :
	# 1300 - 28 - 37 of AES-GCM - the type byte
	grep -qE "mtu ?[=:] ?1234" "$T/local.ping" || { cat "$T/local.ping"; false; }
	udp_arrives 1300
	udp_arrives 4000
	outside_mtu 1500
	client_stop
	forget
}

# The whole of a session over a narrow path, as a tunnel in a tunnel makes it.
test_a_narrow_path_from_the_start() {
	far_mtu 1000
	client_start narrow
	dtls_up narrow
	transfer_both_ways narrow 4
	far_mtu 1500
	client_stop
	forget
}

# Probes and answers of the same length, from the top downwards.
test_openconnects_discovery_gets_its_echoes() {
	client_start probe -v -v --mtu 1400
	dtls_up probe
	wait_for 15 has_line "$T/probe.oc" "MTU" || :
	grep -q "Received MTU DPD probe ($(sessions 's[0]["mtu"]') bytes)" "$T/probe.oc" || { grep -i mtu "$T/probe.oc"; false; }
	not grep -qiE "Too long time in MTU detect|Failed to (send|receive|recv) DPD" "$T/probe.oc"
	client_stop
}

run_cases
