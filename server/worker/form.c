/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/worker/form.h"

#include <ctype.h>
#include <string.h>

static int
hex_value(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : (c | 0x20) - 'a' + 10;
}

/* Decode text up to end; the length, or -1 (too long, a NUL in it). What is no escape stands for itself. */
static int
decode(const char *text, const char *end, char *out, size_t size)
{
	size_t n = 0;

	while (text < end) {
		char c = *text++;

		if (c == '+') {
			c = ' ';
		} else if (c == '%' && end - text >= 2 && isxdigit((unsigned char)text[0]) && isxdigit((unsigned char)text[1])) {
			c = (char)(hex_value(text[0]) << 4 | hex_value(text[1]));
			text += 2;
		}
		if (c == '\0' || n + 1 >= size)
			return -1;
		out[n++] = c;
	}
	out[n] = '\0';
	return (int)n;
}

bool
form_get(const char *body, size_t len, const char *name, char *out, size_t size)
{
	const char *end = body + len;

	while (body < end) {
		const char *next = memchr(body, '&', (size_t)(end - body)), *stop = next != NULL ? next : end;
		const char *equals = memchr(body, '=', (size_t)(stop - body));
		char key[64];

		if (equals != NULL && decode(body, equals, key, sizeof(key)) >= 0 && strcmp(key, name) == 0)
			return decode(equals + 1, stop, out, size) >= 0;
		body = stop + 1;
	}
	return false;
}
