#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Where messages go: the buffer, syslog servers by UDP and TCP, and what may be left out.
. "$(dirname "$0")/../lib.sh"
need_root
net_make
daemon_start

configure() {
	{
		echo "configure terminal"
		printf '%s\n' "$@"
		echo end
	} | cli
}

# A syslog server: udp and tcp on port 5514, each line to a file.
cat > "$T/server.py" <<'END'
import socket, sys, threading
def udp():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("172.16.100.101", 5514))
    sys.stdout.write("ready\n"); sys.stdout.flush()
    while True:
        print("udp", s.recv(4096).decode(), flush=True)
def tcp():
    s = socket.create_server(("172.16.100.100", 5514))
    sys.stdout.write("ready\n"); sys.stdout.flush()
    while True:
        c, _ = s.accept()
        for line in c.makefile():
            print("tcp", line.rstrip("\n"), flush=True)
threading.Thread(target=udp, daemon=True).start()
tcp()
END
ip -n "$LAN" addr add 172.16.100.101/24 dev eth0
server_stop() {
	end_pids "$(cat "$T/server.pid")" || :
}
server_start() {
	spawn "$T/server" in_lan python3 "$T/server.py"
	echo $SPAWNED > "$T/server.pid"
	wait_for 5 has_line "$T/server" ready 2
}

test_the_buffer_holds_the_newest() {
	configure "logging buffered debugging" "logging buffer-size 4096" "logging timestamp" "logging device-id hostname"
	phone --hold 0
	cli show logging > "$T/out"
	grep -q '^Syslog logging: enabled' "$T/out"
	grep -q '    Buffer logging: level debugging, [0-9]* messages logged' "$T/out"
	grep -Eq '^[A-Z][a-z]{2} [0-9]{2} [0-9]{4} [0-9:]{8} asav : %ASA-4-113019: Group = vpn-phone-group' "$T/out"
	[ "$(sed -n '/%ASA/p' "$T/out" | wc -c)" -le 4200 ]
	cli clear logging buffer
	cli show logging | not grep -q 113019
	cli show logging | grep -q 'clear logging buffer' || cli show logging | not grep -q '%ASA-6'
}

test_syslog_servers_by_udp_and_tcp() {
	server_start
	configure "logging trap informational" "logging facility 23" "logging host inside 172.16.100.101 udp/5514" "logging host inside $LAN_IP tcp/5514"
	phone --hold 0
	for how in udp tcp; do
		wait_for 5 has_line "$T/server" "^$how <188>[A-Z][a-z]{2} [0-9]{2} [0-9]{4} [0-9:]{8} asav : %ASA-4-113019: "
		wait_for 5 has_line "$T/server" "^$how <190>.*%ASA-6-725002: "
		not grep -q "^$how .*%ASA-7-" "$T/server"
	done
	cli show logging | tee "$T/out"
	grep -q "        Logging to inside $LAN_IP, TCP TX:[0-9]* errors" "$T/out"
	grep -Eq "        Logging to inside 172.16.100.101, UDP TX:[0-9]+ errors: 0  dropped: 0" "$T/out"
}

test_a_tcp_server_that_was_away_is_found_again() {
	server_stop
	phone --hold 0 # nobody waits for it
	server_start
	wait_for 15 eval 'phone --hold 0 > /dev/null; has_line "$T/server" "^tcp .*113019"'
}

test_messages_classes_and_lists_choose() {
	: > "$T/server"
	server_stop
	configure "no logging host inside $LAN_IP tcp/5514" "no logging message 725002" "logging message 725001 level 2"
	server_start
	phone --hold 0
	wait_for 5 has_line "$T/server" '%ASA-2-725001'
	wait_for 5 has_line "$T/server" 113019
	not grep -q 725002 "$T/server"
	configure "logging message 725002" "no logging message 725001" "no logging message 725001 level 2"
	configure "logging list few level 4 class auth" "logging list few message 725016" "logging trap list few"
	server_stop
	server_start
	phone --hold 0
	wait_for 5 has_line "$T/server" '%ASA-4-113019'
	has_line "$T/server" '%ASA-6-725016'
	not grep -q '725001\|722051' "$T/server"
	configure "logging trap errors" "no logging list few" "logging class ssl trap informational"
	server_stop
	server_start
	phone --hold 0
	wait_for 5 has_line "$T/server" '%ASA-6-725007'
	not grep -q '113019\|722051' "$T/server"
}

test_names_that_were_refused_are_hidden_unless_told() {
	configure "no logging class ssl trap" "logging trap debugging"
	phone --cert "$CERTS/lsc-phone1.pem" --key "$CERTS/lsc-phone1.key" --hold 0
	configure "tunnel-group vpn-phone-group general-attributes" "authorization-server-group LOCAL" "authorization-required"
	not phone --hold 0
	wait_for 5 has_line "$T/server" '113015: .*user = \*\*\*\*\* : user IP'
	configure "no logging hide username"
	not phone --hold 0
	wait_for 5 has_line "$T/server" '113015: .*user = CP-8841-SEP682C7B40B5CE : user IP'
	configure "tunnel-group vpn-phone-group general-attributes" "no authorization-required" "no authorization-server-group"
}

test_a_rate_is_kept_to() {
	configure "logging rate-limit 3 600 message 722051" "logging buffered informational" "logging buffer-size 1048576"
	cli clear logging buffer
	for _ in 1 2 3 4 5; do
		phone --hold 0
	done
	same "limited messages" 3 "$(cli 'show logging | include 722051: Group' | wc -l)"
	same "others" 5 "$(cli 'show logging | include 722033: .* TCP' | grep -c First)"
	configure "no logging rate-limit 3 600 message 722051"
	phone --hold 0
	same "without a limit" 4 "$(cli 'show logging | include 722051: Group' | wc -l)"
}

test_nothing_is_sent_when_logging_is_off() {
	configure "no logging enable"
	server_stop
	server_start
	phone --hold 0
	not grep -q '%ASA' "$T/server"
	cli show logging | grep -q '^Syslog logging: disabled'
	configure "logging enable"
}

run_cases
