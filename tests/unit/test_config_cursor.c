/* SPDX-License-Identifier: GPL-2.0-or-later */
/* configure terminal: lines matched against a cursor, applied to a clone, answers as an ASA gives them. */
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
#include "server/config/cursor.h"

static const char base[] =
    "hostname gw\n"
    "interface GigabitEthernet0/0\n nameif outside\n ip address 192.0.2.1 255.255.255.0\n"
    "ip local pool p 10.0.0.1-10.0.0.9 mask 255.255.255.0\n"
    "crypto ca trustpoint tp\n enrollment terminal\n"
    "ssl trust-point tp outside\n"
    "group-policy g internal\ngroup-policy g attributes\n address-pools value p\n"
    "tunnel-group t type remote-access\ntunnel-group t general-attributes\n default-group-policy g\n"
    "tunnel-group t webvpn-attributes\n group-url https://h/a enable\n";

static const struct command exec_commands[] = {
	{ .syntax = "configure terminal", .help = "Configure" },
	{ .syntax = "show vpn-sessiondb [anyconnect]", .help = "Sessions" },
	{ .syntax = "crypto ca enroll <name> [noconfirm]", .help = "Enroll" },
	{ .syntax = "crypto ca import <name> pkcs12 <secret> [nointeractive]", .help = "Import" },
	{ .syntax = "write memory", .help = "Save" },
};
static struct command_table exec_rows = COMMAND_TABLE("exec", exec_commands);
static struct command_table *const extra[] = { &exec_rows };

struct live {
	struct config *cfg;
	struct config_cursor cursor;
	struct config_line line;
	struct cmd_error error;
	int clones;
};

static int
live_setup(void **state)
{
	struct live *l = calloc(1, sizeof(*l));
	struct mem *mem = mem_new(NULL);
	struct config_report report;
	int r;

	config_report_init(&report, mem);
	l->cfg = config_new();
	r = config_read(l->cfg, base, strlen(base), &report);
	mem_free(mem);
	config_cursor_init(&l->cursor);
	*state = l;
	return r;
}

static int
live_teardown(void **state)
{
	struct live *l = *state;

	config_free(l->cfg);
	config_cursor_clear(&l->cursor);
	free(l);
	return 0;
}

/* One line as main does it; the answer, with error texts as for the prompt "gw(...)# ". free() it. */
static char *
say(struct live *l, const char *line)
{
	char *text = NULL, prompt[64];
	size_t len;
	FILE *out = open_memstream(&text, &len);

	config_cursor_prompt(&l->cursor, prompt, sizeof(prompt));
	if (config_match(l->cfg, &l->cursor, line, extra, 1, &l->line, &l->error) != 0) {
		cmd_error_print(&l->error, strlen("gw") + strlen(prompt) + 1, out);
	} else if (l->line.kind == CONFIG_LINE_CHANGE) {
		struct config *clone = config_clone(l->cfg);

		l->clones++;
		if (config_apply(clone, &l->cursor, &l->line, out) == 0) {
			config_free(l->cfg);
			l->cfg = clone;
		} else {
			config_free(clone);
		}
	} else if (l->line.kind != CONFIG_LINE_EXTRA) {
		config_apply(NULL, &l->cursor, &l->line, out);
	}
	fclose(out);
	return text;
}

static void
check(struct live *l, const char *line, const char *answer, const char *prompt)
{
	char *text = say(l, line), now[64];

	if (strcmp(text, answer) != 0)
		fail_msg("\"%s\" answers \"%s\", not \"%s\"", line, text, answer);
	free(text);
	config_cursor_prompt(&l->cursor, now, sizeof(now));
	if (strcmp(now, prompt) != 0)
		fail_msg("after \"%s\" the prompt is \"%s\", not \"%s\"", line, now, prompt);
}

