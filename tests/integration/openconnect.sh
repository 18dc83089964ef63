#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Debian's openconnect with a certificate, as a client with a TUN device of its own.
. "$(dirname "$0")/../lib.sh"
need_root
type openconnect > /dev/null 2>&1 || { SKIP_ALL="no openconnect"; skip_all; }
net_make
daemon_start

. tests/openconnect.sh
MB20=$((20 * 1024 * 1024))

test_20_mb_each_way_over_dtls_12() {
	client_start dtls
	wait_for 15 has_line "$T/dtls.oc" "Established DTLS connection" || { cat "$T/dtls.oc"; false; }
	grep -q 'DTLS1.2' "$T/dtls.oc"
	sessions 's[0]["dtls_version"] == "DTLSv1.2" and not s[0]["phone"]'
	local before after
	before=$(sessions 's[0]["bytes_rx"]')
	transfer_both_ways dtls 20
	after=$(sessions 's[0]["bytes_rx"]')
	[ $((after - before)) -ge $MB20 ]
	sessions 's[0]["dtls_version"] == "DTLSv1.2"'
	client_stop
}

test_20_mb_each_way_over_cstp() {
	client_start cstp --no-dtls
	sessions 's[0]["dtls_version"] is None'
	transfer_both_ways cstp 20
	client_stop
}

# Ask for old DTLS: the names of CSTP's own suites.
test_dtls_09_ciphers_of_old_clients() {
	client_start old --dtls-ciphers AES256-SHA:AES128-SHA
	wait_for 15 has_line "$T/old.oc" "Established DTLS connection|DTLS handshake (failed|timed out)" || :
	in_phone ping -c 3 -i 0.2 -W 2 $LAN_IP
	client_stop
}

test_the_session_is_listed_as_a_desktop_client() {
	client_start list --no-dtls
	cli show vpn-sessiondb anyconnect > "$T/list"
	grep -qx 'License      : AnyConnect Premium' "$T/list"
	grep -qE '^Encryption   : AnyConnect-Parent: \(1\)none  SSL-Tunnel: \(1\)AES-GCM-256$' "$T/list"
	grep -qE '^Hashing      : AnyConnect-Parent: \(1\)none  SSL-Tunnel: \(1\)SHA384$' "$T/list"
	client_stop
}

# A UDP datagram of 4000 bytes without DF arrives as fragments and whole.
test_a_large_datagram_without_df_arrives_fragmented() {
	client_start frag
	spawn "$T/frag.udp" in_phone tests/integration/odd.py udp-receive 9000 1 10
	wait_for 5 has_line "$T/frag.udp" listening
	in_lan tests/integration/odd.py udp-send "$CLIENT_IP" 9000 0123456789abcdef 4000
	wait_for 5 has_line "$T/frag.udp" "^$LAN_IP 4000 "
	grep -q " $(printf '0123456789abcdef%.0s' $(seq 250) | sha256sum | cut -c 1-16)$" "$T/frag.udp"
	local reassembled
	reassembled=$(in_phone sed -n 's/^Ip: \([0-9].*\)/\1/p' /proc/net/snmp | awk '{print $15}')
	[ "$reassembled" -ge 1 ]
	client_stop
}

test_path_mtu_is_told_to_the_inside() {
	client_start pmtu
	local mtu
	mtu=$(sed -n 's/^INTERNAL_IP4_MTU=//p' "$T/pmtu.env")
	mtu=$(sessions 's[0]["mtu"]')
	in_lan ping -c 1 -W 2 -M do -s $((mtu - 28)) "$CLIENT_IP"
	in_lan ping -c 2 -i 0.3 -W 1 -M do -s $((mtu - 27)) "$CLIENT_IP" > "$T/pmtu.ping" || :
	grep -qE "mtu ?[=:] ?$mtu" "$T/pmtu.ping" || { cat "$T/pmtu.ping"; false; }
	client_stop
}

test_a_spoofed_source_is_dropped_and_counted() {
	client_start spoof
	in_phone ip addr add 10.10.1.99/32 dev oc0
	spawn "$T/spoof.udp" in_lan tests/integration/odd.py udp-receive 9001 1 10
	wait_for 5 has_line "$T/spoof.udp" listening
	in_phone tests/integration/odd.py udp-send $LAN_IP 9001 spoofed 50 10.10.1.99
	in_phone tests/integration/odd.py udp-send $LAN_IP 9001 spoofed 50 10.10.1.99
	in_phone tests/integration/odd.py udp-send $LAN_IP 9001 genuine 20 "$CLIENT_IP"
	wait_for 5 has_line "$T/spoof.udp" "^$CLIENT_IP 20 "
	sessions 's[0]["drops_rx"] >= 2'
	client_stop
}

# SIGUSR2 makes openconnect drop its connection and come back with its cookie.
test_reconnect_keeps_address_and_index() {
	client_start again
	local index
	index=$(sessions 's[0]["index"]')
	kill -USR2 "$CLIENT"
	log_has 15 'ASA-5-72203[24]: .*<CP-8841-SEP682C7B40B5CE>'
	wait_for 10 sessions "[x['state'] for x in s] == ['active']"
	same index "$index" "$(sessions 's[0]["index"]')"
	same address "$CLIENT_IP" "$(sessions 's[0]["assigned_ip"]')"
	wait_for 10 in_phone ping -c 1 -W 1 $LAN_IP
	client_stop
}

run_cases
