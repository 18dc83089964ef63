/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as a startup-config: read, and what was accepted prints and reads back to the same bytes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/mem.h"
#include "server/config/config.h"
#include "tests/fuzz/fuzz.h"

static char *
printed(const struct config *cfg)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (f == NULL)
		abort();
	config_print(cfg, NULL, false, f);
	fclose(f);
	return text;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mem *mem = mem_new(NULL);
	struct config *cfg = config_new();
	struct config_report report;
	FILE *null = fopen("/dev/null", "w");

	config_report_init(&report, mem);
	if (config_read(cfg, (const char *)data, size, &report) == 0) {
		struct config *copy = config_clone(cfg);
		char *first = printed(cfg), *second = printed(copy);

		if (strcmp(first, second) != 0) {
			fprintf(stderr, "printed once:\n%s\nand again:\n%s\n", first, second);
			abort();
		}
		config_print(cfg, NULL, true, null);
		free(first);
		free(second);
		config_free(copy);
	}
	config_report_print(&report, "input", null);
	fclose(null);
	config_free(cfg);
	mem_free(mem);
	return 0;
}
