#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# slow
# Passwords: LOCAL with every kind of hash, lockout, RADIUS with a real FreeRADIUS in the LAN, its failures, accounting.
. "$(dirname "$0")/../lib.sh"
need_root
command -v freeradius > /dev/null || { SKIP_ALL="no freeradius"; skip_all; }
net_make
ip -n "$LAN" addr add 172.16.100.101/24 dev eth0 # where nobody answers, nor says that nobody is there
ip netns exec "$LAN" sysctl -qw net.ipv4.icmp_ratelimit=0 2> /dev/null || :
KEY='key:with,odd=characters'
config_make
config_add << END
logging console debugging
no logging hide username
username clear password Geheim12
username pix password dRRVnUmUHXOTt9nk encrypted
username 36 password 02dMBMYkTdC5Ziyp encrypted
username nopw nopassword
username nt password DLaUiAX3l78qgoB5c7iVNw== nt-encrypted
username stall password \$sha512\$9999999\$AAECAwQFBgcICQoLDA0ODw==\$EBESExQVFhcYGRobHB0eHw== pbkdf2
username nas password Geheim12
username nas attributes
 service-type nas-prompt
username locked password Geheim12
aaa-server RAD protocol radius
 max-failed-attempts 1
aaa-server RAD (inside) host 172.16.100.100
 key $KEY
 timeout 2
 retry-interval 1
 authentication-port 1812
 accounting-port 1813
aaa-server TWO protocol radius
 max-failed-attempts 1
aaa-server TWO (inside) host 172.16.100.101
 key $KEY
 timeout 1
 authentication-port 9
aaa-server TWO (inside) host 172.16.100.100
 key $KEY
 timeout 2
 authentication-port 1812
aaa-server DEAD protocol radius
 max-failed-attempts 1
 reactivation-mode depletion deadtime 1
aaa-server DEAD (inside) host 172.16.100.101
 key $KEY
 timeout 1
 authentication-port 9
aaa-server WRONG protocol radius
 max-failed-attempts 1
aaa-server WRONG (inside) host 172.16.100.100
 key another-key
 timeout 1
 authentication-port 1812
access-list inside-only extended permit ip any 172.16.100.0 255.255.255.0
group-policy gold internal
group-policy gold attributes
 vpn-tunnel-protocol ssl-client
group-policy DfltGrpPolicy attributes
 vpn-tunnel-protocol ssl-client
tunnel-group radius type remote-access
tunnel-group radius general-attributes
 address-pool vpn-phone-pool
 authentication-server-group RAD
 accounting-server-group RAD
tunnel-group radius webvpn-attributes
 authentication aaa
 group-url https://asav.sckiewer.lab/radius enable
tunnel-group dead type remote-access
tunnel-group dead general-attributes
 address-pool vpn-phone-pool
 authentication-server-group DEAD LOCAL
tunnel-group dead webvpn-attributes
 authentication aaa
 group-url https://asav.sckiewer.lab/dead enable
END