static void
modes_have_the_asas_prompts(void **state)
{
	struct live *l = *state;

	check(l, "interface g0/0", "", "(config-if)#");
	check(l, "group-policy g attributes", "", "(config-group-policy)#");
	check(l, "webvpn", "", "(config-group-webvpn)#");
	check(l, "exit", "", "(config-group-policy)#");
	check(l, "tunnel-group t general-attributes", "", "(config-tunnel-general)#");
	check(l, "tunnel-group t webvpn-attributes", "", "(config-tunnel-webvpn)#");
	check(l, "crypto ca trustpoint tp", "", "(config-ca-trustpoint)#");
	check(l, "crl configure", "", "(config-ca-crl)#");
	check(l, "quit", "", "(config-ca-trustpoint)#");
	check(l, "exit", "", "(config)#");
	check(l, "webvpn", "", "(config-webvpn)#");
	check(l, "end", "", "(config)#");
	assert_true(l->cursor.done);
}

/* All that "show running-config" prints may be pasted. */
static void
header_and_checksum_lines_are_taken_and_ignored(void **state)
{
	struct live *l = *state;

	check(l, ": Saved", "", "(config)#");
	check(l, "ASA Version 9.12(2)9 ", "", "(config)#");
	check(l, "Cryptochecksum:0123456789abcdef0123456789abcdef", "", "(config)#");
	assert_int_equal(l->clones, 0);
}

static void
what_is_ambiguous_here_is_not_taken_from_above(void **state)
{
	struct live *l = *state;

	check(l, "group-policy g attributes", "", "(config-group-policy)#");
	check(l, "web", "ERROR: % Ambiguous command:  \"web\"\n", "(config-group-policy)#");
	check(l, "webvpn", "", "(config-group-webvpn)#");
}

static void
what_is_not_kept_can_be_cleared(void **state)
{
	struct live *l = *state;

	check(l, "clear configure snmp-server", "WARNING: \"clear configure\" has no effect here\n", "(config)#");
	check(l, "clear configure nonsense",
	    "                            ^\nERROR: % Invalid input detected at '^' marker.\n", "(config)#");
}

static void
exit_from_global_mode_is_done(void **state)
{
	struct live *l = *state;

	check(l, "exit", "", "(config)#");
	assert_true(l->cursor.done);
}

static void
a_change_takes_effect_in_the_clone(void **state)
{
	struct live *l = *state;

	check(l, "group-policy g attributes", "", "(config-group-policy)#");
	check(l, "vpn-idle-timeout 7", "", "(config-group-policy)#");
	assert_int_equal(config_group_policy(l->cfg, "g")->attrs.vpn_idle_timeout, 7);
	check(l, "no vpn-idle-timeout", "", "(config-group-policy)#");
	assert_int_equal(config_group_policy(l->cfg, "g")->attrs.vpn_idle_timeout, SETTING_UNSET);
	check(l, "hostname other", "", "(config)#");
	assert_string_equal(l->cfg->hostname, "other");
}

static void
enable_answers_as_an_asa(void **state)
{
	struct live *l = *state;

	check(l, "webvpn", "", "(config-webvpn)#");
	check(l, "enable outside", "INFO: WebVPN and DTLS are enabled on 'outside'.\n", "(config-webvpn)#");
	check(l, "enable nowhere", "ERROR: Interface nowhere does not exist\n", "(config-webvpn)#");
	assert_null(l->cfg->webvpn.enables->next);
}

static void
errors_change_nothing_and_keep_the_mode(void **state)
{
	struct live *l = *state;

	check(l, "tunnel-group t general-attributes", "", "(config-tunnel-general)#");
	check(l, "default-group-policy nope", "ERROR: Group policy nope does not exist\n", "(config-tunnel-general)#");
	assert_string_equal(config_tunnel_group(l->cfg, "t")->default_group_policy, "g");
	check(l, "address-pool nope", "ERROR: Address pool nope does not exist\n", "(config-tunnel-general)#");
	check(l, "ssl trust-point nope outside", "ERROR: Trustpoint nope does not exist\n", "(config-tunnel-general)#");
	check(l, "group-policy nope attributes", "ERROR: Group policy nope does not exist\n", "(config-tunnel-general)#");
	check(l, "ip local pool q 10.0.0.5-10.0.0.20 mask 255.255.255.0",
	    "ERROR: Pool q overlaps with pool p (10.0.0.1-10.0.0.9)\n", "(config-tunnel-general)#");
}

