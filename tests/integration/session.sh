#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The life of a session: what is logged, logoff, reconnect with the cookie.
. "$(dirname "$0")/../lib.sh"
need_root
net_make
config_make
config_add <<'END'
logging console debugging
END
daemon_start

USER_1=CP-8841-SEP682C7B40B5CE
GUI="Group <vpn-phone-policy> User <$USER_1> IP <172.16.1.10>"

# The ASA's messages since line $1 of the log, without time stamp and with ports, serials and counts replaced.
asa_lines() {
	tail -n +$(($1 + 1)) "$T/log" | sed -En 's/^[A-Z][a-z]{2} [ 0-9]{2} [0-9]{4} [0-9:]{8}: %ASA-/%ASA-/p' |
		sed -E 's,172\.16\.1\.10/[0-9]+,172.16.1.10/PORT,; s/serial number: [0-9A-F]+/serial number: SERIAL/; s/Session=0x[0-9a-f]{8}/Session=0xINDEX/; s/Duration: 0h:00m:0[0-9]s/Duration: TIME/'
}

# What "show ssl ciphers" lists for TLS 1.2, as messages say it.
supported() {
	cli -j show ssl ciphers | python3 -c 'import json, sys
names = next(v["ciphers"] for v in json.load(sys.stdin)["versions"] if v["version"] == "tlsv1.2")
print("%%ASA-7-725010: Device supports the following %d cipher(s)" % len(names))
for i, name in enumerate(names):
    print("%%ASA-7-725011: Cipher[%d] : %s" % (i + 1, name))'
}

