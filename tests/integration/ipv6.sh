#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# IPv6: clients that reach the gateway by it, and those that have an address of it in the tunnel.
. "$(dirname "$0")/../lib.sh"
need_root
GW_IP6=fd17:1::250 PH_IP6=fd17:1::10 INSIDE_IP6=fd17:100::250 LAN_IP6=fd17:100::100

# ipv6_link NAMESPACE DEVICE ADDRESS
ipv6_link() {
	ip netns exec "$1" sysctl -qw "net.ipv6.conf.$2.disable_ipv6=0" && ip -n "$1" -6 addr add "$3" dev "$2" nodad
}

net_make
in_gw sysctl -qw net.ipv6.conf.default.disable_ipv6=0 2>/dev/null || :
in_phone sysctl -qw net.ipv6.conf.default.disable_ipv6=0 2>/dev/null || :
ipv6_link "$GW" outside0 $GW_IP6/64 2>/dev/null && ipv6_link "$PH" eth0 $PH_IP6/64 ||
	{ SKIP_ALL="no IPv6 here"; skip_all; }
ipv6_link "$GW" inside0 $INSIDE_IP6/64
ipv6_link "$LAN" eth0 $LAN_IP6/64
in_gw sysctl -qw net.ipv6.conf.all.forwarding=1
ip -n "$LAN" -6 route add fd17:10::/64 via $INSIDE_IP6
config_make
sed -i "s|^ ip address 172.16.1.250 .*|&\n ipv6 address $GW_IP6/64|" "$T/startup-config"
sed -i "s|^ group-url https://172.16.1.250/phone enable|&\n group-url https://[FD17:1:0::250]/phone enable|" "$T/startup-config"
config_add <<'END'
ipv6 local pool six fd17:10::10/64 100
group-policy vpn-phone-policy attributes
 ipv6-address-pools value six
 wins-server value 172.16.100.7 172.16.100.8
 split-dns value corp.example lab.example
 split-tunnel-all-dns enable
 client-bypass-protocol enable
 banner value 100% of the
 banner value lab
END
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
	OC_URL="https://[$GW_IP6]/phone" client_start oc6
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

# Inside the tunnel.
cat > "$T/script" <<'END'
#!/bin/sh
case $reason in
connect)
	ip link set dev "$TUNDEV" up mtu "$INTERNAL_IP4_MTU"
	ip addr add "$INTERNAL_IP4_ADDRESS/32" dev "$TUNDEV"
	ip route add 172.16.100.0/24 dev "$TUNDEV"
	ip -6 addr add "${INTERNAL_IP6_NETMASK%/*}/128" dev "$TUNDEV" nodad
	ip -6 route add fd17:100::/64 dev "$TUNDEV"
	env | grep -E '^(INTERNAL|CISCO|X-|reason|VPN)' > "$SCRIPT_OUT"
	;;
esac
END

test_a_client_gets_an_address_of_both_families() {
	client_start both
	grep -x 'INTERNAL_IP6_NETMASK=fd17:10::10/64' "$T/both.env"
	[[ $CLIENT_IP == 10.10.1.* ]]
	cli show vpn-sessiondb anyconnect > "$T/shown"
	grep -x 'Assigned IPv6: fd17:10::10' "$T/shown"
	sessions "s[0]['assigned_ipv6'] == 'fd17:10::10'"
	log_has 5 "%ASA-6-722051: .* IPv4 Address <$CLIENT_IP> IPv6 address <fd17:10::10> assigned to session"
	log_has 5 '%ASA-6-737026: IPAA: Session=0x[0-9a-f]*, Client assigned fd17:10::10 from local pool six'
	client_stop
	log_has 5 '%ASA-6-737016: IPAA: Session=0x[0-9a-f]*, Freeing local pool six address fd17:10::10'
}

