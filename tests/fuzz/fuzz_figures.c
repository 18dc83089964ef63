/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as rows of figures: refused, or a text in which no label ends its line, spoils the next, or is no UTF-8. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/utf8.h"
#include "server/metrics/text.h"
#include "tests/fuzz/fuzz.h"

static void
line_check(const char *line, size_t len)
{
	if (len == 0 || (strncmp(line, "# ", 2) != 0 && strncmp(line, "offhook_", 8) != 0))
		abort();
	for (size_t i = 0, n; i < len; i += n) {
		if ((n = utf8_len(line + i)) == 0 || i + n > len)
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	bool ok;

	if (f == NULL)
		abort();
	ok = metrics_text(data, size, f);
	fclose(f);
	for (const char *p = text, *end; ok && *p != '\0'; p = end + 1) {
		if ((end = strchr(p, '\n')) == NULL)
			abort();
		line_check(p, (size_t)(end - p));
	}
	free(text);
	return 0;
}
