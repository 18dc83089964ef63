#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The operator's command: certificates, configuration, saving, starting again.
. "$(dirname "$0")/../lib.sh"
need_root
net_make
daemon_start

restart() {
	kill -TERM "$(cat "$T/daemon.pid")"
	wait_for 3 gone "$(cat "$T/daemon.pid")"
	daemon_run ip netns exec "$GW"
}

gateway_sha1() {
	cli crypto ca export "$1" identity-certificate | sed -n '/BEGIN CERT/,/END CERT/p' | openssl x509 -noout -fingerprint -sha1 | sed 's/.*=//; s/://g' | tr A-F a-f
}

test_what_is_exported_is_what_is_served() {
	in_phone openssl s_client -connect $GW_IP:443 < /dev/null 2> /dev/null | openssl x509 -outform DER > "$T/served.der"
	same "certificate" "$(openssl x509 -in "$T/gateway.pem" -outform DER | sha1sum)" "$(sha1sum < "$T/served.der")"
	openssl x509 -inform DER -in "$T/served.der" -noout -subject -ext subjectAltName,keyUsage > "$T/served"
	grep -q 'CN = asav.sckiewer.lab' "$T/served"
	grep -q 'DNS:asav.sckiewer.lab' "$T/served"
	grep -q 'IP Address:172.16.1.250' "$T/served"
	grep -q 'Key Encipherment' "$T/served"
}

test_configure_terminal_over_standard_input() {
	printf '%s\n' 'configure terminal' 'ip local pool second 10.20.0.1-10.20.0.9 mask 255.255.255.0' \
		'group-policy vpn-phone-policy attributes' 'dns-server value 10.0.0.53' 'exit' \
		'tunnel-group "with blank" type remote-access' 'end' 'show running-config ip local pool' | cli > "$T/answer"
	same answer "ip local pool vpn-phone-pool 10.10.1.1-10.10.1.254 mask 255.255.255.0
ip local pool second 10.20.0.1-10.20.0.9 mask 255.255.255.0" "$(cat "$T/answer")"
	cli show running-config group-policy | grep -qx ' dns-server value 10.0.0.53'
	cli show running-config tunnel-group | grep -qx 'tunnel-group "with blank" type remote-access'
	phone -j --ping $LAN_IP | grep -q '"dns":\["10.0.0.53"\]'
	printf '%s\n' 'conf t' 'no ip local pool second' 'no tunnel-group "with blank"' 'group-policy vpn-phone-policy attributes' \
		'no dns-server' 'end' | cli
	cli show running-config > "$T/running"
	not grep -qE 'second|with blank|dns-server' "$T/running"
}

test_a_wrong_line_changes_nothing_and_is_told() {
	local before status=0
	before=$(cli show running-config | grep -v Cryptochecksum)
	printf '%s\n' 'configure terminal' 'ip local pool bad 10.1.1.9-10.1.1.1' 'no ip local pool vpn-phone-pool' 'nonsense' 'end' | cli > "$T/answer" || status=$?
	same "exit status" 1 $status
	[ "$(grep -c ^ERROR "$T/answer")" -ge 2 ]
	grep -qE "^ *\^$" "$T/answer"
	same configuration "$before" "$(cli show running-config | grep -v Cryptochecksum)"
}

test_a_line_with_a_nul_is_refused_whole() {
	local before status=0
	before=$(cli show running-config)
	printf 'configure terminal\nhostname half\0whole\nend\n' | cli > "$T/answer" || status=$?
	same "exit status" 1 $status
	grep -q 'is not allowed' "$T/answer"
	same configuration "$before" "$(cli show running-config)"
}

test_an_unknown_command_is_marked() {
	local status=0
	cli show nonsense > "$T/answer" || status=$?
	same "exit status" 1 $status
	# the prompt is "asav# ": the mark stands below the word as if it had been typed there
	same answer "           ^
ERROR: % Invalid input detected at '^' marker." "$(cat "$T/answer")"
	status=0
	cli show > "$T/answer" || status=$?
	same "exit status" 1 $status
	same answer "ERROR: % Incomplete command" "$(cat "$T/answer")"
}

