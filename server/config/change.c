/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One line applied to a configuration, from a file (findings into a report) or
 * live (answers to a stream).
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "server/config/grammar.h"

/* The argument meant by a label: by name (values before keywords), else by value, else the first behind the leading words. */
static const struct cmd_arg *
change_arg(const struct config_change *ch, const char *label)
{
	const struct cmd_match *m = ch->m;

	if (m == NULL || m->argc == 0)
		return NULL;
	for (int keyword = 0; label != NULL && keyword < 2; keyword++) {
		for (int i = 0; i < m->argc; i++) {
			if (m->args[i].keyword == (keyword == 1) && strcmp(m->args[i].label, label) == 0)
				return &m->args[i];
		}
	}
	for (int i = 0; label != NULL && i < m->argc; i++) {
		if (!m->args[i].keyword && m->args[i].value == label)
			return &m->args[i];
	}
	return m->leading < m->argc ? &m->args[m->leading] : &m->args[0];
}

static void
change_finding(struct config_change *ch, bool warning, const char *label, const char *fmt, va_list ap)
{
	char *text;

	if (vasprintf(&text, fmt, ap) < 0)
		return;
	if (ch->report != NULL) {
		const struct cmd_arg *a = change_arg(ch, label);

		report_add_source(ch->report, warning, ch->line, a != NULL ? a->column : 1,
		    ch->m != NULL ? ch->m->line : NULL, ch->m, "%s", text);
	} else if (ch->answer != NULL) {
		fprintf(ch->answer, "%s: %s\n", warning ? "WARNING" : "ERROR", text);
	}
	free(text);
}

int
change_error(struct config_change *ch, const char *label, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	change_finding(ch, false, label, fmt, ap);
	va_end(ap);
	ch->failed = true;
	return ERR_CONFIG;
}

void
change_warning(struct config_change *ch, const char *label, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	change_finding(ch, true, label, fmt, ap);
	va_end(ap);
}

void
change_info(struct config_change *ch, const char *fmt, ...)
{
	va_list ap;

	if (ch->answer == NULL)
		return;
	va_start(ap, fmt);
	fputs("INFO: ", ch->answer);
	vfprintf(ch->answer, fmt, ap);
	putc('\n', ch->answer);
	va_end(ap);
}

void
change_place(struct config_change *ch, const void *key, const char *label)
{
	struct config_tables *tables = ch->cfg->tables;
	const struct cmd_arg *a = change_arg(ch, label);

	if (ch->report == NULL)
		return;
	if (tables->place_count == tables->place_room) {
		tables->place_room = tables->place_room ? tables->place_room * 2 : 256;
		tables->places = xrealloc(tables->places, tables->place_room * sizeof(*tables->places));
	}
	tables->places[tables->place_count++] =
	    (struct config_place){ key, ch->line, a != NULL ? a->column : 1 };
}

/* --- lines without effect --------------------------------------------------- */

static void
change_keyword(const struct config_change *ch, char *out, size_t size)
{
	size_t used = 0;

	out[0] = '\0';
	for (int i = 0; i < ch->m->leading && i < ch->m->argc && used < size; i++)
		used += (size_t)snprintf(out + used, size - used, "%s%s", i > 0 ? " " : "", ch->m->args[i].label);
}

void
change_no_effect(struct config_change *ch, const char *what)
{
	struct config_tables *tables = ch->cfg->tables;
	char keyword[96], *said;

	if (what != NULL)
		snprintf(keyword, sizeof(keyword), "%s", what);
	else
		change_keyword(ch, keyword, sizeof(keyword));
	if (index_get(&tables->index, INDEX_SAID, keyword) != NULL)
		return;
	said = mem_strdup(ch->cfg->mem, keyword);
	index_put(&tables->index, INDEX_SAID, said, said);
	if (ch->report != NULL)
		report_add_source(ch->report, true, ch->line, 1, NULL, NULL, "\"%s\" has no effect here", keyword);
	else if (ch->answer != NULL)
		fprintf(ch->answer, "WARNING: \"%s\" has no effect here\n", keyword);
}

