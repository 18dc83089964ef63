#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Key pairs, enrollment, CA certificates, import and export: the crypto commands on the control socket.
. "$(dirname "$0")/../lib.sh"
need_root
net_make
daemon_start

conf() {
	printf '%s\n' 'configure terminal' "$@" 'end' | cli
}

# trustpoint NAME LINE...: made anew
trustpoint() {
	local name=$1
	shift
	conf "no crypto ca trustpoint $name noconfirm" > "$T/no" 2>&1 || :
	conf "crypto ca trustpoint $name" "$@"
}

# refused COMMAND...: it must fail with exactly one line of ERROR in $T/answer
refused() {
	local status=0
	"$@" > "$T/answer" || status=$?
	[ $status = 1 ] || { cat "$T/answer" >&2; fail "exit status $status"; }
	has_line "$T/answer" '^ERROR' 1
	not has_line "$T/answer" '^ERROR' 2
	not grep -q accepted "$T/answer"
	not grep -q 'successfully' "$T/answer"
}

# paste FILE COMMAND...
paste_to() {
	local file=$1
	shift
	{ cat "$file"; echo; echo quit; } | cli "$@"
}

running() { cli show running-config | grep -v Cryptochecksum; }

daemon_restart() {
	kill -TERM "$(cat "$T/daemon.pid")"
	wait_for 3 gone "$(cat "$T/daemon.pid")"
	daemon_run ip netns exec "$GW"
}

identity_pem() {
	cli crypto ca export "$1" identity-certificate | sed -n '/BEGIN CERT/,/END CERT/p'
}

fingerprint() { # of a PEM file, lower-case hex without colons
	openssl x509 -in "$1" -noout -fingerprint "-${2:-sha1}" | sed 's/.*=//; s/://g' | tr A-F a-f
}

grouped() { sed 's/......../& /g; s/ $//'; }

# ---- a PKI of its own ----

P=$T/pki
mkdir -p "$P"
cat > "$P/cnf" <<'END'
[ req ]
distinguished_name = none
prompt = no
[ none ]
[ ca ]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[ server ]
keyUsage = critical, digitalSignature, keyEncipherment
authorityInfoAccess = OCSP;URI:http://ocsp.example/
crlDistributionPoints = URI:http://crl.example/sub.crl
[ leaf ]
basicConstraints = CA:FALSE
END
key_new() { openssl genpkey -algorithm RSA -pkeyopt "rsa_keygen_bits:${2:-2048}" -out "$P/$1.key" 2> /dev/null; }

# root NAME SUBJECT [OPTION...]
root() {
	local name=$1 subject=$2
	shift 2
	openssl req -new -x509 -config "$P/cnf" -extensions ca -sha256 -days 3000 -key "$P/$name.key" -subj "$subject" "$@" -out "$P/$name.pem"
}

# sign NAME ISSUER SECTION [OPTION...]: from NAME.csr
sign() {
	local name=$1 issuer=$2 section=$3
	shift 3
	openssl x509 -req -in "$P/$name.csr" -sha256 -days 900 -extfile "$P/cnf" -extensions "$section" -CA "$P/$issuer.pem" -CAkey "$P/$issuer.key" \
	    -set_serial "0x$(openssl rand -hex 8 | sed 's/^./4/')" "$@" -out "$P/$name.pem" 2> /dev/null
}

request() { openssl req -new -config "$P/cnf" -key "$P/$1.key" -subj "$2" -out "$P/$1.csr"; }

for name in root sub leaf; do
	key_new $name
done
root root "/C=DE/O=offhook test/CN=Crypto Root"
request sub "/O=offhook test/CN=Crypto Sub CA"
sign sub root ca
request leaf "/O=offhook test/CN=asav.sckiewer.lab"
sign leaf sub server

# ---- key pairs ----

test_a_key_pair_is_made_shown_replaced_and_removed() {
	local first
	cli crypto key generate rsa label k1 modulus 1024 > "$T/answer"
	grep -qx 'INFO: The name for the keys will be: k1' "$T/answer"
	grep -q '^WARNING: a modulus of 1024 bits is weak' "$T/answer"
	cli show crypto key mypubkey rsa > "$T/keys"
	grep -qx 'Key name: k1' "$T/keys"
	grep -qx ' Modulus Size (bits): 1024' "$T/keys"
	grep -qE '^Key pair was generated at: [0-9:]{8} UTC [A-Z][a-z]{2} [0-9]+ 20[0-9]{2}$' "$T/keys"
	first=$(cli -j show crypto key mypubkey rsa | python3 -c 'import json, sys; print([k["public"] for k in json.load(sys.stdin)["keys"] if k["name"] == "k1"][0])')
	# the key in the answer is one
	python3 -c 'import sys; sys.stdout.buffer.write(bytes.fromhex(sys.argv[1]))' "$first" | openssl pkey -pubin -inform DER -noout
	printf '%s\n' 'crypto key generate rsa label k1 modulus 2048' no | cli > "$T/answer"
	grep -qx 'WARNING: You already have RSA keys defined named k1.' "$T/answer"
	cli -j show crypto key mypubkey rsa | grep -q "$first"
	printf '%s\n' 'crypto key generate rsa label k1 modulus 2048' yes | cli > "$T/answer"
	not sh -c "'$BUILD/offhook' -s '$CONTROL' -j show crypto key mypubkey rsa | grep -q '$first'"
	printf '%s\n' 'crypto key zeroize rsa label k1' no | cli > "$T/answer"
	grep -qx "WARNING: Keys to be removed are named 'k1'." "$T/answer"
	grep -qx 'WARNING: All device certs issued using these keys will also be removed.' "$T/answer"
	cli show crypto key mypubkey rsa | grep -qx 'Key name: k1'
	cli crypto key zeroize rsa label k1 noconfirm > "$T/answer"
	not sh -c "'$BUILD/offhook' -s '$CONTROL' show crypto key mypubkey rsa | grep -q k1"
	refused cli crypto key zeroize rsa label k1 noconfirm
	refused cli crypto key zeroize ecdsa label '<Default-RSA-Key>' noconfirm
}

