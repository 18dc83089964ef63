#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The operator's command: at a terminal, in scripts, by the socket for monitoring; who may.
. "$(dirname "$0")/../lib.sh"
need_root
net_make
config_make
chmod 755 "$T"
host_add <<END
show_group = "games";
END
daemon_start
SHOW=$T/run/show.sock

terminal() { SLACK=$SLACK python3 tests/integration/terminal.py "$BUILD/offhook" "${SOCKET:-$CONTROL}"; }
as_user() { setpriv --reuid 65534 --regid "$1" --clear-groups "$BUILD/offhook" -s "${@:2}"; }

test_prompts_follow_the_modes_of_an_asa() {
	terminal <<'END'
< asav# 
> conf t\r
< asav\(config\)# 
> group-policy vpn-phone-policy attributes\r
< asav\(config-group-policy\)# 
> webvpn\r
< asav\(config-group-webvpn\)# 
> exit\r
< asav\(config-group-policy\)# 
> \x1a
< asav# 
> disable\r
< asav> 
> write memory\r
< \^\r\nERROR: % Invalid input detected at '\^' marker\.\r\nasav> 
> enable\r
< asav# 
> exit\r
END
}

test_a_question_mark_and_tab_are_answered_in_place() {
	terminal <<'END'
< asav# 
> show vpn-sessiondb ?
< show vpn-sessiondb \?\r\n  anyconnect .*  <cr>\r\n.*asav# show vpn-sessiondb 
> \x03
< asav# 
> conf\t t\r
< asav\(config\)# 
> group-pol\tvpn-phone-policy attr\t\r
< asav\(config-group-policy\)# 
> vpn-idle\t?
< timeout \?.*<1-35791394>.*none.*vpn-idle-timeout 
> \x03
< asav\(config-group-policy\)# 
> banner value what?\r
> end\r
< asav# 
> quit\r
END
}

test_long_output_stops_at_each_page() {
	terminal <<'END'
< asav# 
> show running-config\r
< hostname asav.*<--- More --->
>  
< crypto ca.*<--- More --->
> \r
< <--- More --->
> q
< asav# 
> show pager\r
< pager lines 24\r\n
> terminal pager 0\r
> show running-config\r
< Cryptochecksum:.*: end\r\nasav# 
> show pager\r
< no pager\r\n
> exit\r
END
}

test_control_c_forgets_the_line_and_history_has_the_last() {
	terminal <<'END'
< asav# 
> show hostname\r
< asav\r\nasav# 
> nonsense\x03
< \^C\r?\n?.*asav# 
> \x1b[A\r
< asav\r\nasav# 
> \x04
END
}

test_output_is_filtered() {
	same include "group-policy vpn-phone-policy internal" "$(cli 'show running-config group-policy | include int')"
	same begin " vpn-tunnel-protocol ssl-client" "$(cli 'show running-config group-policy | b vpn-t' | head -n 1)"
	same exclude "" "$(cli 'show running-config group-policy | exclude .')"
	same "grep -v" "$(cli show running-config group-policy | grep -v policy)" "$(cli 'show running-config group-policy | grep -v policy')"
	same alternatives 2 "$(cli 'show run group-policy | i internal|attributes' | wc -l)"
	same count "Number of lines which match regexp = 2" "$(cli 'show run group-policy | count ^group')"
	same "a quoted expression" " vpn-tunnel-protocol ssl-client" "$(cli 'show run group-policy | include "l ssl|nothing | x"')"
	cli 'show running-config | nonsense x' > "$T/answer" && return 1
	same "unknown filter" "                            ^
ERROR: % Invalid input detected at '^' marker.
INFO: include, exclude, begin, grep or count" "$(cat "$T/answer")"
	cli 'show running-config | include (' > "$T/answer" && return 1
	grep -q 'Invalid input detected' "$T/answer"
	# elsewhere a bar is text
	printf '%s\n' 'conf t' 'group-policy vpn-phone-policy attributes' 'banner value one | two' end | cli
	cli show running-config group-policy | grep -qx ' banner value one | two'
	printf '%s\n' 'conf t' 'group-policy vpn-phone-policy attributes' 'no banner' end | cli
}

test_the_socket_for_monitoring_shows_and_changes_nothing() {
	CONTROL=$SHOW cli show hostname | grep -qx asav
	CONTROL=$SHOW cli -j show vpn-sessiondb anyconnect | grep -q '"sessions": \[\]'
	for command in "write memory" "configure terminal" "vpn-sessiondb logoff all noconfirm" "enable" "crypto key zeroize rsa noconfirm"; do
		CONTROL=$SHOW cli "$command" > "$T/answer" && return 1
		same "answer to $command" "ERROR: Command authorization failed" "$(cat "$T/answer")"
	done
	CONTROL=$SHOW cli show running-config > "$T/answer"
	not grep -q 'PRIVATE KEY' "$T/answer"
	SOCKET=$SHOW terminal <<'END'
< asav> 
> exit\r
END
}

test_only_members_of_its_group_may_use_a_socket() {
	local games
	games=$(getent group games | cut -d: -f3)
	same "mode of the control socket" "600 root" "$(stat -c '%a %G' "$CONTROL")"
	same "mode of the show socket" "660 games" "$(stat -c '%a %G' "$SHOW")"
	as_user "$games" "$SHOW" show hostname | grep -qx asav
	not as_user 65534 "$SHOW" show hostname 2> "$T/denied"
	not as_user "$games" "$CONTROL" show hostname 2> "$T/denied"
	grep -q 'Permission denied' "$T/denied"
}

test_each_command_is_logged_with_its_user() {
	cli show hostname > /dev/null
	printf 'conf t\ndomain-name example.org\nend\n' | cli
	log_has 5 "%ASA-5-111008: User 'root' executed the 'domain-name example.org' command\.$"
	log_has 5 "%ASA-5-111010: User 'root', running 'CLI' from IP 0.0.0.0, executed 'domain-name example.org'$"
	printf 'conf t\ndomain-name sckiewer.lab\nend\n' | cli
}

# It asks for much and reads nothing; others get their answers meanwhile.
test_a_client_that_does_not_read_delays_nobody() {
	python3 - "$CONTROL" "$BUILD/offhook" <<'END'
import socket, struct, subprocess, sys, time
deaf = socket.socket(socket.AF_UNIX)
deaf.connect(sys.argv[1])
line = b"show running-config all"
for _ in range(2000):
    try:
        deaf.settimeout(0.2)
        deaf.sendall(struct.pack(">IB", len(line), ord("L")) + line)
    except socket.timeout:
        break
for _ in range(5):
    start = time.monotonic()
    subprocess.run([sys.argv[2], "-s", sys.argv[1], "show", "hostname"], check=True, stdout=subprocess.DEVNULL, timeout=10)
    assert time.monotonic() - start < 5
END
}

run_cases
