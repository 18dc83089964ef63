/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/config/command.h"

static const struct command rows[] = {
	{ .syntax = "ip local pool <name> <range> [mask <mask>]", .help = "Pool", .flags = CMD_NO, .no_args = 1 },
	{ .syntax = "vpn-sessiondb logoff {name <text> | index <1-65535> | all} [noconfirm]", .help = "Log off" },
	{ .syntax = "show vpn-sessiondb [anyconnect]", .help = "Sessions" },
	{ .syntax = "show version", .help = "Version" },
	{ .syntax = "crypto ca trustpoint <name>", .help = "Trustpoint" },
	{ .syntax = "clock set <line>", .help = "Clock" },
	{ .syntax = "protocol {ikev1 | ikev2 | ssl}...", .help = "Protocols" },
	{ .syntax = "idle {<1-100> | none}", .help = "Idle", .flags = CMD_NO },
	{ .syntax = "trust-point <name> [<ifname:name> | domain <fqdn:name>]", .help = "Bind" },
	{ .syntax = "import <name> pkcs12 <secret> [nointeractive]", .help = "Import" },
	{ .syntax = "object <name>", .help = "Object" },
	{ .syntax = "object <name> remove", .flags = CMD_ONLY_NO },
	{ .syntax = "{tall | wide} word", .help = "Choice first" },
	{ .syntax = "suites <ciphers>", .help = "Suites" },
};

static struct command_table table = COMMAND_TABLE("test", rows);
static struct command_table *const tables[] = { &table };
static struct cmd_match m;
static struct cmd_error error;

static int
match(const char *line)
{
	return command_match(tables, 1, line, &m, &error);
}

static void
keywords_may_be_abbreviated_and_of_any_case(void **state)
{
	(void)state;
	assert_int_equal(match("IP loc P vpn 10.1.1.1-10.1.1.9 m 255.255.255.0"), 0);
	assert_string_equal(cmd_str(&m, "name"), "vpn");
	assert_string_equal(cmd_str(&m, "range"), "10.1.1.1-10.1.1.9");
	assert_string_equal(cmd_str(&m, "mask"), "255.255.255.0");
	assert_int_equal(match("sh vpn any"), 0);
	assert_true(cmd_word(&m, "anyconnect"));
}

static void
names_keep_their_case(void **state)
{
	(void)state;
	assert_int_equal(match("crypto ca trustpoint TP-One"), 0);
	assert_string_equal(cmd_str(&m, "name"), "TP-One");
}

static void
quoted_words_may_hold_blanks_and_signs(void **state)
{
	(void)state;
	assert_int_equal(match("crypto ca trustpoint \"a b%&:c\""), 0);
	assert_string_equal(cmd_str(&m, "name"), "a b%&:c");
	assert_int_equal(match("vpn-s l name \"Doe, J\" noc"), 0);
	assert_string_equal(cmd_str(&m, "text"), "Doe, J");
	assert_true(cmd_word(&m, "noconfirm"));
}

static void
open_quote_is_an_error_at_the_quote(void **state)
{
	(void)state;
	assert_int_not_equal(match("crypto ca trustpoint \"a b"), 0);
	assert_int_equal(error.kind, CMD_ERROR_INVALID);
	assert_int_equal(error.column, 22);
}

static void
a_quoted_word_is_no_keyword(void **state)
{
	(void)state;
	assert_int_equal(match("trust-point tp \"domain\""), 0);
	assert_string_equal(cmd_str(&m, "ifname"), "domain");
}

static void
numbers_have_bounds(void **state)
{
	long long value;

	(void)state;
	assert_int_equal(match("vpn-sessiondb logoff index 65535"), 0);
	assert_true(cmd_int(&m, "index", &value));
	assert_int_equal(value, 65535);
	assert_int_not_equal(match("vpn-sessiondb logoff index 65536"), 0);
	assert_int_equal(error.column, 28);
	assert_string_equal(error.reason, "not a number from 1 to 65535");
	assert_int_not_equal(match("vpn-sessiondb logoff index -1"), 0);
	assert_int_not_equal(match("vpn-sessiondb logoff index 99999999999999999999"), 0);
}

