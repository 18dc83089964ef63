#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What is refused: each cleanly, logged once, and a phone that is connected does not feel it.
. "$(dirname "$0")/../lib.sh"
need_root
net_make
daemon_start
phone_start bystander $(cert mic-sha256-phone20)
BYSTANDER=$PHONE
BYSTANDER_IP=$(sessions 's[0]["assigned_ip"]')

bystander_well() {
	not gone $BYSTANDER
	in_lan ping -c 2 -i 0.2 -W 2 "$BYSTANDER_IP"
	session_count_is 1
}

# refused CERT STAGE-STATUS REGEX: the phone fails so, and one line more of the log matches.
refused() {
	local status=0 before
	before=$(log_count "$3")
	phone -q --cert "$CERTS/$1.pem" --key "$CERTS/$1.key" || status=$?
	same "exit status" "$2" $status
	log_has 5 "$3" $((before + 1))
	bystander_well
	same "lines logged for it" $((before + 1)) "$(log_count "$3")"
}

test_wrong_ca() {
	refused wrongca 7 'ASA-3-717009: Certificate validation failed. No suitable trustpoints found to validate certificate serial number: [0-9A-F]+, subject name: cn=CP-8841-SEP682C7B40B5CE'
}

test_expired() {
	refused expired 7 'ASA-3-717009: Certificate validation failed. Reason: certificate has expired, serial number: [0-9A-F]+, subject name: .*cn='
	refused expired-sha1 7 'ASA-3-717009: Certificate validation failed. Reason: certificate has expired'
}

test_not_yet_valid() {
	refused notyet 7 'ASA-3-717009: Certificate validation failed. Reason: certificate is not yet valid'
}

test_forged_issuer() {
	refused forged 7 'ASA-3-717009: Certificate validation failed\.'
}

test_self_signed() {
	refused selfsigned 7 'ASA-3-717009: Certificate validation failed\.'
}

test_no_certificate() {
	local status=0 before
	before=$(log_count 716039)
	in_phone "$BUILD/phone" -q -c $GW_IP $URL || status=$?
	same "exit status (auth)" 7 $status
	log_has 5 'ASA-6-716039: Group <vpn-phone-group> User <\*\*\*\*\*> IP <172.16.1.10> Authentication: rejected, Session Type: WebVPN.' $((before + 1))
	bystander_well
	same "lines logged for it" $((before + 1)) "$(log_count 716039)"
}

# "multiple-certificate" is one at least, and it must be good.
test_multiple_certificate_wants_one() {
	local change="tunnel-group vpn-phone-group webvpn-attributes"
	printf '%s\n' "configure terminal" "$change" "authentication multiple-certificate" end | cli | tee "$T/out"
	grep -q 'WARNING: tunnel-group vpn-phone-group: of multiple-certificate one certificate is asked for and checked' "$T/out"
	refused selfsigned 7 'ASA-3-717009: Certificate validation failed\.'
	refused wrongca 7 'ASA-3-717009: Certificate validation failed\.'
	phone --hold 0
	printf '%s\n' "configure terminal" "$change" "authentication certificate" end | cli
}

test_unknown_url() {
	local status=0 before
	before=$(log_count 'no group-url matches')
	URL=https://asav.sckiewer.lab/unknown phone -q || status=$?
	same "exit status (http)" 6 $status
	log_has 5 'no group-url matches https://asav.sckiewer.lab:443/unknown' $((before + 1))
	URL=https://other.example/phone phone -q || :
	log_has 5 'no group-url matches https://other.example:443/phone' 1
	bystander_well
	same "lines logged for them" $((before + 2)) "$(log_count 'no group-url matches')"
}

test_a_tunnel_without_login() {
	local before
	before=$(log_count 722003)
	printf 'CONNECT /CSCOSSLC/tunnel HTTP/1.1\nHost: asav.sckiewer.lab\n\n' |
		in_phone tests/integration/odd.py request $GW_IP 443 "$CERTS/mic-sha256-phone1.pem" "$CERTS/mic-sha256-phone1.key" > "$T/answer"
	grep -q '^HTTP/1.1 401 ' "$T/answer"
	not grep -q '^X-CSTP' "$T/answer"
	log_has 5 'ASA-4-722003: IP <172.16.1.10> Error authenticating SVC connect request.' $((before + 1))
	bystander_well
}

test_a_proxy_request() {
	printf 'CONNECT 172.16.100.100:80 HTTP/1.1\nHost: x\n\n' |
		in_phone tests/integration/odd.py request $GW_IP 443 - - > "$T/answer"
	grep -q '^HTTP/1.1 404 ' "$T/answer"
	log_has 5 'ASA-4-722001: IP <172.16.1.10> Error parsing SVC connect request.'
	bystander_well
}

test_garbage_instead_of_tls() {
	local before kinds
	before=$(log_count 725006)
	kinds=$(in_phone tests/integration/odd.py garbage $GW_IP 443)
	wait_for 5 eval '[ $(log_count 725006) -gt '"$before"' ]'
	wait_for 5 eval '[ -z "$(workers | tail -n +2)" ]'
	bystander_well
	[ $(($(log_count 725006) - before)) -le "$kinds" ]
	not grep -qE 'AddressSanitizer|runtime error|signal|breaks the protocol' "$T/log"
}

