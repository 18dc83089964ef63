#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# revocation-check: CRL by HTTP and from a file, OCSP, what cannot be reached, and whom that must not disturb.
. "$(dirname "$0")/../lib.sh"
need_root
net_make
BASE=http://$LAN_IP OCSP=http://$LAN_IP:8888
R=$T/revocation
tests/certs/make-revocation.sh "$R" "$BASE" "$OCSP"
mkdir "$T/www"
daemon_start
{
	echo "configure terminal"
	echo "logging console debugging"
	printf 'crypto ca trustpoint rev\n enrollment terminal\n'
	echo end
} | cli
ca_add rev "$R/ca.pem" > /dev/null || exit 1

# tp LINE...: subcommands of the trustpoint, and a cache that knows nothing
tp() {
	{
		printf 'configure terminal\ncrypto ca trustpoint rev\n'
		printf '%s\n' "$@"
		printf 'end\nclear crypto ca crls\n'
	} | cli
}

crl() { tp "revocation-check $1" "crl configure" "no cache-time" "no url 1" "policy ${2:-cdp}"; }

login() { phone --cert "$R/$1.pem" --key "$R/$1.key" --hold 0 > "$T/login.$1" 2>&1; }
in_gw_reaches() { in_gw bash -c "exec 3<>/dev/tcp/$LAN_IP/$1" 2> /dev/null; }

http_start() {
	spawn "$T/http.log" in_lan python3 -m http.server --bind $LAN_IP --directory "$T/www" 80
	HTTP=$SPAWNED
	wait_for 5 in_gw_reaches 80
}

ocsp_start() {
	spawn "$T/ocsp.log" in_lan openssl ocsp -index "$R/index.txt" -CA "$R/ca.pem" -rsigner "$R/ca.pem" -rkey "$R/ca.key" -port 8888
	RESPONDER=$SPAWNED
	wait_for 5 has_line "$T/ocsp.log" 'waiting for OCSP' # a connection without a request would hang it
}

test_without_it_a_revoked_certificate_logs_in() {
	login revoked
	log_has 5 '717028: Certificate chain was successfully validated with warning, revocation status was not checked'
}

test_a_crl_by_http_from_the_certificate_decides() {
	local asked
	cp "$R/ca.crl" "$T/www/ca.crl"
	http_start
	crl crl
	login good
	log_has 5 '717028: .*validated with revocation status check'
	not login revoked
	log_has 5 '717009: .*certificate has been revoked, serial number: B2, subject name: .*cn=CP-8841-SEP0000000000B2'
	asked=$(grep -c 'GET /ca.crl' "$T/http.log")
	same "times that the CRL was fetched" 1 "$asked"
	cli show crypto ca crls | tee "$T/crls"
	grep -q 'cn=Revocation CA\|CN=Revocation CA' "$T/crls"
	grep -q 'Associated Trustpoints: rev' "$T/crls"
	cli -j show crypto ca crls | python3 -c 'import json, sys; c = json.load(sys.stdin)["crls"]; assert len(c) == 1 and c[0]["revoked"] == 1'
	kill $HTTP
	ended $HTTP 5 || :
	login good # from the cache
}

test_what_cannot_be_reached_refuses_and_with_none_it_does_not() {
	crl crl
	not login good
	log_has 5 '717009: .*revocation status could not be checked'
	log_has 5 '717010: CRL polling failed for trustpoint rev'
	crl "crl none"
	login good
}

test_ocsp_decides() {
	tp "revocation-check ocsp"
	ocsp_start
	login good
	not login revoked
	log_has 5 '717009: .*revoked, serial number: B2' 2
	kill $RESPONDER
	ended $RESPONDER 5 || :
	tp "revocation-check ocsp none" "ocsp url http://$LAN_IP:8889/"
	login revoked # nobody answers there, and none is the last word
	tp "revocation-check ocsp" "no ocsp url"
}

# by the serial number: the map fits this one certificate
map() {
	{
		printf 'configure terminal\ncrypto ca certificate map lost 10\nserial-number eq b2\n'
		echo end
	} | cli
}

test_a_certificate_map_makes_exceptions() {
	map
	crl crl
	cp "$R/ca.crl" "$T/www/ca.crl"
	http_start
	not login revoked
	tp "match certificate lost skip revocation-check"
	login revoked
	tp "no match certificate lost skip revocation-check" "match certificate lost override cdp 10 url http://$LAN_IP:8891/none.crl"
	login good
	not login revoked
	log_has 5 '717009: .*could not be checked: .*http://172.16.100.100:8891/none.crl'
	tp "no match certificate lost override cdp 10 url http://$LAN_IP:8891/none.crl"
	kill $HTTP
	ended $HTTP 5 || :
	ocsp_start
	tp "revocation-check ocsp" "ocsp url http://$LAN_IP:8890/" "match certificate lost override ocsp 10 url $OCSP"
	not login good # nobody answers at 8890
	not login revoked
	log_has 5 '717009: .*certificate has been revoked, serial number: B2'
	cli show running-config crypto ca trustpoint | grep -qx " match certificate lost override ocsp 10 url $OCSP"
	kill $RESPONDER
	ended $RESPONDER 5 || :
	tp "no ocsp url" "no match certificate lost override ocsp 10 url $OCSP"
}

test_the_methods_are_tried_in_order() {
	http_start
	tp "ocsp url http://$LAN_IP:8890/"
	crl "ocsp crl"
	login good
	not login revoked
	log_has 5 '717032: OCSP status check failed'
	tp "no ocsp url"
}

