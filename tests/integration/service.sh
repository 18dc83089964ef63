#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the service manager and its journal hear; limits of the host that cannot hold the sessions.
. "$(dirname "$0")/../lib.sh"
need_root
net_make
certs_make

# listener NAME: its socket is $T/NAME/socket, what it heard $T/NAME.json
listener() {
	mkdir -p "$T/$1"
	rm -f "$T/$1/socket"
	: > "$T/$1.json"
	spawn "$T/$1.log" tests/integration/service.py "$T/$1/socket" "$T/$1.json"
	wait_for 5 has_line "$T/$1.log" bound
}

# heard NAME EXPRESSION: of the datagrams as list d
heard() {
	python3 -c 'import json, sys
d = [json.loads(line) for line in open(sys.argv[1])]
sys.exit(0 if eval(sys.argv[2]) else 1)' "$T/$1.json" "$2"
}

prepare() {
	rm -rf "$T/state" "$T/run"
	: > "$T/log"
	config_make
}

# The host's /run is out of sight; the journal's socket is ours.
in_service() {
	exec ip netns exec "$GW" env NOTIFY_SOCKET="$T/notify/socket" "WATCHDOG_USEC=${WATCHDOG:-0}" \
		"JOURNAL_STREAM=$(stat -c %d:%i "$T/log")" unshare -m --propagation private sh -c '
		mount -t tmpfs none /run && mkdir -p /run/systemd/journal && mount --bind "$0" /run/systemd/journal && exec "$@"' "$T/journal" "$@"
}

service_start() {
	prepare
	listener notify
	listener journal
	daemon_run in_service
}

test_ready_is_told_once_everything_listens() {
	service_start
	wait_for 5 heard notify 'len([1 for m in d if "READY" in m]) == 1'
	heard notify '"WATCHDOG" not in str(d)'
	daemon_stop
	heard notify '"STOPPING" in d[-1]'
}

test_a_reload_is_told_from_here_to_there() {
	service_start
	wait_for 5 heard notify 'd'
	kill -HUP "$DAEMON"
	wait_for 5 heard notify '[k for m in d for k in m if k in ("READY", "RELOADING")] == ["READY", "RELOADING", "READY"]'
	heard notify '[int(m["MONOTONIC_USEC"]) > 0 for m in d if "RELOADING" in m] == [True]'
	daemon_stop
}

test_the_watchdog_is_fed_by_the_event_loop() {
	WATCHDOG=600000 service_start
	wait_for 5 heard notify 'len([1 for m in d if m.get("WATCHDOG") == "1"]) >= 4'
	kill -STOP "$DAEMON"
	local before
	before=$(wc -l < "$T/notify.json")
	wait_for 5 eval '[ "$(awk "{ print \$3 }" /proc/$DAEMON/stat)" = T ]'
	read -rt 0.7 -u "$NEVER" || :
	same "pings of a stopped daemon" "$before" "$(wc -l < "$T/notify.json")"
	kill -CONT "$DAEMON"
	daemon_stop
}

test_children_do_not_get_the_notify_socket() {
	WATCHDOG=60000000 service_start
	not grep -qz NOTIFY_SOCKET "/proc/$(child certauth)/environ"
	not grep -qz WATCHDOG_USEC "/proc/$(child certauth)/environ"
	daemon_stop
}

