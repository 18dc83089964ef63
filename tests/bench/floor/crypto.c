/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sealing and opening with GnuTLS's crypto API, handles kept: CPU per packet
 * and per GB of content, for a large packet and a small one. CBC with SHA-1 is
 * decrypted and its MAC compared, not in constant time.
 */

#include "floor.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <gnutls/crypto.h>

#define ROUNDS 5
#define BYTES_PER_ROUND 100000000.0
#define MAC_LEN 20
#define BLOCK 16

static const struct {
	const char *name;
	gnutls_cipher_algorithm_t id;
	unsigned key_len;
	bool gcm;
} ciphers[] = {
	{ "AES-128-GCM", GNUTLS_CIPHER_AES_128_GCM, 16, true },
	{ "AES-256-GCM", GNUTLS_CIPHER_AES_256_GCM, 32, true },
	{ "AES-128-CBC-SHA1", GNUTLS_CIPHER_AES_128_CBC, 16, false },
};

struct channel {
	gnutls_aead_cipher_hd_t aead;
	gnutls_cipher_hd_t cbc;
	gnutls_hmac_hd_t hmac;
	uint8_t aad[13], nonce[16];
};

static double
cpu_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int
seal(struct channel *c, bool gcm, uint8_t *out, const uint8_t *in, size_t len)
{
	size_t room = len + 16, pad = BLOCK - (len + MAC_LEN) % BLOCK, total = len + MAC_LEN + pad;

	c->nonce[11]++;
	if (gcm)
		return gnutls_aead_cipher_encrypt(c->aead, c->nonce, 12, c->aad, 13, 16, in, len, out, &room);
	memcpy(out, in, len);
	gnutls_hmac(c->hmac, c->aad, 13);
	gnutls_hmac(c->hmac, in, len);
	gnutls_hmac_output(c->hmac, out + len);
	memset(out + len + MAC_LEN, (int)pad - 1, pad);
	gnutls_cipher_set_iv(c->cbc, c->nonce, BLOCK);
	return gnutls_cipher_encrypt2(c->cbc, out, total, out, total);
}

static int
unseal(struct channel *c, bool gcm, uint8_t *out, const uint8_t *in, size_t len)
{
	size_t room = len, pad = BLOCK - (len + MAC_LEN) % BLOCK, total = len + MAC_LEN + pad;
	uint8_t mac[MAC_LEN];
	int r;

	if (gcm)
		return gnutls_aead_cipher_decrypt(c->aead, c->nonce, 12, c->aad, 13, 16, in, len + 16, out, &room);
	gnutls_cipher_set_iv(c->cbc, c->nonce, BLOCK);
	if ((r = gnutls_cipher_decrypt2(c->cbc, in, total, out, total)) != 0)
		return r;
	gnutls_hmac(c->hmac, c->aad, 13);
	gnutls_hmac(c->hmac, out, len);
	gnutls_hmac_output(c->hmac, mac);
	return memcmp(mac, out + len, MAC_LEN);
}

static int
measure(const char *name, gnutls_cipher_algorithm_t id, unsigned key_len, bool gcm, size_t len)
{
	static uint8_t in[2048], sealed[2048], out[2048], key_bytes[32];
	gnutls_datum_t key = { key_bytes, key_len }, iv;
	struct channel c = { 0 };
	double best[2] = { 1e9, 1e9 }, start;
	long count = (long)(BYTES_PER_ROUND / (double)len), i;
	int way, n, r = 0;

	iv = (gnutls_datum_t){ c.nonce, BLOCK };
	if (gcm)
		r = gnutls_aead_cipher_init(&c.aead, id, &key);
	else if ((r = gnutls_cipher_init(&c.cbc, id, &key, &iv)) == 0)
		r = gnutls_hmac_init(&c.hmac, GNUTLS_MAC_SHA1, key_bytes, MAC_LEN);
	for (n = 0; n < ROUNDS && r == 0; n++)
		for (way = 0; way < 2 && r == 0; way++) {
			r = seal(&c, gcm, sealed, in, len);
			start = cpu_s();
			for (i = 0; i < count && r == 0; i++)
				r = way == 0 ? seal(&c, gcm, sealed, in, len) : unseal(&c, gcm, out, sealed, len);
			if (cpu_s() - start < best[way])
				best[way] = cpu_s() - start;
		}
	if (r != 0) {
		fprintf(stderr, "floor: %s: %d\n", name, r);
		return 1;
	}
	printf("{\"cipher\": \"%s\", \"bytes\": %zu, \"seal_ns\": %.0f, \"open_ns\": %.0f, \"seal_s_per_gb\": %.3f, "
	    "\"open_s_per_gb\": %.3f}\n", name, len, best[0] / (double)count * 1e9, best[1] / (double)count * 1e9,
	    best[0] / ((double)count * (double)len) * 1e9, best[1] / ((double)count * (double)len) * 1e9);
	return 0;
}

int
floor_crypto(int argc, char **argv)
{
	static const size_t sizes[] = { 1391, 201 };
	size_t i, k;

	(void)argc;
	(void)argv;
	for (k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++)
		for (i = 0; i < sizeof(ciphers) / sizeof(ciphers[0]); i++)
			if (measure(ciphers[i].name, ciphers[i].id, ciphers[i].key_len, ciphers[i].gcm, sizes[k]) != 0)
				return 1;
	return 0;
}
