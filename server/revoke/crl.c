/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/revoke/crl.h"

#include <gnutls/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "common/mem.h"

#define SERIAL_MAX 64 /* X.509 allows 20 octets, some CAs take more */
#define OID_CRL_NUMBER "2.5.29.20"
#define OID_AKI        "2.5.29.35"
#define OID_IDP        "2.5.29.28"

static struct crl_source *sources;
static const char too_many_entries[] = "it has too many entries";

/* ---- reading ---- */

/* IssuingDistributionPoint (RFC 5280 5.2.5): what we cannot judge makes the CRL unfit. */
static bool
idp_read(struct crl *c, const uint8_t *der, size_t len)
{
	struct rd r = rd_init(der, len);
	size_t size;

	if (rd_u8(&r) != 0x30)
		return false;
	size = rd_u8(&r);
	if (size & 0x80)
		rd_bytes(&r, size & 0x7f);
	while (rd_left(&r) > 0) {
		uint8_t tag = rd_u8(&r);
		const uint8_t *value;

		size = rd_u8(&r);
		if (size & 0x80)
			size = (size_t)rd_uint(&r, size & 0x7f);
		value = rd_bytes(&r, size);
		if (value == NULL)
			return false;
		if (tag == 0xa0 || (size == 1 && value[0] == 0))
			continue; /* where it is published; a flag that is not set */
		if (tag == 0x81)
			c->users_only = true;
		else if (tag == 0x82)
			c->cas_only = true;
		else
			return false; /* only some reasons, an indirect CRL, attribute certificates */
	}
	return true;
}

static bool
extensions_read(struct crl *c, gnutls_x509_crl_t crl, const char **why)
{
	for (unsigned i = 0;; i++) {
		char oid[64];
		uint8_t data[1024];
		size_t oid_size = sizeof(oid), size = sizeof(data);
		unsigned critical = 0;

		if (gnutls_x509_crl_get_extension_info(crl, i, oid, &oid_size, &critical) < 0)
			return true;
		if (strcmp(oid, OID_IDP) == 0) {
			if (gnutls_x509_crl_get_extension_data(crl, i, data, &size) < 0 || !idp_read(c, data, size)) {
				*why = "it covers only a part that is not supported";
				return false;
			}
		} else if (critical && strcmp(oid, OID_CRL_NUMBER) != 0 && strcmp(oid, OID_AKI) != 0) {
			*why = "it has a critical extension that is not known";
			return false;
		}
	}
}

/* Serial numbers as bytes of one size: length, then the number without leading zeros. */
static void
serial_put(uint8_t *at, size_t room, const uint8_t *serial, size_t len)
{
	while (len > 1 && *serial == 0) {
		serial++;
		len--;
	}
	if (len > room - 1)
		len = room - 1;
	memset(at, 0, room);
	at[0] = (uint8_t)len;
	memcpy(at + 1, serial, len);
}

static size_t compare_size; /* qsort and bsearch pass nothing along; one thread */

static int
serial_order(const void *a, const void *b)
{
	return memcmp(a, b, compare_size);
}

static bool
entries_read(struct crl *c, gnutls_x509_crl_t crl, const char **why)
{
	int n = gnutls_x509_crl_get_crt_count(crl);
	gnutls_x509_crl_iter_t iter = NULL;
	uint8_t serial[SERIAL_MAX];
	size_t size = sizeof(serial);

	if (n > (int)CRL_ENTRIES_MAX) {
		*why = too_many_entries;
		return false;
	}
	c->serial_size = 24; /* the largest that RFC 5280 allows, and a little */
	c->serials = xcalloc(n > 0 ? (size_t)n : 1, c->serial_size);
	while (c->count < (size_t)(n > 0 ? n : 0) &&
	    gnutls_x509_crl_iter_crt_serial(crl, &iter, serial, &size, NULL) == 0) {
		serial_put(c->serials + c->count++ * c->serial_size, c->serial_size, serial, size);
		size = sizeof(serial);
	}
	gnutls_x509_crl_iter_deinit(iter);
	if ((int)c->count < n) {
		*why = "its entries cannot be read";
		return false;
	}
	compare_size = c->serial_size;
	qsort(c->serials, c->count, c->serial_size, serial_order);
	return true;
}

static bool
names_read(struct crl *c, gnutls_x509_crl_t crl)
{
	gnutls_datum_t dn = { 0 };

	if (gnutls_x509_crl_get_raw_issuer_dn(crl, &dn) < 0)
		return false;
	c->issuer = xmalloc(dn.size);
	memcpy(c->issuer, dn.data, dn.size);
	c->issuer_len = dn.size;
	gnutls_free(dn.data);
	dn.data = NULL;
	if (gnutls_x509_crl_get_issuer_dn3(crl, &dn, 0) == 0)
		c->issuer_text = strndup((char *)dn.data, dn.size);
	gnutls_free(dn.data);
	return c->issuer_text != NULL;
}

