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

/* ---- constant time ---- */

/* Masks are all ones or zero; what they are made of is hidden from the compiler, which would make branches of it. */

static inline uint32_t
hidden(uint32_t v)
{
	__asm__("" : "+r"(v));
	return v;
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
 * Many bytes at a time, in the compiler's vectors: comparing them gives 0xff or 0
 * for each, and no compiler has thought of branching on that.
 */
typedef uint8_t bytes16 __attribute__((vector_size(16))); /* what every machine has: longer ones may be taken apart */
typedef int8_t numbers16 __attribute__((vector_size(16)));

static const numbers16 index16 = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };

/* The first CBC_MAC + step bytes of tail become those `step` further on, or stay. */
static void
tail_move(uint8_t *tail, unsigned step, uint32_t left)
{
	uint8_t take = (uint8_t)~mask_equal(left & step, 0);

	for (unsigned i = 0; i < CBC_MAC + step; i += sizeof(bytes16)) {
		bytes16 stays, comes;

		memcpy(&stays, tail + i, sizeof(stays));
		memcpy(&comes, tail + i + step, sizeof(comes));
		stays ^= (stays ^ comes) & take;
		memcpy(tail + i, &stays, sizeof(stays));
	}
}

/* All ones if the last p + 1 of these bytes are p. */
static uint32_t
padding_right(const uint8_t last[PAD_MAX], uint32_t p)
{
	bytes16 wrong = { 0 }, pad = { 0 };
	uint64_t words[2];

	pad += (uint8_t)p;
	for (unsigned i = 0; i < PAD_MAX; i += sizeof(wrong)) {
		bytes16 bytes, to_end = (uint8_t)(PAD_MAX - 1 - i) - (bytes16)index16;

		memcpy(&bytes, last + i, sizeof(bytes));
		wrong |= (bytes ^ pad) & (bytes16)(to_end <= pad);
	}
	memcpy(words, &wrong, sizeof(words));
	words[0] |= words[1];
	return mask_equal((uint32_t)(words[0] >> 32) | (uint32_t)words[0], 0);
}

/*
 * Padding and MAC are in the last TAIL bytes. Returns the mask of a sound
 * padding; *pad: its length without the length byte, 0 when it is not sound;
 * the MAC that then stands before it comes to the front of tail.
 */
static uint32_t
tail_read(const uint8_t *plain, uint32_t n, uint8_t tail[TAIL + sizeof(bytes16)], uint32_t *pad)
{
	uint32_t have = n < TAIL ? n : TAIL, p = hidden(plain[n - 1]), good;

	memset(tail, 0, TAIL + sizeof(bytes16));
	memcpy(tail + TAIL - have, plain + n - have, have);
	good = padding_right(tail + CBC_MAC, p) & mask_below(p + CBC_MAC, n);
	p &= good;
	for (unsigned step = PAD_MAX / 2; step > 0; step /= 2)
		tail_move(tail, step, PAD_MAX - 1 - p); /* bytes in front of the MAC */
	*pad = p;
	return good;
}

/* Of a block at pos: what is behind the message's end is not there, but for the 0x80 at it. */
static void
block_end(uint8_t block[SHA_BLOCK], uint32_t pos, uint32_t len)
{
	uint32_t before = mask_below(len, pos), beyond = mask_below(pos + SHA_BLOCK, len);
	/* where the message ends: -1 before this block, 64 and 65 behind it */
	uint32_t end = hidden(before | (beyond & (SHA_BLOCK + 1)) | (~before & ~beyond & (len - pos)));
	for (unsigned i = 0; i < SHA_BLOCK; i += sizeof(numbers16)) {
		numbers16 bytes, at = (int8_t)i + index16, ends = { 0 };

		ends += (int8_t)end;
		memcpy(&bytes, block + i, sizeof(bytes));
		bytes = (bytes & (at < ends)) | ((at == ends) & (int8_t)-128);
		memcpy(block + i, &bytes, sizeof(bytes));
	}
}

/*
 * The inner hash of len bytes, where `least` <= len <= `most` are known to all; `room` bytes can be read.
 * Never inlined: its caller knows how len and the others hang together, and would compute these from that.
 */
static __attribute__((noinline, noclone)) void
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
		block_end(block, pos, len);
		length_put(block, SHA_BLOCK + len, (uint8_t)is_last);
		nettle_sha1_compress(state, block);
		for (unsigned i = 0; i < 5; i++)
			out[i] |= state[i] & is_last;
	}
}

bool
cbc_check(const struct cbc_mac *m, uint8_t *plain, size_t n, const uint8_t start[11], size_t *len)
{
	uint8_t tail[TAIL + sizeof(bytes16)], mac[CBC_MAC], *message = plain - CBC_HEAD;
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
