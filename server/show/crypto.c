/* SPDX-License-Identifier: GPL-2.0-or-later */
/* show crypto ca certificates (asa-reference 2.5). */
#include "server/show/crypto.h"

#include <gnutls/abstract.h>
#include <string.h>
#include <time.h>

#include "common/mem.h"
#include "server/main/daemon.h"
#include "server/main/identity.h"
#include "server/main/keypair.h"
#include "server/main/x509.h"
#include "server/show/format.h"
#include "server/show/json.h"

struct strings { /* in the walk's memory */
	char **text;
	size_t count, room;
};

enum kind { IDENTITY, REQUEST, CA };

struct view { /* an entry as both writers need it */
	enum kind kind;
	const char *status, *usage, *signature;
	char serial[2 * X509_SERIAL_MAX + 4], key[40];
	struct strings issuer, subject, ocsp, crls, trustpoints;
	time_t start, end;
	const uint8_t *der; /* NULL: a request */
	size_t len;
	char cert_hash[29];
};

struct walk {
	struct mem *mem;
	const char *only; /* a trustpoint's name, or NULL */
	FILE *f;
	struct json j;
	bool json;
	unsigned shown;
};

static void
strings_add(struct mem *mem, struct strings *s, const char *text)
{
	if (s->count == s->room) {
		char **more = mem_alloc(mem, (s->room = s->room * 2 + 8) * sizeof(*more));

		if (s->count > 0)
			memcpy(more, s->text, s->count * sizeof(*more));
		s->text = more;
	}
	s->text[s->count++] = mem_strdup(mem, text);
}

struct sink { /* where components of a name go */
	struct mem *mem;
	struct strings *to;
};

static void
component_take(void *ctx, const char *tag, const char *value)
{
	struct sink *sink = ctx;
	char text[700];

	snprintf(text, sizeof(text), "%s=%s", tag, value);
	strings_add(sink->mem, sink->to, text);
}

/* ---- reading a certificate ---- */

static const char *
signature_name(int algorithm)
{
	switch (algorithm) {
	case GNUTLS_SIGN_RSA_MD5:
		return "MD5 with RSA Encryption";
	case GNUTLS_SIGN_RSA_SHA1:
		return "SHA1 with RSA Encryption";
	case GNUTLS_SIGN_RSA_SHA256:
		return "SHA256 with RSA Encryption";
	case GNUTLS_SIGN_RSA_SHA384:
		return "SHA384 with RSA Encryption";
	case GNUTLS_SIGN_RSA_SHA512:
		return "SHA512 with RSA Encryption";
	case GNUTLS_SIGN_ECDSA_SHA1:
		return "ecdsa-with-SHA1";
	case GNUTLS_SIGN_ECDSA_SHA256:
		return "ecdsa-with-SHA256";
	case GNUTLS_SIGN_ECDSA_SHA384:
		return "ecdsa-with-SHA384";
	case GNUTLS_SIGN_ECDSA_SHA512:
		return "ecdsa-with-SHA512";
	default:
		return algorithm > 0 ? gnutls_sign_get_name((gnutls_sign_algorithm_t)algorithm) : "unknown";
	}
}

static const char *
usage_name(gnutls_x509_crt_t crt)
{
	unsigned usage, critical;
	bool signs, encrypts;

	if (gnutls_x509_crt_get_key_usage(crt, &usage, &critical) < 0)
		return "General Purpose";
	signs = (usage & (GNUTLS_KEY_DIGITAL_SIGNATURE | GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN)) != 0;
	encrypts = (usage & (GNUTLS_KEY_KEY_ENCIPHERMENT | GNUTLS_KEY_DATA_ENCIPHERMENT | GNUTLS_KEY_KEY_AGREEMENT)) != 0;
	return signs == encrypts ? "General Purpose" : signs ? "Signature" : "Encryption";
}

static void
key_name(int algo, unsigned bits, char *out, size_t size)
{
	if (algo == GNUTLS_PK_ECDSA && bits == 528)
		bits = 521; /* GnuTLS counts whole bytes */
	snprintf(out, size, "%s (%u bits)", algo == GNUTLS_PK_RSA ? "RSA" : algo == GNUTLS_PK_ECDSA ? "ECDSA" : "unknown", bits);
}

static void
addresses_get(struct mem *mem, gnutls_x509_crt_t crt, struct view *v)
{
	gnutls_datum_t data;
	char url[1024];
	int r;

	for (unsigned i = 0; (r = gnutls_x509_crt_get_authority_info_access(crt, i, GNUTLS_IA_OCSP_URI, &data, NULL)) >= 0 ||
	    r == GNUTLS_E_UNKNOWN_ALGORITHM; i++) {
		if (r < 0)
			continue;
		snprintf(url, sizeof(url), "%.*s", (int)data.size, (const char *)data.data);
		strings_add(mem, &v->ocsp, url);
		gnutls_free(data.data);
	}
	for (unsigned i = 0;; i++) {
		size_t size = sizeof(url) - 1;

		if (gnutls_x509_crt_get_crl_dist_points(crt, i, url, &size, NULL, NULL) < 0)
			break;
		url[size] = '\0';
		strings_add(mem, &v->crls, url);
	}
}

