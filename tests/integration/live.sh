#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The configuration changed while phones are connected: by line, by SIGHUP, by configure replace.
. "$(dirname "$0")/../lib.sh"
need_root
net_make
daemon_start
cli write memory > "$T/out"

configure() {
	{
		echo "configure terminal"
		printf '%s\n' "$@"
		echo end
	} | cli
}

running() { cli show running-config; }
reachable() { in_phone bash -c "exec 3<>/dev/tcp/$1/$2" 2> /dev/null; }

phone_start held --cert "$CERTS/lsc-phone1.pem" --key "$CERTS/lsc-phone1.key" --require-dtls --ping $LAN_IP
HELD=$PHONE
held_is_connected() { sessions "any(x['username'] == 'CP-8861-SEP74A02FC0A301' and x['state'] == 'active' and x['dtls_version'] for x in s)"; }

test_new_sessions_get_the_new_policy_and_old_ones_keep_theirs() {
	configure "ip local pool other-pool 10.10.5.1-10.10.5.9 mask 255.255.255.0" "group-policy vpn-phone-policy attributes" \
		"address-pools value other-pool" "dns-server value 172.16.100.53"
	phone -j --hold 0 > "$T/new"
	grep -q '"address":"10.10.5.' "$T/new"
	grep -q '"dns":\["172.16.100.53"\]' "$T/new"
	sessions "s[0]['assigned_ip'].startswith('10.10.1.')"
	held_is_connected
	configure "group-policy vpn-phone-policy attributes" "no address-pools" "no dns-server"
}

test_ports_and_interfaces_follow() {
	configure webvpn "port 8443"
	wait_for 5 reachable $GW_IP 8443
	not reachable $GW_IP 443
	held_is_connected
	configure webvpn "no port"
	wait_for 5 reachable $GW_IP 443
	configure webvpn "no enable outside"
	not reachable $GW_IP 443
	held_is_connected
	configure webvpn "enable outside" | tee "$T/out"
	grep -q "INFO: WebVPN and DTLS are enabled on 'outside'." "$T/out"
	wait_for 5 reachable $GW_IP 443
	phone --hold 0
}

test_an_interfaces_address_may_change() {
	ip -n "$GW" addr add 172.16.1.251/24 dev outside0
	configure "interface GigabitEthernet0/0" "ip address 172.16.1.251 255.255.255.0"
	wait_for 5 reachable 172.16.1.251 443
	not reachable $GW_IP 443
	phone -c 172.16.1.251 --require-dtls --hold 0
	configure "interface GigabitEthernet0/0" "ip address $GW_IP 255.255.255.0"
	wait_for 5 reachable $GW_IP 443
	phone --require-dtls --hold 0
	held_is_connected
}

test_ciphers_act_on_the_next_handshake() {
	configure 'ssl cipher tlsv1.2 custom "AES128-SHA"' 'ssl cipher dtlsv1 custom "AES128-SHA"'
	phone -j --hold 0 > "$T/new"
	grep -q '"tls_cipher":"AES128-SHA"' "$T/new"
	grep -q '"cipher":"AES128-SHA","version":"DTLSv0.9"' "$T/new"
	configure "no ssl cipher tlsv1.2" "no ssl cipher dtlsv1"
	held_is_connected
}

# temp_key OPENSSL-OPTIONS...: what key exchange a new TLS 1.2 client gets
temp_key() {
	in_phone openssl s_client -connect $GW_IP:443 -tls1_2 "$@" < /dev/null 2> /dev/null | sed -n 's/^Server Temp Key: //p'
}

test_groups_of_the_key_exchange_act_on_the_next_handshake() {
	same "by default" "DH, 2048 bits" "$(temp_key -cipher DHE-RSA-AES256-SHA256)"
	same "by default" "ECDH, prime256v1, 256 bits" "$(temp_key -cipher ECDHE-RSA-AES256-GCM-SHA384)"
	same "a client of one other group" "X25519, 253 bits" "$(temp_key -cipher ECDHE-RSA-AES256-GCM-SHA384 -groups X25519)"
	configure "ssl dh-group group15" "ssl ecdh-group group20"
	same "group15" "DH, 3072 bits" "$(temp_key -cipher DHE-RSA-AES256-SHA256)"
	same "group20" "ECDH, secp384r1, 384 bits" "$(temp_key -cipher ECDHE-RSA-AES256-GCM-SHA384)"
	same "group20 only" "" "$(temp_key -cipher ECDHE-RSA-AES256-GCM-SHA384 -groups X25519)"
	cli show ssl > "$T/out"
	grep -qx 'SSL DH Group: group15 (3072-bit modulus)' "$T/out"
	grep -qx 'SSL ECDH Group: group20 (384-bit EC)' "$T/out"
	# a TLS 1.3 client that guesses another group is asked again, and its certificate believed
	configure "ssl server-version tlsv1.3"
	phone -j --hold 0 --tls-max 1.3 > "$T/new"
	grep -q '"tls_version":"TLSv1.3"' "$T/new"
	configure "no ssl server-version"
	configure "ssl dh-group group2" > "$T/out"
	same "a weak one" "WARNING: group2 is too weak; group14 serves instead" "$(cat "$T/out")"
	configure "no ssl dh-group" "no ssl ecdh-group"
}

test_a_dtls_version_below_the_minimum_is_not_offered() {
	configure "ssl server-version tlsv1.2 dtlsv1.2"
	phone -j --hold 0 > "$T/new"
	grep -q '"tls_version":"TLSv1.2"' "$T/new"
	not grep -q '"version":"DTLS' "$T/new"
	phone -j --hold 0 --require-dtls --dtls12-ciphers AES256-SHA > "$T/new" # says that it knows DTLS 1.2
	grep -q '"version":"DTLSv1.2"' "$T/new"
	configure "no ssl server-version"
	phone --hold 0 --require-dtls
	held_is_connected
}

