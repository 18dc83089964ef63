/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tests of the configuration share: read text, see the findings, print. */
#ifndef OFFHOOK_TESTS_CONFIG_UNIT_H
#define OFFHOOK_TESTS_CONFIG_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/mem.h"
#include "server/config/config.h"

#define UNUSED_OK __attribute__((unused))

/* Run from the top of the tree, or with OFFHOOK_TOP set. */
static UNUSED_OK char *
top_path(const char *path)
{
	const char *top = getenv("OFFHOOK_TOP");
	char *out;

	assert_true(asprintf(&out, "%s/%s", top != NULL ? top : ".", path) > 0);
	return out;
}

static UNUSED_OK char *
file_text(const char *path)
{
	FILE *f = fopen(path, "re");
	char *text = calloc(1, 1 << 20);

	if (f == NULL)
		fail_msg("%s cannot be opened", path);
	assert_true(fread(text, 1, (1 << 20) - 1, f) > 0);
	fclose(f);
	return text;
}

static UNUSED_OK char *
config_text(const struct config *cfg, const char *section, unsigned flags)
{
	char *out = NULL;
	size_t len;
	FILE *f = open_memstream(&out, &len);

	config_print(cfg, section, flags, f);
	fclose(f);
	return out;
}

/* Read text; the report as it is printed, with the file named "f". free() it. */
static UNUSED_OK char *
findings(const char *text, size_t len)
{
	struct mem *mem = mem_new(NULL);
	struct config *cfg = config_new();
	struct config_report report;
	char *out = NULL;
	size_t out_len;
	FILE *f = open_memstream(&out, &out_len);

	config_report_init(&report, mem);
	config_read(cfg, text, len, &report);
	config_report_print(&report, "f", f);
	fclose(f);
	config_free(cfg);
	mem_free(mem);
	return out;
}

static UNUSED_OK void
check_findings(const char *text, const char *want)
{
	char *out = findings(text, strlen(text));

	assert_string_equal(out, want);
	free(out);
}

static UNUSED_OK void
check_finding(const char *text, const char *want)
{
	char *out = findings(text, strlen(text));

	if (strstr(out, want) == NULL)
		fail_msg("\"%s\" is not in\n%s", want, out);
	free(out);
}

static UNUSED_OK struct config *
good(const char *text)
{
	struct mem *mem = mem_new(NULL);
	struct config *cfg = config_new();
	struct config_report report;

	config_report_init(&report, mem);
	if (config_read(cfg, text, strlen(text), &report) != 0) {
		config_report_print(&report, "f", stderr);
		fail_msg("errors in\n%s", text);
	}
	mem_free(mem);
	return cfg;
}

/* One line of the printed section must be there. */
static UNUSED_OK void
check_printed(const struct config *cfg, const char *section, unsigned flags, const char *want)
{
	char *out = config_text(cfg, section, flags);

	if (strstr(out, want) == NULL)
		fail_msg("\"%s\" is not in\n%s", want, out);
	free(out);
}

/* Text that prints as it is. */
static UNUSED_OK void
check_same(const char *section, const char *text)
{
	struct config *cfg = good(text);
	char *out = config_text(cfg, section, CONFIG_PRINT_SECRETS);

	assert_string_equal(out, text);
	free(out);
	config_free(cfg);
}

#endif
