#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Show commands about the gateway itself, to the column, and each as JSON.
. "$(dirname "$0")/../lib.sh"
need_root
net_make
daemon_start

# shows COMMAND...: what it prints is standard input
shows() { diff - <(cli "$@") >&2; }

test_addresses_and_names_of_interfaces() {
	shows show ip <<'END'
System IP Addresses:
Interface                Name                   IP address      Subnet mask     Method 
GigabitEthernet0/0       outside                172.16.1.250    255.255.255.0   CONFIG
GigabitEthernet0/1       inside                 172.16.100.250  255.255.255.0   CONFIG
Current IP Addresses:
Interface                Name                   IP address      Subnet mask     Method 
GigabitEthernet0/0       outside                172.16.1.250    255.255.255.0   CONFIG
GigabitEthernet0/1       inside                 172.16.100.250  255.255.255.0   CONFIG
END
	shows show nameif <<'END'
Interface                Name                     Security
GigabitEthernet0/0       outside                    0
GigabitEthernet0/1       inside                   100
END
	shows show interface ip brief <<'END'
Interface                  IP-Address      OK? Method Status                Protocol
GigabitEthernet0/0         172.16.1.250    YES CONFIG up                    up
GigabitEthernet0/1         172.16.100.250  YES CONFIG up                    up
END
}

test_the_phones_licence_is_there() {
	shows "show version | include VPN Phone" <<'END'
AnyConnect for Cisco VPN Phone    : Enabled        
END
	cli show version > "$T/version"
	grep -qE '^asav up [0-9]+ mins? [0-9]+ secs?$' "$T/version"
	same "licensed features" 18 "$(sed -n '/^Licensed features/,/^$/p' "$T/version" | grep -c ' : \|: ')"
	grep -qE '^AnyConnect Premium Peers          : 5000 +$' "$T/version"
	grep -qx 'Configuration has not been modified since last system restart.' "$T/version"
	printf 'conf t\nvpn-sessiondb max-anyconnect-premium-or-essentials-limit 77\nend\n' | cli
	cli show version | grep -qE '^Total VPN Peers                   : 77 +$'
	cli show version | grep -qE '^Configuration last modified by root at [0-9:]{8} UTC '
	printf 'conf t\nno vpn-sessiondb max-anyconnect-premium-or-essentials-limit\nend\n' | cli
}

test_the_clock_and_the_host() {
	cli show clock | grep -qE '^[0-9:]{8}\.[0-9]{3} UTC (Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [1-9][0-9]? [0-9]{4}$'
	shows show hostname <<< asav
	cli show memory > "$T/memory"
	grep -qE '^Total memory: +[0-9]+ bytes \(100%\)$' "$T/memory"
	cli show processes > "$T/processes"
	for name in offhookd offhook-certauth offhook-worker offhook-forwarder; do
		grep -qE "^$name +[0-9]+ +[0-9]+ +[1-9][0-9]*$" "$T/processes"
	done
	phone_start one
	shows show conn count <<< "1 in use, 1 most used" || shows show conn count <<< "1 in use, 2 most used"
	phone_stop "$PHONE"
}

test_urls_and_aliases() {
	printf 'conf t\ntunnel-group vpn-phone-group webvpn-attributes\ngroup-alias phones enable\nend\n' | cli
	shows show webvpn group-alias <<< "Tunnel Group: vpn-phone-group   Group Alias: phones enabled"
	shows show webvpn group-url vpn-phone-group <<END
https://asav.sckiewer.lab/phone
Tunnel Group: vpn-phone-group  Group URL: https://asav.sckiewer.lab/phone enabled
https://172.16.1.250/phone
Tunnel Group: vpn-phone-group  Group URL: https://172.16.1.250/phone enabled
END
	shows show webvpn group-url nobody < /dev/null
}

test_what_was_saved_is_shown_without_secrets() {
	printf '%s\n' 'conf t' 'aaa-server rad protocol radius' 'aaa-server rad (inside) host 172.16.100.100' 'key verysecret' end 'write memory' | cli > "$T/out"
	grep -q verysecret "$T/startup-config"
	cli show startup-config > "$T/saved"
	not grep -q verysecret "$T/saved"
	same "the saved configuration" "$(cli show running-config | grep -v '^:\|^Crypto')" "$(grep -v '^:\|^Crypto' "$T/saved")"
}

# every row of the tables that shows, without its parameters
test_each_show_command_has_json() {
	local command
	for command in "show vpn-sessiondb" "show vpn-sessiondb anyconnect" "show vpn-sessiondb ratio encryption" "show vpn-sessiondb license-summary" \
		"show ip local pool vpn-phone-pool" "show ip" "show nameif" "show interface ip brief" "show version" "show clock" "show memory" \
		"show processes" "show conn count" "show hostname" "show ssl" "show ssl ciphers" "show crypto ca certificates" \
		"show crypto ca trustpoints" "show crypto ca crls" "show crypto key mypubkey rsa" "show webvpn group-url" \
		"show webvpn group-alias" "show webvpn anyconnect" "show webvpn statistics" "show access-list" "show aaa-server" "show logging" \
		"show running-config" "show startup-config" "show pager" "show terminal" "show vpn-phone xml vpn-phone-group"; do
		cli -j "$command" > "$T/json"
		python3 -c 'import json, sys; json.load(open(sys.argv[1]))' "$T/json" || { echo "$command:" >&2; head -c 300 "$T/json" >&2; return 1; }
	done
}

run_cases