# radius_start: FreeRADIUS with its own configuration, in the foreground.
radius_start() {
	local d=$T/radius
	mkdir -p "$d"
	cat > "$d/users" <<- 'END'
	bob Cleartext-Password := "Geheim12"
	 	Class = "irrelevant",
	 	Class += "OU=gold;",
	 	Class += "OU=later;",
	 	Framed-IP-Address = 10.10.1.77,
	 	Framed-IP-Netmask = 255.255.255.0,
	 	Session-Timeout = 600,
	 	Idle-Timeout = 300,
	 	Filter-Id = "inside-only",
	 	Reply-Message = "Welcome"
	blank Auth-Type := Accept
	short Cleartext-Password := "Geheim12"
	 	Framed-IP-Address = 10.55.0.9,
	 	Session-Timeout = 8,
	 	Idle-Timeout = 90
	stray Auth-Type := Accept
	 	Class = "OU=no-such-policy;"
	odd Auth-Type := Accept
	 	Class = "OU=no-such-policy;",
	 	Framed-IP-Address = 224.0.0.9,
	 	Framed-IP-Netmask = 255.0.255.0,
	 	Session-Timeout = 600,
	 	Filter-Id = "no-such-list"
	eve Auth-Type := Reject
	 	Reply-Message = "Go away"
	end
	END
	sed -i '/^end$/d' "$d/users"
	cat > "$d/radiusd.conf" <<- END
	prefix = /usr
	libdir = /usr/lib/freeradius
	logdir = $d
	run_dir = $d
	pidfile = $d/radiusd.pid
	max_request_time = 5
	cleanup_delay = 1
	log {
	 	destination = stdout
	 	auth = yes
	}
	security {
	 	max_attributes = 200
	 	reject_delay = 0
	 	status_server = no
	}
	client gateway {
	 	ipaddr = $INSIDE_IP
	 	secret = "$KEY"
	 	require_message_authenticator = yes
	}
	thread pool {
	 	start_servers = 2
	 	max_servers = 4
	 	min_spare_servers = 1
	 	max_spare_servers = 4
	}
	modules {
	 	pap {
	 	}
	 	files {
	 		usersfile = $d/users
	 	}
	 	detail {
	 		filename = $d/detail
	 		permissions = 0644
	 		header = "%t"
	 	}
	}
	server lab {
	 	listen {
	 		type = auth
	 		ipaddr = 172.16.100.100
	 		port = 1812
	 	}
	 	listen {
	 		type = acct
	 		ipaddr = 172.16.100.100
	 		port = 1813
	 	}
	 	authorize {
	 		files
	 		pap
	 	}
	 	authenticate {
	 		Auth-Type PAP {
	 			pap
	 		}
	 	}
	 	accounting {
	 		detail
	 	}
	}
	END
	spawn "$d/log" in_lan freeradius -f -X -d "$d" -n radiusd
	RADIUS=$SPAWNED
	wait_for 10 has_line "$d/log" 'Ready to process requests'
}

radius_stop() {
	kill -TERM $RADIUS
	ended $RADIUS 5 || :
}

# auth GROUP USER PASSWORD: succeeds when the user is let in; the answer in $T/auth.
auth() {
	cli test aaa-server authentication "$1" username "$2" password "$3" > "$T/auth"
	cat "$T/auth"
	grep -q '^INFO: Authentication Successful' "$T/auth"
}

refused() { # REASON GROUP USER PASSWORD
	not auth "$2" "$3" "$4" && grep -q "^ERROR: Authentication Rejected: $1\$" "$T/auth"
}

configure() {
	{ echo configure terminal; printf '%s\n' "$@"; echo end; } | cli
}

silent() { # GROUP USER PASSWORD: no server has judged
	not auth "$@" && grep -q '^ERROR: Authentication Server not responding: AAA failure$' "$T/auth"
}

# count GROUP ADDRESS KEY: of show aaa-server
count() {
	cli -j show aaa-server "$1" | python3 -c 'import json, sys
s = [x for x in json.load(sys.stdin)["servers"] if x["address"] == sys.argv[1]][0]
print(s[sys.argv[2]])' "$2" "$3"
}

count_is() { [ "$(count "$1" "$2" "$3")" = "$4" ]; }

# status_is GROUP STATUS: of its first server
status_is() { cli show aaa-server "$1" | grep -m 1 '^Server status:' | grep -q " $2,"; }

daemon_start
radius_start || exit 1
BASE=https://asav.sckiewer.lab
SPKI=$(openssl x509 -in "$T/gateway.pem" -noout -pubkey | openssl pkey -pubin -outform DER | openssl dgst -sha256 -binary | base64)

# oc_start NAME USER PASSWORD PATH: openconnect until it is up or gone
oc_start() {
	local name=$1
	printf '#!/bin/sh\n[ "$reason" = connect ] && env | grep INTERNAL_IP4 > "%s"\n' "$T/$name.env" > "$T/script"
	chmod +x "$T/script"
	rm -f "$T/$name.env"
	printf '%s\n' "$3" > "$T/password"
	ip netns exec "$PH" openconnect --protocol=anyconnect --passwd-on-stdin --non-inter --servercert "pin-sha256:$SPKI" --no-dtls \
		--script "$T/script" --interface oc0 --resolve "asav.sckiewer.lab:$GW_IP" -u "$2" "$BASE/$4" < "$T/password" > "$T/$name.oc" 2>&1 &
	CLIENT=$!
	echo $CLIENT >> "$T/pids"
	wait_for 20 eval 'test -s "$T/$name.env" || gone $CLIENT'
	[ -s "$T/$name.env" ] || { cat "$T/$name.oc"; return 1; }
}