static void
certificate_read(struct walk *w, gnutls_x509_crt_t crt, struct view *v)
{
	struct sink issuer = { w->mem, &v->issuer }, subject = { w->mem, &v->subject };
	unsigned bits = 0;
	int algo = gnutls_x509_crt_get_pk_algorithm(crt, &bits);

	key_name(algo, bits, v->key, sizeof(v->key));
	x509_serial_text(crt, v->serial, sizeof(v->serial));
	x509_name_each(crt, X509_ISSUER, component_take, &issuer);
	x509_name_each(crt, X509_SUBJECT, component_take, &subject);
	v->signature = signature_name(gnutls_x509_crt_get_signature_algorithm(crt));
	v->usage = usage_name(crt);
	v->start = gnutls_x509_crt_get_activation_time(crt);
	v->end = gnutls_x509_crt_get_expiration_time(crt);
	addresses_get(w->mem, crt, v);
	x509_cert_hash(v->der, v->len, v->cert_hash);
}

static bool
request_read(struct walk *w, const struct main_csr *csr, struct view *v)
{
	gnutls_datum_t der = { csr->der, csr->len };
	struct sink subject = { w->mem, &v->subject };
	gnutls_x509_crq_t crq;
	unsigned bits = 0;
	bool ok;
	int algo;

	if (gnutls_x509_crq_init(&crq) < 0)
		return false;
	ok = gnutls_x509_crq_import(crq, &der, GNUTLS_X509_FMT_DER) >= 0;
	if (ok) {
		algo = gnutls_x509_crq_get_pk_algorithm(crq, &bits);
		key_name(algo, bits, v->key, sizeof(v->key));
		x509_request_name_each(crq, component_take, &subject);
		v->usage = algo == GNUTLS_PK_RSA ? "General Purpose" : "Signature";
	}
	gnutls_x509_crq_deinit(crq);
	return ok;
}

/* ---- writing ---- */

/* As an ASA does in certificates: "16:26:07 GMT Oct 30 2023", the day not padded. */
static void
format_gmt(time_t t, char *out, size_t size)
{
	char head[40], tail[40];
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(head, sizeof(head), "%H:%M:%S GMT %b", &tm);
	strftime(tail, sizeof(tail), "%Y", &tm);
	snprintf(out, size, "%s %d %s", head, tm.tm_mday, tail);
}

static void
strings_text(FILE *f, const char *title, const char *head, const struct strings *s)
{
	if (s->count == 0)
		return;
	fprintf(f, "  %s:\n", title);
	for (size_t i = 0; i < s->count; i++)
		fprintf(f, "    %s%s\n", head, s->text[i]);
}

static void
view_text(FILE *f, const struct view *v)
{
	char date[100];

	fprintf(f, "%s\n  Status: %s\n", v->kind == CA ? "CA Certificate" : "Certificate", v->status);
	if (v->der != NULL)
		fprintf(f, "  Certificate Serial Number: %s\n", v->serial);
	fprintf(f, "  Certificate Usage: %s\n  Public Key Type: %s\n", v->usage, v->key);
	if (v->der != NULL)
		fprintf(f, "  Signature Algorithm: %s\n", v->signature);
	strings_text(f, "Issuer Name", "", &v->issuer);
	strings_text(f, "Subject Name", "", &v->subject);
	strings_text(f, "OCSP AIA", "URL: ", &v->ocsp);
	if (v->crls.count > 0)
		fputs("  CRL Distribution Points:\n", f);
	for (size_t i = 0; i < v->crls.count; i++)
		fprintf(f, "    [%zu]  %s\n", i + 1, v->crls.text[i]);
	if (v->der != NULL) {
		format_gmt(v->start, date, sizeof(date));
		fprintf(f, "  Validity Date:\n    start date: %s\n", date);
		format_gmt(v->end, date, sizeof(date));
		fprintf(f, "    end   date: %s\n", date);
	}
	fputs("  Associated Trustpoints:", f);
	for (size_t i = 0; i < v->trustpoints.count; i++)
		fprintf(f, " %s", v->trustpoints.text[i]);
	fputc('\n', f);
	/* beyond what an ASA prints */
	if (v->der == NULL)
		return;
	x509_fingerprints_print("  ", v->der, v->len, f);
	fprintf(f, "  certHash (base64 SHA-1): %s\n", v->cert_hash);
}

static void
strings_json(struct json *j, const char *name, const struct strings *s)
{
	json_array(j, name);
	for (size_t i = 0; i < s->count; i++)
		json_str(j, NULL, s->text[i]);
	json_end_array(j);
}

static void
digest_json(struct json *j, const char *name, gnutls_digest_algorithm_t algorithm, const struct view *v)
{
	char hex[65];

	x509_digest_hex(algorithm, v->der, v->len, hex, sizeof(hex));
	json_str(j, name, hex);
}

