/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A matched line: its values, its full spelling, its secrets. */
#include <string.h>

#include "server/config/command.h"
#include "server/config/param.h"

const struct cmd_arg *
cmd_arg(const struct cmd_match *m, const char *label)
{
	for (int i = 0; i < m->argc; i++) {
		if (!m->args[i].keyword && strcmp(m->args[i].label, label) == 0)
			return &m->args[i];
	}
	return NULL;
}

const char *
cmd_nth(const struct cmd_match *m, const char *label, int nth)
{
	for (int i = 0; i < m->argc; i++) {
		if (!m->args[i].keyword && strcmp(m->args[i].label, label) == 0 && nth-- == 0)
			return m->args[i].value;
	}
	return NULL;
}

const char *
cmd_str(const struct cmd_match *m, const char *label)
{
	return cmd_nth(m, label, 0);
}

bool
cmd_int(const struct cmd_match *m, const char *label, long long *value)
{
	const char *text = cmd_str(m, label);

	return text != NULL && param_number(text, value);
}

bool
cmd_word(const struct cmd_match *m, const char *keyword)
{
	for (int i = 0; i < m->argc; i++) {
		if (m->args[i].keyword && strcmp(m->args[i].label, keyword) == 0)
			return true;
	}
	return false;
}

void
cmd_print_word(const char *word, FILE *out)
{
	bool plain = *word != '\0' && strpbrk(word, " \t") == NULL;

	fprintf(out, plain ? "%s" : "\"%s\"", word);
}

static void
match_print(const struct cmd_match *m, bool masked, FILE *out)
{
	for (int i = 0; i < m->argc; i++) {
		const struct cmd_arg *a = &m->args[i];

		if (i > 0)
			putc(' ', out);
		if (a->keyword)
			fputs(a->label, out);
		else if (a->secret && masked)
			fputs("*****", out);
		else if (a->quoted && strchr(a->value, '"') == NULL)
			fprintf(out, "\"%s\"", a->value);
		else
			fputs(a->value, out);
	}
}

void
cmd_print(const struct cmd_match *m, FILE *out)
{
	match_print(m, false, out);
}

void
cmd_print_masked(const struct cmd_match *m, FILE *out)
{
	match_print(m, true, out);
}

bool
cmd_has_secret(const struct cmd_match *m)
{
	for (int i = 0; i < m->argc; i++) {
		if (m->args[i].secret)
			return true;
	}
	return false;
}

void
cmd_wipe(struct cmd_match *m)
{
	for (int i = 0; i < m->argc; i++) {
		const struct cmd_arg *a = &m->args[i];

		if (!a->secret)
			continue;
		memset((char *)a->value, '*', strlen(a->value)); /* in m->text */
		if (a->end > a->column && (size_t)a->end <= strlen(m->line) + 1)
			memset(m->line + a->column - 1, '*', (size_t)(a->end - a->column));
	}
}
