/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/main/x509.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <string.h>

#include "common/buf.h"

#define RSA_BITS_MIN 1024

gnutls_x509_crt_t
x509_load(const uint8_t *der, size_t len)
{
	gnutls_datum_t d = { (unsigned char *)(uintptr_t)der, (unsigned)len };
	gnutls_x509_crt_t crt;

	if (len > X509_DER_MAX || gnutls_x509_crt_init(&crt) < 0)
		return NULL;
	if (gnutls_x509_crt_import(crt, &d, GNUTLS_X509_FMT_DER) >= 0)
		return crt;
	gnutls_x509_crt_deinit(crt);
	return NULL;
}

/* ---- names ---- */

static const struct {
	const char *oid, *tag;
} tags[] = {
	{ "2.5.4.3", "cn" }, { "2.5.4.11", "ou" }, { "2.5.4.10", "o" }, { "2.5.4.7", "l" }, { "2.5.4.8", "st" },
	{ "2.5.4.6", "c" }, { "0.9.2342.19200300.100.1.25", "dc" }, { "0.9.2342.19200300.100.1.1", "uid" },
	{ "1.2.840.113549.1.9.2", "hostname" }, { "1.2.840.113549.1.9.8", "ipaddress" }, { "1.2.840.113549.1.9.1", "ea" },
	{ "2.5.4.5", "serialNumber" }, { "2.5.4.12", "t" }, { "2.5.4.41", "name" }, { "2.5.4.42", "gn" },
	{ "2.5.4.43", "i" }, { "2.5.4.4", "sn" }, { "2.5.4.44", "genq" }, { "2.5.4.46", "dnq" }, { "2.5.4.9", "street" },
	{ "2.5.4.17", "postalCode" },
};

static const char *
tag_of(const char *oid)
{
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		if (strcmp(tags[i].oid, oid) == 0)
			return tags[i].tag;
	}
	return oid;
}

/* The text of a value; two-byte characters (BMPString) beyond Latin-1, and what does not print, become '?'. */
static void
value_text(const gnutls_x509_ava_st *ava, char *out, size_t size)
{
	enum { BMP_STRING = 30 };
	size_t step = ava->value_tag == BMP_STRING ? 2 : 1, n = 0;

	for (size_t i = step - 1; i < ava->value.size && n + 1 < size; i += step) {
		unsigned char c = ava->value.data[i];

		if (step == 2 && ava->value.data[i - 1] != 0)
			c = '?';
		out[n++] = c < 0x20 || c == 0x7f ? '?' : (char)c;
	}
	out[n] = '\0';
}

static void
name_each(gnutls_x509_dn_t dn, void (*fn)(void *ctx, const char *tag, const char *value), void *ctx)
{
	gnutls_x509_ava_st ava;
	int rdns = 0;

	while (gnutls_x509_dn_get_rdn_ava(dn, rdns, 0, &ava) >= 0)
		rdns++;
	for (int i = rdns - 1; i >= 0; i--) {
		for (int k = 0; gnutls_x509_dn_get_rdn_ava(dn, i, k, &ava) >= 0; k++) {
			char value[512], oid[128];

			snprintf(oid, sizeof(oid), "%.*s", (int)ava.oid.size, (const char *)ava.oid.data);
			value_text(&ava, value, sizeof(value));
			fn(ctx, tag_of(oid), value);
		}
	}
}

void
x509_name_each(gnutls_x509_crt_t crt, enum x509_dn which, void (*fn)(void *ctx, const char *tag, const char *value), void *ctx)
{
	gnutls_x509_dn_t dn;

	if ((which == X509_SUBJECT ? gnutls_x509_crt_get_subject(crt, &dn) : gnutls_x509_crt_get_issuer(crt, &dn)) >= 0)
		name_each(dn, fn, ctx);
}

void
x509_request_name_each(gnutls_x509_crq_t crq, void (*fn)(void *ctx, const char *tag, const char *value), void *ctx)
{
	gnutls_x509_crt_t crt; /* a request gives its name as text only; a certificate for it, component by component */

	if (gnutls_x509_crt_init(&crt) < 0)
		return;
	if (gnutls_x509_crt_set_crq(crt, crq) >= 0)
		x509_name_each(crt, X509_SUBJECT, fn, ctx);
	gnutls_x509_crt_deinit(crt);
}

struct line {
	char *out;
	size_t size, used;
};

static void
line_add(void *ctx, const char *tag, const char *value)
{
	struct line *l = ctx;

	if (l->used < l->size)
		l->used += (size_t)snprintf(l->out + l->used, l->size - l->used, "%s%s=%s", l->used > 0 ? "," : "", tag, value);
}

void
x509_name_text(gnutls_x509_crt_t crt, enum x509_dn which, char *out, size_t size)
{
	struct line l = { out, size, 0 };

	out[0] = '\0';
	x509_name_each(crt, which, line_add, &l);
}

void
x509_der_name_text(const uint8_t *der, size_t len, enum x509_dn which, char *out, size_t size)
{
	gnutls_x509_crt_t crt = x509_load(der, len);

	snprintf(out, size, "?");
	if (crt == NULL)
		return;
	x509_name_text(crt, which, out, size);
	gnutls_x509_crt_deinit(crt);
}

void
x509_serial_text(gnutls_x509_crt_t crt, char *out, size_t size)
{
	uint8_t serial[64];
	size_t len = sizeof(serial), from = 0;

	snprintf(out, size, "?");
	if (gnutls_x509_crt_get_serial(crt, serial, &len) < 0)
		return;
	while (from + 1 < len && serial[from] == 0)
		from++;
	if (2 * (len - from) < size)
		hex_put(serial + from, len - from, out);
}

