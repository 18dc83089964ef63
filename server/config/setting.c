/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Types of settings: how a field is read from a match and printed again, side by side. */
#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "server/config/grammar.h"
#include "server/config/param.h"

static const struct cmd_arg *
setting_arg(const struct config_change *ch, int nth)
{
	int i = ch->m->leading + nth;

	return i < ch->m->argc ? &ch->m->args[i] : NULL;
}

/* --- numbers, or "none" ------------------------------------------------- */

static int
int_parse(struct config_change *ch, const struct command *row, void *field)
{
	const struct cmd_arg *a = setting_arg(ch, 0);
	long long value = SETTING_NONE;

	(void)row;
	if (!a->keyword)
		param_number(a->value, &value);
	*(int32_t *)field = (int32_t)value;
	return 0;
}

static void
int_print(const struct command *row, const void *field, FILE *out)
{
	int32_t value = *(const int32_t *)field;

	(void)row;
	if (value == SETTING_NONE)
		fputs("none", out);
	else
		fprintf(out, "%d", value);
}

static bool
int_is_set(const void *field)
{
	return *(const int32_t *)field != SETTING_UNSET;
}

static void
int_unset(void *field)
{
	*(int32_t *)field = SETTING_UNSET;
}

const struct setting_type t_int = { "number", sizeof(int32_t), int_parse, int_print, int_is_set, int_unset, NULL };

/* --- words that are there or not ---------------------------------------- */

static int
flag_parse(struct config_change *ch, const struct command *row, void *field)
{
	(void)ch, (void)row;
	*(bool *)field = true;
	return 0;
}

static void
flag_print(const struct command *row, const void *field, FILE *out)
{
	(void)row, (void)field, (void)out;
}

static bool
flag_is_set(const void *field)
{
	return *(const bool *)field;
}

static void
flag_unset(void *field)
{
	*(bool *)field = false;
}

const struct setting_type t_flag = { "flag", sizeof(bool), flag_parse, flag_print, flag_is_set, flag_unset, NULL };

/* --- the same in an int32_t: unset, off or on; only "on" is printed ------ */

static int
on_parse(struct config_change *ch, const struct command *row, void *field)
{
	(void)ch, (void)row;
	*(int32_t *)field = 1;
	return 0;
}

static bool
on_is_set(const void *field)
{
	return *(const int32_t *)field == 1;
}

static void
on_negate(void *field)
{
	*(int32_t *)field = 0;
}

const struct setting_type t_on = { "switch", sizeof(int32_t), on_parse, flag_print, on_is_set, int_unset, on_negate };

/* --- strings ------------------------------------------------------------- */

static int
string_parse(struct config_change *ch, const struct command *row, void *field)
{
	const struct cmd_arg *a = setting_arg(ch, 0);

	(void)row;
	*(char **)field = mem_strdup(ch->cfg->mem, a->keyword ? a->label : a->value);
	return 0;
}

static void
string_print(const struct command *row, const void *field, FILE *out)
{
	(void)row;
	cmd_print_word(*(char *const *)field, out);
}

static bool
string_is_set(const void *field)
{
	return *(char *const *)field != NULL;
}

static void
string_unset(void *field)
{
	*(char **)field = NULL;
}

const struct setting_type t_string = { "word", sizeof(char *), string_parse, string_print, string_is_set, string_unset,
	NULL };

/* Free text goes to the end of the line; quoted only where blanks would be lost. */
static void
line_print(const struct command *row, const void *field, FILE *out)
{
	const char *text = *(char *const *)field;
	size_t len = strlen(text);
	bool quote = len == 0 || strchr(" \t", text[0]) != NULL || strchr(" \t", text[len - 1]) != NULL;

	(void)row;
	fprintf(out, quote ? "\"%s\"" : "%s", text);
}

const struct setting_type t_line = { "text", sizeof(char *), string_parse, line_print, string_is_set, string_unset,
	NULL };

