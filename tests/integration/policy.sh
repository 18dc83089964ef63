#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Who lands where, with what: certificate maps, user records, inheritance, split networks.
. "$(dirname "$0")/../lib.sh"
need_root
net_make
config_make
config_add <<'END'
ip local pool second-pool 10.10.2.1-10.10.2.9 mask 255.255.255.0
group-policy second internal
group-policy second attributes
 vpn-tunnel-protocol ssl-client
 dns-server value 172.16.100.53
tunnel-group second-group type remote-access
tunnel-group second-group general-attributes
 address-pool second-pool
 default-group-policy second
tunnel-group second-group webvpn-attributes
 authentication certificate
 group-url https://asav.sckiewer.lab/second enable
END
daemon_start
ip -n "$LAN" route add 10.10.7.0/24 via $INSIDE_IP

configure() {
	{
		echo "configure terminal"
		printf '%s\n' "$@"
		echo end
	} | cli
}

USER1=CP-8861-SEP74A02FC0A301 # of lsc-phone1
login() { phone --cert "$CERTS/lsc-phone1.pem" --key "$CERTS/lsc-phone1.key" -j --hold 0 "$@"; }
held() { phone_start held --cert "$CERTS/lsc-phone1.pem" --key "$CERTS/lsc-phone1.key" "$@"; }
session() { sessions "s[0]['$1']"; }

test_a_certificate_map_beats_the_group_url() {
	configure "crypto ca certificate map phones 10" "subject-name attr cn co CP-8861" \
		"webvpn" "certificate-group-map phones 10 second-group" | tee "$T/out"
	grep -q 'INFO: If a certificate map is configured ASA  will ask all users loading the logon page for a client certificate.' "$T/out"
	held
	same "tunnel-group" second-group "$(session tunnel_group)"
	same "group-policy" second "$(session group_policy)"
	[[ $(session assigned_ip) == 10.10.2.* ]]
	phone_stop "$PHONE"
	log_has 5 'CN-NEVER' 0
	phone --hold 0 # another kind of phone: no map fits, its URL counts
	log_has 5 '717037: Tunnel group search using certificate maps failed for peer certificate'
}

test_unless_the_group_url_is_preferred() {
	configure webvpn "tunnel-group-preference group-url"
	held
	same "tunnel-group" vpn-phone-group "$(session tunnel_group)"
	phone_stop "$PHONE"
	configure webvpn "no tunnel-group-preference group-url" "no certificate-group-map phones 10 second-group"
	configure "no crypto ca certificate map phones 10"
	held
	same "tunnel-group" vpn-phone-group "$(session tunnel_group)"
	phone_stop "$PHONE"
}

test_a_users_own_record_counts_when_the_group_authorizes_locally() {
	configure "username $USER1 nopassword" "username $USER1 attributes" "vpn-group-policy second" \
		"vpn-framed-ip-address 10.10.7.7 255.255.255.0"
	held # not asked for: nothing changes
	same "group-policy" vpn-phone-policy "$(session group_policy)"
	phone_stop "$PHONE"
	configure "tunnel-group vpn-phone-group general-attributes" "authorization-server-group LOCAL"
	held --ping $LAN_IP
	same "group-policy" second "$(session group_policy)"
	same "address" 10.10.7.7 "$(session assigned_ip)"
	phone_stop "$PHONE"
	log_has 5 "113003: AAA group policy for user $USER1 is being set to second"
}

test_one_address_serves_one_session() {
	held
	same "address" 10.10.7.7 "$(session assigned_ip)"
	login > "$T/out"
	log_has 5 '737033: IPAA: .*10.10.7.7'
	phone_stop "$PHONE"
}

test_a_user_without_a_record_is_refused_where_one_is_required() {
	phone --hold 0
	configure "tunnel-group vpn-phone-group general-attributes" "authorization-required"
	not phone --hold 0
	log_has 5 '113015: AAA user authentication Rejected : reason = User was not found'
	login > "$T/out"
	configure "tunnel-group vpn-phone-group general-attributes" "no authorization-required"
}

