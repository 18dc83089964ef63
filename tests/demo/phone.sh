#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# make phone: the simulated phone connects to the gateway of "make run", pings
# through the tunnel over DTLS and over CSTP, and says what it negotiated.
set -u
build=${BUILD:-build}
cd "$(dirname "$0")/../.." || exit 1
run=$build/run
no_gateway() {
	echo "There is no gateway to connect to. Start one in another terminal: make run" >&2
	exit 1
}
if [ ! -f "$run/demo.env" ]; then
	no_gateway
fi
. "$run/demo.env"
pem=$("$build/offhook" -s "$SOCKET" crypto ca export asa-identity-cert identity-certificate 2> /dev/null) || no_gateway
pin=$(openssl x509 -outform DER <<< "$pem" | openssl dgst -sha1 -binary | base64)
# the gateway's own end of the tunnel; with the echo data path any address answers
exec "$build/phone" --model 8861 --cert "$run/certs/phone1.pem" --key "$run/certs/phone1.key" --pin "$pin" \
	--connect "$CONNECT" --ping 169.254.17.1 --channel both "$URL"
