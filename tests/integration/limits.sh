#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How many, when, and again: simultaneous logins, access hours, the limit of all, a phone that comes back.
. "$(dirname "$0")/../lib.sh"
need_root
net_make
daemon_start

configure() {
	{
		echo "configure terminal"
		printf '%s\n' "$@"
		echo end
	} | cli
}
policy() { configure "group-policy vpn-phone-policy attributes" "$@"; }
USER1=CP-8861-SEP74A02FC0A301
one() { echo --cert "$CERTS/lsc-phone1.pem" --key "$CERTS/lsc-phone1.key"; }
count_is() { sessions "len([x for x in s if x['username'] == '$USER1']) == $1"; }

test_one_login_takes_the_place_of_the_other() {
	policy "vpn-simultaneous-logins 1"
	phone_start first $(one)
	first=$PHONE
	phone_start second $(one)
	wait_for 5 gone "$first"
	wait_for 5 count_is 1
	log_has 5 "113019: .*Username = $USER1, .*Reason: Connection preempted"
	phone_stop "$PHONE"
	wait_for 5 session_count_is 0
}

test_the_longest_idle_goes_for_a_third_even_if_it_is_not_the_oldest() {
	policy "vpn-simultaneous-logins 2"
	phone_start first $(one)
	first=$PHONE
	phone_start second $(one)
	second=$PHONE
	count_is 2
	in_lan ping -c 1 -W 2 "$(sed -n 's/.*"address":"\([0-9.]*\)".*/\1/p' "$T/first.phone" | head -n 1)"
	phone_start third $(one)
	third=$PHONE
	wait_for 5 gone "$second"
	not gone "$first"
	phone_stop "$first"
	phone_stop "$third"
	wait_for 5 session_count_is 0
}

test_two_may_be_there_and_the_oldest_goes_for_a_third() {
	policy "vpn-simultaneous-logins 2"
	phone_start first $(one)
	first=$PHONE
	phone_start second $(one)
	second=$PHONE
	count_is 2
	phone_start third $(one)
	third=$PHONE
	wait_for 5 gone "$first"
	wait_for 5 count_is 2
	phone_stop "$second"
	phone_stop "$third"
	wait_for 5 session_count_is 0
}

test_none_may_come() {
	policy "vpn-simultaneous-logins 0"
	not phone $(one) --hold 0
	log_has 5 "113038: Group <vpn-phone-policy> User <$USER1> IP <172.16.1.10> Unable to create AnyConnect parent session."
	policy "no vpn-simultaneous-logins"
	phone $(one) --hold 0
}

test_access_hours() {
	local day
	day=$(LC_ALL=C date +%A)
	configure "time-range now" " periodic $day 0:00 to 23:59" "time-range past" \
		" absolute end 10:00 1 January 2020"
	policy "vpn-access-hours value now"
	phone $(one) --hold 0
	policy "vpn-access-hours value past"
	not phone $(one) --hold 0
	log_has 5 "user $USER1 may not connect now: vpn-access-hours past of group policy vpn-phone-policy"
	policy "no vpn-access-hours"
}

test_a_phone_that_lost_its_connection_and_logs_in_anew_has_its_address() {
	local address
	phone_start lost $(one) --bye abrupt
	address=$(sessions 's[0]["assigned_ip"]')
	phone_stop "$PHONE"
	wait_for 5 sessions 's[0]["state"] == "waiting"'
	phone_start again $(one)
	count_is 1
	same "address" "$address" "$(sessions 's[0]["assigned_ip"]')"
	phone_stop "$PHONE"
	wait_for 5 session_count_is 0
	phone --hold 0 # somebody else in between
	phone_start later $(one)
	same "address" "$address" "$(sessions 's[0]["assigned_ip"]')"
	phone_stop "$PHONE"
}

test_a_limit_of_all_is_kept_and_who_waits_makes_room() {
	configure "vpn-sessiondb max-anyconnect-premium-or-essentials-limit 2"
	phone_start first $(one)
	first=$PHONE
	phone_start second
	second=$PHONE
	not phone --cert "$CERTS/lsc-phone2.pem" --key "$CERTS/lsc-phone2.key" --hold 0
	log_has 5 '113029: Group <vpn-phone-policy> User <CP-.*> IP <172.16.1.10> Session could not be established: session limit of 2 reached.'
	kill -KILL "$first"
	wait_for 5 sessions 'any(x["state"] == "waiting" for x in s)'
	phone --cert "$CERTS/lsc-phone2.pem" --key "$CERTS/lsc-phone2.key" --hold 0
	log_has 5 "716060: Group <vpn-phone-group> User <$USER1> .*License limit reached"
	phone_stop "$second"
	configure "no vpn-sessiondb max-anyconnect-premium-or-essentials-limit 2"
}

test_a_removed_group_policy_voids_its_cookies() {
	configure "group-policy passing internal" "group-policy passing attributes" "vpn-tunnel-protocol ssl-client" \
		"tunnel-group vpn-phone-group general-attributes" "default-group-policy passing"
	phone $(one) --cookie "$T/cookie" --bye abrupt --hold 0
	wait_for 5 sessions 's[0]["state"] == "waiting"'
	configure "tunnel-group vpn-phone-group general-attributes" "default-group-policy vpn-phone-policy" exit "no group-policy passing"
	not phone $(one) --resume "$T/cookie" --hold 0
	wait_for 5 session_count_is 0
}

test_a_removed_tunnel_group_voids_its_cookies() {
	phone $(one) --cookie "$T/cookie" --bye abrupt --hold 0
	wait_for 5 sessions 's[0]["state"] == "waiting"'
	configure "tunnel-group other type remote-access" "tunnel-group other general-attributes" "address-pool vpn-phone-pool" exit \
		"tunnel-group other webvpn-attributes" "authentication certificate" exit "no tunnel-group vpn-phone-group"
	not phone $(one) --resume "$T/cookie" --hold 0
	wait_for 5 session_count_is 0
}

run_cases
