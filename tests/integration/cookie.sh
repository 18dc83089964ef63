#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a cookie is good for and how long, connections that replace each other, and TLS sessions, which are never resumed.
# deadline: 150
# slow
. "$(dirname "$0")/../lib.sh"
need_root
net_make
config_make
config_add <<'END'
logging console debugging
END
daemon_start

client() {
	in_phone env PYTHONDONTWRITEBYTECODE=1 timeout $((60 * SLACK)) tests/integration/cookie.py "$1" $GW_IP \
		"$CERTS/mic-sha256-phone$2.pem" "$CERTS/mic-sha256-phone$2.key" $LAN_IP
}

test_goodbye_ends_the_cookie_of_a_phone() { client bye_phone 1; }

test_anyconnect_may_come_back_within_15_s() {
	client bye_anyconnect_returns 2
	log_has 5 'ASA-4-722037: .*SVC closing connection: User requested'
	log_has 5 'ASA-5-722034: .*New TCP SVC connection, no existing connection'
}

test_anyconnect_that_stays_away_has_logged_off() {
	client bye_anyconnect_stays_away 3
	log_has 5 'ASA-4-113019: .*5D0.*Reason: User Requested'
}

test_an_empty_goodbye_means_back_soon() { client empty_bye_means_back_soon 4; }

test_a_new_connection_replaces_the_old_one_under_load() {
	client replaced 5
	log_has 5 'ASA-5-722032: .*New TCP SVC connection replacing old connection' 10
}

test_every_answer_is_a_record_of_its_own() { client mute_records 6; }

# A resumed session would carry no client certificate.
test_no_tls_session_is_resumed() {
	client resumption_12 7
	printf 'configure terminal\nssl server-version tlsv1.3\nend\n' > "$T/tls13"
	cli < "$T/tls13" > "$T/tls13.out"
	client resumption_13 7
	printf 'configure terminal\nno ssl server-version\nend\n' > "$T/tls13"
	cli < "$T/tls13" > "$T/tls13.out"
}

run_cases
