#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# SIGKILL of each process of the daemon, with two phones connected: one over DTLS, one over CSTP.
. "$(dirname "$0")/../lib.sh"
need_root
net_make
daemon_start

phone_start one $(cert mic-sha256-phone1) --dpd 2 --keepalive 2
ONE=$PHONE ONE_WORKER=$(workers)
phone_start two $(cert mic-sha256-phone2) --dpd 2 --keepalive 2 --no-dtls
TWO=$PHONE
IP1=$(sessions 's[0]["assigned_ip"]') IP2=$(sessions 's[1]["assigned_ip"]')

as_they_were() {
	sessions '[(x["state"], x["dtls_version"]) for x in s] == [("active", "DTLSv1.0"), ("active", None)]'
}

both_pass() {
	wait_for 10 in_lan ping -c 1 -W 1 "$IP1"
	wait_for 10 in_lan ping -c 1 -W 1 "$IP2"
	not gone $ONE
	not gone $TWO
}

test_certauth_is_started_again_and_sessions_go_on() {
	local old
	old=$(child certauth)
	both_pass
	kill -KILL "$old"
	wait_for 5 eval '[ -n "$(child certauth)" ] && [ "$(child certauth)" != '"$old"' ]'
	both_pass
	as_they_were
	# and the new one knows identity, CAs and groups
	wait_for 10 phone -q $(cert mic-sha256-phone3) --pin "$PIN" --require-dtls --ping $LAN_IP
	log_has 5 'certauth.*(killed|signal 9|died|ended)'
}

test_spawner_is_started_again_and_sessions_go_on() {
	local old
	old=$(child spawner)
	kill -KILL "$old"
	wait_for 5 eval '[ -n "$(child spawner)" ] && [ "$(child worker)" != '"$old"' ]'
	both_pass
	as_they_were
	wait_for 10 phone -q $(cert mic-sha256-phone3) --require-dtls --ping $LAN_IP
	both_pass
}

dtls_handshakes() { grep -c 'UDP SVC connection established' "$T/log"; }

forwarder_dies() {
	local old
	old=$(child forwarder)
	kill -KILL "$old"
	wait_for 5 eval '[ -n "$(child forwarder)" ] && [ "$(child forwarder)" != '"$old"' ]'
	wait_for 3 in_lan ping -c 1 -W 1 "$IP2"
	sessions '[x["state"] for x in s] == ["active", "active"]'
}

# Its successor goes on with the keys of before, above the numbers of before: a call hears a click.
test_forwarder_is_started_again_and_both_tunnels_go_on() {
	local before
	[[ $HOST_LINES != *fast_path* ]] || skip "workers have the keys"
	before=$(dtls_handshakes)
	for _ in 1 2 3; do
		both_pass
		forwarder_dies
		wait_for 3 in_lan ping -c 1 -W 0.2 "$IP1"
		as_they_were
	done
	in_lan ping -q -c 50 -i 0.02 -W 1 "$IP1" > "$T/ping"
	has_line "$T/ping" '50 packets transmitted, 50 received'
	same "DTLS handshakes" "$before" "$(dtls_handshakes)"
}

test_forwarder_is_started_again_cstp_goes_on_at_once_dtls_with_the_next_hello() {
	[[ $HOST_LINES == *fast_path* ]] || skip "the keys go on"
	forwarder_dies
	# the other one notices by its DPD that DTLS is dead, and begins again
	wait_for 30 as_they_were
	both_pass
	wait_for 10 phone -q $(cert mic-sha256-phone3) --require-dtls --channel both --ping $LAN_IP
}

test_a_worker_costs_its_session_alone() {
	local index
	index=$(sessions 's[0]["index"]')
	kill -KILL "$ONE_WORKER"
	wait_for 10 gone $ONE
	wait_for 5 sessions "not any(x['index'] == $index and x['state'] == 'active' for x in s)"
	in_lan ping -c 2 -i 0.2 -W 2 "$IP2"
	not gone $TWO
	phone $(cert mic-sha256-phone1) --require-dtls --ping $LAN_IP
}

test_all_children_at_once() {
	local pids
	phone_stop $TWO
	pids="$(child certauth) $(child spawner) $(child forwarder)"
	kill -KILL $pids
	wait_for 10 phone -q $(cert mic-sha256-phone3) --pin "$PIN" --require-dtls --channel both --ping $LAN_IP
}

test_the_identity_can_be_renewed_after_all_that() {
	cli crypto ca enroll asa-identity-cert noconfirm
	phone --require-dtls --ping $LAN_IP
	not phone -q --pin "$PIN" # it is another certificate
}

run_cases
