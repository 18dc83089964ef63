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

#define VARIANTS 400

struct place { /* a mode and the lines that lead into it */
	const struct config_mode *mode;
	const char *before;
};

#define OBJECTS \
	"interface GigabitEthernet0/0\n nameif n1\n" \
	"group-policy n1 internal\ngroup-policy n2 internal\ngroup-policy n3 internal\n" \
	"tunnel-group n1 type remote-access\ntunnel-group n2 type remote-access\ntunnel-group n3 type remote-access\n" \
	"crypto ca trustpoint n1\ncrypto ca trustpoint n2\ncrypto ca trustpoint n3\n" \
	"aaa-server n1 protocol radius\naaa-server n2 protocol radius\naaa-server n3 protocol radius\n"

static const struct place places[] = {
	{ &mode_global, OBJECTS },
	{ &mode_interface, "interface GigabitEthernet0/0\n" },
	{ &mode_group_policy, OBJECTS "group-policy n1 attributes\n" },
	{ &mode_group_webvpn, OBJECTS "group-policy n1 attributes\nwebvpn\n" },
	{ &mode_username, "username n1 nopassword\nusername n1 attributes\n" },
	{ &mode_user_webvpn, "username n1 nopassword\nusername n1 attributes\nwebvpn\n" },
	{ &mode_tunnel_general, OBJECTS "tunnel-group n1 general-attributes\n" },
	{ &mode_tunnel_webvpn, OBJECTS "tunnel-group n1 webvpn-attributes\n" },
	{ &mode_tunnel_ipsec, OBJECTS "tunnel-group n1 ipsec-attributes\n" },
	{ &mode_tunnel_ppp, OBJECTS "tunnel-group n1 ppp-attributes\n" },
	{ &mode_webvpn, OBJECTS "webvpn\n" },
	{ &mode_trustpoint, "crypto ca trustpoint n1\n" },
	{ &mode_crl, "crypto ca trustpoint n1\ncrl configure\n" },
	{ &mode_trustpool, "crypto ca trustpool policy\n" },
	{ &mode_cert_map, "crypto ca certificate map n1 10\n" },
	{ &mode_aaa_group, "aaa-server n1 protocol radius\n" },
	{ &mode_aaa_host, "aaa-server n1 protocol radius\naaa-server n1 (inside) host 10.0.0.1\n" },
	{ &mode_time_range, "time-range n1\n" },
	{ &mode_network_object, "object network n1\n" },
	{ &mode_service_object, "object service n1\n" },
	{ &mode_network_group, "object-group network n1\n" },
	{ &mode_service_group, "object-group service n1\n" },
	{ &mode_protocol_group, "object-group protocol n1\n" },
	{ &mode_icmp_group, "object-group icmp-type n1\n" },
	{ &mode_load_balancing, "vpn load-balancing\n" },
	{ &mode_dns_group, "dns server-group n1\n" },
};

/* Tables of a place whose rows are samples: not those that only move, ignore or remove. */
static size_t
place_tables(const struct place *place, struct command_table **out)
{
	struct command_table *all[MODE_TABLES_MAX];
	size_t n = mode_tables(place->mode, all), used = 0;

	for (size_t i = 0; i < n; i++) {
		if (all[i] != &common_rows && all[i] != ignored_global() && all[i] != &clear_global)
			out[used++] = all[i];
	}
	return used;
}

#define EACH_ROW(place, table, row)                                                                      \
	struct command_table *tables_[MODE_TABLES_MAX];                                                  \
	for (const struct place *place = places; place < places + COUNT(places); place++)                \
		for (size_t n_ = place_tables(place, tables_), t_ = 0; t_ < n_; t_++)                    \
			for (struct command_table *table = tables_[t_]; table != NULL; table = NULL)     \
				for (const struct command *row = table->rows; row < table->rows + table->count; row++)

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

		config_print(cfg, NULL, CONFIG_PRINT_SECRETS, f);
		fclose(f);
	}
	config_free(cfg);
	mem_free(mem);
	return out;
}

/* Rows that change nothing that could be printed: they only move the cursor, or say the default. */
static bool
row_is_silent(const struct command *row)
{
	return row->enter != NULL || row->cls == CMD_IGNORED || strncmp(row->syntax, "group-policy <name> internal", 28) == 0 ||
	    strncmp(row->syntax, "tunnel-group <name> type", 24) == 0 || strcmp(row->syntax, "ca-check") == 0 || strcmp(row->syntax, "accept-subordinates") == 0 ||
	    strcmp(row->syntax, "permit-weak-crypto") == 0 || strcmp(row->syntax, "enforcenextupdate") == 0 ||
	    strstr(row->syntax, "-addr-assign") != NULL || strcmp(row->syntax, "sysopt connection permit-vpn") == 0 || strcmp(row->syntax, "logging hide username") == 0;
}

static void
check_sample(const struct place *place, const struct command_table *table, const char *line, char *once)
{
	char *twice = printed("", once, NULL);

	if (twice == NULL || strcmp(once, twice) != 0)
		fail_msg("%s %s: \"%s\" prints\n%s\nthen\n%s", place->mode->name, table->name, line, once,
		    twice != NULL ? twice : "(errors)");
	free(twice);
}

