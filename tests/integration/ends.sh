#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The end of the daemon: nothing is left of it.
. "$(dirname "$0")/../lib.sh"
need_root
net_make
certs_make

nothing_left() {
	local pid
	for pid in $1; do
		gone "$pid" || { echo "process $pid is left" >&2; return 1; }
	done
	not ip -n "$GW" link show offhook0 > /dev/null 2>&1 || { echo "the TUN device is left" >&2; return 1; }
	[ ! -e "$CONTROL" ] || [ "${2:-}" = socket ] || { echo "the control socket is left" >&2; return 1; }
}

# Starts a daemon with a phone, for each case another one: the functions of lib.sh keep DAEMON in this shell.
start() {
	rm -rf "$T/state" "$T/run"
	config_make
	daemon_start
	phone_start end
	ALL="$DAEMON $(descendants "$DAEMON")"
	[ "$(echo $ALL | wc -w)" = 5 ] # main, certauth, spawner, worker, forwarder
	ip -n "$GW" link show offhook0 > /dev/null
	[ -S "$CONTROL" ]
}

test_sigterm_ends_all_within_3_s_and_tells_the_phone() {
	start
	local status=0
	daemon_stop
	nothing_left "$ALL"
	ended $PHONE 5 || status=$?
	same "exit status (ended)" 11 $status
	grep -q 'Administrator Shutdown' "$T/end.phone"
	log_has 5 'ASA-4-113019: .*Reason: Administrator Shutdown'
}

test_sigint_too() {
	start
	# a background process of a shell ignores SIGINT from the beginning; the daemon must not
	kill -INT "$DAEMON"
	wait_for 3 gone "$DAEMON"
	nothing_left "$ALL"
	ended $PHONE 5 || :
}

test_sigkill_of_main_ends_its_children() {
	start
	kill -KILL "$DAEMON"
	wait_for 3 nothing_left "$ALL" socket 2> /dev/null || nothing_left "$ALL" socket
	ended $PHONE 10 || :
}

test_a_socket_left_behind_is_no_hindrance() {
	start
	cli write memory
	kill -KILL "$DAEMON"
	wait_for 3 nothing_left "$ALL" socket 2> /dev/null
	ended $PHONE 10 || :
	daemon_run ip netns exec "$GW"
	session_count_is 0
	phone --require-dtls --ping $LAN_IP
	daemon_stop
}

test_a_second_daemon_is_refused_and_the_first_goes_on() {
	start
	mkdir -p "$T/second"
	sed "s,$T/run,$T/second,; s,$T/state,$T/second/state," "$T/offhookd.conf" > "$T/second.conf"
	not in_gw "$BUILD/offhookd" -f -c "$T/startup-config" -o "$T/second.conf" > "$T/second.log" 2>&1
	grep -q '172.16.1.250' "$T/second.log"
	not in_gw "$BUILD/offhookd" -f -c "$T/startup-config" -o "$T/offhookd.conf" > "$T/third.log" 2>&1
	[ -s "$T/third.log" ]
	in_lan ping -c 1 -W 2 "$(sessions 's[0]["assigned_ip"]')"
	phone_stop $PHONE
	daemon_stop
}

test_ending_while_a_handshake_is_under_way() {
	start
	spawn "$T/silent" in_phone tests/integration/odd.py silent $GW_IP 443 10 30
	wait_for 5 has_line "$T/silent" connected
	wait_for 5 eval '[ "$(workers | wc -l)" -ge 11 ]'
	ALL="$DAEMON $(descendants "$DAEMON")"
	daemon_stop
	nothing_left "$ALL"
	ended $PHONE 5 || :
}

run_cases
