#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Logging in with passwords, in each dialect: aggregate authentication, legacy forms, phones; and with both.
. "$(dirname "$0")/../lib.sh"
need_root
net_make
config_make
config_add <<'END'
username bob password b0bsW0rd
username bob attributes
 service-type remote-access
group-policy users internal
group-policy users attributes
 vpn-tunnel-protocol ssl-client
 banner value Welcome to <the> lab & more
group-policy DfltGrpPolicy attributes
 vpn-tunnel-protocol ssl-client
tunnel-group users type remote-access
tunnel-group users general-attributes
 address-pool vpn-phone-pool
 default-group-policy users
tunnel-group users webvpn-attributes
 authentication aaa
 group-alias Staff enable
 group-url https://asav.sckiewer.lab/users enable
tunnel-group both type remote-access
tunnel-group both general-attributes
 address-pool vpn-phone-pool
 default-group-policy users
tunnel-group both webvpn-attributes
 authentication aaa certificate
 group-alias "With certificate" enable
 group-url https://asav.sckiewer.lab/both enable
webvpn
 tunnel-group-list enable
END
daemon_start
SPKI=$(openssl x509 -in "$T/gateway.pem" -noout -pubkey | openssl pkey -pubin -outform DER | openssl dgst -sha256 -binary | base64)
BASE=https://asav.sckiewer.lab

# web OPTIONS... PATH: curl from the phone's namespace; head and body to $T/answer
web() {
	in_phone curl -sk -m 10 --resolve "asav.sckiewer.lab:443:$GW_IP" -i "${@:1:$#-1}" "$BASE${!#}" > "$T/answer"
}
configure() { printf '%s\n' "configure terminal" "$@" end | cli > "$T/configured"; }
agent='AnyConnect Linux_64 4.10.07061'
xml() { # BODY PATH
	web -A "$agent" -H 'X-Aggregate-Auth: 1' -H 'X-Transcend-Version: 1' --data-binary "$1" "$2"
}
init='<?xml version="1.0" encoding="UTF-8"?><config-auth client="vpn" type="init" aggregate-auth-version="2"><version who="vpn">4.10</version><device-id>linux-64</device-id></config-auth>'
reply() { # USER PASSWORD [MORE]
	echo "<?xml version=\"1.0\"?><config-auth client=\"vpn\" type=\"auth-reply\" aggregate-auth-version=\"2\"><auth><username>$1</username><password>$2</password></auth>${3:-}</config-auth>"
}

oc_start() { # NAME PASSWORD OPTIONS... URL
	local name=$1 password=$2
	shift 2
	printf '#!/bin/sh\n[ "$reason" = connect ] && env | grep -E "INTERNAL_IP4_ADDRESS|CISCO_BANNER" > "%s"\n' "$T/$name.env" > "$T/script"
	chmod +x "$T/script"
	rm -f "$T/$name.env"
	printf '%s\n' "$password" > "$T/password"
	ip netns exec "$PH" openconnect --protocol=anyconnect --passwd-on-stdin --servercert "pin-sha256:$SPKI" --no-dtls \
		--script "$T/script" --interface oc0 --resolve "asav.sckiewer.lab:$GW_IP" "$@" < "$T/password" > "$T/$name.oc" 2>&1 &
	CLIENT=$!
	echo $CLIENT >> "$T/pids"
	wait_for 20 eval 'test -s "$T/$name.env" || gone $CLIENT'
}

test_openconnect_with_user_and_password() {
	oc_start bob b0bsW0rd -u bob "$BASE/users"
	[ -s "$T/bob.env" ] || { cat "$T/bob.oc"; return 1; }
	sessions 's[0]["username"] == "bob" and s[0]["tunnel_group"] == "users" and s[0]["group_policy"] == "users"'
	log_has 5 '113012: AAA user authentication Successful : local database : user = bob'
	end_pids "$CLIENT" || :
	wait_for 5 session_count_is 0
}

# What OpenConnect spoke before there was XML, with its own forms.
test_openconnect_without_xml_post() {
	oc_start plain b0bsW0rd --no-xmlpost -u bob "$BASE/users"
	[ -s "$T/plain.env" ] || { cat "$T/plain.oc"; return 1; }
	sessions 's[0]["username"] == "bob" and s[0]["tunnel_group"] == "users"'
	end_pids "$CLIENT" || :
	wait_for 5 session_count_is 0
	oc_start plain2 - --no-xmlpost -c "$CERTS/lsc-phone1.pem" -k "$CERTS/lsc-phone1.key" "$BASE/phone"
	[ -s "$T/plain2.env" ] || { cat "$T/plain2.oc"; return 1; }
	sessions 's[0]["tunnel_group"] == "vpn-phone-group"'
	end_pids "$CLIENT" || :
	wait_for 5 session_count_is 0
}

