#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Each kind of client with each kind of everything (matrix.py): logs in, is shown as what it
# asked for, and data go both ways unspoilt. One case a row, named by it.
# deadline: 300
# slow
. "$(dirname "$0")/../lib.sh"
mapfile -t ROWS < <(tests/integration/matrix.py)
case_names() { printf '%s\n' "${ROWS[@]}" | sed 's/[a-z]*=//g; s/ /_/g'; }
need_root
GW_IP6=fd17:1::250 PH_IP6=fd17:1::10
net_make
IP6=yes
for at in "$GW outside0 $GW_IP6" "$PH eth0 $PH_IP6"; do
	read -r ns device address <<< "$at"
	{ ip netns exec "$ns" sysctl -qw "net.ipv6.conf.$device.disable_ipv6=0" &&
		ip -n "$ns" -6 addr add "$address/64" dev "$device" nodad; } 2> /dev/null || IP6=no
done
OTHER_IP=172.16.100.101 # one that the filter does not let through to
ip -n "$LAN" addr add $OTHER_IP/24 dev eth0
config_make
[ $IP6 = no ] || sed -i "s|^ ip address 172.16.1.250 .*|&\n ipv6 address $GW_IP6/64|" "$T/startup-config"

# A tunnel-group for each login with each policy, /LOGIN-POLICY-COMPRESSION.
policies() {
	local policy compression login
	cat <<-'END'
	username bob password b0bsW0rd
	access-list inside standard permit 172.16.100.0 255.255.255.0
	access-list pass extended permit ip any4 host 172.16.100.100
	ssl cipher tlsv1.3 medium
	ssl cipher dtlsv1 medium
	END
	for policy in all split filter; do
		for compression in none lz; do
			cat <<-END
			group-policy $policy-$compression internal
			group-policy $policy-$compression attributes
			 vpn-tunnel-protocol ssl-client
			 vpn-simultaneous-logins 100
			END
			case $policy in
			split) printf ' split-tunnel-policy tunnelspecified\n split-tunnel-network-list value inside\n' ;;
			filter) echo ' vpn-filter value pass' ;;
			esac
			[ $compression = none ] || printf ' webvpn\n  anyconnect ssl compression lzs\n  anyconnect dtls compression lzs\n'
			for login in cert password both; do
				cat <<-END
				tunnel-group $login-$policy-$compression type remote-access
				tunnel-group $login-$policy-$compression general-attributes
				 address-pool vpn-phone-pool
				 default-group-policy $policy-$compression
				tunnel-group $login-$policy-$compression webvpn-attributes
				 authentication $(case $login in cert) echo certificate ;; password) echo aaa ;; both) echo aaa certificate ;; esac)
				 group-url https://asav.sckiewer.lab/$login-$policy-$compression enable
				END
			done
		done
	done
}
policies > "$T/policies"
config_add < "$T/policies"
daemon_start
. tests/openconnect.sh
USER_AND_PASSWORD=(-F main:username=bob -F main:password=b0bsW0rd)
CERTIFICATE=("${OC_LOGIN[@]}")
LAB=https://asav.sckiewer.lab

outer_address() {
	case $outer in
	ip4) echo $GW_IP ;;
	ip6) [ $IP6 = yes ] || skip "no IPv6 here"; echo $GW_IP6 ;;
	esac
}

# shown EXPRESSION: of the only session, s[0].
shown() {
	sessions "s[0]['$1'] == '$2'" || { echo "$1 is not $2:" >&2; cat "$T/sessions.$BASHPID.json" >&2; return 1; }
}

row_openconnect() {
	local address versions suites options=()
	address=$(outer_address)
	case $login in
	cert) OC_LOGIN=("${CERTIFICATE[@]}") ;;
	password) OC_LOGIN=("${USER_AND_PASSWORD[@]}") ;;
	both) OC_LOGIN=("${CERTIFICATE[@]}" "${USER_AND_PASSWORD[@]}") ;;
	esac
	case $cipher in
	gcm256) suites=+AES-256-GCM:+AEAD ;;
	gcm128) suites=+AES-128-GCM:+AEAD ;;
	cbc256) suites=+AES-256-CBC:+SHA1 ;;
	cbc128) suites=+AES-128-CBC:+SHA1 ;;
	esac
	versions=+VERS-TLS1.${tls#1}
	case $dtls in
	psk) options=(--dtls-ciphers PSK-NEGOTIATE) ;;
	name12) options=(--dtls12-ciphers AES256-GCM-SHA384) ;;
	name09) options=(--dtls-ciphers AES256-SHA) ;;
	none) options=(--no-dtls) ;;
	esac
	OC_URL=$LAB/$login-$policy-$compression
	before=$(log_count 'ASA-6-722022: .* established with compression')
	client_start row "${options[@]}" --resolve "asav.sckiewer.lab:$address" \
		--gnutls-priority "NONE:$versions:$suites:+ECDHE-RSA:+RSA:+SIGN-ALL:+GROUP-ALL:+COMP-NULL:+CTYPE-X509"
	[ $dtls = none ] || wait_for 15 has_line "$T/row.oc" "Established DTLS connection" || { cat "$T/row.oc"; return 1; }
	shown tunnel_group "$login-$policy-$compression"
	shown tls_version "TLSv1.${tls#1}"
	case $dtls in
	psk) sessions "s[0]['dtls_cipher'].startswith('PSK-AES')" ;;
	name12) shown dtls_cipher AES256-GCM-SHA384 ;;
	name09) shown dtls_cipher AES256-SHA ;;
	none) sessions "s[0]['dtls_cipher'] is None" ;;
	esac
	case $compression in
	none) same "compressed channels" "$before" "$(log_count 'ASA-6-722022: .* established with compression')" ;;
	lz) log_has 5 'ASA-6-722022: .* established with compression' $((before + 1)) ;;
	esac
	case $policy in
	split) grep -x 'CISCO_SPLIT_INC_0_ADDR=172.16.100.0' "$T/row.env" ;;
	*) not grep CISCO_SPLIT_INC "$T/row.env" ;;
	esac
	transfer_both_ways row 2
	case $policy in
	filter) not in_client ping -c 1 -W 1 $OTHER_IP > /dev/null ;;
	*) in_client ping -c 1 -W 2 $OTHER_IP ;;
	esac
	client_stop
}

