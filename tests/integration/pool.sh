#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A pool of two addresses and three phones.
. "$(dirname "$0")/../lib.sh"
need_root
net_make
config_make
sed -i 's/10.10.1.1-10.10.1.254/10.10.1.1-10.10.1.2/' "$T/startup-config"
daemon_start

test_the_third_phone_is_refused_with_a_reason_and_served_after_one_leaves() {
	local one two status=0
	phone_start one $(cert mic-sha256-phone1)
	one=$PHONE
	phone_start two $(cert mic-sha256-phone2)
	two=$PHONE
	phone -j -e $(cert mic-sha256-phone3) > "$T/three" || status=$?
	same "exit status (connect)" 8 $status
	grep -q '503' "$T/three"
	grep -q 'No address available for SVC connection' "$T/three"
	log_has 5 "ASA-5-737007: IPAA: Session=0x[0-9a-f]{8}, Local pool request failed for tunnel-group 'vpn-phone-group'"
	log_has 5 'ASA-4-737019: IPAA: Session=0x[0-9a-f]{8}, Unable to get address from group-policy or tunnel-group local pools'
	log_has 5 'ASA-4-737012: IPAA: Session=0x[0-9a-f]{8}, Address assignment failed'
	log_has 5 'ASA-3-722020: TunnelGroup <vpn-phone-group> GroupPolicy <vpn-phone-policy> User <CP-8841-SEP[0-9A-F]{12}> IP <172.16.1.10> No address available for SVC connection'
	session_count_is 2
	phone_stop "$one"
	wait_for 5 session_count_is 1
	phone $(cert mic-sha256-phone3) --require-dtls --ping $LAN_IP
	in_lan ping -c 1 -W 2 "$(sessions 's[0]["assigned_ip"]')"
	phone_stop "$two"
}

test_the_refused_phones_cookie_works_later() {
	local one two status=0
	phone_start one $(cert mic-sha256-phone1)
	one=$PHONE
	phone_start two $(cert mic-sha256-phone2)
	two=$PHONE
	phone -q $(cert mic-sha256-phone3) --cookie "$T/cookie" || status=$?
	same "exit status (connect)" 8 $status
	phone_stop "$two"
	wait_for 5 session_count_is 1
	phone $(cert mic-sha256-phone3) --resume "$T/cookie" --ping $LAN_IP
	phone_stop "$one"
}

run_cases
