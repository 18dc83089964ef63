/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/certauth/rsa.h"

#include <gnutls/x509.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "common/log.h"
#include "common/mem.h"

#define WIRE_TLS_1_0 0x0301

struct rsa_key {
	EVP_PKEY *key;
};

void
rsa_prepare(void)
{
	if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, NULL) != 1)
		fatal("certauth: libcrypto does not start");
}

struct rsa_key *
rsa_key_new(gnutls_privkey_t key)
{
	gnutls_datum_t der = { 0 };
	gnutls_x509_privkey_t copy;
	const unsigned char *at;
	struct rsa_key *k = NULL;
	EVP_PKEY *own = NULL;

	if (gnutls_privkey_get_pk_algorithm(key, NULL) != GNUTLS_PK_RSA || gnutls_privkey_export_x509(key, &copy) < 0)
		return NULL;
	if (gnutls_x509_privkey_export2(copy, GNUTLS_X509_FMT_DER, &der) == 0) {
		at = der.data;
		own = d2i_PrivateKey(EVP_PKEY_RSA, NULL, &at, (long)der.size);
		gnutls_memset(der.data, 0, der.size);
		gnutls_free(der.data);
	}
	gnutls_x509_privkey_deinit(copy);
	if (own != NULL) {
		k = xcalloc(1, sizeof(*k));
		k->key = own;
	}
	return k;
}

void
rsa_key_free(struct rsa_key *k)
{
	if (k == NULL)
		return;
	EVP_PKEY_free(k->key);
	free(k);
}

/* digest NULL: data is padded as it is. */
static int
sign(const struct rsa_key *k, int padding, const EVP_MD *digest, const void *data, size_t len, uint8_t *out, size_t size)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(k->key, NULL);
	int r = ERR_KEY;

	if (size < (size_t)EVP_PKEY_get_size(k->key))
		r = ERR_LONG;
	else if (ctx != NULL && EVP_PKEY_sign_init(ctx) == 1 && EVP_PKEY_CTX_set_rsa_padding(ctx, padding) == 1 &&
	    (digest == NULL || EVP_PKEY_CTX_set_signature_md(ctx, digest) == 1) &&
	    (padding != RSA_PKCS1_PSS_PADDING || EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) == 1) &&
	    EVP_PKEY_sign(ctx, out, &size, data, len) == 1)
		r = (int)size;
	EVP_PKEY_CTX_free(ctx);
	return r;
}

int
rsa_sign_raw(const struct rsa_key *k, const void *data, size_t len, uint8_t *out, size_t size)
{
	return sign(k, RSA_PKCS1_PADDING, NULL, data, len, out, size);
}

int
rsa_sign_hash(const struct rsa_key *k, gnutls_sign_algorithm_t algorithm, const void *hash, size_t len, uint8_t *out, size_t size)
{
	static const struct {
		gnutls_sign_algorithm_t algorithm;
		int padding;
		const EVP_MD *(*digest)(void);
	} kinds[] = {
		{ GNUTLS_SIGN_RSA_SHA1, RSA_PKCS1_PADDING, EVP_sha1 },
		{ GNUTLS_SIGN_RSA_SHA224, RSA_PKCS1_PADDING, EVP_sha224 },
		{ GNUTLS_SIGN_RSA_SHA256, RSA_PKCS1_PADDING, EVP_sha256 },
		{ GNUTLS_SIGN_RSA_SHA384, RSA_PKCS1_PADDING, EVP_sha384 },
		{ GNUTLS_SIGN_RSA_SHA512, RSA_PKCS1_PADDING, EVP_sha512 },
		{ GNUTLS_SIGN_RSA_PSS_RSAE_SHA256, RSA_PKCS1_PSS_PADDING, EVP_sha256 },
		{ GNUTLS_SIGN_RSA_PSS_RSAE_SHA384, RSA_PKCS1_PSS_PADDING, EVP_sha384 },
		{ GNUTLS_SIGN_RSA_PSS_RSAE_SHA512, RSA_PKCS1_PSS_PADDING, EVP_sha512 },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (kinds[i].algorithm == algorithm)
			return sign(k, kinds[i].padding, kinds[i].digest(), hash, len, out, size);
	}
	return ERR_INVALID;
}

void
rsa_premaster(const struct rsa_key *k, unsigned version, const void *data, size_t len, uint8_t out[RSA_PREMASTER_BYTES])
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(k->key, NULL);
	unsigned char room[RSA_PREMASTER_BYTES];
	size_t n = sizeof(room);
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_uint(OSSL_ASYM_CIPHER_PARAM_TLS_CLIENT_VERSION, &version),
		OSSL_PARAM_construct_end(),
	};

	/* this padding is made for it: a bad one ends in random bytes, not in an error */
	if (ctx != NULL && version >= WIRE_TLS_1_0 && EVP_PKEY_decrypt_init(ctx) == 1 &&
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_WITH_TLS_PADDING) == 1 && EVP_PKEY_CTX_set_params(ctx, params) == 1 &&
	    EVP_PKEY_decrypt(ctx, room, &n, data, len) == 1 && n == RSA_PREMASTER_BYTES)
		memcpy(out, room, RSA_PREMASTER_BYTES);
	OPENSSL_cleanse(room, sizeof(room));
	EVP_PKEY_CTX_free(ctx);
}
