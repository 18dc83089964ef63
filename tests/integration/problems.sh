#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# deadline: 240
# show vpn-phone, and the guide's failure classes as the gateway recognises them.
. "$(dirname "$0")/../lib.sh"
need_root
net_make
certs_make
config_make
daemon_run ip netns exec "$GW" || exit 1
USER_1=CP-8841-SEP682C7B40B5CE

configure() { { echo "configure terminal"; printf '%s\n' "$@"; echo end; } | cli; }

# problem EXPRESSION: one of `show vpn-phone problems` as p fits
problem() {
	cli -j show vpn-phone problems | python3 -c 'import json, sys
rows = json.load(sys.stdin)["problems"]
sys.exit(not any(eval(sys.argv[1]) for p in rows) and print(rows, file=sys.stderr) is None)' "$1"
}

refused() {
	cli clear vpn-phone problems
	not phone "$@" > "$T/refused" 2>&1
}

test_none_is_said() {
	same "no problems" "INFO: no problems of phones have been seen" "$(cli show vpn-phone problems)"
}

test_a_gateway_without_its_certificate() {
	refused
	problem 'p["problem"] == "no-identity" and "enroll" in p["remedy"]'
	identities_make > "$T/identities.log" 2>&1
	phone
	cli clear vpn-phone problems
}

test_ciphers_that_are_not_shared() {
	configure 'ssl cipher tlsv1.2 custom "DHE-RSA-AES256-SHA256"' > /dev/null
	refused -m 8861
	problem 'p["problem"] == "cipher" and p["source"] == "172.16.1.10" and "ssl cipher" in p["remedy"]'
	configure 'no ssl cipher tlsv1.2'
}

test_a_certificate_that_the_phone_does_not_know() {
	refused --pin 0000000000000000000000000000000000000000
	wait_for 5 problem 'p["problem"] == "certificate-refused" and "phone-vpn-trust" in p["remedy"]'
}

test_certificates_that_cannot_be_used() {
	refused $(cert wrongca)
	problem 'p["problem"] == "unknown-ca" and "SEP" in p["who"]'
	refused $(cert expired)
	problem 'p["problem"] == "expired"'
	refused $(cert notyet)
	problem 'p["problem"] == "not-yet-valid"'
}

test_a_client_without_a_certificate() {
	cli clear vpn-phone problems
	not in_phone "$BUILD/phone" -q -c $GW_IP "$URL"
	wait_for 5 problem 'p["problem"] == "no-certificate" and p["source"] == "172.16.1.10"'
}

test_a_url_that_no_group_has() {
	URL=https://asav.sckiewer.lab/wrong refused
	problem 'p["problem"] == "url" and p["who"].endswith("/wrong")'
	cli show vpn-phone problems | grep -q '^172.16.1.10: no group-url matches: https://asav.sckiewer.lab:443/wrong$'
}

test_a_pool_that_is_empty() {
	configure "ip local pool small 10.10.7.1-10.10.7.1 mask 255.255.255.0" "group-policy vpn-phone-policy attributes" "address-pools value small"
	phone_start first
	refused $(cert mic-sha256-phone2)
	problem 'p["problem"] == "pool" and p["who"] == "CP-8841-SEP682C7B40B5CF"'
	phone_stop "$PHONE"
	configure "group-policy vpn-phone-policy attributes" "no address-pools"
	configure "no ip local pool small"
}

test_tls_and_dtls_without_a_common_cipher() {
	configure 'ssl cipher dtlsv1 custom "AES128-SHA"' 'ssl cipher tlsv1.2 custom "AES256-SHA"' > /dev/null
	cli clear vpn-phone problems
	phone > "$T/out"
	problem 'p["problem"] == "dtls-cipher" and p["who"] == "'$USER_1'"'
	configure 'no ssl cipher dtlsv1' 'no ssl cipher tlsv1.2'
}

test_a_phone_is_shown_with_what_it_uses() {
	spawn "$T/echo" in_lan python3 -c 'import select, socket, sys
socks = []
for port in (69, 5060):
    socks.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    socks[-1].bind((sys.argv[1], port))
print("bound", flush=True)
while True:
    for s in select.select(socks, [], [])[0]:
        data, peer = s.recvfrom(2048)
        s.sendto(data, peer)' $LAN_IP
	wait_for 5 has_line "$T/echo" bound
	phone_start one --udp-echo $LAN_IP:69 --udp-echo $LAN_IP:5060
	wait_for 5 eval 'cli show vpn-phone | grep -q "seen"'
	cli show vpn-phone name $USER_1 > "$T/phone"
	same header "Model       MAC           Index  Assigned IP     State    TLS" "$(head -n 1 "$T/phone" | cut -c 1-61)"
	sed -n 2p "$T/phone" | grep -qE '^CP-8841     682C7B40B5CE  [0-9]+ +10\.10\.1\.[0-9]+ +active   AES256-SHA +AES256-SHA +asa-identity-cert +0    [0-9.]+ +seen    0h:00m:0[0-9]s$'
	cli -j show vpn-phone | python3 -c '
import json, sys
p, = json.load(sys.stdin)["sessions"]
assert p["model"] == "CP-8841" and p["mac"] == "682C7B40B5CE" and p["configuration_traffic"] and p["registration_traffic"] and 0 < p["rtt_us"] < 1000000, p'
	phone_stop "$PHONE"
}

# Datagrams go where nobody reads them; a minute later, the lack of configuration traffic is sure, too.
test_dtls_that_never_comes_and_a_phone_that_asks_for_nothing() {
	spawn "$T/lost" in_phone python3 -c 'import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 7301))
print("bound", flush=True)
while True: s.recv(2048)'
	wait_for 5 has_line "$T/lost" bound
	cli clear vpn-phone problems
	phone_start never --dtls-via 127.0.0.1:7301 --dtls-fallback --dtls-tries 1 --fail-connect-time 3
	wait_for 40 problem 'p["problem"] == "dtls-never" and p["who"] == "'$USER_1'" and "UDP" in p["remedy"]' 2> /dev/null
	wait_for 40 problem 'p["problem"] == "no-tftp" and p["who"] == "'$USER_1'" and "TFTP" in p["remedy"]' 2> /dev/null
	phone_stop "$PHONE"
}

# Hellos arrive, answers do not.
test_dtls_that_fails() {
	spawn "$T/deaf" in_phone tests/integration/relay.py 7302 $GW_IP 443 --deaf 100
	wait_for 5 has_line "$T/deaf" listening
	phone_start fails --dtls-via 127.0.0.1:7302 --dtls-fallback --dtls-tries 1 --fail-connect-time 3
	wait_for 40 problem 'p["problem"] == "dtls-fails" and p["who"] == "'$USER_1'"' 2> /dev/null
	phone_stop "$PHONE"
}

run_cases
