#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# deadline: 180
# What README and doc/*.md show is run as it stands there: in a network and mount
# namespace where /etc, /run and /var/lib are ours. doc.py finds the command
# lines, and has the list of those that are not run, with the reason.
. "$(dirname "$0")/../lib.sh"
need_root
net_make
certs_make
DOC_USER=CP-8841-SEP682C7B40B5CE

# ---- a host for them ----

mkdir -p "$T/host" "$T/bin" "$T/work"
ln -s "$BUILD/offhookd" "$BUILD/offhook" "$T/bin"
cp -r configs "$T/work"
mkfifo "$T/hold"
exec {HOLD}<> "$T/hold"
cat > "$T/host.sh" <<'END'
set -e
mount -t tmpfs none "$1/host"
for dir in etc var/lib; do
	mkdir -p "$1/host/$dir.up" "$1/host/$dir.work"
	mount -t overlay -o "lowerdir=/$dir,upperdir=$1/host/$dir.up,workdir=$1/host/$dir.work" none "/$dir"
done
mount -t tmpfs none /run
mkdir -p /etc/offhook
cp "$1/work/configs/vpn-phone.cfg" /etc/offhook/startup-config
touch "$1/host.ready"
read -r _ < "$1/hold"
END
spawn "$T/host.log" ip netns exec "$GW" unshare -m --propagation private bash "$T/host.sh" "$T"
HOST=$SPAWNED
if ! wait_for 10 test -e "$T/host.ready"; then
	SKIP_ALL="no overlay file systems here: $(tail -n 1 "$T/host.log")"
	skip_all
fi

# on_host COMMAND...
on_host() { nsenter -t "$HOST" -m -n env -C "$T/work" PATH="$T/bin:$PATH" "$@"; }

# start LINE: the daemon, in the place of the one that runs; ready when it says so.
start() {
	[ -z "$DAEMON" ] || daemon_stop
	: > "$T/log"
	nsenter -t "$HOST" -m -n env -C "$T/work" PATH="$T/bin:$PATH" sh -c "exec $1" >> "$T/log" 2>&1 < /dev/null &
	DAEMON=$!
	echo $DAEMON >> "$T/pids"
	echo $DAEMON > "$T/daemon.pid"
	log_has 10 'offhookd: ready' || { cat "$T/log" >&2; return 1; }
}
cli() { on_host offhook "$@"; }

# ---- running what a document says ----

said_wrong() {
	echo "$1: $2" >&2
	return 1
}

# config_run FILE: lines for configure terminal
config_run() {
	{ echo 'configure terminal'; cat "$1"; echo end; } | on_host offhook > "$T/out" 2>&1 || { cat "$1" "$T/out" >&2; return 1; }
}

# document FILE: each of its command lines in turn
document() {
	local where how command last=
	tests/integration/doc.py "$1" > "$T/commands"
	: > "$T/lines"
	echo "end	end	end" >> "$T/commands"
	while IFS=$'\t' read -r where how command; do
		case $how:$last in # the end of lines that belong together
		config:config | host:host) ;;
		*:config) config_run "$T/lines" || return 1 ;;
		*:host)
			on_host offhookd --check -o "$T/lines" > "$T/out" 2>&1 || { cat "$T/out" >&2; return 1; }
			;;
		esac
		[ "$how" = "$last" ] || : > "$T/lines"
		last=$how
		case $how in
		run) on_host sh -c "$command" > "$T/out" 2>&1 < /dev/null || { cat "$T/out" >&2; said_wrong "$where" "$command"; return 1; } ;;
		paste) { cat "$CERTS/mic-sha256-root.pem"; echo quit; } | on_host sh -c "$command" > "$T/out" 2>&1 || { cat "$T/out" >&2; said_wrong "$where" "$command"; return 1; } ;;
		start) start "$command" || said_wrong "$where" "$command" || return 1 ;;
		config | host) printf '%s\n' "$command" >> "$T/lines" ;;
		script)
			tests/integration/doc.py --script "$command" "$1" > "$T/script.sh"
			on_host setpriv --reuid nobody --regid nogroup --clear-groups env -C / TMPDIR=/tmp sh "$T/script.sh" > "$T/out" 2>&1 || { cat "$T/out" >&2; said_wrong "$where" script; return 1; }
			;;
		no | end) ;;
		*) said_wrong "$where" "$command ($how)" || return 1 ;;
		esac
	done < "$T/commands"
	if [ -n "$DAEMON" ]; then
		daemon_stop || return 1
		DAEMON=
	fi
}

# As after an installation, and with the certificates of the lab.
ready_host() {
	on_host sh -c 'rm -rf /var/lib/offhook && cp configs/vpn-phone.cfg /etc/offhook/startup-config' || return 1
	start "offhookd -f" || return 1
	identities_make > "$T/identities.log" 2>&1 || { cat "$T/identities.log" >&2; return 1; }
}

