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
ignored_count(struct config_change *ch)
{
	struct config_tables *tables = ch->cfg->tables;
	struct ignored_count *count;
	char keyword[96] = "";

	for (int i = 0; i < ch->m->leading && i < ch->m->argc; i++)
		snprintf(keyword + strlen(keyword), sizeof(keyword) - strlen(keyword), "%s%s", i > 0 ? " " : "",
		    ch->m->args[i].label);
	tables->ignored_lines++;
	count = index_get(&tables->ignored, 'x', keyword);
	if (count == NULL) {
		count = mem_alloc(ch->cfg->mem, sizeof(*count));
		count->keyword = mem_strdup(ch->cfg->mem, keyword);
		*tables->ignored_tail = count;
		tables->ignored_tail = &count->next;
		index_put(&tables->ignored, 'x', count->keyword, count);
	}
	count->lines++;
	if (ch->report == NULL && ch->answer != NULL)
		fprintf(ch->answer, "WARNING: \"%s\" has no effect here\n", keyword);
}

static char *
change_text(const struct config_change *ch)
{
	char *text = NULL, *kept;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (out == NULL)
		return NULL;
	cmd_print(ch->m, out);
	fclose(out);
	kept = mem_strdup(ch->cfg->mem, text);
	free(text);
	return kept;
}

int
kept_apply(struct config_change *ch)
{
	struct cfg_kept **at = (struct cfg_kept **)((char *)ch->object + ch->mode->kept);
	const struct command *row = ch->m->row;
	char *text = change_text(ch);
	size_t len = strlen(text);

	if (!ch->m->no)
		ignored_count(ch);
	while (*at != NULL) {
		struct cfg_kept *k = *at;
		bool same = k->row == row;

		if (same && (row->flags & CMD_MULTI))
			same = ch->m->no ? strncmp(k->line, text, len) == 0 : strcmp(k->line, text) == 0;
		if (same)
			*at = k->next;
		else
			at = &k->next;
	}
	if (!ch->m->no) {
		struct cfg_kept *k = mem_alloc(ch->cfg->mem, sizeof(*k));

		k->row = row;
		k->line = text;
		*at = k;
	}
	return 0;
}

static int
setting_apply(struct config_change *ch)
{
	const struct command *row = ch->m->row;
	void *field = (char *)ch->object + row->offset;

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

int
change_apply(struct config_change *ch)
{
	const struct command *row = ch->m->row;

	if (row->cls == CMD_IGNORED) {
		ignored_count(ch);
		return 0;
	}
	if (row->apply != NULL)
		return row->apply(ch);
	if (row->cls == CMD_KEPT)
		return kept_apply(ch);
	if (row->type != NULL)
		return setting_apply(ch);
	return 0;
}
