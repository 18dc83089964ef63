#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Messages of logins, tunnels and their ends, word by word, with their severities (asa-reference 3).
# deadline: 200
# slow
. "$(dirname "$0")/../lib.sh"
need_root
net_make
config_make
config_add <<'END'
logging console debugging
username bob password b0bsW0rd
username bob attributes
 vpn-group-policy bobs
group-policy bobs internal
group-policy bobs attributes
 vpn-tunnel-protocol ssl-client
ip local pool other-pool 10.10.9.1-10.10.9.4 mask 255.255.255.0
group-policy other internal
group-policy other attributes
 vpn-tunnel-protocol ssl-client
 address-pools value other-pool
tunnel-group users type remote-access
tunnel-group users general-attributes
 address-pool vpn-phone-pool
tunnel-group users webvpn-attributes
 authentication aaa
 group-url https://asav.sckiewer.lab/users enable
tunnel-group mapped type remote-access
tunnel-group mapped general-attributes
 default-group-policy other
tunnel-group mapped webvpn-attributes
 authentication certificate
END
daemon_start

configure() { printf '%s\n' "configure terminal" "$@" end | cli > "$T/configured"; }

USER=CP-8841-SEP682C7B40B5CE
WHO="Group <vpn-phone-policy> User <$USER> IP <172.16.1.10>"
SESSION='Session=0x[0-9a-f]{8}'
CLIENT='outside:172.16.1.10/[0-9]+ to 172.16.1.250/443'

# said SEVERITY NUMBER TEXT: a whole line of the case's log, TEXT a regular expression.
MARK=0
mark() { MARK=$(wc -l < "$T/log"); }
has_said() { tail -n +$((MARK + 1)) "$T/log" | grep -Eq -- "^[A-Z][a-z]{2} [ 0-9]{2} [0-9]{4} [0-9:]{8}: %ASA-$1-$2: $3\$"; }
said() { wait_for 5 has_said "$@"; }
# in_order NUMBER...: their first lines since the mark stand in this order.
in_order() {
	local got
	wait_for 5 has_said '[0-9]' "${!#}" '.*'
	got=$(tail -n +$((MARK + 1)) "$T/log" | sed -nE 's/.*%ASA-[0-9]-([0-9]{6}): .*/\1/p' | awk '!seen[$1]++' | grep -xE "$(tr ' ' '|' <<< "$*")" | tr '\n' ' ')
	same "order" "$* " "$got"
}

test_a_phone_logs_in_and_leaves() {
	mark
	phone -m 8861 --require-dtls --ping $LAN_IP
	said 6 725001 "Starting SSL handshake with client $CLIENT for TLSv1.2 session"
	said 6 725016 "Device selects trust-point asa-identity-cert for client $CLIENT"
	said 6 725004 "Device requesting certificate from SSL client $CLIENT for authentication"
	said 7 725010 'Device supports the following [0-9]+ cipher\(s\)'
	said 5 109201 "UAUTH: $SESSION, User=$USER, Assigned IP=10.10.1.1, Succeeded adding entry\."
	said 7 725008 "SSL client $CLIENT proposes the following 4 cipher\(s\)"
	said 7 725011 'Cipher\[3\] : AES256-SHA'
	said 7 725021 "Device preferring server cipher\(s\)\. Connection info: $CLIENT"
	said 6 725002 "Device completed SSL handshake with client $CLIENT for TLSv1.2 session"
	said 7 717025 'Validating certificate chain containing [0-9] certificate\(s\)\.'
	said 7 717029 'Identified client certificate within certificate chain\. serial number: [0-9A-F]+, subject name: .*\.'
	said 7 717030 'Found a suitable trustpoint cert4 to validate certificate\.'
	said 6 717022 "Certificate was successfully validated\. serial number: [0-9A-F]+, subject name:  .*cn=$USER.*\."
	said 6 717028 'Certificate chain was successfully validated with warning, revocation status was not checked\.'
	said 6 113009 "AAA retrieved default group policy \(vpn-phone-policy\) for user = $USER"
	said 6 734001 "DAP: User $USER, Addr 172.16.1.10, Connection AnyConnect: The following DAP records were selected for this connection: DfltAccessPolicy"
	said 6 113039 "$WHO AnyConnect parent session started\."
	said 6 722055 "$WHO Client Type: Cisco SVC IPPhone Client v1.0 \(1.0\)"
	said 6 737006 "IPAA: $SESSION, Local pool request succeeded for tunnel-group 'vpn-phone-group'"
	said 6 737026 "IPAA: $SESSION, Client assigned 10.10.1.1 from local pool vpn-phone-pool"
	said 6 722051 "$WHO IPv4 Address <10.10.1.1> IPv6 address <::> assigned to session"
	said 5 722033 "$WHO First TCP SVC connection established for SVC session\."
	said 6 722022 "$WHO TCP SVC connection established without compression"
	said 5 722033 "$WHO First UDP SVC connection established for SVC session\."
	said 6 722022 "$WHO UDP SVC connection established without compression"
	said 5 722012 "$WHO SVC Message: [0-9]+/NOTICE: .*\."
	said 4 722037 "$WHO SVC closing connection: User requested\."
	said 6 722023 "$WHO UDP SVC connection terminated without compression"
	said 6 722023 "$WHO TCP SVC connection terminated without compression"
	said 7 722029 "$WHO SVC Session Termination: Conns: 2, DPD Conns: 0, Comp resets: 0, Dcmp resets: 0\."
	said 7 722030 "$WHO SVC Session Termination: In: [0-9]+ \(\+0\) bytes, [0-9]+ \(\+0\) packets, 0 drops\."
	said 7 722031 "$WHO SVC Session Termination: Out: [0-9]+ \(\+0\) bytes, [0-9]+ \(\+0\) packets, 0 drops\."
	said 6 737016 "IPAA: $SESSION, Freeing local pool vpn-phone-pool address 10.10.1.1"
	said 6 716002 "$WHO WebVPN session terminated: User Requested\."
	said 4 113019 "Group = vpn-phone-group, Username = $USER, IP = 172.16.1.10, Session disconnected. Session Type: SSL, Duration: 0h:00m:[0-9]{2}s, Bytes xmt: [0-9]+, Bytes rcv: [0-9]+, Reason: User Requested"
	said 6 725007 "SSL session with client $CLIENT terminated"
	in_order 725001 725010 725011 725008 725021 725016 725004 725002 722055 # the worker's; certauth's come on another way
	in_order 717025 717030 717022 717028 113028 113009 734001 113039 722055 737006 737026 722051 722033 722022 \
		722037 722023 722029 722030 722031 737016 716002 113019
}

