/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words of a line: separated by blanks, or "in quotes" with blanks inside. */
#ifndef OFFHOOK_TOKEN_H
#define OFFHOOK_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

struct token {
	size_t start, end; /* offsets in the line, quotes included */
	size_t from, to;   /* the value, quotes excluded */
	bool quoted;
	bool unterminated;
};

/* The next word at or after pos; false at the end of the line. */
bool token_next(const char *line, size_t pos, struct token *);

/* The rest of the line as one value: without the blanks around it, and without quotes that enclose all of it. */
bool token_rest(const char *line, size_t pos, struct token *);

/* Offset of the first byte that no text has: a control character or broken UTF-8; len when all is well. */
size_t token_bad_byte(const char *text, size_t len);

#endif
