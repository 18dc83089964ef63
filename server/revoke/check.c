/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/revoke/check.h"

#include <gnutls/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/buf.h"
#include "common/mem.h"
#include "server/config/model.h"
#include "server/revoke/crl.h"
#include "server/revoke/fetch.h"
#include "server/revoke/ocsp.h"

#define PATH_MAX_CERTS 10
#define URL_MAX        512
#define CDP_MAX        8

struct check {
	struct mem *mem; /* owns all of it */
	char *trustpoint, *ocsp_url, *crl_urls, *leaf_ocsp_url, *leaf_crl_url;
	gnutls_x509_crt_t leaf_signer; /* of OCSP responses; NULL: none */
	uint8_t methods[4]; /* REVOKE_END behind the last */
	uint32_t flags, crl_cache_s;
	uint8_t crl_policy;
	gnutls_x509_crt_t path[PATH_MAX_CERTS];
	unsigned count;
	unsigned at, method;        /* the certificate and the method in hand */
	char *urls[CDP_MAX + 8];    /* where a CRL of this certificate may be */
	unsigned url_count, url_at;
	char url[URL_MAX];          /* what is being fetched */
	struct ocsp_request ocsp;
	bool unchecked;             /* "none" let one through */
	char why[400];              /* the last method's failure */
	void (*done)(void *ctx, enum revoke_verdict verdict, const char *text);
	void *ctx;
};

static struct check_events events;

void
check_init(const struct check_events *e)
{
	events = *e;
}

static void
crt_free(void *arg)
{
	gnutls_x509_crt_deinit(arg);
}

static void
check_end(struct check *c, enum revoke_verdict verdict, const char *text)
{
	void (*done)(void *, enum revoke_verdict, const char *) = c->done;
	void *ctx = c->ctx;
	char copy[sizeof(c->why)];

	snprintf(copy, sizeof(copy), "%s", text);
	gnutls_free(c->ocsp.der.data);
	mem_free(c->mem);
	done(ctx, verdict, copy);
}

/* ---- where the CRLs of a certificate are ---- */

static void
url_add(struct check *c, const char *url, size_t len)
{
	if (len > 0 && len < URL_MAX && c->url_count < sizeof(c->urls) / sizeof(c->urls[0]))
		c->urls[c->url_count++] = mem_printf(c->mem, "%.*s", (int)len, url);
}

static void
urls_from_certificate(struct check *c, gnutls_x509_crt_t crt)
{
	for (unsigned i = 0; i < CDP_MAX; i++) {
		char text[URL_MAX];
		size_t size = sizeof(text);
		int type = gnutls_x509_crt_get_crl_dist_points(crt, i, text, &size, NULL, NULL);

		if (type == GNUTLS_E_SHORT_MEMORY_BUFFER)
			continue;
		if (type < 0)
			return;
		if (type == GNUTLS_SAN_URI)
			url_add(c, text, strnlen(text, size));
	}
}

static void
urls_find(struct check *c, gnutls_x509_crt_t crt)
{
	c->url_count = c->url_at = 0;
	if (c->at == 0 && c->leaf_crl_url[0] != '\0') {
		url_add(c, c->leaf_crl_url, strlen(c->leaf_crl_url));
		return;
	}
	if (c->crl_policy != CRL_STATIC)
		urls_from_certificate(c, crt);
	if (c->crl_policy == CRL_CDP)
		return;
	for (const char *p = c->crl_urls; *p != '\0';) {
		size_t len = strcspn(p, "\n");

		url_add(c, p, len);
		p += len;
		p += *p == '\n';
	}
}

/* ---- the walk: certificate by certificate, method by method ---- */

static void method_try(struct check *c);

static void
certificate_begin(struct check *c)
{
	if (c->at + 1 >= c->count) {
		check_end(c, c->unchecked ? REVOKE_UNCHECKED : REVOKE_GOOD, "");
		return;
	}
	c->method = 0;
	c->why[0] = '\0';
	method_try(c);
}

static void
certificate_good(struct check *c)
{
	c->at++;
	certificate_begin(c);
}

static void
method_failed(struct check *c)
{
	c->method++;
	method_try(c);
}

