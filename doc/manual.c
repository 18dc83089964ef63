/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes offhook-config(5) from the command tables: what is parsed and what is
 * documented are the same rows. "make doc" runs it.
 */
#include <stdio.h>
#include <string.h>

#include "server/config/grammar.h"

#define MODES_MAX 128

static const struct config_mode *modes[MODES_MAX];
static size_t mode_count;

static void
text_put(const char *s)
{
	if (*s == '.' || *s == '\'')
		fputs("\\&", stdout);
	for (; *s != '\0'; s++) {
		if (*s == '\\')
			fputs("\\e", stdout);
		else if (*s == '-')
			fputs("\\-", stdout);
		else
			putchar(*s);
	}
}

static bool
listed(const struct command *row)
{
	return (row->flags & CMD_ALIAS) == 0 && row->cls != CMD_IGNORED;
}

static void
row_put(const struct command *row)
{
	printf(".It Xo\n");
	if (row->flags & CMD_ONLY_NO)
		text_put("no ");
	else if (row->flags & CMD_NO)
		text_put("[no] ");
	text_put(row->syntax);
	printf("\n.Xc\n");
	text_put(row->help != NULL ? row->help : "");
	printf(".\n");
	if (row->dflt != NULL) {
		printf("Default: ");
		text_put(row->dflt);
		printf(".\n");
	}
	if (row->cls == CMD_KEPT)
		printf("Kept and printed, without effect.\n");
}

static void
mode_note(const struct config_mode *mode)
{
	for (size_t i = 0; i < mode_count; i++) {
		if (modes[i] == mode)
			return;
	}
	if (mode != NULL && !mode->swallow && mode_count < MODES_MAX)
		modes[mode_count++] = mode;
}

static void
mode_put(const struct config_mode *mode)
{
	struct command_table *tables[MODE_TABLES_MAX];
	size_t n = mode_tables(mode, tables);
	bool any = false;

	for (size_t t = 0; t < n; t++) {
		for (size_t i = 0; i < tables[t]->count; i++) {
			const struct command *row = &tables[t]->rows[i];

			if (!listed(row) || tables[t] == &common_rows)
				continue;
			if (!any)
				printf(".Ss (%s)#\n.Bl -tag -width Ds\n", mode->name);
			any = true;
			row_put(row);
			mode_note(row->enter);
		}
	}
	if (any)
		printf(".El\n");
}

static void
ignored_put(void)
{
	const struct command_table *t = ignored_global();

	printf(".Sh IGNORED\nCommands of other subjects, which are read, counted, and not kept:\n.Pp\n");
	for (size_t i = 0; i < t->count; i++) {
		const char *syntax = t->rows[i].syntax;
		char words[96];

		snprintf(words, sizeof(words), "%.*s", (int)(strcspn(syntax, "[<{") > 0 ? strcspn(syntax, "[<{") : 0), syntax);
		for (size_t len = strlen(words); len > 0 && words[len - 1] == ' ';)
			words[--len] = '\0';
		text_put(words);
		printf("%s\n", i + 1 < t->count ? "," : ".");
	}
}

int
main(void)
{
	printf(".\\\" SPDX-License-Identifier: GPL-2.0-or-later\n.\\\" Made by doc/manual.c from the command tables.\n");
	printf(".Dd November 22, 2026\n.Dt OFFHOOK-CONFIG 5\n.Os offhook\n.Sh NAME\n.Nm offhook-config\n"
	    ".Nd the configuration language of offhookd\n.Sh DESCRIPTION\n"
	    "startup-config is in the language of a Cisco ASA 9.12, as\n.Dq show running-config\nprints it there.\n"
	    "Keywords may be abbreviated, in any case; names are exact.\nIndentation is optional.\n"
	    "Lines that begin with ! or : are comments; lines indented below a command of another subject belong to it.\n"
	    "Where an address stands, an alias of a\n.Dq name\ncommand may stand; the address is printed.\n.Pp\n"
	    "Three classes of commands: those that act; those that are kept and printed back, but have no effect here, which\n"
	    "is said once when they are read; and those of other subjects, which are counted.\nA word that no ASA knows is an error.\n"
	    ".Pp\nIn what follows <x> is a value, <a:x> a value of kind x that is called a, {a | b} a choice, [x] may be left out, x... may be repeated.\n"
	    ".Sh COMMANDS\n");
	mode_note(&mode_global);
	for (size_t i = 0; i < mode_count; i++)
		mode_put(modes[i]);
	ignored_put();
	printf(".Sh SEE ALSO\n.Xr offhookd.conf 5 ,\n.Xr offhook 8 ,\n.Xr offhookd 8 ,\ndoc/from-asa.md\n");
	return 0;
}
