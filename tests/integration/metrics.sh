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
config_add <<END
ipv6 local pool six 2001:db8:1::1/64 100
username clear password Geheim12
aaa-server DEAD protocol radius
 max-failed-attempts 1
aaa-server DEAD (inside) host 172.16.100.101
 key something
 timeout 1
group-policy DfltGrpPolicy attributes
 vpn-tunnel-protocol ssl-client
$(for group in words dead; do
	echo "tunnel-group $group type remote-access"
	echo "tunnel-group $group general-attributes"
	echo " address-pool vpn-phone-pool"
	[ $group != dead ] || echo " authentication-server-group DEAD"
	echo "tunnel-group $group webvpn-attributes"
	echo " authentication aaa"
	echo " group-url https://asav.sckiewer.lab/$group enable"
done)
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
	value_is 'offhook_pool_addresses{pool="vpn-phone-pool",family="ipv4",state="used"}' 1
	value_is 'offhook_pool_addresses{pool="six",family="ipv6",state="free"}' 100
	phone_stop "$PHONE"
	wait_for 5 value_is "$up" 0
	value_is 'offhook_sessions_ended_total{reason="user-requested"}' "$(value 'offhook_sessions_started_total')"
}

# delta SAMPLE: how much it has grown since delta_begin
delta_begin() { scrape > "$T/before"; }
delta() {
	local before
	before=$(awk -v s="$1" 'index($0, s " ") == 1 { print $NF }' "$T/before")
	echo $(($(value "$1") - ${before:-0}))
}

test_bytes_and_packets_are_what_was_sent() {
	local way tunnel
	delta_begin
	phone --ping $LAN_IP -n 5 -s 100 --channel both
	scrape > "$T/scrape"
	for way in rx tx; do
		for tunnel in tls dtls; do
			same "packets $way $tunnel" 5 "$(delta "offhook_tunnel_packets_total{direction=\"$way\",tunnel=\"$tunnel\"}")"
			same "bytes $way $tunnel" 640 "$(delta "offhook_tunnel_bytes_total{direction=\"$way\",tunnel=\"$tunnel\"}")"
		done
	done
	for tunnel in tls dtls; do
		same "drops" 0 "$(delta "offhook_dropped_packets_total{direction=\"rx\",tunnel=\"$tunnel\",reason=\"source-address\"}")"
	done
}

test_refused_logins_are_counted_by_reason() {
	local all=0 pair
	delta_begin
	not phone $(cert wrongca)
	not phone $(cert expired)
	not phone $(cert notyet)
	scrape > "$T/scrape"
	for pair in unknown-ca expired not-yet-valid; do
		same "$pair" 1 "$(delta "offhook_logins_total{result=\"refused\",reason=\"$pair\"}")"
		same "problem $pair" 1 "$(delta "offhook_phone_problems_total{class=\"$pair\"}")"
		all=$((all + 1))
	done
	same "all" $all "$(($(grep 'logins_total{result="refused"' "$T/scrape" | awk '{ n += $NF } END { print n }') -
		$(grep 'logins_total{result="refused"' "$T/before" | awk '{ n += $NF } END { print n }')))"
	same "accepted" 0 "$(delta 'offhook_logins_total{result="accepted",reason="none"}')"
}

# refused REASON COMMAND...: of the logins that this refuses, all have the reason
refused() {
	local reason=$1
	shift
	delta_begin
	"$@"
	scrape > "$T/scrape"
	same "$reason" 1 "$(delta "offhook_logins_total{result=\"refused\",reason=\"$reason\"}")"
	same "refused, with $reason" 1 "$(($(grep 'logins_total{result="refused"' "$T/scrape" | awk '{ n += $NF } END { print n }') -
		$(grep 'logins_total{result="refused"' "$T/before" | awk '{ n += $NF } END { print n }')))"
}

# password GROUP USER PASSWORD: a login of an AnyConnect client
password() {
	in_phone curl -sk -m 15 --resolve "asav.sckiewer.lab:443:$GW_IP" -A 'AnyConnect Linux_64 4.10' -H 'X-Aggregate-Auth: 1' --data-binary \
		"<config-auth client=\"vpn\" type=\"auth-reply\"><auth><username>$2</username><password>$3</password></auth></config-auth>" \
		"https://asav.sckiewer.lab/$1" > "$T/password.answer"
}

test_refusals_that_no_message_tells_of_have_their_reason() {
	refused credentials password words clear wrong
	refused bad-username password words 'cle&#9;ar' Geheim12
	refused aaa-server password dead clear Geheim12
	{ echo "configure terminal"; echo "tunnel-group vpn-phone-group general-attributes"
	  echo "authorization-server-group LOCAL"; echo "authorization-required"; echo end; } | cli
	refused not-authorized not phone
	{ echo "configure terminal"; echo "tunnel-group vpn-phone-group general-attributes"
	  echo "no authorization-required"; echo "no authorization-server-group"; echo end; } | cli
	refused no-certificate not in_phone "$BUILD/phone" -c "$GW_IP" $URL
}