static void
note(struct check *c, const char *what, const char *why)
{
	snprintf(c->why, sizeof(c->why), "%.200s%s%.190s", what, what[0] != '\0' ? ": " : "", why);
}

/* ---- CRL ---- */

static void crl_next(struct check *c);

/* Does the cache answer? A CRL that is only stale by cache-time is asked for again, but still good if that fails. */
static enum crl_state
crl_cached(struct check *c, const char *url, bool stale_too)
{
	struct crl_source *s = crl_source_find(url);
	const char *why;
	enum crl_state state;

	if (s == NULL)
		return CRL_NONE;
	if (!stale_too && c->crl_cache_s > 0 && time(NULL) - s->fetched > (time_t)c->crl_cache_s &&
	    strncmp(url, "file:", 5) != 0)
		return CRL_NONE;
	state = crl_check(s, c->path[c->at], c->path[c->at + 1], (c->flags & TP_NO_NEXT_UPDATE) == 0, &why);
	if (state == CRL_NONE)
		note(c, url, why);
	return state;
}

static bool
crl_decides(struct check *c, enum crl_state state)
{
	if (state == CRL_REVOKED)
		check_end(c, REVOKE_REVOKED, "");
	else if (state == CRL_GOOD)
		certificate_good(c);
	return state != CRL_NONE;
}

/* One that is larger, or has more entries, than we take; its issuer is this CA. */
static void
crl_size_log(unsigned number, gnutls_x509_crt_t ca, size_t size, unsigned max)
{
	char issuer[1000] = "", sizes[2][24];
	gnutls_datum_t dn = { 0 };

	if (gnutls_x509_crt_get_dn3(ca, &dn, 0) == 0)
		snprintf(issuer, sizeof(issuer), "%.*s", (int)dn.size, (char *)dn.data);
	gnutls_free(dn.data);
	snprintf(sizes[0], sizeof(sizes[0]), "%zu", size);
	snprintf(sizes[1], sizeof(sizes[1]), "%u", max);
	events.log(number, issuer, sizes[0], sizes[1]);
}

/* The CRLs of an answer; NULL: there are none, and *why says why. */
static struct crl *
crl_take(gnutls_x509_crt_t ca, const uint8_t *data, size_t len, const char *failure, char *why, size_t why_size)
{
	struct crl *crls = NULL;
	size_t too_many = 0;

	if (data != NULL)
		crls = crls_read(data, len, why, why_size, &too_many);
	else
		snprintf(why, why_size, "%s", failure);
	if (data == NULL && len > 0)
		crl_size_log(717015, ca, len, CRL_BYTES_MAX);
	if (crls == NULL && too_many > 0)
		crl_size_log(717018, ca, too_many, CRL_ENTRIES_MAX);
	return crls;
}

static void
crl_fetched(void *ctx, const uint8_t *data, size_t len, const char *failure)
{
	struct check *c = ctx;
	char why[256];
	struct crl *crls = crl_take(c->path[c->at + 1], data, len, failure, why, sizeof(why));

	if (crls == NULL) {
		events.log(data == NULL ? 717012 : 717019, c->trustpoint, why, "");
		note(c, c->url, why);
	} else {
		crl_source_set(c->url, crls);
		events.crl_changed(c->url, c->trustpoint);
	}
	if (!crl_decides(c, crl_cached(c, c->url, true)))
		crl_next(c);
}

static void
crl_next(struct check *c)
{
	const char *url;

	if (c->url_at == c->url_count) {
		if (c->url_count == 0)
			note(c, "", "there is no CRL distribution point");
		events.log(717010, c->trustpoint, "", "");
		method_failed(c);
		return;
	}
	url = c->urls[c->url_at++];
	if (crl_decides(c, crl_cached(c, url, false)))
		return;
	if (strncmp(url, "file:", 5) == 0) { /* main has read it, or cannot */
		if (crl_source_find(url) == NULL)
			note(c, url, "the file holds no CRL");
		crl_next(c);
		return;
	}
	snprintf(c->url, sizeof(c->url), "%s", url);
	fetch_get(url, CRL_BYTES_MAX, crl_fetched, c);
}