test_show_running_config_reads_back_the_same() {
	cli show running-config > "$T/one.cfg"
	"$BUILD/offhookd" --check -c "$T/one.cfg"
	grep -q 'crypto ca certificate chain cert4' "$T/one.cfg"
}

test_write_memory_and_a_restart_keep_all() {
	local sha1
	sha1=$(gateway_sha1 asa-identity-cert)
	printf '%s\n' 'configure terminal' 'group-policy vpn-phone-policy attributes' 'vpn-idle-timeout 77' 'end' 'write memory' | cli > "$T/answer"
	grep -qx '\[OK\]' "$T/answer"
	cli show running-config | grep -v Cryptochecksum > "$T/before"
	restart
	cli show running-config | grep -v Cryptochecksum > "$T/after"
	diff "$T/before" "$T/after"
	same "ready line's sha1" "$sha1" "$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["sha1"])' "$T/ready.json")"
	phone --pin "$PIN" --require-dtls --ping $LAN_IP
}

test_what_is_not_written_is_lost_but_keys_are_not() {
	printf '%s\n' 'configure terminal' 'group-policy vpn-phone-policy attributes' 'vpn-idle-timeout 99' 'end' | cli
	restart
	cli show running-config > "$T/running"
	not grep -q 'vpn-idle-timeout 99' "$T/running"
	phone --pin "$PIN" --ping $LAN_IP
}

test_a_pkcs12_becomes_the_identity_at_once() {
	local status=0
	openssl pkcs12 -export -in "$CERTS/gateway2.pem" -inkey "$CERTS/gateway2.key" -passout 'pass:Se cret%&:1' -out "$T/gateway2.p12"
	printf '%s\n' 'configure terminal' 'crypto ca trustpoint asa-new' 'end' | cli
	{ echo 'crypto ca import asa-new pkcs12 "Se cret%&:1" nointeractive'; base64 "$T/gateway2.p12"; echo quit; } | cli > "$T/answer"
	grep -qx 'INFO: Import PKCS12 operation completed successfully' "$T/answer"
	not grep -q 'Se cret' "$T/log"
	phone_start old
	printf '%s\n' 'configure terminal' 'ssl trust-point asa-new outside' 'end' | cli
	local pin
	pin=$(openssl x509 -in "$CERTS/gateway2.pem" -outform DER | openssl dgst -sha1 -binary | base64)
	phone --pin "$pin" $(cert mic-sha256-phone2) --require-dtls --ping $LAN_IP
	phone -q --pin "$PIN" $(cert mic-sha256-phone2) || status=$?
	same "exit status (pin)" 4 $status
	# the phone that was there stays on its old connection
	in_lan ping -c 1 -W 2 "$(sessions 's[0]["assigned_ip"]')"
	sessions 's[0]["server_trustpoint"] == "asa-identity-cert"'
	phone_stop $PHONE
	printf '%s\n' 'configure terminal' 'ssl trust-point asa-identity-cert outside' 'end' | cli
	phone --pin "$PIN" --ping $LAN_IP
}

test_a_wrong_passphrase_is_told_and_not_shown() {
	local status=0
	openssl pkcs12 -export -in "$CERTS/gateway2.pem" -inkey "$CERTS/gateway2.key" -passout pass:right -out "$T/p12"
	{ echo 'crypto ca import asa-identity-cert pkcs12 WRONGWORD nointeractive'; base64 -w 0 "$T/p12"; echo; echo quit; } | cli > "$T/answer" || status=$?
	same "exit status" 1 $status
	grep -q '^ERROR' "$T/answer"
	not grep -q WRONGWORD "$T/answer" "$T/log"
	phone --pin "$PIN" --ping $LAN_IP
}

test_authenticate_takes_any_line_length_with_or_without_armour() {
	local form
	openssl x509 -in "$CERTS/other-ca.pem" -outform DER > "$T/other.der"
	for form in "base64 -w 0" "base64 -w 64" "base64 -w 7"; do
		{ $form "$T/other.der"; echo; echo quit; } | cli crypto ca authenticate cert1 nointeractive > "$T/answer"
		grep -q 'Trustpoint CA certificate accepted.' "$T/answer"
	done
	{ sed 's/$/\r/' "$CERTS/other-ca.pem"; echo quit; } | cli crypto ca authenticate cert1 nointeractive | grep -q accepted
	# the trustpoint is in force
	phone $(cert wrongca) --ping $LAN_IP
}