static struct crl *
crl_take(gnutls_x509_crl_t crl, const char **why)
{
	struct crl *c = xcalloc(1, sizeof(*c));
	gnutls_datum_t der;
	time_t next = gnutls_x509_crl_get_next_update(crl);

	c->this_update = gnutls_x509_crl_get_this_update(crl);
	c->next_update = next > 0 ? next : 0;
	if (gnutls_x509_crl_export2(crl, GNUTLS_X509_FMT_DER, &der) == 0) {
		c->der.data = xmalloc(der.size);
		memcpy(c->der.data, der.data, der.size);
		c->der.size = der.size;
		gnutls_free(der.data);
		if (!names_read(c, crl))
			*why = "its issuer cannot be read";
		else if (extensions_read(c, crl, why) && entries_read(c, crl, why))
			return c;
	}
	crls_free(c);
	return NULL;
}

/* The tag of the next value of DER. */
static uint8_t
der_next(struct rd *r, struct rd *value)
{
	uint8_t tag = rd_u8(r);
	size_t size = rd_u8(r);

	if (size & 0x80)
		size = (size_t)rd_uint(r, size & 0x7f);
	*value = rd_sub(r, size);
	return tag;
}

/*
 * How many entries a CRL has (RFC 5280 5.1: behind the dates), 0 if that cannot be told.
 * The library makes ten times their size of it before it can say so.
 */
static size_t
entries_count(const uint8_t *der, size_t len)
{
	enum { SEQUENCE = 0x30, UTC_TIME = 0x17, GENERALIZED_TIME = 0x18 };
	struct rd all = rd_init(der, len), crl, tbs, value, entry;
	bool dated = false;
	uint8_t tag = 0;
	size_t n = 0;

	if (der_next(&all, &crl) != SEQUENCE || der_next(&crl, &tbs) != SEQUENCE)
		return 0;
	while (rd_left(&tbs) > 0 && !(dated && tag == SEQUENCE)) {
		tag = der_next(&tbs, &value);
		dated = dated || tag == UTC_TIME || tag == GENERALIZED_TIME;
	}
	while (dated && tag == SEQUENCE && rd_left(&value) > 0) {
		der_next(&value, &entry);
		n++;
	}
	return n;
}

struct crl *
crls_read(const uint8_t *data, size_t len, char *why, size_t why_size, size_t *too_many)
{
	gnutls_datum_t in = { (unsigned char *)(uintptr_t)data, (unsigned)len };
	bool pem = len > 0 && memmem(data, len, "-----BEGIN", 10) != NULL;
	gnutls_x509_crl_t *list = NULL;
	unsigned count = 0;
	struct crl *first = NULL;
	int r;

	why[0] = '\0';
	*too_many = 0;
	if (len > CRL_BYTES_MAX) {
		snprintf(why, why_size, "it is larger than %u bytes", CRL_BYTES_MAX);
		return NULL;
	}
	if (!pem && (*too_many = entries_count(data, len)) > CRL_ENTRIES_MAX) {
		snprintf(why, why_size, "%s", too_many_entries);
		return NULL;
	}
	*too_many = 0;
	r = gnutls_x509_crl_list_import2(&list, &count, &in, pem ? GNUTLS_X509_FMT_PEM : GNUTLS_X509_FMT_DER, 0);
	if (r < 0) {
		snprintf(why, why_size, "it is no CRL: %s", gnutls_strerror(r));
		return NULL;
	}
	for (unsigned i = 0; i < count; i++) {
		const char *reason = "it cannot be read";
		struct crl *c = crl_take(list[i], &reason);

		if (c != NULL) {
			c->next = first;
			first = c;
		} else {
			snprintf(why, why_size, "%s", reason);
			*too_many = reason == too_many_entries ? (size_t)gnutls_x509_crl_get_crt_count(list[i]) : 0;
		}
		gnutls_x509_crl_deinit(list[i]);
	}
	gnutls_free(list);
	return first;
}

void
crls_free(struct crl *c)
{
	while (c != NULL) {
		struct crl *next = c->next;

		free(c->der.data);
		free(c->issuer);
		free(c->issuer_text);
		free(c->serials);
		free(c);
		c = next;
	}
}

/* ---- the cache ---- */

struct crl_source *
crl_source_first(void)
{
	return sources;
}