test_a_small_modulus_is_refused() {
	local bits
	for bits in 512 768 1023 2047 8192; do
		refused cli crypto key generate rsa label small modulus $bits noconfirm
	done
	grep -q 8192 "$T/answer"
	not sh -c "'$BUILD/offhook' -s '$CONTROL' show crypto key mypubkey rsa | grep -q small"
}

test_keys_are_files_of_certauth_alone_and_outlive_it() {
	local file
	cli crypto key generate ecdsa label 'odd/../name' elliptic-curve 521 > "$T/answer"
	cli show crypto key mypubkey ecdsa > "$T/before"
	grep -qx ' EC Size (bits): 521' "$T/before"
	find "$T/state" -name 'key-*' > "$T/files"
	[ -s "$T/files" ]
	while read -r file; do
		same "mode of $file" 600 "$(stat -c %a "$file")"
	done < "$T/files"
	daemon_restart
	same keys "$(cat "$T/before")" "$(cli show crypto key mypubkey ecdsa)"
	cli crypto key zeroize ecdsa noconfirm > "$T/answer"
	grep -qx 'WARNING: All ECDSA keys will be removed.' "$T/answer"
	same keys "" "$(cli show crypto key mypubkey ecdsa)"
}

# RSA with 4096 bits takes seconds; a signature for a phone may not wait for that
test_phones_are_served_while_a_key_is_made() {
	local i start longest=0 took
	{ for i in 1 2 3; do echo "crypto key generate rsa label big$i modulus 4096"; done; } | cli > "$T/big" &
	for i in $(seq 20); do
		start=$(now_ms)
		in_phone openssl s_client -connect $GW_IP:443 < /dev/null > "$T/s_client" 2>&1 || :
		grep -q 'BEGIN CERTIFICATE' "$T/s_client"
		took=$(($(now_ms) - start))
		[ $took -le $longest ] || longest=$took
	done
	wait
	echo "longest handshake: $longest ms" >&2
	[ $longest -lt $((700 * SLACK)) ]
	cli show crypto key mypubkey rsa | grep -qx 'Key name: big3'
	for i in 1 2 3; do cli crypto key zeroize rsa label big$i noconfirm; done > "$T/answer"
}

# ---- self-signed ----

test_a_self_signed_certificate_is_made_of_a_named_key_pair() {
	trustpoint ec 'enrollment self' 'keypair ec-key' 'subject-name CN=ec.example,OU=Lab,O=Firm,C=DE' 'email ops@example.com' serial-number
	refused cli crypto ca enroll ec noconfirm
	grep -q 'crypto key generate' "$T/answer"
	cli crypto key generate ecdsa label ec-key elliptic-curve 256 > "$T/answer"
	cli crypto ca enroll ec noconfirm > "$T/answer"
	identity_pem ec > "$T/ec.pem"
	openssl x509 -in "$T/ec.pem" -noout -text > "$T/ec.txt"
	grep -q 'id-ecPublicKey' "$T/ec.txt"
	grep -q 'DNS:ec.example, DNS:asav.sckiewer.lab, IP Address:172.16.1.250, email:ops@example.com' "$T/ec.txt"
	grep -q 'Subject: .*unstructuredName = asav.sckiewer.lab' "$T/ec.txt"
	grep -q 'Subject: serialNumber = 9A' "$T/ec.txt" || [ ! -s /etc/machine-id ]
	grep -A1 'X509v3 Key Usage' "$T/ec.txt" | grep -qx ' *Digital Signature'
	grep -q 'Signature Algorithm: ecdsa-with-SHA256' "$T/ec.txt"
	openssl x509 -in "$T/ec.pem" -noout -subject -nameopt RFC2253 | grep -q 'subject=CN=ec.example,OU=Lab,O=Firm,C=DE'
	grep -qx "INFO: SHA1 Fingerprint:   $(fingerprint "$T/ec.pem" | grouped)" "$T/answer"
	grep -qx "INFO: SHA256 Fingerprint: $(fingerprint "$T/ec.pem" sha256 | grouped)" "$T/answer"
	grep -q "certHash of the phones' configuration: $(openssl x509 -in "$T/ec.pem" -outform DER | openssl dgst -sha1 -binary | base64)" "$T/answer"
	openssl x509 -in "$T/ec.pem" -noout -checkend $((9 * 365 * 86400))
}