static void
unknown_word_is_invalid_at_its_column(void **state)
{
	(void)state;
	assert_int_not_equal(match("reload"), 0);
	assert_int_equal(error.kind, CMD_ERROR_INVALID);
	assert_int_equal(error.column, 1);
	assert_int_not_equal(match("  show   foo"), 0);
	assert_int_equal(error.column, 10);
	assert_string_equal(error.expected, "vpn-sessiondb, version");
}

static void
missing_words_are_incomplete(void **state)
{
	(void)state;
	assert_int_not_equal(match("ip local"), 0);
	assert_int_equal(error.kind, CMD_ERROR_INCOMPLETE);
	assert_string_equal(error.expected, "pool");
	assert_int_not_equal(match("ip local pool a 10.1.1.1-10.1.1.2 mask"), 0);
	assert_int_equal(error.kind, CMD_ERROR_INCOMPLETE);
}

static void
prefix_of_two_words_is_ambiguous(void **state)
{
	(void)state;
	assert_int_not_equal(match(" sh v"), 0);
	assert_int_equal(error.kind, CMD_ERROR_AMBIGUOUS);
	assert_string_equal(error.ambiguous, "sh v");
	assert_int_not_equal(match("c"), 0);
	assert_int_equal(error.kind, CMD_ERROR_AMBIGUOUS);
	assert_int_equal(match("protocol ikev1"), 0);
	assert_int_not_equal(match("protocol ike"), 0);
	assert_int_equal(error.kind, CMD_ERROR_AMBIGUOUS);
}

static void
repeated_words_are_all_there(void **state)
{
	(void)state;
	assert_int_equal(match("protocol ikev2 ssl"), 0);
	assert_true(cmd_word(&m, "ikev2"));
	assert_true(cmd_word(&m, "ssl"));
	assert_false(cmd_word(&m, "ikev1"));
	assert_int_not_equal(match("protocol"), 0);
}

static void
line_parameter_takes_the_rest(void **state)
{
	(void)state;
	assert_int_equal(match("clock set  a b \"c d\" e  "), 0);
	assert_string_equal(cmd_str(&m, "line"), "a b \"c d\" e");
	assert_int_equal(match("clock set \" all of it \""), 0);
	assert_string_equal(cmd_str(&m, "line"), " all of it ");
}

static void
keyword_wins_over_value(void **state)
{
	(void)state;
	assert_int_equal(match("trust-point tp domain a.b"), 0);
	assert_string_equal(cmd_str(&m, "fqdn"), "a.b");
	assert_int_equal(match("trust-point tp outside"), 0);
	assert_string_equal(cmd_str(&m, "ifname"), "outside");
	assert_int_equal(match("idle none"), 0);
	assert_true(cmd_word(&m, "none"));
}

static void
no_form_may_leave_out_arguments(void **state)
{
	(void)state;
	assert_int_equal(match("no idle"), 0);
	assert_true(m.no);
	assert_int_equal(match("no idle 5"), 0);
	assert_int_equal(match("no ip local pool vpn"), 0);
	assert_string_equal(cmd_str(&m, "name"), "vpn");
	assert_int_not_equal(match("no ip local pool"), 0);
	assert_int_equal(error.kind, CMD_ERROR_INCOMPLETE);
	assert_int_not_equal(match("no show version"), 0);
	assert_int_equal(error.kind, CMD_ERROR_INVALID);
	assert_int_equal(error.column, 4);
	assert_int_not_equal(match("no"), 0);
	assert_int_equal(error.kind, CMD_ERROR_INCOMPLETE);
}

static void
row_for_no_only_needs_no(void **state)
{
	(void)state;
	assert_int_not_equal(match("object x remove"), 0);
	assert_int_equal(match("no object x remove"), 0);
	assert_int_not_equal(match("no object"), 0);
	assert_int_equal(error.kind, CMD_ERROR_INCOMPLETE);
}

