#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# "anyconnect ssl rekey": the client makes a new tunnel in time, and nothing of the session is lost.
. "$(dirname "$0")/../lib.sh"
need_root
net_make
config_make
config_add <<'END'
group-policy vpn-phone-policy attributes
 webvpn
  anyconnect ssl rekey time 1
  anyconnect ssl rekey method ssl
END
daemon_start
. tests/openconnect.sh

test_a_new_tunnel_after_its_time() {
	local address
	client_start rekey
	grep -x 'X-CSTP-Rekey-Time=60' "$T/rekey.env"
	grep -x 'X-CSTP-Rekey-Method=new-tunnel' "$T/rekey.env"
	address=$(sessions "s[0]['assigned_ip']")
	in_client ping -c 1 -W 2 $LAN_IP
	log_has 75 '%ASA-6-716059: Group <vpn-phone-group> User <[^>]*> IP <172.16.1.10> AnyConnect session resumed connection from IP <172.16.1.10>.'
	in_client ping -c 3 -i 0.2 -W 2 $LAN_IP
	sessions "len(s) == 1 and s[0]['assigned_ip'] == '$address'"
	client_stop
}

run_cases