test_suites_of_old_configurations_are_taken_and_what_is_left_out_said() {
	configure "ssl encryption rc4-sha1 aes256-sha1" > "$T/out"
	same "said" "WARNING: left out, since never spoken here: RC4-SHA" "$(head -n 1 "$T/out")"
	running | grep -qx 'ssl cipher default custom "RC4-SHA:AES256-SHA"'
	phone -j --hold 0 > "$T/new"
	grep -q '"tls_cipher":"AES256-SHA"' "$T/new"
	configure 'ssl cipher default custom "HIGH:!aNULL:!DHE:!ECDHE:!AES256"' > "$T/out"
	phone -j --hold 0 > "$T/new"
	grep -q '"tls_cipher":"AES128-SHA"' "$T/new"
	configure "no ssl cipher default"
	held_is_connected
}

test_sighup_takes_a_good_file_whole() {
	local before
	cli write memory > "$T/out"
	before=$(running)
	sed -i 's/^hostname .*/hostname renamed/' "$T/startup-config"
	kill -HUP "$DAEMON"
	wait_for 5 has_hostname renamed
	held_is_connected
	phone --hold 0
	sed -i 's/^hostname .*/hostname asav/' "$T/startup-config"
	kill -HUP "$DAEMON"
	wait_for 5 has_hostname asav
	same "the configuration" "$before" "$(running)"
}
has_hostname() { running | grep -qx "hostname $1"; }

test_sighup_with_errors_changes_nothing_and_names_them_all() {
	local before
	before=$(running)
	cp "$T/startup-config" "$T/good"
	printf 'hostname broken\nip local pool p 10.10.1.5-10.10.1.9\nblah\ntunnel-group t general-attributes\n' >> "$T/startup-config"
	kill -HUP "$DAEMON"
	log_has 5 'startup-config:[0-9]+:[0-9]+: .*overlaps with pool vpn-phone-pool'
	log_has 5 "startup-config:[0-9]+:1: Invalid input detected at '\^' marker"
	log_has 5 'the configuration stays as it was'
	same "the configuration" "$before" "$(running)"
	cp "$T/good" "$T/startup-config"
	held_is_connected
}

test_configure_replace_is_the_same_by_hand() {
	local before
	before=$(running)
	sed 's/^hostname .*/hostname replaced/' "$T/startup-config" > "$T/other"
	cli configure replace "$T/other"
	has_hostname replaced
	echo 'no such command' >> "$T/other"
	cli configure replace "$T/other" | tee "$T/out"
	grep -q "$T/other:[0-9]*:[0-9]*: Invalid input" "$T/out"
	grep -q '^ERROR: .*the configuration stays as it was' "$T/out"
	has_hostname replaced
	cli configure replace "$T/nothing" | grep -q 'ERROR'
	cli configure replace disk0:/startup-config
	same "the configuration" "$before" "$(running)"
	held_is_connected
}

test_secrets_are_saved_and_never_shown() {
	configure "username bob password s3cretWord privilege 15" "aaa-server RAD protocol radius" "aaa-server RAD (inside) host 172.16.100.99" \
		" key r4diusKey" "tunnel-group ipsec type ipsec-l2l" "tunnel-group ipsec ipsec-attributes" "ikev1 pre-shared-key pr3Shared"
	running > "$T/shown"
	cli write memory > "$T/out"
	not grep -q 's3cretWord\|r4diusKey\|pr3Shared' "$T/shown"
	grep -Eq '^username bob password \$sha512\$5000\$[A-Za-z0-9+/=]+\$[A-Za-z0-9+/=]+ pbkdf2 privilege 15' "$T/shown"
	grep -q '^ key \*\*\*\*\*' "$T/shown"
	not grep -q 's3cretWord' "$T/startup-config"
	grep -q 'key r4diusKey' "$T/startup-config"
	grep -q 'pre-shared-key pr3Shared' "$T/startup-config"
	same "mode of startup-config" 640 "$(stat -c %a "$T/startup-config")" # not for everybody any more
	not grep -q 's3cretWord\|r4diusKey\|pr3Shared' "$T/log"
	kill -HUP "$DAEMON"
	log_has 5 'is in force'
	cli write memory > "$T/out"
	grep -q 'key r4diusKey' "$T/startup-config"
	configure "no username bob" "no aaa-server RAD" "no tunnel-group ipsec"
	cli write memory > "$T/out"
}

# The daemon killed at any moment while it writes: one whole version is there.
test_write_memory_is_never_half_done() {
	local i writer
	phone_stop "$HELD"
	configure "$(for i in $(seq 400); do echo "username user$i nopassword"; done)" > "$T/out"
	for i in 1 2 3 4 5; do
		rm -f "$T/write.out"
		spawn "$T/write.out" bash -c 'while :; do "$0" -s "$1" write memory || exit; done' "$BUILD/offhook" "$CONTROL"
		writer=$SPAWNED
		wait_for 5 eval 'test -e "$T/write.out" && has_line "$T/write.out" OK 3'
		kill -KILL "$DAEMON"
		ended "$DAEMON" 5 || :
		end_pids "$writer" || :
		"$BUILD/offhookd" --check -c "$T/startup-config" -o "$T/offhookd.conf" 2> "$T/err" || { cat "$T/err"; return 1; }
		same "users" 400 "$(grep -c '^username user' "$T/startup-config")"
		daemon_run ip netns exec "$GW"
	done
}

run_cases
