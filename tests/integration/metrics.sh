#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What Prometheus gets: names, types and figures, asserted against what phones did.
. "$(dirname "$0")/../lib.sh"
need_root
net_make
config_make
host_add <<'END'
metrics = 9717;
END
daemon_start

scrape() { in_gw curl -sS --max-time 10 "http://127.0.0.1:9717${1:-/metrics}"; }

# value SAMPLE: of the last scrape; SAMPLE is a name with its labels as they are printed
value() { awk -v s="$1" 'index($0, s " ") == 1 { print $NF; found = 1 } END { exit !found }' "$T/scrape"; }

# value_is SAMPLE NUMBER: of a new scrape
value_is() {
	scrape > "$T/scrape"
	[ "$(value "$1")" = "$2" ]
}

# session_value NAME: of the one session, from `show vpn-sessiondb`
session_value() { sessions "s[0]['$1']"; }

test_every_metric_is_described_and_named_as_prometheus_wants() {
	scrape > "$T/scrape"
	[ "$(grep -c '^# HELP ' "$T/scrape")" = "$(grep -c '^# TYPE ' "$T/scrape")" ]
	not grep -vE '^(# (HELP|TYPE) )?offhook_[a-z_]+([ {]|$)' "$T/scrape"
	value 'offhook_build_info{version="0.1"}' | grep -qx 1
}

test_promtool_has_nothing_to_say() {
	command -v promtool > /dev/null || skip "no promtool (package prometheus)"
	phone --ping $LAN_IP
	scrape > "$T/scrape"
	promtool check metrics < "$T/scrape" > "$T/promtool" 2>&1
	same "promtool" "" "$(cat "$T/promtool")"
}

test_every_metric_is_documented() {
	local name
	scrape > "$T/scrape"
	for name in $(sed -n 's/^# TYPE \([^ ]*\) .*/\1/p' "$T/scrape"); do
		grep -q "^| \`$name\` |" doc/metrics.md || fail "doc/metrics.md says nothing of $name"
	done
	for name in $(grep -oE '^\| `offhook_[a-z_]+`' doc/metrics.md | tr -d '|` '); do
		grep -q "^# TYPE $name " "$T/scrape" || fail "there is no $name"
	done
}

test_a_phone_is_seen_while_it_is_there() {
	local up='offhook_sessions{state="active",tunnel_group="vpn-phone-group",client="phone"}' logins handshakes
	scrape > "$T/scrape"
	logins=$(value 'offhook_logins_total{result="accepted",reason="none"}')
	handshakes=$(value 'offhook_tls_handshakes_total{result="completed"}')
	phone_start one
	phone_event one dtls 5
	wait_for 5 value_is "$up" 1
	value_is 'offhook_tls_tunnels{version="TLSv1.0",cipher="AES256-SHA"}' 1 || value_is 'offhook_tls_tunnels{version="TLSv1.2",cipher="AES256-SHA"}' 1
	grep -qE '^offhook_dtls_tunnels\{version="DTLSv1.0",cipher="AES256-SHA"\} 1$' "$T/scrape"
	value_is 'offhook_logins_total{result="accepted",reason="none"}' $((logins + 1))
	[ "$(value 'offhook_tls_handshakes_total{result="completed"}')" -gt "$handshakes" ]
	[ "$(value 'offhook_login_duration_seconds_count{method="certificate"}')" = $((logins + 1)) ]
	[ "$(value 'offhook_tls_handshake_duration_seconds_bucket{le="+Inf"}')" = "$(value offhook_tls_handshake_duration_seconds_count)" ]
	value_is 'offhook_pool_addresses{pool="vpn-phone-pool",state="used"}' 1
	phone_stop "$PHONE"
	wait_for 5 value_is "$up" 0
	value_is 'offhook_sessions_ended_total{reason="user-requested"}' "$(value 'offhook_sessions_started_total')"
}
run_cases