test_names_may_be_left_out() {
	trustpoint bare 'enrollment self' 'fqdn none' 'email none' 'subject-name CN=bare'
	cli crypto ca enroll bare noconfirm > "$T/answer"
	same subject 'subject=CN = bare' "$(identity_pem bare | openssl x509 -noout -subject)"
	not sh -c "'$BUILD/offhook' -s '$CONTROL' crypto ca export bare identity-certificate | openssl x509 -noout -text | grep -q email:"
}

test_serial_numbers_differ_however_fast_they_are_made() {
	local i
	trustpoint fast 'enrollment self'
	for i in 1 2 3 4; do
		cli crypto ca enroll fast noconfirm > "$T/answer"
		identity_pem fast | openssl x509 -noout -serial
	done > "$T/serials"
	same "different serial numbers" 4 "$(sort -u "$T/serials" | wc -l)"
	# of the default key pair, which stays
	cli show crypto key mypubkey rsa | grep -qx 'Key name: <Default-RSA-Key>'
}

test_enrolling_again_asks() {
	local before
	before=$(identity_pem asa-identity-cert)
	printf '%s\n' 'crypto ca enroll asa-identity-cert' no | cli > "$T/answer"
	grep -qx 'WARNING: Trustpoint asa-identity-cert has already enrolled and has' "$T/answer"
	grep -qx 'Do you want to continue with re-enrollment? \[yes/no\]: ' "$T/answer"
	same certificate "$before" "$(identity_pem asa-identity-cert)"
	printf '%s\n' 'crypto ca enroll asa-identity-cert' yes no yes | cli > "$T/answer"
	grep -q '^% Include the device serial number' "$T/answer"
	grep -q '^Generate Self-Signed Certificate' "$T/answer"
	[ "$before" != "$(identity_pem asa-identity-cert)" ]
}

test_a_subject_that_is_no_name_is_told() {
	trustpoint bad-name 'enrollment self' 'subject-name XX=1,CN=a'
	refused cli crypto ca enroll bad-name noconfirm
	grep -q '"XX" is no attribute' "$T/answer"
	refused identity_pem bad-name 2> /dev/null || cli show crypto ca certificates bad-name > "$T/answer"
}

# ---- a CA ----

csr_get() { sed -n '/BEGIN CERTIFICATE REQUEST/,/END CERTIFICATE REQUEST/p' "$T/answer"; }

test_a_request_is_shown_signed_and_imported() {
	trustpoint msca 'enrollment terminal' 'subject-name CN=asa.qytang.com,OU=qytangsec' 'ip-address 202.100.3.10' 'fqdn asa.qytang.com' 'keypair msca-key'
	cli crypto key generate rsa label msca-key modulus 2048 > "$T/answer"
	paste_to "$P/sub.pem" crypto ca authenticate msca nointeractive > "$T/answer"
	grep -qx "Trustpoint 'msca' is a subordinate CA and holds a non self-signed certificate." "$T/answer"
	grep -qx 'Trustpoint CA certificate accepted.' "$T/answer"
	grep -qx '% Certificate successfully imported' "$T/answer"
	grep -qE '^Fingerprint:     [0-9a-f]{8} [0-9a-f]{8} [0-9a-f]{8} [0-9a-f]{8}$' "$T/answer"
	grep -qx "SHA1 Fingerprint:   $(fingerprint "$P/sub.pem" | grouped)" "$T/answer"
	printf '%s\n' 'crypto ca enroll msca' yes yes yes no | cli > "$T/answer"
	cat > "$T/wanted" <<'END'
% Start certificate enrollment ..
% The subject name in the certificate will be: CN=asa.qytang.com,OU=qytangsec
% The fully-qualified domain name in the certificate will be: asa.qytang.com
% Include the device serial number in the subject name? [yes/no]: 
% The IP address in the certificate is 202.100.3.10
Display Certificate Request to terminal? [yes/no]: 
Certificate Request follows:
-----BEGIN CERTIFICATE REQUEST-----
-----END CERTIFICATE REQUEST-----
---End - This line not part of the certificate request---
Redisplay enrollment request? [yes/no]: 
Certificate Request follows:
-----BEGIN CERTIFICATE REQUEST-----
-----END CERTIFICATE REQUEST-----
---End - This line not part of the certificate request---
Redisplay enrollment request? [yes/no]: 
END
	grep -vxE '|[A-Za-z0-9+/=]+' "$T/answer" > "$T/got"
	diff "$T/wanted" "$T/got"
	csr_get | sed '/END/q' > "$P/msca.csr"
	openssl req -in "$P/msca.csr" -verify -noout -text > "$T/csr.txt" 2>&1
	grep -q 'unstructuredName = asa.qytang.com' "$T/csr.txt"
	grep -q 'unstructuredAddress = 202.100.3.10' "$T/csr.txt"
	grep -q 'serialNumber = 9A' "$T/csr.txt" || [ ! -s /etc/machine-id ]
	grep -q 'DNS:asa.qytang.com' "$T/csr.txt"
	grep -q 'Key Encipherment' "$T/csr.txt"
	cli show crypto ca certificates msca > "$T/show"
	grep -qx '  Status: Pending' "$T/show"
	sign msca sub server
	paste_to "$P/msca.pem" crypto ca import msca certificate nointeractive > "$T/answer"
	grep -qx 'INFO: Certificate successfully imported' "$T/answer"
	grep -qx "INFO: SHA1 Fingerprint:   $(fingerprint "$P/msca.pem" | grouped)" "$T/answer"
	# the root is in no trustpoint: clients get leaf and sub CA
	grep -q 'cn=Crypto Root,o=offhook test,c=DE' "$T/answer"
	same certificate "$(openssl x509 -in "$P/msca.pem")" "$(identity_pem msca)"
	cli show crypto ca certificates msca > "$T/show"
	not grep -q Pending "$T/show"
	grep -q 'Certificate received from Certificate Authority for trustpoint msca' "$T/log"
}

