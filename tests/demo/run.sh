#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# make run: a gateway in the foreground on this host, with an identity
# certificate, a demo phone CA and two phone certificates of its own.
# ADDRESS and PORT choose where it listens; BUILD is the build folder.
set -u
build=${BUILD:-build}
address=${ADDRESS:-127.0.0.1}
top=$(cd "$(dirname "$0")/../.." && pwd)
cd "$top" || exit 1
run=$top/$build/run
path=tun
port=${PORT:-443}

if [ "$(id -u)" != 0 ]; then
	echo "Not root: no TUN device and no port below 1024. Running with the echo data path,"
	echo "where every address inside the tunnel answers ping and UDP echo. As root: sudo make run"
	path=echo
	port=${PORT:-10443}
elif [ ! -c /dev/net/tun ]; then
	echo "There is no /dev/net/tun (modprobe tun?). Running with the echo data path,"
	echo "where every address inside the tunnel answers ping and UDP echo."
	path=echo
fi

mkdir -p "$run" && chmod 755 "$run" || exit 1
[ -f "$run/certs/phone2.pem" ] || tests/certs/make-certs.sh --phones 2 "$run/certs" > "$run/certs.log" 2>&1 || {
	cat "$run/certs.log" >&2
	exit 1
}

url=https://$address/phone
[ "$port" = 443 ] || url=https://$address:$port/phone
sed "s|^ group-url https://172.16.1.250/phone enable| group-url $url enable|" configs/vpn-phone.cfg > "$run/startup-config"
cat > "$run/offhookd.conf" <<CONF
state_dir = "$run/state";
run_dir = "$run/run";
data_path = "$path";
interfaces = { outside = { address = "$address"; tcp_port = $port; udp_port = $port; }; };
CONF

rm -f "$run/ready" && mkfifo "$run/ready" || exit 1
"$build/offhookd" -f -c "$run/startup-config" -o "$run/offhookd.conf" --ready-fd 9 9> "$run/ready" &
daemon=$!
trap 'kill $daemon 2>/dev/null' INT TERM HUP
if ! read -r ready < "$run/ready"; then
	wait $daemon
	status=$?
	echo
	echo "The gateway did not start; the lines above say why. If port $port is taken by another program, choose one: make run PORT=10443"
	exit $status
fi
rm -f "$run/ready"
sock=$run/run/control.sock
offhook() { "$build/offhook" -s "$sock" "$@"; }
case $ready in
*'"sha1": null'*) offhook crypto ca enroll asa-identity-cert noconfirm || exit 1 ;;
esac
for pair in capf:lsc-ca cert1:mic-sha1-root cert2:mic-sha1-ca cert3:mic-sha256-root cert4:mic-sha256-ca; do
	{ cat "$run/certs/${pair#*:}.pem"; echo quit; } | offhook crypto ca authenticate "${pair%%:*}" nointeractive > "$run/authenticate.log" || {
		cat "$run/authenticate.log"
		exit 1
	}
done
printf 'URL=%s\nCONNECT=%s:%s\nSOCKET=%s\nDATA_PATH=%s\n' "$url" "$address" "$port" "$sock" "$path" > "$run/demo.env"

cat <<TEXT

The gateway runs, with the lab of Cisco's VPN phone guide. Phones connect to

    $url

with a certificate of the demo CA, for example $build/run/certs/phone1.pem. In another terminal:

    make phone                                            the simulated phone connects and pings
    $build/offhook -s $sock show vpn-sessiondb anyconnect
    $build/offhook -s $sock                               type commands; ? helps
    openconnect --protocol=anyconnect -c $build/run/certs/phone1.pem -k $build/run/certs/phone1.key $url

Ctrl-C ends it.

TEXT
wait $daemon
