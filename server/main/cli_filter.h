/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Output filters of show commands, one each (asa-reference 2.4): "| include
 * REGEX", exclude, begin, grep [-v] REGEX, count [REGEX]. The expression is
 * POSIX extended, case counts, it may match anywhere in a line.
 */
#ifndef OFFHOOK_CLI_FILTER_H
#define OFFHOOK_CLI_FILTER_H

#include <stdbool.h>
#include <stdio.h>

struct cli_filter;

/*
 * Cut the filter off a line of a show command. *filter: the caller's, NULL where
 * there is none (the line may be any). False: said to out, with the column where it is wrong.
 */
bool cli_filter_cut(char *line, size_t prompt_len, struct cli_filter **filter, FILE *out);

/* Let text through, whole lines at a time. */
void cli_filter_write(struct cli_filter *, const char *text, size_t len, FILE *out);
/* No more comes: a last line without its end, the count. Frees it. */
void cli_filter_end(struct cli_filter *, FILE *out);
/* Frees it without a word. */
void cli_filter_free(struct cli_filter *);

#endif