test_a_wrong_password_is_told_and_logged() {
	oc_start wrong nonsense -u bob --non-inter "$BASE/users"
	[ ! -s "$T/wrong.env" ]
	log_has 5 '113015: AAA user authentication Rejected : reason = Invalid password : local database : user = (bob|\*+) : user IP = 172.16.1.10'
	not grep -q 'b0bsW0rd\|nonsense' "$T/log"
}

test_a_group_is_chosen_from_the_list() {
	oc_start staff b0bsW0rd -u bob --authgroup=Staff "$BASE/"
	[ -s "$T/staff.env" ] || { cat "$T/staff.oc"; return 1; }
	sessions 's[0]["tunnel_group"] == "users"'
	end_pids "$CLIENT" || :
	wait_for 5 session_count_is 0
}

test_certificate_and_password_together() {
	oc_start both b0bsW0rd -u bob $(echo -c "$CERTS/lsc-phone1.pem" -k "$CERTS/lsc-phone1.key") "$BASE/both"
	[ -s "$T/both.env" ] || { cat "$T/both.oc"; return 1; }
	sessions 's[0]["username"] == "bob" and s[0]["tunnel_group"] == "both"'
	end_pids "$CLIENT" || :
	wait_for 5 session_count_is 0
	oc_start alone b0bsW0rd -u bob --non-inter "$BASE/both"
	[ ! -s "$T/alone.env" ] # without the certificate
}

test_the_xml_dialect_word_by_word() {
	xml "$init" /users
	grep -q '^HTTP/1.1 200 OK' "$T/answer"
	grep -q 'type="auth-request"' "$T/answer"
	grep -q '<input type="password" name="password"' "$T/answer"
	not grep -q '<select' "$T/answer" # the URL has named the group
	xml "$(reply bob b0bsW0rd)" /users
	grep -q 'type="complete"' "$T/answer"
	grep -Eq '^Set-Cookie: webvpn=[0-9a-fA-F]+@[0-9]+@[0-9A-F]+@[0-9a-fA-F]+; path=/; Secure; HttpOnly' "$T/answer"
	grep -q '<banner>Welcome to &lt;the&gt; lab &amp; more</banner>' "$T/answer"
	xml "$init" /
	grep -q '<select name="group_list" label="GROUP:"><option>Staff</option><option>With certificate</option></select>' "$T/answer"
	xml "$(reply bob b0bsW0rd '<group-select>Staff</group-select>')" /
	grep -q 'type="complete"' "$T/answer"
	xml "$(reply bob b0bsW0rd '<opaque is-for="sg"><tunnel-group>users</tunnel-group></opaque>')" / # a form's answer elsewhere
	grep -q 'type="complete"' "$T/answer"
	log_has 5 '113039: Group <users> User <bob>' 2
	xml "$(reply bob 'a&amp;b' )" /users
	grep -q '<error id="88" param1="" param2="">Login failed.</error>' "$T/answer"
}

test_a_query_string_and_a_port_change_nothing() {
	xml "$(reply bob b0bsW0rd)" '/users?x=1&y=%2f'
	grep -q 'type="complete"' "$T/answer"
	web -A "$agent" -H 'X-Aggregate-Auth: 1' -H 'Host: asav.sckiewer.lab:443' --data-binary "$(reply bob b0bsW0rd)" /users
	grep -q 'type="complete"' "$T/answer"
	web -A "$agent" -H 'X-Aggregate-Auth: 1' -H 'Host: ASAV.sckiewer.LAB' --data-binary "$(reply bob b0bsW0rd)" /users/
	grep -q 'type="complete"' "$T/answer"
}

# AnyConnect posts to "/" and says in its document which URL its user typed.
test_the_url_that_was_typed_names_the_group() {
	xml "${init/<\/config-auth>/<group-access>https:\/\/ASAV.sckiewer.lab\/users\/?x=y<\/group-access><\/config-auth>}" /
	grep -q '<tunnel-group>users</tunnel-group>' "$T/answer"
	grep -q '<form method="post" action="/users/">' "$T/answer"
	not grep -q '<select' "$T/answer"
	xml "${init/<\/config-auth>/<group-access>https:\/\/asav.sckiewer.lab\/nowhere<\/group-access><\/config-auth>}" /
	grep -q '<tunnel-group>DefaultWEBVPNGroup</tunnel-group>' "$T/answer"
}