test_a_cipher_that_the_certificate_cannot_serve_is_named() {
	mark
	in_phone timeout 5 openssl s_client -connect $GW_IP:443 -tls1_2 -cipher ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384 \
		< /dev/null > "$T/s_client" 2>&1 || :
	said 7 725022 "Device skipping cipher : ECDHE-ECDSA-AES256-GCM-SHA384 - Ephemeral EC key is not compatible with trust-point <asa-identity-cert>\. Connection info: $CLIENT"
	said 7 725012 "Device chooses cipher ECDHE-RSA-AES256-GCM-SHA384 for the SSL session with client $CLIENT"
}

test_a_user_with_a_password_and_a_policy_of_his_own() {
	mark
	in_phone "$BUILD/phone" -c "$GW_IP" --auth 0 -u bob -p b0bsW0rd --hold 0 https://asav.sckiewer.lab/users
	said 7 725017 "No certificates received during the handshake with client $CLIENT for TLSv1.2 session"
	said 6 113012 'AAA user authentication Successful : local database : user = bob'
	said 6 113011 'AAA retrieved user specific group policy \(bobs\) for user = bob'
	said 6 113039 'Group <bobs> User <bob> IP <172.16.1.10> AnyConnect parent session started\.'
	said 4 113019 'Group = users, Username = bob, IP = 172.16.1.10, Session disconnected. Session Type: SSL, .* Reason: User Requested'
}

test_a_policy_without_ssl_client() {
	mark
	configure "group-policy vpn-phone-policy attributes" "vpn-tunnel-protocol ikev2"
	not phone
	said 6 716006 "$WHO WebVPN session not allowed\. WebVPN protocol is disabled for this user\."
	said 4 722050 "$WHO Session terminated: SVC not enabled for the user"
	configure "group-policy vpn-phone-policy attributes" "vpn-tunnel-protocol ssl-client"
	cli vpn-sessiondb logoff all noconfirm
}

test_anyconnect_that_is_not_enabled() {
	mark
	configure webvpn "no anyconnect enable"
	not phone
	said 4 113035 "$WHO Session terminated: AnyConnect not enabled or invalid AnyConnect image on the ASA"
	configure webvpn "anyconnect enable"
	cli vpn-sessiondb logoff all noconfirm
}

