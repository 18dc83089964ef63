#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# slow
# Workers that turn on the gateway (tests/rogue/rogue.c takes the place of
# offhook-worker). Each time that worker alone is ended, or has no effect.
. "$(dirname "$0")/../lib.sh"
need_root
net_make
config_make
config_add <<'END'
crypto ca trustpoint other-cert
 enrollment self
 subject-name CN=other
tunnel-group rogue-group type remote-access
tunnel-group rogue-group general-attributes
 address-pool vpn-phone-pool
 default-group-policy vpn-phone-policy
tunnel-group rogue-group webvpn-attributes
 authentication certificate
 group-url https://asav.sckiewer.lab/rogue enable
END
certs_make
mkdir "$T/bin"
cp "$BUILD"/offhookd "$BUILD"/offhook-certauth "$BUILD"/offhook-forwarder "$BUILD"/rogue/offhook-worker "$T/bin"
ln -s "$BUILD"/phone "$BUILD"/offhook "$T/bin" # what looks for nothing beside itself
BUILD=$T/bin
daemon_start
cli crypto ca enroll other-cert noconfirm > /dev/null

# A phone beside them, and a session for those that need one.
phone_start beside --require-dtls
BESIDE=$PHONE BESIDE_WORKER=$(workers)
BESIDE_IP=$(sessions 's[0]["assigned_ip"]')
phone -q $(cert mic-sha256-phone2) --bye empty --cookie "$T/cookie" || exit 1
wait_for 5 sessions 's[1]["state"] == "waiting"' || exit 1
PROCESSES="$DAEMON $(child certauth) $(child forwarder)"

# rogue_start CASE WORD: in the background, until its worker says WORD.
rogue_start() {
	spawn "$T/$1.said" in_phone bash -c 'exec 3<> "/dev/tcp/$1/443" && echo "R $2 $3" >&3 && exec cat <&3' \
		- $GW_IP "$1" "$(cat "$T/cookie")"
	wait_for 5 has_line "$T/$1.said" "$2"
}

# rogue CASE: what its worker says until the connection is closed; 124: it stays.
rogue() {
	in_phone timeout $((20 * SLACK)) bash -c \
		'exec 3<> "/dev/tcp/$1/443" && echo "R $2 $3" >&3 && cat <&3' - $GW_IP "$1" "$(cat "$T/cookie")"
}

others_do_not_care() {
	wait_for 5 eval '[ "$(workers)" = '"$BESIDE_WORKER"' ]'
	same processes "$PROCESSES" "$DAEMON $(child certauth) $(child forwarder)"
	not gone $BESIDE
	in_lan ping -c 1 -W 2 "$BESIDE_IP" > "$T/ping"
	sessions 's[0]["state"] == "active" and s[0]["dtls_version"] == "DTLSv1.0"'
}

# named_once MARK REGEX: since line MARK the log names the worker once, so.
named_once() {
	wait_for 5 eval 'tail -n +'$(($1 + 1))' "$T/log" | grep -qE "worker of $PH_IP port [0-9]+ '"$2"'$"'
	same "lines about the worker" 1 "$(tail -n +$(($1 + 1)) "$T/log" | grep -cE 'worker of|breaks the protocol')"
}

# ends REGEX CASE...: the gateway ends each.
ends() {
	local regex=$1 name mark
	shift
	for name; do
		echo "case $name" >&2
		mark=$(wc -l < "$T/log")
		rogue "$name" > "$T/said"
		same "its last words" "" "$(cat "$T/said")"
		named_once "$mark" "$regex"
		others_do_not_care
	done
}

# futile CASE...: each is over without an effect.
futile() {
	local name mark
	for name; do
		echo "case $name" >&2
		mark=$(wc -l < "$T/log")
		same answer "done" "$(rogue "$name")"
		others_do_not_care
		same "lines about the worker" 0 "$(tail -n +$((mark + 1)) "$T/log" | grep -cE 'worker of|breaks the protocol|113019')"
	done
}

test_messages_that_are_none() {
	ends 'breaks the protocol and is ended' unknown_id no_such_id one_byte truncated trailing long_text length_beyond_end huge
}

test_messages_of_others_or_out_of_order() {
	ends 'breaks the protocol and is ended' forged_verdict bind_before_grant end_before_grant ask_after_grant
}

test_descriptors_are_not_taken() {
	ends 'breaks the protocol and is ended' descriptor_to_main
	ends 'is ended: it breaks the protocol towards certauth' descriptor_to_certauth
	not grep -q 'a rogue was here' "$T/log"
}

