#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What takes its time: idle timeout, dead peers, slow clients. All of it waits together.
# slow
# deadline: 200
. "$(dirname "$0")/../lib.sh"
need_root
net_make
config_make
config_add <<'END'
group-policy vpn-phone-policy attributes
 vpn-idle-timeout 1
END
daemon_start

# phone1 keeps alive with keepalives alone, phone2 is killed, phone3 stays without a word, phone4 lives on
phone_start keepalive $(cert mic-sha256-phone1) --keepalive-only --keepalive 15 --ping $LAN_IP
KEEPALIVE=$PHONE
phone_start killed $(cert mic-sha256-phone2)
KILLED=$PHONE
phone_start mute $(cert mic-sha256-phone3) --mute
MUTE=$PHONE
kill -KILL $KILLED
START=$(now_ms)
spawn "$T/slow" in_phone tests/integration/odd.py slow $GW_IP 443 60
spawn "$T/silent" in_phone tests/integration/odd.py silent $GW_IP 443 20 60
spawn "$T/slow-request" in_phone tests/integration/odd.py slow-request $GW_IP 443 90
KEEPALIVE_IP=$(sessions '[x["assigned_ip"] for x in s][0]')

seconds_since_start() { echo $((($(now_ms) - START) / 1000)); }

test_others_are_served_meanwhile() {
	phone $(cert mic-sha256-phone5) --require-dtls --ping $LAN_IP
}

test_silent_and_slow_handshakes_are_closed_after_30_s() {
	wait_for 45 eval 'grep -qE "^[0-9]+$" "$T/slow" || grep -q open "$T/slow"'
	[ "$(cat "$T/slow")" -ge 25 ]
	[ "$(cat "$T/slow")" -le 40 ]
	same "silent connections" connected "$(cat "$T/silent")"
}

test_a_killed_phones_session_is_freed_after_its_idle_timeout() {
	wait_for 90 sessions 'not any(x["index"] == 2 for x in s)'
	[ "$(seconds_since_start)" -ge 55 ]
	[ "$(seconds_since_start)" -le 85 ]
	log_has 5 'ASA-4-113019: Group = vpn-phone-group, Username = CP-8841-SEP[0-9A-F]*, IP = 172.16.1.10, Session disconnected. Session Type: SSL, .* Reason: Idle Timeout'
	log_has 5 'ASA-6-737016: IPAA: Session=0x00002000, Freeing local pool vpn-phone-pool address 10.10.1.2'
}

test_a_phone_without_a_word_ends_with_its_idle_timeout() {
	wait_for 60 sessions 'not any(x["index"] == 3 for x in s)'
	[ "$(seconds_since_start)" -ge 55 ]
	ended $MUTE 5 || :
	grep -q '"event":"summary".*"stage":"ended"' "$T/mute.phone"
}

test_keepalives_alone_outlive_the_idle_timeout() {
	wait_for 60 eval '[ $(seconds_since_start) -ge 75 ]'
	not gone $KEEPALIVE
	sessions 'any(x["index"] == 1 and x["state"] == "active" for x in s)'
	in_lan ping -c 1 -W 2 "$KEEPALIVE_IP"
	phone_stop $KEEPALIVE || :
	wait_for 5 session_count_is 0
}

test_a_slow_request_is_closed_after_60_s_and_logged_once() {
	wait_for 30 grep -q . "$T/slow-request"
	[ "$(cat "$T/slow-request")" -ge 55 ]
	[ "$(cat "$T/slow-request")" -le 70 ]
	same "log lines" 1 "$(log_count 'no login within 60 s')"
}

run_cases
