#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# offhookd --check: no root, no state, no address of this host needed.
. "$(dirname "$0")/../lib.sh"

check() {
	local status=0
	"$BUILD/offhookd" --check "$@" > "$T/out" 2> "$T/err" || status=$?
	cat "$T/err"
	return $status
}

test_the_samples_are_right() {
	local file
	for file in configs/*.cfg; do
		check -c "$file" -o configs/offhookd.conf
		[ ! -s "$T/err" ]
	done
}

# Nobody's user can read neither state nor sockets, and needs not.
test_it_needs_no_root() {
	[ "$(id -u)" = 0 ] || skip "is not root anyway"
	mkdir -p "$T/bin" && cp "$BUILD/offhookd" "$T/bin/" && cp configs/vpn-phone.cfg "$T/"
	(cd / && setpriv --reuid=65534 --regid=65534 --clear-groups "$T/bin/offhookd" -t -c "$T/vpn-phone.cfg")
}

test_all_errors_of_both_files_are_told_together() {
	cat > "$T/bad.cfg" <<'END'
hostname asav
! a comment
interface GigabitEthernet0/0
 nameif outside
 ip address 1.2.3.400 255.255.255.0
ip local pool p 10.10.1.9-10.10.1.1
tunnel-group g type remote-access
tunnel-group g general-attributes
 address-pool nosuch
 default-group-policy nosuch
webvpn
 enable nowhere
ssl trust-point nosuch outside
blah blah
END
	printf 'state_dir = 5;\nno_such_key = 1;\n' > "$T/bad.conf"
	not check -c "$T/bad.cfg" -o "$T/bad.conf"
	cat > "$T/wanted" <<'END'
bad.conf:1:1
bad.conf:2:1
bad.cfg:5:13
bad.cfg:6:17
bad.cfg:9:15
bad.cfg:10:23
bad.cfg:12:9
bad.cfg:13:17
bad.cfg:14:1
END
	grep -oE 'bad\.(cfg|conf):[0-9]+:[0-9]+: .' "$T/err" | cut -d: -f 1-3 > "$T/got"
	diff <(sort "$T/wanted") <(sort "$T/got")
}

test_each_error_shows_the_line_and_marks_the_column() {
	printf 'hostname x\n  interface Gi0/0\n ip address 1.2.3.400 255.0.0.0\n' > "$T/mark.cfg"
	not check -c "$T/mark.cfg"
	same "three lines" "$T/mark.cfg:3:13: Invalid input detected at '^' marker: not an IPv4 address
 ip address 1.2.3.400 255.0.0.0
            ^" "$(cat "$T/err")"
}

test_an_error_exits_1_and_nothing_wrong_0() {
	local status=0
	printf 'hostname x\n' > "$T/ok.cfg"
	check -c "$T/ok.cfg"
	printf 'nonsense\n' > "$T/not.cfg"
	check -c "$T/not.cfg" || status=$?
	same "exit status" 1 $status
	status=0
	check -c "$T/no-such-file" || status=$?
	same "exit status" 1 $status
	status=0
	check -c "$T/ok.cfg" -o "$T/no-such-file" || status=$?
	same "exit status" 1 $status
	grep -q 'no-such-file' "$T/err"
}

test_ignored_lines_are_one_warning() {
	printf 'snmp-server location x\nfailover\nsnmp-server contact y\n' > "$T/ignored.cfg"
	check -c "$T/ignored.cfg"
	same "the warning" "$T/ignored.cfg: warning: 3 lines have no effect here: snmp-server (2), failover (1)" "$(cat "$T/err")"
}

test_each_kept_command_is_one_warning() {
	printf 'pager lines 24\npager lines 25\nprompt hostname\n' > "$T/kept.cfg"
	check -c "$T/kept.cfg"
	same "the warnings" "$T/kept.cfg:1:1: warning: \"pager\" has no effect here
$T/kept.cfg:3:1: warning: \"prompt\" has no effect here" "$(cat "$T/err")"
}

test_a_whole_asa_configuration_is_read() { only_known_warnings asav-whole.in; }
test_one_of_another_release_is_read() { only_known_warnings asav-916.in; }
only_known_warnings() {
	check -c "tests/unit/config/$1"
	not grep -v -e 'has no effect here$' -e 'no effect here: ' -e 'is masked, set it again$' -e '^ *^$' -e '\*\*\*\*\*$' -e 'password \*\*\*\*\* pbkdf2$' -e 'has no password$' -e '^username phone1 attributes$' "$T/err"
}

# Passwords in clear are hashed by the daemon, which takes milliseconds each: --check does not.
test_checking_many_passwords_takes_no_time() {
	seq 3000 | sed 's/.*/username user& password Password&/' > "$T/users.cfg"
	timeout 5 "$BUILD/offhookd" --check -c "$T/users.cfg"
}

test_a_large_configuration_is_checked_quickly() {
	tests/bench/bigconfig.py > "$T/big.cfg"
	timeout 20 "$BUILD/offhookd" --check -c "$T/big.cfg" 2> "$T/err"
	[ "$(wc -l < "$T/err")" -le 4 ] # what has no effect, each said once
}

test_a_line_with_a_secret_is_never_shown() {
	cat > "$T/secret.cfg" <<'END'
username bob password TOPSECRET1 nonsense trailing words
username bob password TOPSECRET4 pbkdf2
tunnel-group x ipsec-attributes
 ikev1 pre-shared-key TOPSECRET5 nonsense
aaa-server x (inside) host 10.0.0.1 TOPSECRET6
enable password TOPSECRET2 nonsense trailing words
crypto ca trustpoint x
 password TOPSECRET3 trailing words
END
	check -c "$T/secret.cfg" || :
	not grep -q TOPSECRET "$T/err" "$T/out"
}

test_the_daemon_does_not_start_with_an_error() {
	printf 'hostname x\nnonsense\n' > "$T/startup-config"
	printf 'state_dir = "%s/state";\nrun_dir = "%s/run";\n' "$T" "$T" > "$T/offhookd.conf"
	not "$BUILD/offhookd" -f -c "$T/startup-config" -o "$T/offhookd.conf" > "$T/out" 2>&1
	grep -q "startup-config:2:1: " "$T/out"
	[ ! -e "$T/run/control.sock" ]
}

test_version_and_help_are_told() {
	"$BUILD/offhookd" -V | grep -qE '^offhookd [0-9]'
	"$BUILD/offhookd" --help | grep -q -- '--ready-fd'
	"$BUILD/offhook" -V | grep -qE '^offhook [0-9]'
	not "$BUILD/offhookd" --no-such-option 2> /dev/null
	not "$BUILD/offhook" -s "$T/no.sock" show clock 2> "$T/err"
	[ -s "$T/err" ]
}

test_the_manual_page_is_that_of_the_tables() {
	"$BUILD/manual" > "$T/manual"
	cmp "$T/manual" doc/offhook-config.5 || fail "make doc writes it anew"
}

run_cases
