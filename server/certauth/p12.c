/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PKCS#12 files, read and written. What is read is somebody else's file: each length and count in it is a claim. */
#include <gnutls/pkcs12.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/err.h"
#include "server/certauth/import.h"

/*
 * How often a passphrase may be stretched: OpenSSL says 2048, new tools some
 * 100000. A file may claim two thousand million, which is an hour of work.
 */
#define ROUNDS_MAX 2000000
#define BAGS_MAX   64

void
p12_parts_clear(struct p12_parts *p)
{
	if (p->key != NULL)
		gnutls_x509_privkey_deinit(p->key);
	for (unsigned i = 0; i < p->chain_count; i++)
		gnutls_x509_crt_deinit(p->chain[i]);
	for (unsigned i = 0; i < p->extra_count; i++)
		gnutls_x509_crt_deinit(p->extra[i]);
	gnutls_free(p->chain);
	gnutls_free(p->extra);
	*p = (struct p12_parts){ 0 };
}

/* Rounds of the keys in a bag that is not itself encrypted. */
static bool
keys_affordable(gnutls_pkcs12_bag_t bag)
{
	int count = gnutls_pkcs12_bag_get_count(bag);

	for (int i = 0; i < count; i++) {
		unsigned rounds = 0, salt_size = 0;
		gnutls_datum_t data;

		if (gnutls_pkcs12_bag_get_type(bag, (unsigned)i) != GNUTLS_BAG_PKCS8_ENCRYPTED_KEY ||
		    gnutls_pkcs12_bag_get_data(bag, (unsigned)i, &data) < 0)
			continue;
		(void)gnutls_pkcs8_info(&data, GNUTLS_X509_FMT_DER, NULL, NULL, NULL, &salt_size, &rounds, NULL);
		if (rounds > ROUNDS_MAX)
			return false;
	}
	return true;
}

static bool
bag_affordable(gnutls_pkcs12_bag_t bag)
{
	unsigned rounds = 0, salt_size = 0;

	if (gnutls_pkcs12_bag_get_type(bag, 0) != GNUTLS_BAG_ENCRYPTED)
		return keys_affordable(bag);
	(void)gnutls_pkcs12_bag_enc_info(bag, NULL, NULL, NULL, &salt_size, &rounds, NULL);
	return rounds <= ROUNDS_MAX;
}

static bool
p12_affordable(gnutls_pkcs12_t p12)
{
	unsigned rounds = 0, salt_size = 0;
	char *oid = NULL;
	bool ok;

	(void)gnutls_pkcs12_mac_info(p12, NULL, NULL, &salt_size, &rounds, &oid); /* without oid, GnuTLS 3.7.9 loses its memory */
	gnutls_free(oid);
	ok = rounds <= ROUNDS_MAX;
	for (int i = 0; ok; i++) {
		gnutls_pkcs12_bag_t bag;

		if (i == BAGS_MAX || gnutls_pkcs12_bag_init(&bag) < 0)
			return false;
		if (gnutls_pkcs12_get_bag(p12, i, bag) < 0) {
			gnutls_pkcs12_bag_deinit(bag);
			break;
		}
		ok = bag_affordable(bag);
		gnutls_pkcs12_bag_deinit(bag);
	}
	return ok;
}

static int
parts_check(const struct p12_parts *parts, char *text)
{
	int algo;

	if (parts->key == NULL || parts->chain_count == 0)
		return enroll_fail(text, ERR_KEY, "the file holds no private key with its certificate", 0);
	algo = gnutls_x509_privkey_get_pk_algorithm(parts->key);
	if (algo != GNUTLS_PK_RSA && algo != GNUTLS_PK_ECDSA) {
		snprintf(text, ENROLL_TEXT_MAX, "the key is of type %s; RSA and ECDSA serve here", gnutls_pk_get_name((gnutls_pk_algorithm_t)algo));
		return ERR_KEY;
	}
	if (parts->chain_count > STORE_CHAIN_MAX)
		return enroll_fail(text, ERR_LONG, "the certificate chain is too long", 0);
	return 0;
}

int
p12_open(const gnutls_datum_t *der, const char *passphrase, struct p12_parts *parts, char text[ENROLL_TEXT_MAX])
{
	gnutls_pkcs12_t p12;
	int r, result;

	if (gnutls_pkcs12_init(&p12) < 0)
		return enroll_fail(text, ERR_NOMEM, "no memory", 0);
	if ((r = gnutls_pkcs12_import(p12, der, GNUTLS_X509_FMT_DER, 0)) < 0)
		result = enroll_fail(text, ERR_CERTIFICATE, "not a PKCS#12 file, or it is cut short", 0);
	else if (!p12_affordable(p12))
		result = enroll_fail(text, ERR_CERTIFICATE, "the file wants its passphrase stretched more often than is sensible", 0);
	else if ((r = gnutls_pkcs12_verify_mac(p12, passphrase)) < 0)
		result = enroll_fail(text, ERR_PASSWORD, "wrong passphrase, or the file is damaged", 0);
	else if ((r = gnutls_pkcs12_simple_parse(p12, passphrase, &parts->key, &parts->chain,
	    &parts->chain_count, &parts->extra, &parts->extra_count, NULL, 0)) < 0)
		result = enroll_fail(text, ERR_CERTIFICATE, "the file cannot be read", r);
	else
		result = parts_check(parts, text);
	gnutls_pkcs12_deinit(p12);
	return result;
}