test_an_operators_test_is_no_login() {
	delta_begin
	not cli test aaa-server authentication LOCAL username clear password wrong > "$T/test"
	grep -q 'Authentication Rejected' "$T/test"
	scrape > "$T/scrape"
	same "credentials" 0 "$(delta 'offhook_logins_total{result="refused",reason="credentials"}')"
}

test_datagrams_of_nobody_are_counted() {
	delta_begin
	in_phone python3 - $GW_IP <<-'END'
	import socket, sys
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	for i in range(7):
	    s.sendto(b"noise", (sys.argv[1], 443))
	END
	counted() { scrape > "$T/scrape" && [ "$(delta 'offhook_unclaimed_datagrams_total{unknown="malformed"}')" = 7 ]; }
	wait_for 5 counted
}

test_drops_are_the_tunnels_they_would_have_gone_through() {
	local ip big='offhook_dropped_packets_total{direction="tx",tunnel='
	phone_start drops
	phone_event drops dtls 5
	ip=$(sessions "s[0]['assigned_ip']")
	delta_begin
	in_lan ping -c 2 -i 0.2 -W 1 -M do -s 1400 "$ip" > "$T/ping" || :
	wait_for 5 sessions "s[0]['drops_tx'] >= 1"
	scrape > "$T/scrape"
	[ "$(delta "$big\"dtls\",reason=\"too-big\"}")" -ge 1 ]
	same "over TLS" 0 "$(delta "$big\"tls\",reason=\"too-big\"}")"
	cli show vpn-sessiondb detail anyconnect > "$T/detail"
	same "drops of the session, of TLS, of DTLS" "some 0 some" \
		"$(sed -n 's/^.*Pkts Tx Drop : \([0-9]*\) .*/\1/p' "$T/detail" | sed -n '1p;3,4p' | sed 's/[1-9][0-9]*/some/' | paste -sd' ')"
	phone_stop "$PHONE"
}

test_the_workers_memory_and_time_are_there() {
	local before after
	scrape > "$T/scrape"
	before=$(value offhook_workers_cpu_seconds_total)
	phone_start used
	grown() {
		scrape > "$T/scrape"
		after=$(value offhook_workers_cpu_seconds_total)
		[ "${after/./}" -gt "${before/./}" ] && [ "$(value offhook_workers_memory_bytes)" -gt 100000 ]
	}
	wait_for 5 grown
	phone_stop "$PHONE"
	wait_for 5 value_is offhook_workers_memory_bytes 0
	[ "$(value offhook_workers_cpu_seconds_total | tr -d .)" -ge "${after/./}" ]
}

test_a_failed_handshake_is_counted() {
	delta_begin
	not phone --pin 0000000000000000000000000000000000000000
	not in_phone timeout 5 openssl s_client -connect $GW_IP:443 -tls1_3 < /dev/null > "$T/s_client" 2>&1
	failed_once() { scrape > "$T/scrape" && [ "$(delta 'offhook_tls_handshakes_total{result="failed"}')" -ge 1 ]; }
	wait_for 5 failed_once
}

test_limits_and_policies_are_reasons() {
	delta_begin
	{ echo "configure terminal"; echo "vpn-sessiondb max-anyconnect-premium-or-essentials-limit 1"; echo end; } | cli
	phone_start limited
	not phone $(cert mic-sha256-phone2)
	{ echo "configure terminal"; echo "no vpn-sessiondb max-anyconnect-premium-or-essentials-limit"
	  echo "group-policy vpn-phone-policy attributes"; echo "vpn-simultaneous-logins 0"; echo end; } | cli
	not phone $(cert mic-sha256-phone2)
	{ echo "configure terminal"; echo "group-policy vpn-phone-policy attributes"; echo "no vpn-simultaneous-logins"; echo end; } | cli
	phone_stop "$PHONE"
	scrape > "$T/scrape"
	same "session-limit" 1 "$(delta 'offhook_logins_total{result="refused",reason="session-limit"}')"
	same "policy" 1 "$(delta 'offhook_logins_total{result="refused",reason="policy"}')"
	[ "$(delta offhook_config_generation)" -ge 4 ]
}

