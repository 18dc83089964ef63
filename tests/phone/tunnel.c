/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tunnel: CONNECT and what its answer says (protocol.md 1.7). */

#include "tunnel.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <openssl/rand.h>

/* Lines that a phone should not be sent: protocol.md 1.7 and 4.6. */
static const char *const not_for_phones[] = {
	"X-CSTP-Split-Include", "X-CSTP-Split-Exclude", "X-CSTP-Split-Include-IP6", "X-CSTP-Split-Exclude-IP6",
	"X-CSTP-Split-DNS", "X-CSTP-Address-IP6", "X-CSTP-Banner", "X-CSTP-Base-MTU", "X-CSTP-Post-Auth-XML",
	"X-CSTP-Content-Encoding", "X-DTLS-Content-Encoding", "X-DTLS-App-ID",
};

/* Lines that mean something only together with a session id. */
static const char *const dtls_lines[] = {
	"X-DTLS-Port", "X-DTLS-CipherSuite", "X-DTLS12-CipherSuite", "X-DTLS-MTU", "X-DTLS-DPD", "X-DTLS-Keepalive",
};

void
tunnel_request(struct tunnel *t, const struct options *o, const char *cookie, const char *name, struct buf *out)
{
	char hex[2 * sizeof(t->master) + 1];

	*t = (struct tunnel){ 0 };
	if (RAND_bytes(t->master, sizeof(t->master)) != 1)
		abort();
	hex_put(hex, t->master, sizeof(t->master));
	buf_addf(out, "CONNECT /CSCOSSLC/tunnel HTTP/1.1\r\nHost: %s\r\nUser-Agent: %s\r\nCookie: webvpn=%s\r\n"
	    "X-CSTP-Version: 1\r\nX-CSTP-Hostname: %s\r\nX-CSTP-MTU: %ld\r\nX-CSTP-Address-Type: IPv4\r\n",
	    o->host, o->user_agent, cookie, name, o->mtu);
	if (!o->no_dtls) {
		buf_addf(out, "X-DTLS-Master-Secret: %s\r\n", hex);
		if (o->dtls_ciphers)
			buf_addf(out, "X-DTLS-CipherSuite: %s\r\n", o->dtls_ciphers);
		if (o->dtls12_ciphers)
			buf_addf(out, "X-DTLS12-CipherSuite: %s\r\n", o->dtls12_ciphers);
	}
	buf_addf(out, "\r\n");
}

static void
tunnel_warn(struct facts *f, const char *what, const char *value)
{
	char text[200];

	snprintf(text, sizeof(text), "%s%s%.100s", what, value ? ": " : "", value ? value : "");
	facts_list_add(&f->warnings, text);
	f->warning_count++;
}

/* Seconds of a header; 0 when absent, "none" or no number. */
static long
seconds_of(const struct http_answer *a, const char *name, struct facts *f)
{
	const char *text = http_header(a, name, 0);

	if (text == NULL || strcasecmp(text, "none") == 0)
		return 0;
	if (*text == '\0' || strspn(text, "0123456789") != strlen(text)) {
		tunnel_warn(f, name, text);
		return 0;
	}
	return atol(text);
}

static bool
list_has(const char *list, const char *name)
{
	size_t len = strlen(name);

	for (; list && *list; list += strcspn(list, ":"), list += *list == ':')
		if (strcspn(list, ":") == len && strncmp(list, name, len) == 0)
			return true;
	return false;
}

static enum stage
tunnel_refused(const struct http_answer *a, char *err, size_t err_cap)
{
	const char *reason = http_header(a, "X-Reason", 0);

	snprintf(err, err_cap, "CONNECT refused: %d %s%s%s", a->status, a->reason, reason ? "; X-Reason: " : "",
	    reason ? reason : "");
	return STAGE_CONNECT;
}

static enum stage
tunnel_unusable(char *err, size_t err_cap, const char *what, const char *value)
{
	snprintf(err, err_cap, "answer to CONNECT: %s%s%.80s", what, value ? ": " : "", value ? value : "");
	return STAGE_CONNECT;
}

static enum stage
address_get(struct tunnel *t, const struct http_answer *a, struct facts *f, char *err, size_t err_cap)
{
	const char *address = http_header(a, "X-CSTP-Address", 0), *netmask = http_header(a, "X-CSTP-Netmask", 0);
	const char *dns;
	struct in_addr mask;
	unsigned i;

	if (address == NULL || inet_pton(AF_INET, address, &t->addr) != 1)
		return tunnel_unusable(err, err_cap, "X-CSTP-Address", address ? address : "missing");
	if (netmask == NULL || inet_pton(AF_INET, netmask, &mask) != 1)
		return tunnel_unusable(err, err_cap, "X-CSTP-Netmask", netmask ? netmask : "missing");
	text_set(f->address, sizeof(f->address), address);
	text_set(f->netmask, sizeof(f->netmask), netmask);
	facts_list_add(&f->addresses, address);
	buf_clear(&f->dns);
	for (i = 0; (dns = http_header(a, "X-CSTP-DNS", i)) != NULL; i++)
		facts_list_add(&f->dns, dns);
	return STAGE_OK;
}

