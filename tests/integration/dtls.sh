#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# DTLS: the names that clients offer, a second handshake beside a live one, failures, ports and addresses.
# deadline: 240
# slow
. "$(dirname "$0")/../lib.sh"
need_root
net_make
config_make
config_add <<'END'
logging console debugging
END
daemon_start
. tests/openconnect.sh

relay_start() {
	spawn "$T/$1.relay" in_phone tests/integration/relay.py "$2" $GW_IP 443 "${@:3}"
	RELAY=$SPAWNED
	wait_for 5 has_line "$T/$1.relay" listening
}

relay_stop() {
	kill -TERM $RELAY
	ended $RELAY 5 || :
}

have_openconnect() { type openconnect > /dev/null 2>&1 || skip "no openconnect"; }

# oc_dtls NAME CIPHER OPTIONS...: openconnect comes up with this cipher, as the session knows it, and data flows.
oc_dtls() {
	client_start "$1" "${@:3}"
	wait_for 15 has_line "$T/$1.oc" "Established DTLS connection" || { cat "$T/$1.oc"; return 1; }
	wait_for 5 sessions "s[0]['dtls_cipher'] == '$2'" || { sessions 's[0]["dtls_cipher"]'; return 1; }
	in_client ping -q -c 3 -i 0.1 -W 2 $LAN_IP
	in_lan ping -q -c 3 -i 0.1 -W 2 "$CLIENT_IP"
	client_stop
}

configure() {
	printf 'configure terminal\n' > "$T/lines"
	printf '%s\n' "$@" end >> "$T/lines"
	cli < "$T/lines" > "$T/lines.out" || { cat "$T/lines.out" >&2; return 1; }
}

# Its default offer (protocol.md 3.4).
test_openconnect_comes_up_with_psk_negotiate() {
	have_openconnect
	oc_dtls psk PSK-AES256-GCM-SHA384
	grep -q 'PSK' "$T/psk.oc"
}

test_psk_over_tls_13() {
	have_openconnect
	configure "ssl server-version tlsv1.3"
	oc_dtls psk13 PSK-AES256-GCM-SHA384
	configure "no ssl server-version"
	grep -q "TLSv1.3" "$T/log"
}

test_ssl_cipher_dtlsv12_decides_about_psk() {
	have_openconnect
	configure 'ssl cipher dtlsv1.2 custom "AES128-GCM-SHA256:AES256-GCM-SHA384"'
	oc_dtls psk128 PSK-AES128-GCM-SHA256
	configure 'ssl cipher dtlsv1.2 medium'
}

test_each_name_serves_openconnect() {
	have_openconnect
	oc_dtls n1 AES256-SHA --dtls-ciphers AES256-SHA
	oc_dtls n2 AES128-SHA --dtls-ciphers AES128-SHA
	oc_dtls n3 AES256-GCM-SHA384 --dtls-ciphers OC-DTLS1_2-AES256-GCM
	oc_dtls n4 AES128-GCM-SHA256 --dtls-ciphers OC-DTLS1_2-AES128-GCM
	oc_dtls n5 AES256-GCM-SHA384 --dtls-ciphers AES256-SHA --dtls12-ciphers AES256-GCM-SHA384
	oc_dtls n6 AES128-GCM-SHA256 --dtls12-ciphers AES128-GCM-SHA256
}

# The phone has lost its DTLS, the gateway does not know that yet.
test_a_second_handshake_replaces_a_live_session() {
	relay_start second 7101
	phone_start second $(cert mic-sha256-phone2) -m 8861 --dtls-via 127.0.0.1:7101 --require-dtls --dpd 1 --dtls-tries 20
	kill -USR2 $RELAY
	phone_event second dtls-down 10
	kill -USR2 $RELAY
	log_has 15 'ASA-5-722032: .* New UDP SVC connection replacing old connection'
	wait_for 5 in_lan ping -q -c 3 -i 0.1 -W 1 "$(sessions '[x["assigned_ip"] for x in s if x["state"] == "active"][0]')"
	sessions 'all(x["dtls_version"] for x in s if x["state"] == "active")'
	phone_stop $PHONE
	relay_stop
}

# protocol.md 4.3, rule 4: hellos arrive, answers do not.
test_dtls_that_never_comes_up_is_not_offered_for_ever() {
	relay_start deaf 7102 --deaf 100
	phone $(cert mic-sha256-phone3) -m 8861 --dtls-via 127.0.0.1:7102 --dtls-fallback --dtls-tries 4 --fail-connect-time 8 \
		-j -e --cookie "$T/deaf.cookie" --bye close > "$T/deaf.phone"
	grep -q '"event":"connect".*"dtls":"AES256-SHA"' "$T/deaf.phone"
	log_has 10 'DTLS has failed 3 times and is not offered to it again'
	phone $(cert mic-sha256-phone3) -m 8861 -j -e --resume "$T/deaf.cookie" --bye close --ping $LAN_IP > "$T/deaf2.phone"
	grep -q '"event":"connect".*"dtls":"none"' "$T/deaf2.phone" || { cat "$T/deaf2.phone"; false; }
	same "times said" 1 "$(log_count 'DTLS has failed 3 times')"
	relay_stop
	# a new login starts afresh
	phone $(cert mic-sha256-phone3) -m 8861 --require-dtls --ping $LAN_IP
}

test_a_phone_without_udp_works_over_tls() {
	relay_start none 7103 --loss 100
	phone $(cert mic-sha256-phone4) -m 8861 --dtls-via 127.0.0.1:7103 --dtls-fallback --dtls-tries 1 --fail-connect-time 4 \
		--ping $LAN_IP
	relay_stop
}

test_dtls_port_is_where_phones_are_sent() {
	configure webvpn "no enable outside" "dtls port 4443" "enable outside"
	wait_for 5 eval 'in_gw ss -Hlun | grep -q :4443'
	phone $(cert mic-sha256-phone5) -m 8861 --require-dtls --ping $LAN_IP -j -e > "$T/port.phone"
	grep -q '"event":"dtls-try".*"port":4443' "$T/port.phone" || { cat "$T/port.phone"; false; }
	configure webvpn "no enable outside" "no dtls port" "enable outside"
}

# A bye of the user ends the session of phones and openconnect at once (protocol.md 1.6).
test_goodbye_ends_a_phones_session_at_once() {
	phone $(cert mic-sha256-phone6) -m 8861
	wait_for 2 sessions 'not any(x["username"].endswith("5D3") for x in s)'
}

run_cases
