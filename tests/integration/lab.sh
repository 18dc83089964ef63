#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# slow
# lab: a gateway that misbehaves on command, for those who test clients; the guide's failure classes reproduced by it.
. "$(dirname "$0")/../lib.sh"
need_root
net_make
config_make
host_add <<< 'lab = true;'
daemon_start
USER_1=CP-8841-SEP682C7B40B5CE

lab() { cli lab "$@" > "$T/lab" && [ ! -s "$T/lab" ] || { cat "$T/lab" >&2; return 1; }; }
configure() { { echo "configure terminal"; printf '%s\n' "$@"; echo end; } | cli; }
gone_wrong() { # STAGE REGEX: the last phone ended so
	python3 -c 'import json, re, sys
e = [json.loads(l) for l in open(sys.argv[1])][-1]
sys.exit(not (e["stage"] == sys.argv[2] and re.search(sys.argv[3], str(e["error"]))) and print(e["stage"], e["error"], file=sys.stderr) is None)' "$T/phone.json" "$1" "$2"
}
fails() { not phone -j --hold 0 "$@" > "$T/phone.json" 2> "$T/err"; }
nothing_left() { same "rules" "" "$(cli show lab)"; }

test_it_is_said() {
	log_has 5 'lab = true'
	cli show version | grep -q 'This is a lab'
	cli -j show version | grep -q '"lab": true'
}

test_the_next_login_is_answered_otherwise() {
	lab next login-answer 401
	fails
	gone_wrong auth 401
	lab user $USER_1 login-answer 503 too many phones
	same "show lab" "user $USER_1 login-answer status 503 too many phones" "$(cli show lab)"
	phone $(cert mic-sha256-phone2) --hold 0 # another's is as it should be
	fails
	gone_wrong auth 503
	nothing_left
	phone --hold 0
}

test_a_redirect_silence_and_half_a_head() {
	lab next login-answer redirect https://elsewhere.example/phone
	fails
	gone_wrong auth 302
	lab next login-answer silence
	fails --timeout 2 --fail-connect-time 2
	lab next connect-answer half
	fails --timeout 2 --fail-connect-time 2
	nothing_left
}

test_connect_is_refused() {
	lab next connect-answer 403
	fails
	gone_wrong connect 403
	lab next connect-answer 503 No address available for SVC connection
	fails
	gone_wrong connect 503
	nothing_left
}

test_drops_duplicates_delays_and_reorders() {
	phone_start one --require-dtls --ping $LAN_IP
	sessions 's[-1]["user"] if False else s[-1]["state"] == "active"'
	lab user $USER_1 drop dtls for 600
	cli show lab | grep -qE "^user $USER_1 drop dtls 100, [56][0-9]{2} s left$"
	phone_stop "$PHONE"
	fails --require-dtls --dtls-tries 1 --fail-connect-time 4 # no datagram gets through
	gone_wrong dtls ''
	cli no lab all
	lab user $USER_1 drop 10 dtls for 600
	phone --require-dtls --ping $LAN_IP -n 60 -i 50 --max-loss 95 -W 1000 -j > "$T/phone.json"
	python3 -c 'import json, sys; p = [json.loads(l) for l in open(sys.argv[1])][-1]["pings"]["dtls"]; assert p["sent"] == 60 and p["received"] < 60, p' "$T/phone.json"
	cli no lab all
	lab user $USER_1 duplicate dtls for 600
	phone --require-dtls --ping $LAN_IP -n 10 # the replay windows drop the copies
	cli no lab all
	lab user $USER_1 reorder both for 600
	phone --require-dtls --ping $LAN_IP -n 10 --max-loss 10 # one that overtakes the handshake
	phone --no-dtls --ping $LAN_IP -n 10
	cli no lab all
	lab user $USER_1 delay 150 both for 600
	phone --require-dtls --ping $LAN_IP -n 3 -j > "$T/phone.json" || { cat "$T/phone.json" >&2; false; }
	python3 -c 'import json, sys; e = [json.loads(l) for l in open(sys.argv[1])][-1]; assert e["ms"]["ready"] >= 0 and e["ok"], e' "$T/phone.json"
	cli no lab all
	nothing_left
}

test_dpd_is_not_answered() {
	lab user $USER_1 no-dpd
	fails --require-dtls --dpd-check --timeout 2
	cli no lab all
	phone --require-dtls --dpd-check
}

test_another_certificate_once() {
	local pin
	configure "crypto ca trustpoint other" "enrollment self" "subject-name CN=asav.sckiewer.lab"
	cli crypto ca enroll other noconfirm > "$T/out"
	pin=$(cli crypto ca export other identity-certificate | sed -n '/BEGIN CERT/,/END CERT/p' | openssl x509 -outform DER | openssl dgst -sha1 -binary | base64)
	cli lab next trustpoint nothing | grep -q '^ERROR: trustpoint nothing has no certificate'
	lab next trustpoint other
	fails --pin "$PIN" # the guide's renewal, forgotten: the phone knows the old one
	lab next trustpoint other
	phone -1 --pin "$pin" --hold 0
	phone --pin "$PIN" --hold 0
}

