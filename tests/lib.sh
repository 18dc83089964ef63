# SPDX-License-Identifier: GPL-2.0-or-later
#
# For tests/integration/*.sh (bash). A file sets itself up, defines cases as
# functions test_CLAIM and ends with run_cases:
#
#	. "$(dirname "$0")/../lib.sh"
#	need_root
#	net_make
#	daemon_start
#	test_phone_pings_the_lan() { phone -m 7962 --ping $LAN_IP; }
#	run_cases
#
# A case runs in a subshell with "set -e": the first command that fails ends it.
# It may share the daemon with the others. What a file leaves running, it kills
# at its end by process id; namespaces carry its own process id in their names.
#
#	phone 172.16.1.10/24 --- 172.16.1.250 gateway 172.16.100.250 --- 172.16.100.100/24 lan

set -u
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
BUILD=${BUILD:-$PWD/build}
case $BUILD in /*) ;; *) BUILD=$PWD/$BUILD ;; esac

T=$(mktemp -d "${TMPDIR:-/tmp}/offhook-test.XXXXXX") || exit 1
chmod 755 "$T"
mkfifo "$T/never"
exec {NEVER}<> "$T/never"
: > "$T/pids"
: > "$T/log"

GW=oh$$-gw PH=oh$$-ph LAN=oh$$-lan
GW_IP=172.16.1.250 PH_IP=172.16.1.10 INSIDE_IP=172.16.100.250 LAN_IP=172.16.100.100
URL=https://asav.sckiewer.lab/phone
CERTS=$BUILD/test-certs
SLACK=1 # what deadlines are multiplied with
case $BUILD in *asan*) SLACK=3 SANITIZER=yes ;; *) SANITIZER=no ;; esac
SKIP_ALL=

# not COMMAND...: fails when it succeeds; unlike "!", which "set -e" does not see.
not() {
	! "$@"
}

# ---- waiting ----

# A twentieth of a second, without a process.
tick() {
	read -rt 0.05 -u "$NEVER" || :
}

now_ms() {
	local t=${EPOCHREALTIME/[.,]/}
	echo $((t / 1000))
}

# wait_for SECONDS COMMAND...: until it succeeds; fails when it never did.
wait_for() {
	local end=$(($(now_ms) + $1 * 1000 * SLACK))
	shift
	until "$@"; do
		if [ "$(now_ms)" -ge $end ]; then
			echo "waited in vain for: $*" >&2
			return 1
		fi
		tick
	done
}

gone() { # no such process (a zombie is none)
	local state
	read -r _ _ state _ 2>/dev/null < "/proc/$1/stat" || return 0
	[ "$state" = Z ]
}

# has_line FILE REGEX [COUNT]: at least that many lines match.
has_line() {
	[ "$(grep -cE -- "$2" "$1")" -ge "${3:-1}" ]
}

# log_has SECONDS REGEX [COUNT]: wait until the daemon's log has such lines.
log_has() {
	wait_for "$1" has_line "$T/log" "$2" "${3:-1}"
}

# log_count REGEX
log_count() {
	grep -cE -- "$1" "$T/log" || :
}

# ---- processes ----

# spawn LOG COMMAND...: in the background, killed at the end; its pid in SPAWNED.
spawn() {
	local log=$1
	shift
	case $1 in # not a function, whose process would be a shell's
	in_phone) set -- ip netns exec "$PH" "${@:2}" ;;
	in_lan) set -- ip netns exec "$LAN" "${@:2}" ;;
	in_gw) set -- ip netns exec "$GW" "${@:2}" ;;
	esac
	: > "$log" # now: what an earlier one of this name said is not this one's
	"$@" > "$log" 2>&1 < /dev/null &
	SPAWNED=$!
	echo $SPAWNED >> "$T/pids"
}

# ended PID SECONDS: wait for its end; its exit status when this shell started it (not in another case), else 0.
ended() {
	local status=0
	wait_for "$2" gone "$1" || return 125
	wait "$1" 2>/dev/null || status=$?
	[ $status = 127 ] || return $status
}

# Processes below a process, itself not.
descendants() {
	local child
	for child in $(cat "/proc/$1/task/$1/children" 2>/dev/null); do
		echo "$child"
		descendants "$child"
	done
}

# ---- certificates ----

certs_make() {
	(
		flock 9
		if [ ! -e "$CERTS/done" ] || [ tests/certs/make-certs.sh -nt "$CERTS/done" ]; then
			rm -rf "$CERTS"
			tests/certs/make-certs.sh --phones 20 "$CERTS" && touch "$CERTS/done"
		fi
	) 9> "$BUILD/test-certs.lock" > "$T/certs.log" 2>&1 || { cat "$T/certs.log" >&2; exit 1; }
}

# ---- the network ----

# need_root: cases are skipped when a network cannot be made.
need_root() {
	if [ "$(id -u)" != 0 ]; then
		SKIP_ALL="needs root"
	elif [ ! -e /dev/net/tun ]; then
		SKIP_ALL="no /dev/net/tun"
	elif ! ip netns add "$GW" 2>/dev/null; then
		SKIP_ALL="no network namespaces here"
	fi
	[ -z "$SKIP_ALL" ] || skip_all
}

in_gw() { ip netns exec "$GW" "$@"; }
in_phone() { ip netns exec "$PH" "$@"; }
in_lan() { ip netns exec "$LAN" "$@"; }

# link NAMESPACE1 NAME1 ADDRESS1 NAMESPACE2 NAME2 ADDRESS2
link() {
	ip link add "$2" netns "$1" type veth peer name "$5" netns "$4"
	ip -n "$1" addr add "$3" dev "$2"
	ip -n "$4" addr add "$6" dev "$5"
	ip -n "$1" link set "$2" up
	ip -n "$4" link set "$5" up
}

net_make() {
	local ns
	ip netns add "$PH" && ip netns add "$LAN" || exit 1
	for ns in "$GW" "$PH" "$LAN"; do
		ip -n "$ns" link set lo up
		ip netns exec "$ns" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 2>/dev/null || :
	done
	link "$PH" eth0 $PH_IP/24 "$GW" outside0 $GW_IP/24
	link "$LAN" eth0 $LAN_IP/24 "$GW" inside0 $INSIDE_IP/24
	in_gw sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'
	ip -n "$LAN" route add 10.10.1.0/24 via $INSIDE_IP
}

# ---- the daemon ----

DAEMON=
CONTROL=$T/run/control.sock

# Lines for offhookd.conf, of a file that runs another one's cases in another way.
HOST_LINES=${HOST_LINES:-}

# The lab's configuration; the file's own lines follow with config_add.
config_make() {
	cp "${1:-configs/vpn-phone.cfg}" "$T/startup-config"
	cat > "$T/offhookd.conf" <<-END
	state_dir = "$T/state";
	run_dir = "$T/run";
	control_socket = "$CONTROL";
	$HOST_LINES
	END
}

config_add() { cat >> "$T/startup-config"; }
# A tunnel-group for those with a password, at /users.
config_add_users() {
	config_add <<- 'END'
	tunnel-group users type remote-access
	tunnel-group users general-attributes
	 address-pool vpn-phone-pool
	 default-group-policy vpn-phone-policy
	tunnel-group users webvpn-attributes
	 authentication aaa
	 group-url https://asav.sckiewer.lab/users enable
	END
}
host_add() { cat >> "$T/offhookd.conf"; }

# daemon_run COMMAND-PREFIX...: start offhookd and wait until it is ready; READY has its line.
daemon_run() {
	local fd
	mkfifo "$T/ready" 2>/dev/null || :
	exec {fd}<> "$T/ready"
	"$@" "$BUILD/offhookd" -c "$T/startup-config" -o "$T/offhookd.conf" -f --ready-fd 3 3> "$T/ready" >> "$T/log" 2>&1 < /dev/null &
	DAEMON=$!
	echo $DAEMON >> "$T/pids"
	echo $DAEMON > "$T/daemon.pid"
	READY=
	if ! read -rt $((10 * SLACK)) -u "$fd" READY; then
		exec {fd}<&-
		echo "offhookd did not become ready:" >&2
		tail -n 20 "$T/log" >&2
		return 1
	fi
	exec {fd}<&-
	echo "$READY" > "$T/ready.json"
}

cli() {
	"$BUILD/offhook" -s "$CONTROL" "$@"
}

# ca_add TRUSTPOINT FILE
ca_add() {
	{ cat "$2"; echo quit; } | cli crypto ca authenticate "$1" nointeractive
}

# The certificates that the lab needs.
identities_make() {
	cli crypto ca enroll asa-identity-cert noconfirm &&
		ca_add capf "$CERTS/lsc-ca.pem" && ca_add cert2 "$CERTS/mic-sha1-ca.pem" &&
		ca_add cert4 "$CERTS/mic-sha256-ca.pem" &&
		cli crypto ca export asa-identity-cert identity-certificate > "$T/gateway.txt" &&
		sed -n '/BEGIN CERT/,/END CERT/p' "$T/gateway.txt" > "$T/gateway.pem" &&
		PIN=$(openssl x509 -in "$T/gateway.pem" -outform DER | openssl dgst -sha1 -binary | base64)
}

# daemon_start: the usual: lab configuration, in the gateway's namespace, with certificates.
daemon_start() {
	certs_make
	[ -e "$T/startup-config" ] || config_make
	daemon_run ip netns exec "$GW" || exit 1
	identities_make > "$T/identities.log" 2>&1 || { cat "$T/identities.log" "$T/log" >&2; exit 1; }
}

# daemon_stop: SIGTERM, and it must be gone within 3 s, with exit status 0.
daemon_stop() {
	kill -TERM "$DAEMON"
	ended "$DAEMON" 3
}

# daemon_children NAME: pids of the daemon's processes of that program (offhook-worker: spawner first).
daemon_children() {
	local pid name
	for pid in $(descendants "$DAEMON"); do
		read -r name 2>/dev/null < "/proc/$pid/comm" || continue
		[[ offhook-$1 == "$name"* ]] && echo "$pid"
	done
	return 0
}

child() { daemon_children "$1" | head -n 1; }

# Workers are the spawner's children.
workers() { descendants "$(child spawner)"; }

# json EXPRESSION: of `show vpn-sessiondb anyconnect` as `s` (list of sessions), in Python.
sessions() {
	cli -j show vpn-sessiondb anyconnect > "$T/sessions.$BASHPID.json" &&
		python3 -c 'import json, sys
s = json.load(open(sys.argv[1]))["sessions"]
r = eval(sys.argv[2])
print("" if r is True or r is False else r, end="" if isinstance(r, bool) else "\n")
sys.exit(0 if r is not False else 1)' "$T/sessions.$BASHPID.json" "$1"
}

# session_count_is N
session_count_is() { sessions "len(s) == $1"; }

# ---- phones ----

# One kind of certificate: mic-sha1, mic-sha256, lsc; %d is the phone's number.
cert() { echo --cert "$CERTS/$1.pem" --key "$CERTS/$1.key"; }

# phone OPTIONS...: from the phone's namespace to the gateway, with certificate phone1 unless named.
phone() {
	case " $* " in
	*" --cert "*) ;;
	*) set -- $(cert mic-sha256-phone1) "$@" ;;
	esac
	in_phone "$BUILD/phone" -c "$GW_IP" "$@" "$URL"
}

# phone_start NAME OPTIONS...: in the background, held until killed; waits until it is up. Its pid in PHONE.
phone_start() {
	local name=$1
	shift
	case " $* " in
	*" --cert "*) ;;
	*) set -- $(cert mic-sha256-phone1) "$@" ;;
	esac
	spawn "$T/$name.phone" in_phone "$BUILD/phone" -c "$GW_IP" -j -e -H -1 "$@" "$URL"
	PHONE=$SPAWNED
	phone_event "$name" hold 15 || { cat "$T/$name.phone" >&2; return 1; }
}

# phone_event NAME EVENT SECONDS [COUNT]
phone_event() {
	wait_for "$3" has_line "$T/$1.phone" "\"event\": ?\"$2\"" "${4:-1}"
}

phone_stop() {
	kill -TERM "$1"
	ended "$1" 5
}

# ---- cases ----

fail() {
	echo "$*" >&2
	return 1
}

# same WHAT WANTED GOT
same() {
	[ "$2" = "$3" ] || { printf '%s: expected:\n%s\ngot:\n%s\n' "$1" "$2" "$3" >&2; return 1; }
}

# skip REASON: ends a case.
skip() {
	echo "$*" > "$T/skip"
	exit 77
}

case_names() {
	sed -n 's/^test_\([a-zA-Z0-9_]*\)().*/\1/p' "$CASE_FILE"
}