static void
choice_may_stand_first(void **state)
{
	(void)state;
	assert_int_equal(match("tall word"), 0);
	assert_int_equal(match("wide w"), 0);
	assert_int_equal(m.leading, 2);
}

static void
bad_cipher_is_pointed_at_inside_the_list(void **state)
{
	(void)state;
	assert_int_equal(match("suites \"AES256-SHA:AES128-SHA:AES256-SHA\""), 0);
	assert_int_not_equal(match("suites \"AES256-SHA:NOPE:AES128-SHA\""), 0);
	assert_int_equal(error.column, 20);
	assert_string_equal(error.reason, "unknown cipher suite NOPE");
	assert_int_not_equal(match("suites RC5-SHA"), 0);
	assert_int_equal(error.column, 8);
}

static void
empty_line_is_its_own_kind(void **state)
{
	(void)state;
	assert_int_not_equal(match("   "), 0);
	assert_int_equal(error.kind, CMD_ERROR_EMPTY);
}

static void
too_long_and_too_many_words_are_errors(void **state)
{
	char *line = malloc(CMD_LINE_MAX + 2);

	(void)state;
	memset(line, 'x', CMD_LINE_MAX + 1);
	line[CMD_LINE_MAX + 1] = '\0';
	assert_int_not_equal(match(line), 0);
	strcpy(line, "protocol");
	for (int i = 0; i < 200; i++)
		strcat(line, " ssl");
	assert_int_not_equal(match(line), 0);
	assert_int_equal(error.kind, CMD_ERROR_INVALID);
	free(line);
}

static void
check_masked(const char *line, const char *want)
{
	bool known = match(line) == 0;
	char *text = command_masked(known ? &m : NULL, line, NULL);

	assert_string_equal(text, want);
	free(text);
}

static void
secrets_are_masked_whether_the_line_parses_or_not(void **state)
{
	(void)state;
	check_masked("import tp pkcs12 hunter2 nointeractive", "import tp pkcs12 ***** nointeractive");
	check_masked("import tp pkcs12 \"hunter 2\"", "import tp pkcs12 *****");
	check_masked("import tp pkcs12 hunter2 foo", "import tp pkcs12 *****");
	check_masked("imprt tp pkcs12 hunter2", "imprt tp pkcs12 *****");
	check_masked("username bob password geheim encrypted", "username bob password *****");
	check_masked("username bob pass geheim", "username bob pass *****");
	check_masked("passwd abc encrypted", "passwd *****");
	check_masked("ikev1 pre-shared-key abc", "ikev1 pre-shared-key *****");
	check_masked("snmp-server community abc", "snmp-server community *****");
	check_masked(" key abc", " key *****");
	check_masked("ikev1 pre abc", "ikev1 pre *****");
	check_masked("radius-c abc", "radius-c *****");
	check_masked("ldap-dn cn=x abc junk", "ldap-dn cn=x *****");
	check_masked("logging ftp-server 1.1.1.1 /x u abc junk", "logging ftp-server 1.1.1.1 /x u *****");
	check_masked("policy-server-secret abc", "policy-server-secret *****");
	check_masked("boot config ftp://u:abc@h/x", "boot config ftp://u:*****");
	check_masked("boot config ftp://u@h:21/x", "boot config ftp://u@h:21/x");
	check_masked("crypto key generate rsa label L", "crypto key generate rsa label L");
	check_masked("show version", "show version");
}

static void
masking_moves_the_column_with_the_text(void **state)
{
	const char *line = "import tp pkcs12 hunter2 nointeractive";
	int column = 26;
	char *text;

	(void)state;
	assert_int_equal(match(line), 0);
	text = command_masked(&m, line, &column);
	assert_string_equal(text + column - 1, "nointeractive");
	free(text);
	column = 20;
	text = command_masked(&m, line, &column);
	assert_int_equal(column, 18);
	free(text);
}