static void
syntax_errors_have_the_caret_below_the_word(void **state)
{
	struct live *l = *state;

	check(l, "bogus", "            ^\nERROR: % Invalid input detected at '^' marker.\n", "(config)#");
	check(l, "crypto ca", "ERROR: % Incomplete command\n", "(config)#");
	check(l, "cry ca t", "ERROR: % Ambiguous command:  \"cry ca t\"\n", "(config)#");
}

static void
what_is_in_use_cannot_be_removed(void **state)
{
	struct live *l = *state;

	check(l, "no ip local pool p", "ERROR: Pool (p) in use, cannot be deleted\n", "(config)#");
	check(l, "no group-policy g", "ERROR: Group policy g is in use by tunnel-group t (default-group-policy), cannot be deleted\n", "(config)#");
	check(l, "no group-policy DfltGrpPolicy", "ERROR: The default group policy cannot be removed\n", "(config)#");
	check(l, "no crypto ca trustpoint tp", "ERROR: Trustpoint tp is in use by \"ssl trust-point\", cannot be deleted\n",
	    "(config)#");
	check(l, "no ssl trust-point tp outside", "", "(config)#");
	check(l, "no crypto ca trustpoint tp", "", "(config)#");
	assert_null(config_trustpoint(l->cfg, "tp"));
	check(l, "no tunnel-group t", "", "(config)#");
	check(l, "no group-policy g", "", "(config)#");
	check(l, "no ip local pool p", "", "(config)#");
	assert_null(l->cfg->pools);
}

static void
clear_configure_removes_sections(void **state)
{
	struct live *l = *state;

	check(l, "clear configure group-policy g", "ERROR: Group policy g is in use by tunnel-group t (default-group-policy), cannot be deleted\n",
	    "(config)#");
	check(l, "clear configure tunnel-group", "", "(config)#");
	check(l, "clear configure group-policy", "", "(config)#");
	check(l, "clear configure ip local pool", "", "(config)#");
	check(l, "clear configure ssl", "", "(config)#");
	assert_null(l->cfg->ssl.trustpoints);
	assert_null(l->cfg->pools);
	assert_non_null(config_group_policy(l->cfg, "DfltGrpPolicy"));
	assert_non_null(config_tunnel_group(l->cfg, "DefaultWEBVPNGroup"));
}

static void
extra_rows_are_told_from_configuration_rows(void **state)
{
	struct live *l = *state;

	check(l, "group-policy g attributes", "", "(config-group-policy)#");
	assert_int_equal(config_match(l->cfg, &l->cursor, "sh vpn any", extra, 1, &l->line, &l->error), 0);
	assert_int_equal(l->line.kind, CONFIG_LINE_EXTRA);
	assert_ptr_equal(l->line.match.row, &exec_commands[1]);
	assert_int_equal(config_match(l->cfg, &l->cursor, "conf t", extra, 1, &l->line, &l->error), 0);
	assert_int_equal(l->line.kind, CONFIG_LINE_EXTRA);
	assert_int_equal(config_match(l->cfg, &l->cursor, "wr mem", extra, 1, &l->line, &l->error), 0);
	assert_int_equal(config_match(l->cfg, &l->cursor, "crypto ca enroll tp noconfirm", extra, 1, &l->line, &l->error), 0);
	assert_int_equal(l->line.kind, CONFIG_LINE_EXTRA);
	assert_int_equal(config_match(l->cfg, &l->cursor, "! comment", extra, 1, &l->line, &l->error), 0);
	assert_int_equal(l->line.kind, CONFIG_LINE_EMPTY);
}

