/* SPDX-License-Identifier: GPL-2.0-or-later */
/* crypto ca import certificate: which of the pasted certificates is ours, and which lead up from it. */
#include "server/certauth/import.h"

#include <stdio.h>
#include <string.h>

#include "common/buf.h"
#include "common/err.h"

#define CERTS_MAX 16

struct pasted {
	unsigned count;
	gnutls_datum_t der[CERTS_MAX]; /* the message's bytes */
	gnutls_x509_crt_t crt[CERTS_MAX];
};

static int
pasted_get(struct pasted *p, const struct ipc_blob *bytes, char *text)
{
	struct rd r = rd_init(bytes->data, bytes->len);

	while (rd_left(&r) > 0) {
		uint32_t len = rd_u32(&r);
		const uint8_t *der = rd_bytes(&r, len);
		gnutls_datum_t *d = &p->der[p->count];

		if (der == NULL || p->count == CERTS_MAX)
			return enroll_fail(text, ERR_LONG, "too many certificates", 0);
		*d = (gnutls_datum_t){ (unsigned char *)(uintptr_t)der, len };
		if (gnutls_x509_crt_init(&p->crt[p->count]) < 0)
			return enroll_fail(text, ERR_NOMEM, "no memory", 0);
		p->count++;
		if (gnutls_x509_crt_import(p->crt[p->count - 1], d, GNUTLS_X509_FMT_DER) < 0)
			return enroll_fail(text, ERR_CERTIFICATE, "that is not a certificate", 0);
	}
	return p->count > 0 ? 0 : enroll_fail(text, ERR_CERTIFICATE, "no certificate", 0);
}

static void
pasted_clear(struct pasted *p)
{
	for (unsigned i = 0; i < p->count; i++)
		gnutls_x509_crt_deinit(p->crt[i]);
}

static int
leaf_find(const struct pasted *p, gnutls_x509_privkey_t key)
{
	for (unsigned i = 0; i < p->count; i++) {
		if (key_fits_certificate(key, &p->der[i]))
			return (int)i;
	}
	return -1;
}

/* Did `issuer` sign `crt`; old digests and dates do not matter here. */
static bool
signed_by(gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer)
{
	unsigned status;

	return gnutls_x509_crt_check_issuer(crt, issuer) == 1 &&
	    gnutls_x509_crt_verify(crt, &issuer, 1, GNUTLS_VERIFY_ALLOW_BROKEN | GNUTLS_VERIFY_DISABLE_TIME_CHECKS |
	    GNUTLS_VERIFY_DISABLE_CA_SIGN | GNUTLS_VERIFY_ALLOW_ANY_X509_V1_CA_CRT, &status) >= 0 &&
	    (status & (GNUTLS_CERT_SIGNATURE_FAILURE | GNUTLS_CERT_SIGNER_NOT_FOUND)) == 0;
}

/*
 * From the leaf up, each certificate once, so that those that issue each other
 * end it. A self-signed one is no part of what is served, but may be the issuer.
 */
static unsigned
chain_build(const struct pasted *p, unsigned leaf, unsigned *order, int *issuer)
{
	bool used[CERTS_MAX] = { false };
	unsigned count = 0, at = leaf;

	*issuer = -1;
	for (;;) {
		unsigned next = p->count;

		order[count++] = at;
		used[at] = true;
		for (unsigned i = 0; i < p->count && next == p->count; i++) {
			if (!used[i] && signed_by(p->crt[at], p->crt[i]))
				next = i;
		}
		if (next == p->count)
			return count;
		if (at == leaf)
			*issuer = (int)next;
		if (count == STORE_CHAIN_MAX || gnutls_x509_crt_check_issuer(p->crt[next], p->crt[next]) == 1)
			return count;
		at = next;
	}
}

static int
pasted_store(struct store *st, const char *trustpoint, const struct pasted *p, gnutls_x509_privkey_t key, unsigned leaf,
    gnutls_datum_t *ca, char *text)
{
	gnutls_datum_t chain[STORE_CHAIN_MAX];
	unsigned order[STORE_CHAIN_MAX], count;
	int issuer, r;

	count = chain_build(p, leaf, order, &issuer);
	for (unsigned i = 0; i < count; i++)
		chain[i] = p->der[order[i]];
	if ((r = store_put(st, trustpoint, key, chain, count)) != 0)
		return enroll_store_fail(text, r);
	store_csr_remove(st, trustpoint);
	if (issuer >= 0)
		gnutls_x509_crt_export2(p->crt[issuer], GNUTLS_X509_FMT_DER, ca);
	return 0;
}

int
import_certificate(struct store *st, const struct ipc_import_crt *ask, gnutls_datum_t *ca, char text[ENROLL_TEXT_MAX])
{
	struct keypair *pair = store_keypair(st, ask->keypair);
	struct identity *old = store_find(st, ask->trustpoint);
	gnutls_x509_privkey_t old_key = old != NULL ? identity_key_copy(old) : NULL, key = NULL;
	struct pasted p = { 0 };
	int leaf = -1, r = pasted_get(&p, &ask->certs, text);

	if (r == 0 && pair != NULL && (leaf = leaf_find(&p, pair->key)) >= 0)
		key = pair->key;
	if (r == 0 && leaf < 0 && old_key != NULL && (leaf = leaf_find(&p, old_key)) >= 0)
		key = old_key; /* renewed for the key that is in use */
	if (r == 0 && leaf < 0) {
		if (pair == NULL)
			snprintf(text, ENROLL_TEXT_MAX, "there is no key pair %.64s for it; \"crypto ca enroll %.64s\" comes first", ask->keypair, ask->trustpoint);
		else
			snprintf(text, ENROLL_TEXT_MAX, "the certificate does not belong to key pair %.128s", ask->keypair);
		r = ERR_KEY;
	}
	if (r == 0)
		r = pasted_store(st, ask->trustpoint, &p, key, (unsigned)leaf, ca, text);
	pasted_clear(&p);
	if (old_key != NULL)
		gnutls_x509_privkey_deinit(old_key);
	return r;
}