test_show_crypto_ca_certificates_is_as_an_asa_prints_it() {
	local serial ca_serial start end
	serial=$(openssl x509 -in "$P/msca.pem" -noout -serial | sed 's/.*=//' | tr A-F a-f)
	ca_serial=$(openssl x509 -in "$P/sub.pem" -noout -serial | sed 's/.*=//' | tr A-F a-f)
	trustpoint msca2 'enrollment terminal'
	paste_to "$P/sub.pem" crypto ca authenticate msca2 nointeractive > "$T/answer"
	cli show crypto ca certificates msca > "$T/show"
	start='[0-9][0-9]:[0-9][0-9]:[0-9][0-9] GMT [A-Z][a-z][a-z] [0-9]* 20[0-9][0-9]'
	sed "s/\(start date: \)$start$/\1DATE/; s/\(end   date: \)$start$/\1DATE/; s/\(Fingerprint: *\).*/\1X/; s/\(certHash (base64 SHA-1): \).*/\1X/; /serialNumber=/d" "$T/show" > "$T/got"
	cat > "$T/wanted" <<END
Certificate
  Status: Available
  Certificate Serial Number: $serial
  Certificate Usage: General Purpose
  Public Key Type: RSA (2048 bits)
  Signature Algorithm: SHA256 with RSA Encryption
  Issuer Name:
    cn=Crypto Sub CA
    o=offhook test
  Subject Name:
    cn=asa.qytang.com
    ou=qytangsec
    hostname=asa.qytang.com
    ipaddress=202.100.3.10
  OCSP AIA:
    URL: http://ocsp.example/
  CRL Distribution Points:
    [1]  http://crl.example/sub.crl
  Validity Date:
    start date: DATE
    end   date: DATE
  Associated Trustpoints: msca
  SHA1 Fingerprint:   X
  SHA256 Fingerprint: X
  certHash (base64 SHA-1): X

CA Certificate
  Status: Available
  Certificate Serial Number: $ca_serial
  Certificate Usage: Signature
  Public Key Type: RSA (2048 bits)
  Signature Algorithm: SHA256 with RSA Encryption
  Issuer Name:
    cn=Crypto Root
    o=offhook test
    c=DE
  Subject Name:
    cn=Crypto Sub CA
    o=offhook test
  Validity Date:
    start date: DATE
    end   date: DATE
  Associated Trustpoints: msca msca2
  SHA1 Fingerprint:   X
  SHA256 Fingerprint: X
  certHash (base64 SHA-1): X
END
	diff "$T/wanted" "$T/got"
	cli show crypto ca certificates > "$T/show"
	same "entries of the shared CA" 1 "$(grep -c "Certificate Serial Number: $ca_serial" "$T/show")"
	cli -j show crypto ca certificates msca | python3 -c 'import json, sys
c = json.load(sys.stdin)["certificates"]
assert [x["kind"] for x in c] == ["identity", "ca"], c
assert c[0]["sha1"] == sys.argv[1], c[0]
assert c[1]["trustpoints"] == ["msca", "msca2"]' "$(fingerprint "$P/msca.pem")"
}

test_show_crypto_ca_trustpoints() {
	trustpoint new1 'enrollment terminal'
	cli show crypto ca trustpoints new1 > "$T/show"
	same answer "Trustpoint new1:
    Not authenticated." "$(cat "$T/show")"
	cli show crypto ca trustpoints msca2 > "$T/show"
	same answer "Trustpoint msca2:
    Subject Name: 
    cn=Crypto Sub CA
    o=offhook test
          Serial Number: $(openssl x509 -in "$P/sub.pem" -noout -serial | sed 's/.*=//' | tr A-F a-f)
    Certificate configured." "$(cat "$T/show")"
	cli show crypto ca trustpoints asa-identity-cert > "$T/show"
	same "first lines" "Trustpoint asa-identity-cert:
    Configured for self-signed certificate generation." "$(head -n 2 "$T/show")"
	cli -j show crypto ca trustpoints | python3 -c 'import json, sys; t = {x["name"]: x for x in json.load(sys.stdin)["trustpoints"]}; assert t["msca"]["enrolled"] and not t["new1"]["authenticated"], t'
	refused cli show crypto ca trustpoints no-such
	refused cli show crypto ca certificates no-such
}

# Common names of what clients are sent.
served() {
	in_phone openssl s_client -showcerts -connect $GW_IP:443 < /dev/null 2> /dev/null | sed -n 's/^ *[0-9] s:.*CN = //p' | paste -sd' '
}

