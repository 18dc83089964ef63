/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Printing: blocks, settings and kept lines of an object, rows of a table in their order. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "server/config/grammar.h"

const char *
quoted(const char *word)
{
	static char ring[8][CMD_LINE_MAX + 3];
	static int at;
	char *out = ring[at = (at + 1) % 8];

	if (*word != '\0' && strpbrk(word, " \t") == NULL)
		return word;
	snprintf(out, sizeof(ring[0]), "\"%s\"", word);
	return out;
}

static void
printer_indent(struct config_printer *p, int indent)
{
	fprintf(p->out, "%*s", indent, "");
}

void
printer_open(struct config_printer *p, const char *fmt, ...)
{
	va_list ap;
	char *text = NULL;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		abort();
	va_end(ap);
	p->pending[p->pending_count].text = text;
	p->pending[p->pending_count++].indent = p->indent++;
}

void
printer_header(struct config_printer *p)
{
	for (int i = 0; i < p->pending_count; i++) {
		if (p->pending[i].text == NULL)
			continue;
		printer_indent(p, p->pending[i].indent);
		fprintf(p->out, "%s\n", p->pending[i].text);
		free(p->pending[i].text);
		p->pending[i].text = NULL;
	}
}

void
printer_close(struct config_printer *p)
{
	p->indent--;
	free(p->pending[--p->pending_count].text);
}

void
printer_line(struct config_printer *p, const char *fmt, ...)
{
	va_list ap;

	printer_header(p);
	printer_indent(p, p->indent);
	va_start(ap, fmt);
	vfprintf(p->out, fmt, ap);
	va_end(ap);
	putc('\n', p->out);
}

static void
setting_line(struct config_printer *p, const struct command *row, const char *value)
{
	char keyword[96];

	command_keyword(row, keyword, sizeof(keyword));
	printer_line(p, "%s%s%s", keyword, *value != '\0' ? " " : "", value);
}

/* What show prints for a setting: what was set; with "all" also what is inherited or the default. */
static void
printer_setting(struct config_printer *p, const struct command *row, const void *fields)
{
	const void *field = (const char *)fields + row->offset;
	char *value = NULL;
	size_t len;
	FILE *out;

	if (!row->type->is_set(field) && p->all && p->inherit != NULL)
		field = (const char *)p->inherit + row->offset;
	if (!row->type->is_set(field)) {
		if (p->all && row->dflt != NULL)
			setting_line(p, row, row->dflt);
		return;
	}
	if ((out = open_memstream(&value, &len)) == NULL)
		abort();
	row->type->print(row, field, out);
	fclose(out);
	if (p->all || (row->flags & CMD_INHERIT) || row->dflt == NULL || strcmp(value, row->dflt) != 0)
		setting_line(p, row, value);
	free(value);
}

static void
kept_print(struct config_printer *p, const struct cfg_kept *k)
{
	printer_line(p, "%s", k->shown != NULL && !p->secrets ? k->shown : k->line);
}

void
kept_acting_print(struct config_printer *p, const struct command *row, const void *object)
{
	const struct cfg_kept_list *list = (const struct cfg_kept_list *)((const char *)object + row->offset);

	for (const struct cfg_kept *k = list->first; k != NULL; k = k->next) {
		if (k->row == row)
			kept_print(p, k);
	}
}

static void
printer_row(struct config_printer *p, const struct command *row, const void *object, const void *fields,
    const struct cfg_kept_list *kept)
{
	if (row->flags & CMD_ALIAS)
		return;
	if (row->print != NULL)
		row->print(p, row, object);
	else if (row->type != NULL)
		printer_setting(p, row, fields);
	if (row->cls != CMD_KEPT || row->type != NULL)
		return;
	for (const struct cfg_kept *k = kept->first; k != NULL; k = k->next) {
		if (k->row == row)
			kept_print(p, k);
	}
}

void
printer_rows(struct config_printer *p, const struct config_mode *mode, const void *object)
{
	const void *fields = (const char *)object + mode->fields;
	const struct cfg_kept_list *kept = (const struct cfg_kept_list *)((const char *)object + mode->kept);

	for (size_t i = 0; i < mode->table->count; i++)
		printer_row(p, &mode->table->rows[i], object, fields, kept);
}

static bool
row_begins(const struct command *row, const char *words)
{
	char keyword[96];
	size_t len = strlen(words);

	command_keyword(row, keyword, sizeof(keyword));
	return strncmp(keyword, words, len) == 0 && (keyword[len] == ' ' || keyword[len] == '\0');
}

void
printer_table(struct config_printer *p, const struct command_table *table, const char *words)
{
	for (size_t i = 0; i < table->count; i++) {
		if (words == NULL || row_begins(&table->rows[i], words))
			printer_row(p, &table->rows[i], p->cfg, p->cfg, &p->cfg->kept);
	}
}