# records TYPE [COUNT]: FreeRADIUS has written so many accounting records of the type
records() { [ -e "$T/radius/detail" ] && has_line "$T/radius/detail" "Acct-Status-Type = $1" "${2:-1}"; }

# ---- LOCAL ----

test_local_users_of_each_kind_of_hash_log_in_with_their_password() {
	auth LOCAL clear Geheim12
	auth LOCAL pix hashcat
	auth LOCAL 36 hashcat
	log_has 5 '113012: AAA user authentication Successful : local database : user = 36'
	log_has 5 '113008: AAA transaction status ACCEPT : user = clear'
}

test_other_passwords_are_refused() {
	refused 'Invalid password' LOCAL clear Geheim13
	refused 'Invalid password' LOCAL pix hashcats
	log_has 5 '113015: AAA user authentication Rejected : reason = Invalid password : local database : user = pix'
	refused 'User was not found' LOCAL nobody Geheim12
	log_has 5 '113015: .*reason = User was not found : local database : user = nobody'
	refused Unspecified LOCAL nas Geheim12
}

test_who_has_no_password_cannot_log_in_with_one() {
	refused 'Invalid password' LOCAL nopw x
	refused 'Invalid password' LOCAL nt Geheim12
	log_has 5 'username nt: a password stored as "nt-encrypted" cannot be checked'
}

test_a_hash_of_too_many_rounds_does_not_stall() {
	local begin
	begin=$(now_ms)
	refused 'Invalid password' LOCAL stall x
	[ $(($(now_ms) - begin)) -lt $((1500 * SLACK)) ]
	log_has 5 'username stall: a password hashed with more than 100000 rounds is not checked'
}

test_a_user_is_locked_out_and_unlocked() {
	configure "aaa local authentication attempts max-fail 3"
	for _ in 1 2 3; do refused 'Invalid password' LOCAL locked wrong; done
	log_has 5 "113006: User 'locked' locked out on exceeding '3' successive failed authentication attempts"
	refused 'Account has been locked out' LOCAL locked Geheim12
	cli show aaa local user locked | tee "$T/out"
	grep -qE '^ [0-9:]{8}  +3 +Y  locked$' "$T/out"
	cli -j show aaa local user | python3 -c 'import json, sys
u = [x for x in json.load(sys.stdin)["users"] if x["user"] == "locked"][0]
assert u["locked"] and u["failed_attempts"] == 3, u'
	cli clear aaa local user lockout username locked
	log_has 5 "113007: User 'locked' unlocked by '"
	auth LOCAL locked Geheim12
	for _ in 1 2 3; do refused 'Invalid password' LOCAL locked wrong; done
	refused 'Account has been locked out' LOCAL locked Geheim12
	configure "no aaa local authentication attempts max-fail"
	auth LOCAL locked Geheim12
	cli show aaa local user locked | tee "$T/out"
	not grep -q ' locked$' "$T/out"
}

# ---- RADIUS ----

test_a_server_decides() {
	auth RAD bob Geheim12
	log_has 5 '113004: AAA user authentication Successful : server =  172.16.100.100 : user = bob'
	refused 'AAA failure' RAD bob wrong
	log_has 5 '113005: AAA user authentication Rejected : reason = AAA failure : server = 172.16.100.100 : user = bob : user IP = '
	refused 'AAA failure' RAD eve Geheim12
	grep -q 'NAS-IP-Address = 172.16.100.250' "$T/radius/log"
	grep -q 'NAS-Port-Type = Virtual' "$T/radius/log"
	grep -q 'Called-Station-Id = "172.16.100.250"' "$T/radius/log"
	grep -q 'Message-Authenticator = 0x' "$T/radius/log"
	not grep -q "$KEY" "$T/log"
	not grep -q 'Geheim12' "$T/log"
}