test_a_group_lock_refuses_other_groups() {
	configure "username $USER1 attributes" "group-lock value second-group"
	not login
	log_has 5 "113040: Group <second> User <$USER1> .*from vpn-phone-group. Reason: This connection is group locked to second-group"
	configure "username $USER1 attributes" "group-lock value vpn-phone-group"
	login > "$T/out"
	configure "no username $USER1" "tunnel-group vpn-phone-group general-attributes" "no authorization-server-group"
}

test_what_a_group_leaves_open_is_inherited() {
	configure "tunnel-group vpn-phone-group general-attributes" "no address-pool vpn-phone-pool" "exit" \
		"tunnel-group DefaultWEBVPNGroup general-attributes" "address-pool second-pool"
	held
	[[ $(session assigned_ip) == 10.10.2.* ]]
	phone_stop "$PHONE"
	configure "group-policy DfltGrpPolicy attributes" "address-pools value vpn-phone-pool" # a group-policy's pools come first
	held
	[[ $(session assigned_ip) == 10.10.1.* ]]
	phone_stop "$PHONE"
	configure "group-policy vpn-phone-policy attributes" "address-pools none"
	held
	[[ $(session assigned_ip) == 10.10.2.* ]]
	phone_stop "$PHONE"
	cli show running-config all tunnel-group vpn-phone-group | grep -q 'address-pool second-pool'
	configure "group-policy vpn-phone-policy attributes" "no address-pools" exit "group-policy DfltGrpPolicy attributes" "no address-pools" \
		exit "tunnel-group vpn-phone-group general-attributes" "address-pool vpn-phone-pool" exit \
		"tunnel-group DefaultWEBVPNGroup general-attributes" "no address-pool second-pool"
}

test_split_networks_go_to_openconnect_and_to_no_phone() {
	local spki
	type openconnect > /dev/null 2>&1 || skip "no openconnect"
	spki=$(openssl x509 -in "$T/gateway.pem" -noout -pubkey | openssl pkey -pubin -outform DER | openssl dgst -sha256 -binary | base64)
	configure "access-list inner standard permit 172.16.100.0 255.255.255.0" "access-list inner remark not a network" \
		"access-list inner standard permit host 10.99.0.1" "group-policy vpn-phone-policy attributes" \
		"split-tunnel-policy tunnelspecified" "split-tunnel-network-list value inner"
	printf '#!/bin/sh\nenv | grep ^CISCO_SPLIT > "%s"\n' "$T/split" > "$T/script"
	chmod +x "$T/script"
	spawn "$T/oc" in_phone openconnect --protocol=anyconnect --non-inter --no-dtls -c "$CERTS/mic-sha256-phone1.pem" \
		-k "$CERTS/mic-sha256-phone1.key" --servercert "pin-sha256:$spki" --script "$T/script" --interface oc0 "https://$GW_IP/phone"
	wait_for 10 eval 'test -s "$T/split" && has_line "$T/split" CISCO_SPLIT'
	end_pids $SPAWNED
	grep -q 'CISCO_SPLIT_INC=2' "$T/split"
	# openconnect has them in the reverse order
	same "networks" "10.99.0.1/32 172.16.100.0/24 " "$(for i in 0 1; do
		printf '%s/%s ' "$(sed -n "s/^CISCO_SPLIT_INC_${i}_ADDR=//p" "$T/split")" "$(sed -n "s/^CISCO_SPLIT_INC_${i}_MASKLEN=//p" "$T/split")"
	done)"
	phone --strict --hold 0 # a header that a phone should not get would fail
	configure "group-policy vpn-phone-policy attributes" "split-tunnel-policy tunnelall" "no split-tunnel-network-list"
}

run_cases
