#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The guide's certificate renewal while ten phones are in a call, and back, and
# on again; with a certificate of a CA; with an EC trustpoint beside the RSA one.
. "$(dirname "$0")/../lib.sh"
need_root
net_make
daemon_start

# Certificates of other issuers, made as a company's CA would.
C=$T/ca
mkdir "$C"
(
	cd "$C"
	openssl req -x509 -newkey rsa:2048 -nodes -keyout root.key -out root.pem -days 30 -subj "/CN=Company Root" \
		-addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign,cRLSign"
	openssl req -newkey rsa:2048 -nodes -keyout sub.key -out sub.csr -subj "/CN=Company Issuing CA"
	printf 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n' > sub.ext
	openssl x509 -req -in sub.csr -CA root.pem -CAkey root.key -CAcreateserial -days 30 -extfile sub.ext -out sub.pem
	openssl req -newkey rsa:2048 -nodes -keyout gw.key -out gw.csr -subj "/CN=asav.sckiewer.lab"
	printf 'subjectAltName=DNS:asav.sckiewer.lab\nkeyUsage=digitalSignature,keyEncipherment\n' > gw.ext
	openssl x509 -req -in gw.csr -CA sub.pem -CAkey sub.key -CAcreateserial -days 30 -extfile gw.ext -out gw.pem
	cat sub.pem root.pem > chain.pem
	openssl pkcs12 -export -in gw.pem -inkey gw.key -certfile chain.pem -passout pass:secret -out gw.p12
	base64 gw.p12 > gw.b64
) > "$C/log" 2>&1 || { cat "$C/log"; exit 1; }

# pin_of TRUSTPOINT: base64 of the certificate's SHA-1, as CUCM puts it into the phones' configuration
pin_of() {
	cli crypto ca export "$1" identity-certificate | sed -n '/BEGIN CERT/,/END CERT/p' |
		openssl x509 -outform DER | openssl dgst -sha1 -binary | base64
}

sha1_of() { pin_of "$1" | base64 -d | od -An -tx1 | tr -d ' \n'; }

configure() {
	{
		echo "configure terminal"
		printf '%s\n' "$@"
		echo end
	} | cli
}

bind() { configure "ssl trust-point $1 outside"; }
seen_by_a_new_phone() { phone --cert "$CERTS/lsc-phone1.pem" --key "$CERTS/lsc-phone1.key" -j --pin "$1" --hold 0; }

OLD=$(pin_of asa-identity-cert)
spawn "$T/call.phone" in_phone "$BUILD/phone" -c $GW_IP -j -e -H -1 -N 10 -m 8861 $(cert mic-sha256-phone%d) --require-dtls --pin "$OLD" \
	--ping $LAN_IP -n 60000 -i 20 --channel dtls -W 1000 --max-loss 0 "$URL"
CALL=$SPAWNED
wait_for 20 session_count_is 10
wait_for 10 sessions 'all(x["dtls_version"] for x in s)'

in_call() { sessions 'len([x for x in s if x["phone"] and x["server_trustpoint"] == "asa-identity-cert" and x["dtls_version"]]) == 10'; }

# traffic_grows: each of the ten has moved packets both ways since
traffic() { sessions '[(x["packets_rx"], x["packets_tx"]) for x in s if x["index"] <= 10]'; }
traffic_grew() {
	local now
	now=$(traffic)
	python3 -c 'import sys, ast; a, b = map(ast.literal_eval, sys.argv[1:]); sys.exit(not all(x[0] + 5 < y[0] and x[1] + 5 < y[1] for x, y in zip(a, b)))' "$1" "$now"
}
still_in_call() {
	local before
	before=$(traffic)
	wait_for 5 traffic_grew "$before"
	in_call
}

test_a_new_certificate_disturbs_nobody_in_a_call() {
	still_in_call
	configure "crypto ca trustpoint asa-identity-cert-2" "enrollment self" "subject-name CN=asav.sckiewer.lab"
	cli crypto ca enroll asa-identity-cert-2 noconfirm
	NEW=$(pin_of asa-identity-cert-2)
	[ "$OLD" != "$NEW" ]
	seen_by_a_new_phone "$OLD" # not bound yet
	bind asa-identity-cert-2 | tee "$T/out"
	[ ! -s "$T/out" ] # silence is success
	still_in_call
	seen_by_a_new_phone "$NEW"
	not seen_by_a_new_phone "$OLD" > "$T/pin"
	grep -q 'pin' "$T/pin"
	still_in_call
}

