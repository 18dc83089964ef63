/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/worker/lzs.h"

#include <stdbool.h>
#include <string.h>

enum { SHORT_OFFSETS = 128, LENGTH_MIN = 2, LENGTH_LONG = 8, GROUP_FULL = 15 };
enum { CHAIN_MAX = 16 }; /* places tried for a match: more costs time and gains little */

/* ---- bits ---- */

struct bits_in {
	const uint8_t *p, *end;
	uint32_t hold;
	unsigned count; /* bits in hold */
	bool bad;       /* read past the end */
};

static unsigned
bits_get(struct bits_in *b, unsigned n)
{
	while (b->count < n) {
		if (b->p == b->end) {
			b->bad = true;
			return 0;
		}
		b->hold = b->hold << 8 | *b->p++;
		b->count += 8;
	}
	b->count -= n;
	return b->hold >> b->count & ((1u << n) - 1);
}

struct bits_out {
	uint8_t *start, *p, *end;
	uint32_t hold;
	unsigned count;
	bool full;
};

static void
bits_put(struct bits_out *b, unsigned value, unsigned n)
{
	b->hold = b->hold << n | value;
	for (b->count += n; b->count >= 8; b->count -= 8) {
		if (b->p == b->end) {
			b->full = true;
			return;
		}
		*b->p++ = (uint8_t)(b->hold >> (b->count - 8));
	}
}

/* ---- decoder ---- */

/* As long as what is left may hold; the loop ends with the input. */
static size_t
length_get(struct bits_in *b)
{
	size_t length;
	unsigned v = bits_get(b, 2);

	if (v < 3)
		return LENGTH_MIN + v;
	if ((v = bits_get(b, 2)) < 3)
		return 5 + v;
	length = LENGTH_LONG;
	do {
		v = bits_get(b, 4);
		length += v;
	} while (v == GROUP_FULL && !b->bad);
	return length;
}

size_t
lzs_decompress(const uint8_t *in, size_t len, uint8_t *out, size_t size)
{
	struct bits_in b = { .p = in, .end = in + len };
	size_t n = 0, offset, length;

	while (!b.bad) {
		if (bits_get(&b, 1) == 0) {
			unsigned byte = bits_get(&b, 8);

			if (b.bad || n == size)
				return 0;
			out[n++] = (uint8_t)byte;
			continue;
		}
		if (bits_get(&b, 1) == 1) {
			if ((offset = bits_get(&b, 7)) == 0)
				return b.bad ? 0 : n; /* what may follow is padding */
		} else {
			offset = bits_get(&b, 11);
		}
		length = length_get(&b);
		if (b.bad || offset == 0 || offset > n || length > size - n)
			return 0;
		for (; length > 0; length--, n++) /* source and target may overlap */
			out[n] = out[n - offset];
	}
	return 0;
}

/* ---- encoder ---- */

static unsigned
hash_at(const uint8_t *p)
{
	return ((unsigned)p[0] * 33 ^ (unsigned)p[1] * 5) & (LZS_HASH - 1);
}

/* in[at] and in[at + 1] exist. */
static void
place_add(struct lzs *z, const uint8_t *in, size_t at)
{
	unsigned h = hash_at(in + at);

	z->prev[at % LZS_WINDOW] = z->head[h];
	z->head[h] = (uint16_t)(at + 1);
}

/* The longest match for what begins at `at`, within the window. Below LENGTH_MIN: none. */
static size_t
match_find(const struct lzs *z, const uint8_t *in, size_t len, size_t at, size_t *offset)
{
	size_t best = 0, place = z->head[hash_at(in + at)];

	for (unsigned tries = 0; tries < CHAIN_MAX && place != 0; tries++) {
		size_t from = place - 1, n = 0;

		if (at - from >= LZS_WINDOW)
			break;
		while (at + n < len && in[from + n] == in[at + n])
			n++;
		if (n > best) {
			best = n;
			*offset = at - from;
		}
		place = z->prev[from % LZS_WINDOW]; /* not written since: that takes a window's length */
	}
	return best;
}

static void
length_put(struct bits_out *b, size_t length)
{
	if (length < 5) {
		bits_put(b, (unsigned)length - LENGTH_MIN, 2);
		return;
	}
	if (length < LENGTH_LONG) {
		bits_put(b, 12 + (unsigned)length - 5, 4);
		return;
	}
	bits_put(b, 15, 4);
	for (length -= LENGTH_LONG; length >= GROUP_FULL; length -= GROUP_FULL)
		bits_put(b, GROUP_FULL, 4);
	bits_put(b, (unsigned)length, 4);
}

static void
match_put(struct bits_out *b, size_t offset, size_t length)
{
	if (offset < SHORT_OFFSETS)
		bits_put(b, 0x180 | (unsigned)offset, 9);
	else
		bits_put(b, 0x1000 | (unsigned)offset, 13);
	length_put(b, length);
}

size_t
lzs_compress(struct lzs *z, const uint8_t *in, size_t len, uint8_t *out, size_t size)
{
	struct bits_out b = { .start = out, .p = out, .end = out + size };
	size_t at = 0;

	if (len > LZS_PACKET_MAX)
		return 0;
	memset(z->head, 0, sizeof(z->head));
	while (at < len && !b.full) {
		size_t offset = 0, n = at + 1 < len ? match_find(z, in, len, at, &offset) : 0, end;

		if (n >= LENGTH_MIN) {
			match_put(&b, offset, n);
		} else {
			bits_put(&b, in[at], 9);
			n = 1;
		}
		for (end = at + n; at < end; at++) {
			if (at + 1 < len)
				place_add(z, in, at);
		}
	}
	bits_put(&b, 0x180, 9);
	bits_put(&b, 0, (8 - b.count % 8) % 8);
	return b.full ? 0 : (size_t)(b.p - b.start);
}
