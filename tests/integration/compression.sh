#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Compression of packets (protocol.md 5): off by default, asked for by both sides, and what a hostile client may send.
# deadline: 180
. "$(dirname "$0")/../lib.sh"
need_root
net_make
config_make
config_add <<'END'
logging console debugging
END
daemon_start

client() {
	in_phone env PYTHONDONTWRITEBYTECODE=1 timeout $((30 * SLACK)) tests/integration/compression.py "$1" $GW_IP \
		"$CERTS/mic-sha256-phone$2.pem" "$CERTS/mic-sha256-phone$2.key" $LAN_IP
}

policy() {
	printf 'configure terminal\ngroup-policy vpn-phone-policy attributes\nwebvpn\nanyconnect ssl compression %s\n' "$1" > "$T/policy"
	printf 'anyconnect dtls compression %s\nend\n' "$2" >> "$T/policy"
	cli < "$T/policy" > "$T/policy.out" || { cat "$T/policy.out" >&2; return 1; }
}

test_it_is_off_until_the_policy_says_so() { client off 1; }

test_lz4_goes_first() {
	policy lzs none
	client lz4 2
	log_has 5 'ASA-6-722022: .* TCP SVC connection established with compression'
	log_has 5 'ASA-6-722023: .* TCP SVC connection terminated with compression'
}

test_lzs_serves_who_has_no_lz4() { client lzs 3; }

test_nobody_gets_it_unasked() { client unasked 4; }

test_deflate_is_never_offered() {
	client deflate 5
	policy deflate none
	client off 5
	log_has 5 'anyconnect ssl compression deflate is not offered'
	policy lzs none
}

test_short_packets_are_left_alone() { client small 6; }

test_bombs_and_broken_packets_are_dropped_and_counted() {
	client bombs 7
	same "log lines" 2 "$(log_count 'a compressed packet of [0-9]* bytes over TLS is broken or above the MTU')"
	log_has 5 'ASA-7-722030: .*, (1200|1[0-1][0-9][0-9]) drops' 2
}

test_a_type_that_was_not_agreed_on_is_ignored() {
	local before
	before=$(log_count 'ASA-4-722015: .*Unknown SVC frame type: 8')
	client unnegotiated 8
	same "log lines" $((before + 3)) "$(log_count 'ASA-4-722015: .*Unknown SVC frame type: 8')"
}

# Debian's openconnect has both kinds; on DTLS, too.
test_openconnect_transfers_with_lz4_over_dtls_and_tls() {
	type openconnect > /dev/null 2>&1 || skip "no openconnect"
	. tests/openconnect.sh
	policy lzs lzs
	client_start dtls
	wait_for 15 has_line "$T/dtls.oc" "Established DTLS connection"
	has_line "$T/dtls.oc" "compression.*lz4|LZ4"
	log_has 5 'ASA-6-722022: .* UDP SVC connection established with compression'
	transfer_both_ways dtls 4
	in_client ping -q -c 5 -i 0.1 -W 2 -s 1300 -p 41 $LAN_IP
	in_lan ping -q -c 5 -i 0.1 -W 2 -s 1300 -p 42 "$CLIENT_IP"
	client_stop
	client_start tls --no-dtls
	transfer_both_ways tls 4
	in_client ping -q -c 5 -i 0.1 -W 2 -s 1300 -p 41 $LAN_IP
	client_stop
}

run_cases