/* "value X" or "none", which is "" in the field. */
static int
value_parse(struct config_change *ch, const struct command *row, void *field)
{
	(void)row;
	if (cmd_word(ch->m, "none"))
		*(char **)field = (char *)"";
	else
		*(char **)field = mem_strdup(ch->cfg->mem, setting_arg(ch, 1)->value);
	return 0;
}

static void
value_print(const struct command *row, const void *field, FILE *out)
{
	const char *text = *(char *const *)field;

	(void)row;
	fputs(*text == '\0' ? "none" : "value ", out);
	if (*text != '\0')
		cmd_print_word(text, out);
}

const struct setting_type t_value = { "value", sizeof(char *), value_parse, value_print, string_is_set, string_unset,
	NULL };

/* --- one word of a list, several words of a list -------------------------- */

static int
words_find(const struct setting_words *list, const char *word)
{
	for (size_t i = 0; i < list->count; i++) {
		if (strcasecmp(list->words[i], word) == 0)
			return (int)i;
	}
	return -1;
}

static int
enum_parse(struct config_change *ch, const struct command *row, void *field)
{
	const struct cmd_arg *a = setting_arg(ch, 0);
	long long number = -1;

	if (a->keyword)
		number = words_find(row->arg, a->label);
	else
		param_number(a->value, &number);
	*(int32_t *)field = (int32_t)number;
	return 0;
}

static void
enum_print(const struct command *row, const void *field, FILE *out)
{
	const struct setting_words *list = row->arg;

	fputs(list->words[*(const int32_t *)field], out);
}

const struct setting_type t_enum = { "choice", sizeof(int32_t), enum_parse, enum_print, int_is_set, int_unset, NULL };

static int
bits_parse(struct config_change *ch, const struct command *row, void *field)
{
	int32_t bits = 0;

	for (int i = ch->m->leading; i < ch->m->argc; i++)
		bits |= 1 << words_find(row->arg, ch->m->args[i].label);
	*(int32_t *)field = bits;
	return 0;
}

static void
bits_print(const struct command *row, const void *field, FILE *out)
{
	const struct setting_words *list = row->arg;
	int32_t bits = *(const int32_t *)field;
	bool first = true;

	for (size_t i = 0; i < list->count; i++) {
		if (bits & (1 << i)) {
			fprintf(out, "%s%s", first ? "" : " ", list->words[i]);
			first = false;
		}
	}
}

const struct setting_type t_bits = { "words", sizeof(int32_t), bits_parse, bits_print, int_is_set, int_unset, NULL };

/* --- "value A [B]" of addresses, with the count behind them ---------------- */

struct addr_pair {
	struct in_addr addr[2];
	int32_t count;
};

_Static_assert(offsetof(struct cfg_policy_attrs, dns_count) - offsetof(struct cfg_policy_attrs, dns) ==
    offsetof(struct addr_pair, count), "dns and dns_count are one field here");

static int
addr_pair_parse(struct config_change *ch, const struct command *row, void *field)
{
	struct addr_pair *pair = field;
	const char *text;

	(void)row;
	pair->count = 0;
	while (pair->count < 2 && (text = cmd_nth(ch->m, "ip", pair->count)) != NULL)
		param_ip(text, &pair->addr[pair->count++]);
	if (pair->count == 0)
		pair->count = SETTING_NONE;
	return 0;
}

static void
addr_pair_print(const struct command *row, const void *field, FILE *out)
{
	const struct addr_pair *pair = field;
	char text[INET_ADDRSTRLEN];

	(void)row;
	fputs(pair->count < 1 ? "none" : "value", out);
	for (int i = 0; i < pair->count; i++)
		fprintf(out, " %s", inet_ntop(AF_INET, &pair->addr[i], text, sizeof(text)));
}

static bool
addr_pair_is_set(const void *field)
{
	return ((const struct addr_pair *)field)->count != SETTING_UNSET;
}

