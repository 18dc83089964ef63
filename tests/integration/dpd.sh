#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Dead peer detection of the gateway, with its shortest interval: 5 s, dead after three.
# slow
. "$(dirname "$0")/../lib.sh"
need_root
net_make
config_make
config_add <<'END'
group-policy vpn-phone-policy attributes
 webvpn
  anyconnect dpd-interval gateway 5
END
daemon_start

# UDP goes to a neighbour that is not there, without a word to the sender.
ip -n "$PH" neigh add 172.16.1.99 lladdr 02:00:00:00:00:99 dev eth0 nud permanent
ip -n "$PH" route add default via 172.16.1.99 dev eth0 table 99
udp_block() { ip -n "$PH" rule add ipproto 17 table 99 pref 10; }
udp_unblock() { ip -n "$PH" rule del pref 10; }

phone_start mute $(cert mic-sha256-phone1) --mute --no-dtls
MUTE=$PHONE
phone_start alive $(cert mic-sha256-phone2) --dpd 3 --dtls-fallback --dtls-tries 40 --fail-connect-time 80
ALIVE=$PHONE
ALIVE_IP=$(sessions '[x["assigned_ip"] for x in s if x["index"] == 2][0]')

test_a_peer_without_a_sign_of_life_is_lost_and_may_resume() {
	wait_for 25 sessions 'any(x["index"] == 1 and x["state"] == "waiting" for x in s)'
	local gui="Group <vpn-phone-policy> User <CP-8841-SEP682C7B40B5CE> IP <172.16.1.10>"
	log_has 5 "ASA-4-722037: $gui SVC closing connection: DPD failure."
	log_has 5 "ASA-6-722023: $gui TCP SVC connection terminated without compression"
	log_has 5 'ASA-6-716058: Group <vpn-phone-group> User <CP-8841-SEP682C7B40B5CE> IP <172.16.1.10> AnyConnect session lost connection. Waiting to resume.'
	not grep -q 113019 "$T/log"
	wait_for 10 gone $MUTE
}

test_a_peer_that_answers_stays() {
	sessions 'any(x["index"] == 2 and x["state"] == "active" and x["dtls_version"] for x in s)'
	in_lan ping -c 1 -W 2 "$ALIVE_IP"
	not gone $ALIVE
}

test_a_dead_udp_path_leaves_cstp_and_dtls_comes_back() {
	udp_block
	wait_for 25 sessions 'any(x["index"] == 2 and x["state"] == "active" and x["dtls_version"] is None for x in s)'
	wait_for 15 in_lan ping -c 1 -W 1 "$ALIVE_IP"
	udp_unblock
	wait_for 60 sessions 'any(x["index"] == 2 and x["state"] == "active" and x["dtls_version"] for x in s)'
	wait_for 15 in_lan ping -c 1 -W 1 "$ALIVE_IP"
	not gone $ALIVE
}

run_cases