test_suites_that_do_not_exist() {
	ends 'is ended: a TLS suite that does not exist' no_such_tls_suite no_such_tls_version
	ends 'is ended: a DTLS suite that does not exist' no_such_dtls_suite
	sessions '[x["state"] for x in s] == ["active", "waiting"]'
}

test_floods() {
	ends 'is ended: too many messages' log_flood guess_flood tunnel_messages
	[ "$(log_count '725006: Device failed')" -le 200 ]
}

test_what_only_main_may_say_and_guesses_have_no_effect() {
	futile log_of_main guessed_cookie deaf bind_twice end_for_the_administrator
	sessions '[x["state"] for x in s] == ["active", "waiting"]'
}

# without its channel nobody could tell it to end
test_a_worker_that_leaves_its_channel_is_ended() {
	for name in empty main_closed; do
		same "its last words" "" "$(rogue $name)"
		others_do_not_care
	done
}

test_a_crash_is_logged_once() {
	local before
	before=$(log_count 'a worker died of signal 4')
	rogue crash
	log_has 5 'a worker died of signal 4' $((before + 1))
	others_do_not_care
	same "lines" $((before + 1)) "$(log_count 'a worker died of signal 4')"
}

test_keys() {
	ends 'is ended: it breaks the protocol towards certauth' key_of_others key_of_nobody key_twice key_long
	futile key_sign_nothing key_sign_much key_decrypt_nothing key_decrypt_much key_no_operation
}

test_a_login_without_proof() {
	ends 'is ended: it breaks the protocol towards certauth' auth_garbage
}

test_a_second_login_after_the_verdict() {
	local mark
	mark=$(wc -l < "$T/log")
	local status=0
	URL=https://asav.sckiewer.lab/rogue phone -q $(cert mic-sha256-phone3) || status=$?
	same "exit status (login)" 7 $status
	named_once "$mark" 'is ended: it breaks the protocol towards certauth'
	others_do_not_care
}

# The handshake that the last case has recorded, presented by workers of other connections.
test_a_handshake_of_another_connection_proves_nothing() {
	local name mark
	mark=$(wc -l < "$T/log")
	for name in auth_replayed auth_spliced auth_stolen_certificate; do
		same "answer to $name" "Certificate Validation Failure" "$(rogue $name)"
		others_do_not_care
	done
	tail -n +$((mark + 1)) "$T/log" | sed -n 's/.*717009: //p' > "$T/refusals"
	[ "$(grep -c 'serial number: [0-9A-F]*, subject name: .*SEP' "$T/refusals")" = 3 ]
	grep -q 'Reason: the handshake is not of this connection,' "$T/refusals"
	[ "$(grep -c 'Reason: the client did not prove that it holds the certificate.s key,' "$T/refusals")" = 2 ]
}

test_nonsense_to_the_forwarder() {
	ends 'is ended: it sends nonsense to the forwarder' forwarder_garbage forwarder_huge forwarder_half_item \
		forwarder_own_word forwarder_empty_datagrams
}

test_packets_of_others_do_not_leave() {
	local drops packets
	drops=$(sessions 's[1]["drops_rx"]') packets=$(sessions 's[1]["packets_rx"]')
	rogue_start foreign_packets sent
	wait_for 5 sessions 's[1]["drops_rx"] == '$((drops + 8))
	same packets "$packets" "$(sessions 's[1]["packets_rx"]')"
	kill -KILL $(workers | grep -vx $BESIDE_WORKER)
	others_do_not_care
	futile unknown_peers forwarder_flood
}

# The tunnel that is there, and those that were bound and never answered, make room for the last.
test_of_all_workers_with_one_cookie_the_last_stays() {
	local pids=
	rogue_start deaf_tunnel up
	pids="$pids $SPAWNED"
	rogue_start half_tunnel bound
	pids="$pids $SPAWNED"
	rogue_start half_tunnel bound
	pids="$pids $SPAWNED"
	rogue_start deaf_tunnel up
	for pid in $pids; do
		ended $pid 15
	done
	same workers 2 "$(workers | wc -l)"
	sessions '[x["state"] for x in s] == ["active", "active"]'
	kill -KILL $(workers | grep -vx $BESIDE_WORKER)
	others_do_not_care
}

test_a_worker_that_does_not_hear_is_ended_after_a_logoff() {
	local mark index
	mark=$(wc -l < "$T/log")
	index=$(sessions 's[1]["index"]')
	rogue_start deaf_tunnel up
	cli vpn-sessiondb logoff index "$index" noconfirm
	session_count_is 1
	ended $SPAWNED 15
	named_once "$mark" 'is ended: it does not end'
	others_do_not_care
}

run_cases
