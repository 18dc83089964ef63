/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings: text, place, and the line with a caret, never with a secret in it. */
#include "server/config/report.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "server/config/grammar.h"

#define REPORT_MAX 1000   /* findings kept; the rest is only counted */
#define SOURCE_MAX 200    /* characters of a line shown */
#define SOURCE_BEFORE 120 /* of them in front of the column, in a long line */

void
config_report_init(struct config_report *r, struct mem *owner)
{
	*r = (struct config_report){ .mem = owner };
	r->tail = &r->first;
}

/* Printable, tabs as blanks, cut around the column. */
static char *
report_source(struct mem *mem, const char *masked, int *column)
{
	size_t len = strlen(masked), from = 0;
	char *out;

	if (len > SOURCE_MAX && *column > SOURCE_MAX - 20)
		from = (size_t)*column - SOURCE_BEFORE;
	if (from > len)
		from = len;
	out = mem_printf(mem, "%s%.*s%s", from > 0 ? "..." : "", SOURCE_MAX, masked + from,
	    len - from > SOURCE_MAX ? "..." : "");
	*column -= (int)from - (from > 0 ? 3 : 0);
	for (char *p = out; *p != '\0'; p++) {
		if ((unsigned char)*p < 0x20 || (unsigned char)*p > 0x7e) /* columns count bytes */
			*p = *p == '\t' ? ' ' : '?';
	}
	return out;
}

static void
report_append(struct config_report *r, bool warning, int line, int column, const char *source,
    const struct cmd_match *m, const char *text)
{
	struct config_issue *i;

	if (warning)
		r->warnings++;
	else
		r->errors++;
	if (r->errors + r->warnings > REPORT_MAX)
		return;
	i = mem_alloc(r->mem, sizeof(*i));
	i->warning = warning;
	i->line = line;
	i->column = column;
	i->text = mem_strdup(r->mem, text);
	if (source != NULL) {
		int shown = column;
		char *masked = command_masked(m, source, &shown);

		i->source = report_source(r->mem, masked, &shown);
		i->caret = shown;
		free(masked);
	}
	*r->tail = i;
	r->tail = &i->next;
}

void
report_add_source(struct config_report *r, bool warning, int line, int column, const char *source,
    const struct cmd_match *m, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) >= 0) {
		report_append(r, warning, line, column, source, m, text);
		free(text);
	}
	va_end(ap);
}

/* The text of a line of the file being read; free() it. */
static char *
source_line(const struct config *cfg, int line)
{
	const struct config_tables *t = cfg->tables;
	const char *start, *end;

	if (t->source == NULL || line < 1 || line > t->source_lines)
		return NULL;
	start = t->source[line - 1];
	end = memchr(start, '\n', (size_t)(t->source_end - start));
	if (end == NULL)
		end = t->source_end;
	if (end > start && end[-1] == '\r')
		end--;
	return strndup(start, (size_t)(end - start));
}

void
report_add(struct config_report *r, const struct config *cfg, bool warning, int line, int column, const char *fmt, ...)
{
	char *source = source_line(cfg, line), *text;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) >= 0) {
		report_append(r, warning, line, column, source, NULL, text);
		free(text);
	}
	va_end(ap);
	free(source);
}

static int
issue_order(const void *a, const void *b)
{
	const struct config_issue *const *x = a, *const *y = b;

	if ((*x)->line != (*y)->line) /* those without a place come last */
		return (*x)->line == 0 ? 1 : (*y)->line == 0 ? -1 : (*x)->line - (*y)->line;
	return (*x)->column - (*y)->column;
}

static void
issue_print(const struct config_issue *i, const char *file, FILE *out)
{
	const char *kind = i->warning ? "warning: " : "";

	if (i->line == 0)
		fprintf(out, "%s: %s%s\n", file, kind, i->text);
	else
		fprintf(out, "%s:%d:%d: %s%s\n", file, i->line, i->column > 0 ? i->column : 1, kind, i->text);
	if (i->source != NULL) {
		fprintf(out, "%s\n", i->source);
		fprintf(out, "%*s^\n", i->caret > 1 ? i->caret - 1 : 0, "");
	}
}

void
config_report_print(const struct config_report *r, const char *file, FILE *out)
{
	const struct config_issue **sorted;
	size_t count = 0, n = 0;

	for (const struct config_issue *i = r->first; i != NULL; i = i->next)
		count++;
	sorted = xcalloc(count, sizeof(*sorted));
	for (const struct config_issue *i = r->first; i != NULL; i = i->next)
		sorted[n++] = i;
	qsort(sorted, count, sizeof(*sorted), issue_order);
	for (n = 0; n < count; n++)
		issue_print(sorted[n], file, out);
	free(sorted);
	if ((size_t)(r->errors + r->warnings) > count)
		fprintf(out, "%s: %d more findings are not listed\n", file, r->errors + r->warnings - (int)count);
}
