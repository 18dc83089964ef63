#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What clients once stumbled over and no other file tries (doc/interop-traps.md says where which is).
. "$(dirname "$0")/../lib.sh"
need_root
net_make
config_make
config_add <<'END'
ipv6 local pool six fd17:10::10/64 50
group-policy vpn-phone-policy attributes
 ipv6-address-pools value six
username odd password a&b<c>"d'%+=e;f
END
config_add_users
daemon_start

client() {
	in_phone env PYTHONDONTWRITEBYTECODE=1 timeout $((60 * SLACK)) tests/integration/traps.py "$1" $GW_IP \
		"$CERTS/mic-sha256-phone1.pem" "$CERTS/mic-sha256-phone1.key" $LAN_IP
	cli vpn-sessiondb logoff all noconfirm # an AnyConnect that has said goodbye might come back
	wait_for 5 session_count_is 0
}

web() { # OPTIONS...: to /users; head and body to $T/answer
	in_phone curl -sk -m 10 -i --resolve "asav.sckiewer.lab:443:$GW_IP" "$@" https://asav.sckiewer.lab/users > "$T/answer"
}

test_a_connect_without_a_slash() { client clavister; }
test_the_licence_is_accepted_and_no_proxy_is_named() { client answer_lines; }
test_without_an_idle_timeout_there_is_one_for_all() {
	printf '%s\n' "configure terminal" "group-policy vpn-phone-policy attributes" "vpn-idle-timeout none" end | cli
	same "idle timeout" "1800 1800" "$(client idle_default | head -n 1)"
	printf '%s\n' "configure terminal" webvpn "default-idle-timeout 60" end | cli
	same "idle timeout" "60 60" "$(client idle_default | head -n 1)"
	printf '%s\n' "configure terminal" "group-policy vpn-phone-policy attributes" "vpn-idle-timeout 2" end | cli
	same "idle timeout" "120 120" "$(client idle_default | head -n 1)"
	cli show running-config webvpn | grep -qx ' default-idle-timeout 60'
}

# protocol.md 1.7: "all" is never a network to include, but none.
test_a_split_list_of_all_names_nothing() {
	local rule
	printf '%s\n' "configure terminal" "access-list split standard permit 10.7.0.0 255.255.0.0" "group-policy vpn-phone-policy attributes" \
		"split-tunnel-policy tunnelspecified" "split-tunnel-network-list value split" end | cli
	same "networks" "X-CSTP-Split-Include: 10.7.0.0/255.255.0.0" "$(client split_lines | head -n 1)"
	for rule in "permit any4" "permit 0.0.0.0 0.0.0.0"; do
		printf '%s\n' "configure terminal" "access-list split standard $rule" end | cli
		same "networks with $rule" "" "$(client split_lines | head -n 1)"
		printf '%s\n' "configure terminal" "no access-list split standard $rule" end | cli
	done
	printf '%s\n' "configure terminal" "group-policy vpn-phone-policy attributes" "no split-tunnel-policy" "no split-tunnel-network-list" end | cli
}

test_ios_needs_an_ipv6_network() { client ios; }
test_no_ipv6_below_its_mtu_nor_unasked() { client small_mtu; }
test_each_connect_has_another_dtls_session_id() { client new_dtls_id; }
test_without_dtls_there_is_no_line_of_it() { client no_dtls_lines; }
test_every_byte_a_record() { client byte_by_byte; }
test_all_in_one_record() { client in_one_piece; }
test_dpd_is_echoed_on_its_channel() { client dpd_is_echoed; }

test_passwords_are_escaped_in_each_dialect() {
	web -A 'Cisco SVC IPPhone Client v1.0 (1.0)' --data-urlencode 'username=odd' --data-urlencode "password=a&b<c>\"d'%+=e;f"
	grep -q '^Set-Cookie: webvpn=[0-9a-f]' "$T/answer"
	web -A 'AnyConnect Linux_64 4.10' -H 'X-Aggregate-Auth: 1' --data-binary '<config-auth type="auth-reply"><auth><username>odd</username>
<password>a&amp;b&lt;c&gt;&quot;d&apos;&#37;&#x2b;=e;f</password></auth></config-auth>'
	grep -q 'type="complete"' "$T/answer"
	cli vpn-sessiondb logoff all noconfirm
}

test_the_oldest_openconnect_gets_a_bare_form() {
	web -A 'Open AnyConnect VPN Agent v3.20'
	grep -q '<auth id="main">' "$T/answer"
	not grep -q 'config-auth' "$T/answer"
	web -A 'Open AnyConnect VPN Agent v4.00'
	grep -q '<config-auth' "$T/answer"
}

# A client that asks for it is told no, and gets no second handshake.
test_renegotiation_is_refused() {
	mkfifo "$T/say"
	spawn "$T/renegotiation" in_phone sh -c "exec openssl s_client -connect $GW_IP:443 -tls1_2 < '$T/say'"
	exec {say}> "$T/say"
	wait_for 5 has_line "$T/renegotiation" 'Verify return code|Verification'
	echo R >&$say
	wait_for 10 gone $SPAWNED
	exec {say}>&-
	grep -qi 'no renegotiation' "$T/renegotiation"
	phone --hold 0
}

test_a_certificate_that_cannot_encipher_is_told() {
	openssl req -x509 -newkey rsa:2048 -nodes -keyout "$T/k.key" -out "$T/k.pem" -days 30 -subj /CN=sign.only -addext keyUsage=critical,digitalSignature 2> /dev/null
	openssl pkcs12 -export -in "$T/k.pem" -inkey "$T/k.key" -passout pass:Geheim12 -out "$T/k.p12"
	{ echo "crypto ca import signonly pkcs12 Geheim12 nointeractive"; base64 "$T/k.p12"; echo quit; } | cli > "$T/out"
	printf '%s\n' "configure terminal" "ssl cipher tlsv1 custom \"AES256-SHA\"" "ssl trust-point signonly outside" end | cli > "$T/out"
	grep -q 'WARNING: no certificate on interface outside can serve AES256-SHA of "ssl cipher tlsv1"' "$T/out"
	grep -q 'WARNING: interface outside cannot speak TLS 1.0: no cipher that its certificate can serve' "$T/out"
}

# doc/interop-traps.md: FILE:CASE
test_the_tables_tests_exist() {
	local name file
	grep -oE '`[a-z0-9_]+:[a-z0-9_]+`' doc/interop-traps.md | tr -d '`' > "$T/names"
	[ "$(wc -l < "$T/names")" -gt 50 ]
	while read -r name; do
		file=tests/integration/${name%%:*}.sh
		case $name in test_*) file=tests/unit/${name%%:*}.c ;; esac
		grep -qE "^(test_|T\()${name#*:}\(?\)" "$file" || fail "$name"
	done < "$T/names"
	same "traps" "$(seq 52)" "$(sed -nE 's/^\| ([0-9]+) \|.*/\1/p' doc/interop-traps.md)"
}

run_cases
