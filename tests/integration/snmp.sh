#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The monitoring that watched the ASA: snmpd, offhook-snmp behind it, and the ASA's numbers.
. "$(dirname "$0")/../lib.sh"
need_root
if [ ! -x "$BUILD/offhook-snmp" ]; then
	SKIP_ALL="built without net-snmp (package libsnmp-dev)"
elif ! command -v snmpd > /dev/null || ! command -v snmpget > /dev/null; then
	SKIP_ALL="no snmpd or snmpget (packages snmpd, snmp)"
fi
[ -z "$SKIP_ALL" ] || skip_all
net_make
config_make
host_add <<'END'
show_group = "nogroup";
END
daemon_start

RAS=.1.3.6.1.4.1.9.9.392.1
export SNMP_PERSISTENT_DIR=$T/persist MIBS=
mkdir "$T/persist"
cat > "$T/snmpd.conf" <<END
master agentx
agentXSocket $T/agentx
agentXPerms 0666 0755
rocommunity public 127.0.0.1
END

snmpd_start() { spawn "$T/snmpd.log" in_gw snmpd -f -Lo -C -c "$T/snmpd.conf" udp:127.0.0.1:1161; SNMPD=$SPAWNED; }
# as an ordinary user, of the group that may read the monitoring socket
agent_start() {
	cp "$BUILD/offhook-snmp" "$T/offhook-snmp"
	spawn "$T/agent.log" in_gw setpriv --reuid=65534 --regid=65534 --clear-groups "$T/offhook-snmp" -s "$T/run/show.sock" -x "$T/agentx"
	AGENT=$SPAWNED
}
get() { in_gw snmpget -v2c -c public -On -t 5 -r 0 127.0.0.1:1161 "$@"; }
walk() { in_gw snmpwalk -v2c -c public -On -Oa -t 5 -r 0 127.0.0.1:1161 "$@"; }
is() { get "$1" > "$T/get" 2>&1 && [ "$(cat "$T/get")" = "$1 = $2" ]; }

snmpd_start
wait_for 10 test -S "$T/agentx" || exit 1
agent_start
wait_for 10 is $RAS.3.35.0 "Gauge32: 0" || { cat "$T/agent.log" "$T/snmpd.log" "$T/get" >&2; exit 1; }

test_without_sessions_all_is_nothing() {
	local n
	for n in 1 3 23 26 29 32 35 38; do
		is $RAS.3.$n.0 "Gauge32: 0"
	done
	for n in 24 27 30 33 36 39; do
		is $RAS.3.$n.0 "Counter32: 0"
	done
	is $RAS.1.1.0 "Gauge32: 5000"
}

test_phones_are_sessions_of_anyconnect() {
	phone_start one
	phone_start two $(cert mic-sha256-phone2)
	wait_for 10 is $RAS.3.35.0 "Gauge32: 2"
	is $RAS.3.1.0 "Gauge32: 2"
	wait_for 10 is $RAS.3.3.0 "Gauge32: 2"
	is $RAS.3.36.0 "Counter32: 2"
	is $RAS.3.37.0 "Gauge32: 2"
	is $RAS.3.38.0 "Gauge32: 0"
	phone_stop "$PHONE"
	wait_for 10 is $RAS.3.35.0 "Gauge32: 1"
	is $RAS.3.36.0 "Counter32: 2"
	is $RAS.3.37.0 "Gauge32: 2"
}

test_the_session_table_has_a_row_for_each() {
	local user=CP-8841-SEP682C7B40B5CE row
	row=$(python3 -c 'import sys; u = sys.argv[1]; print(".".join(str(n) for n in [len(u), *u.encode()]))' $user).$(sessions "s[0]['index']")
	has_row() { walk $RAS.3.21 > "$T/walk" && has_line "$T/walk" "^$RAS.3.21.1.2.$row = STRING: \"vpn-phone-group\"$"; }
	wait_for 20 has_row
	grep -q "^$RAS.3.21.1.8.$row = Hex-STRING: 0A 0A 01 0[12] \|^$RAS.3.21.1.8.$row = STRING: " "$T/walk"
	grep -q "^$RAS.3.21.1.9.$row = INTEGER: 1$" "$T/walk"
	grep -q "^$RAS.3.21.1.17.$row = STRING: \"Cisco SVC IPPhone Client v1.0 (1.0)\"$" "$T/walk"
	grep -q "^$RAS.3.21.1.36.$row = Counter64: [0-9]*$" "$T/walk"
	same "columns" 14 "$(grep -c "\.$row = " "$T/walk")"
}

test_the_walk_ends() {
	walk $RAS > "$T/walk"
	grep -q "^$RAS.3.40.0 = " "$T/walk"
	same "rows twice" "" "$(cut -d' ' -f1 "$T/walk" | sort | uniq -d)"
}

test_it_only_reads() {
	not in_gw snmpset -v2c -c public -t 2 -r 0 127.0.0.1:1161 $RAS.3.35.0 g 7 > "$T/set" 2>&1
	not setpriv --reuid=65534 --regid=65534 --clear-groups "$BUILD/offhook" -s "$T/run/show.sock" vpn-sessiondb logoff all noconfirm > "$T/logoff" 2>&1
	session_count_is 1
}

test_without_a_gateway_there_is_no_number() {
	daemon_stop
	gone_value() { get $RAS.3.35.0 > "$T/get" 2>&1; grep -q 'No Such Instance' "$T/get"; }
	wait_for 10 gone_value
	is $RAS.3.38.0 "Gauge32: 0" # what is never there is so now
	not gone "$AGENT"
	daemon_run ip netns exec "$GW"
	wait_for 10 is $RAS.3.35.0 "Gauge32: 0"
}

test_a_snmpd_that_is_started_again_is_found() {
	end_pids "$SNMPD"
	snmpd_start
	wait_for 40 is $RAS.3.35.0 "Gauge32: 0"
}

test_it_ends_when_told_to() {
	kill -TERM "$AGENT"
	ended "$AGENT" 5
}
run_cases
