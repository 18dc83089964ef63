/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/forwarder/record_cbc.h"

#include <nettle/sha1.h>
#include <string.h>

#define SHA_BLOCK 64
#define PAD_MAX   256 /* its length byte included */
#define TAIL      (CBC_MAC + PAD_MAX) /* where the MAC can be */

static void
sha_put(const uint32_t state[5], uint8_t out[CBC_MAC])
{
	for (unsigned i = 0; i < CBC_MAC; i++)
		out[i] = (uint8_t)(state[i / 4] >> (24 - 8 * (i % 4)));
}

/* The bit length at the end of a hash's last block. */
static void
length_put(uint8_t block[SHA_BLOCK], uint64_t bytes, uint8_t mask)
{
	for (unsigned i = 0; i < 8; i++)
		block[SHA_BLOCK - 1 - i] |= (uint8_t)(bytes * 8 >> 8 * i) & mask;
}

void
cbc_mac_init(struct cbc_mac *m, const uint8_t key[CBC_MAC])
{
	static const uint32_t start[5] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 };
	uint8_t block[SHA_BLOCK];

	memset(block, 0x36, sizeof(block)); /* RFC 2104 */
	for (unsigned i = 0; i < CBC_MAC; i++)
		block[i] ^= key[i];
	memcpy(m->inner, start, sizeof(start));
	nettle_sha1_compress(m->inner, block);
	for (unsigned i = 0; i < sizeof(block); i++)
		block[i] ^= 0x36 ^ 0x5c;
	memcpy(m->outer, start, sizeof(start));
	nettle_sha1_compress(m->outer, block);
	explicit_bzero(block, sizeof(block));
}

/* From the inner hash to the MAC. */
static void
mac_finish(const struct cbc_mac *m, const uint32_t inner[5], uint8_t out[CBC_MAC])
{
	uint8_t block[SHA_BLOCK] = { 0 };
	uint32_t state[5];

	sha_put(inner, block);
	block[CBC_MAC] = 0x80;
	length_put(block, SHA_BLOCK + CBC_MAC, 0xff);
	memcpy(state, m->outer, sizeof(state));
	nettle_sha1_compress(state, block);
	sha_put(state, out);
}

void
cbc_mac(const struct cbc_mac *m, const uint8_t *message, size_t len, uint8_t out[CBC_MAC])
{
	uint8_t block[SHA_BLOCK] = { 0 };
	uint32_t state[5];
	size_t at = 0;

	memcpy(state, m->inner, sizeof(state));
	for (; len - at >= SHA_BLOCK; at += SHA_BLOCK)
		nettle_sha1_compress(state, message + at);
	memcpy(block, message + at, len - at);
	block[len - at] = 0x80;
	if (len - at >= SHA_BLOCK - 8) {
		nettle_sha1_compress(state, block);
		memset(block, 0, sizeof(block));
	}
	length_put(block, SHA_BLOCK + len, 0xff);
	nettle_sha1_compress(state, block);
	mac_finish(m, state, out);
}

/* ---- constant time: masks are all ones or zero, and hidden from the compiler, which would make branches of them ---- */

static inline uint32_t
hidden(uint32_t mask)
{
	__asm__("" : "+r"(mask));
	return mask;
}

/* Both below 2^31. */
static inline uint32_t
mask_below(uint32_t a, uint32_t b)
{
	return hidden(0u - ((a - b) >> 31));
}

static inline uint32_t
mask_equal(uint32_t a, uint32_t b)
{
	uint32_t d = a ^ b;

	return hidden(((d | (0u - d)) >> 31) - 1);
}

/*
 * Padding and MAC are in the last TAIL bytes. Returns the mask of a sound
 * padding; *pad: its length without the length byte, 0 when it is not sound;
 * the MAC that then stands before it comes to the front of tail.
 */
static uint32_t
tail_read(const uint8_t *plain, uint32_t n, uint8_t tail[TAIL], uint32_t *pad)
{
	uint32_t have = n < TAIL ? n : TAIL, p = plain[n - 1], wrong = 0, good, left;

	memset(tail, 0, TAIL - have);
	memcpy(tail + TAIL - have, plain + n - have, have);
	for (uint32_t i = 0; i < PAD_MAX; i++)
		wrong |= (tail[TAIL - 1 - i] ^ p) & ~mask_below(p, i);
	good = mask_equal(wrong, 0) & mask_below(p + CBC_MAC, n);
	p &= good;
	left = PAD_MAX - 1 - p; /* bytes in front of the MAC */
	for (uint32_t step = PAD_MAX / 2; step > 0; step /= 2) {
		uint8_t take = (uint8_t)~mask_equal(left & step, 0);

		for (uint32_t i = 0; i < CBC_MAC + step - 1; i++)
			tail[i] = (uint8_t)((tail[i] & ~take) | (tail[i + step] & take));
	}
	*pad = p;
	return good;
}

/* The inner hash of len bytes, where `least` <= len <= `most` are known to all; `room` bytes can be read. */
static void
inner_hash(const struct cbc_mac *m, const uint8_t *message, uint32_t room, uint32_t len, uint32_t least, uint32_t most,
    uint32_t out[5])
{
	uint32_t state[5], at = 0, last = (len + 8) / SHA_BLOCK, blocks = (most + 8) / SHA_BLOCK + 1;

	memcpy(state, m->inner, sizeof(state));
	for (; (at + 1) * SHA_BLOCK <= least; at++)
		nettle_sha1_compress(state, message + at * SHA_BLOCK);
	memset(out, 0, 5 * sizeof(*out));
	for (; at < blocks; at++) {
		uint8_t block[SHA_BLOCK] = { 0 };
		uint32_t pos = at * SHA_BLOCK, is_last = mask_equal(at, last);

		if (pos < room)
			memcpy(block, message + pos, room - pos < SHA_BLOCK ? room - pos : SHA_BLOCK);
		for (uint32_t i = 0; i < SHA_BLOCK; i++)
			block[i] = (uint8_t)((block[i] & mask_below(pos + i, len)) | (0x80 & mask_equal(pos + i, len)));
		length_put(block, SHA_BLOCK + len, (uint8_t)is_last);
		nettle_sha1_compress(state, block);
		for (unsigned i = 0; i < 5; i++)
			out[i] |= state[i] & is_last;
	}
}

bool
cbc_check(const struct cbc_mac *m, uint8_t *plain, size_t n, const uint8_t start[11], size_t *len)
{
	uint8_t tail[TAIL], mac[CBC_MAC], *message = plain - CBC_HEAD;
	uint32_t size = (uint32_t)n, pad, good, content, wrong = 0, inner[5];

	if (n < 2 * CBC_BLOCK || n % CBC_BLOCK != 0 || n > UINT16_MAX)
		return false;
	good = tail_read(plain, size, tail, &pad);
	content = size - CBC_MAC - 1 - pad;
	memcpy(message, start, CBC_HEAD - 2);
	message[11] = (uint8_t)(content >> 8);
	message[12] = (uint8_t)content;
	inner_hash(m, message, CBC_HEAD + size, CBC_HEAD + content, CBC_HEAD + (size > TAIL ? size - TAIL : 0),
	    CBC_HEAD + size - CBC_MAC - 1, inner);
	mac_finish(m, inner, mac);
	for (unsigned i = 0; i < CBC_MAC; i++)
		wrong |= mac[i] ^ tail[i];
	*len = content;
	return (good & mask_equal(wrong, 0)) != 0;
}
