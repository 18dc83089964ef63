/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/record_keys.h"

#include "common/err.h"

/* protocol.md 6.6 */
const struct record_shape record_shapes[RECORD_CIPHERS] = {
	[RECORD_AES128_CBC_SHA1] = { 20, 16, 0 },
	[RECORD_AES256_CBC_SHA1] = { 20, 32, 0 },
	[RECORD_AES128_GCM] = { 0, 16, 4 },
	[RECORD_AES256_GCM] = { 0, 32, 4 },
	[RECORD_CHACHA20_POLY1305] = { 0, 32, 12 },
};

static void
side_put(const struct record_side *s, const struct record_shape *shape, struct wr *w)
{
	wr_bytes(w, s->mac, shape->mac_bytes);
	wr_bytes(w, s->key, shape->key_bytes);
	wr_bytes(w, s->iv, shape->iv_bytes);
	wr_u64(w, s->next);
}

void
record_keys_put(const struct record_keys *keys, struct wr *w)
{
	const struct record_shape *shape = &record_shapes[keys->cipher];

	wr_u8(w, (uint8_t)keys->cipher);
	wr_u16(w, keys->version);
	side_put(&keys->rx, shape, w);
	side_put(&keys->tx, shape, w);
}

static void
bytes_get(struct rd *r, uint8_t *out, size_t n)
{
	const uint8_t *p = rd_bytes(r, n);

	if (p != NULL && n > 0)
		memcpy(out, p, n);
}

static void
side_get(struct rd *r, const struct record_shape *shape, struct record_side *s)
{
	bytes_get(r, s->mac, shape->mac_bytes);
	bytes_get(r, s->key, shape->key_bytes);
	bytes_get(r, s->iv, shape->iv_bytes);
	s->next = rd_u64(r);
}

int
record_keys_get(struct rd *r, struct record_keys *keys)
{
	unsigned cipher = rd_u8(r);

	memset(keys, 0, sizeof(*keys));
	if (cipher == 0 || cipher >= RECORD_CIPHERS)
		return ERR_BAD_MESSAGE;
	keys->cipher = (enum record_cipher)cipher;
	keys->version = rd_u16(r);
	side_get(r, &record_shapes[cipher], &keys->rx);
	side_get(r, &record_shapes[cipher], &keys->tx);
	if (r->bad || rd_left(r) != 0 || keys->rx.next >> 48 == 0 || keys->tx.next >> 48 == 0)
		return ERR_BAD_MESSAGE; /* what epoch 0 carries has no keys */
	return 0;
}
