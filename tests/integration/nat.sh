#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# UDP that changes on its way: other ports, spoofed hellos, loss, reordering, copies and replays.
# deadline: 180
. "$(dirname "$0")/../lib.sh"
need_root
net_make
config_make
config_add <<'END'
logging console debugging
END
daemon_start

# relay_start NAME PORT OPTIONS...: its pid in RELAY.
relay_start() {
	spawn "$T/$1.relay" in_phone tests/integration/relay.py "$2" $GW_IP 443 "${@:3}"
	RELAY=$SPAWNED
	wait_for 5 has_line "$T/$1.relay" listening
}

relay_stop() {
	kill -TERM $RELAY
	ended $RELAY 5 || :
}

# The phone's address, its count of DTLS connections, the bytes of tunnel TCP.
phone_ip() { sessions '[x["assigned_ip"] for x in s if x["state"] == "active"][-1]'; }
udp_logs() { log_count 'ASA-.*(First|New) UDP SVC connection'; }

# pings COUNT LOST: from the inside, in 100 ms steps.
pings() {
	local got
	got=$(in_lan ping -q -c "$1" -i 0.1 -W 1 "$(phone_ip)" | sed -n 's/.* \([0-9]*\) received.*/\1/p')
	[ $(($1 - ${got:-0})) -le "$2" ] || fail "$got of $1 pings were answered"
}

# Without a word of the client nobody could know; its next datagram says it.
test_a_nat_that_gives_another_port_is_followed_without_a_handshake() {
	relay_start rebind 7001
	phone_start rebind -m 8861 --dtls-via 127.0.0.1:7001 --require-dtls --dpd 1 --keepalive 1
	local before
	before=$(udp_logs)
	pings 5 0
	for i in 1 2 3 4; do
		kill -USR1 $RELAY
		wait_for 5 pings 3 0
	done
	same "DTLS connections" "$before" "$(udp_logs)"
	not grep -q '"event": *"dtls-down"' "$T/rebind.phone"
	phone_stop $PHONE
	relay_stop
	grep -q "rebound 4" "$T/rebind.relay"
}

# Data in both directions all the time: what the phone says moves the peer at once.
test_no_more_than_a_few_packets_are_lost_by_a_change_of_port() {
	relay_start busy 7002 --rebind 100 --times 3
	spawn "$T/busy.phone" in_phone "$BUILD/phone" $(cert mic-sha256-phone2) -c $GW_IP --dtls-via 127.0.0.1:7002 -j \
		--require-dtls --ping $LAN_IP -n 400 -i 10 --max-loss 5 -q $URL
	ended $SPAWNED 20
	relay_stop
	grep -q "rebound 3" "$T/busy.relay"
	grep -q '"handshakes":1' "$T/busy.phone" || { cat "$T/busy.phone"; false; }
}

# Twelve others have the same address and go on talking; eight sessions at most are asked whose the stray is.
test_the_one_that_moved_is_found_among_many_behind_a_nat() {
	spawn "$T/others.phone" in_phone "$BUILD/phone" --cert "$CERTS/mic-sha256-phone%d.pem" \
		--key "$CERTS/mic-sha256-phone%d.key" -c $GW_IP -m 8861 --first 7 -N 12 -H -1 --require-dtls --dpd 1 --keepalive 1 -q $URL
	local others=$SPAWNED before ip
	wait_for 20 sessions 'len([x for x in s if x["dtls_version"]]) >= 12'
	relay_start many 7004
	phone_start many -m 8861 --dtls-via 127.0.0.1:7004 --require-dtls --dpd 1 --keepalive 1
	ip=$(phone_ip)
	before=$(udp_logs)
	for i in 1 2 3; do
		kill -USR1 $RELAY
		wait_for 6 in_lan ping -q -c 3 -i 0.1 -W 1 "$ip"
	done
	same "DTLS connections" "$before" "$(udp_logs)"
	not grep -q '"event": *"dtls-down"' "$T/many.phone"
	phone_stop $PHONE
	kill -TERM $others
	ended $others 10 || :
	relay_stop
}

