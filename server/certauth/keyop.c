/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/certauth/keyop.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <stdbool.h>
#include <string.h>

#include "common/err.h"
#include "server/certauth/rsa.h"

#define TLS1_HASH_BYTES 36 /* MD5 and SHA-1, TLS 1.0 and 1.1 */

static int
premaster_decrypt(const struct identity *id, const struct ipc_key_op *op, uint8_t *out)
{
	if (id->rsa == NULL)
		return ERR_UNSUPPORTED;
	/* filled first: a failed decryption leaves these in place, without a branch on the outcome */
	if (gnutls_rnd(GNUTLS_RND_NONCE, out, RSA_PREMASTER_BYTES) < 0)
		return ERR_SYSTEM;
	rsa_premaster(id->rsa, op->version, op->data.data, op->data.len, out);
	return RSA_PREMASTER_BYTES;
}

/*
 * What GnuTLS 3.7.9 hands out for PKCS#1 v1.5 as RSA_RAW: two bare hashes in TLS
 * 1.0 and 1.1, a DigestInfo in TLS 1.2. Anything else is not of a handshake.
 */
static bool
raw_plausible(const gnutls_datum_t *in)
{
	gnutls_digest_algorithm_t digest;
	unsigned char hash[64];
	unsigned size = sizeof(hash);

	if (in->size == TLS1_HASH_BYTES)
		return true;
	return gnutls_decode_ber_digest_info(in, &digest, hash, &size) == 0 && digest != GNUTLS_DIG_MD5 &&
	    gnutls_hash_get_len(digest) == size;
}

static int
hash_sign(const struct identity *id, const struct ipc_key_op *op, uint8_t *out)
{
	gnutls_datum_t hash = { (unsigned char *)(uintptr_t)op->data.data, op->data.len }, sig = { 0 };
	gnutls_sign_algorithm_t algorithm = (gnutls_sign_algorithm_t)op->algorithm;
	gnutls_digest_algorithm_t digest = gnutls_sign_get_hash_algorithm(algorithm);

	if (algorithm == GNUTLS_SIGN_RSA_RAW) {
		if (id->rsa == NULL || !raw_plausible(&hash))
			return ERR_INVALID;
		return rsa_sign_raw(id->rsa, hash.data, hash.size, out, KEYOP_RESULT_MAX);
	}
	if (digest == GNUTLS_DIG_UNKNOWN || gnutls_hash_get_len(digest) != hash.size)
		return ERR_INVALID;
	if (id->rsa != NULL)
		return rsa_sign_hash(id->rsa, algorithm, hash.data, hash.size, out, KEYOP_RESULT_MAX);
	if (gnutls_privkey_sign_hash2(id->key, algorithm, 0, &hash, &sig) < 0)
		return ERR_KEY;
	if (sig.size > KEYOP_RESULT_MAX) {
		gnutls_free(sig.data);
		return ERR_LONG;
	}
	memcpy(out, sig.data, sig.size);
	gnutls_free(sig.data);
	return (int)sig.size;
}

int
keyop_run(const struct identity *id, const struct ipc_key_op *op, uint8_t out[KEYOP_RESULT_MAX])
{
	switch (op->operation) {
	case KEY_SIGN_HASH:
		return hash_sign(id, op, out);
	case KEY_DECRYPT:
		return premaster_decrypt(id, op, out);
	default:
		return ERR_INVALID;
	}
}
