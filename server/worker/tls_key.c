/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/worker/tls_key.h"

#include <string.h>

#include "common/ipc.h"
#include "common/log.h"
#include "server/worker/tls_config.h"

static struct ipc_chan *key_chan;
static unsigned hello_version;

void
tls_key_use(struct ipc_chan *certauth)
{
	key_chan = certauth;
}

void
tls_key_version(unsigned wire)
{
	hello_version = wire;
}

static int
key_ask(const struct tls_identity *id, enum key_operation op, unsigned algorithm, const gnutls_datum_t *in, gnutls_datum_t *out)
{
	struct ipc_key_op ask = {
		.operation = (uint8_t)op,
		.trustpoint = id->trustpoint,
		.algorithm = algorithm,
		.version = hello_version,
		.data = { in->data, in->size },
	};
	union ipc_any answer;
	int r;

	out->data = NULL;
	if (key_chan == NULL || ipc_send(key_chan, MSG_key_op, &ask) != 0)
		return GNUTLS_E_PK_SIGN_FAILED;
	r = ipc_wait(key_chan, MSG_key_result, CERTAUTH_WAIT_MS, &answer);
	if (r == 0 && !answer.key_result.failed) {
		out->size = answer.key_result.data.len;
		out->data = gnutls_malloc(out->size);
		if (out->data != NULL)
			memcpy(out->data, answer.key_result.data.data, out->size);
	}
	return out->data != NULL ? 0 : GNUTLS_E_PK_SIGN_FAILED;
}

static int
key_sign_hash(gnutls_privkey_t key, gnutls_sign_algorithm_t algo, void *userdata, unsigned flags,
    const gnutls_datum_t *hash, gnutls_datum_t *signature)
{
	(void)key;
	(void)flags;
	return key_ask(userdata, KEY_SIGN_HASH, algo, hash, signature);
}

static int
key_decrypt(gnutls_privkey_t key, void *userdata, const gnutls_datum_t *ciphertext, gnutls_datum_t *plaintext)
{
	(void)key;
	return key_ask(userdata, KEY_DECRYPT, 0, ciphertext, plaintext);
}

static int
key_info(gnutls_privkey_t key, unsigned flags, void *userdata)
{
	const struct tls_identity *id = userdata;

	(void)key;
	if (flags & GNUTLS_PRIVKEY_INFO_PK_ALGO)
		return (int)id->key_algo;
	if (flags & GNUTLS_PRIVKEY_INFO_PK_ALGO_BITS)
		return (int)id->key_bits;
	if (flags & GNUTLS_PRIVKEY_INFO_HAVE_SIGN_ALGO) {
		gnutls_sign_algorithm_t sign = (gnutls_sign_algorithm_t)GNUTLS_FLAGS_TO_SIGN_ALGO(flags);

		return gnutls_sign_supports_pk_algorithm(sign, id->key_algo) != 0;
	}
	return -1;
}

gnutls_privkey_t
tls_key_new(struct tls_identity *id)
{
	gnutls_privkey_t key;

	if (gnutls_privkey_init(&key) < 0 ||
	    gnutls_privkey_import_ext4(key, id, NULL, key_sign_hash, key_decrypt, NULL, key_info, 0) < 0)
		fatal("GnuTLS refuses a key of another process");
	return key;
}