test_a_user_name_of_a_certificate() {
	mark
	configure "tunnel-group vpn-phone-group general-attributes" "username-from-certificate SER"
	not phone
	said 7 113028 'Extraction of username from VPN client certificate has finished with error\.  \[Request [0-9]+\]'
	said 5 113025 'Group vpn-phone-group: SER Could not authenticate ssl-client connection from 172.16.1.10'
	mark
	configure "tunnel-group vpn-phone-group general-attributes" "username-from-certificate OU"
	phone --hold 0
	said 7 113028 'Extraction of username from VPN client certificate has completed\.  \[Request [0-9]+\]'
	said 6 113039 'Group <vpn-phone-policy> User <EVVBU> IP <172.16.1.10> AnyConnect parent session started\.'
	mark
	configure "tunnel-group vpn-phone-group general-attributes" "no username-from-certificate" exit \
		"username $USER password Geheim12" \
		"tunnel-group vpn-phone-group webvpn-attributes" "authentication aaa certificate" "pre-fill-username client"
	in_phone "$BUILD/phone" -c "$GW_IP" $(cert mic-sha256-phone1) --auth 0 -u ignored -p Geheim12 --hold 0 "$URL"
	said 5 113024 "Group vpn-phone-group: Authenticating ssl-client connection from 172.16.1.10 with username, $USER, from client certificate"
	configure "tunnel-group vpn-phone-group webvpn-attributes" "authentication certificate" "no pre-fill-username client" exit "no username $USER"
}

test_a_client_that_nobody_knows() {
	mark
	in_phone env PYTHONDONTWRITEBYTECODE=1 tests/integration/traps.py unknown_client $GW_IP "$CERTS/mic-sha256-phone1.pem" "$CERTS/mic-sha256-phone1.key" $LAN_IP
	said 6 722053 "$WHO Unknown client Nobody's client 1.0 connection"
	said 6 722055 "$WHO Client Type: Nobody's client 1.0"
}

test_a_certificate_map() {
	mark
	configure "crypto ca certificate map m 10" "subject-name attr cn co CP-8841" webvpn "certificate-group-map m 10 mapped"
	phone --hold 0
	said 7 717036 "Looking for a tunnel group match based on certificate maps for peer certificate with serial number: [0-9A-F]+, subject name: .*cn=$USER.*, issuer_name: .*\."
	said 7 717038 "Tunnel group match found. Tunnel Group: mapped, Peer certificate: serial number: [0-9A-F]+, subject name: .*cn=$USER.*, issuer_name: .*\."
	configure webvpn "no certificate-group-map m 10 mapped"
	configure "no crypto ca certificate map m 10"
}

test_an_address_whose_pool_was_edited() {
	phone_start edited
	mark
	configure "tunnel-group users general-attributes" "no address-pool vpn-phone-pool" \
		"tunnel-group vpn-phone-group general-attributes" "no address-pool vpn-phone-pool" "no ip local pool vpn-phone-pool"
	configure "ip local pool vpn-phone-pool 10.10.1.100-10.10.1.254 mask 255.255.255.0"
	phone_stop "$PHONE"
	said 4 737013 "IPAA: $SESSION, Error freeing address 10.10.1.[0-9]+, not found"
	configure "tunnel-group vpn-phone-group general-attributes" "address-pool vpn-phone-pool"
}

test_no_cipher_in_common() {
	mark
	not phone --ciphers NULL-SHA256:@SECLEVEL=0 --tls-max 1.2
	said 7 725014 'SSL lib error. Function: SSL3_GET_CLIENT_HELLO Reason: no shared cipher'
	said 6 725006 "Device failed SSL handshake with client $CLIENT"
}

test_a_tunnel_lost_and_resumed_and_logged_off() {
	phone_start lost
	mark
	kill -USR1 "$PHONE" # drops its connection and comes back
	phone_event lost hold 15 2
	said 6 716058 "Group <vpn-phone-group> User <$USER> IP <172.16.1.10> AnyConnect session lost connection. Waiting to resume\."
	said 5 722034 "$WHO New TCP SVC connection, no existing connection\."
	said 6 716059 "Group <vpn-phone-group> User <$USER> IP <172.16.1.10> AnyConnect session resumed connection from IP <172.16.1.10>\."
	in_order 716058 722034 722022 716059
	mark
	cli vpn-sessiondb logoff all noconfirm
	said 6 716002 "$WHO WebVPN session terminated: Administrator Reset\."
	said 4 113019 "Group = vpn-phone-group, Username = $USER, .*, Reason: Administrator Reset"
	said 5 111008 "User '[^']*' executed the 'vpn-sessiondb logoff all noconfirm' command\."
}

# A login that never becomes a tunnel.
test_a_login_that_is_never_used() {
	mark
	in_phone curl -sk -m 10 --resolve "asav.sckiewer.lab:443:$GW_IP" --cert "$CERTS/mic-sha256-phone1.pem" \
		--key "$CERTS/mic-sha256-phone1.key" -A 'Open AnyConnect VPN Agent v9' -X POST "$URL" > /dev/null
	said 6 113039 "$WHO AnyConnect parent session started\."
	wait_for 130 has_said 4 716052 "$WHO Pending session terminated\."
}

run_cases