test_who_is_still_on_the_old_one_is_shown() {
	sessions "all(x['server_certificate_sha1'] == '$(sha1_of asa-identity-cert)' for x in s)"
	cli show ssl | tee "$T/ssl"
	grep -q 'Interface outside: asa-identity-cert-2 (RSA 2048 bits RSA-SHA256)' "$T/ssl"
	grep -q 'Sessions on a certificate other than the bound one: 10$' "$T/ssl"
	phone_start new --cert "$CERTS/lsc-phone2.pem" --key "$CERTS/lsc-phone2.key"
	sessions "[x['server_trustpoint'] for x in s if x['index'] > 10] == ['asa-identity-cert-2']"
	cli -j show ssl | python3 -c 'import json, sys; assert json.load(sys.stdin)["sessions_on_other_certificates"] == 10'
	phone_stop "$PHONE"
}

test_back_with_one_command_and_on_again() {
	bind asa-identity-cert
	seen_by_a_new_phone "$OLD"
	cli show ssl | grep -q 'other than the bound one: 0$'
	bind asa-identity-cert-2
	seen_by_a_new_phone "$(pin_of asa-identity-cert-2)"
	still_in_call
}

test_a_certificate_of_a_ca_with_its_intermediate() {
	{ cat "$C/gw.b64"; echo quit; } | cli crypto ca import company pkcs12 secret nointeractive
	bind company
	in_phone openssl s_client -connect $GW_IP:443 -showcerts < /dev/null 2> /dev/null > "$T/chain"
	[ "$(grep -c 'BEGIN CERT' "$T/chain")" -ge 2 ]
	in_phone openssl s_client -connect $GW_IP:443 -CAfile "$C/root.pem" -verify_return_error < /dev/null > "$T/verify" 2>&1
	seen_by_a_new_phone "$(pin_of company)"
	still_in_call
	bind asa-identity-cert-2
}

test_an_ec_trustpoint_beside_the_rsa_one_is_never_shown_to_a_phone() {
	local model
	cli crypto key generate ecdsa label ec-key elliptic-curve 256 noconfirm
	configure "crypto ca trustpoint ec" "enrollment self" "subject-name CN=asav.sckiewer.lab" "keypair ec-key"
	cli crypto ca enroll ec noconfirm
	bind ec
	cli show running-config ssl | tee "$T/out"
	grep -q 'ssl trust-point asa-identity-cert-2 outside' "$T/out"
	grep -q 'ssl trust-point ec outside' "$T/out"
	NEW=$(pin_of asa-identity-cert-2)
	for model in 7962 8861; do
		phone -m $model --pin "$NEW" --hold 0
	done
	phone -m 8861 --modern --pin "$NEW" --hold 0 --ciphers 'ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:AES256-SHA'
	# who can do nothing else gets it
	in_phone openssl s_client -connect $GW_IP:443 -tls1_2 -cipher ECDHE-ECDSA-AES256-GCM-SHA384 < /dev/null > "$T/ec" 2>&1 || :
	grep -q 'ECDHE-ECDSA-AES256-GCM-SHA384' "$T/ec"
	still_in_call
}

test_a_name_in_the_hello_may_have_a_certificate_of_its_own() {
	configure "no ssl trust-point ec outside" "crypto ca trustpoint named" "enrollment self" "subject-name CN=other.example.com"
	cli crypto ca enroll named noconfirm
	configure "ssl trust-point named domain other.example.com"
	for name in other.example.com:named asav.sckiewer.lab:asa-identity-cert-2 third.example.com:asa-identity-cert-2; do
		in_phone openssl s_client -connect $GW_IP:443 -servername "${name%:*}" < /dev/null 2> /dev/null |
			openssl x509 -outform DER | openssl dgst -sha1 -binary | base64 > "$T/sni"
		same "certificate for ${name%:*}" "$(pin_of "${name#*:}")" "$(cat "$T/sni")"
	done
	configure "no ssl trust-point named domain other.example.com"
	still_in_call
}

test_not_one_ping_was_lost() {
	still_in_call
	kill -TERM "$CALL"
	ended "$CALL" 20 || { tail -n 12 "$T/call.phone" | cut -c 1-600; return 1; }
	python3 - "$T/call.phone" <<'END'
import json, sys
summaries = [e for e in map(json.loads, open(sys.argv[1])) if e.get("event") == "summary"]
assert len(summaries) == 10, len(summaries)
for e in summaries:
    p = e["pings"]["dtls"]
    assert p["sent"] > 50 and p["sent"] - p["received"] <= 1, p # the last may be under way at the end
    assert e["reconnects"] == 0 and e["dtls"]["handshakes"] == 1, e["dtls"]
END
}

run_cases