test_a_bundle_in_any_order_becomes_the_chain() {
	trustpoint bundle 'enrollment terminal' 'keypair msca-key'
	cat "$P/root.pem" "$P/sub.pem" "$P/msca.pem" > "$T/bundle.pem"
	paste_to "$T/bundle.pem" crypto ca import bundle certificate nointeractive > "$T/answer"
	grep -q 'INFO: the CA certificate of trustpoint bundle is now that of cn=Crypto Sub CA' "$T/answer"
	conf 'ssl trust-point bundle outside'
	same "certificates served" "asa.qytang.com Crypto Sub CA" "$(served)"
	# imported alone, the sub CA comes from another trustpoint; the root, too, where it is the trustpoint's own
	trustpoint top 'enrollment terminal'
	paste_to "$P/root.pem" crypto ca authenticate top nointeractive > "$T/answer"
	conf 'ssl trust-point msca outside'
	same "certificates served" "asa.qytang.com Crypto Sub CA" "$(served)"
	paste_to "$P/root.pem" crypto ca authenticate msca nointeractive > "$T/answer"
	same "certificates served" "asa.qytang.com Crypto Sub CA Crypto Root" "$(served)"
	conf 'no crypto ca trustpoint msca2 noconfirm' 'no crypto ca trustpoint bundle noconfirm' > "$T/answer"
	# the link is missing now
	same "certificates served" "asa.qytang.com" "$(served)"
	paste_to "$P/sub.pem" crypto ca authenticate msca nointeractive > "$T/answer"
	same "certificates served" "asa.qytang.com Crypto Sub CA" "$(served)"
	conf 'ssl trust-point asa-identity-cert outside'
}

test_a_certificate_of_another_key_changes_nothing() {
	local before
	before=$(running)
	refused paste_to "$P/leaf.pem" crypto ca import msca certificate nointeractive
	grep -q 'does not belong to key pair msca-key' "$T/answer"
	refused paste_to "$P/leaf.pem" crypto ca import new1 certificate nointeractive
	same configuration "$before" "$(running)"
	same certificate "$(openssl x509 -in "$P/msca.pem")" "$(identity_pem msca)"
	grep -q 'Certificate enrollment failed for trustpoint msca. Reason: ' "$T/log"
}

# ---- authenticate ----

test_of_a_bundle_the_issuing_ca_is_taken_and_the_rest_named() {
	trustpoint x3 'enrollment terminal'
	cat "$P/root.pem" "$P/sub.pem" "$P/leaf.pem" > "$T/bundle.pem"
	paste_to "$T/bundle.pem" crypto ca authenticate x3 nointeractive > "$T/answer"
	grep -q '^INFO: not used, as a trustpoint holds one CA certificate: cn=Crypto Root' "$T/answer"
	grep -q '"crypto ca authenticate x3-1"' "$T/answer"
	grep -q '^INFO: not used, as it is no CA certificate: cn=asav.sckiewer.lab' "$T/answer"
	grep -q '^INFO: taken, as it is the issuing CA: cn=Crypto Sub CA' "$T/answer"
	grep -qx "Trustpoint 'x3' is a subordinate CA and holds a non self-signed certificate." "$T/answer"
	cli show crypto ca trustpoints x3 | grep -qx '    cn=Crypto Sub CA'
	# a fingerprint chooses
	paste_to "$T/bundle.pem" crypto ca authenticate x3 nointeractive fingerprint "$(fingerprint "$P/root.pem")" > "$T/answer"
	cli show crypto ca trustpoints x3 | grep -qx '    cn=Crypto Root'
	refused paste_to "$T/bundle.pem" crypto ca authenticate x3 nointeractive fingerprint 00112233445566778899aabbccddeeff
	refused paste_to "$T/bundle.pem" crypto ca authenticate x3 nointeractive fingerprint "$(fingerprint "$P/leaf.pem")"
	cat "$P/root.pem" "$CERTS/other-ca.pem" > "$T/two.pem"
	refused paste_to "$T/two.pem" crypto ca authenticate x3 nointeractive
}

test_replacing_a_ca_asks() {
	trustpoint x4 'enrollment terminal'
	{ echo 'crypto ca authenticate x4'; cat "$P/root.pem"; echo quit; echo yes; } | cli > "$T/answer"
	grep -qx 'Trustpoint CA certificate accepted.' "$T/answer"
	{ echo 'crypto ca authenticate x4'; cat "$P/sub.pem"; echo quit; echo yes; echo no; } | cli > "$T/answer"
	grep -qx 'WARNING: Trustpoint x4 already has a CA certificate, of cn=Crypto Root,o=offhook test,c=DE' "$T/answer"
	cli show crypto ca trustpoints x4 | grep -qx '    cn=Crypto Root'
	{ echo 'crypto ca authenticate x4'; cat "$P/sub.pem"; echo quit; echo yes; echo yes; } | cli > "$T/answer"
	cli show crypto ca trustpoints x4 | grep -qx '    cn=Crypto Sub CA'
}

