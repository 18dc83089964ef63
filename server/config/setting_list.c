/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Types of settings that hold addresses and lists of names. */
#include <arpa/inet.h>
#include <string.h>

#include "server/config/grammar.h"
#include "server/config/param.h"

/* --- "value A [B]" of addresses, with the count behind them ---------------- */

struct addr_pair {
	struct in_addr addr[2];
	int32_t count;
};

#define ONE_FIELD(type, list, count_, as)                                                                        \
	_Static_assert(offsetof(type, count_) - offsetof(type, list) == offsetof(as, count), "one field here")

ONE_FIELD(struct cfg_policy_attrs, dns, dns_count, struct addr_pair);
ONE_FIELD(struct cfg_policy_attrs, wins, wins_count, struct addr_pair);

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

ONE_FIELD(struct cfg_policy_attrs, address_pools, address_pools_count, struct pool_names);
ONE_FIELD(struct cfg_policy_attrs, ipv6_address_pools, ipv6_address_pools_count, struct pool_names);
ONE_FIELD(struct cfg_tunnel_group, address_pools, address_pools_count, struct pool_names);
ONE_FIELD(struct cfg_tunnel_group, ipv6_address_pools, ipv6_address_pools_count, struct pool_names);

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
	bool value = strstr(row->syntax, "{value") != NULL;

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
	const struct cmd_arg *a = &ch->m->args[ch->m->leading];

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