test_an_empty_password_is_the_servers_to_judge() {
	local user
	for user in blank bob; do
		in_phone curl -sk -m 10 --resolve "asav.sckiewer.lab:443:$GW_IP" -A 'AnyConnect Linux_64 4.10' -H 'X-Aggregate-Auth: 1' --data-binary \
			"<config-auth client=\"vpn\" type=\"auth-reply\"><auth><username>$user</username><password/></auth></config-auth>" "$BASE/radius" > "$T/$user.answer"
	done
	grep -q 'type="complete"' "$T/blank.answer"
	grep -q '<error id="88"' "$T/bob.answer"
	cli vpn-sessiondb logoff all noconfirm
}

test_show_counts_and_clear_forgets() {
	cli clear aaa-server statistics RAD
	wait_for 5 count_is RAD 172.16.100.100 accepts 0
	auth RAD bob Geheim12
	wait_for 5 count_is RAD 172.16.100.100 accepts 1
	cli show aaa-server RAD | tee "$T/out"
	grep -q '^Server Group:    RAD$' "$T/out"
	grep -q '^Server Protocol: RADIUS$' "$T/out"
	grep -q '^Server port:     1812$' "$T/out"
	grep -q '^Server status:   ACTIVE, Last transaction (success) at ' "$T/out"
	grep -qE '^Number of accepts +1$' "$T/out"
	cli show aaa-server | grep -q '^Server Protocol: Local database$'
	cli clear aaa-server statistics RAD
	wait_for 5 count_is RAD 172.16.100.100 accepts 0
}

test_a_password_longer_than_the_protocol_has_is_refused() {
	refused 'AAA failure' RAD bob "$(printf 'x%.0s' {1..140})"
}

test_the_second_server_is_asked_when_the_first_is_dead() {
	auth TWO bob Geheim12
	log_has 5 '113014: AAA authentication server not accessible : server = 172.16.100.101 : user = bob'
	log_has 5 '113022: AAA Marking RADIUS server 172.16.100.101 in aaa-server group TWO as FAILED'
	local begin
	begin=$(now_ms)
	auth TWO bob Geheim12 # the dead one is not asked again
	[ $(($(now_ms) - begin)) -lt $((900 * SLACK)) ]
	wait_for 5 status_is TWO FAILED
	cli show aaa-server TWO | tee "$T/out"
	grep -q '^Server status:   FAILED, Server disabled at ' "$T/out"
}

test_without_a_server_nobody_is_let_in() {
	silent DEAD clear Geheim12
	log_has 5 '113013: AAA unable to complete the request Error : reason = AAA server not responding : user = clear'
	silent DEAD clear Geheim12 # where LOCAL does not stand in, they are tried again at once
	log_has 5 '113023: AAA Marking RADIUS server 172.16.100.101 in aaa-server group DEAD as ACTIVE'
}

test_a_wrong_key_lets_nobody_in() {
	silent WRONG bob Geheim12
}

test_a_forged_accept_does_not_count() {
	spawn "$T/forger.log" in_lan python3 -uc 'import socket, struct
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("172.16.100.100", 1899))
print("bound")
while True:
    d, a = s.recvfrom(4096)
    s.sendto(struct.pack("!BBH16s", 2, d[1], 20, b"\x55" * 16), a)
    s.sendto(b"\x02", a)
    s.sendto(struct.pack("!BBH16sBB", 2, d[1], 22, b"\x55" * 16, 80, 200), a)'
	wait_for 5 has_line "$T/forger.log" bound
	configure "aaa-server FORGED protocol radius" "max-failed-attempts 1" "aaa-server FORGED (inside) host 172.16.100.100 $KEY" \
		"timeout 1" "authentication-port 1899"
	silent FORGED bob Geheim12
	wait_for 5 count_is FORGED 172.16.100.100 bad_authenticators 3
	log_has 5 'an answer of RADIUS server 172.16.100.100 does not fit its key'
}