# each is one clear error, and nothing is changed
test_what_cannot_be_a_ca_is_refused() {
	local before what
	trustpoint h 'enrollment terminal' 'keypair msca-key'
	before=$(running)
	echo 'this is -- not base64 !!' > "$P/not-base64.txt"
	: > "$P/empty.txt"
	head -c 500 "$P/root.pem" > "$P/truncated-armour.txt"
	openssl x509 -in "$P/root.pem" -outform DER | head -c 300 | base64 > "$P/truncated.txt"
	head -c 40000 /dev/urandom | base64 > "$P/huge.txt"
	head -c 400000 /dev/zero | tr '\0' A | fold -w 64 > "$P/very-huge.txt"
	head -c 300 /dev/urandom | base64 > "$P/random.txt"
	cp "$P/root.key" "$P/private-key.txt"
	cp "$P/leaf.pem" "$P/a-leaf.txt"
	key_new weak 512
	root weak "/CN=Weak CA" && cp "$P/weak.pem" "$P/weak.txt"
	cp "$P/root.key" "$P/md5.key"
	openssl req -new -x509 -config "$P/cnf" -extensions ca -md5 -key "$P/md5.key" -subj "/CN=MD5 CA" -out "$P/md5.txt"
	openssl req -new -x509 -config "$P/cnf" -extensions ca -sha256 -key "$P/md5.key" -subj "/CN=Negative" -set_serial -5 -out "$P/negative.txt"
	openssl genpkey -algorithm ED25519 -out "$P/ed.key"
	openssl req -new -x509 -config "$P/cnf" -extensions ca -key "$P/ed.key" -subj "/CN=Ed CA" -out "$P/ed25519.txt"
	openssl genpkey -genparam -algorithm DSA -pkeyopt dsa_paramgen_bits:1024 -out "$P/dsa.par" 2> /dev/null
	openssl genpkey -paramfile "$P/dsa.par" -out "$P/dsa.key"
	openssl req -new -x509 -config "$P/cnf" -extensions ca -sha256 -key "$P/dsa.key" -subj "/CN=DSA CA" -out "$P/dsa.txt"
	# A issued B and B issued A
	key_new loop1 && key_new loop2 && root loop1 "/CN=Loop 1" && root loop2 "/CN=Loop 2"
	request loop1 "/CN=Loop 1" && sign loop1 loop2 ca && cp "$P/loop1.pem" "$P/loop1-by-2.pem"
	root loop1 "/CN=Loop 1"
	request loop2 "/CN=Loop 2" && sign loop2 loop1 ca
	cat "$P/loop1-by-2.pem" "$P/loop2.pem" > "$P/loop.txt"
	for what in not-base64 empty truncated-armour truncated huge very-huge random private-key a-leaf weak md5 negative ed25519 dsa loop; do
		echo "authenticate $what" >&2
		refused paste_to "$P/$what.txt" crypto ca authenticate h nointeractive
		not grep -q 'PRIVATE KEY' "$T/answer"
		[ "$(wc -l < "$T/answer")" -lt 12 ]
		echo "import $what" >&2
		refused paste_to "$P/$what.txt" crypto ca import h certificate nointeractive
	done
	same configuration "$before" "$(running)"
	cli show crypto ca trustpoints h | grep -q 'Not authenticated'
}

test_an_expired_ca_is_taken_with_a_warning() {
	trustpoint old 'enrollment terminal'
	request sub "/O=offhook test/CN=Crypto Sub CA"
	: > "$P/index" && echo 77 > "$P/serial"
	cat > "$P/ca.cnf" <<END
[ ca ]
default_ca = d
[ d ]
database = $P/index
serial = $P/serial
new_certs_dir = $P
policy = any
unique_subject = no
[ any ]
commonName = supplied
organizationName = optional
END
	openssl ca -batch -notext -config "$P/ca.cnf" -md sha256 -startdate 20100101000000Z -enddate 20150101000000Z -extfile "$P/cnf" -extensions ca \
	    -cert "$P/root.pem" -keyfile "$P/root.key" -in "$P/sub.csr" -out "$P/old.pem" 2> /dev/null
	paste_to "$P/old.pem" crypto ca authenticate old nointeractive > "$T/answer"
	grep -q '^WARNING: the CA certificate has expired' "$T/answer"
	grep -qx 'Trustpoint CA certificate accepted.' "$T/answer"
}

# what a client other than ours may send
test_nul_bytes_are_no_base64() {
	local before
	before=$(running)
	python3 - "$CONTROL" "$P/root.pem" > "$T/answer" <<'END'
import socket, struct, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.settimeout(5)
def line(data):
    s.sendall(struct.pack(">I", len(data)) + b"L" + data)
pem = open(sys.argv[2], "rb").read().splitlines()
line(b"crypto ca authenticate h nointeractive")
for n, l in enumerate(pem):
    line(l[:10] + b"\0" + l[10:] if n == 3 else l)
line(b"quit")
line(b"exit")
out = b""
while True:
    try:
        data = s.recv(65536)
    except socket.timeout:
        break
    if not data:
        break
    out += data
sys.stdout.write(out.decode("latin-1"))
END
	grep -q 'ERROR: that is no base64' "$T/answer"
	same configuration "$before" "$(running)"
}

# ---- PKCS#12 ----

p12() { # p12 NAME PASSWORD OPTION...
	local name=$1 pass=$2
	shift 2
	openssl pkcs12 -export -passout "pass:$pass" "$@" -out "$P/$name.p12" && base64 "$P/$name.p12" > "$P/$name.b64"
}