static void
commands_of_other_subjects_warn_and_keep_their_submode(void **state)
{
	struct live *l = *state;

	check(l, "failover", "WARNING: \"failover\" has no effect here\n", "(config)#");
	check(l, "class-map x", "WARNING: \"class-map\" has no effect here\n", "(config-cmap)#");
	check(l, "match any", "WARNING: \"match\" has no effect here\n", "(config-cmap)#");
	check(l, "group-policy g attributes", "", "(config-group-policy)#");
	check(l, "pfs enable", "WARNING: \"pfs\" has no effect here\n", "(config-group-policy)#");
	assert_string_equal(config_group_policy(l->cfg, "g")->kept.first->line, "pfs enable");
	check(l, "dhcp-network-scope 10.0.0.0", "WARNING: \"dhcp-network-scope\" has no effect here\n", "(config-group-policy)#");
	assert_string_equal(config_group_policy(l->cfg, "g")->attrs.dhcp_network_scope, "10.0.0.0");
}

static void
webvpn_pasted_flat_behind_a_policy_finds_the_global_one(void **state)
{
	struct live *l = *state;

	check(l, "group-policy g attributes", "", "(config-group-policy)#");
	check(l, "webvpn", "", "(config-group-webvpn)#");
	check(l, "anyconnect enable", "", "(config-webvpn)#");
	assert_true(l->cfg->webvpn.anyconnect_enable);
}

static void
a_mode_whose_object_is_gone_says_so(void **state)
{
	struct live *l = *state;

	check(l, "tunnel-group t general-attributes", "", "(config-tunnel-general)#");
	check(l, "group-policy h internal", "", "(config)#");
	check(l, "group-policy h attributes", "", "(config-group-policy)#");
	l->cfg = (config_free(l->cfg), config_new());
	check(l, "vpn-idle-timeout 5", "ERROR: \"h\" does not exist any more\n", "(config-group-policy)#");
}

/* A self-signed certificate: O=Example, CN=Example Phone CA, serial 6ecc7aa5a7032009. */
static char *
golden_block(void)
{
	const char *top = getenv("OFFHOOK_TOP");
	char path[1024], *text = calloc(1, 1 << 16), *at;
	FILE *f;

	snprintf(path, sizeof(path), "%s/tests/unit/config/asa-running-config.in", top != NULL ? top : ".");
	f = fopen(path, "re");
	assert_non_null(f);
	assert_true(fread(text, 1, (1 << 16) - 1, f) > 0);
	fclose(f);
	at = strstr(text, " certificate ca ");
	assert_non_null(at);
	*strstr(at, "  quit") = '\0';
	memmove(text, at, strlen(at) + 1);
	return text;
}

static void
a_certificate_block_is_taken_line_by_line(void **state)
{
	struct live *l = *state;
	char *block = golden_block(), *save = NULL;
	const struct cfg_trustpoint *tp;
	int clones;

	check(l, "crypto ca certificate chain tp", "", "(config-cert-chain)#");
	check(l, strtok_r(block, "\n", &save), "", "");
	clones = l->clones;
	for (char *line; (line = strtok_r(NULL, "\n", &save)) != NULL;)
		check(l, line, "", "");
	assert_int_equal(l->clones, clones); /* hex lines need no clone */
	check(l, "  quit", "", "(config-cert-chain)#");
	tp = config_trustpoint(l->cfg, "tp");
	assert_true(tp->ca.len > 500);
	assert_int_equal(tp->identity.len, 0);
	check(l, "no certificate ca 6ecc7aa5a7032009", "", "(config-cert-chain)#");
	assert_int_equal(config_trustpoint(l->cfg, "tp")->ca.len, 0);
	free(block);
}

