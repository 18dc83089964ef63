/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/show/format.h"

#include <string.h>

#define LEFT_VALUE_MAX 22

void
format_duration(long seconds, char *out, size_t size)
{
	long days = seconds / 86400, hours = seconds / 3600 % 24, minutes = seconds / 60 % 60;

	if (days > 0)
		snprintf(out, size, "%ldd %ldh:%02ldm:%02lds", days, hours, minutes, seconds % 60);
	else
		snprintf(out, size, "%ldh:%02ldm:%02lds", hours, minutes, seconds % 60);
}

void
format_time(time_t t, char *out, size_t size)
{
	char head[40], tail[40];
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(head, sizeof(head), "%H:%M:%S UTC %a %b", &tm);
	strftime(tail, sizeof(tail), "%Y", &tm);
	snprintf(out, size, "%s %d %s", head, tm.tm_mday, tail);
}

void
format_rfc3339(time_t t, char *out, size_t size)
{
	struct tm tm;

	strftime(out, size, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&t, &tm));
}

void
format_row(FILE *f, const char *left_label, const char *left, const char *right_label, const char *right)
{
	if (right_label == NULL)
		fprintf(f, "%-13s: %s\n", left_label, left);
	else if (strlen(left) > LEFT_VALUE_MAX)
		fprintf(f, "%-13s: %s\n%-13s: %s\n", left_label, left, right_label, right);
	else
		fprintf(f, "%-13s: %-23s%-13s: %s\n", left_label, left, right_label, right);
}