/* The issuer of the leaf: next in the chain, or among the other certificates. */
static gnutls_x509_crt_t
issuer_find(const struct p12_parts *p)
{
	if (p->chain_count > 1)
		return p->chain[1];
	for (unsigned i = 0; i < p->extra_count; i++) {
		if (gnutls_x509_crt_check_issuer(p->chain[0], p->extra[i]) == 1)
			return p->extra[i];
	}
	return NULL;
}

/*
 * CA certificates that do not chain up from the leaf in the file are left
 * out: what is served is the leaf and its intermediates (protocol.md 4.4).
 */
int
p12_store(struct store *st, const char *trustpoint, const struct p12_parts *p, gnutls_datum_t *ca, char text[ENROLL_TEXT_MAX])
{
	gnutls_datum_t chain[STORE_CHAIN_MAX];
	gnutls_x509_crt_t issuer = issuer_find(p);
	unsigned count = 0;
	int r = 0;

	for (; count < p->chain_count && r == 0; count++) {
		if (gnutls_x509_crt_export2(p->chain[count], GNUTLS_X509_FMT_DER, &chain[count]) < 0) {
			r = enroll_fail(text, ERR_CERTIFICATE, "a certificate cannot be read", 0);
			break;
		}
	}
	if (r == 0 && !key_fits_certificate(p->key, &chain[0]))
		r = enroll_fail(text, ERR_KEY, "the private key does not belong to the certificate", 0);
	if (r == 0 && ((r = store_put(st, trustpoint, p->key, chain, count)) != 0 ||
	    (r = store_keypair_put(st, trustpoint, p->key, (uint64_t)time(NULL))) != 0))
		enroll_store_fail(text, r);
	if (r == 0 && issuer != NULL)
		gnutls_x509_crt_export2(issuer, GNUTLS_X509_FMT_DER, ca);
	for (unsigned i = 0; i < count; i++)
		gnutls_free(chain[i].data);
	return r;
}

/* ---- writing ---- */

static int
bag_add_certificates(gnutls_pkcs12_bag_t bag, const gnutls_datum_t *certs, unsigned count, const char *name, const gnutls_datum_t *key_id)
{
	for (unsigned i = 0; i < count; i++) {
		int at = gnutls_pkcs12_bag_set_data(bag, GNUTLS_BAG_CERTIFICATE, &certs[i]);

		if (at < 0)
			return at;
		if (i > 0)
			continue;
		gnutls_pkcs12_bag_set_friendly_name(bag, (unsigned)at, name);
		gnutls_pkcs12_bag_set_key_id(bag, (unsigned)at, key_id);
	}
	return 0;
}

static int
bag_add_key(gnutls_pkcs12_bag_t bag, gnutls_x509_privkey_t key, const char *name, const char *passphrase, const gnutls_datum_t *key_id)
{
	gnutls_datum_t data;
	int r = gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_DER, passphrase, GNUTLS_PKCS_PBES2_AES_256, &data);

	if (r < 0)
		return r;
	if ((r = gnutls_pkcs12_bag_set_data(bag, GNUTLS_BAG_PKCS8_ENCRYPTED_KEY, &data)) >= 0) {
		gnutls_pkcs12_bag_set_friendly_name(bag, (unsigned)r, name);
		gnutls_pkcs12_bag_set_key_id(bag, (unsigned)r, key_id);
	}
	gnutls_free(data.data);
	return r < 0 ? r : 0;
}

static int
p12_fill(gnutls_pkcs12_t p12, gnutls_x509_privkey_t key, const gnutls_datum_t *certs, unsigned count, const char *name,
    const char *passphrase)
{
	gnutls_pkcs12_bag_t cert_bag = NULL, key_bag = NULL;
	uint8_t id[20];
	size_t id_size = sizeof(id);
	gnutls_datum_t key_id = { id, sizeof(id) };
	int r;

	if ((r = gnutls_x509_privkey_get_key_id(key, 0, id, &id_size)) < 0 ||
	    (r = gnutls_pkcs12_bag_init(&cert_bag)) < 0 || (r = gnutls_pkcs12_bag_init(&key_bag)) < 0 ||
	    (r = bag_add_certificates(cert_bag, certs, count, name, &key_id)) < 0 ||
	    (r = gnutls_pkcs12_bag_encrypt(cert_bag, passphrase, GNUTLS_PKCS_PBES2_AES_256)) < 0 ||
	    (r = bag_add_key(key_bag, key, name, passphrase, &key_id)) < 0 ||
	    (r = gnutls_pkcs12_set_bag(p12, cert_bag)) < 0 || (r = gnutls_pkcs12_set_bag(p12, key_bag)) < 0)
		goto out;
	r = gnutls_pkcs12_generate_mac2(p12, GNUTLS_MAC_SHA256, passphrase);
out:
	if (cert_bag != NULL)
		gnutls_pkcs12_bag_deinit(cert_bag);
	if (key_bag != NULL)
		gnutls_pkcs12_bag_deinit(key_bag);
	return r;
}

int
p12_make(gnutls_x509_privkey_t key, const gnutls_datum_t *certs, unsigned count, const char *name,
    const char *passphrase, gnutls_datum_t *der, char text[ENROLL_TEXT_MAX])
{
	gnutls_pkcs12_t p12;
	int r;

	if (gnutls_pkcs12_init(&p12) < 0)
		return enroll_fail(text, ERR_NOMEM, "no memory", 0);
	if ((r = p12_fill(p12, key, certs, count, name, passphrase)) >= 0)
		r = gnutls_pkcs12_export2(p12, GNUTLS_X509_FMT_DER, der);
	gnutls_pkcs12_deinit(p12);
	return r >= 0 ? 0 : enroll_fail(text, ERR_KEY, "the PKCS#12 file could not be made", r);
}
