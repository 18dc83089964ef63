/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/main/cli_filter.h"

#include <ctype.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/mem.h"

enum kind { INCLUDE, EXCLUDE, BEGIN, GREP, COUNT_LINES };

static const struct {
	const char *word;
	enum kind kind;
} kinds[] = {
	{ "include", INCLUDE }, { "exclude", EXCLUDE }, { "begin", BEGIN }, { "grep", GREP }, { "count", COUNT_LINES },
};

struct cli_filter {
	enum kind kind;
	bool invert, any; /* any: "count" without an expression */
	bool begun;
	regex_t regex;
	unsigned long count;
	char *part; /* of a line whose end has not come */
	size_t part_len, part_room;
};

/* ---- reading "| include X" ---- */

/* Only what show prints is filtered: elsewhere a "|" is text. */
static bool
is_show(const char *line)
{
	size_t len;

	line += strspn(line, " \t");
	len = strcspn(line, " \t");
	return len >= 2 && len <= 4 && strncasecmp(line, "show", len) == 0;
}

/* The "|" that stands outside quotes and behind a blank; NULL: none. */
static char *
bar_find(char *line)
{
	bool quoted = false;

	for (char *p = line; *p != '\0'; p++) {
		if (*p == '"')
			quoted = !quoted;
		else if (*p == '|' && !quoted && p > line && isspace((unsigned char)p[-1]))
			return p;
	}
	return NULL;
}

static bool
wrong(const char *line, const char *at, size_t prompt_len, const char *why, FILE *out)
{
	fprintf(out, "%*s^\nERROR: %% Invalid input detected at '^' marker.\n", (int)(prompt_len + (size_t)(at - line)), "");
	if (why[0] != '\0')
		fprintf(out, "INFO: %s\n", why);
	return false;
}

static bool
kind_read(const char **p, enum kind *kind)
{
	size_t len = strcspn(*p, " \t");

	for (size_t i = 0; len > 0 && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (len <= strlen(kinds[i].word) && strncasecmp(kinds[i].word, *p, len) == 0) {
			*kind = kinds[i].kind;
			*p += len;
			*p += strspn(*p, " \t");
			return true;
		}
	}
	return false;
}

/* The rest of the line; quotes around it are not part of it. */
static char *
expression(const char *p)
{
	size_t len = strlen(p);

	while (len > 0 && isspace((unsigned char)p[len - 1]))
		len--;
	if (len >= 2 && p[0] == '"' && p[len - 1] == '"') {
		p++;
		len -= 2;
	}
	return strndup(p, len);
}

bool
cli_filter_cut(char *line, size_t prompt_len, struct cli_filter **filter, FILE *out)
{
	char *bar = is_show(line) ? bar_find(line) : NULL, *text, why[128];
	const char *p;
	struct cli_filter *f;
	int r;

	*filter = NULL;
	if (bar == NULL)
		return true;
	f = xcalloc(1, sizeof(*f));
	p = bar + 1 + strspn(bar + 1, " \t");
	if (!kind_read(&p, &f->kind)) {
		free(f);
		return wrong(line, p, prompt_len, "include, exclude, begin, grep or count", out);
	}
	if (f->kind == GREP && strncmp(p, "-v", 2) == 0 && (p[2] == ' ' || p[2] == '\t')) {
		f->invert = true;
		p += 2 + strspn(p + 2, " \t");
	}
	f->invert |= f->kind == EXCLUDE;
	if (*p == '\0' && f->kind != COUNT_LINES) {
		free(f);
		fprintf(out, "ERROR: %% Incomplete command\n");
		return false;
	}
	f->any = *p == '\0';
	text = expression(p);
	if (text == NULL)
		abort();
	r = regcomp(&f->regex, f->any ? "^" : text, REG_EXTENDED | REG_NOSUB);
	free(text);
	if (r != 0) {
		regerror(r, &f->regex, why, sizeof(why));
		free(f);
		return wrong(line, p, prompt_len, why, out);
	}
	*bar = '\0';
	*filter = f;
	return true;
}

/* ---- lines ---- */

static void
line_write(struct cli_filter *f, char *line, size_t len, FILE *out)
{
	bool fits;

	line[len] = '\0';
	fits = (regexec(&f->regex, line, 0, NULL, 0) == 0) != f->invert;
	f->begun |= fits;
	if (f->kind == COUNT_LINES)
		f->count += fits;
	else if (f->kind == BEGIN ? f->begun : fits)
		fprintf(out, "%s\n", line);
}

static void
part_add(struct cli_filter *f, const char *text, size_t len)
{
	if (f->part_len + len + 1 > f->part_room) {
		f->part_room = (f->part_len + len + 1) * 2;
		f->part = xrealloc(f->part, f->part_room);
	}
	memcpy(f->part + f->part_len, text, len);
	f->part_len += len;
}

void
cli_filter_write(struct cli_filter *f, const char *text, size_t len, FILE *out)
{
	const char *nl;

	while (len > 0 && (nl = memchr(text, '\n', len)) != NULL) {
		size_t n = (size_t)(nl - text);

		part_add(f, text, n);
		line_write(f, f->part, f->part_len, out);
		f->part_len = 0;
		text += n + 1;
		len -= n + 1;
	}
	if (len > 0)
		part_add(f, text, len);
}

void
cli_filter_end(struct cli_filter *f, FILE *out)
{
	if (f->part_len > 0)
		line_write(f, f->part, f->part_len, out);
	if (f->kind == COUNT_LINES)
		fprintf(out, "Number of lines which match regexp = %lu\n", f->count);
	cli_filter_free(f);
}

void
cli_filter_free(struct cli_filter *f)
{
	if (f == NULL)
		return;
	regfree(&f->regex);
	free(f->part);
	free(f);
}