/* ---- what it is ---- */

bool
x509_same_issuer_and_subject(gnutls_x509_crt_t crt)
{
	return gnutls_x509_crt_check_issuer(crt, crt) == 1;
}

bool
x509_issued_by(gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer)
{
	const unsigned flags = GNUTLS_VERIFY_ALLOW_BROKEN | GNUTLS_VERIFY_DISABLE_TIME_CHECKS | GNUTLS_VERIFY_DISABLE_CA_SIGN |
	    GNUTLS_VERIFY_ALLOW_ANY_X509_V1_CA_CRT;
	unsigned status = 0;

	return gnutls_x509_crt_check_issuer(crt, issuer) == 1 &&
	    gnutls_x509_crt_verify(crt, &issuer, 1, flags, &status) >= 0 &&
	    (status & (GNUTLS_CERT_SIGNATURE_FAILURE | GNUTLS_CERT_SIGNER_NOT_FOUND)) == 0;
}

int
x509_is_ca(gnutls_x509_crt_t crt)
{
	unsigned critical, usage;
	int ca = gnutls_x509_crt_get_ca_status(crt, &critical);

	if (ca >= 0)
		return ca > 0;
	/* without basicConstraints the key usage may tell that it signs no certificates */
	if (gnutls_x509_crt_get_key_usage(crt, &usage, &critical) >= 0 && (usage & GNUTLS_KEY_KEY_CERT_SIGN) == 0)
		return 0;
	return -1;
}

static bool
key_acceptable(gnutls_x509_crt_t crt, char *why, size_t size)
{
	unsigned bits = 0;
	int algo = gnutls_x509_crt_get_pk_algorithm(crt, &bits);

	if (algo == GNUTLS_PK_RSA && bits < RSA_BITS_MIN) {
		snprintf(why, size, "its RSA key has %u bits; fewer than %d are refused", bits, RSA_BITS_MIN);
		return false;
	}
	if (algo == GNUTLS_PK_RSA || algo == GNUTLS_PK_ECDSA)
		return true;
	snprintf(why, size, "its key is of type %s; RSA and ECDSA are used here",
	    algo > 0 ? gnutls_pk_algorithm_get_name((gnutls_pk_algorithm_t)algo) : "unknown");
	return false;
}

static bool
digest_acceptable(gnutls_x509_crt_t crt, char *why, size_t size)
{
	int sign = gnutls_x509_crt_get_signature_algorithm(crt);
	gnutls_digest_algorithm_t digest = sign > 0 ? gnutls_sign_get_hash_algorithm((gnutls_sign_algorithm_t)sign) : GNUTLS_DIG_UNKNOWN;

	if (digest != GNUTLS_DIG_MD5 && digest != GNUTLS_DIG_MD2)
		return true;
	snprintf(why, size, "it is signed with %s, which can be forged", digest == GNUTLS_DIG_MD5 ? "MD5" : "MD2");
	return false;
}

static bool
serial_acceptable(gnutls_x509_crt_t crt, char *why, size_t size)
{
	uint8_t serial[64];
	size_t len = sizeof(serial);

	if (gnutls_x509_crt_get_serial(crt, serial, &len) < 0 || len == 0 || len > X509_SERIAL_MAX + 1 ||
	    (len == X509_SERIAL_MAX + 1 && serial[0] != 0)) {
		snprintf(why, size, "its serial number is longer than %d bytes", X509_SERIAL_MAX);
		return false;
	}
	if (serial[0] < 0x80)
		return true;
	snprintf(why, size, "its serial number is negative");
	return false;
}

bool
x509_acceptable(gnutls_x509_crt_t crt, char *why, size_t size)
{
	return key_acceptable(crt, why, size) && digest_acceptable(crt, why, size) && serial_acceptable(crt, why, size);
}

/* ---- fingerprints ---- */

void
x509_digest_print(const char *name, gnutls_digest_algorithm_t algorithm, const uint8_t *der, size_t len, FILE *f)
{
	uint8_t digest[64];
	unsigned size = gnutls_hash_get_len(algorithm);

	if (gnutls_hash_fast(algorithm, der, len, digest) < 0)
		return;
	fputs(name, f);
	for (unsigned i = 0; i < size; i++)
		fprintf(f, "%s%02x", i > 0 && i % 4 == 0 ? " " : "", digest[i]);
	fputc('\n', f);
}

void
x509_fingerprints_print(const char *head, const uint8_t *der, size_t len, FILE *f)
{
	fputs(head, f);
	x509_digest_print("SHA1 Fingerprint:   ", GNUTLS_DIG_SHA1, der, len, f);
	fputs(head, f);
	x509_digest_print("SHA256 Fingerprint: ", GNUTLS_DIG_SHA256, der, len, f);
}

void
x509_digest_hex(gnutls_digest_algorithm_t algorithm, const uint8_t *der, size_t len, char *out, size_t size)
{
	uint8_t digest[64];
	unsigned n = gnutls_hash_get_len(algorithm);

	out[0] = '\0';
	if (2 * n < size && gnutls_hash_fast(algorithm, der, len, digest) >= 0)
		hex_put(digest, n, out);
}

void
x509_cert_hash(const uint8_t *der, size_t len, char out[29])
{
	uint8_t digest[20];
	gnutls_datum_t in = { digest, sizeof(digest) }, base64;

	out[0] = '\0';
	if (gnutls_hash_fast(GNUTLS_DIG_SHA1, der, len, digest) < 0 || gnutls_base64_encode2(&in, &base64) < 0)
		return;
	snprintf(out, 29, "%.*s", (int)base64.size, (const char *)base64.data);
	gnutls_free(base64.data);
}