# One that was not shown in the handshake is asked for, once; who has none is told so (protocol.md 1.3).
test_a_certificate_is_asked_for_by_name() {
	local path
	for path in /both /phone; do
		xml "$init" $path
		grep -q '<client-cert-request></client-cert-request>' "$T/answer"
		grep -q '<error id="88" param1="" param2="">Certificate Validation Failure</error>' "$T/answer"
		xml "${init/<\/config-auth>/<client-cert-fail\/><\/config-auth>}" $path
		not grep -q 'client-cert-request' "$T/answer"
		grep -q '<error id="88" param1="" param2="">Certificate Validation Failure</error>' "$T/answer"
		not grep -q '<form' "$T/answer"
	done
	oc_start none - --non-inter "$BASE/phone"
	[ ! -s "$T/none.env" ]
	grep -q 'Server requested SSL client certificate; none was configured' "$T/none.oc" || { cat "$T/none.oc"; return 1; }
	log_has 5 '716039: Group <vpn-phone-group> User <[^>]*> IP <172.16.1.10> Authentication: rejected, Session Type: WebVPN.'
}

# What it is depends on who checks it: no password of LOCAL is empty, a RADIUS server may know one (aaa.sh).
test_an_empty_password_is_one() {
	xml "$(reply bob '')" /users
	grep -q '<error id="88" param1="" param2="">Login failed.</error>' "$T/answer"
	xml "$(reply bob '' '<opaque is-for="sg"><tunnel-group>DefaultWEBVPNGroup</tunnel-group></opaque><group-select>Staff</group-select>')" /
	grep -q '<option selected="true">Staff</option>' "$T/answer" # chosen, and nothing tried yet
	not grep -q '<error' "$T/answer"
	web -A 'Cisco SVC IPPhone Client v1.0 (1.0)' --data 'username=bob&password=' /users # of a phone it is nothing
	grep -q '^Set-Cookie: webvpnlogin=1; secure' "$T/answer"
}

# Several clients take the first for what was chosen.
test_the_chosen_group_comes_first_in_the_list() {
	web -A "$agent" -H 'X-Aggregate-Auth: 1' --cert "$CERTS/lsc-phone1.pem" --key "$CERTS/lsc-phone1.key" \
		--data-binary "${init/<\/config-auth>/<group-select>With certificate<\/group-select><\/config-auth>}" /
	grep -q '<select name="group_list" label="GROUP:"><option selected="true">With certificate</option>' "$T/answer" || { cat "$T/answer"; return 1; }
	xml "${init/<\/config-auth>/<group-select>users<\/group-select><\/config-auth>}" / # the tunnel-group's own name will do
	grep -q '<select name="group_list" label="GROUP:"><option selected="true">Staff</option>' "$T/answer" || { cat "$T/answer"; return 1; }
}

# As AnyConnect sends them, whatever the case of its elements (protocol.md 7, 3).
test_elements_in_another_case_and_escaped_words() {
	xml "$(reply 'b&#111;b' b0bsW0rd | sed 's/<auth>/<AUTH>/; s/<.auth>/<\/AUTH>/; s/username>/UserName>/g')" /users
	grep -q 'type="complete"' "$T/answer"
}

test_logout_ends_the_session() {
	local token
	xml "$(reply bob b0bsW0rd)" /users
	token=$(sed -n 's/.*<session-token>\(.*\)<\/session-token>.*/\1/p' "$T/answer")
	xml "<config-auth client=\"vpn\" type=\"logout\"><session-token>$token</session-token></config-auth>" /users
	grep -q '^HTTP/1.1 200 OK' "$T/answer"
	log_has 5 '113019: .*Username = bob, .*Reason: User Requested'
}

test_the_legacy_dialect() {
	web -A 'OpenConnect VPN Agent (NetworkManager) v3.00' /users
	grep -q '<auth id="main">' "$T/answer"
	grep -q '<form method="post" action="/+webvpn+/index.html">' "$T/answer"
	web -A 'Open AnyConnect VPN Agent v4.0' --data 'username=bob&password=b0bsW0rd&group%5flist=Staff' /+webvpn+/index.html
	grep -q '^Set-Cookie: webvpn=[0-9a-f]' "$T/answer"
	grep -q '<auth id="success">' "$T/answer"
	web -A 'Open AnyConnect VPN Agent v4.0' --data 'username=bob&password=wrong&group_list=Staff' /+webvpn+/index.html
	grep -q '<message>Login failed.</message>' "$T/answer"
}