test_certificates_and_processes_are_there() {
	scrape > "$T/scrape"
	same "expiry" "$(date -d "$(openssl x509 -in "$T/gateway.pem" -noout -enddate | sed 's/.*=//')" +%s)" \
		"$(value 'offhook_certificate_expiry_timestamp_seconds{trustpoint="asa-identity-cert",kind="identity"}')"
	grep -q 'certificate_expiry_timestamp_seconds{trustpoint="capf",kind="ca"}' "$T/scrape"
	local program
	for program in offhookd offhook-certauth offhook-worker offhook-forwarder offhook-metrics; do
		[ "$(value "offhook_process_resident_memory_bytes{program=\"$program\"}")" -gt 500000 ]
		value "offhook_process_cpu_seconds_total{program=\"$program\"}" > "$T/cpu"
	done
}

test_other_requests_are_refused() {
	local code='%{http_code}'
	same "other path" 404 "$(in_gw curl -s -o /dev/null -w $code http://127.0.0.1:9717/)"
	same "traversal" 404 "$(in_gw curl -s -o /dev/null -w $code --path-as-is http://127.0.0.1:9717/metrics/../../etc/passwd)"
	same "POST" 405 "$(in_gw curl -s -o /dev/null -w $code -d x=1 http://127.0.0.1:9717/metrics)"
	same "HEAD" 200 "$(in_gw curl -s -o /dev/null -w $code -I http://127.0.0.1:9717/metrics)"
	same "content type" "text/plain; version=0.0.4; charset=utf-8" "$(in_gw curl -s -o /dev/null -w '%{content_type}' http://127.0.0.1:9717/metrics)"
	# the outside does not reach it
	not in_phone curl -s --max-time 2 http://$GW_IP:9717/metrics > "$T/outside"
}

# Garbage, heads that never end, clients that never read: the figures are there for the next one, and phones do not notice.
test_bad_clients_do_no_harm() {
	cat > "$T/bad.py" <<-'END'
	import os, socket, sys, time
	def connect():
	    s = socket.create_connection(("127.0.0.1", 9717), 5)
	    s.settimeout(5)
	    return s
	for bytes_ in (b"\0" * 5000, b"GET " + b"A" * 100000, b"GET /metrics HTTP/1.1\r\n" + b"X: y\r\n" * 20000, os.urandom(50000),
	               b"GET /metrics HTTP/9.9\r\n\r\n", b"\r\n" * 1000, b"POST /metrics HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n"):
	    s = connect()
	    try:
	        s.sendall(bytes_)
	        s.shutdown(socket.SHUT_WR)
	        while s.recv(65536):
	            pass
	    except OSError:
	        pass
	    s.close()
	for i in range(100): # more than are served at one time, and gone before the answer
	    s = connect()
	    s.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" * 3)
	    s.close()
	slow = [connect() for i in range(20)] # and these stay
	for s in slow:
	    s.sendall(b"GET /metrics HTTP/1.1\r\nHost:")
	s = connect()
	s.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
	text = b""
	while True:
	    more = s.recv(65536)
	    if not more:
	        break
	    text += more
	assert text.startswith(b"HTTP/1.") and b"offhook_build_info" in text, text[:200]
	END
	local helper
	helper=$(child metrics)
	in_gw timeout 60 python3 "$T/bad.py"
	same "the helper" "$helper" "$(child metrics)"
	phone --ping $LAN_IP
}

# More slow ones than there are places, each a byte now and then so that it never is idle.
test_slow_clients_take_no_place_from_others() {
	cat > "$T/slow.py" <<-'END'
	import select, socket, sys, time
	held = []
	for i in range(80):
	    s = socket.create_connection(("127.0.0.1", 9717), 5)
	    s.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\nX-Slow: ")
	    held.append(s)
	print("held", flush=True)
	while True:
	    if select.select([sys.stdin], [], [], 0.2)[0]:
	        break
	    for s in held:
	        try:
	            s.send(b"x")
	        except OSError:
	            pass
	END
	local i
	mkfifo "$T/slow.in"
	exec {SLOW}<> "$T/slow.in"
	in_gw python3 "$T/slow.py" < "$T/slow.in" > "$T/slow.out" 2>&1 &
	echo $! >> "$T/pids"
	wait_for 10 has_line "$T/slow.out" held
	for i in 1 2 3 4 5; do
		in_gw curl -sS --max-time 3 http://127.0.0.1:9717/metrics > "$T/beside-slow.$i"
		grep -q '^offhook_collect_duration_seconds ' "$T/beside-slow.$i"
	done
	echo >&$SLOW
	exec {SLOW}>&-
	wait
}

test_many_at_once_get_the_same_answer() {
	local i
	for i in 1 2 3 4 5 6 7 8; do
		in_gw curl -sS --max-time 10 http://127.0.0.1:9717/metrics > "$T/at-once.$i" &
	done
	wait
	for i in 1 2 3 4 5 6 7 8; do
		grep -q '^offhook_collect_duration_seconds ' "$T/at-once.$i"
	done
}

test_the_helper_has_no_right() {
	local pid
	pid=$(child metrics)
	not [ "$(sed -n 's/^Uid:\t\([0-9]*\).*/\1/p' /proc/$pid/status)" = 0 ]
	same "seccomp" 2 "$(sed -n 's/^Seccomp:\t//p' /proc/$pid/status)"
	same "no_new_privs" 1 "$(sed -n 's/^NoNewPrivs:\t//p' /proc/$pid/status)"
	same "capabilities" 0000000000000000 "$(sed -n 's/^CapEff:\t//p' /proc/$pid/status)"
	same "files" "" "$(ls -A /proc/$pid/root/)"
	not [ "$(readlink /proc/$pid/ns/net)" = "$(readlink /proc/$DAEMON/ns/net)" ]
}

test_a_helper_that_dies_is_started_again_while_phones_stay() {
	phone_start stays
	kill -KILL "$(child metrics)"
	serves() { scrape > "$T/scrape" 2> /dev/null && grep -q '^offhook_build_info' "$T/scrape"; }
	wait_for 5 serves
	value 'offhook_process_restarts_total{program="offhook-metrics"}' | grep -qx 1
	session_count_is 1

	phone_stop "$PHONE"
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