static void
a_broken_certificate_block_changes_nothing(void **state)
{
	struct live *l = *state;

	check(l, "crypto ca certificate chain tp", "", "(config-cert-chain)#");
	check(l, "certificate ca 01", "", "");
	check(l, "3082", "", "");
	check(l, "quit", "ERROR: the block is not a certificate\n", "(config-cert-chain)#");
	check(l, "certificate ca 01", "", "");
	check(l, "hostname x", "ERROR: the certificate block holds something that is not hex\n", "(config-cert-chain)#");
	assert_int_equal(config_trustpoint(l->cfg, "tp")->ca.len, 0);
}

static void
certificates_set_by_main_survive_a_clone(void **state)
{
	struct live *l = *state;
	struct config *clone;
	char *block = golden_block();
	uint8_t der[4096];
	size_t n = 0;

	for (char *p = strchr(block, '\n'); *p != '\0'; p++) {
		unsigned byte;

		if (*p != ' ' && *p != '\n' && sscanf(p, "%2x", &byte) == 1) {
			der[n++] = (uint8_t)byte;
			p++;
		}
	}
	free(block);
	assert_int_equal(config_trustpoint_set_ca(l->cfg, "tp", der, n), 0);
	assert_int_equal(config_trustpoint_set_identity(l->cfg, "tp", der, n), 0);
	assert_int_not_equal(config_trustpoint_set_ca(l->cfg, "nope", der, n), 0);
	assert_int_not_equal(config_trustpoint_set_ca(l->cfg, "tp", der, n - 1), 0);
	clone = config_clone(l->cfg);
	assert_int_equal(config_trustpoint(clone, "tp")->ca.len, n);
	assert_memory_equal(config_trustpoint(clone, "tp")->identity.data, der, n);
	assert_int_equal(config_trustpoint_set_ca(clone, "tp", NULL, 0), 0);
	assert_int_equal(config_trustpoint(clone, "tp")->ca.len, 0);
	config_free(clone);
}

static void
a_clone_prints_the_same_bytes(void **state)
{
	struct live *l = *state;
	struct config *clone = config_clone(l->cfg);
	char a[33], b[33];

	config_checksum(l->cfg, a);
	config_checksum(clone, b);
	assert_string_equal(a, b);
	config_free(clone);
}

static void
help_knows_the_mode_and_the_ones_above(void **state)
{
	struct live *l = *state;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	check(l, "tunnel-group t webvpn-attributes", "", "(config-tunnel-webvpn)#");
	assert_int_equal(config_help(&l->cursor, "group-u", extra, 1, out, &l->error), 0);
	assert_int_equal(config_help(&l->cursor, "crypto ca enr", extra, 1, out, &l->error), 0);
	fclose(out);
	assert_string_equal(text, "  group-url     URL that selects this group\n  enroll        Enroll\n");
	free(text);
}

#define LIVE(test) cmocka_unit_test_setup_teardown(test, live_setup, live_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE(modes_have_the_asas_prompts),
		LIVE(header_and_checksum_lines_are_taken_and_ignored),
		LIVE(what_is_ambiguous_here_is_not_taken_from_above),
		LIVE(what_is_not_kept_can_be_cleared),
		LIVE(exit_from_global_mode_is_done),
		LIVE(a_change_takes_effect_in_the_clone),
		LIVE(enable_answers_as_an_asa),
		LIVE(errors_change_nothing_and_keep_the_mode),
		LIVE(syntax_errors_have_the_caret_below_the_word),
		LIVE(what_is_in_use_cannot_be_removed),
		LIVE(clear_configure_removes_sections),
		LIVE(extra_rows_are_told_from_configuration_rows),
		LIVE(commands_of_other_subjects_warn_and_keep_their_submode),
		LIVE(webvpn_pasted_flat_behind_a_policy_finds_the_global_one),
		LIVE(a_mode_whose_object_is_gone_says_so),
		LIVE(a_certificate_block_is_taken_line_by_line),
		LIVE(a_broken_certificate_block_changes_nothing),
		LIVE(certificates_set_by_main_survive_a_clone),
		LIVE(a_clone_prints_the_same_bytes),
		LIVE(help_knows_the_mode_and_the_ones_above),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
