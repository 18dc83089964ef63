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

# Names and label values of the dashboard, beside what there is.
test_the_dashboard_asks_for_what_there_is() {
	scrape > "$T/scrape"
	python3 - doc/grafana.json doc/metrics.md "$T/scrape" <<-'END'
	import json, re, sys
	dashboard = json.load(open(sys.argv[1]))
	scrape = open(sys.argv[3]).read()
	types = dict(re.findall(r"^# TYPE (\S+) (\S+)$", scrape, re.M))
	labels = {}
	for name, text in re.findall(r"^(offhook_\w+)\{(.*)\} ", scrape, re.M):
	    labels.setdefault(name, set()).update(re.findall(r'(\w+)="', text))
	expressions = [t["expr"] for p in dashboard["panels"] for t in p.get("targets", [])]
	expressions += [a["expr"] for a in dashboard["annotations"]["list"]]
	expressions += [v["definition"] for v in dashboard["templating"]["list"] if "definition" in v]
	assert len(expressions) > 30
	expressions += re.findall(r"^      expr: (.*)$", open(sys.argv[2]).read(), re.M) # the alerts of the manual
	used = set()
	for e in expressions:
	    assert e.count("(") == e.count(")") and e.count("{") == e.count("}"), e
	    for name, selector in re.findall(r"(offhook_\w+)(\{[^}]*\})?", e):
	        base = re.sub("_(bucket|sum|count)$", "", name) if name not in types else name
	        assert base in types, "%s is no metric: %s" % (name, e)
	        assert (base == name) == (types[base] != "histogram"), e
	        used.add(base)
	        for label, value in re.findall(r'(\w+)!?="([^"]*)"', selector or ""):
	            assert '%s="%s"' % (label, value) in scrape, "%s=%s is never there: %s" % (label, value, e)
	    for name in re.findall(r"by \(([^)]*)\)", e):
	        for label in re.split(", *", name):
	            assert label == "le" or any(label in l for l in labels.values()) or label in ("version", "cipher"), e
	assert set(types) - used == set(), "not on the dashboard: %s" % (set(types) - used)
	ids = [p["id"] for p in dashboard["panels"]]
	assert len(ids) == len(set(ids))
	END
}

test_promtool_reads_the_alerts() {
	command -v promtool > /dev/null || skip "no promtool (package prometheus)"
	{ printf 'groups:\n- name: offhook\n  rules:\n'; sed -n '/^## Alerts/,$s/^    /  /p' doc/metrics.md; } > "$T/alerts.yml"
	promtool check rules "$T/alerts.yml" > "$T/rules" 2>&1 || { cat "$T/rules" >&2; false; }
	grep -q '5 rules found' "$T/rules"
	# the dashboard's expressions, too, as rules
	python3 - doc/grafana.json > "$T/board.yml" <<-'END'
	import json, sys
	print("groups:\n- name: board\n  rules:")
	for n, e in enumerate(t["expr"] for p in json.load(open(sys.argv[1]))["panels"] for t in p.get("targets", [])):
	    print("  - record: board:%d\n    expr: %s" % (n, json.dumps(e.replace("$__rate_interval", "1m"))))
	END
	promtool check rules "$T/board.yml" > "$T/rules" 2>&1 || { cat "$T/rules" >&2; false; }
}
run_cases
