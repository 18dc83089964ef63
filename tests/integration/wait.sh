#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# offhook wait: a script goes on when it is so, and not before.
. "$(dirname "$0")/../lib.sh"
need_root
net_make
daemon_start
USER_1=CP-8841-SEP682C7B40B5CE

# waiting EVENT...: in the background; its answer in $T/waited
waiting() {
	spawn "$T/waited" "$BUILD/offhook" -s "$CONTROL" wait "$@"
	WAITER=$SPAWNED
}
waited() { ended $WAITER 10 && python3 -c 'import json, sys; e = json.load(open(sys.argv[1])); sys.exit(not eval(sys.argv[2]))' "$T/waited" "$1"; }
still_waits() { not gone $WAITER; }

test_it_listens() {
	cli wait listening timeout 5 | grep -q '"event": "listening"'
}

test_what_never_happens_is_an_error_in_time() {
	local status=0 start
	start=$(now_ms)
	cli wait session user nobody timeout 1 > "$T/answer" || status=$?
	same "exit status" 1 $status
	same answer "ERROR: no session of user nobody within 1 s" "$(cat "$T/answer")"
	[ $(($(now_ms) - start)) -ge 900 ]
}

test_login_session_and_dtls() {
	waiting dtls-up user $USER_1 timeout 20
	phone_start one --require-dtls
	waited 'e["event"] == "dtls-up" and e["sessions"][0]["dtls_version"] == "DTLSv1.0"'
	# what is so already counts
	cli wait login user $USER_1 timeout 1 > /dev/null
	cli wait session timeout 1 | grep -q "$USER_1"
}

test_so_many() {
	waiting session count 3 timeout 20
	phone_start two $(cert mic-sha256-phone2)
	cli show vpn-sessiondb summary > /dev/null # an operator beside it
	still_waits
	phone_start three $(cert mic-sha256-phone3)
	waited 'len(e["sessions"]) == 3'
}

test_dtls_down_resume_and_logoff() {
	cli vpn-sessiondb logoff all noconfirm > /dev/null
	session_count_is 0
	phone -q $(cert lsc-phone1) --bye empty --cookie "$T/cookie"
	waiting resume user CP-8861-SEP74A02FC0A301 timeout 20
	phone_start again $(cert lsc-phone1) --resume "$T/cookie"
	waited 'e["sessions"][0]["state"] == "active"'
	waiting logoff user CP-8861-SEP74A02FC0A301 timeout 20
	still_waits
	cli vpn-sessiondb logoff name CP-8861-SEP74A02FC0A301 noconfirm > /dev/null
	waited 'e["sessions"][-1]["reason"] == "Administrator Reset"'
	# it is over already
	cli wait logoff user CP-8861-SEP74A02FC0A301 timeout 1 > /dev/null
}

test_a_waiter_that_leaves_is_forgotten() {
	waiting session user nobody timeout 3600
	kill $WAITER
	ended $WAITER 5 || :
	cli show hostname | grep -qx asav
}

run_cases
