#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Make the test PKI: what Cisco's factory and a CUCM would have made, with
# names that say that it is a test. Keys are never committed: run this into a
# build folder.
#
#	make-certs.sh [--phones N] [--own-keys] OUTDIR
#
#	--phones N	phones per kind (2)
#	--own-keys	a key for each phone; else all phones share one (faster)
#
# Trust anchors, each for a trustpoint of its own:
#	mic-sha1-root.pem	like Cisco_Root_CA_2048, SHA-1
#	mic-sha1-ca.pem		like Cisco_Manufacturing_CA, SHA-1: issuer of 79xx MICs
#	mic-sha256-root.pem	like Cisco_Root_CA_M2, SHA-256
#	mic-sha256-ca.pem	like Cisco_Manufacturing_CA_SHA2: issuer of 88xx MICs
#	lsc-ca.pem		like a CUCM publisher's CAPF certificate, self-signed
#	other-ca.pem		a CA that nobody should trust
#	forged-ca.pem		has the names of mic-sha256-ca.pem but another key
#
# Phones, PEM certificate and .key; N counts from 1. The plain file holds the
# leaf only, as a phone may send it, -chain.pem the intermediate, too:
#	mic-sha1-phoneN		CN=CP-7962G-SEP0024142D5Exx
#	mic-sha256-phoneN	CN=CP-8841-SEP682C7B40B5xx, phone 1 is ...CE
#	lsc-phoneN		CN=CP-8861-SEP74A02FC0A3xx, issued by lsc-ca.pem
#	phoneN			links to mic-sha256-phoneN
#
# Phones that must be refused (kind mic-sha256 unless said otherwise):
#	expired			notAfter in 2015; expired-sha1 the same for mic-sha1
#	notyet			notBefore in 2099
#	wrongca			the name of phone 1, issued by other-ca.pem
#	forged			the name of phone 1, issued by forged-ca.pem
#	selfsigned		the name of phone 1, issued by itself
#
# Gateway, RSA with keyEncipherment, self-signed, CN=asav.sckiewer.lab:
#	gateway.pem .key	SAN asav.sckiewer.lab, localhost, 127.0.0.1
#	gateway2.pem .key	the same names, another key: for renewals
#	gateway-other.pem .key	CN=other.example: for the host-id check

set -eu

phones=2
own_keys=no
while [ $# -gt 0 ]; do
	case $1 in
	--phones) phones=$2; shift 2 ;;
	--own-keys) own_keys=yes; shift ;;
	-*) echo "make-certs.sh: unknown option $1" >&2; exit 1 ;;
	*) break ;;
	esac