static void
addr_pair_unset(void *field)
{
	((struct addr_pair *)field)->count = SETTING_UNSET;
}

const struct setting_type t_addr_pair = { "addresses", sizeof(struct addr_pair), addr_pair_parse, addr_pair_print,
	addr_pair_is_set, addr_pair_unset, NULL };

/* --- names of pools, with the count behind them ---------------------------- */

struct pool_names {
	char *names[CONFIG_MAX_POOLS];
	int32_t count;
};

#define POOL_NAMES_SIZE (offsetof(struct pool_names, count) + sizeof(int32_t))

_Static_assert(offsetof(struct cfg_policy_attrs, address_pools_count) -
    offsetof(struct cfg_policy_attrs, address_pools) == offsetof(struct pool_names, count), "one field here");
_Static_assert(offsetof(struct cfg_tunnel_group, address_pools_count) -
    offsetof(struct cfg_tunnel_group, address_pools) == offsetof(struct pool_names, count), "one field here");

static int
pools_parse(struct config_change *ch, const struct command *row, void *field)
{
	struct pool_names *pools = field;
	const struct cmd_match *m = ch->m;

	(void)row;
	pools->count = 0;
	for (int i = m->leading; i < m->argc; i++) {
		const struct cmd_arg *a = &m->args[i];

		if (a->keyword)
			continue;
		if (pools->count == CONFIG_MAX_POOLS)
			return change_error(ch, NULL, "at most %d pools can be named", CONFIG_MAX_POOLS);
		pools->names[pools->count] = mem_strdup(ch->cfg->mem, a->value);
		change_place(ch, &pools->names[pools->count++], a->value);
	}
	if (pools->count == 0)
		pools->count = SETTING_NONE;
	return 0;
}

/* In a group-policy "value A B" or "none", in a tunnel-group just the names. */
static void
pools_print(const struct command *row, const void *field, FILE *out)
{
	const struct pool_names *pools = field;
	bool value = (row->flags & CMD_INHERIT) != 0;

	if (value)
		fputs(pools->count < 1 ? "none" : "value ", out);
	for (int i = 0; i < pools->count; i++) {
		if (i > 0)
			putc(' ', out);
		cmd_print_word(pools->names[i], out);
	}
}

static bool
pools_is_set(const void *field)
{
	return ((const struct pool_names *)field)->count != SETTING_UNSET;
}

static void
pools_unset(void *field)
{
	((struct pool_names *)field)->count = SETTING_UNSET;
}

const struct setting_type t_pools = { "pools", POOL_NAMES_SIZE, pools_parse, pools_print, pools_is_set, pools_unset,
	NULL };

/* --- an address with a flag in front of it --------------------------------- */

struct ip_field {
	bool has;
	struct in_addr addr;
};

_Static_assert(offsetof(struct cfg_trustpoint, ip_address) - offsetof(struct cfg_trustpoint, has_ip_address) ==
    offsetof(struct ip_field, addr), "one field here");

static int
ip_parse(struct config_change *ch, const struct command *row, void *field)
{
	struct ip_field *ip = field;
	const struct cmd_arg *a = setting_arg(ch, 0);

	(void)row;
	ip->has = !a->keyword && param_ip(a->value, &ip->addr);
	return 0;
}

static void
ip_print(const struct command *row, const void *field, FILE *out)
{
	char text[INET_ADDRSTRLEN];

	(void)row;
	fputs(inet_ntop(AF_INET, &((const struct ip_field *)field)->addr, text, sizeof(text)), out);
}

static bool
ip_is_set(const void *field)
{
	return ((const struct ip_field *)field)->has;
}

static void
ip_unset(void *field)
{
	((struct ip_field *)field)->has = false;
}

const struct setting_type t_ip = { "address", sizeof(struct ip_field), ip_parse, ip_print, ip_is_set, ip_unset, NULL };