test_every_command_line_is_run_or_named() {
	tests/integration/doc.py README doc/*.md > "$T/all"
	same "command lines of no kind, rules of none" "" "$(grep -P '\t(unknown|unused)\t' "$T/all" || :)"
	[ "$(grep -cP '\trun\t' "$T/all")" -ge 30 ]
}

test_readme() {
	ready_host
	document README
}

test_from_asa() {
	ready_host
	document doc/from-asa.md
}

test_without_cucm() {
	ready_host
	document doc/without-cucm.md
}

test_troubleshooting() {
	ready_host
	document doc/troubleshooting.md
}

test_ci() {
	command -v jq > /dev/null || skip "no jq"
	command -v openconnect > /dev/null || skip "no openconnect"
	runuser -u nobody -- test -x "$BUILD/offhookd" || skip "nobody cannot read $BUILD"
	ready_host
	document doc/ci.md
}

test_lab() {
	ready_host
	on_host sh -c 'echo "lab = true;" > /etc/offhook/offhookd.conf'
	start "offhookd -f"
	document doc/capture.md
	ready_host
	document doc/lab.md
	on_host rm /etc/offhook/offhookd.conf
}

test_others() {
	local file
	for file in doc/*.md; do
		case $file in
		*/from-asa.md | */without-cucm.md | */troubleshooting.md | */ci.md | */lab.md | */capture.md) ;;
		*) ready_host && document "$file" ;;
		esac
	done
}

# The words of "show vpn-phone problems" are explained, and the trail of a good login is as told.
test_troubleshooting_knows_each_problem() {
	local word
	for word in $(sed -n 's/^	\[PROBLEM_[A-Z_]*\] = { "\([a-z-]*\)".*/\1/p' server/main/problem.c); do
		grep -q "\`$word\`" doc/troubleshooting.md || said_wrong "doc/troubleshooting.md" "$word is not explained"
	done
}

test_the_trail_of_a_login_is_as_told() {
	ready_host
	phone --pin "$PIN" --require-dtls --ping $LAN_IP
	local number line last=0
	for number in $(sed -n '/^| message | says/,/^$/s/^| \([0-9]\{6\}\).*/\1/p' doc/troubleshooting.md); do
		line=$(grep -n "ASA-[0-9]-$number:" "$T/log" | head -n 1 | cut -d: -f1)
		[ -n "$line" ] && [ "$line" -ge "$last" ] || said_wrong "$number" "line ${line:-none} after $last"
		last=$line
	done
	[ "$last" -gt 0 ]
	grep -q '722022: .*TCP' "$T/log"
	grep -q '722022: .*UDP' "$T/log"
	daemon_stop
}

# Each key of an answer stands in doc/json.md under the heading of its command.
test_json_is_as_documented() {
	ready_host
	phone -q $(cert mic-sha256-phone2) || :
	printf '%s\n' 'configure terminal' 'access-list phones extended permit ip any any' 'username u password ppppPPPP1' \
		'aaa-server R protocol radius' 'aaa-server R (inside) host 172.16.100.100' 'key secret' \
		'tunnel-group vpn-phone-group webvpn-attributes' 'group-alias phones enable' end | cli
	phone_start held --require-dtls
	cat > "$T/keys.py" <<-'END'
	import json, re, subprocess, sys
	text = open(sys.argv[1]).read()
	sections = re.findall(r"^## (show .*?)\n(.*?)(?=^## |\Z)", text, re.M | re.S)
	common = re.findall(r"`([a-z0-9_]+)`", text.split("## show vpn-sessiondb summary")[0])
	def keys(x):
	    if isinstance(x, dict):
	        for k, v in x.items():
	            yield k
	            yield from keys(v)
	    elif isinstance(x, list):
	        for v in x:
	            yield from keys(v)
	bad = []
	for command, body in sections:
	    r = subprocess.run(sys.argv[2:] + command.split(), capture_output=True, text=True)
	    known = set(re.findall(r"`([A-Za-z0-9_]+)`", body))
	    got = set(keys(json.loads(r.stdout)))
	    if command == "show vpn-sessiondb ratio encryption":
	        got = set(json.loads(r.stdout)) # below: algorithms
	    if command == "show aaa-server":
	        got = {k for k in got if k in known} # and counts
	    bad += [f"{command}: {k} is not documented" for k in sorted(got - known)]
	    if any(json.loads(r.stdout).values()): # not an empty list
	        words = set("active waiting null rsa ec detail filter inactive sort protocol lines ACTIVE FAILED".split())
	        bad += [f"{command}: {k} is documented and not there" for k in sorted(known - got - words)]
	print("\n".join(bad))
	sys.exit(1 if bad or len(sections) < 20 else 0)
	END
	on_host python3 "$T/keys.py" "$PWD/doc/json.md" offhook -j
	phone_stop "$PHONE"
	daemon_stop
}

run_cases
