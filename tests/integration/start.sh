#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Starting: what is missing is told, what can be made is made.
. "$(dirname "$0")/../lib.sh"
need_root
net_make
certs_make

prepare() {
	rm -rf "$T/state" "$T/run" "$T/startup-config"
	: > "$T/log"
	config_make
}

# The daemon must not start, and say why.
refused_with() {
	local status=0
	in_gw timeout 10 "$BUILD/offhookd" -f -c "$T/startup-config" -o "$T/offhookd.conf" > "$T/refused" 2>&1 || status=$?
	cat "$T/refused"
	[ $status = 1 ]
	grep -qE -- "$1" "$T/refused"
	not ip -n "$GW" link show offhook0 > /dev/null 2>&1
}

test_without_identity_handshakes_fail_until_there_is_one() {
	prepare
	daemon_run ip netns exec "$GW"
	log_has 1 'warning: trust-point asa-identity-cert of interface outside has no identity certificate'
	grep -q '"sha1": null' "$T/ready.json"
	local status=0
	phone -q || status=$?
	same "exit status (tls)" 3 $status
	log_has 5 'ASA-3-717023: SSL failed to set device certificate for trustpoint'
	identities_make
	phone --pin "$PIN" --require-dtls --ping $LAN_IP
	daemon_stop
}

test_ip_forwarding_off_is_told() {
	prepare
	in_gw sh -c 'echo 0 > /proc/sys/net/ipv4/ip_forward'
	daemon_run ip netns exec "$GW"
	in_gw sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'
	log_has 1 'warning:.*[Ff]orward'
	daemon_stop
	: > "$T/log"
	daemon_run ip netns exec "$GW"
	not grep -qi 'ip forward' "$T/log"
	daemon_stop
}

test_the_tun_device_has_the_route_and_no_address_of_the_pool() {
	prepare
	daemon_run ip netns exec "$GW"
	ip -n "$GW" route get 10.10.1.77 | grep -q 'dev offhook0'
	not grep -qF 'inet 10.10.1.' <(ip -n "$GW" addr show dev offhook0)
	ip -n "$GW" link show dev offhook0 | grep -q ',UP'
	daemon_stop
	not ip -n "$GW" link show offhook0 > /dev/null 2>&1
}

test_a_user_that_is_named_must_exist() {
	prepare
	cp "$T/offhookd.conf" "$T/offhookd.conf.whole"
	echo 'worker_user = "nobody-of-that-name";' >> "$T/offhookd.conf"
	refused_with 'there is no user nobody-of-that-name'
	mv "$T/offhookd.conf.whole" "$T/offhookd.conf"
}

test_a_pool_that_is_an_interfaces_network_takes_no_route_from_it() {
	prepare
	sed -i 's/^ip local pool .*/ip local pool vpn-phone-pool 172.16.100.1-172.16.100.254 mask 255.255.255.0/' "$T/startup-config"
	daemon_run ip netns exec "$GW"
	log_has 5 'error: cannot route 172.16.100.0/24 to the TUN device: this host has another route to it'
	ip -n "$GW" route show 172.16.100.0/24 | grep -q 'proto kernel'
	daemon_stop
	ip -n "$GW" route show 172.16.100.0/24 | grep -q 'proto kernel'
}

test_routes_follow_the_pools() {
	prepare
	daemon_run ip netns exec "$GW"
	printf '%s\n' 'configure terminal' 'ip local pool more 10.10.2.10-10.10.2.12 mask 255.255.255.0' end | cli
	wait_for 5 eval 'ip -n "$GW" route get 10.10.2.12 | grep -q "dev offhook0"'
	not grep -q 'dev offhook0' <(ip -n "$GW" route get 10.10.2.13 2>&1)
	printf '%s\n' 'configure terminal' 'no ip local pool more' end | cli
	wait_for 5 eval '! ip -n "$GW" route get 10.10.2.12 2>&1 | grep -q "dev offhook0"'
	ip -n "$GW" route get 10.10.1.77 | grep -q 'dev offhook0'
	daemon_stop
}

test_an_address_that_is_not_here_is_told() {
	prepare
	sed -i 's/172.16.1.250 255/172.16.1.251 255/' "$T/startup-config"
	refused_with '172\.16\.1\.251.*(assign|address)'
}

test_a_port_in_use_is_told() {
	prepare
	spawn "$T/port" in_gw tests/integration/odd.py serve 443 1 "$T/served"
	wait_for 5 has_line "$T/port" listening
	refused_with '172\.16\.1\.250.*443.*in use'
	kill -KILL $SPAWNED
}

