#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# debug: the story of a phone that fails, of one phone among many, and no secret in it.
. "$(dirname "$0")/../lib.sh"
need_root
net_make
config_make
config_add <<'END'
logging enable
logging debug-trace
logging buffered debugging
logging buffer-size 1048576
username bob password b0bsW0rd
END
config_add_users
daemon_start

debugged() { cli 'show logging | include 711001' | sed 's/.*711001: //'; }
fresh() {
	cli undebug all
	cli clear logging buffer
}
# story REGEX...: lines in this order
story() {
	debugged > "$T/story"
	python3 - "$T/story" "$@" <<'END'
import re, sys
lines = open(sys.argv[1]).read().splitlines()
at = 0
for want in sys.argv[2:]:
    while at < len(lines) and not re.search(want, lines[at]):
        at += 1
    assert at < len(lines), (want, lines)
    at += 1
END
}

test_nothing_is_told_unless_asked() {
	fresh
	phone > "$T/out"
	same "lines" "" "$(debugged)"
	same "show debug" "" "$(cli show debug)"
}

test_the_story_of_a_phone_in_its_order() {
	fresh
	same answer "INFO: debug webvpn anyconnect enabled at level 255." "$(cli debug webvpn anyconnect 255)"
	same "show debug" "debug webvpn anyconnect enabled at level 255" "$(cli show debug)"
	phone --ping $LAN_IP > "$T/out"
	cli wait logoff user CP-8841-SEP682C7B40B5CE timeout 5 > "$T/out"
	story 'client-hello: versions=TLSv1 TLSv1.1 TLSv1.2, suites=.*0035.*002F' 'tls-choice: version=TLSv1.2, cipher=AES256-SHA, trustpoint=asa-identity-cert' \
		'tls-up: .*client_certificate=yes' 'request: GET /phone HTTP/1.1' 'request: User-Agent: Cisco SVC IPPhone Client v1.0 \(1.0\)' \
		'answer: HTTP/1.1 200 OK' 'answer: Set-Cookie: webvpn=; expires' 'request: POST /phone HTTP/1.1' 'answer: Set-Cookie: webvpn=\*\*\*\*\*; secure' \
		'request: CONNECT /CSCOSSLC/tunnel HTTP/1.1' 'request: X-DTLS-Master-Secret: \*\*\*\*\*' 'dtls-choice: name=AES256-SHA, version=DTLSv1.0' \
		'answer: X-CSTP-Address: 10.10.1.' 'dtls-up: version=DTLSv1.0, cipher=AES256-SHA' 'frame: direction=in, channel=DTLS, type=data' \
		'frame: direction=in, channel=CSTP, type=disconnect' 'end: by=client, reason=User Requested'
}

test_neither_secrets_nor_cookies() {
	local cookie
	phone -q --bye empty --cookie "$T/cookie"
	cookie=$(cat "$T/cookie")
	in_phone "$BUILD/phone" -c "$GW_IP" --auth 0 -u bob -p b0bsW0rd --hold 0 https://asav.sckiewer.lab/users > "$T/out"
	debugged > "$T/all"
	grep -q 'request: POST /users' "$T/all"
	not grep -qF "$cookie" "$T/all"
	not grep -qE 'b0bsW0rd|[0-9A-Fa-f]{32}' "$T/all"
	cli vpn-sessiondb logoff all noconfirm > "$T/out"
}

test_one_phone_among_many() {
	fresh
	cli debug webvpn anyconnect 100 mac 68:2c:7b:40:b5:cf > "$T/out"
	cli show debug | grep -qx 'debug webvpn anyconnect enabled at level 100 (mac 682C7B40B5CF)'
	phone > "$T/out"
	same "lines of another phone" "" "$(debugged)"
	phone $(cert mic-sha256-phone2) > "$T/out"
	# what came before its name was known is told, too
	story 'client-hello' 'request: GET /phone' 'request: CONNECT'
	fresh
	cli debug webvpn 100 user bob > "$T/out"
	cli debug webvpn 100 source 192.0.2.1 > "$T/out"
	phone > "$T/out"
	same "lines of others" "" "$(debugged)"
	cli debug webvpn 100 source nonsense | grep -q '^ERROR: nonsense is no IP address'
}

test_a_failed_handshake_says_why() {
	fresh
	cli debug webvpn 1 > "$T/out"
	not in_phone openssl s_client -connect $GW_IP:443 -tls1_2 -cipher NULL-SHA256:@SECLEVEL=0 < /dev/null > "$T/out" 2>&1
	wait_for 5 eval 'debugged | grep -q "tls-failed: reason="'
}

test_certificates_and_passwords() {
	fresh
	cli debug crypto ca 255 > "$T/out"
	cli debug aaa authentication > "$T/out"
	not phone $(cert expired) > "$T/out" 2>&1
	in_phone "$BUILD/phone" -c "$GW_IP" --auth 0 -u bob -p b0bsW0rd --hold 0 https://asav.sckiewer.lab/users > "$T/out"
	story 'CRYPTO_PKI: Validating certificate chain' 'CRYPTO_PKI: Certificate validation failed\. Reason: certificate has expired' \
		'AAA: AAA user authentication Successful : local database : user = bob'
	cli no debug crypto ca
	cli show debug | grep -qx 'debug aaa authentication enabled at level 1'
	cli undebug all
	same "show debug" "" "$(cli show debug)"
}

run_cases