test_a_health_probe_is_no_error() {
	local before
	before=$(wc -l < "$T/log")
	in_phone tests/integration/odd.py probe $GW_IP 443
	in_phone tests/integration/odd.py probe $GW_IP 443
	bystander_well
	wait_for 5 eval '[ -z "$(workers | tail -n +2)" ]'
	same "log lines" "$before" "$(wc -l < "$T/log")"
}

test_headers_of_1_mb() {
	local before
	before=$(log_count 'HTTP request refused: 431')
	in_phone tests/integration/odd.py headers $GW_IP 443 - - 1048576 > "$T/status"
	same status 'HTTP/1.1 431 Request Header Fields Too Large' "$(cat "$T/status")"
	log_has 5 'HTTP request refused: 431' $((before + 1))
	bystander_well
	same "lines logged for it" $((before + 1)) "$(log_count 'HTTP request refused: 431')"
}

test_headers_of_16_kb_are_served() {
	in_phone tests/integration/odd.py headers $GW_IP 443 - - 16000 > "$T/status"
	same status 'HTTP/1.1 200 OK' "$(cat "$T/status")"
	bystander_well
}

test_requests_that_are_none() {
	printf 'BREW /phone HTTP/1.1\nHost: x\n\n' | in_phone tests/integration/odd.py request $GW_IP 443 - - | grep -q '^HTTP/1.1 405 '
	printf 'nonsense\n\n' | in_phone tests/integration/odd.py request $GW_IP 443 - - | grep -q '^HTTP/1.1 400 '
	printf 'GET /%s HTTP/1.1\n\n' "$(printf 'x%.0s' $(seq 600))" | in_phone tests/integration/odd.py request $GW_IP 443 - - | grep -q '^HTTP/1.1 414 '
	printf 'POST /phone HTTP/1.1\nContent-Length: 999999\n\n' | in_phone tests/integration/odd.py request $GW_IP 443 - - | grep -q '^HTTP/1.1 413 '
	printf 'POST /phone HTTP/1.1\nTransfer-Encoding: chunked\n\n' | in_phone tests/integration/odd.py request $GW_IP 443 - - | grep -q '^HTTP/1.1 501 '
	bystander_well
}

test_a_browser_gets_a_page() {
	printf 'GET / HTTP/1.1\nHost: asav.sckiewer.lab\nUser-Agent: Mozilla/5.0\n\n' | in_phone tests/integration/odd.py request $GW_IP 443 - - > "$T/answer"
	grep -q '^HTTP/1.1 200 ' "$T/answer"
	grep -qi '^Content-Type: text/html' "$T/answer"
	bystander_well
}

test_tls_13_only_is_refused_by_default() {
	not in_phone timeout 10 openssl s_client -connect $GW_IP:443 -tls1_3 < /dev/null > "$T/tls13" 2>&1
	log_has 5 'ASA-6-725006: Device failed SSL handshake with client outside:172.16.1.10/'
	bystander_well
}

test_ec_only_clients_get_no_other_certificate() {
	not in_phone timeout 10 openssl s_client -connect $GW_IP:443 -tls1_2 -cipher ECDHE-ECDSA-AES256-GCM-SHA384 < /dev/null > "$T/ec" 2>&1
	not grep -q 'BEGIN CERTIFICATE' "$T/ec"
	bystander_well
}

test_200_connections_that_say_nothing_do_not_hinder_a_phone() {
	spawn "$T/silent" in_phone tests/integration/odd.py silent $GW_IP 443 200 100
	local silent=$SPAWNED
	wait_for 20 has_line "$T/silent" connected
	phone --require-dtls --ping $LAN_IP
	kill -KILL $silent
	wait_for 20 eval '[ -z "$(workers | tail -n +2)" ]'
	bystander_well
}

test_the_first_random_bytes_of_100_connections_differ() {
	in_phone tests/integration/odd.py randoms $GW_IP 443 100 > "$T/randoms"
	same "different ServerHello randoms" 100 "$(sort -u "$T/randoms" | wc -l)"
	same "different first 4 bytes" 100 "$(cut -c 1-8 "$T/randoms" | sort -u | wc -l)"
	bystander_well
}

test_without_descriptors_it_waits_and_goes_on() {
	local limit at
	limit=$(awk '/^Max open files/ { print $5 }' "/proc/$DAEMON/limits")
	prlimit --pid "$DAEMON" --nofile=3:"$limit"
	spawn "$T/waiting" in_phone tests/integration/odd.py silent $GW_IP 443 1 100
	log_has 5 'no connection can be accepted for a while'
	at=$(now_ms)
	log_has 5 'no connection can be accepted for a while' 2
	[ $(($(now_ms) - at)) -gt 500 ]
	prlimit --pid "$DAEMON" --nofile="$limit:$limit"
	phone --require-dtls --ping $LAN_IP
	kill -KILL $SPAWNED
	bystander_well
}

run_cases