static void
each_row_prints_what_reads_back_to_the_same_bytes(void **state)
{
	int accepted = 0;

	(void)state;
	EACH_ROW(place, table, row) {
		char *base = printed(place->before, NULL, NULL);
		bool good = false, changed = false;
		char line[1024] = "";

		if (base == NULL)
			fail_msg("errors in %s", place->before);
		for (int v = 0; v < VARIANTS && !(row->flags & CMD_ONLY_NO); v++) {
			char *once;

			if (!command_sample(table, row, v, line, sizeof(line)))
				continue;
			if ((once = printed(place->before, line, NULL)) == NULL)
				continue; /* refused for its meaning */
			check_sample(place, table, line, once);
			good = true;
			changed |= strcmp(once, base) != 0;
			accepted++;
			free(once);
		}
		if (!good && !(row->flags & CMD_ONLY_NO) && row->enter != &mode_interface)
			fail_msg("%s: no sample of \"%s\" is accepted, as \"%s\"", table->name, row->syntax, line);
		if (!changed && !row_is_silent(row) && !(row->flags & CMD_ONLY_NO))
			fail_msg("%s: \"%s\" is never printed", table->name, row->syntax);
		free(base);
	}
	assert_true(accepted > 2000);
}

/* Rows whose "no" says something of its own. */
static bool
row_no_differs(const struct command *row)
{
	return strncmp(row->syntax, "validation-usage", 16) == 0 || strcmp(row->syntax, "support-user-cert-validation") == 0 || row->cls == CMD_IGNORED || strcmp(row->syntax, "webvpn") == 0 ||
	    (row_is_silent(row) && row->enter == NULL) || strstr(row->syntax, "-addr-assign") != NULL ||
	    strncmp(row->syntax, "logging message", 15) == 0 || strstr(row->syntax, "-attributes") != NULL;
}

static void
no_takes_each_row_back(void **state)
{
	int tried = 0;

	(void)state;
	EACH_ROW(place, table, row) {
		char *base;
		char line[1024], no[1100];

		if (!(row->flags & CMD_NO) || row_no_differs(row))
			continue;
		base = printed(place->before, NULL, NULL);
		for (int v = 0; v < 64; v++) {
			char *after;

			if (!command_sample(table, row, v, line, sizeof(line)))
				continue;
			if ((after = printed(place->before, line, NULL)) == NULL)
				continue;
			if (strcmp(after, base) == 0) { /* it was there before */
				free(after);
				continue;
			}
			free(after);
			snprintf(no, sizeof(no), "no %s", line);
			after = printed(place->before, line, no);
			if (after == NULL || strcmp(after, base) != 0)
				fail_msg("%s %s: \"%s\" leaves\n%s", place->mode->name, table->name, no,
				    after != NULL ? after : "(errors)");
			free(after);
			tried++;
		}
		free(base);
	}
	assert_true(tried > 500);
}

static void
each_acting_or_kept_row_has_help(void **state)
{
	(void)state;
	EACH_ROW(place, table, row)
		assert_non_null(row->help);
}

/* All samples of global rows together, then each "clear configure" until nothing is left. */
static void
clear_configure_takes_every_section_back(void **state)
{
	struct mem *mem = mem_new(NULL);
	char *text = mem_strdup(mem, OBJECTS), *all, *empty = printed("", NULL, NULL), *cleared;
	char line[1024];

	(void)state;
	EACH_ROW(place, table, row) {
		for (int v = 0; v < 14 && !(row->flags & CMD_ONLY_NO); v += 13) {
			char *more;

			if (!command_sample(table, row, v, line, sizeof(line)))
				continue;
			more = mem_printf(mem, "%s%s%s\nend\n", text, place->mode == &mode_global ? "" : place->before, line);
			if ((all = printed(more, NULL, NULL)) != NULL)
				text = more;
			free(all);
		}
	}
	all = printed(text, NULL, NULL);
	assert_true(strlen(all) > 10000);
	check_sample(&places[0], &clear_global, "everything", all);
	cleared = printed(all, "end", "clear configure all");
	assert_string_equal(cleared, empty);
	free(cleared);
	text = mem_strdup(mem, all);
	free(all);
	for (int round = 0; round < 4; round++) { /* what is in use goes when its users are gone */
		for (size_t i = 0; i < clear_global.count; i++) {
			char keyword[96], *after;

			command_keyword(&clear_global.rows[i], keyword, sizeof(keyword));
			if (strcmp(keyword, "clear configure all") == 0 || (strcmp(keyword, "clear configure object-group") == 0 &&
			    strstr(clear_global.rows[i].syntax, "<name>") != NULL))
				continue;
			if ((after = printed(text, "end", keyword)) != NULL) {
				text = mem_strdup(mem, after);
				free(after);
			} else if (round == 3) {
				fail_msg("\"%s\" fails", keyword);
			}
		}
	}
	assert_string_equal(text, empty);
	free(empty);
	mem_free(mem);
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

			if (table->rows[r].dflt == NULL || (table->rows[r].flags & CMD_ALIAS))
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
		cmocka_unit_test(clear_configure_takes_every_section_back),
		cmocka_unit_test(each_setting_with_a_default_prints_it_with_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
