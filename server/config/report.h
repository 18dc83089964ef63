/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is wrong in a file, and where: all of it in one go. */
#ifndef OFFHOOK_REPORT_H
#define OFFHOOK_REPORT_H

#include <stdbool.h>
#include <stdio.h>

struct cmd_match;
struct mem;

/* One finding. column counts from 1; 0 when no place in a line is meant. */
struct config_issue {
	struct config_issue *next;
	bool warning;
	int line, column;
	char *text;
	char *source; /* the line, secrets masked, cut when long; NULL when there is none */
	int caret;    /* column in source */
};

struct config_report {
	struct mem *mem;
	struct config_issue *first, **tail;
	int errors, warnings;
};

void config_report_init(struct config_report *, struct mem *owner);
/* Print as "FILE:LINE:COL: text", then the line and its '^'; warnings say "warning: ". */
void config_report_print(const struct config_report *, const char *file, FILE *);

/*
 * Add a finding. line 0: it has no place. source is the line's text or NULL; m
 * (or NULL) knows its secrets, which are masked.
 */
void report_add_source(struct config_report *, bool warning, int line, int column, const char *source,
    const struct cmd_match *m, const char *fmt, ...) __attribute__((format(printf, 7, 8)));

#endif