test_what_anyconnect_fetches_is_there() {
	local path
	for path in /1/index.html /1/Linux_64 /1/Windows_ARM64 /1/What_comes_next /1/binaries/update.txt /1/VPNManifest.xml /VPNManifest.xml /1/binaries/vpndownloader.sh \
		'/+CSCOT+/translation-table?textdomain=AnyConnect&type=manifest'; do
		web -A "$agent" "$path"
		grep -q '^HTTP/1.1 200 OK' "$T/answer" || fail "$path"
	done
}

test_phones_with_user_and_password() {
	in_phone "$BUILD/phone" -c "$GW_IP" --auth 0 -u bob -p b0bsW0rd --ping $LAN_IP --hold 0 "$BASE/users"
	not in_phone "$BUILD/phone" -c "$GW_IP" --auth 0 -u bob -p wrong --hold 0 "$BASE/users" > "$T/out"
	grep -q '401 Authentication failed' "$T/out"
}

# Byte for byte: the phone looks for these two cookies, and its parser is unknown.
test_a_phone_is_answered_these_lines_and_no_others() {
	web -A 'Cisco SVC IPPhone Client v1.0 (1.0)' /users
	same "answer to GET" "HTTP/1.1 200 OK
Set-Cookie: webvpn=; expires=Thu, 01 Jan 1970 22:00:00 GMT; path=/; secure
Set-Cookie: webvpnlogin=1; secure
X-Transcend-Version: 1
Content-Length: 0" "$(tr -d '\r' < "$T/answer")"
	web -A 'Cisco SVC IPPhone Client v1.0 (1.0)' --data 'username=bob&password=b0bsW0rd' /users
	same "answer to POST" "HTTP/1.1 200 OK
Connection: Keep-Alive
Set-Cookie: webvpn=COOKIE; secure
X-Transcend-Version: 1
Content-Length: 0" "$(tr -d '\r' < "$T/answer" | sed -E 's/webvpn=[0-9a-f]{16}@[0-9]+@[0-9A-F]{4}@[0-9a-f]{32};/webvpn=COOKIE;/')"
}

# On another connection than its GET, to a path that names no group: the group is its host's.
test_a_phone_may_post_elsewhere_than_it_asked() {
	local path phone=(-A 'Cisco SVC IPPhone Client v1.0 (1.0)' --cert "$CERTS/lsc-phone1.pem" --key "$CERTS/lsc-phone1.key")
	configure "tunnel-group vpn-phone-group webvpn-attributes" "group-url https://phones.sckiewer.lab/a enable" \
		"group-url https://phones.sckiewer.lab/b enable"
	for path in / /svc /+webvpn+/index.html; do
		in_phone curl -sk -m 10 -i --resolve "phones.sckiewer.lab:443:$GW_IP" "${phone[@]}" -X POST "https://phones.sckiewer.lab$path" > "$T/answer"
		grep -q '^Set-Cookie: webvpn=[0-9a-f]' "$T/answer" || fail "POST $path"
		web "${phone[@]}" -X POST "$path" # a host with several groups: the default one, which wants a password
		grep -q '^Set-Cookie: webvpnlogin=1; secure' "$T/answer" || fail "POST $path of several groups"
	done
	web "${phone[@]}" /
	grep -q '^HTTP/1.1 404 ' "$T/answer"
}

test_http_10_is_answered_and_closed() {
	web -0 -A 'Cisco SVC IPPhone Client v1.0 (1.0)' --data 'username=bob&password=b0bsW0rd' /users
	grep -q '^HTTP/1.1 200 OK' "$T/answer"
	grep -q '^Connection: close' "$T/answer"
	not grep -qi '^Connection: keep-alive' "$T/answer"
}

test_hostile_documents_are_refused() {
	local body
	for body in '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><config-auth type="init">&a;</config-auth>' \
		'<config-auth type="init"><a><a><a><a><a><a><a><a><a><a><a><a><a></a></a></a></a></a></a></a></a></a></a></a></a></a></config-auth>' \
		'<not-a-config-auth/>' '<config-auth type="init">' "$(reply "$(head -c 300 /dev/zero | tr '\0' u)" x)"; do
		xml "$body" /users
		grep -q '^HTTP/1.1 400' "$T/answer" || { head -3 "$T/answer"; fail "$body"; }
	done
	xml "$init" /users
	grep -q 'auth-request' "$T/answer"
}

run_cases