done
if [ $# -ne 1 ]; then
	echo "usage: make-certs.sh [--phones N] [--own-keys] OUTDIR" >&2
	exit 1
fi
mkdir -p "$1"
cd "$1"
umask 077

work=$(mktemp -d ./work.XXXXXX)
trap 'rm -rf "$work"' EXIT INT TERM

cat > "$work/cnf" <<END
[ req ]
distinguished_name = none
prompt = no
[ none ]
[ root ]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[ mid ]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[ phone ]
keyUsage = critical, digitalSignature, keyEncipherment
extendedKeyUsage = serverAuth, clientAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[ gateway ]
keyUsage = critical, digitalSignature, keyEncipherment
extendedKeyUsage = serverAuth
subjectAltName = DNS:asav.sckiewer.lab, DNS:localhost, IP:127.0.0.1
[ gateway_other ]
keyUsage = critical, digitalSignature, keyEncipherment
extendedKeyUsage = serverAuth
subjectAltName = DNS:other.example
[ ca ]
default_ca = dated
[ dated ]
database = $work/index
serial = $work/serial
new_certs_dir = $work
policy = any
unique_subject = no
[ any ]
commonName = supplied
organizationName = optional
organizationalUnitName = optional
END
: > "$work/index"
echo 1000 > "$work/serial"

die() {
	echo "make-certs.sh: openssl $1 failed:" >&2
	cat "$work/log" >&2
	exit 1
}

ssl() {
	openssl "$@" > "$work/log" 2>&1 || die "$*"
}

# key NAME
key() {
	ssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$1.key"
}

# selfsigned NAME SUBJECT DIGEST SECTION
selfsigned() {
	ssl req -new -x509 -config "$work/cnf" -extensions "$4" "-$3" -days 3650 -key "$1.key" -subj "$2" -out "$1.pem"
}

# issue NAME SUBJECT DIGEST SECTION ISSUER
issue() {
	ssl req -new -config "$work/cnf" "-$3" -key "$1.key" -subj "$2" -out "$work/csr"
	ssl x509 -req -in "$work/csr" "-$3" -days 3600 -extfile "$work/cnf" -extensions "$4" \
	    -CA "$5.pem" -CAkey "$5.key" -set_serial "0x$(openssl rand -hex 8)" -out "$1.pem"
}

# issue_dated NAME SUBJECT DIGEST ISSUER START END: openssl x509 3.0 has no -not_before
issue_dated() {
	ssl req -new -config "$work/cnf" "-$3" -key "$1.key" -subj "$2" -out "$work/csr"
	ssl ca -batch -notext -config "$work/cnf" -md "$3" -startdate "$5" -enddate "$6" -extfile "$work/cnf" \
	    -extensions phone -cert "$4.pem" -keyfile "$4.key" -in "$work/csr" -out "$1.pem"
}

# phone_key NAME: a link to the shared key, or a key of its own
phone_key() {
	if [ $own_keys = yes ]; then
		key "$1"
	else
		cp "$work/shared.key" "$1.key"
	fi
}

# phones KIND CN-PREFIX FIRST-HEX DIGEST ISSUER
phones() {
	n=1
	while [ "$n" -le "$phones" ]; do
		name=$1-phone$n
		phone_key "$name"
		issue "$name" "/O=offhook test/OU=EVVBU/CN=$(printf '%s%06X' "$2" $(($3 + n - 1)))" "$4" phone "$5"
		cat "$name.pem" "$5.pem" > "$name-chain.pem"
		n=$((n + 1))
	done
}

for ca in mic-sha1-root mic-sha1-ca mic-sha256-root mic-sha256-ca lsc-ca other-ca forged-ca gateway gateway2 \
    "$work/shared"; do
	key "$ca"
done

selfsigned mic-sha1-root "/O=offhook test/CN=Test Root CA 2048" sha1 root
issue mic-sha1-ca "/O=offhook test/CN=Test Manufacturing CA" sha1 mid mic-sha1-root
selfsigned mic-sha256-root "/O=offhook test/CN=Test Root CA M2" sha256 root
issue mic-sha256-ca "/O=offhook test/CN=Test Manufacturing CA SHA2" sha256 mid mic-sha256-root
selfsigned lsc-ca "/O=offhook test/CN=CAPF-test0001" sha256 root
selfsigned other-ca "/O=offhook test/CN=Test Unrelated CA" sha256 root
selfsigned forged-ca "/O=offhook test/CN=Test Manufacturing CA SHA2" sha256 root

phones mic-sha1 CP-7962G-SEP002414 0x2D5E01 sha1 mic-sha1-ca
phones mic-sha256 CP-8841-SEP682C7B 0x40B5CE sha256 mic-sha256-ca
phones lsc CP-8861-SEP74A02F 0xC0A301 sha256 lsc-ca
n=1
while [ "$n" -le "$phones" ]; do
	ln -sf "mic-sha256-phone$n.pem" "phone$n.pem"
	ln -sf "mic-sha256-phone$n.key" "phone$n.key"
	n=$((n + 1))
done

for bad in expired expired-sha1 notyet wrongca forged selfsigned; do
	phone_key "$bad"
done
subject="/O=offhook test/OU=EVVBU/CN=CP-8841-SEP682C7B40B5CE"
issue_dated expired "/O=offhook test/OU=EVVBU/CN=CP-8841-SEP682C7BEE0001" sha256 mic-sha256-ca \
    20100101000000Z 20150101000000Z
issue_dated expired-sha1 "/O=offhook test/OU=EVVBU/CN=CP-7962G-SEP002414EE0001" sha1 mic-sha1-ca \
    20100101000000Z 20150101000000Z
issue_dated notyet "/O=offhook test/OU=EVVBU/CN=CP-8841-SEP682C7BEE0002" sha256 mic-sha256-ca \
    20990101000000Z 21000101000000Z
issue wrongca "$subject" sha256 phone other-ca
issue forged "$subject" sha256 phone forged-ca
selfsigned selfsigned "$subject" sha256 phone

gateway="/O=offhook test/CN=asav.sckiewer.lab"
selfsigned gateway "$gateway" sha256 gateway
selfsigned gateway2 "$gateway" sha256 gateway
cp gateway2.key gateway-other.key
selfsigned gateway-other "/O=offhook test/CN=other.example" sha256 gateway_other
