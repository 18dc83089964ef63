#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a person with a browser sees: the page, its headers, and a picture of it.
. "$(dirname "$0")/../lib.sh"
need_root
net_make
config_make
config_add <<'END'
crypto ca trustpoint named
 enrollment self
 subject-name CN=asav.sckiewer.lab,O=Tom & <b>Jerry</b> "Lab"
 keypair named-key
END
daemon_start

FIREFOX="Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Firefox/115.0"
get() { in_phone curl -sSk --max-time 10 -A "$FIREFOX" --resolve asav.sckiewer.lab:443:$GW_IP "$@"; }

# fingerprint DIGEST: of the gateway's certificate, as the page has it
fingerprint() { openssl x509 -in "$T/gateway.pem" -noout -fingerprint "-$1" | sed 's/.*=//' | tr A-F a-f; }

test_the_page_shows_the_certificate() {
	local url
	for url in https://asav.sckiewer.lab/ $URL; do
		get "$url" > "$T/page.html"
		grep -q "VPN gateway for Cisco phones" "$T/page.html"
		grep -qF "$(fingerprint sha1)" "$T/page.html"
		grep -qF "$(fingerprint sha256)" "$T/page.html"
		grep -qF "$(openssl x509 -in "$T/gateway.pem" -noout -subject -nameopt RFC2253 | sed 's/subject=//')" "$T/page.html"
		grep -qF "$(date -ud "$(openssl x509 -in "$T/gateway.pem" -noout -enddate | sed 's/.*=//')" '+%e %B %Y, %H:%M UTC')" "$T/page.html"
	done
}

test_its_headers_allow_nothing_but_its_style() {
	get -D "$T/head" "$URL" > "$T/page.html"
	tr -d '\r' < "$T/head" > "$T/headers"
	grep -qix 'x-content-type-options: nosniff' "$T/headers"
	grep -qix 'x-frame-options: deny' "$T/headers"
	grep -qix 'referrer-policy: no-referrer' "$T/headers"
	grep -qix 'cache-control: no-store' "$T/headers"
	not grep -qi '^set-cookie' "$T/headers"
	not grep -qi '<script\|javascript:\| on[a-z]*=\| src=\|http-equiv' "$T/page.html"
	python3 - "$T/page.html" "$T/headers" <<-'END'
	import base64, hashlib, re, sys
	style = re.search("<style>(.*?)</style>", open(sys.argv[1]).read(), re.S).group(1)
	digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
	policy = re.search("^Content-Security-Policy: (.*)$", open(sys.argv[2]).read(), re.M).group(1)
	assert policy == "default-src 'none'; style-src 'sha256-%s'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'" % digest, policy
	END
}

test_the_page_is_well_formed() {
	get "$URL" | python3 -c '
import html.parser, sys
class Check(html.parser.HTMLParser):
    open = []
    def handle_starttag(self, tag, attrs):
        if tag != "meta":
            self.open.append(tag)
    def handle_startendtag(self, tag, attrs):
        pass
    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag
check = Check()
check.feed(sys.stdin.read())
assert check.open == [], check.open'
}

test_names_are_escaped() {
	cli crypto key generate rsa label named-key modulus 2048 noconfirm > "$T/key"
	cli crypto ca enroll named noconfirm > "$T/enroll"
	{ echo "configure terminal"; echo "ssl trust-point named outside"; echo end; } | cli
	get "$URL" > "$T/named.html"
	{ echo "configure terminal"; echo "ssl trust-point asa-identity-cert outside"; echo end; } | cli
	grep -qF 'Tom &amp; ' "$T/named.html"
	not grep -q '<b>' "$T/named.html"
	grep -qF '&lt;b' "$T/named.html"
}

test_a_path_that_is_no_group_url_is_none_and_an_icon_no_problem() {
	cli clear vpn-phone problems
	same "status of the icon" 404 "$(get -o /dev/null -w '%{http_code}' https://asav.sckiewer.lab/favicon.ico)"
	same "problems" "INFO: no problems of phones have been seen" "$(cli show vpn-phone problems)"
	same "status elsewhere" 404 "$(get -o /dev/null -w '%{http_code}' https://asav.sckiewer.lab/elsewhere)"
}

test_phones_and_clients_get_what_they_got() {
	in_phone curl -sSk --max-time 10 -A "Cisco SVC IPPhone Client v1.0 (1.0)" --cert "$CERTS/mic-sha256-phone1.pem" \
		--key "$CERTS/mic-sha256-phone1.key" --resolve asav.sckiewer.lab:443:$GW_IP -D "$T/phone.head" "$URL" > "$T/phone.body"
	[ ! -s "$T/phone.body" ]
	not grep -qi 'content-security-policy\|cache-control\|text/html' "$T/phone.head"
	phone --ping $LAN_IP
}

test_a_browser_draws_it() {
	local chromium
	chromium=$(command -v chromium) || skip "no chromium"
	spawn "$T/chromium.log" in_phone "$chromium" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --hide-scrollbars \
		--user-data-dir="$T/chromium" --ignore-certificate-errors --host-resolver-rules="MAP asav.sckiewer.lab $GW_IP" \
		--window-size=1100,900 --enable-logging=stderr --screenshot="$T/page.png" "$URL"
	ended "$SPAWNED" 60
	[ -s "$T/page.png" ]
	not grep -i 'content security policy' "$T/chromium.log" # it has nothing to complain of
	# drawn: more than a blank sheet, and the card's border is where it belongs
	python3 - "$T/page.png" <<-'END'
	import struct, sys, zlib
	data = open(sys.argv[1], "rb").read()
	assert data[:8] == b"\x89PNG\r\n\x1a\n"
	width, height = struct.unpack(">II", data[16:24])
	assert (width, height) == (1100, 900), (width, height)
	at, idat = 8, b""
	while at < len(data):
	    size, kind = struct.unpack(">I4s", data[at:at + 8])
	    idat += data[at + 8:at + 8 + size] if kind == b"IDAT" else b""
	    at += size + 12
	assert len(set(zlib.decompress(idat))) > 50
	END
	[ -z "${PICTURE:-}" ] || cp "$T/page.png" "$PICTURE"
}
run_cases