static void
check_error_text(const char *line, size_t prompt, const char *want)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_int_not_equal(match(line), 0);
	cmd_error_print(&error, prompt, out);
	fclose(out);
	assert_string_equal(text, want);
	free(text);
}

static void
control_characters_are_refused(void **state)
{
	(void)state;
	assert_int_equal(match("clock set a\r\n"), 0);
	assert_int_not_equal(match("clock set a\nhostname x"), 0);
	assert_int_equal(error.column, 12);
	assert_int_not_equal(match("clock set a\x1b[0m"), 0);
	assert_int_not_equal(match("clock set a\xff"), 0);
	assert_int_equal(match("clock set \xc3\xbc"), 0);
}

static void
error_texts_are_the_asas(void **state)
{
	(void)state;
	check_error_text("reload", 11, "           ^\nERROR: % Invalid input detected at '^' marker.\n");
	check_error_text("ip local", 6, "ERROR: % Incomplete command\n");
	check_error_text("sh v", 6, "ERROR: % Ambiguous command:  \"sh v\"\n");
}

static void
check_help(const char *prefix, const char *want)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_int_equal(command_help(tables, 1, prefix, out, &error), 0);
	fclose(out);
	assert_string_equal(text, want);
	free(text);
}

static void
help_lists_what_can_come_next(void **state)
{
	(void)state;
	check_help("show ", "  version        Version\n  vpn-sessiondb  Sessions\n");
	check_help("show vp", "  vpn-sessiondb  Sessions\n");
	check_help("show vpn-sessiondb ", "  anyconnect    Sessions\n  <cr>\n");
	check_help("idle ", "  <1-100>       Idle\n  none          Idle\n");
	check_help("no i", "  idle          Idle\n  ip            Pool\n");
	check_help("trust-point tp ", "  domain        Bind\n  WORD          Bind\n  <cr>\n");
}

static void
help_after_nonsense_is_an_error(void **state)
{
	(void)state;
	assert_int_not_equal(command_help(tables, 1, "show nonsense ", stderr, &error), 0);
	assert_int_equal(error.column, 6);
}

static void
full_spelling_is_printed(void **state)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	assert_int_equal(match("vpn-s lo n \"a b\" noc"), 0);
	cmd_print(&m, out);
	fclose(out);
	assert_string_equal(text, "vpn-sessiondb logoff name \"a b\" noconfirm");
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keywords_may_be_abbreviated_and_of_any_case),
		cmocka_unit_test(names_keep_their_case),
		cmocka_unit_test(quoted_words_may_hold_blanks_and_signs),
		cmocka_unit_test(open_quote_is_an_error_at_the_quote),
		cmocka_unit_test(a_quoted_word_is_no_keyword),
		cmocka_unit_test(numbers_have_bounds),
		cmocka_unit_test(unknown_word_is_invalid_at_its_column),
		cmocka_unit_test(missing_words_are_incomplete),
		cmocka_unit_test(prefix_of_two_words_is_ambiguous),
		cmocka_unit_test(repeated_words_are_all_there),
		cmocka_unit_test(line_parameter_takes_the_rest),
		cmocka_unit_test(keyword_wins_over_value),
		cmocka_unit_test(no_form_may_leave_out_arguments),
		cmocka_unit_test(row_for_no_only_needs_no),
		cmocka_unit_test(choice_may_stand_first),
		cmocka_unit_test(bad_cipher_is_pointed_at_inside_the_list),
		cmocka_unit_test(empty_line_is_its_own_kind),
		cmocka_unit_test(too_long_and_too_many_words_are_errors),
		cmocka_unit_test(secrets_are_masked_whether_the_line_parses_or_not),
		cmocka_unit_test(masking_moves_the_column_with_the_text),
		cmocka_unit_test(control_characters_are_refused),
		cmocka_unit_test(error_texts_are_the_asas),
		cmocka_unit_test(help_lists_what_can_come_next),
		cmocka_unit_test(help_after_nonsense_is_an_error),
		cmocka_unit_test(full_spelling_is_printed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
