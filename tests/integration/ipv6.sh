#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# IPv6: clients that reach the gateway by it.
. "$(dirname "$0")/../lib.sh"
need_root
GW_IP6=fd17:1::250 PH_IP6=fd17:1::10

# ipv6_link NAMESPACE DEVICE ADDRESS
ipv6_link() {
	ip netns exec "$1" sysctl -qw "net.ipv6.conf.$2.disable_ipv6=0" && ip -n "$1" -6 addr add "$3" dev "$2" nodad
}

net_make
ipv6_link "$GW" outside0 $GW_IP6/64 2>/dev/null && ipv6_link "$PH" eth0 $PH_IP6/64 ||
	{ SKIP_ALL="no IPv6 here"; skip_all; }
config_make
sed -i "s|^ ip address 172.16.1.250 .*|&\n ipv6 address $GW_IP6/64|" "$T/startup-config"
sed -i "s|^ group-url https://172.16.1.250/phone enable|&\n group-url https://[FD17:1:0::250]/phone enable|" "$T/startup-config"
daemon_start
. tests/openconnect.sh

configure() { printf '%s\n' "configure terminal" "$@" end | cli; }

phone6() {
	in_phone "$BUILD/phone" -c "[$GW_IP6]:443" $(cert mic-sha256-phone1) "$@" "$URL"
}

test_the_ready_line_names_both_addresses() {
	grep -q "172.16.1.250" "$T/ready.json"
	grep -q "$GW_IP6" "$T/ready.json"
}

test_phones_connect_over_ipv6_with_dtls() {
	phone6 --require-dtls --ping $LAN_IP --dpd-check
	phone6 -m 7962 $(cert mic-sha1-phone1) --require-dtls --ping $LAN_IP
}

test_the_session_shows_the_ipv6_peer() {
	spawn "$T/shown.phone" in_phone "$BUILD/phone" -c "[$GW_IP6]:443" $(cert mic-sha256-phone1) -j -e -H -1 "$URL"
	phone_event shown hold 15
	cli show vpn-sessiondb anyconnect > "$T/shown"
	grep -E "Public IP +: $PH_IP6" "$T/shown"
	log_has 5 "%ASA-6-722051: Group <vpn-phone-policy> User <[^>]*> IP <$PH_IP6> IPv4 Address <10.10.1.[0-9]+> IPv6 address <::> assigned to session"
	phone_stop "$SPAWNED"
	wait_for 5 session_count_is 0
}

test_ipv4_and_ipv6_beside_each_other() {
	spawn "$T/six.phone" in_phone "$BUILD/phone" -c "[$GW_IP6]:443" $(cert mic-sha256-phone1) -j -e -H -1 "$URL"
	local six=$SPAWNED
	phone_event six hold 15
	phone $(cert mic-sha256-phone2) --require-dtls --ping $LAN_IP
	phone_stop "$six"
	wait_for 5 session_count_is 0
}

test_openconnect_over_ipv6() {
	GW_IP="[$GW_IP6]" client_start oc6
	in_client ping -c 3 -i 0.2 -W 2 $LAN_IP
	transfer_both_ways oc6 4
	client_stop
}

test_removing_the_ipv6_address_closes_only_that_listener() {
	configure "interface GigabitEthernet0/0" "no ipv6 address $GW_IP6/64"
	not in_phone curl -sk -m 5 "https://[$GW_IP6]/" -o /dev/null
	phone --ping $LAN_IP
	configure "interface GigabitEthernet0/0" "ipv6 address $GW_IP6/64"
	phone6 --ping $LAN_IP
}

run_cases
