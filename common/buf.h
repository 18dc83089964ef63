/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cursors over bytes from or for another party. A cursor knows its end; going
 * past it sets `bad`, leaves nothing, and gives zeros, so that a caller may
 * check once at the end.
 * All integers are big-endian.
 */
#ifndef OFFHOOK_BUF_H
#define OFFHOOK_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct rd {
	const uint8_t *p, *end;
	bool bad;
};

struct wr {
	uint8_t *p, *end;
	bool bad;
};

static inline struct rd
rd_init(const void *data, size_t len)
{
	return (struct rd){ .p = data, .end = (const uint8_t *)data + len };
}

static inline size_t
rd_left(const struct rd *r)
{
	return (size_t)(r->end - r->p);
}

/* n bytes, or NULL when fewer are left. */
static inline const uint8_t *
rd_bytes(struct rd *r, size_t n)
{
	const uint8_t *p = r->p;

	if (r->bad || n > rd_left(r)) {
		r->bad = true;
		r->p = r->end; /* a loop over what is left ends here, too */
		return NULL;
	}
	r->p += n;
	return p;
}

static inline uint64_t
rd_uint(struct rd *r, size_t n)
{
	const uint8_t *p = rd_bytes(r, n);
	uint64_t v = 0;

	if (p == NULL)
		return 0;
	for (size_t i = 0; i < n; i++)
		v = v << 8 | p[i];
	return v;
}

static inline uint8_t rd_u8(struct rd *r) { return (uint8_t)rd_uint(r, 1); }
static inline uint16_t rd_u16(struct rd *r) { return (uint16_t)rd_uint(r, 2); }
static inline uint32_t rd_u24(struct rd *r) { return (uint32_t)rd_uint(r, 3); }
static inline uint32_t rd_u32(struct rd *r) { return (uint32_t)rd_uint(r, 4); }
static inline uint64_t rd_u64(struct rd *r) { return rd_uint(r, 8); }

/* A cursor over the next n bytes; bad when fewer are left. */
static inline struct rd
rd_sub(struct rd *r, size_t n)
{
	const uint8_t *p = rd_bytes(r, n);

	return p == NULL ? (struct rd){ .bad = true } : rd_init(p, n);
}

static inline struct wr
wr_init(void *data, size_t size)
{
	return (struct wr){ .p = data, .end = (uint8_t *)data + size };
}

/* Room for n bytes to be written by the caller, or NULL when there is none. */
static inline uint8_t *
wr_room(struct wr *w, size_t n)
{
	uint8_t *p = w->p;

	if (w->bad || n > (size_t)(w->end - w->p)) {
		w->bad = true;
		return NULL;
	}
	w->p += n;
	return p;
}

static inline void
wr_bytes(struct wr *w, const void *data, size_t n)
{
	uint8_t *p = wr_room(w, n);

	if (p != NULL && n > 0)
		memcpy(p, data, n);
}

static inline void
wr_uint(struct wr *w, uint64_t v, size_t n)
{
	uint8_t bytes[8];

	for (size_t i = n; i > 0; i--, v >>= 8)
		bytes[i - 1] = (uint8_t)v;
	wr_bytes(w, bytes, n);
}

static inline void wr_u8(struct wr *w, uint8_t v) { wr_uint(w, v, 1); }
static inline void wr_u16(struct wr *w, uint16_t v) { wr_uint(w, v, 2); }
static inline void wr_u32(struct wr *w, uint32_t v) { wr_uint(w, v, 4); }
static inline void wr_u64(struct wr *w, uint64_t v) { wr_uint(w, v, 8); }

/* Lower-case hex of n bytes; out has room for 2 * n + 1. */
void hex_put(const void *data, size_t n, char *out);

/* Exactly n bytes from 2 * n hex digits of either case. False: not that. */
bool hex_get(const char *text, size_t text_len, void *out, size_t n);

#endif
