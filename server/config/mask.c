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
	{ "pre-shared-key", 3 }, { "community", 4 }, { "ldap-login-password", 12 }, { "radius-common-pw", 8 },
	{ "authentication-key", 16 }, { "md5", 3 }, { "sha", 3 }, { "auth", 4 }, { "priv", 4 }, { "string", 6 },
	{ "key-string", 5 }, { "hash", 4 }, { "otp", 3 }, { "use-common-password", 12 },
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
	if (len > 7 && strncasecmp(word + len - 7, "-secret", 7) == 0)
		return true;
	return len > 8 && strncasecmp(word + len - 8, "password", 8) == 0;
}

/* "ftp://user:SECRET@host": where the secret is; false: none. */
static bool
url_secret(const char *line, const struct token *t, size_t *from)
{
	const char *word = line + t->from, *end = line + t->to, *host, *at, *colon;

	host = memmem(word, (size_t)(end - word), "://", 3);
	if (host == NULL)
		return false;
	host += 3;
	at = memchr(host, '@', strcspn(host, "/ \t"));
	colon = at != NULL ? memchr(host, ':', (size_t)(at - host)) : NULL;
	if (colon == NULL || at > end)
		return false;
	*from = (size_t)(colon + 1 - line);
	return true;
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

/* Secrets that stand some words behind a telling one: "aaa-server TAG (IF) host H KEY", "ldap-dn DN SECRET". */
static bool
server_key_follows(const char *line, const struct token *word, struct token *key)
{
	static const struct {
		const char *line, *word; /* what the line begins with, what the word is */
		int behind;
	} places[] = { { "aaa-s", "host", 2 }, { "ldap-dn", "ldap-dn", 2 }, { "logging", "ftp-server", 4 } };
	size_t len = word->to - word->from;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		int n = places[i].behind;

		if (len != strlen(places[i].word) || strncasecmp(line + word->from, places[i].word, len) != 0 ||
		    strncasecmp(line + strspn(line, " \t"), places[i].line, strlen(places[i].line)) != 0)
			continue;
		for (*key = *word; n > 0 && token_next(line, key->end, key); n--)
			;
		return n == 0;
	}
	return false;
}

/* The unknown line: hide from the first word behind a telling one. */
static char *
masked_by_words(const char *line, int *column)
{
	struct token t, before = { 0 };
	size_t pos = 0, from;

	while (token_next(line, pos, &t)) {
		struct token next;

		if (secret_follows(line + t.from, t.to - t.from, line + before.from, before.to - before.from) &&
		    token_next(line, t.end, &next))
			return masked_from(line, next.start, column);
		if (server_key_follows(line, &t, &next))
			return masked_from(line, next.start, column);
		if (url_secret(line, &t, &from))
			return masked_from(line, from, column);
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