row_phone() {
	local address options=(-m "$model" --strict --tls-max "1.${tls#1}")
	address=$(outer_address)
	case $address in *:*) address="[$address]:443" ;; esac
	case $login in
	cert) options+=($(cert mic-sha256-phone1)) ;;
	password) options+=(--auth 0 -u bob -p b0bsW0rd) ;;
	esac
	case $dtls in
	phone) options+=(--require-dtls --channel both) ;;
	none) options+=(--no-dtls) ;;
	esac
	spawn "$T/row.phone" in_phone "$BUILD/phone" -c "$address" -j -e -H -1 --ping $LAN_IP -n 20 -s 1000 -i 10 --dpd-check \
		"${options[@]}" "$LAB/$login-$policy-none"
	PHONE=$SPAWNED
	phone_event row hold 20 || { cat "$T/row.phone" >&2; return 1; }
	shown tunnel_group "$login-$policy-none"
	shown tls_version "TLSv1.${tls#1}"
	case $dtls in
	phone) sessions "s[0]['dtls_cipher'] == s[0]['tls_cipher'] or s[0]['dtls_version'] == 'DTLSv1.2'" ;;
	none) sessions "s[0]['dtls_cipher'] is None" ;;
	esac
	phone_stop "$PHONE" # fails when an echo was lost or spoilt
	wait_for 5 session_count_is 0
}

row_curl() {
	local address host options=() url
	address=$(outer_address)
	host=$address
	case $address in *:*) host="[$address]" ;; esac
	[ "$login" = password ] || options+=(--cert "$CERTS/mic-sha256-phone1.pem" --key "$CERTS/mic-sha256-phone1.key")
	url=$LAB/$login-all-none
	case $dialect in
	xml)
		options+=(-A 'AnyConnect Linux_64 4.10.07061' -H 'X-Aggregate-Auth: 1' -H 'X-Transcend-Version: 1')
		if [ "$login" = cert ]; then
			options+=(--data-binary '<config-auth client="vpn" type="init" aggregate-auth-version="2"><version who="vpn">4.10</version></config-auth>')
		else
			options+=(--data-binary '<config-auth client="vpn" type="auth-reply" aggregate-auth-version="2"><auth><username>bob</username><password>b0bsW0rd</password></auth></config-auth>')
		fi
		;;
	form)
		options+=(-A 'Open AnyConnect VPN Agent v4.0')
		[ "$login" = cert ] || options+=(--data 'username=bob&password=b0bsW0rd')
		;;
	esac
	in_phone curl -sk -m 10 -i --resolve "asav.sckiewer.lab:443:$host" --tlsv1.0 --tls-max "1.${tls#1}" --ciphers 'DEFAULT@SECLEVEL=0' \
		"${options[@]}" "$url" > "$T/row.answer"
	grep -q '^HTTP/1.1 200' "$T/row.answer" || { cat "$T/row.answer"; return 1; }
	grep -Eq '^Set-Cookie: webvpn=[0-9a-fA-F]+@[0-9]+@' "$T/row.answer" || { cat "$T/row.answer"; return 1; }
	cli vpn-sessiondb logoff all noconfirm
	wait_for 5 session_count_is 0
}

# Each row is a function: its columns as variables.
for row in "${ROWS[@]}"; do
	name=$(sed 's/[a-z]*=//g; s/ /_/g' <<< "$row")
	eval "test_$name() { local ${row#* }; row_${row%% *}; }"
done

type openconnect > /dev/null 2>&1 || mapfile -t ROWS < <(printf '%s\n' "${ROWS[@]}" | grep -v '^openconnect')
run_cases
