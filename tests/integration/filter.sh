#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vpn-filter: what an access list lets through a phone's tunnel, and what of it is counted.
. "$(dirname "$0")/../lib.sh"
need_root
net_make
in_gw nft list tables > /dev/null 2>&1 || { SKIP_ALL="no nftables"; skip_all; }
daemon_start

configure() {
	{
		echo "configure terminal"
		printf '%s\n' "$@"
		echo end
	} | cli
}

ip -n "$LAN" addr add 172.16.100.101/24 dev eth0
configure "access-list phones remark what phones may reach" "access-list phones extended permit icmp any host $LAN_IP" \
	"access-list phones extended permit tcp any host $LAN_IP eq 5060" "access-list phones extended deny ip any any" \
	"group-policy vpn-phone-policy attributes" "vpn-filter value phones"

# reaches_phone FROM IP: a packet from there goes into the tunnel (a phone answers none)
reaches_phone() {
	local before
	before=$(sessions '[x["packets_tx"] for x in s if x["state"] == "active"][0]')
	in_lan ping -c 1 -W 1 -I "$1" "$2" > /dev/null || :
	[ "$(sessions '[x["packets_tx"] for x in s if x["state"] == "active"][0]')" -gt "$before" ]
}

test_what_is_permitted_passes_and_the_rest_does_not() {
	phone --ping $LAN_IP --hold 0
	not phone --ping 172.16.100.101 --hold 0
	cli show access-list phones | tee "$T/out"
	grep -Eq '^access-list phones; 3 elements; name hash: 0x[0-9a-f]{8}$' "$T/out"
	grep -Eq '^access-list phones line 1 remark what phones may reach$' "$T/out"
	grep -Eq "^access-list phones line 2 extended permit icmp any host $LAN_IP \(hitcnt=[1-9][0-9]*\) 0x" "$T/out"
	grep -Eq '^access-list phones line 3 extended permit tcp .* eq (5060|sip) \(hitcnt=0\)' "$T/out"
	grep -Eq '^access-list phones line 4 extended deny ip any any \(hitcnt=[1-9]' "$T/out"
}

# Through the tunnel, the host itself is no more open than the inside is.
test_the_gateway_itself_is_behind_the_filter() {
	local ip
	not phone --ping $INSIDE_IP --hold 0
	phone_start held --cert "$CERTS/lsc-phone1.pem" --key "$CERTS/lsc-phone1.key"
	ip=$(sessions '[x["assigned_ip"] for x in s if x["state"] == "active"][0]')
	not in_gw ping -c 1 -W 1 "$ip"
	phone_stop "$PHONE"
	configure "access-list phones line 2 extended permit icmp any host $INSIDE_IP"
	phone --ping $INSIDE_IP --hold 0
	configure "no access-list phones extended permit icmp any host $INSIDE_IP"
}

test_the_inside_reaches_a_phone_only_as_permitted() {
	local ip
	phone_start held --cert "$CERTS/lsc-phone1.pem" --key "$CERTS/lsc-phone1.key"
	ip=$(sessions '[x["assigned_ip"] for x in s if x["state"] == "active"][0]')
	reaches_phone $LAN_IP "$ip"
	not reaches_phone 172.16.100.101 "$ip"
	phone_stop "$PHONE"
}

test_a_change_of_the_list_acts_on_sessions_that_have_it() {
	local ip
	phone_start held --cert "$CERTS/lsc-phone1.pem" --key "$CERTS/lsc-phone1.key"
	ip=$(sessions '[x["assigned_ip"] for x in s if x["state"] == "active"][0]')
	configure "access-list phones line 2 extended permit icmp any host 172.16.100.101"
	reaches_phone 172.16.100.101 "$ip"
	configure "no access-list phones extended permit icmp any host 172.16.100.101"
	not reaches_phone 172.16.100.101 "$ip"
	phone_stop "$PHONE"
}

test_objects_ports_and_groups() {
	local name
	configure "object network lan" "subnet 172.16.100.0 255.255.255.128" "object-group network servers" "network-object object lan" \
		"network-object host 10.99.0.1" "object-group service voice udp" "port-object eq sip" "port-object range 16384 32767" \
		"access-list all extended permit udp any object-group servers object-group voice" \
		"access-list all extended permit icmp any object lan echo" \
		"access-list all extended permit tcp any range 1024 65535 172.16.100.0 255.255.255.0 neq 22" \
		"access-list all standard-is-no-word" "group-policy vpn-phone-policy attributes" "vpn-filter value all" > "$T/out" || :
	phone --ping 172.16.100.101 --hold 0
	in_gw nft list table inet offhook_offhook0 > "$T/nft"
	grep -q 'udp dport { 5060, 16384-32767 }' "$T/nft"
	grep -q '172.16.100.0/25' "$T/nft"
	grep -q 'tcp dport != 22' "$T/nft"
	configure "group-policy vpn-phone-policy attributes" "vpn-filter value phones"
	not phone --ping 172.16.100.101 --hold 0 # of the same address, while the kernel knows that flow
}

test_a_rule_that_cannot_be_expressed_refuses_the_session() {
	configure "access-list odd extended permit ip interface outside any" "group-policy vpn-phone-policy attributes" "vpn-filter value odd" > "$T/out"
	not phone --hold 0
	log_has 5 'access-list odd cannot be a vpn-filter here: "extended permit ip interface outside any"'
	configure "group-policy vpn-phone-policy attributes" "vpn-filter value phones"
	phone --hold 0
}

test_nothing_is_left_of_a_session_that_ended_nor_of_the_daemon() {
	cli write memory > "$T/out" # for the next case
	cli vpn-sessiondb logoff all noconfirm > "$T/out"
	wait_for 5 session_count_is 0
	in_gw nft list map inet offhook_offhook0 from | not grep -q elements
	daemon_stop
	in_gw nft list tables | not grep -q offhook
}

test_what_a_killed_daemon_leaves_goes_when_it_starts_again() {
	daemon_run ip netns exec "$GW"
	phone_start held
	in_gw nft list map inet offhook_offhook0 from | grep -q elements
	kill -KILL "$DAEMON"
	ended "$DAEMON" 5 || :
	wait_for 5 gone "$PHONE" || phone_stop "$PHONE" || :
	in_gw nft list map inet offhook_offhook0 from | grep -q elements
	daemon_run ip netns exec "$GW"
	in_gw nft list map inet offhook_offhook0 from | not grep -q elements
	phone --ping $LAN_IP --hold 0
	not phone --ping 172.16.100.101 --hold 0
	daemon_stop
	in_gw nft list tables | not grep -q offhook
}

run_cases
