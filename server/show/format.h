/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ASA's ways to write times and rows (asa-reference 2.0). */
#ifndef OFFHOOK_FORMAT_H
#define OFFHOOK_FORMAT_H

#include <stddef.h>
#include <stdio.h>
#include <time.h>

/* "[Dd ]Hh:MMm:SSs" */
void format_duration(long seconds, char *out, size_t size);
/* "01:07:39 UTC Fri Mar 27 2020", the day not padded */
void format_time(time_t t, char *out, size_t size);
/* RFC 3339, UTC */
void format_rfc3339(time_t t, char *out, size_t size);

/* One row of a block; right_label NULL for a single column. A left value that is too long puts the right one on a line of its own. */
void format_row(FILE *f, const char *left_label, const char *left, const char *right_label, const char *right);

#endif
