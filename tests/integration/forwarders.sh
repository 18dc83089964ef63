#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Two forwarders: phones and computers on both, bulk, order, and one of them killed.
# deadline: 180
: "${FORWARDERS:=forwarders = 2;}"
HOST_LINES="$FORWARDERS metrics = 9717;"
. "$(dirname "$0")/../lib.sh"
need_root
type openconnect > /dev/null 2>&1 || { SKIP_ALL="no openconnect"; skip_all; }
net_make
config_make
config_add_users
daemon_start
. tests/openconnect.sh

# A second network outside, whose client has a TUN device of its own beside the first one's.
PH2=oh$$-ph2
ip netns add $PH2
ip -n $PH2 link set lo up
link $PH2 eth0 172.16.2.10/24 "$GW" outside1 172.16.2.250/24
ip -n $PH2 route add $GW_IP via 172.16.2.250
MORE_NS+=($PH2)

figure() { in_gw curl -s http://127.0.0.1:9717/metrics | sed -n "s/^offhook_$1 //p"; }
cpu_ms() { cli -j show processes | python3 -c 'import json, sys
print(*[p["cpu_ms"] for p in json.load(sys.stdin)["processes"] if p["process"].startswith("offhook-forwarder-")])'; }

# two_start OPTIONS...: a client in each network, of sessions with different homes.
two_start() {
	OC_NS=$PH OC_LOGIN=(-c "$CERTS/mic-sha256-phone1.pem" -k "$CERTS/mic-sha256-phone1.key")
	client_start first "$@"
	FIRST=$CLIENT FIRST_IP=$CLIENT_IP
	OC_NS=$PH2 OC_LOGIN=(-c "$CERTS/mic-sha256-phone2.pem" -k "$CERTS/mic-sha256-phone2.key")
	client_start second "$@"
	SECOND=$CLIENT SECOND_IP=$CLIENT_IP
}

two_stop() {
	kill -TERM $FIRST $SECOND
	ended $FIRST 10 || :
	ended $SECOND 10 || :
	wait_for 5 session_count_is 0
}

dtls_of_both() {
	wait_for 15 has_line "$T/first.oc" "Established DTLS connection"
	wait_for 15 has_line "$T/second.oc" "Established DTLS connection"
}

# bulk NAME NAMESPACE PORT MEGABYTES: as transfer_both_ways, of one of several at once; its result in NAME.done.
bulk() {
	local bytes=$(($4 * 1024 * 1024))
	rm -f "$T/$1.sums" "$T/$1.done"
	spawn "$T/$1.serve" in_lan tests/integration/odd.py serve $3 $bytes "$T/$1.sums"
	wait_for 5 has_line "$T/$1.serve" listening
	spawn "$T/$1.got" ip netns exec "$2" tests/integration/odd.py transfer $LAN_IP $3 $bytes
}

bulk_done() {
	wait_for 60 test -s "$T/$1.got"
	wait_for 10 test -s "$T/$1.sums"
	same "sums of $1" "$(cat "$T/$1.sums")" "$(cat "$T/$1.got")"
}

test_show_processes_lists_each() {
	same "forwarders" "offhook-forwarder-1 offhook-forwarder-2" "$(cli show processes | awk '/^offhook-forwarder/ { print $1 }' | xargs)"
	same "processes" 2 "$(daemon_children forwarder | wc -l)"
}

test_both_carry_bulk_at_once_and_every_byte_arrives() {
	local before after
	two_start
	dtls_of_both
	before=($(cpu_ms))
	bulk one $PH 5001 20
	bulk two $PH2 5002 20
	bulk_done one
	bulk_done two
	after=($(cpu_ms))
	echo "CPU: ${before[*]} ${after[*]}"
	[ $((after[0] - before[0])) -ge 30 ] && [ $((after[1] - before[1])) -ge 30 ]
	sessions 'all(x["bytes_rx"] >= 20 << 20 and x["bytes_tx"] >= 20 << 20 for x in s)'
	two_stop
}

test_bulk_over_tls_alone() {
	two_start --no-dtls
	bulk one $PH 5001 5
	bulk two $PH2 5002 5
	bulk_done one
	bulk_done two
	two_stop
}

# Both clients' tunnels, with the gateway's own routing between them.
test_clients_reach_each_other() {
	two_start
	dtls_of_both
	ip -n $PH route add "$SECOND_IP" dev oc0
	ip -n $PH2 route add "$FIRST_IP" dev oc0
	in_phone ping -q -c 20 -i 0.05 -W 2 "$SECOND_IP"
	two_stop
}

test_datagrams_of_a_flow_keep_their_order() {
	local ns
	two_start
	dtls_of_both
	for ns in $PH $PH2; do
		spawn "$T/order.$ns" in_lan tests/integration/order.py serve 9100
		wait_for 5 has_line "$T/order.$ns" listening
		ip netns exec $ns tests/integration/order.py ask $LAN_IP 9100 4000
		ended $SPAWNED 5
		cat "$T/order.$ns"
		has_line "$T/order.$ns" "^in order"
	done
	two_stop
}

# The same as one forwarder would: 20 phones, half of them with each.
test_20_phones_at_once() {
	in_phone "$BUILD/phone" -c $GW_IP -e -N 20 -m 8861 $(cert mic-sha256-phone%d) --require-dtls --channel both \
		--ping $LAN_IP -n 20 -i 20 -q "$URL"
	wait_for 10 session_count_is 0
}

# What the kernel knows nothing of is passed on; what it steers is not.
test_few_packets_come_to_the_wrong_one() {
	local before after
	[[ $HOST_LINES != *false* ]] || skip "the kernel does not steer"
	not has_line "$T/log" "not steered|does not take" || skip "the kernel does not steer"
	two_start
	dtls_of_both
	before=$(figure 'passed_packets_total{result="passed"}')
	bulk one $PH 5001 5
	bulk two $PH2 5002 5
	bulk_done one
	bulk_done two
	after=$(figure 'passed_packets_total{result="passed"}')
	[ $((after - before)) -lt 50 ] || fail "$((after - before)) packets were passed on"
	two_stop
}

test_where_the_kernel_does_not_steer_they_pass_on() {
	[[ $HOST_LINES = *false* ]] || skip "the kernel steers"
	wait_for 30 one_was_passed_on
}

test_one_that_is_killed_takes_nothing_from_the_other() {
	local victim pids
	phone_start one $(cert mic-sha256-phone1) --dpd 2 --keepalive 2
	local one=$PHONE
	phone_start two $(cert mic-sha256-phone2) --dpd 2 --keepalive 2
	local two=$PHONE
	sessions 'len([x for x in s if x["dtls_version"]]) == 2'
	for victim in 1 2; do
		pids=($(cli show processes | awk '/^offhook-forwarder/ { print $2 }'))
		spawn "$T/ping.one" in_lan ping -q -c 100 -i 0.03 -W 1 "$(sessions 's[0]["assigned_ip"]')"
		local ping_one=$SPAWNED
		spawn "$T/ping.two" in_lan ping -q -c 100 -i 0.03 -W 1 "$(sessions 's[1]["assigned_ip"]')"
		local ping_two=$SPAWNED
		tick; tick; tick; tick
		kill -KILL "${pids[victim - 1]}"
		ended $ping_one 10 || :
		ended $ping_two 10 || :
		grep -h received "$T/ping.one" "$T/ping.two"
		# of its own sessions a moment is lost; of the other's, too, where packets come to any of them
		[[ $HOST_LINES = *false* ]] || [ "$(grep -h ', 100 received' "$T/ping.one" "$T/ping.two" | wc -l)" -ge 1 ]
		[ "$(grep -hE ' (100|9[0-9]|8[0-9]) received' "$T/ping.one" "$T/ping.two" | wc -l)" = 2 ]
		log_has 5 "offhook-forwarder-$victim died of signal 9"
		wait_for 30 sessions '[(x["state"], x["dtls_version"] is None) for x in s] == [("active", False)] * 2'
		wait_for 10 in_lan ping -q -c 5 -i 0.1 -W 1 "$(sessions 's[0]["assigned_ip"]')"
		wait_for 10 in_lan ping -q -c 5 -i 0.1 -W 1 "$(sessions 's[1]["assigned_ip"]')"
	done
	not gone $one
	not gone $two
	phone_stop $one
	phone_stop $two
	wait_for 5 session_count_is 0
	phone $(cert mic-sha256-phone3) --require-dtls --channel both --ping $LAN_IP
}

# A phone more; by its port the kernel gives it to the one or the other.
one_was_passed_on() {
	phone --require-dtls --ping $LAN_IP
	[ "$(figure 'passed_packets_total{result="passed"}')" -gt 0 ]
}

# Without the right to bpf() all is as with it, less the steering.
test_without_the_right_to_steer_it_says_so_and_works() {
	[[ $HOST_LINES != *false* ]] || skip "the same here"
	cli write memory > /dev/null
	daemon_stop
	daemon_run ip netns exec "$GW" setpriv --bounding-set -sys_admin,-bpf,-perfmon --inh-caps -sys_admin,-bpf,-perfmon
	has_line "$T/log" 'packets are not steered to their forwarder: bpf\(\): Operation not permitted'
	two_start
	dtls_of_both
	bulk one $PH 5001 5
	bulk two $PH2 5002 5
	bulk_done one
	bulk_done two
	two_stop
	wait_for 30 one_was_passed_on
}

run_cases