# Copies of the phone's own datagrams from another port: authentic, but not new.
test_an_eavesdroppers_copies_move_nothing() {
	# one forwarder may read a copy before another has passed on what it is a copy of (doc/threat-model.md)
	[[ $HOST_LINES != *"steering = false"* ]] || skip "the kernel does not steer"
	relay_start spy 7003
	phone_start spy -m 8861 --dtls-via 127.0.0.1:7003 --require-dtls --dpd 1 --keepalive 1
	kill -HUP $RELAY
	for i in 1 2 3 4; do
		pings 5 0
	done
	phone_stop $PHONE
	relay_stop
	not grep -q "copied 0" "$T/spy.relay"
}

# address_of NAME: of the UDP socket that a phone's DTLS leaves from, ADDRESS:PORT.
address_of() {
	in_phone ss -Hunp | sed -n "s/.* \($PH_IP:[0-9]*\) .*pid=$1,.*/\1/p" | head -n 1
}

# The id goes in the clear: whoever sees it may send hellos, from anywhere and in anybody's name.
test_a_spoofed_hello_takes_no_live_peer_over() {
	local victim other dump from
	phone_start victim $(cert mic-sha256-phone3) -m 8861 --require-dtls
	victim=$(descendants $PHONE | tail -n 1)
	: "${victim:=$PHONE}"
	spawn "$T/hello.dump" in_phone tests/integration/hello.py sniff eth0 10 "$T/hello.bytes"
	dump=$SPAWNED
	wait_for 5 has_line "$T/hello.dump" listening
	local victim_ip
	victim_ip=$(phone_ip)
	phone_start other $(cert mic-sha256-phone4) -m 8861 --require-dtls
	other=$PHONE
	ended $dump 10 || :
	[ -s "$T/hello.bytes" ]
	from=$(address_of $victim)
	[ -n "$from" ] || { in_phone ss -Hunp; false; }
	# the other phone's id: from many ports, then from the victim's very address
	in_phone tests/integration/hello.py send $GW_IP 443 "$T/hello.bytes" 30
	in_phone tests/integration/hello.py send $GW_IP 443 "$T/hello.bytes" 30 $from
	in_lan ping -q -c 10 -i 0.1 -W 1 $victim_ip
	pings 10 0
	sessions 'len([x for x in s if x["state"] == "active" and x["dtls_version"]]) == 2'
	not grep -q '"event": *"dtls-down"' "$T/victim.phone" "$T/other.phone"
	phone_stop $other
	kill -TERM $victim
}

test_a_bad_network_carries_what_it_does_not_lose() {
	relay_start bad 7005 --seed 7 --loss 10 --reorder 10 --dup 10 --replay 10
	phone $(cert mic-sha256-phone5) -m 8861 --dtls-via 127.0.0.1:7005 --require-dtls --fail-connect-time 30 --ping $LAN_IP \
		-n 300 -i 10 --max-loss 35 -j > "$T/bad.json"
	relay_stop
	cat "$T/bad.relay"
	not grep -qE "lost 0|reordered 0|doubled 0|replayed 0" "$T/bad.relay"
}

# Handshakes with the losses of twenty seeds.
test_handshakes_survive_losses() {
	local seed up=0
	for seed in 1 2 3 4 5 6; do
		relay_start lossy$seed $((7010 + seed)) --seed $seed --loss 25 --dup 10 --reorder 10
		phone $(cert mic-sha256-phone6) -m 8861 --dtls-via 127.0.0.1:$((7010 + seed)) --require-dtls -q > "$T/lossy" 2>&1 &&
			up=$((up + 1))
		relay_stop
	done
	[ $up -ge 5 ] || fail "only $up of 6 came up"
}

run_cases