skip_all() {
	local name n=0
	for name in $(case_names); do
		echo "ok $((++n)) - $name # SKIP $SKIP_ALL"
	done
	echo "1..$n"
	exit 0
}

run_cases() {
	local name n=0 status mark spawned word chosen
	for name in $(case_names); do
		if [ -n "${OFFHOOK_CASES:-}" ]; then
			chosen=no
			for word in $OFFHOOK_CASES; do
				[[ $name != *$word* ]] || chosen=yes
			done
			[ $chosen = yes ] || continue
		fi
		rm -f "$T/skip"
		mark=$(wc -l < "$T/log" 2>/dev/null || echo 0)
		spawned=$(wc -l < "$T/pids")
		(
			trap - EXIT
			set -eE
			trap 'echo "line $LINENO: $BASH_COMMAND" >&2' ERR
			"test_$name"
		) > "$T/case.out" 2>&1
		status=$?
		n=$((n + 1))
		if [ -e "$T/skip" ]; then
			echo "ok $n - $name # SKIP $(cat "$T/skip")"
		elif [ $status = 0 ]; then
			echo "ok $n - $name"
		else
			FAILED=yes
			end_pids $(tail -n +$((spawned + 1)) "$T/pids") # the next case shall not suffer
			echo "not ok $n - $name"
			tail -n 40 "$T/case.out" | sed 's/^/#   /'
			[ ! -e "$T/log" ] || tail -n +$((mark + 1)) "$T/log" | tail -n 15 | sed 's/^/#   log: /'
		fi
	done
	if [ $SANITIZER = yes ]; then
		n=$((n + 1))
		if grep -hE 'ERROR: (Address|Leak)Sanitizer|runtime error:' -A 12 "$T/log" "$T"/*.phone > "$T/reports" 2> /dev/null; then
			FAILED=yes
			echo "not ok $n - no_sanitizer_has_complained"
			head -n 60 "$T/reports" | sed 's/^/#   /'
		else
			echo "ok $n - no_sanitizer_has_complained"
		fi
	fi
	echo "1..$n"
	[ $FAILED = no ]
}

FAILED=no
CASE_FILE=${BASH_SOURCE[1]} # a file may run the cases of another one
case $CASE_FILE in /*) ;; *) CASE_FILE=$OLDPWD/$CASE_FILE ;; esac

# end_pids PID...: SIGTERM, and what does not obey SIGKILL.
end_pids() {
	local pid
	for pid; do
		kill -TERM "$pid" 2>/dev/null
	done
	for pid; do
		wait_for 4 gone "$pid" 2>/dev/null || kill -KILL "$pid" 2>/dev/null
	done
}

cleanup() {
	local ns
	set +e
	trap '' INT TERM
	end_pids $(tac "$T/pids")
	for ns in "$GW" "$PH" "$LAN" "${MORE_NS[@]}"; do
		[ "$(id -u)" != 0 ] || ip netns del "$ns" 2>/dev/null
	done
	if [ "${KEEP:-}" = yes ]; then
		echo "# kept $T"
	else
		rm -rf "$T"
	fi
}
MORE_NS=()
trap cleanup EXIT
trap 'exit 1' INT TERM HUP