/* ---- OCSP ---- */

static bool
ocsp_decides(struct check *c, enum ocsp_state state)
{
	if (state == OCSP_REVOKED)
		check_end(c, REVOKE_REVOKED, "");
	else if (state == OCSP_GOOD)
		certificate_good(c);
	return state != OCSP_NONE;
}

static void
ocsp_failed(struct check *c, const char *why)
{
	note(c, c->url, why);
	events.log(717032, c->why, "", "");
	method_failed(c);
}

static void
ocsp_fetched(void *ctx, const uint8_t *data, size_t len, const char *failure)
{
	struct check *c = ctx;
	const char *why = failure;
	enum ocsp_state state = OCSP_NONE;

	if (data != NULL) {
		events.log(717033, "", "", "");
		state = ocsp_response_check(data, len, c->path[c->at], c->path[c->at + 1], &c->ocsp, &why);
	}
	if (!ocsp_decides(c, state))
		ocsp_failed(c, why);
}

static bool
ocsp_url_find(struct check *c)
{
	const char *set = c->at == 0 && c->leaf_ocsp_url[0] != '\0' ? c->leaf_ocsp_url : c->ocsp_url;
	gnutls_datum_t text = { 0 };

	if (set[0] != '\0')
		return (size_t)snprintf(c->url, sizeof(c->url), "%s", set) < sizeof(c->url);
	for (unsigned i = 0; i < CDP_MAX; i++) {
		int r = gnutls_x509_crt_get_authority_info_access(c->path[c->at], i, GNUTLS_IA_OCSP_URI, &text, NULL);
		bool fits = r == 0 && text.size < sizeof(c->url);

		if (fits)
			snprintf(c->url, sizeof(c->url), "%.*s", (int)text.size, text.data);
		gnutls_free(text.data);
		text.data = NULL;
		if (fits)
			return true;
		if (r == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
			break;
	}
	return false;
}

static void
ocsp_try(struct check *c)
{
	if (ocsp_decides(c, ocsp_remembered(c->path[c->at], c->path[c->at + 1])))
		return;
	c->url[0] = '\0';
	if (!ocsp_url_find(c)) {
		ocsp_failed(c, "there is no OCSP responder");
		return;
	}
	gnutls_free(c->ocsp.der.data);
	c->ocsp.der = (gnutls_datum_t){ 0 };
	if (ocsp_request_make(c->path[c->at], c->path[c->at + 1], (c->flags & TP_OCSP_NO_NONCE) == 0, &c->ocsp) != 0) {
		ocsp_failed(c, "the request cannot be made");
		return;
	}
	c->ocsp.signer = c->at == 0 ? c->leaf_signer : NULL;
	fetch_ocsp(c->url, c->ocsp.der.data, c->ocsp.der.size, ocsp_fetched, c);
}

static void
method_try(struct check *c)
{
	switch (c->methods[c->method]) {
	case REVOKE_NONE:
		c->unchecked = true;
		certificate_good(c);
		break;
	case REVOKE_CRL:
		events.log(717024, c->trustpoint, "certificate validation", "");
		urls_find(c, c->path[c->at]);
		crl_next(c);
		break;
	case REVOKE_OCSP:
		ocsp_try(c);
		break;
	default:
		check_end(c, REVOKE_FAILED, c->why);
		break;
	}
}

/* ---- beginnings ---- */

static struct check *
check_new(const struct revoke_settings *s)
{
	struct mem *mem = mem_new(NULL);
	struct check *c = mem_alloc(mem, sizeof(*c));

	c->mem = mem;
	c->trustpoint = mem_strdup(mem, s->trustpoint);
	c->ocsp_url = mem_strdup(mem, s->ocsp_url);
	c->crl_urls = mem_strdup(mem, s->crl_urls);
	c->leaf_ocsp_url = mem_strdup(mem, s->leaf_ocsp_url != NULL ? s->leaf_ocsp_url : "");
	c->leaf_crl_url = mem_strdup(mem, s->leaf_crl_url != NULL ? s->leaf_crl_url : "");
	for (uint32_t i = 0; i < s->methods.len && i < 3; i++)
		c->methods[i] = ((const uint8_t *)s->methods.data)[i];
	c->flags = s->flags;
	c->crl_policy = s->crl_policy;
	c->crl_cache_s = s->crl_cache_s;
	return c;
}

/* The check's; NULL: it cannot be read. */
static gnutls_x509_crt_t
crt_read(struct check *c, const uint8_t *der, uint32_t len)
{
	gnutls_datum_t d = { (unsigned char *)(uintptr_t)der, len };
	gnutls_x509_crt_t crt;

	if (der == NULL || gnutls_x509_crt_init(&crt) < 0)
		return NULL;
	mem_on_free(c->mem, crt_free, crt);
	return gnutls_x509_crt_import(crt, &d, GNUTLS_X509_FMT_DER) < 0 ? NULL : crt;
}

static bool
path_add(struct check *c, const uint8_t *der, uint32_t len)
{
	if (c->count == PATH_MAX_CERTS || (c->path[c->count] = crt_read(c, der, len)) == NULL)
		return false;
	c->count++;
	return true;
}

void
check_start(const struct revoke_settings *s, const struct ipc_blob *path,
    void (*done)(void *ctx, enum revoke_verdict verdict, const char *text), void *ctx)
{
	struct check *c = check_new(s);
	struct rd r = rd_init(path->data, path->len);

	c->done = done;
	c->ctx = ctx;
	if (s->ocsp_signer.len > 0)
		c->leaf_signer = crt_read(c, s->ocsp_signer.data, s->ocsp_signer.len);
	while (rd_left(&r) > 0) {
		uint32_t len = rd_u32(&r);

		if (!path_add(c, rd_bytes(&r, len), len)) {
			check_end(c, REVOKE_FAILED, "the path cannot be read");
			return;
		}
	}
	certificate_begin(c);
}

/* ---- crypto ca crl request ---- */

struct refresh {
	struct check *check; /* its settings and URLs; it never runs */
	unsigned left;
	char why[400];
	void (*done)(void *ctx, const char *text);
	void *ctx;
};

struct refresh_one {
	struct refresh *refresh;
	char url[URL_MAX];
};

static void
refresh_end(struct refresh *f)
{
	void (*done)(void *, const char *) = f->done;
	void *ctx = f->ctx;
	char text[sizeof(f->why)];

	memcpy(text, f->why, sizeof(text));
	mem_free(f->check->mem);
	free(f);
	done(ctx, text);
}

static void
refresh_fetched(void *ctx, const uint8_t *data, size_t len, const char *failure)
{
	struct refresh_one *one = ctx;
	struct refresh *f = one->refresh;
	char why[256];
	struct crl *crls = crl_take(f->check->path[0], data, len, failure, why, sizeof(why));

	if (crls != NULL) {
		crl_source_set(one->url, crls);
		events.crl_changed(one->url, f->check->trustpoint);
	} else {
		snprintf(f->why, sizeof(f->why), "%.140s: %s", one->url, why);
	}
	free(one);
	if (--f->left == 0)
		refresh_end(f);
}

void
check_fetch_crls(const struct revoke_settings *s, const struct ipc_blob *ca, void (*done)(void *ctx, const char *text),
    void *ctx)
{
	struct refresh *f = xcalloc(1, sizeof(*f));
	struct check *c = f->check = check_new(s);

	f->done = done;
	f->ctx = ctx;
	f->left = 1;
	if (path_add(c, ca->data, ca->len))
		urls_find(c, c->path[0]);
	if (c->url_count == 0)
		snprintf(f->why, sizeof(f->why), "there is no CRL distribution point: neither in the CA certificate nor by \"url\"");
	for (unsigned i = 0; i < c->url_count; i++) {
		struct refresh_one *one;

		if (strncmp(c->urls[i], "file:", 5) == 0)
			continue;
		one = xcalloc(1, sizeof(*one));
		one->refresh = f;
		snprintf(one->url, sizeof(one->url), "%s", c->urls[i]);
		f->left++;
		fetch_get(one->url, CRL_BYTES_MAX, refresh_fetched, one);
	}
	if (--f->left == 0)
		refresh_end(f);
}