static void
ignored_count(struct config_change *ch)
{
	struct config_tables *tables = ch->cfg->tables;
	struct ignored_count *count;
	char keyword[96];

	change_keyword(ch, keyword, sizeof(keyword));
	tables->ignored_lines++;
	count = index_get(&tables->index, INDEX_IGNORED, keyword);
	if (count == NULL) {
		count = mem_alloc(ch->cfg->mem, sizeof(*count));
		count->keyword = mem_strdup(ch->cfg->mem, keyword);
		*tables->ignored_tail = count;
		tables->ignored_tail = &count->next;
		index_put(&tables->index, INDEX_IGNORED, count->keyword, count);
	}
	count->lines++;
	if (ch->report == NULL && ch->answer != NULL)
		fprintf(ch->answer, "WARNING: \"%s\" has no effect here\n", keyword);
}

char *
change_text(const struct config_change *ch, bool masked)
{
	char *text = NULL, *kept;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (out == NULL)
		abort();
	(masked ? cmd_print_masked : cmd_print)(ch->m, out);
	fclose(out);
	kept = mem_strdup(ch->cfg->mem, text);
	explicit_bzero(text, len);
	free(text);
	return kept;
}

bool
change_secret_masked(struct config_change *ch)
{
	for (int i = 0; i < ch->m->argc; i++) {
		const struct cmd_arg *a = &ch->m->args[i];

		if (!a->secret || a->value[0] == '\0' || a->value[strspn(a->value, "*")] != '\0')
			continue;
		change_warning(ch, a->label, "the %s is masked, set it again", a->label);
		return true;
	}
	return false;
}

/* --- one line ------------------------------------------------------------------ */

static int
setting_apply(struct config_change *ch)
{
	const struct command *row = ch->m->row;
	void *field = (char *)ch->object + ch->mode->fields + row->offset;

	if (!ch->m->no) {
		change_place(ch, field, NULL);
		return row->type->parse(ch, row, field);
	}
	if (row->type->negate != NULL)
		row->type->negate(field);
	else
		row->type->unset(field);
	return 0;
}

/* What is said to be as it is anyway needs no warning. */
static bool
setting_is_default(const struct config_change *ch)
{
	const struct command *row = ch->m->row;
	const void *field = (const char *)ch->object + ch->mode->fields + row->offset;
	char *text = NULL;
	size_t len;
	bool same;
	FILE *out;

	if (row->type == NULL || row->dflt == NULL || !row->type->is_set(field))
		return false;
	if ((out = open_memstream(&text, &len)) == NULL)
		abort();
	row->type->print(row, field, out);
	fclose(out);
	same = strcmp(text, row->dflt) == 0;
	free(text);
	return same;
}

/* The words of the line, with "anyconnect" for "svc", as it was called before 8.4. */
static char *
svc_renamed(const struct cmd_match *m)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (out == NULL)
		abort();
	fputs(m->no ? "no" : "", out);
	for (int i = 0; i < m->argc; i++) {
		const struct cmd_arg *a = &m->args[i];

		putc(' ', out);
		if (a->is_line)
			fputs(a->value, out);
		else if (!a->keyword)
			cmd_print_word(a->value, out);
		else
			fputs(strcmp(a->label, "svc") == 0 ? "anyconnect" : a->label, out);
	}
	fclose(out);
	return text;
}

int
change_svc(struct config_change *ch)
{
	const struct cmd_match *typed = ch->m;
	struct cmd_match *m = xmalloc(sizeof(*m));
	struct command_table *table = ch->mode->table;
	struct cmd_error error;
	char *text = svc_renamed(typed);
	int r;

	if (command_match(&table, 1, text, m, &error) == 0) {
		ch->m = m;
		r = change_apply(ch);
		ch->m = typed;
	} else {
		r = change_error(ch, NULL, "there is no such command: %s", text);
	}
	free(text);
	free(m);
	return r;
}

int
change_apply(struct config_change *ch)
{
	const struct command *row = ch->m->row;
	int r = 0;

	if (row->cls == CMD_IGNORED) {
		ignored_count(ch);
		return 0;
	}
	if (row->apply != NULL)
		r = row->apply(ch);
	else if (row->type != NULL)
		r = setting_apply(ch);
	else if (row->cls == CMD_KEPT)
		r = kept_apply(ch);
	if (r == 0 && row->cls == CMD_KEPT && !ch->m->no && !ch->mode->said && !setting_is_default(ch))
		change_no_effect(ch, NULL);
	return r;
}