test_a_server_that_never_answers_delays_nobody_else() {
	local begin
	configure "aaa-server SLOW protocol radius" "aaa-server SLOW (inside) host 172.16.100.101 $KEY" "timeout 4" "authentication-port 9"
	for _ in 1 2 3 4 5 6; do
		spawn "$T/slow.log" "$BUILD/offhook" -s "$CONTROL" test aaa-server authentication SLOW username bob password x
	done
	tick
	begin=$(now_ms)
	auth RAD bob Geheim12
	auth LOCAL clear Geheim12
	[ $(($(now_ms) - begin)) -lt $((1000 * SLACK)) ]
}

# ---- sessions ----

test_a_session_has_what_the_server_says_and_is_accounted_for() {
	oc_start bob bob Geheim12 radius
	sessions 's[0]["username"] == "bob" and s[0]["tunnel_group"] == "radius" and s[0]["group_policy"] == "gold"'
	log_has 5 '113003: AAA group policy for user bob is being set to gold'
	grep -q 'INTERNAL_IP4_ADDRESS=10.10.1.77' "$T/bob.env"
	grep -q 'Calling-Station-Id = "172.16.1.10"' "$T/radius/log"
	wait_for 5 records Start
	id=$(sessions 's[0]["audit_session_id"]')
	grep -q "Acct-Session-Id = \"$id\"" "$T/radius/detail"
	grep -q 'Framed-IP-Address = 10.10.1.77' "$T/radius/detail"
	grep -q "Class = 0x$(printf 'OU=gold;' | od -An -tx1 | tr -d ' \n')" "$T/radius/detail"
	radius_stop # the record of the end finds nobody, and is sent again
	end_pids "$CLIENT"
	wait_for 5 session_count_is 0
	log_has 5 '113019: Group = radius, Username = bob, .*Reason: User Requested'
	radius_start
	wait_for 25 records Stop
	tail -n 30 "$T/radius/detail" | tee "$T/out"
	grep -q "Acct-Session-Id = \"$id\"" "$T/out"
	grep -q 'Acct-Terminate-Cause = User-Request' "$T/out"
	grep -qE 'Acct-Session-Time = [0-9]+' "$T/out"
	grep -qE 'Acct-Input-Octets = [0-9]+' "$T/out"
	grep -q 'Acct-Delay-Time = ' "$T/out"
	grep -q 'Acct-Authentic = RADIUS' "$T/out"
}

test_an_address_of_no_pool_is_routed_and_seconds_are_seconds() {
	ip -n "$LAN" route add 10.55.0.9/32 via $INSIDE_IP
	spawn "$T/short.phone" in_phone "$BUILD/phone" -c "$GW_IP" --auth 0 -u short -p Geheim12 -j -e -H -1 --ping $LAN_IP "$BASE/radius"
	phone_event short hold 15 || { cat "$T/short.phone"; return 1; }
	sessions 's[0]["assigned_ip"] == "10.55.0.9"'
	in_gw ip route show 10.55.0.9 | grep -q 'dev offhook0'
	configure "ip local pool another 10.66.0.1-10.66.0.9" # routes are looked at anew, and this one stays
	in_gw ip route show 10.55.0.9 | grep -q 'dev offhook0'
	configure "no ip local pool another"
	log_has 12 '113019: Group = radius, Username = short, .*Duration: 0h:00m:0[89]s, .*Reason: Max time exceeded'
	same "routes left" "" "$(in_gw ip route show 10.55.0.9)"
}

test_a_policy_that_does_not_exist_frees_nobody_of_his_groups() {
	configure "group-policy strict internal" "group-policy strict attributes" "vpn-tunnel-protocol ssl-client" "vpn-simultaneous-logins 0" \
		"tunnel-group radius general-attributes" "default-group-policy strict"
	not in_phone "$BUILD/phone" -c "$GW_IP" --auth 0 -u stray -p x --hold 0 "$BASE/radius"
	log_has 5 'user stray is given group policy no-such-policy, which does not exist: strict of tunnel-group radius counts'
	log_has 5 '113038: Group <strict> User <stray> '
	configure "tunnel-group radius general-attributes" "no default-group-policy" exit "no group-policy strict"
}