static void
view_json(struct json *j, const struct view *v)
{
	static const char *const kinds[] = { "identity", "request", "ca" };
	char date[40];

	json_object(j, NULL);
	json_str(j, "kind", kinds[v->kind]);
	json_str(j, "status", v->status);
	json_str(j, "serial", v->der != NULL ? v->serial : NULL);
	json_str(j, "usage", v->usage);
	json_str(j, "key", v->key);
	json_str(j, "signature", v->der != NULL ? v->signature : NULL);
	strings_json(j, "issuer", &v->issuer);
	strings_json(j, "subject", &v->subject);
	strings_json(j, "ocsp", &v->ocsp);
	strings_json(j, "crl_distribution_points", &v->crls);
	strings_json(j, "trustpoints", &v->trustpoints);
	if (v->der != NULL) {
		format_rfc3339(v->start, date, sizeof(date));
		json_str(j, "not_before", date);
		format_rfc3339(v->end, date, sizeof(date));
		json_str(j, "not_after", date);
		digest_json(j, "sha1", GNUTLS_DIG_SHA1, v);
		digest_json(j, "sha256", GNUTLS_DIG_SHA256, v);
		json_str(j, "cert_hash", v->cert_hash);
	}
	json_end_object(j);
}

static void
view_write(struct walk *w, const struct view *v)
{
	if (w->json) {
		view_json(&w->j, v);
	} else {
		if (w->shown > 0)
			fputc('\n', w->f);
		view_text(w->f, v);
	}
	w->shown++;
}

/* ---- the walk ---- */

/* The identity certificate of a trustpoint: what certauth serves, else what the configuration says. */
static bool
identity_of(const struct cfg_trustpoint *tp, struct view *v)
{
	const struct main_identity *id = main_identity_find(tp->name);

	v->kind = IDENTITY;
	v->status = id != NULL ? "Available" : "Not available (its private key is missing)";
	v->der = id != NULL ? id->leaf : tp->identity.data;
	v->len = id != NULL ? id->leaf_len : tp->identity.len;
	return v->len > 0;
}

static void
identity_show(struct walk *w, const struct cfg_trustpoint *tp)
{
	struct view v = { 0 };
	gnutls_x509_crt_t crt;

	if (!identity_of(tp, &v) || (crt = x509_load(v.der, v.len)) == NULL)
		return;
	certificate_read(w, crt, &v);
	gnutls_x509_crt_deinit(crt);
	strings_add(w->mem, &v.trustpoints, tp->name);
	view_write(w, &v);
}

static void
request_show(struct walk *w, const struct cfg_trustpoint *tp)
{
	const struct main_csr *csr = main_csr_find(tp->name);
	struct view v = { .kind = REQUEST, .status = "Pending" };

	if (csr == NULL || !request_read(w, csr, &v))
		return;
	strings_add(w->mem, &v.trustpoints, tp->name);
	view_write(w, &v);
}

static bool
same_ca(const struct cfg_trustpoint *a, const struct cfg_trustpoint *b)
{
	return a->ca.len > 0 && a->ca.len == b->ca.len && memcmp(a->ca.data, b->ca.data, a->ca.len) == 0;
}

/* One entry for all trustpoints that share a certificate, where the first of them stands. */
static void
ca_show(struct walk *w, const struct cfg_trustpoint *tp)
{
	struct view v = { .kind = CA, .status = "Available", .der = tp->ca.data, .len = tp->ca.len };
	const struct cfg_trustpoint *first = daemon_.config->trustpoints;
	gnutls_x509_crt_t crt;

	while (!same_ca(first, tp))
		first = first->next;
	if ((first != tp && w->only == NULL) || (crt = x509_load(v.der, v.len)) == NULL)
		return;
	certificate_read(w, crt, &v);
	gnutls_x509_crt_deinit(crt);
	for (; first != NULL; first = first->next) {
		if (same_ca(first, tp))
			strings_add(w->mem, &v.trustpoints, first->name);
	}
	view_write(w, &v);
}

static void
walk(struct walk *w)
{
	for (int pass = 0; pass < 2; pass++) {
		for (const struct cfg_trustpoint *tp = daemon_.config->trustpoints; tp != NULL; tp = tp->next) {
			if (w->only != NULL && strcmp(tp->name, w->only) != 0)
				continue;
			if (pass == 0) {
				identity_show(w, tp);
				request_show(w, tp);
			} else if (tp->ca.len > 0) {
				ca_show(w, tp);
			}
		}
	}
}

void
show_crypto_certificates(const char *trustpoint, FILE *f, bool json)
{
	struct walk w = { .mem = mem_new(NULL), .only = trustpoint, .f = f, .j = { .f = f }, .json = json };

	if (trustpoint != NULL && config_trustpoint(daemon_.config, trustpoint) == NULL) {
		fprintf(f, "ERROR: Trustpoint %s is not configured\n", trustpoint);
	} else if (json) {
		json_list(&w.j, "certificates");
		walk(&w);
		json_end_list(&w.j);
	} else {
		walk(&w);
	}
	mem_free(w.mem);
}
