/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DTLS records (protocol.md 6.6): AES-GCM of DTLS 1.2, AES-CBC with SHA-1 of
 * DTLS 0.9. Keys come from the master secret that the client made up itself and
 * the two randoms. It is a client of benchmarks: no replay window, and CBC is
 * not checked in constant time.
 */
#define OPENSSL_SUPPRESS_DEPRECATED	/* SHA1_Update: a stored state costs less than any newer way */
#include "record.h"

#include <stdio.h>
#include <string.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include "tests/phone/bytes.h"

#define MAC_LEN 20
#define TAG_LEN 16
#define BLOCK 16
#define TYPE_DATA 23

enum { WRITE, READ, WAYS };

struct way {
	EVP_CIPHER_CTX *cipher;
	uint8_t salt[4];
	SHA_CTX inner, outer;
};

struct record {
	bool gcm;
	uint8_t version[2];
	uint64_t seq;		/* epoch and number of the next one */
	uint64_t noise;		/* for the IVs of CBC */
	struct way ways[WAYS];
};

static const struct cipher ciphers[] = {
	{ "AES-128-GCM", NULL, "AES128-GCM-SHA256", "SHA256", 16, true },
	{ "AES-256-GCM", NULL, "AES256-GCM-SHA384", "SHA384", 32, true },
	{ "AES-128-CBC-SHA1", "AES128-SHA", NULL, "MD5-SHA1", 16, false },
	{ "AES-256-CBC-SHA1", "AES256-SHA", NULL, "MD5-SHA1", 32, false },
};

const struct cipher *
cipher_find(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(ciphers); i++)
		if (strcmp(ciphers[i].name, name) == 0)
			return &ciphers[i];
	return NULL;
}

void
cipher_print_all(void)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(ciphers); i++)
		printf(" %s", ciphers[i].name);
}

static bool
key_block(const struct cipher *c, SSL *ssl, const uint8_t *master, uint8_t *out, size_t len)
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "TLS1-PRF", NULL);
	EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
	uint8_t seed[13 + 64] = "key expansion";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)(uintptr_t)c->digest, 0),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SECRET, (void *)(uintptr_t)master, 48),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, seed, sizeof(seed)),
		OSSL_PARAM_construct_end(),
	};
	bool ok;

	SSL_get_server_random(ssl, seed + 13, 32);
	SSL_get_client_random(ssl, seed + 45, 32);
	ok = ctx && EVP_KDF_derive(ctx, out, len, params) == 1;
	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
	return ok;
}

static void
mac_key(struct way *w, const uint8_t *key)
{
	uint8_t pad[64];
	int i;

	for (i = 0; i < 64; i++)
		pad[i] = (uint8_t)((i < MAC_LEN ? key[i] : 0) ^ 0x36);
	SHA1_Init(&w->inner);
	SHA1_Update(&w->inner, pad, 64);
	for (i = 0; i < 64; i++)
		pad[i] ^= 0x36 ^ 0x5c;
	SHA1_Init(&w->outer);
	SHA1_Update(&w->outer, pad, 64);
}

struct record *
record_new(const struct cipher *c, SSL *ssl, const uint8_t *master)
{
	struct record *r = mem_alloc(sizeof(*r));
	uint8_t block[2 * (MAC_LEN + 32 + 4)], *at = block;
	const EVP_CIPHER *type;
	bool ok = true;
	int i;

	r->gcm = c->gcm;
	r->seq = (1ULL << 48) + 1;	/* Finished was number 0 of epoch 1 */
	memcpy(r->version, c->gcm ? "\xfe\xfd" : "\x01\x00", 2);
	RAND_bytes((uint8_t *)&r->noise, sizeof(r->noise));
	if (!key_block(c, ssl, master, block, sizeof(block))) {
		record_free(r);
		return NULL;
	}
	if (c->gcm)
		type = c->key_len == 16 ? EVP_aes_128_gcm() : EVP_aes_256_gcm();
	else
		type = c->key_len == 16 ? EVP_aes_128_cbc() : EVP_aes_256_cbc();
	for (i = 0; i < WAYS && !c->gcm; i++, at += MAC_LEN)
		mac_key(&r->ways[i], at);
	for (i = 0; i < WAYS && ok; i++, at += c->key_len) {
		r->ways[i].cipher = EVP_CIPHER_CTX_new();
		ok = EVP_CipherInit_ex(r->ways[i].cipher, type, NULL, at, NULL, i == WRITE) == 1;
		EVP_CIPHER_CTX_set_padding(r->ways[i].cipher, 0);
	}
	for (i = 0; i < WAYS; i++, at += 4)
		memcpy(r->ways[i].salt, at, 4);
	if (!ok) {
		record_free(r);
		return NULL;
	}
	return r;
}

void
record_free(struct record *r)
{
	if (r == NULL)
		return;
	EVP_CIPHER_CTX_free(r->ways[WRITE].cipher);
	EVP_CIPHER_CTX_free(r->ways[READ].cipher);
	OPENSSL_clear_free(r, sizeof(*r));
}

static void
put64(uint8_t *p, uint64_t v)
{
	put32(p, (uint32_t)(v >> 32));
	put32(p + 4, (uint32_t)v);
}

/* seq8 type version len2: what is authenticated before the content. */
static void
pseudo_head(uint8_t *out, const uint8_t *head, size_t len)
{
	memcpy(out, head + 3, 8);
	memcpy(out + 8, head, 3);
	put16(out + 11, (uint16_t)len);
}