test_parameters_that_are_no_good_are_named() {
	local name
	not in_phone "$BUILD/phone" -c "$GW_IP" --auth 0 -u odd -p x --hold 0 "$BASE/radius" # without its filter it gets no tunnel
	for name in Group-Policy Filter-Id Framed-IP-Address Framed-IP-Netmask; do
		log_has 5 "ASA-4-113036: Group <DfltGrpPolicy> User <odd> IP <$PH_IP> AAA parameter $name value invalid\\.$"
	done
	same "messages" 4 "$(log_count 'ASA-4-113036')"
	cli vpn-sessiondb logoff all noconfirm
}

test_an_update_is_sent_when_a_session_comes_back() {
	configure "aaa-server RAD protocol radius" "interim-accounting-update"
	configure "tunnel-group vpn-phone-group general-attributes" "accounting-server-group RAD"
	rm -f "$T/radius/detail"
	phone_start again --hold 60
	wait_for 5 records Start
	phone_stop "$PHONE"
	wait_for 5 records Stop
	grep -q 'Acct-Authentic = Local' "$T/radius/detail"
	configure "tunnel-group vpn-phone-group general-attributes" "no accounting-server-group RAD"
}

test_a_rejected_user_reads_why() {
	not oc_start eve eve Geheim12 radius
	grep -q 'Go away' "$T/eve.oc"
}

test_local_stands_in_when_all_servers_are_dead() {
	oc_start clear clear Geheim12 dead
	sessions 's[0]["username"] == "clear" and s[0]["tunnel_group"] == "dead"'
	log_has 5 '113022: AAA Marking RADIUS server 172.16.100.101 in aaa-server group DEAD as FAILED'
	log_has 5 '113012: AAA user authentication Successful : local database : user = clear'
	end_pids "$CLIENT"
	wait_for 5 session_count_is 0
}

test_guessing_is_slow_and_others_are_not() {
	local begin
	begin=$(now_ms)
	not oc_start guess clear wrong dead
	not oc_start guess clear wrong dead
	not oc_start guess clear wrong dead
	[ $(($(now_ms) - begin)) -ge 3500 ] # 0.5 + 1 + 2 s
	begin=$(now_ms)
	oc_start bob bob Geheim12 radius
	[ $(($(now_ms) - begin)) -lt $((2500 * SLACK)) ]
	end_pids "$CLIENT"
	wait_for 5 session_count_is 0
}

test_what_does_not_exist_is_said() {
	cli test aaa-server authentication NONE username a password b | grep -q 'ERROR: aaa-server group NONE does not exist'
	configure "aaa-server DIR protocol ldap" | tee "$T/out"
	cli test aaa-server authentication DIR username a password b | grep -q 'protocol ldap has no effect here'
	cli test aaa-server authentication RAD host 10.9.9.9 username bob password Geheim12 | grep -q 'ERROR: Authentication Server not responding'
	cli test aaa-server authentication RAD host 172.16.100.100 username bob password Geheim12 | grep -q 'INFO: Authentication Successful'
}

test_changes_of_the_configuration_disturb_no_question() {
	local i
	for i in {1..60}; do echo "test aaa-server authentication TWO username bob password Geheim12"; done > "$T/questions"
	spawn "$T/questions.out" bash -c '"$0" -s "$1" < "$2"' "$BUILD/offhook" "$CONTROL" "$T/questions"
	for i in {1..15}; do configure "aaa-server TWO protocol radius" "max-failed-attempts $((i % 3 + 1))"; done
	ended $SPAWNED 30
	same "questions answered yes" 60 "$(grep -c 'INFO: Authentication Successful' "$T/questions.out")"
}

test_the_helper_is_started_again() {
	kill -KILL "$(child aaa)"
	log_has 5 'offhook-aaa died of signal 9'
	wait_for 5 auth RAD bob Geheim12
}

test_the_end_of_the_daemon_is_accounted_for() {
	rm -f "$T/radius/detail"
	oc_start bob bob Geheim12 radius
	wait_for 5 records Start
	daemon_stop
	wait_for 5 records Stop
	grep -q 'Acct-Terminate-Cause = Admin-Reboot' "$T/radius/detail"
	end_pids "$CLIENT" || :
}

run_cases
