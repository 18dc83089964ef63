/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/forwarder/record.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "common/mem.h"
#include "server/forwarder/bytes.h"
#include "server/forwarder/record_cbc.h"
#include "server/forwarder/replay.h"

#define NUMBER_MASK   UINT64_C(0xffffffffffff)
#define GCM_EXPLICIT  8
#define TAG           16
#define NONCE         12
#define IV_POOL       4096 /* bytes of random drawn at once: a call costs more than its bytes */

enum mode { MODE_CBC, MODE_GCM, MODE_CHACHA };

static const struct {
	enum mode mode;
	uint8_t front; /* bytes between the record's head and its content */
	int gnutls;
} ciphers[RECORD_CIPHERS] = {
	[RECORD_AES128_CBC_SHA1] = { MODE_CBC, CBC_BLOCK, GNUTLS_CIPHER_AES_128_CBC },
	[RECORD_AES256_CBC_SHA1] = { MODE_CBC, CBC_BLOCK, GNUTLS_CIPHER_AES_256_CBC },
	[RECORD_AES128_GCM] = { MODE_GCM, GCM_EXPLICIT, GNUTLS_CIPHER_AES_128_GCM },
	[RECORD_AES256_GCM] = { MODE_GCM, GCM_EXPLICIT, GNUTLS_CIPHER_AES_256_GCM },
	[RECORD_CHACHA20_POLY1305] = { MODE_CHACHA, 0, GNUTLS_CIPHER_CHACHA20_POLY1305 },
};

struct direction {
	union {
		gnutls_aead_cipher_hd_t aead;
		gnutls_cipher_hd_t cbc;
	};
	struct cbc_mac mac;
	uint8_t iv[NONCE];
};

struct record {
	enum mode mode;
	uint8_t front;
	uint16_t version;
	uint16_t rx_epoch;
	uint64_t tx_next;
	struct direction rx, tx;
	struct replay seen;
};

/* ---- keys ---- */

static int
direction_init(struct direction *d, const struct record_keys *keys, const struct record_side *side)
{
	gnutls_datum_t key = { (unsigned char *)(uintptr_t)side->key, record_shapes[keys->cipher].key_bytes };
	gnutls_cipher_algorithm_t cipher = (gnutls_cipher_algorithm_t)ciphers[keys->cipher].gnutls;

	if (ciphers[keys->cipher].mode != MODE_CBC) {
		memcpy(d->iv, side->iv, record_shapes[keys->cipher].iv_bytes);
		return gnutls_aead_cipher_init(&d->aead, cipher, &key);
	}
	cbc_mac_init(&d->mac, side->mac);
	return gnutls_cipher_init(&d->cbc, cipher, &key, NULL);
}

static void
direction_clear(struct direction *d, enum mode mode)
{
	if (mode == MODE_CBC && d->cbc != NULL)
		gnutls_cipher_deinit(d->cbc);
	else if (mode != MODE_CBC && d->aead != NULL)
		gnutls_aead_cipher_deinit(d->aead);
}

struct record *
record_new(const struct record_keys *keys)
{
	struct record *r = xcalloc(1, sizeof(*r));

	r->mode = ciphers[keys->cipher].mode;
	r->front = ciphers[keys->cipher].front;
	r->version = keys->version;
	r->rx_epoch = (uint16_t)(keys->rx.next >> 48);
	r->tx_next = keys->tx.next;
	replay_init(&r->seen, keys->rx.next & NUMBER_MASK);
	if (direction_init(&r->rx, keys, &keys->rx) == 0 && direction_init(&r->tx, keys, &keys->tx) == 0)
		return r;
	record_free(r);
	return NULL;
}

void
record_free(struct record *r)
{
	if (r == NULL)
		return;
	direction_clear(&r->rx, r->mode);
	direction_clear(&r->tx, r->mode);
	explicit_bzero(r, sizeof(*r));
	free(r);
}

uint64_t
record_tx_next(const struct record *r)
{
	return r->tx_next;
}

uint64_t
record_rx_high(const struct record *r)
{
	return r->seen.high;
}

size_t
record_front(const struct record *r)
{
	return RECORD_HEAD + r->front;
}

size_t
record_size(const struct record *r, size_t content)
{
	if (r->mode == MODE_CBC)
		return RECORD_HEAD + CBC_BLOCK + (content + CBC_MAC + CBC_BLOCK) / CBC_BLOCK * CBC_BLOCK;
	return RECORD_HEAD + r->front + content + TAG;
}

/* ---- what is authenticated: number, type, version, length (RFC 5246 6.2.3) ---- */

static void
put64(uint8_t *p, uint64_t v)
{
	v = __builtin_bswap64(v);
	memcpy(p, &v, sizeof(v));
}

static uint64_t
get64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return __builtin_bswap64(v);
}

static void
authenticated_put(uint8_t out[RECORD_HEAD], uint64_t number, uint16_t version, size_t len)
{
	put64(out, number);
	out[8] = RECORD_DATA;
	put16(out + 9, version);
	put16(out + 11, len);
}

/* The nonces of RFC 5288 3 and RFC 7905 2. */
static void
nonce_put(const struct record *r, const struct direction *d, uint64_t number, const uint8_t *explicit_part,
    uint8_t out[NONCE])
{
	memcpy(out, d->iv, NONCE);
	if (r->mode == MODE_GCM) {
		memcpy(out + NONCE - GCM_EXPLICIT, explicit_part, GCM_EXPLICIT);
		return;
	}
	for (unsigned i = 0; i < 8; i++)
		out[NONCE - 8 + i] ^= (uint8_t)(number >> (56 - 8 * i));
}

/* ---- seal ---- */

