/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PHONE_BYTES_H
#define PHONE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A growable byte buffer. Zeroed = empty. The program ends when memory does:
 * a simulator has nothing sensible to do then.
 */
struct buf {
	uint8_t *data;
	size_t len, cap;
};

#define CONTAINER_OF(ptr, type, member) \
	((type *)(void *)((char *)(ptr) - offsetof(type, member)))
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

void buf_add(struct buf *b, const void *data, size_t len);
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3), nonnull(2)));
/* Drop the first len bytes (len <= b->len). */
void buf_consume(struct buf *b, size_t len);
void buf_clear(struct buf *b);	/* frees */

/* Never NULL. */
void *mem_alloc(size_t size);	/* zeroed */
char *mem_strdup(const char *s);

/* Lower-case hex of len bytes, zero ended: out has room for 2 * len + 1. */
void hex_put(char *out, const uint8_t *in, size_t len);
/* Exactly 2 * len hex digits and the end of the string; false if not so. */
bool hex_get(uint8_t *out, size_t len, const char *text);

void put16(uint8_t *p, uint16_t v);
void put32(uint8_t *p, uint32_t v);
uint16_t get16(const uint8_t *p);
uint32_t get32(const uint8_t *p);

/* Copy with an end: always zero ended, cut if need be. */
void text_set(char *out, size_t cap, const char *text);
/* Copy pattern with each "%d" replaced by number. */
void text_expand(char *out, size_t cap, const char *pattern, unsigned number);

/* The steady clock, microseconds and milliseconds. */
int64_t clock_us(void);
int64_t clock_ms(void);

#endif
