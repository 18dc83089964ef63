/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "issuer.h"

#include <stdio.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

int
issuer_load(struct issuer *i, const char *ca_file, const char *ca_key_file, const char *key_file, char *err,
    size_t err_cap)
{
	BIO *bio = BIO_new_file(key_file, "r");

	i->key = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) : NULL;
	BIO_free(bio);
	if (i->key == NULL) {
		snprintf(err, err_cap, "%s: no key", key_file);
		return -1;
	}
	return identity_load(&i->ca, ca_file, ca_key_file, err, err_cap);
}

static int
extension_add(X509 *cert, X509V3_CTX *ctx, int nid, const char *value)
{
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, ctx, nid, value);
	int ok = e && X509_add_ext(cert, e, -1);

	X509_EXTENSION_free(e);
	return ok;
}

int
issuer_make(const struct issuer *i, unsigned n, struct identity *id)
{
	X509 *cert = X509_new();
	X509_NAME *name = X509_NAME_new();
	X509V3_CTX ctx;
	char cn[64];
	int ok;

	snprintf(cn, sizeof(cn), "CP-8841-SEP0200%08X", n);
	ok = cert && name && X509_set_version(cert, 2) &&
	    X509_NAME_add_entry_by_txt(name, "O", MBSTRING_ASC, (const unsigned char *)"offhook test", -1, -1, 0) &&
	    X509_NAME_add_entry_by_txt(name, "OU", MBSTRING_ASC, (const unsigned char *)"EVVBU", -1, -1, 0) &&
	    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)cn, -1, -1, 0) &&
	    X509_set_subject_name(cert, name) && X509_set_issuer_name(cert, X509_get_subject_name(i->ca.cert)) &&
	    ASN1_INTEGER_set(X509_get_serialNumber(cert), 0x10000000 + (long)n) &&
	    X509_gmtime_adj(X509_getm_notBefore(cert), -86400) && X509_gmtime_adj(X509_getm_notAfter(cert), 864000) &&
	    X509_set_pubkey(cert, i->key);
	X509V3_set_ctx(&ctx, i->ca.cert, cert, NULL, NULL, 0);
	ok = ok && extension_add(cert, &ctx, NID_key_usage, "critical,digitalSignature,keyEncipherment") &&
	    extension_add(cert, &ctx, NID_ext_key_usage, "serverAuth,clientAuth") &&
	    extension_add(cert, &ctx, NID_subject_key_identifier, "hash") &&
	    extension_add(cert, &ctx, NID_authority_key_identifier, "keyid") &&
	    X509_sign(cert, i->ca.key, EVP_sha256());
	X509_NAME_free(name);
	if (!ok) {
		X509_free(cert);
		return -1;
	}
	EVP_PKEY_up_ref(i->key);
	*id = (struct identity){ .cert = cert, .key = i->key };
	return 0;
}