static bool
iv_draw(uint8_t *out)
{
	static uint8_t pool[IV_POOL];
	static size_t left;

	if (left == 0) {
		if (gnutls_rnd(GNUTLS_RND_NONCE, pool, sizeof(pool)) < 0)
			return false;
		left = sizeof(pool);
	}
	left -= CBC_BLOCK;
	memcpy(out, pool + left, CBC_BLOCK);
	return true;
}

/* What is authenticated stands before the content in the place of the IV, which is written last. */
static bool
cbc_seal(struct record *r, size_t len, uint8_t *body)
{
	uint8_t *content = body + CBC_BLOCK, iv[CBC_BLOCK];
	size_t n = (len + CBC_MAC + CBC_BLOCK) / CBC_BLOCK * CBC_BLOCK, pad = n - len - CBC_MAC;

	authenticated_put(content - CBC_HEAD, r->tx_next, r->version, len);
	cbc_mac(&r->tx.mac, content - CBC_HEAD, CBC_HEAD + len, content + len);
	memset(content + len + CBC_MAC, (int)(pad - 1), pad);
	if (!iv_draw(iv))
		return false;
	memcpy(body, iv, sizeof(iv));
	gnutls_cipher_set_iv(r->tx.cbc, iv, sizeof(iv));
	return gnutls_cipher_encrypt2(r->tx.cbc, content, n, content, n) == 0;
}

static bool
aead_seal(struct record *r, const uint8_t *content, size_t len, uint8_t *body)
{
	uint8_t nonce[NONCE], authenticated[RECORD_HEAD];
	size_t n = len + TAG;

	authenticated_put(authenticated, r->tx_next, r->version, len);
	if (r->mode == MODE_GCM)
		put64(body, r->tx_next);
	nonce_put(r, &r->tx, r->tx_next, body, nonce);
	return gnutls_aead_cipher_encrypt(r->tx.aead, nonce, sizeof(nonce), authenticated, sizeof(authenticated), TAG,
	           content, len, body + r->front, &n) == 0;
}

size_t
record_seal(struct record *r, const uint8_t *content, size_t len, uint8_t *out)
{
	uint8_t *body = out + RECORD_HEAD;
	size_t size = record_size(r, len);
	bool sealed;

	if (len == 0 || len > RECORD_CONTENT_MAX || (r->tx_next & NUMBER_MASK) == NUMBER_MASK)
		return 0;
	if (r->mode == MODE_CBC) {
		if (content != body + CBC_BLOCK)
			memcpy(body + CBC_BLOCK, content, len);
		sealed = cbc_seal(r, len, body);
	} else {
		sealed = aead_seal(r, content, len, body);
	}
	if (!sealed)
		return 0;
	out[0] = RECORD_DATA;
	put16(out + 1, r->version);
	put64(out + 3, r->tx_next);
	put16(out + 11, size - RECORD_HEAD);
	r->tx_next++;
	return size;
}

/* ---- open ---- */

static bool
cbc_open(struct record *r, const uint8_t *data, size_t len, uint8_t *out, struct record_content *content)
{
	size_t at = RECORD_HEAD + CBC_BLOCK, n = len - at;
	uint8_t start[11];

	memcpy(start, data + 3, 8);
	memcpy(start + 8, data, 3);
	gnutls_cipher_set_iv(r->rx.cbc, (void *)(uintptr_t)(data + RECORD_HEAD), CBC_BLOCK);
	if (gnutls_cipher_decrypt2(r->rx.cbc, data + at, n, out + at, n) != 0)
		return false;
	content->data = out + at;
	return cbc_check(&r->rx.mac, out + at, n, start, &content->len);
}

static bool
aead_open(struct record *r, const uint8_t *data, size_t len, uint8_t *out, struct record_content *content)
{
	size_t at = RECORD_HEAD + r->front;
	uint8_t nonce[NONCE], authenticated[RECORD_HEAD];
	uint64_t number = get64(data + 3);

	content->data = out + at;
	content->len = len - at - TAG;
	authenticated_put(authenticated, number, r->version, content->len);
	nonce_put(r, &r->rx, number, data + RECORD_HEAD, nonce);
	return gnutls_aead_cipher_decrypt(r->rx.aead, nonce, sizeof(nonce), authenticated, sizeof(authenticated), TAG,
	           data + at, len - at, out + at, &content->len) == 0;
}

/* The least a record of content can have behind its head. */
static bool
length_sound(const struct record *r, size_t body)
{
	if (r->mode == MODE_CBC)
		return body >= 3 * CBC_BLOCK && body % CBC_BLOCK == 0;
	return body > (size_t)r->front + TAG;
}

int
record_open(struct record *r, const uint8_t *data, size_t len, uint8_t *out, struct record_content *content)
{
	uint64_t number;
	bool opened;

	if (len < RECORD_HEAD || data[0] != RECORD_DATA || (data[1] << 8 | data[2]) != r->version ||
	    (size_t)(data[11] << 8 | data[12]) != len - RECORD_HEAD || !length_sound(r, len - RECORD_HEAD))
		return ERR_DENIED;
	number = get64(data + 3);
	if (number >> 48 != r->rx_epoch || !replay_new(&r->seen, number & NUMBER_MASK))
		return ERR_DENIED;
	opened = r->mode == MODE_CBC ? cbc_open(r, data, len, out, content) : aead_open(r, data, len, out, content);
	if (!opened)
		return ERR_DENIED;
	number &= NUMBER_MASK;
	content->newest = number > r->seen.high;
	replay_mark(&r->seen, number);
	return content->len > 0 && content->len <= RECORD_CONTENT_MAX ? 0 : ERR_DENIED;
}