struct crl_source *
crl_source_find(const char *url)
{
	struct crl_source *s = sources;

	while (s != NULL && strcmp(s->url, url) != 0)
		s = s->next;
	return s;
}

struct crl_source *
crl_source_set(const char *url, struct crl *crls)
{
	struct crl_source **at = &sources, *s;

	while (*at != NULL && strcmp((*at)->url, url) != 0)
		at = &(*at)->next;
	s = *at;
	if (s != NULL)
		crls_free(s->crls);
	if (crls == NULL) {
		if (s != NULL) {
			*at = s->next;
			free(s->url);
			free(s);
		}
		return NULL;
	}
	if (s == NULL) {
		s = *at = xcalloc(1, sizeof(*s));
		s->url = xstrdup(url);
	}
	s->crls = crls;
	s->fetched = time(NULL);
	return s;
}

/* ---- checking ---- */

static bool
signature_good(struct crl *c, gnutls_x509_crt_t issuer)
{
	gnutls_datum_t der = { 0 };
	gnutls_x509_crl_t crl = NULL;
	uint8_t digest[32];
	unsigned status = 0;
	bool good;

	if (gnutls_x509_crt_export2(issuer, GNUTLS_X509_FMT_DER, &der) < 0)
		return false;
	gnutls_hash_fast(GNUTLS_DIG_SHA256, der.data, der.size, digest);
	gnutls_free(der.data);
	if (c->has_verified && memcmp(c->verified, digest, sizeof(digest)) == 0)
		return true;
	if (gnutls_x509_crl_init(&crl) < 0)
		return false;
	good = gnutls_x509_crl_import(crl, &c->der, GNUTLS_X509_FMT_DER) == 0 &&
	    gnutls_x509_crl_verify(crl, &issuer, 1, GNUTLS_VERIFY_ALLOW_SIGN_WITH_SHA1 | GNUTLS_VERIFY_DISABLE_TIME_CHECKS |
	    GNUTLS_VERIFY_DISABLE_TRUSTED_TIME_CHECKS, &status) == 0 &&
	    /* dates are crl_check()'s business, the library looks at them all the same */
	    (status & ~(unsigned)(GNUTLS_CERT_REVOCATION_DATA_SUPERSEDED | GNUTLS_CERT_REVOCATION_DATA_ISSUED_IN_FUTURE |
	    GNUTLS_CERT_INVALID)) == 0 &&
	    status != GNUTLS_CERT_INVALID;
	gnutls_x509_crl_deinit(crl);
	if (good) {
		memcpy(c->verified, digest, sizeof(digest));
		c->has_verified = true;
	}
	return good;
}

static bool
crl_fits(const struct crl *c, gnutls_x509_crt_t crt, const gnutls_datum_t *issuer_dn)
{
	bool ca = gnutls_x509_crt_get_ca_status(crt, NULL) > 0;

	return c->issuer_len == issuer_dn->size && memcmp(c->issuer, issuer_dn->data, issuer_dn->size) == 0 &&
	    !(ca ? c->users_only : c->cas_only);
}

static bool
on_list(const struct crl *c, gnutls_x509_crt_t crt)
{
	uint8_t serial[SERIAL_MAX], key[SERIAL_MAX];
	size_t size = sizeof(serial);

	if (gnutls_x509_crt_get_serial(crt, serial, &size) < 0)
		return true; /* what cannot be told apart is not let in */
	serial_put(key, c->serial_size, serial, size);
	compare_size = c->serial_size;
	return bsearch(key, c->serials, c->count, c->serial_size, serial_order) != NULL;
}

enum crl_state
crl_check(struct crl_source *s, gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer, bool now_required, const char **why)
{
	gnutls_datum_t dn = { 0 };
	enum crl_state state = CRL_NONE;
	time_t now = time(NULL);

	*why = "it holds no CRL of the issuer";
	if (gnutls_x509_crt_get_raw_issuer_dn(crt, &dn) < 0)
		return CRL_NONE;
	for (struct crl *c = s->crls; c != NULL && state == CRL_NONE; c = c->next) {
		if (!crl_fits(c, crt, &dn))
			continue;
		if (now_required && c->next_update == 0)
			*why = "the CRL has no next update";
		else if (now_required && c->next_update < now)
			*why = "the CRL has expired";
		else if (c->this_update > now + 300)
			*why = "the CRL is from the future";
		else if (!signature_good(c, issuer))
			*why = "the CRL's signature is wrong";
		else
			state = on_list(c, crt) ? CRL_REVOKED : CRL_GOOD;
	}
	gnutls_free(dn.data);
	return state;
}