static enum stage
mtu_get(const struct options *o, const struct http_answer *a, struct facts *f, char *err, size_t err_cap)
{
	const char *text = http_header(a, "X-CSTP-MTU", 0), *dtls = http_header(a, "X-DTLS-MTU", 0);

	if (text == NULL || (f->mtu = atol(text)) < 576 || f->mtu > 16000)
		return tunnel_unusable(err, err_cap, "X-CSTP-MTU", text ? text : "missing");
	if (f->mtu > o->mtu)
		tunnel_warn(f, "X-CSTP-MTU is above what the phone asked for", text);
	if (dtls && strcmp(dtls, text) != 0)
		tunnel_warn(f, "X-DTLS-MTU differs from X-CSTP-MTU", dtls);
	return STAGE_OK;
}

static enum stage
dtls_cipher_get(struct tunnel *t, const struct options *o, const struct http_answer *a, char *err, size_t err_cap)
{
	const char *old = http_header(a, "X-DTLS-CipherSuite", 0), *new = http_header(a, "X-DTLS12-CipherSuite", 0);
	const char *offered = new ? o->dtls12_ciphers : o->dtls_ciphers, *name = new ? new : old;

	if ((old == NULL) == (new == NULL)) {
		snprintf(err, err_cap, "DTLS: expected one of X-DTLS-CipherSuite and X-DTLS12-CipherSuite, got %s",
		    old ? "both" : "none");
		return STAGE_DTLS;
	}
	if (!list_has(offered, name)) {
		snprintf(err, err_cap, "DTLS: the server names cipher \"%.60s\", the phone offered \"%s\"", name,
		    offered ? offered : "");
		return STAGE_DTLS;
	}
	t->dtls = true;
	t->dtls12 = new != NULL;
	text_set(t->dtls_cipher, sizeof(t->dtls_cipher), name);
	return STAGE_OK;
}

static enum stage
dtls_get(struct tunnel *t, const struct options *o, const struct http_answer *a, struct facts *f, char *err,
    size_t err_cap)
{
	const char *id = http_header(a, "X-DTLS-Session-ID", 0), *port = http_header(a, "X-DTLS-Port", 0);
	size_t i;

	if (id == NULL) {
		for (i = 0; i < ARRAY_LEN(dtls_lines); i++)
			if (http_header(a, dtls_lines[i], 0))
				tunnel_warn(f, "without X-DTLS-Session-ID", dtls_lines[i]);
		return STAGE_OK;
	}
	if (o->no_dtls)
		return tunnel_unusable(err, err_cap, "X-DTLS lines, but the phone sent none", NULL);
	if (!hex_get(t->session_id, sizeof(t->session_id), id))
		return tunnel_unusable(err, err_cap, "X-DTLS-Session-ID is not 64 hex digits", id);
	if (port == NULL || atol(port) < 1 || atol(port) > 65535)
		return tunnel_unusable(err, err_cap, "X-DTLS-Port", port ? port : "missing");
	t->dtls_port = (uint16_t)atol(port);
	f->dtls_offered = true;
	return dtls_cipher_get(t, o, a, err, err_cap);
}

static void
timers_get(struct tunnel *t, const struct options *o, const struct http_answer *a, struct facts *f)
{
	t->cstp_dpd_s = o->dpd_s >= 0 ? o->dpd_s : seconds_of(a, "X-CSTP-DPD", f);
	t->dtls_dpd_s = o->dpd_s >= 0 ? o->dpd_s : seconds_of(a, "X-DTLS-DPD", f);
	t->cstp_keepalive_s = o->keepalive_s >= 0 ? o->keepalive_s : seconds_of(a, "X-CSTP-Keepalive", f);
	t->dtls_keepalive_s = o->keepalive_s >= 0 ? o->keepalive_s : seconds_of(a, "X-DTLS-Keepalive", f);
	f->dpd_s = t->cstp_dpd_s;
	f->keepalive_s = t->cstp_keepalive_s;
}

static void
phone_lines_check(const struct http_answer *a, struct facts *f)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(not_for_phones); i++)
		if (http_header(a, not_for_phones[i], 0))
			tunnel_warn(f, not_for_phones[i], http_header(a, not_for_phones[i], 0));
}

enum stage
tunnel_answer(struct tunnel *t, const struct options *o, const struct http_answer *a, struct facts *f, char *err,
    size_t err_cap)
{
	enum stage stage;

	buf_clear(&f->warnings);
	f->warning_count = 0;
	f->dtls_offered = false;
	if (a->status != 200)
		return tunnel_refused(a, err, err_cap);
	if ((stage = address_get(t, a, f, err, err_cap)) != STAGE_OK ||
	    (stage = mtu_get(o, a, f, err, err_cap)) != STAGE_OK)
		return stage;
	timers_get(t, o, a, f);
	phone_lines_check(a, f);
	if ((stage = dtls_get(t, o, a, f, err, err_cap)) != STAGE_OK)
		return stage;
	if (o->strict && f->warning_count)
		return tunnel_unusable(err, err_cap, "--strict", (const char *)f->warnings.data);
	return STAGE_OK;
}
