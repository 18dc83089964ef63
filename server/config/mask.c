/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines for logs and error reports, without their secrets. A row that acts, or
 * names a secret, knows which of its words are; for any other line all that follows a
 * word like "password" is hidden.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/mem.h"
#include "server/config/command.h"
#include "server/config/token.h"

static const char stars[] = "*****";

/* Words in front of a secret, and how many letters of them are enough. */
static const struct {
	const char *word;
	size_t min;
} secret_words[] = {
	{ "password", 2 }, { "passwd", 2 }, { "passphrase", 2 }, { "secret", 3 }, { "key", 2 }, { "pkcs12", 2 },
	{ "pre-shared-key", 4 }, { "community", 4 }, { "ldap-login-password", 12 }, { "radius-common-pw", 9 },
	{ "authentication-key", 16 }, { "md5", 3 }, { "sha", 3 }, { "auth", 4 }, { "priv", 4 }, { "string", 6 },
	{ "key-string", 5 }, { "hash", 4 },
};

static bool
secret_follows(const char *word, size_t len, const char *before, size_t before_len)
{
	for (size_t i = 0; i < sizeof(secret_words) / sizeof(secret_words[0]); i++) {
		const char *w = secret_words[i].word;

		if (len < secret_words[i].min || len > strlen(w) || strncasecmp(w, word, len) != 0)
			continue;
		/* "crypto key generate rsa label X" names no secret */
		return !(strcmp(w, "key") == 0 && before_len >= 2 && strncasecmp("crypto", before, before_len) == 0);
	}
	if (strncasecmp(word, "passw", 5) == 0 && len > 5) /* misspelled */
		return true;
	if (len > 4 && (strncasecmp(word + len - 4, "-key", 4) == 0 || strncasecmp(word + len - 3, "-pw", 3) == 0))
		return true;
	return len > 8 && strncasecmp(word + len - 8, "password", 8) == 0;
}

static char *
masked_from(const char *line, size_t from, int *column)
{
	char *out = xmalloc(from + sizeof(stars));

	memcpy(out, line, from);
	memcpy(out + from, stars, sizeof(stars));
	if (column != NULL && *column > (int)from + 1)
		*column = (int)from + 1;
	return out;
}

/* "aaa-server TAG (IF) host H KEY": the second word behind "host". */
static bool
server_key_follows(const char *line, const struct token *host, struct token *key)
{
	struct token t;

	return strncasecmp(line + strspn(line, " \t"), "aaa-s", 5) == 0 && host->to - host->from == 4 &&
	    strncasecmp(line + host->from, "host", 4) == 0 && token_next(line, host->end, &t) && token_next(line, t.end, key);
}

/* The unknown line: hide from the first word behind a telling one. */
static char *
masked_by_words(const char *line, int *column)
{
	struct token t, before = { 0 };
	size_t pos = 0;

	while (token_next(line, pos, &t)) {
		struct token next;

		if (secret_follows(line + t.from, t.to - t.from, line + before.from, before.to - before.from) &&
		    token_next(line, t.end, &next))
			return masked_from(line, next.start, column);
		if (server_key_follows(line, &t, &next))
			return masked_from(line, next.start, column);
		before = t;
		pos = t.end;
	}
	return xstrdup(line);
}

char *
command_masked(const struct cmd_match *m, const char *line, int *column)
{
	char *out;
	size_t used = 0, at = 0;
	int moved = column != NULL ? *column : 0;

	if (m == NULL || m->row == NULL || (m->row->cls != CMD_ACTS && !cmd_has_secret(m)))
		return masked_by_words(line, column);
	out = xmalloc(strlen(line) + (size_t)m->argc * sizeof(stars) + 1);
	for (int i = 0; i < m->argc; i++) {
		const struct cmd_arg *a = &m->args[i];
		size_t start = (size_t)a->column - 1, end = (size_t)a->end - 1;

		if (!a->secret || end > strlen(line))
			continue;
		memcpy(out + used, line + at, start - at);
		used += start - at;
		memcpy(out + used, stars, sizeof(stars) - 1);
		used += sizeof(stars) - 1;
		if (column != NULL && *column > (int)start)
			moved = *column <= (int)end ? (int)(used - sizeof(stars)) + 2 : *column + (int)(used - end);
		at = end;
	}
	strcpy(out + used, line + at);
	if (column != NULL)
		*column = moved;
	return out;
}

