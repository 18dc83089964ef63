#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# make-revocation.sh DIR HTTP-BASE OCSP-URL: a CA with two phones, "good" and
# "revoked", its CRL (DER and PEM) and the index that "openssl ocsp" serves from;
# another CA's CRL, for files with several.
set -eu
dir=$1 base=$2 ocsp=$3
mkdir -p "$dir"
cd "$dir"

ca() { # NAME SUBJECT
	openssl req -x509 -newkey rsa:2048 -nodes -keyout "$1.key" -out "$1.pem" -days 30 -sha256 -subj "$2" \
		-addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign,cRLSign" 2> /dev/null
}

ca ca "/CN=Revocation CA/O=Test"
ca other "/CN=Other CA/O=Test"

phone() { # NAME SERIAL
	openssl req -newkey rsa:2048 -nodes -keyout "$1.key" -out "$1.csr" -subj "/CN=CP-8841-SEP0000000000$2/O=Test" 2> /dev/null
	cat > "$1.ext" <<-END
	basicConstraints=CA:FALSE
	keyUsage=digitalSignature,keyEncipherment
	extendedKeyUsage=clientAuth
	crlDistributionPoints=URI:$base/ca.crl
	authorityInfoAccess=OCSP;URI:$ocsp
	END
	openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -set_serial "0x$2" -days 20 -sha256 -extfile "$1.ext" -out "$1.pem" 2> /dev/null
}

phone good A1
phone revoked B2

# what "openssl ca" keeps: state, expiry, revocation, serial number, file, subject
{
	printf 'V\t351231235959Z\t\tA1\tunknown\t/CN=CP-8841-SEP0000000000A1/O=Test\n'
	printf 'R\t351231235959Z\t251231235959Z\tB2\tunknown\t/CN=CP-8841-SEP0000000000B2/O=Test\n'
} > index.txt
sed 's/^R\t\([^\t]*\)\t[^\t]*/V\t\1\t/' index.txt > index-before.txt
: > other-index.txt
for name in ca other; do
	cat > $name.cnf <<-END
	[ca]
	default_ca = it
	[it]
	database = $([ $name = ca ] && echo index.txt || echo other-index.txt)
	crlnumber = $name-crlnumber
	default_md = sha256
	END
	echo 01 > $name-crlnumber
	openssl ca -config $name.cnf -gencrl -crldays 7 -keyfile $name.key -cert $name.pem -out $name-crl.pem 2> /dev/null
done
sed 's/index.txt/index-before.txt/' ca.cnf > before.cnf
openssl ca -config before.cnf -gencrl -crldays 7 -keyfile ca.key -cert ca.pem -out before-crl.pem 2> /dev/null
openssl ca -config ca.cnf -gencrl -crlsec 1 -keyfile ca.key -cert ca.pem -out short-crl.pem 2> /dev/null
openssl crl -in ca-crl.pem -outform DER -out ca.crl