# the guide: "old session cipher not returned", TLS and DTLS that differ, DTLS that never comes
test_the_guides_failures_of_dtls() {
	lab user $USER_1 dtls-suite AES128-SHA
	fails --require-dtls --dtls-tries 1 --fail-connect-time 4
	gone_wrong dtls 'wrong cipher'
	cli no lab all
	lab user $USER_1 dtls-session-id wrong
	fails --require-dtls --dtls-tries 1 --fail-connect-time 4
	gone_wrong dtls ''
	cli no lab all
	lab user $USER_1 no-dtls
	phone -j --hold 0 > "$T/phone.json"
	python3 -c 'import json, sys; assert not [json.loads(l) for l in open(sys.argv[1])][-1]["dtls"]["offered"]' "$T/phone.json"
	cli no lab all
	configure "crypto key generate ecdsa label ec noconfirm" "crypto ca trustpoint ec" "enrollment self" "subject-name CN=asav.sckiewer.lab" "keypair ec" > "$T/out"
	cli crypto ca enroll ec noconfirm > "$T/out"
	lab next trustpoint ec # CSCuu02848: an EC certificate that no phone asked for
	fails --pin "$PIN"
}

test_sessions_end_as_they_are_told() {
	phone_start end --require-dtls
	lab user $USER_1 end idle-timeout
	log_has 5 "Username = $USER_1, .*Reason: Idle Timeout"
	ended $PHONE 10 || :
	phone -q --bye empty --cookie "$T/cookie"
	lab user $USER_1 forget-cookie
	fails --resume "$T/cookie"
	gone_wrong connect 401
	cli lab user nobody end admin-reset | grep -q '^ERROR: user nobody has no session'
	cli vpn-sessiondb logoff all noconfirm > "$T/out"
	phone_start again --require-dtls --ping $LAN_IP
	lab user $USER_1 rekey
	log_has 5 "716058: .*User <$USER_1> .*Waiting to resume"
	phone_stop "$PHONE" || :
	cli vpn-sessiondb logoff all noconfirm > "$T/out"
}

test_a_transcript_tells_everything_but_secrets() {
	cli lab transcript $USER_1 /nonexistent/file | grep -q '^ERROR: /nonexistent/file: No such file'
	lab transcript $USER_1 "$T/transcript"
	phone --require-dtls --ping $LAN_IP
	phone $(cert mic-sha256-phone2) --hold 0
	cli wait logoff user $USER_1 timeout 5 > "$T/out"
	cli no lab transcript $USER_1
	python3 - "$T/transcript" <<'END'
import json, sys
events = [json.loads(l) for l in open(sys.argv[1])]
kinds = [e["event"] for e in events]
for want in ("client-hello", "tls-choice", "tls-up", "request", "answer", "dtls-choice", "dtls-up", "frame", "end"):
    assert want in kinds, (want, kinds)
hello = events[kinds.index("client-hello")]
assert "002F" in hello["suites"].split() and "TLSv1.2" in hello["versions"] and "000D" in hello["extensions"].split(), hello
heads = [h for e in events for h in e.get("head", [])]
assert "CONNECT /CSCOSSLC/tunnel HTTP/1.1" in heads, heads
assert "X-DTLS-Master-Secret: *****" in heads, heads
assert any(h.startswith("X-CSTP-Address: 10.10.1.") for h in heads), heads
frames = [(e["direction"], e["channel"], e["type"]) for e in events if e["event"] == "frame"]
assert ("in", "DTLS", "data") in frames and ("in", "CSTP", "disconnect") in frames, frames
assert all(a["t_ms"] <= b["t_ms"] for a, b in zip(events, events[1:]) if a["port"] == b["port"])
END
	not grep -q 'SEP682C7B40B5CF' "$T/transcript"
	[ "$(stat -c %a "$T/transcript")" = 600 ]
}

test_without_it_there_is_no_lab() {
	kill -TERM "$(cat "$T/daemon.pid")"
	wait_for 3 gone "$(cat "$T/daemon.pid")"
	sed -i '/^lab = true/d' "$T/offhookd.conf"
	daemon_run ip netns exec "$GW"
	cli lab next login-answer 401 | grep -q '^ERROR: this is no lab: set lab = true'
	cli lab transcript $USER_1 "$T/other" | grep -q '^ERROR: this is no lab'
	[ ! -e "$T/other" ]
}

run_cases