test_an_address_may_sit_on_lo_and_ports_may_be_any() {
	prepare
	ip -n "$GW" addr add 192.0.2.5/32 dev lo
	host_add <<-'END'
	interfaces = { outside = { address = "192.0.2.5"; tcp_port = 0; udp_port = 0; }; };
	END
	daemon_run ip netns exec "$GW"
	identities_make
	local port
	port=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["listeners"][0]["tcp_port"])' "$T/ready.json")
	ip -n "$PH" route replace 192.0.2.5/32 via $GW_IP
	GW_IP=192.0.2.5:$port phone --pin "$PIN" --require-dtls --ping $LAN_IP
	daemon_stop
	ip -n "$GW" addr del 192.0.2.5/32 dev lo
}

test_nothing_enabled_listens_nowhere() {
	prepare
	sed -i 's/^ enable outside//' "$T/startup-config"
	daemon_run ip netns exec "$GW"
	grep -q '"listeners": \[\]' "$T/ready.json"
	log_has 1 'warning:.*webvpn'
	printf '%s\n' 'configure terminal' webvpn 'enable outside' end | cli > "$T/answer"
	grep -qx "INFO: WebVPN and DTLS are enabled on 'outside'." "$T/answer"
	identities_make
	phone --require-dtls --ping $LAN_IP
	daemon_stop
}

test_it_goes_to_the_background_when_it_is_ready() {
	prepare
	in_gw "$BUILD/offhookd" -c "$T/startup-config" -o "$T/offhookd.conf" > "$T/background" 2>&1 < /dev/null
	cat "$T/background"
	# it answers at once, and its working directory and descriptors hold nothing of ours
	DAEMON=$(cli -j show vpn-sessiondb > /dev/null && pid_of_background)
	echo "$DAEMON" >> "$T/pids"
	ls -l "/proc/$DAEMON/fd" > "$T/fds"
	not grep -qF "$T/background" "$T/fds"
	kill -TERM "$DAEMON"
	wait_for 3 gone "$DAEMON"
	[ ! -e "$CONTROL" ]
}

# The process in our namespace whose command line names our configuration.
pid_of_background() {
	local pid
	for pid in $(ip netns pids "$GW"); do
		if tr '\0' ' ' < "/proc/$pid/cmdline" | grep -qF "offhookd -c $T/startup-config"; then
			echo "$pid"
			return
		fi
	done
	return 1
}

test_in_the_background_an_error_at_start_is_seen() {
	prepare
	sed -i 's/172.16.1.250 255/172.16.1.251 255/' "$T/startup-config"
	local status=0
	in_gw "$BUILD/offhookd" -c "$T/startup-config" -o "$T/offhookd.conf" > "$T/background" 2>&1 < /dev/null || status=$?
	same "exit status" 1 $status
	grep -q '172.16.1.251' "$T/background"
}

test_children_have_their_sandbox() {
	prepare
	daemon_run ip netns exec "$GW"
	identities_make
	phone_start box
	local pid
	for pid in $(descendants "$DAEMON"); do
		same "seccomp of $pid" 2 "$(sed -n 's/^Seccomp:\t//p' /proc/$pid/status)"
		same "no_new_privs of $pid" 1 "$(sed -n 's/^NoNewPrivs:\t//p' /proc/$pid/status)"
		same "capabilities of $pid" 0000000000000000 "$(sed -n 's/^CapEff:\t//p' /proc/$pid/status)"
		same "groups of $pid" "" "$(sed -n 's/^Groups:\t *//p' /proc/$pid/status | tr -d ' ')"
	done
	for pid in $(child spawner) $(workers); do
		[ "$(sed -n 's/^Uid:\t\([0-9]*\).*/\1/p' /proc/$pid/status)" != 0 ]
		[ "$(readlink /proc/$pid/ns/net)" != "$(readlink /proc/$DAEMON/ns/net)" ]
		[ "$(readlink /proc/$pid/ns/mnt)" != "$(readlink /proc/$DAEMON/ns/mnt)" ]
		same "root directory of $pid" "" "$(ls -A /proc/$pid/root/)"
	done
	# a worker holds sockets and what its event loop needs, no file, no device
	for pid in $(workers); do
		for fd in /proc/$pid/fd/*; do
			case $(readlink "$fd") in
			socket:*|anon_inode:*|pipe:*|/dev/null|"$T"/log) ;;
			*) ls -l /proc/$pid/fd; false ;;
			esac
		done
	done
	phone_stop $PHONE
	daemon_stop
}

run_cases
