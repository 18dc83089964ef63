# SPDX-License-Identifier: GPL-2.0-or-later
#
# For tests with Debian's openconnect, sourced behind daemon_start: a client with
# a TUN device of its own in the phone's namespace, or in another one (OC_NS).

SPKI=$(openssl x509 -in "$T/gateway.pem" -noout -pubkey | openssl pkey -pubin -outform DER | openssl dgst -sha256 -binary | base64)
OC_NS=$PH
OC_URL=https://$GW_IP/phone
OC_LOGIN=(-c "$CERTS/mic-sha256-phone1.pem" -k "$CERTS/mic-sha256-phone1.key")

# What vpnc-script does, less all that touches a host.
cat > "$T/script" <<'END'
#!/bin/sh
case $reason in
connect)
	ip link set dev "$TUNDEV" up mtu "$INTERNAL_IP4_MTU"
	ip addr add "$INTERNAL_IP4_ADDRESS/32" dev "$TUNDEV"
	ip route add 172.16.100.0/24 dev "$TUNDEV"
	env | grep -E '^(INTERNAL|CISCO|X-|reason|VPN)' > "$SCRIPT_OUT"
	;;
esac
END
chmod +x "$T/script"

in_client() { ip netns exec "$OC_NS" "$@"; }

# client_start NAME OPTIONS...: its address in CLIENT_IP, its pid in CLIENT.
client_start() {
	local name=$1
	shift
	rm -f "$T/$name.env"
	spawn "$T/$name.oc" ip netns exec "$OC_NS" env SCRIPT_OUT="$T/$name.env" openconnect --protocol=anyconnect --non-inter \
		"${OC_LOGIN[@]}" --servercert "pin-sha256:$SPKI" \
		--script "$T/script" --interface oc0 "$@" "$OC_URL"
	CLIENT=$SPAWNED
	wait_for 20 eval 'test -s "$T/$name.env" || gone $CLIENT'
	[ -s "$T/$name.env" ] || { cat "$T/$name.oc" >&2; return 1; }
	CLIENT_IP=$(sed -n 's/^INTERNAL_IP4_ADDRESS=//p' "$T/$name.env")
	wait_for 5 in_client ip route get $LAN_IP oif oc0 > /dev/null
}

client_stop() {
	kill -TERM "$CLIENT"
	ended "$CLIENT" 10 || :
	wait_for 5 session_count_is 0
}

# transfer_both_ways NAME MEGABYTES: TCP between client and inside, with sums.
transfer_both_ways() {
	local bytes=$(($2 * 1024 * 1024))
	rm -f "$T/$1.sums" "$T/$1.serve"
	spawn "$T/$1.serve" in_lan tests/integration/odd.py serve 5001 $bytes "$T/$1.sums"
	wait_for 5 has_line "$T/$1.serve" listening
	in_client timeout $((60 * SLACK)) tests/integration/odd.py transfer $LAN_IP 5001 $bytes > "$T/$1.got"
	wait_for 10 test -s "$T/$1.sums"
	same "sums of what was sent and received" "$(cat "$T/$1.sums")" "$(cat "$T/$1.got")"
}