test_a_file_with_several_crls_is_read_again_when_it_changes() {
	cat "$R/other-crl.pem" "$R/before-crl.pem" > "$T/crls.pem"
	tp "revocation-check crl" "crl configure" "policy static" "url 1 file://$T/crls.pem"
	wait_for 5 login good
	login revoked
	cat "$R/other-crl.pem" "$R/ca-crl.pem" > "$T/crls.new"
	mv "$T/crls.new" "$T/crls.pem"
	log_has 10 "CRL file file://$T/crls.pem has changed"
	wait_for 5 not login revoked
	login good
	: > "$T/crls.pem" # spoilt: what was known still holds
	log_has 10 "CRL file file://$T/crls.pem has changed" 2
	not login revoked
}

test_a_crl_past_its_next_update_does_not_count() {
	cp "$R/short-crl.pem" "$T/short.pem"
	tp "revocation-check crl" "crl configure" "policy static" "url 1 file://$T/short.pem"
	wait_for 5 not login good
	log_has 5 'the CRL has expired'
	tp "crl configure" "no enforcenextupdate"
	login good
	not login revoked
	tp "crl configure" "enforcenextupdate"
}

test_a_server_that_never_answers_delays_nobody_else() {
	local begin
	spawn "$T/silent.log" in_lan python3 -c 'import socket, time
s = socket.create_server(("172.16.100.100", 8081)); time.sleep(60)'
	wait_for 5 in_gw_reaches 8081
	crl crl static
	tp "crl configure" "url 1 http://$LAN_IP:8081/ca.crl"
	spawn "$T/slow.phone" in_phone "$BUILD/phone" -c $GW_IP --cert "$R/good.pem" --key "$R/good.key" --hold 0 "$URL"
	log_has 5 '717024: Checking CRL from trustpoint: rev'
	begin=$(now_ms)
	phone --hold 0
	[ $(($(now_ms) - begin)) -lt $((3000 * SLACK)) ]
}

test_the_helper_is_started_again() {
	cp "$R/ca.crl" "$T/www/ca.crl"
	in_gw_reaches 80 || http_start
	crl crl
	kill -KILL "$(child revoke)"
	log_has 5 'offhook-revoke died of signal 9'
	wait_for 5 login good
}

test_a_crl_is_fetched_on_command() {
	in_gw_reaches 80 || http_start
	crl crl static
	tp "crl configure" "url 1 $BASE/ca.crl"
	cli crypto ca crl request rev | tee "$T/out"
	grep -q 'CRL received' "$T/out"
	tp "crl configure" "url 1 $BASE/nothing.crl"
	cli crypto ca crl request rev | tee "$T/out"
	grep -q 'ERROR: CRL request failed: .*HTTP status 404' "$T/out"
}

# der_crl ENTRIES FILE: in form a CRL
der_crl() {
	python3 - "$@" <<-'END'
	import sys
	def der(tag, value):
	    n = len(value)
	    size = bytes([n]) if n < 128 else (lambda b: bytes([0x80 | len(b)]) + b)(n.to_bytes((n.bit_length() + 7) // 8, "big"))
	    return bytes([tag]) + size + value
	date = der(0x17, b"260101000000Z")
	algorithm = der(0x30, der(6, bytes.fromhex("2a864886f70d01010b")) + b"\5\0")
	name = der(0x30, der(0x31, der(0x30, der(6, b"\x55\x04\x03") + der(0xc, b"Large CA"))))
	entries = b"".join(der(0x30, der(2, (0x400000 + i).to_bytes(3, "big")) + date) for i in range(int(sys.argv[1])))
	body = der(0x30, der(2, b"\1") + algorithm + name + date + der(0x17, b"360101000000Z") + der(0x30, entries))
	open(sys.argv[2], "wb").write(der(0x30, body + algorithm + der(3, b"\0" + b"\1" * 128)))
	END
}

test_a_crl_with_too_many_entries_is_said_so() {
	local text='717018: CRL received from .*Revocation CA.* has too many entries to process'
	in_gw_reaches 80 || http_start
	der_crl 1000001 "$T/www/many.crl"
	crl crl static
	tp "crl configure" "url 1 $BASE/many.crl"
	not login good
	log_has 5 "ASA-3-$text \\(number of entries = 1000001, maximum number allowed = 1000000\\)$"
	log_has 5 'ASA-3-717019: Failed to insert CRL for trustpoint rev. Reason: it has too many entries'
	# as many as are allowed are another matter: these are not the CA's
	der_crl 1000 "$T/www/many.crl"
	tp "crl configure" "url 1 $BASE/many.crl"
	not login good
	same "said once" 1 "$(log_count "$text")"
	rm "$T/www/many.crl"
}

test_a_crl_that_is_too_large_is_said_so() {
	local text='ASA-3-717015: CRL received from .*Revocation CA.* is too large to process'
	spawn "$T/large.log" in_lan python3 -c '
import socket
server = socket.create_server(("172.16.100.100", 8082))
while True:
    peer = server.accept()[0]
    head = peer.recv(65536)
    length = b"Content-Length: 40000000\r\n" if b"/told" in head else b""
    peer.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: application/pkix-crl\r\n" + length + b"\r\n")
    try:
        for i in range(1 if length else 40):
            peer.sendall(bytes(1000000))
    except OSError:
        pass
    peer.close()'
	wait_for 5 in_gw_reaches 8082
	crl crl static
	tp "crl configure" "url 1 http://$LAN_IP:8082/told.crl"
	not login good
	log_has 5 "$text \\(CRL size = 40000000, maximum CRL size = 33554432\\)$"
	log_has 5 'ASA-3-717012: Failed to refresh CRL cache entry from the server for trustpoint rev'
	tp "crl configure" "url 1 http://$LAN_IP:8082/untold.crl"
	not cli crypto ca crl request rev > "$T/out"
	grep -q 'ERROR: CRL request failed: .*larger than 33554432 bytes' "$T/out"
	log_has 5 "$text" 2
}

run_cases
