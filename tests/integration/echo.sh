#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The echo data path: an ordinary user, any free port, ready in under a second.
. "$(dirname "$0")/../lib.sh"
certs_make

# The programs where anybody may run them, and a directory that is the user's.
mkdir -p "$T/bin" "$T/user"
cp "$BUILD"/offhook* "$BUILD/phone" "$T/bin/"
cp "$CERTS"/mic-sha256-phone*.pem "$CERTS"/mic-sha256-phone*.key "$CERTS"/mic-sha256-ca.pem "$T/user/"
USER_RUN=
if [ "$(id -u)" = 0 ]; then
	chown -R 65534:65534 "$T/user"
	USER_RUN="setpriv --reuid=65534 --regid=65534 --clear-groups"
fi
BUILD=$T/bin CERTS=$T/user CONTROL=$T/user/run/control.sock
config_make
chmod 644 "$T/startup-config"
cat > "$T/offhookd.conf" <<END
state_dir = "$T/user/state";
run_dir = "$T/user/run";
data_path = "echo";
metrics = 0;
interfaces = { outside = { address = "127.0.0.1"; tcp_port = 0; udp_port = 0; }; };
END

BEFORE=$(now_ms)
# from / as a daemon that nobody prepared anything for
daemon_run env -C / $USER_RUN || exit 1
READY_MS=$(($(now_ms) - BEFORE))

as_user() { $USER_RUN "$@"; }
cli() { as_user "$BUILD/offhook" -s "$CONTROL" "$@"; }

TCP=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["listeners"][0]["tcp_port"])' "$T/ready.json")
cli crypto ca enroll asa-identity-cert noconfirm > "$T/identities.log" && ca_add cert4 "$T/user/mic-sha256-ca.pem" > "$T/identities.log" || exit 1

user_phone() {
	as_user "$BUILD/phone" -c 127.0.0.1:$TCP $(cert mic-sha256-phone1) "$@" $URL
}

test_it_is_ready_in_under_a_second() {
	echo "$READY_MS ms"
	[ "$READY_MS" -lt $((1000 * SLACK)) ]
}

test_the_ready_line_tells_ports_and_socket() {
	python3 - "$T/ready.json" "$CONTROL" "$DAEMON" <<'END'
import json, sys
r = json.load(open(sys.argv[1]))
assert r["pid"] == int(sys.argv[3]), r
assert r["control_socket"] == sys.argv[2], r
assert r["sha1"] is None and r["sha256"] is None, r
(l,) = r["listeners"]
assert l["nameif"] == "outside" and l["address"] == "127.0.0.1", r
assert 0 < l["tcp_port"] < 65536 and 0 < l["udp_port"] < 65536, r
END
}

test_nobody_is_root() {
	[ -n "$USER_RUN" ] || skip "is not root anyway"
	local pid
	for pid in $DAEMON $(descendants "$DAEMON"); do
		same "user of $pid" "Uid: 65534 65534 65534 65534" "$(grep ^Uid: /proc/$pid/status | tr '\t' ' ')"
	done
}

test_a_phone_pings_anything_over_dtls_and_cstp() {
	user_phone --require-dtls --channel both --dpd-check --ping 192.0.2.7 --udp-echo 198.51.100.9:5000
	user_phone -m 7962 --require-dtls --channel both --ping 10.99.99.99 --ping-size 1262
}

test_many_phones() {
	as_user "$BUILD/phone" -q -c 127.0.0.1:$TCP --cert "$CERTS/mic-sha256-phone%d.pem" --key "$CERTS/mic-sha256-phone%d.key" \
		-N 20 --require-dtls --ping 192.0.2.7 --ping-count 20 $URL
}

test_the_control_socket_is_the_users_alone() {
	same mode 600 "$(stat -c %a "$CONTROL")"
	cli show vpn-sessiondb anyconnect > "$T/show"
	[ "$(id -u)" != 0 ] || not setpriv --reuid=65533 --regid=65533 --clear-groups "$BUILD/offhook" -s "$CONTROL" show clock 2> /dev/null
}

test_metrics_are_on_a_port_that_was_free() {
	local where
	where=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["metrics"])' "$T/ready.json")
	curl -sS --max-time 5 "http://$where/metrics" > "$T/scrape"
	grep -q '^offhook_build_info' "$T/scrape"
}

test_children_have_their_sandbox() {
	local pid
	for pid in $(descendants "$DAEMON"); do
		same "seccomp of $(cat /proc/$pid/comm)" 2 "$(sed -n 's/^Seccomp:\t//p' /proc/$pid/status)"
		same "no_new_privs of $(cat /proc/$pid/comm)" 1 "$(sed -n 's/^NoNewPrivs:\t//p' /proc/$pid/status)"
		same "capabilities of $(cat /proc/$pid/comm)" 0000000000000000 "$(sed -n 's/^CapEff:\t//p' /proc/$pid/status)"
	done
}

test_it_ends_within_3_s() {
	local all
	all="$DAEMON $(descendants "$DAEMON")"
	daemon_stop
	for pid in $all; do
		wait_for 1 gone "$pid"
	done
	[ ! -e "$CONTROL" ]
}

run_cases