test_data_of_both_families_over_dtls_and_tls() {
	local option
	for option in "" --no-dtls; do
		client_start data $option
		in_client ping -6 -c 3 -i 0.2 -W 2 $LAN_IP6
		in_lan ping -6 -c 3 -i 0.2 -W 2 fd17:10::10
		transfer_both_ways data 4
		LAN_IP=$LAN_IP6 transfer_both_ways data 4
		client_stop
	done
}

test_a_spoofed_ipv6_source_is_dropped() {
	local drops
	client_start spoof
	ip -n "$PH" -6 addr add fd17:10::66/128 dev oc0 nodad
	not in_client ping -6 -I fd17:10::66 -c 2 -i 0.2 -W 1 $LAN_IP6
	drops=$(sessions "s[0]['drops_rx']")
	[ "$drops" -ge 2 ]
	in_client ping -6 -I fd17:10::10 -c 1 -W 2 $LAN_IP6
	client_stop
}

test_packets_that_are_too_big_are_said_so() {
	client_start big
	local mtu
	mtu=$(sed -n 's/^INTERNAL_IP4_MTU=//p' "$T/big.env")
	not in_lan ping -6 -c 2 -i 0.2 -W 1 -M do -s 1452 fd17:10::10 # learns the MTU
	in_lan ip -6 route get fd17:10::10 | grep "mtu $mtu"
	in_lan ping -6 -c 1 -W 2 -s 1452 fd17:10::10 # in fragments now
	client_stop
}

test_what_the_client_is_told() {
	client_start told
	grep -x 'INTERNAL_IP4_NBNS=172.16.100.7 172.16.100.8' "$T/told.env"
	grep -xE 'CISCO_SPLIT_DNS=(lab.example,corp.example|corp.example,lab.example)' "$T/told.env"
	grep -x 'X-CSTP-Banner=100%25 of the%0Alab' "$T/told.env"
	grep -x 'CISCO_BANNER=100% of the' "$T/told.env"
	client_stop
}

test_a_phone_is_told_nothing_of_it() {
	phone -j -e --hold 0 > "$T/plain"
	not grep -iE 'ip6|banner|split' "$T/plain"
	phone --strict --ping $LAN_IP
}

test_a_client_that_cannot_gets_ipv4_only() {
	client_start four --disable-ipv6
	not grep -q INTERNAL_IP6 "$T/four.env"
	sessions "s[0]['assigned_ipv6'] is None"
	client_stop
}

test_an_empty_ipv6_pool_leaves_ipv4() {
	configure "ipv6 local pool none-left fd17:11::1/64 1" "group-policy vpn-phone-policy attributes" "ipv6-address-pools value none-left"
	client_start first
	grep -x 'INTERNAL_IP6_NETMASK=fd17:11::1/64' "$T/first.env"
	local first=$CLIENT
	ip -n "$PH" link set oc0 name oc1
	OC_LOGIN=(-c "$CERTS/mic-sha256-phone2.pem" -k "$CERTS/mic-sha256-phone2.key")
	client_start second
	not grep -q INTERNAL_IP6 "$T/second.env"
	log_has 5 '%ASA-4-722041: TunnelGroup <vpn-phone-group> GroupPolicy <vpn-phone-policy> User <[^>]*> IP <172.16.1.10> No IPv6 address available for SVC connection'
	kill -TERM "$first"
	client_stop
	configure "group-policy vpn-phone-policy attributes" "ipv6-address-pools value six"
}

test_a_vpn_filter_holds_for_ipv6() {
	configure "access-list f6 extended permit icmp6 any6 host $LAN_IP6 echo" "access-list f6 extended permit ip any4 any4" 		"group-policy vpn-phone-policy attributes" "vpn-filter value f6"
	client_start filtered
	in_client ping -6 -c 1 -W 2 $LAN_IP6
	not in_lan ping -6 -c 1 -W 1 fd17:10::10
	in_client ping -c 1 -W 2 $LAN_IP
	client_stop
	configure "group-policy vpn-phone-policy attributes" "no vpn-filter"
}

run_cases