test_the_journal_gets_fields() {
	service_start
	identities_make
	phone --pin "$PIN" --ping $LAN_IP
	wait_for 5 heard journal '[m for m in d if m.get("ASA_MESSAGE") == "113019"]'
	heard journal '[m for m in d if m["MESSAGE"] == "ready" and m["PRIORITY"] == "6" and m["SYSLOG_IDENTIFIER"] == "offhookd"]'
	heard journal '[m for m in d if m.get("ASA_MESSAGE") == "722051" and "%ASA-6-722051: Group <vpn-phone-policy>" in m["MESSAGE"] and m["PRIORITY"] == "6"
		and m["OFFHOOK_USER"].startswith("CP-") and m["OFFHOOK_PEER"] == "'$PH_IP'" and m["OFFHOOK_GROUP_POLICY"] == "vpn-phone-policy"
		and m["OFFHOOK_TUNNEL_GROUP"] == "vpn-phone-group" and m["OFFHOOK_SESSION"] == "1"]'
	heard journal '[m for m in d if m.get("ASA_MESSAGE") == "725001" and m["OFFHOOK_PEER"] == "'$PH_IP'" and "OFFHOOK_USER" not in m]'
	# nothing of it twice
	not grep -q ASA- "$T/log"
	daemon_stop
}

test_children_give_each_line_its_priority() {
	service_start
	kill -KILL "$(child certauth)"
	wait_for 5 heard journal '[m for m in d if "offhook-certauth died" in m["MESSAGE"] and m["PRIORITY"] == "3"]'
	daemon_stop
	prepare
	chmod 000 "$T/journal/socket"
	rm "$T/journal/socket" # a journal that is gone: lines go to standard error
	daemon_run in_service
	grep -q '^<6>offhookd: ready' "$T/log"
	daemon_stop
}

test_children_in_their_sandbox_do_so_too() {
	prepare
	echo 'username odd password 0123456789ABCDEF0123456789ABCDEF nt-encrypted' >> "$T/startup-config"
	listener notify
	listener journal
	daemon_run in_service
	cli test aaa-server authentication LOCAL username odd password wrong > "$T/out" 2>&1 || cat "$T/out"
	log_has 5 '^<4>offhook-certauth: warning: username odd: '
	daemon_stop
}

test_elsewhere_lines_are_as_before() {
	prepare
	JOURNAL_STREAM=1:1 daemon_run ip netns exec "$GW"
	grep -q '^offhookd: ready' "$T/log"
	daemon_stop
}

few() { exec ip netns exec "$GW" prlimit --nofile=2000 "$@"; }

test_a_session_limit_that_the_host_cannot_hold_is_refused_at_start() {
	prepare
	echo "vpn-sessiondb max-anyconnect-premium-or-essentials-limit 5000" >> "$T/startup-config"
	local status=0
	in_gw prlimit --nofile=2000 timeout 10 "$BUILD/offhookd" -f -c "$T/startup-config" -o "$T/offhookd.conf" > "$T/refused" 2>&1 || status=$?
	same "exit status" 1 $status
	grep -q 'ERROR: 5000 sessions .* need 10512 open files, this host allows 2000: LimitNOFILE=' "$T/refused"
	status=0
	in_gw prlimit --nproc=3000 timeout 10 "$BUILD/offhookd" -f -c "$T/startup-config" -o "$T/offhookd.conf" > "$T/refused" 2>&1 || status=$?
	same "exit status" 1 $status
	grep -q 'need 5064 processes of a user, this host allows 3000: LimitNPROC=' "$T/refused"
}

test_a_session_limit_that_the_host_cannot_hold_is_refused_later() {
	prepare
	daemon_run few
	! printf '%s\n' "configure terminal" "vpn-sessiondb max-anyconnect-premium-or-essentials-limit 5000" | cli > "$T/answer" || return 1
	grep -q '^ERROR: 5000 sessions .*LimitNOFILE=' "$T/answer"
	cli show running-config | not grep -q max-anyconnect
	echo "vpn-sessiondb max-anyconnect-premium-or-essentials-limit 5000" >> "$T/startup-config"
	kill -HUP "$DAEMON"
	log_has 5 'error: ERROR: 5000 sessions'
	log_has 5 'startup-config: the configuration stays as it was'
	printf '%s\n' "configure terminal" "vpn-sessiondb max-anyconnect-premium-or-essentials-limit 500" | cli
	daemon_stop
}

run_cases