test_each_step_is_logged_in_the_asas_words() {
	local mark
	mark=$(wc -l < "$T/log")
	phone -m 8861 --require-dtls --ping $LAN_IP > "$T/phone"
	log_has 5 "Session disconnected"
	wait_for 5 eval '[ "$(asa_lines '"$mark"' | grep -c 725007)" = 2 ]'
	asa_lines "$mark" > "$T/lines"
	cat > "$T/wanted" <<END
%ASA-6-725001: Starting SSL handshake with client outside:172.16.1.10/PORT to 172.16.1.250/443 for TLSv1.2 session
$(supported)
%ASA-7-725008: SSL client outside:172.16.1.10/PORT to 172.16.1.250/443 proposes the following 4 cipher(s)
%ASA-7-725011: Cipher[1] : ECDHE-RSA-AES256-GCM-SHA384
%ASA-7-725011: Cipher[2] : ECDHE-RSA-AES128-GCM-SHA256
%ASA-7-725011: Cipher[3] : AES256-SHA
%ASA-7-725011: Cipher[4] : AES128-SHA
%ASA-7-725021: Device preferring server cipher(s). Connection info: outside:172.16.1.10/PORT to 172.16.1.250/443
%ASA-6-725016: Device selects trust-point asa-identity-cert for client outside:172.16.1.10/PORT to 172.16.1.250/443
%ASA-7-725012: Device chooses cipher AES256-SHA for the SSL session with client outside:172.16.1.10/PORT to 172.16.1.250/443
%ASA-6-725004: Device requesting certificate from SSL client outside:172.16.1.10/PORT to 172.16.1.250/443 for authentication
%ASA-6-725002: Device completed SSL handshake with client outside:172.16.1.10/PORT to 172.16.1.250/443 for TLSv1.2 session
%ASA-7-717025: Validating certificate chain containing 1 certificate(s).
%ASA-7-717029: Identified client certificate within certificate chain. serial number: SERIAL, subject name: cn=$USER_1,ou=EVVBU,o=offhook test.
%ASA-7-717030: Found a suitable trustpoint cert4 to validate certificate.
%ASA-6-717022: Certificate was successfully validated. serial number: SERIAL, subject name:  cn=$USER_1,ou=EVVBU,o=offhook test.
%ASA-6-717028: Certificate chain was successfully validated with warning, revocation status was not checked.
%ASA-7-113028: Extraction of username from VPN client certificate has been requested.  [Request 1]
%ASA-7-113028: Extraction of username from VPN client certificate has started.  [Request 1]
%ASA-7-113028: Extraction of username from VPN client certificate has finished successfully.  [Request 1]
%ASA-7-113028: Extraction of username from VPN client certificate has completed.  [Request 1]
%ASA-6-113009: AAA retrieved default group policy (vpn-phone-policy) for user = $USER_1
%ASA-6-734001: DAP: User $USER_1, Addr 172.16.1.10, Connection AnyConnect: The following DAP records were selected for this connection: DfltAccessPolicy
%ASA-6-113039: $GUI AnyConnect parent session started.
%ASA-6-725007: SSL session with client outside:172.16.1.10/PORT to 172.16.1.250/443 terminated
%ASA-6-725001: Starting SSL handshake with client outside:172.16.1.10/PORT to 172.16.1.250/443 for TLSv1.2 session
$(supported)
%ASA-7-725008: SSL client outside:172.16.1.10/PORT to 172.16.1.250/443 proposes the following 2 cipher(s)
%ASA-7-725011: Cipher[1] : AES256-SHA
%ASA-7-725011: Cipher[2] : AES128-SHA
%ASA-7-725021: Device preferring server cipher(s). Connection info: outside:172.16.1.10/PORT to 172.16.1.250/443
%ASA-6-725016: Device selects trust-point asa-identity-cert for client outside:172.16.1.10/PORT to 172.16.1.250/443
%ASA-7-725012: Device chooses cipher AES256-SHA for the SSL session with client outside:172.16.1.10/PORT to 172.16.1.250/443
%ASA-6-725004: Device requesting certificate from SSL client outside:172.16.1.10/PORT to 172.16.1.250/443 for authentication
%ASA-6-725002: Device completed SSL handshake with client outside:172.16.1.10/PORT to 172.16.1.250/443 for TLSv1.2 session
%ASA-6-722055: $GUI Client Type: Cisco SVC IPPhone Client v1.0 (1.0)
%ASA-7-737200: VPNFIP: Pool=vpn-phone-pool, Allocated 10.10.1.1 from pool
%ASA-6-737006: IPAA: Session=0xINDEX, Local pool request succeeded for tunnel-group 'vpn-phone-group'
%ASA-6-737026: IPAA: Session=0xINDEX, Client assigned 10.10.1.1 from local pool vpn-phone-pool
%ASA-5-109201: UAUTH: Session=0xINDEX, User=$USER_1, Assigned IP=10.10.1.1, Succeeded adding entry.
%ASA-6-722051: $GUI IPv4 Address <10.10.1.1> IPv6 address <::> assigned to session
%ASA-5-722033: $GUI First TCP SVC connection established for SVC session.
%ASA-6-722022: $GUI TCP SVC connection established without compression
%ASA-5-722033: $GUI First UDP SVC connection established for SVC session.
%ASA-6-722022: $GUI UDP SVC connection established without compression
%ASA-5-722012: $GUI SVC Message: 16/NOTICE: User quit.
%ASA-4-722037: $GUI SVC closing connection: User requested.
%ASA-6-722023: $GUI UDP SVC connection terminated without compression
%ASA-6-722023: $GUI TCP SVC connection terminated without compression
%ASA-7-722029: $GUI SVC Session Termination: Conns: 2, DPD Conns: 0, Comp resets: 0, Dcmp resets: 0.
%ASA-7-722030: $GUI SVC Session Termination: In: 252 (+0) bytes, 3 (+0) packets, 0 drops.
%ASA-7-722031: $GUI SVC Session Termination: Out: 252 (+0) bytes, 3 (+0) packets, 0 drops.
%ASA-5-109210: UAUTH: Session=0xINDEX, User=$USER_1, Assigned IP=10.10.1.1, Succeeded removing entry.
%ASA-6-737016: IPAA: Session=0xINDEX, Freeing local pool vpn-phone-pool address 10.10.1.1
%ASA-7-737201: VPNFIP: Pool=vpn-phone-pool, Returned 10.10.1.1 to pool (recycle=TRUE)
%ASA-6-716002: $GUI WebVPN session terminated: User Requested.
%ASA-4-113019: Group = vpn-phone-group, Username = $USER_1, IP = 172.16.1.10, Session disconnected. Session Type: SSL, Duration: TIME, Bytes xmt: 252, Bytes rcv: 252, Reason: User Requested
%ASA-6-725007: SSL session with client outside:172.16.1.10/PORT to 172.16.1.250/443 terminated
END
	# processes speak for themselves: two lines of different ones may change places
	diff <(sort "$T/wanted") <(grep -v 11100 "$T/lines" | sort)
	# but these follow each other
	diff <(grep -E '113039|722055|7370.6|7220(51|33|22|12)|113019' "$T/wanted") <(grep -E '113039|722055|7370.6|7220(51|33|22|12)|113019' "$T/lines")
}

test_no_secret_is_logged() {
	phone_start secret --cookie "$T/secret"
	not grep -qF "$(cat "$T/secret")" "$T/log"
	not grep -qiE 'webvpn=|Master-Secret' "$T/log"
	phone_stop $PHONE
}

test_logoff_ends_the_tunnel_and_its_cookie() {
	local status=0
	phone_start logoff --cookie "$T/logoff.cookie"
	cli vpn-sessiondb logoff name $USER_1 noconfirm
	ended $PHONE 5 || status=$?
	same "exit status (ended)" 11 $status
	session_count_is 0
	status=0
	phone -j --resume "$T/logoff.cookie" > "$T/after" || status=$?
	same "exit status (connect)" 8 $status
	grep -q 401 "$T/after"
	log_has 5 'ASA-4-722003: IP <172.16.1.10> Error authenticating SVC connect request.'
}

