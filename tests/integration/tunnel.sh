#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Phones and their packets: both TLS versions, both channels.
. "$(dirname "$0")/../lib.sh"
need_root
net_make
daemon_start

test_7962_over_dtls() {
	phone -m 7962 $(cert mic-sha1-phone1) --pin "$PIN" --host-id-check --require-dtls --strict --channel dtls --dpd-check --ping $LAN_IP
}

test_7962_over_cstp() {
	phone -m 7962 $(cert mic-sha1-phone1) --pin "$PIN" --no-dtls --strict --channel cstp --dpd-check --ping $LAN_IP
}

test_8861_over_dtls() {
	phone -m 8861 $(cert mic-sha256-phone1) --pin "$PIN" --host-id-check --require-dtls --strict --channel dtls --dpd-check --ping $LAN_IP
}

test_8861_over_cstp() {
	phone -m 8861 $(cert mic-sha256-phone1) --pin "$PIN" --no-dtls --strict --channel cstp --dpd-check --ping $LAN_IP
}

test_old_firmware_finds_equal_ciphers() {
	phone -m 7962old --require-dtls --channel both --ping $LAN_IP
	phone -m 8861old --require-dtls --channel both --ping $LAN_IP
	phone -m 8865new --require-dtls --channel both --ping $LAN_IP
	phone -m 8861old --ciphers AES128-SHA --require-dtls --channel both --ping $LAN_IP
}

test_a_phone_with_an_lsc() {
	phone -m 8861 $(cert lsc-phone1) --require-dtls --ping $LAN_IP
}

test_a_phone_that_sends_its_intermediate() {
	phone -m 8861 --cert "$CERTS/mic-sha256-phone1-chain.pem" --key "$CERTS/mic-sha256-phone1.key" --ping $LAN_IP
}

test_one_connection_for_login_and_tunnel() {
	phone -m 7962 --one-connection --require-dtls --ping $LAN_IP
	phone -m 8861 --one-connection --require-dtls --forget-cookies --ping $LAN_IP
}

test_group_url_by_address() {
	URL=https://$GW_IP/phone phone -m 8861 --ping $LAN_IP
	URL=https://$GW_IP/phone/ phone -m 8861 --ping $LAN_IP
	URL=https://ASAV.sckiewer.lab/phone?x=y phone -m 8861 --ping $LAN_IP
}

test_a_modern_openssl_resumes_too() {
	phone -m 8861 --modern --require-dtls --channel both --ping $LAN_IP
}

test_a_cipher_that_dtls_cannot_match_gives_no_dtls_lines() {
	phone -m 8861 --ciphers ECDHE-RSA-AES256-GCM-SHA384:AES256-GCM-SHA384 --no-narrow --dtls-fallback --ping $LAN_IP -j > "$T/no-dtls"
	grep -q '"dtls":{"offered":false' "$T/no-dtls"
	log_has 5 'no DTLS: TLS used ECDHE-RSA-AES256-GCM-SHA384, the client offers AES256-SHA:AES128-SHA'
	log_has 5 'ASA-5-722043: Group <vpn-phone-policy> User <CP-8841-SEP682C7B40B5CE> IP <172.16.1.10> DTLS disabled: unable to negotiate cipher'
}

test_large_packets_pass_whole() {
	# mtu 1290: 28 bytes of heads
	phone -m 8861 --channel both --ping $LAN_IP --ping-size 1262
	phone -m 7962 $(cert mic-sha1-phone1) --mtu 1400 --channel both --ping $LAN_IP --ping-size 1372
}

test_many_packets_keep_their_order_and_bytes() {
	phone -m 8861 --channel both --ping $LAN_IP --ping-count 2000 --ping-interval 0 --ping-size 700 --max-loss 1
}

test_the_inside_reaches_the_phone() {
	phone_start inside -m 8861
	local ip
	ip=$(sessions '[x["assigned_ip"] for x in s if x["state"] == "active"][0]')
	in_lan ping -c 3 -i 0.2 -W 2 "$ip"
	phone_stop $PHONE
}

# The session's MTU is the phone's 1290, that of the link is 1500.
test_packets_above_the_mtu_with_df_are_answered() {
	phone_start df -m 8861
	local ip
	ip=$(sessions '[x["assigned_ip"] for x in s if x["state"] == "active"][0]')
	in_lan ping -c 1 -W 2 -M do -s 1262 "$ip"
	in_lan ping -c 2 -i 0.3 -W 1 -M do -s 1263 "$ip" > "$T/ping" || :
	cat "$T/ping"
	grep -qE "rag needed and DF set \(mtu = 1290\)|message too long, mtu.1290" "$T/ping"
	sessions 'all(x["drops_tx"] >= 1 for x in s if x["state"] == "active")'
	phone_stop $PHONE
}

test_noise_on_udp_disturbs_nobody() {
	phone_start noise -m 8861
	local ip
	ip=$(sessions '[x["assigned_ip"] for x in s if x["state"] == "active"][0]')
	in_phone tests/integration/odd.py udp-noise $GW_IP 443 2000
	in_lan ping -c 2 -i 0.2 -W 2 "$ip"
	sessions 'all(x["dtls_version"] == "DTLSv1.0" for x in s if x["state"] == "active")'
	phone_stop $PHONE
}

run_cases