test_a_pkcs12_makes_its_trustpoint_and_key_pair() {
	p12 full secret -in "$P/leaf.pem" -inkey "$P/leaf.key" -certfile "$P/sub.pem"
	paste_to "$P/full.b64" crypto ca import made pkcs12 secret nointeractive > "$T/answer"
	grep -qx 'INFO: Import PKCS12 operation completed successfully' "$T/answer"
	grep -qx 'WARNING: CA certificates can be used to validate VPN connections,' "$T/answer"
	grep -qx "INFO: SHA1 Fingerprint:   $(fingerprint "$P/leaf.pem" | grouped)" "$T/answer"
	cli show running-config crypto ca trustpoint made > "$T/show"
	grep -qx ' keypair made' "$T/show"
	cli show crypto key mypubkey rsa | grep -qx 'Key name: made'
	paste_to "$P/full.b64" crypto ca import made2 pkcs12 secret nointeractive > "$T/answer"
	grep -qx 'WARNING: Identical public key already exists as made' "$T/answer"
	grep -q 'PKCS #12 import succeeded for trustpoint made' "$T/log"
	# what certbot's tool does when it renews
	conf 'no crypto ca trustpoint made2 noconfirm'
	cli crypto key zeroize rsa label made2 noconfirm > "$T/answer"
	not grep -q '^ERROR' "$T/answer"
	same certificate "$(openssl x509 -in "$P/leaf.pem")" "$(identity_pem made)"
}

test_old_and_elliptic_pkcs12_are_read() {
	p12 legacy secret -legacy -in "$P/leaf.pem" -inkey "$P/leaf.key" -certfile "$P/sub.pem"
	paste_to "$P/legacy.b64" crypto ca import legacy pkcs12 secret nointeractive > "$T/answer"
	grep -q 'completed successfully' "$T/answer"
	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out "$P/p384.key"
	request p384 "/CN=asav.sckiewer.lab" && sign p384 sub server
	p12 p384 secret -in "$P/p384.pem" -inkey "$P/p384.key"
	paste_to "$P/p384.b64" crypto ca import p384 pkcs12 secret nointeractive > "$T/answer"
	grep -q 'completed successfully' "$T/answer"
	cli show crypto ca certificates p384 | grep -qx '  Public Key Type: ECDSA (384 bits)'
}

test_a_pkcs12_that_cannot_be_used_changes_nothing() {
	local before what
	before=$(running)
	p12 ok secret -in "$P/leaf.pem" -inkey "$P/leaf.key"
	p12 no-key secret -nokeys -in "$P/leaf.pem"
	p12 many secret -in "$P/leaf.pem" -inkey "$P/leaf.key" -iter 2100000
	p12 many-bags secret -in "$P/leaf.pem" -inkey "$P/leaf.key" -iter 2100000 -nomaciter
	p12 many-key secret -in "$P/leaf.pem" -inkey "$P/leaf.key" -certpbe NONE -iter 2100000 -nomaciter
	openssl genpkey -algorithm ED25519 -out "$P/ed2.key" && openssl req -new -x509 -config "$P/cnf" -extensions leaf -key "$P/ed2.key" -subj /CN=ed -out "$P/ed2.pem"
	p12 ed secret -in "$P/ed2.pem" -inkey "$P/ed2.key"
	head -c 900 "$P/ok.p12" | base64 > "$P/cut.b64"
	head -c 100000 /dev/urandom | base64 > "$P/large.b64"
	echo 'not base64 !' > "$P/text.b64"
	for what in no-key many many-bags many-key ed cut large text; do
		echo "import $what" >&2
		refused paste_to "$P/$what.b64" crypto ca import unborn pkcs12 secret nointeractive
		[[ $what != many* ]] || grep -q 'more often than is sensible' "$T/answer"
	done
	refused paste_to "$P/ok.b64" crypto ca import unborn pkcs12 WRONGWORD nointeractive
	grep -q 'passphrase' "$T/answer"
	not grep -q WRONGWORD "$T/answer" "$T/log"
	same configuration "$before" "$(running)"
	not grep -q 'trustpoint unborn' <(running)
	grep -q 'PKCS #12 import failed for trustpoint unborn' "$T/log"
}

test_what_is_exported_is_read_by_others_and_by_us() {
	cli crypto ca export made pkcs12 'Exp0rt&pass' > "$T/answer"
	same "first line" 'Exported pkcs12 follows:' "$(head -n 1 "$T/answer")"
	grep -qx -- '-----BEGIN PKCS12-----' "$T/answer"
	sed -n '/BEGIN PKCS12/,/END PKCS12/p' "$T/answer" > "$T/export.b64"
	grep -v -- '-----' "$T/export.b64" | base64 -d > "$T/export.p12"
	openssl pkcs12 -in "$T/export.p12" -passin 'pass:Exp0rt&pass' -nodes -out "$T/export.pem" 2> "$T/err"
	same "certificates" 2 "$(grep -c 'BEGIN CERTIFICATE' "$T/export.pem")"
	same key "$(openssl pkey -in "$P/leaf.key" -pubout)" "$(openssl pkey -in "$T/export.pem" -pubout)"
	paste_to "$T/export.b64" crypto ca import back pkcs12 'Exp0rt&pass' nointeractive > "$T/answer"
	grep -q 'completed successfully' "$T/answer"
	same certificate "$(openssl x509 -in "$P/leaf.pem")" "$(identity_pem back)"
	grep -q 'PKCS #12 export succeeded for trustpoint made' "$T/log"
	not grep -q 'Exp0rt' "$T/log"
	refused cli crypto ca export new1 pkcs12 x
}

# ---- the end of trustpoints and keys ----