test_reconnect_after_an_abrupt_loss_keeps_address_and_index() {
	phone_start r --ping $LAN_IP --drop abrupt
	local before after
	before=$(sessions '(s[0]["index"], s[0]["assigned_ip"], s[0]["audit_session_id"])')
	kill -USR1 $PHONE
	phone_event r hold 15 2
	wait_for 5 sessions '[x["state"] for x in s] == ["active"]'
	after=$(sessions '(s[0]["index"], s[0]["assigned_ip"], s[0]["audit_session_id"])')
	same session "$before" "$after"
	in_lan ping -c 1 -W 2 "$(sessions 's[0]["assigned_ip"]')"
	wait_for 5 sessions 's[0]["dtls_version"] == "DTLSv1.0"'
	log_has 5 'ASA-6-716058: Group <vpn-phone-group> User <CP-8841-SEP682C7B40B5CE> IP <172.16.1.10> AnyConnect session lost connection. Waiting to resume.|ASA-5-722032'
	phone_stop $PHONE
}

# A session's counts go on, whatever became of its tunnels, and are those of its tunnels together.
test_counts_survive_a_reconnect() {
	phone_start counts --ping $LAN_IP -n 4 --ping-size 100 --channel cstp --drop abrupt --require-dtls
	wait_for 5 sessions '(s[0]["packets_rx"], s[0]["packets_tx"], s[0]["bytes_rx"], s[0]["bytes_tx"]) == (4, 4, 512, 512)'
	kill -USR1 $PHONE
	phone_event counts hold 15 2
	wait_for 5 sessions 's[0]["state"] == "active" and s[0]["dtls_version"] == "DTLSv1.0"'
	sessions '(s[0]["packets_rx"], s[0]["packets_tx"], s[0]["bytes_rx"], s[0]["bytes_tx"]) == (8, 8, 1024, 1024)' # it says its echoes again
	in_lan ping -c 5 -i 0.2 -W 2 -s 72 "$(sessions 's[0]["assigned_ip"]')"
	wait_for 5 sessions '(s[0]["packets_rx"], s[0]["packets_tx"], s[0]["bytes_rx"], s[0]["bytes_tx"]) == (13, 13, 1524, 1524)'
	cli show vpn-sessiondb detail anyconnect > "$T/detail"
	same "sent by the tunnels" 1524 "$(sed -n '/^AnyConnect-Parent:/,$s/^ *Bytes Tx     : \([0-9]*\) .*/\1/p' "$T/detail" | awk '{ n += $1 } END { print n }')"
	same "received by the DTLS tunnel" 500 "$(sed -n '/^DTLS-Tunnel:/,$s/.* Bytes Rx     : //p' "$T/detail")"
	phone_stop $PHONE
}

# The old connection is still there when the new one comes: it is replaced after the answer.
test_a_second_connection_with_the_cookie_replaces_the_first() {
	phone_start first --cookie "$T/first.cookie"
	local one=$PHONE before mark
	mark=$(wc -l < "$T/log")
	before=$(sessions '(s[0]["index"], s[0]["assigned_ip"])')
	phone_start second --resume "$T/first.cookie" --ping $LAN_IP
	session_count_is 1
	same session "$before" "$(sessions '(s[0]["index"], s[0]["assigned_ip"])')"
	wait_for 5 gone $one
	log_has 5 "ASA-5-722032: $GUI New TCP SVC connection replacing old connection."
	log_has 5 "ASA-5-722028: $GUI Stale SVC connection closed."
	in_lan ping -c 1 -W 2 "$(sessions 's[0]["assigned_ip"]')"
	tail -n +$((mark + 1)) "$T/log" > "$T/replaced"
	not grep -q 113019 "$T/replaced"
	phone_stop $PHONE
	session_count_is 0
}

test_reconnects_in_a_row_work() {
	phone -r 5 --drop abrupt --require-dtls --ping $LAN_IP
	phone -r 3 --drop close --require-dtls --ping $LAN_IP
	phone -m 7962 $(cert mic-sha1-phone1) -r 3 --drop empty --require-dtls --ping $LAN_IP
	wait_for 5 session_count_is 0
}

test_an_empty_bye_means_back_soon() {
	phone --bye empty --cookie "$T/empty.cookie"
	wait_for 5 sessions '[x["state"] for x in s] == ["waiting"]'
	cli show vpn-sessiondb anyconnect > "$T/waiting"
	grep -qx 'Protocol     : AnyConnect-Parent' "$T/waiting"
	grep -qx 'Encryption   : AnyConnect-Parent: (1)none' "$T/waiting"
	grep -qx 'Hashing      : AnyConnect-Parent: (1)none' "$T/waiting"
	phone --resume "$T/empty.cookie" --require-dtls --ping $LAN_IP
	session_count_is 0
}

test_forged_cookies_are_refused() {
	local status=0 value
	phone_start real --cookie "$T/real.cookie"
	value=$(cat "$T/real.cookie")
	for value in "${value%?}" "${value}0" "${value/@/0}" x "${value:0:20}@1@2@${value:0:20}"; do
		echo "$value" > "$T/forged"
		status=0
		phone -q --resume "$T/forged" || status=$?
		same "exit status (connect)" 8 $status
	done
	phone_stop $PHONE
}

test_a_new_policy_leaves_running_sessions_alone() {
	phone_start policy
	printf 'configure terminal\ngroup-policy vpn-phone-policy attributes\nvpn-idle-timeout 45\nend\n' | cli
	in_lan ping -c 1 -W 2 "$(sessions 's[0]["assigned_ip"]')"
	phone_stop $PHONE
}

run_cases
