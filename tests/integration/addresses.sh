#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A gateway with several addresses and sockets bound to none of them: answers leave from the one that was asked.
. "$(dirname "$0")/../lib.sh"
need_root
net_make
ip -n "$GW" addr add 172.16.1.251/24 dev outside0
ip -n "$GW" addr add 172.16.1.252/32 dev outside0
ip -n "$PH" route add 172.16.1.252/32 dev eth0
config_make
host_add <<'END'
interfaces = { outside = { address = "0.0.0.0"; }; };
END
daemon_start

# The phone's UDP socket is connected: what comes from elsewhere it does not hear.
test_dtls_answers_come_from_the_address_that_was_asked() {
	local ip
	for ip in $GW_IP 172.16.1.251 172.16.1.252; do
		in_phone "$BUILD/phone" $(cert mic-sha256-phone1) -c $ip -m 8861 --require-dtls --channel both --ping $LAN_IP $URL
	done
}

test_a_peer_that_moves_keeps_our_address() {
	spawn "$T/moved.relay" in_phone tests/integration/relay.py 7201 172.16.1.251 443 --rebind 70
	local relay=$SPAWNED
	wait_for 5 has_line "$T/moved.relay" listening
	spawn "$T/moved.phone" in_phone "$BUILD/phone" $(cert mic-sha256-phone2) -c 172.16.1.251 -m 8861 --require-dtls \
		--dtls-via 127.0.0.1:7201 --ping $LAN_IP -n 150 -i 10 --max-loss 5 -q $URL
	ended $SPAWNED 20
	kill -TERM $relay
	ended $relay 5
	grep -q "rebound 1" "$T/moved.relay"
}

run_cases
