/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes and small texts: buffer, hex, big-endian numbers, the clock. */

#include "bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void
mem_out(void)
{
	fputs("phone: out of memory\n", stderr);
	abort();
}

void *
mem_alloc(size_t size)
{
	void *p = calloc(1, size);

	if (p == NULL)
		mem_out();
	return p;
}

char *
mem_strdup(const char *s)
{
	char *copy = strdup(s);

	if (copy == NULL)
		mem_out();
	return copy;
}

static void
buf_reserve(struct buf *b, size_t more)
{
	size_t cap = b->cap ? b->cap : 256;

	if (b->cap - b->len >= more)
		return;
	while (cap - b->len < more)
		cap *= 2;
	if ((b->data = realloc(b->data, cap)) == NULL)
		mem_out();
	b->cap = cap;
}

void
buf_add(struct buf *b, const void *data, size_t len)
{
	if (len == 0)
		return;
	buf_reserve(b, len);
	memcpy(b->data + b->len, data, len);
	b->len += len;
}

void
buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap, again;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	buf_reserve(b, (size_t)n + 1);
	vsnprintf((char *)b->data + b->len, (size_t)n + 1, fmt, again);
	va_end(again);
	b->len += (size_t)n;
}

void
buf_consume(struct buf *b, size_t len)
{
	b->len -= len;
	if (b->len > 0)
		memmove(b->data, b->data + len, b->len);
}

void
buf_clear(struct buf *b)
{
	free(b->data);
	*b = (struct buf){ 0 };
}

void
hex_put(char *out, const uint8_t *in, size_t len)
{
	static const char digit[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < len; i++) {
		out[2 * i] = digit[in[i] >> 4];
		out[2 * i + 1] = digit[in[i] & 15];
	}
	out[2 * len] = '\0';
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool
hex_get(uint8_t *out, size_t len, const char *text)
{
	size_t i;
	int high, low;

	if (strlen(text) != 2 * len)
		return false;
	for (i = 0; i < len; i++) {
		high = hex_digit(text[2 * i]);
		low = hex_digit(text[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

void
put16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

void
put32(uint8_t *p, uint32_t v)
{
	put16(p, (uint16_t)(v >> 16));
	put16(p + 2, (uint16_t)v);
}

uint16_t
get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

uint32_t
get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

void
text_set(char *out, size_t cap, const char *text)
{
	size_t len = strlen(text);

	if (len >= cap)
		len = cap - 1;
	memcpy(out, text, len);
	out[len] = '\0';
}

void
text_expand(char *out, size_t cap, const char *pattern, unsigned number)
{
	char digits[16];
	size_t at = 0;
	const char *d;

	snprintf(digits, sizeof(digits), "%u", number);
	while (*pattern && at + 1 < cap) {
		if (pattern[0] == '%' && pattern[1] == 'd') {
			for (d = digits; *d && at + 1 < cap; d++)
				out[at++] = *d;
			pattern += 2;
		} else {
			out[at++] = *pattern++;
		}
	}
	out[at] = '\0';
}

int64_t
clock_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t
clock_ms(void)
{
	return clock_us() / 1000;
}
