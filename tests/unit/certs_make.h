/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Certificates made at test time. One RSA key serves all of them: making keys is what takes the time. */
#ifndef OFFHOOK_CERTS_MAKE_H
#define OFFHOOK_CERTS_MAKE_H

#include <gnutls/abstract.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/buf.h"
#include "common/ipc.h"
#include "tests/unit/unit.h"

#define DAY (24 * 3600)

struct test_cert {
	const char *dn;
	const char *cn; /* as it is, when there is no dn */
	const struct test_cert *issuer; /* NULL: itself */
	bool ca, sha1, md5, other_key, no_encipherment, server_only;
	unsigned bits; /* an RSA key of its own of this size */
	const char *dns, *cdp, *ocsp; /* subject alternative name, distribution point, responder */
	const char *upn; /* Microsoft's user principal name */
	int from_days, to_days; /* both 0: yesterday to tomorrow */
	gnutls_x509_crt_t crt;
	gnutls_datum_t der;
};

static gnutls_x509_privkey_t test_key, test_other_key;

static inline void
test_keys_make(void)
{
	gnutls_x509_privkey_init(&test_key);
	gnutls_x509_privkey_init(&test_other_key);
	if (gnutls_x509_privkey_generate(test_key, GNUTLS_PK_RSA, 2048, 0) < 0 ||
	    gnutls_x509_privkey_generate(test_other_key, GNUTLS_PK_RSA, 2048, 0) < 0)
		abort();
}

static inline void
test_cert_make(struct test_cert *t)
{
	gnutls_x509_privkey_t own = t->other_key ? test_other_key : test_key, sized = NULL;
	gnutls_x509_privkey_t signer = t->issuer != NULL && t->issuer->other_key ? test_other_key : t->issuer != NULL ? test_key : own;
	gnutls_digest_algorithm_t digest = t->md5 ? GNUTLS_DIG_MD5 : t->sha1 ? GNUTLS_DIG_SHA1 : GNUTLS_DIG_SHA256;
	static uint32_t serial = 0x1000;
	uint8_t number[5] = { 0, 0, 0, (uint8_t)(++serial >> 8), (uint8_t)serial };
	time_t now = time(NULL);
	const char *where;
	int r;

	if (t->bits > 0) {
		gnutls_x509_privkey_init(&sized);
		if (gnutls_x509_privkey_generate(sized, GNUTLS_PK_RSA, t->bits, 0) < 0)
			abort();
		own = sized;
	}
	number[0] = 0x4e;
	gnutls_x509_crt_init(&t->crt);
	gnutls_x509_crt_set_version(t->crt, 3);
	gnutls_x509_crt_set_serial(t->crt, number, sizeof(number));
	gnutls_x509_crt_set_activation_time(t->crt, now + (t->from_days != 0 ? t->from_days : -1) * DAY);
	gnutls_x509_crt_set_expiration_time(t->crt, now + (t->to_days != 0 ? t->to_days : 1) * DAY);
	if (t->dn != NULL ? gnutls_x509_crt_set_dn(t->crt, t->dn, &where) < 0 :
	    gnutls_x509_crt_set_dn_by_oid(t->crt, GNUTLS_OID_X520_COMMON_NAME, 0, t->cn, (unsigned)strlen(t->cn)) < 0)
		abort();
	gnutls_x509_crt_set_key(t->crt, own);
	gnutls_x509_crt_set_basic_constraints(t->crt, t->ca, -1);
	if (t->ca)
		gnutls_x509_crt_set_key_usage(t->crt, GNUTLS_KEY_KEY_CERT_SIGN);
	else
		gnutls_x509_crt_set_key_usage(t->crt, GNUTLS_KEY_DIGITAL_SIGNATURE | (t->no_encipherment ? 0 : GNUTLS_KEY_KEY_ENCIPHERMENT));
	if (!t->ca)
		gnutls_x509_crt_set_key_purpose_oid(t->crt, t->server_only ? GNUTLS_KP_TLS_WWW_SERVER : GNUTLS_KP_TLS_WWW_CLIENT, 0);
	if (t->dns != NULL)
		gnutls_x509_crt_set_subject_alt_name(t->crt, GNUTLS_SAN_DNSNAME, t->dns, (unsigned)strlen(t->dns), 0);
	if (t->upn != NULL && gnutls_x509_crt_set_subject_alt_othername(t->crt, "1.3.6.1.4.1.311.20.2.3", t->upn,
	    (unsigned)strlen(t->upn), GNUTLS_FSAN_APPEND | GNUTLS_FSAN_ENCODE_UTF8_STRING) < 0)
		abort();
	if (t->cdp != NULL)
		gnutls_x509_crt_set_crl_dist_points2(t->crt, GNUTLS_SAN_URI, t->cdp, (unsigned)strlen(t->cdp), 0);
	if (t->ocsp != NULL)
		gnutls_x509_crt_set_authority_info_access(t->crt, GNUTLS_IA_OCSP_URI,
		    &(gnutls_datum_t){ (unsigned char *)(uintptr_t)t->ocsp, (unsigned)strlen(t->ocsp) });
	r = gnutls_x509_crt_sign2(t->crt, t->issuer != NULL ? t->issuer->crt : t->crt, signer, digest, 0);
	if (r < 0 || gnutls_x509_crt_export2(t->crt, GNUTLS_X509_FMT_DER, &t->der) < 0)
		abort();
	/* read again: the library fills some of its fields only then */
	gnutls_x509_crt_deinit(t->crt);
	gnutls_x509_crt_init(&t->crt);
	if (gnutls_x509_crt_import(t->crt, &t->der, GNUTLS_X509_FMT_DER) < 0)
		abort();
	if (sized != NULL)
		gnutls_x509_privkey_deinit(sized);
}

static inline void
test_cert_free(struct test_cert *t)
{
	gnutls_x509_crt_deinit(t->crt);
	gnutls_free(t->der.data);
}

static inline void
test_keys_free(void)
{
	gnutls_x509_privkey_deinit(test_key);
	gnutls_x509_privkey_deinit(test_other_key);
}

/* A chain as messages carry it. */
static inline struct ipc_blob
test_chain_put(uint8_t *out, size_t size, const struct test_cert *const *certs, size_t count)
{
	struct wr w = wr_init(out, size);

	for (size_t i = 0; i < count; i++) {
		wr_u32(&w, certs[i]->der.size);
		wr_bytes(&w, certs[i]->der.data, certs[i]->der.size);
	}
	if (w.bad)
		abort();
	return (struct ipc_blob){ out, (uint32_t)(w.p - out) };
}

#endif
