#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Packets that the forwarder seals and opens: real clients, each cipher, all that the kernel joins and cuts.
# deadline: 180
. "$(dirname "$0")/../lib.sh"
need_root
type openconnect > /dev/null 2>&1 || { SKIP_ALL="no openconnect"; skip_all; }
net_make
daemon_start
. tests/openconnect.sh

# Packets that a worker has read and written so far; it sees no packet that the forwarder handles.
worker_calls() {
	local pid last=
	for pid in $(descendants "$DAEMON"); do
		[ "$(cat "/proc/$pid/comm")" != offhook-worker ] || last=$pid
	done
	sed -n 's/^voluntary_ctxt_switches:\t//p' "/proc/$last/status"
}

# by_cipher NAME LOG-WORDS: 10 MB each way with sums, none of it through the worker.
by_cipher() {
	local before after
	client_start "$1" --dtls-ciphers "$1"
	wait_for 15 has_line "$T/$1.oc" "Established DTLS connection.*$2" || { cat "$T/$1.oc"; false; }
	before=$(worker_calls)
	transfer_both_ways "$1" 10
	after=$(worker_calls)
	[ $((after - before)) -lt 200 ] || fail "the worker has waited $((after - before)) times"
	sessions '[t["bytes_rx"] >= 10485760 and t["bytes_tx"] >= 10485760 for t in s[0]["tunnels"] if t["tunnel"] == "DTLS-Tunnel"] == [True]'
	client_stop
}

test_aes_128_gcm() { by_cipher OC-DTLS1_2-AES128-GCM AES-128-GCM; }
test_aes_256_gcm() { by_cipher OC-DTLS1_2-AES256-GCM AES-256-GCM; }
test_aes_128_cbc_of_dtls_0_9() { by_cipher AES128-SHA AES-128-CBC; }
test_aes_256_cbc_of_dtls_0_9() { by_cipher AES256-SHA AES-256-CBC; }
test_psk_negotiated() { by_cipher PSK-NEGOTIATE PSK; }

# TCP's own sums are left to "the hardware" between kernel and forwarder: what goes out must have them.
test_large_packets_of_the_inside_have_their_sums() {
	client_start sums --dtls-ciphers OC-DTLS1_2-AES128-GCM
	wait_for 15 has_line "$T/sums.oc" "Established DTLS connection"
	local bad
	bad=$(in_phone nstat -asz TcpInCsumErrors UdpInCsumErrors | awk 'NR > 1 { n += $2 } END { print n }')
	transfer_both_ways sums 5
	same "segments with a wrong sum" "$bad" \
		"$(in_phone nstat -asz TcpInCsumErrors UdpInCsumErrors | awk 'NR > 1 { n += $2 } END { print n }')"
	client_stop
}

# In the middle of a transfer: TCP loses some packets, and the client begins nothing anew. Its keys go on.
test_a_forwarder_that_dies_is_not_noticed_by_a_transfer() {
	local old suite
	for suite in OC-DTLS1_2-AES256-GCM AES128-SHA PSK-NEGOTIATE; do
		client_start dies --dtls-ciphers $suite
		wait_for 15 has_line "$T/dies.oc" "Established DTLS connection"
		old=$(child forwarder)
		spawn "$T/dies.transfer" transfer_both_ways dies 30
		local transfer=$SPAWNED
		wait_for 10 sessions '[t["bytes_rx"] + t["bytes_tx"] > 5000000 for t in s[0]["tunnels"] if t["tunnel"] == "DTLS-Tunnel"] == [True]'
		kill -KILL "$old"
		ended $transfer 60 || { cat "$T/dies.transfer" >&2; false; }
		log_has 1 'offhook-forwarder died of signal 9' $((++deaths))
		same "DTLS connections" 1 "$(grep -c 'Established DTLS connection' "$T/dies.oc")"
		client_stop
	done
}
deaths=0

# The phone's own dialect and traffic: 100 packets in a second, each answered.
test_a_phones_packets() {
	for model in 7962 8861; do
		phone -m $model --require-dtls --ping $LAN_IP -n 100 -i 10
	done
}

run_cases
