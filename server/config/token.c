/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/config/token.h"

#include <string.h>

static const char blanks[] = " \t\r\n\f\v";

bool
token_next(const char *line, size_t pos, struct token *t)
{
	const char *close;

	t->start = pos + strspn(line + pos, blanks);
	t->quoted = t->unterminated = false;
	if (line[t->start] == '\0')
		return false;
	if (line[t->start] != '"') {
		t->from = t->start;
		t->to = t->end = t->start + strcspn(line + t->start, blanks);
		return true;
	}
	t->quoted = true;
	t->from = t->start + 1;
	close = strchr(line + t->from, '"');
	t->unterminated = close == NULL;
	t->to = close != NULL ? (size_t)(close - line) : strlen(line);
	t->end = t->to + (close != NULL);
	return true;
}

bool
token_rest(const char *line, size_t pos, struct token *t)
{
	t->start = pos + strspn(line + pos, blanks);
	t->quoted = t->unterminated = false;
	t->end = strlen(line);
	while (t->end > t->start && strchr(blanks, line[t->end - 1]) != NULL)
		t->end--;
	t->from = t->start;
	t->to = t->end;
	if (t->start == t->end)
		return false;
	if (line[t->start] == '"' && t->end - t->start >= 2 &&
	    memchr(line + t->start + 1, '"', t->end - t->start - 1) == line + t->end - 1) {
		t->quoted = true;
		t->from++;
		t->to--;
	}
	return true;
}

size_t
token_bad_byte(const char *text, size_t len)
{
	for (size_t i = 0; i < len;) {
		unsigned char c = (unsigned char)text[i];
		size_t more = c < 0x80 ? 0 : c >= 0xc2 && c < 0xe0 ? 1 : c >= 0xe0 && c < 0xf0 ? 2 : c >= 0xf0 && c < 0xf5 ? 3 : 9;

		if (more == 9 || (c < 0x20 && c != '\t') || c == 0x7f || i + more >= len)
			return i;
		for (size_t k = 1; k <= more; k++) {
			if (((unsigned char)text[i + k] & 0xc0) != 0x80)
				return i;
		}
		i += more + 1;
	}
	return len;
}