test_authenticate_asks_and_no_means_no() {
	local before
	before=$(cli show running-config | grep -A3 'chain cert3' || :)
	{ echo 'crypto ca authenticate cert3'; cat "$CERTS/mic-sha256-root.pem"; echo quit; echo no; } | cli > "$T/answer"
	grep -q 'Do you accept this certificate' "$T/answer"
	not grep -q 'accepted\.' "$T/answer"
	same "chain" "$before" "$(cli show running-config | grep -A3 'chain cert3' || :)"
}

test_nonsense_is_no_certificate() {
	local status=0
	{ echo nonsense; echo quit; } | cli crypto ca authenticate cert3 nointeractive > "$T/answer" || status=$?
	same "exit status" 1 $status
	grep -q '^ERROR' "$T/answer"
	status=0
	cli crypto ca authenticate no-such nointeractive < /dev/null > "$T/answer" || status=$?
	same "exit status" 1 $status
}

test_removing_a_ca_refuses_its_phones() {
	phone $(cert lsc-phone1) --ping $LAN_IP
	printf '%s\n' 'configure terminal' 'no crypto ca trustpoint capf noconfirm' 'end' | cli
	local status=0
	phone -q $(cert lsc-phone1) || status=$?
	same "exit status (auth)" 7 $status
	phone --ping $LAN_IP
}

test_dtls_can_be_turned_off_by_policy() {
	printf '%s\n' 'configure terminal' 'group-policy vpn-phone-policy attributes' 'webvpn' 'anyconnect ssl dtls none' 'end' | cli
	phone -j --ping $LAN_IP > "$T/phone"
	grep -q '"dtls":{"offered":false' "$T/phone"
	printf '%s\n' 'configure terminal' 'group-policy vpn-phone-policy attributes' 'webvpn' 'anyconnect ssl dtls enable' 'end' | cli
	phone --require-dtls --ping $LAN_IP
}

test_ssl_cipher_and_version_act_on_new_handshakes() {
	printf '%s\n' 'configure terminal' 'ssl cipher tlsv1.2 custom "AES128-SHA"' 'end' | cli
	phone -j --require-dtls --ping $LAN_IP > "$T/phone"
	grep -q '"tls_cipher":"AES128-SHA"' "$T/phone"
	printf '%s\n' 'configure terminal' 'ssl server-version tlsv1.2' 'end' | cli
	local status=0
	phone -q -m 7962 || status=$?
	same "exit status (tls)" 3 $status
	printf '%s\n' 'configure terminal' 'no ssl cipher tlsv1.2' 'ssl server-version tlsv1' 'end' | cli
	phone -m 7962 --require-dtls --ping $LAN_IP
}

test_mtu_of_the_policy_is_told() {
	printf '%s\n' 'configure terminal' 'group-policy vpn-phone-policy attributes' 'webvpn' 'anyconnect mtu 1200' 'end' | cli
	phone -j --channel both --ping $LAN_IP --ping-size 1172 > "$T/phone"
	grep -q '"mtu":1200' "$T/phone"
	printf '%s\n' 'configure terminal' 'group-policy vpn-phone-policy attributes' 'webvpn' 'no anyconnect mtu' 'end' | cli
}

test_the_phone_configuration_has_url_and_hash() {
	cli show vpn-phone xml vpn-phone-group > "$T/vpn.xml"
	python3 - "$T/vpn.xml" "$(cli crypto ca export asa-identity-cert identity-certificate | openssl x509 -outform DER | openssl dgst -sha1 -binary | base64)" <<'END'
import sys, xml.etree.ElementTree as e
g = e.parse(sys.argv[1]).getroot()
assert g.tag == "vpnGroup" and g.findtext("authMethod") == "2" and g.findtext("mtu") == "1290"
assert g.findtext("addresses/url1") == "https://asav.sckiewer.lab/phone", g.findtext("addresses/url1")
assert g.findtext("credentials/hashAlg") == "0" and g.findtext("credentials/certHash1") == sys.argv[2]
END
	cli show vpn-phone xml nosuch | grep -q 'ERROR: Tunnel group nosuch does not exist'
}

run_cases