test_zeroizing_takes_the_certificates_along() {
	conf 'ssl trust-point ec outside'
	cli crypto key zeroize ecdsa label ec-key noconfirm > "$T/answer"
	grep -q 'WARNING: clients are shown the certificate of trustpoint ec on outside' "$T/answer"
	grep -qx 'INFO: the certificate of trustpoint ec is removed' "$T/answer"
	conf 'ssl trust-point asa-identity-cert outside'
	not sh -c "'$BUILD/offhook' -s '$CONTROL' show running-config crypto ca certificate chain ec | grep -q 'certificate [0-9a-f]'"
	same certificates "" "$(cli show crypto ca certificates ec)"
}

test_removing_an_enrolled_trustpoint_asks() {
	trustpoint doomed 'enrollment self'
	cli crypto ca enroll doomed noconfirm > "$T/answer"
	printf '%s\n' 'conf t' 'no crypto ca trustpoint doomed' no end | cli > "$T/answer"
	grep -qx 'WARNING: Removing an enrolled trustpoint will destroy all' "$T/answer"
	grep -qx 'certificates received from the related Certificate Authority.' "$T/answer"
	grep -qx 'Are you sure you want to do this? \[yes/no\]: ' "$T/answer"
	cli show crypto ca trustpoints doomed | grep -q 'certHash'
	[ -e "$(find "$T/state" -name 'identity-doomed.pem')" ]
	printf '%s\n' 'conf t' 'no crypto ca trustpoint doomed' yes end | cli > "$T/answer"
	grep -qx 'INFO: Be sure to ask the CA administrator to revoke your certificates.' "$T/answer"
	refused cli show crypto ca trustpoints doomed
	# certauth forgets; the key pair was not the trustpoint's alone
	wait_for 2 eval '[ -z "$(find "$T/state" -name identity-doomed.pem)" ]'
	cli show crypto key mypubkey rsa | grep -qx 'Key name: <Default-RSA-Key>'
	# nothing is lost with one that holds nothing, and nobody is asked
	conf 'crypto ca trustpoint empty' 'no crypto ca trustpoint empty' > "$T/answer"
	same answer "" "$(cat "$T/answer")"
}

# the configuration came from elsewhere, or the state was lost
test_a_certificate_without_its_key_is_named_at_start() {
	trustpoint lost 'enrollment self'
	cli crypto ca enroll lost noconfirm > "$T/answer"
	cli write memory > "$T/answer"
	kill -TERM "$(cat "$T/daemon.pid")"
	wait_for 3 gone "$(cat "$T/daemon.pid")"
	rm "$(find "$T/state" -name identity-lost.pem)"
	daemon_run ip netns exec "$GW"
	log_has 3 'trustpoint lost: its identity certificate is in the configuration, but its private key is not here'
	cli show crypto ca certificates lost | grep -qx '  Status: Not available (its private key is missing)'
	cli crypto ca enroll lost noconfirm > "$T/answer"
	cli show crypto ca certificates lost | grep -qx '  Status: Available'
}

cpu_ticks() { sed 's/.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 }'; } # of all its threads
at_work() { [ "$(cpu_ticks "$1")" -ge $(($2 + 3)) ]; } # PID TICKS-BEFORE

# an operator who leaves takes nothing along: what certauth made reaches the configuration
test_an_operator_who_leaves_early_leaves_no_half() {
	local pid before leave
	DAEMON=$(cat "$T/daemon.pid") # another case may have started it anew
	pid=$(child certauth)
	p12 slow secret -in "$P/leaf.pem" -inkey "$P/leaf.key" -iter 1000000 # certauth works at it for a second
	mkfifo "$T/leave"
	exec {leave}<> "$T/leave"
	before=$(cpu_ticks "$pid")
	python3 -c '
import socket, struct, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.recv(65536)
for line in [b"crypto ca import early pkcs12 secret nointeractive", *open(sys.argv[2], "rb").read().split(), b"quit"]:
    s.sendall(struct.pack(">I", len(line)) + b"L" + line)
sys.stdin.readline()
s.close() # with prompts unread' "$CONTROL" "$P/slow.b64" < "$T/leave" &
	wait_for 3 has_line "$T/log" "executed the 'crypto ca import early"
	wait_for 3 at_work "$pid" "$before"
	echo >&$leave
	wait $!
	wait_for 8 eval 'cli show running-config crypto ca certificate chain early | grep -q "^ certificate [0-9a-f]"'
	cli show running-config crypto ca trustpoint early | grep -qx ' keypair early'
}

test_certauth_that_dies_is_said_and_comes_back() {
	local pid before
	DAEMON=$(cat "$T/daemon.pid") # another case may have started it anew
	pid=$(child certauth)
	before=$(cpu_ticks "$pid")
	p12 slow secret -in "$P/leaf.pem" -inkey "$P/leaf.key" -iter 1500000
	paste_to "$P/slow.b64" crypto ca import died pkcs12 secret nointeractive > "$T/answer" &
	wait_for 3 has_line "$T/log" "executed the 'crypto ca import died"
	wait_for 3 at_work "$pid" "$before"
	kill -KILL "$pid"
	wait $! || :
	grep -qx 'ERROR: Import PKCS12 operation failed: certauth died; try again' "$T/answer"
	not grep -q 'trustpoint died' <(running)
	wait_for 5 test "$(child certauth)" != "$pid"
	wait_for 5 cli crypto key generate ecdsa label after noconfirm
	identity_pem asa-identity-cert | openssl x509 -noout
}

run_cases