static size_t
seal_gcm(struct record *r, uint8_t *out, const uint8_t *content, size_t len)
{
	struct way *w = &r->ways[WRITE];
	uint8_t nonce[12], aad[13];
	int n;

	memcpy(nonce, w->salt, 4);
	memcpy(nonce + 4, out + 3, 8);
	memcpy(out + RECORD_HEAD, out + 3, 8);
	pseudo_head(aad, out, len);
	EVP_EncryptInit_ex(w->cipher, NULL, NULL, NULL, nonce);
	EVP_EncryptUpdate(w->cipher, NULL, &n, aad, sizeof(aad));
	EVP_EncryptUpdate(w->cipher, out + RECORD_HEAD + 8, &n, content, (int)len);
	EVP_EncryptFinal_ex(w->cipher, out + RECORD_HEAD + 8 + len, &n);
	EVP_CIPHER_CTX_ctrl(w->cipher, EVP_CTRL_AEAD_GET_TAG, TAG_LEN, out + RECORD_HEAD + 8 + len);
	return 8 + len + TAG_LEN;
}

static void
mac_put(const struct way *w, uint8_t *out, const uint8_t *head, const uint8_t *content, size_t len)
{
	SHA_CTX ctx = w->inner;
	uint8_t aad[13], inner[MAC_LEN];

	pseudo_head(aad, head, len);
	SHA1_Update(&ctx, aad, sizeof(aad));
	SHA1_Update(&ctx, content, len);
	SHA1_Final(inner, &ctx);
	ctx = w->outer;
	SHA1_Update(&ctx, inner, sizeof(inner));
	SHA1_Final(out, &ctx);
}

static size_t
seal_cbc(struct record *r, uint8_t *out, const uint8_t *content, size_t len)
{
	struct way *w = &r->ways[WRITE];
	size_t pad = BLOCK - (len + MAC_LEN) % BLOCK, total = len + MAC_LEN + pad;
	uint8_t *iv = out + RECORD_HEAD, *body = iv + BLOCK;
	int n;

	put64(iv, r->noise = r->noise * 6364136223846793005u + 1442695040888963407u);
	put64(iv + 8, r->noise ^ 0x9e3779b97f4a7c15u);
	memcpy(body, content, len);
	mac_put(w, body + len, out, content, len);
	memset(body + len + MAC_LEN, (int)pad - 1, pad);
	EVP_EncryptInit_ex(w->cipher, NULL, NULL, NULL, iv);
	EVP_EncryptUpdate(w->cipher, body, &n, body, (int)total);
	return BLOCK + total;
}

size_t
record_seal(struct record *r, uint8_t *out, const uint8_t *content, size_t len)
{
	size_t sealed;

	out[0] = TYPE_DATA;
	memcpy(out + 1, r->version, 2);
	put64(out + 3, r->seq++);
	sealed = r->gcm ? seal_gcm(r, out, content, len) : seal_cbc(r, out, content, len);
	put16(out + 11, (uint16_t)sealed);
	return RECORD_HEAD + sealed;
}

static long
open_gcm(struct way *w, uint8_t *out, const uint8_t *in, size_t len)
{
	uint8_t nonce[12], aad[13];
	size_t content = len - RECORD_HEAD - 8 - TAG_LEN;
	int n;

	if (len < RECORD_HEAD + 8 + TAG_LEN)
		return -1;
	memcpy(nonce, w->salt, 4);
	memcpy(nonce + 4, in + RECORD_HEAD, 8);
	pseudo_head(aad, in, content);
	EVP_DecryptInit_ex(w->cipher, NULL, NULL, NULL, nonce);
	EVP_DecryptUpdate(w->cipher, NULL, &n, aad, sizeof(aad));
	EVP_DecryptUpdate(w->cipher, out, &n, in + RECORD_HEAD + 8, (int)content);
	EVP_CIPHER_CTX_ctrl(w->cipher, EVP_CTRL_AEAD_SET_TAG, TAG_LEN,
	    (void *)(uintptr_t)(in + RECORD_HEAD + 8 + content));
	return EVP_DecryptFinal_ex(w->cipher, out + content, &n) == 1 ? (long)content : -1;
}

static long
open_cbc(struct way *w, uint8_t *out, const uint8_t *in, size_t len)
{
	const uint8_t *iv = in + RECORD_HEAD;
	size_t total = len - RECORD_HEAD - BLOCK, content;
	uint8_t mac[MAC_LEN];
	int n;

	if (len < RECORD_HEAD + 3 * BLOCK || total % BLOCK != 0)
		return -1;
	EVP_DecryptInit_ex(w->cipher, NULL, NULL, NULL, iv);
	EVP_DecryptUpdate(w->cipher, out, &n, iv + BLOCK, (int)total);
	if ((size_t)out[total - 1] + 1 + MAC_LEN > total)
		return -1;
	content = total - 1 - out[total - 1] - MAC_LEN;
	mac_put(w, mac, in, out, content);
	return memcmp(mac, out + content, MAC_LEN) == 0 ? (long)content : -1;
}

long
record_open(struct record *r, uint8_t *out, const uint8_t *in, size_t len)
{
	if (len < RECORD_HEAD || in[0] != TYPE_DATA || memcmp(in + 1, r->version, 2) != 0 ||
	    RECORD_HEAD + (size_t)get16(in + 11) != len)
		return -1;
	return r->gcm ? open_gcm(&r->ways[READ], out, in, len) : open_cbc(&r->ways[READ], out, in, len);
}
