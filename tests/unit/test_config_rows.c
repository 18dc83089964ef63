/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every row of every configuration table: read a sample, print, read, print: the same bytes; "no" takes it back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/config/grammar.h"

#define VARIANTS 512

struct place { /* a table and the lines in front of its rows */
	struct command_table *table;
	const char *before;
};

#define OBJECTS \
	"group-policy n1 internal\ngroup-policy n2 internal\ngroup-policy n3 internal\n" \
	"tunnel-group n1 type remote-access\ntunnel-group n2 type remote-access\ntunnel-group n3 type remote-access\n" \
	"crypto ca trustpoint n1\ncrypto ca trustpoint n2\ncrypto ca trustpoint n3\n"

static const struct place places[] = {
	{ &basic_global, "" },
	{ &pool_global, "" },
	{ &logging_global, "" },
	{ &ssl_global, "" },
	{ &webvpn_global, "" },
	{ &group_policy_global, OBJECTS },
	{ &tunnel_group_global, OBJECTS },
	{ &trustpoint_global, "" },
	{ &chain_global, OBJECTS },
	{ &interface_rows, "interface GigabitEthernet0/0\n" },
	{ &group_policy_rows, OBJECTS "group-policy n1 attributes\n" },
	{ &group_webvpn_rows, OBJECTS "group-policy n1 attributes\nwebvpn\n" },
	{ &tunnel_general_rows, OBJECTS "tunnel-group n1 general-attributes\n" },
	{ &tunnel_webvpn_rows, OBJECTS "tunnel-group n1 webvpn-attributes\n" },
	{ &webvpn_rows, "webvpn\n" },
	{ &trustpoint_rows, "crypto ca trustpoint n1\n" },
};

/* Read before + line (may be NULL); the printed configuration, or NULL when there were errors. free() it. */
static char *
printed(const char *before, const char *line, const char *line2)
{
	struct mem *mem = mem_new(NULL);
	struct config_report report;
	struct config *cfg = config_new();
	char *text = mem_printf(mem, "%s%s\n%s\n", before, line != NULL ? line : "", line2 != NULL ? line2 : "");
	char *out = NULL;
	size_t len;

	config_report_init(&report, mem);
	if (read_text(cfg, text, strlen(text), &report, false) == 0) {
		FILE *f = open_memstream(&out, &len);

		config_print(cfg, NULL, false, f);
		fclose(f);
	}
	config_free(cfg);
	mem_free(mem);
	return out;
}

/* Rows that change nothing that could be printed: they move the cursor, or reset. */
static bool
row_is_silent(const struct command *row)
{
	return row->enter != NULL || row->cls == CMD_IGNORED || strncmp(row->syntax, "clear configure", 15) == 0 ||
	    strncmp(row->syntax, "group-policy <name> internal", 28) == 0 ||
	    strncmp(row->syntax, "tunnel-group <name> type", 24) == 0 || strncmp(row->syntax, "svc {", 5) == 0;
}

static void
each_row_prints_what_reads_back_to_the_same_bytes(void **state)
{
	int accepted = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(places); i++) {
		char *base = printed(places[i].before, NULL, NULL);

		assert_non_null(base);
		for (size_t r = 0; r < places[i].table->count; r++) {
			const struct command *row = &places[i].table->rows[r];
			bool good = false, changed = false;
			char line[1024];

			if (row->flags & CMD_ONLY_NO)
				continue;
			for (int v = 0; v < VARIANTS; v++) {
				char *once, *twice;

				if (!command_sample(places[i].table, row, v, line, sizeof(line)))
					continue;
				if ((once = printed(places[i].before, line, NULL)) == NULL)
					continue; /* refused for its meaning */
				twice = printed("", once, NULL);
				if (twice == NULL || strcmp(once, twice) != 0)
					fail_msg("%s: \"%s\" prints\n%s\nthen\n%s", places[i].table->name, line, once,
					    twice != NULL ? twice : "(errors)");
				good = true;
				changed |= strcmp(once, base) != 0;
				accepted++;
				free(once);
				free(twice);
			}
			if (!good)
				fail_msg("%s: no sample of \"%s\" is accepted, as \"%s\"", places[i].table->name, row->syntax, line);
			if (!changed && !row_is_silent(row))
				fail_msg("%s: \"%s\" is never printed", places[i].table->name, row->syntax);
		}
		free(base);
	}
	assert_true(accepted > 300);
}

/* Rows whose "no" is a statement of its own, or that needs an object that the sample removes. */
static bool
row_no_differs(const struct command *row)
{
	return strncmp(row->syntax, "validation-usage", 16) == 0 || row->cls == CMD_IGNORED || row->enter != NULL;
}

static void
no_takes_each_row_back(void **state)
{
	int tried = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(places); i++) {
		char *base = printed(places[i].before, NULL, NULL);

		for (size_t r = 0; r < places[i].table->count; r++) {
			const struct command *row = &places[i].table->rows[r];
			char line[1024], no[1100];

			if (!(row->flags & CMD_NO) || row_no_differs(row))
				continue;
			for (int v = 0; v < 8; v++) {
				char *after;

				if (!command_sample(places[i].table, row, v, line, sizeof(line)))
					continue;
				if ((after = printed(places[i].before, line, NULL)) == NULL)
					continue;
				free(after);
				snprintf(no, sizeof(no), "no %s", line);
				after = printed(places[i].before, line, no);
				if (after == NULL || strcmp(after, base) != 0)
					fail_msg("%s: \"%s\" leaves\n%s", places[i].table->name, no, after != NULL ? after : "(errors)");
				free(after);
				tried++;
			}
		}
		free(base);
	}
	assert_true(tried > 150);
}

static void
each_acting_or_kept_row_has_help(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(places); i++) {
		for (size_t r = 0; r < places[i].table->count; r++)
			assert_non_null(places[i].table->rows[r].help);
	}
}

static void
each_setting_with_a_default_prints_it_with_all(void **state)
{
	struct config *cfg = config_new();
	char *out = NULL;
	size_t len;
	FILE *f = open_memstream(&out, &len);

	(void)state;
	config_print(cfg, "group-policy", true, f);
	fclose(f);
	for (size_t t = 0; t < 2; t++) {
		const struct command_table *table = t == 0 ? &group_policy_rows : &group_webvpn_rows;

		for (size_t r = 0; r < table->count; r++) {
			char keyword[96], want[256];

			if (table->rows[r].dflt == NULL)
				continue;
			command_keyword(&table->rows[r], keyword, sizeof(keyword));
			snprintf(want, sizeof(want), " %s %s\n", keyword, table->rows[r].dflt);
			assert_non_null(strstr(out, want));
		}
	}
	free(out);
	config_free(cfg);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row_prints_what_reads_back_to_the_same_bytes),
		cmocka_unit_test(no_takes_each_row_back),
		cmocka_unit_test(each_acting_or_kept_row_has_help),
		cmocka_unit_test(each_setting_with_a_default_prints_it_with_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
