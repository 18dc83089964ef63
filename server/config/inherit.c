/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is in force where an object leaves something unset, each attribute on its own (asa-reference 1.6, 1.7). */
#include <string.h>

#include "server/config/grammar.h"

/* The built-in defaults, read once from the rows' own default texts. */
static void
defaults_from(struct config *own, struct cfg_group_policy *g, const struct config_mode *mode)
{
	struct command_table *table = mode->table;

	for (size_t i = 0; i < table->count; i++) {
		const struct command *row = &table->rows[i];
		static struct cmd_match m;
		struct cmd_error error;
		char line[CMD_LINE_MAX];
		struct config_change ch = { .cfg = own, .m = &m, .object = g, .mode = mode };

		if (row->type == NULL)
			continue;
		if (row->dflt == NULL || (row->flags & CMD_ALIAS))
			continue;
		command_keyword(row, line, sizeof(line));
		strcat(strcat(line, " "), row->dflt);
		if (command_match(&table, 1, line, &m, &error) == 0 && m.row == row)
			row->type->parse(&ch, row, (char *)&g->attrs + row->offset);
	}
}

static void
resolve_from(struct cfg_policy_attrs *out, const struct cfg_policy_attrs *from, const struct command_table *table)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct command *row = &table->rows[i];

		if (!(row->flags & CMD_INHERIT) || row->type->is_set((char *)out + row->offset))
			continue;
		memcpy((char *)out + row->offset, (const char *)from + row->offset, row->type->size);
	}
}

static void
policy_inherit(struct cfg_policy_attrs *out, const struct cfg_policy_attrs *from)
{
	resolve_from(out, from, &group_policy_rows);
	resolve_from(out, from, &group_webvpn_rows);
}

/* The defaults' strings live in a configuration of their own, as long as the process. */
static const struct cfg_policy_attrs *
policy_defaults(void)
{
	static struct config *own;
	struct cfg_group_policy *g;

	if (own == NULL) {
		own = config_new();
		g = object_group_policy(own, "built-in", true);
		defaults_from(own, g, &mode_group_policy);
		defaults_from(own, g, &mode_group_webvpn);
	}
	return &config_group_policy(own, "built-in")->attrs;
}

void
config_policy_resolve(const struct config *cfg, const struct cfg_user *user, const char *name,
    struct cfg_policy_attrs *out)
{
	const struct cfg_group_policy *g = name != NULL ? config_group_policy(cfg, name) : NULL;

	policy_attrs_unset(out);
	if (user != NULL)
		policy_inherit(out, &user->attrs);
	if (g != NULL)
		policy_inherit(out, &g->attrs);
	policy_inherit(out, &config_group_policy(cfg, "DfltGrpPolicy")->attrs);
	policy_inherit(out, policy_defaults());
}

static bool
group_inherits(const struct cfg_tunnel_group *t)
{
	return t->type == NULL || strcmp(t->type, "remote-access") == 0;
}

void
config_tunnel_group_resolve(const struct config *cfg, const struct cfg_tunnel_group *t, struct cfg_group_resolved *out)
{
	const struct cfg_tunnel_group *base = config_tunnel_group(cfg, "DefaultWEBVPNGroup");
	const struct cfg_tunnel_group *from[] = { t, base };

	*out = (struct cfg_group_resolved){ .authentication = AUTH_AAA, .default_group_policy = "DfltGrpPolicy",
		.authentication_group = "LOCAL", .authorization_group = "", .username_from_certificate = "CN OU",
		.accounting_group = "" };
	for (size_t i = group_inherits(t) ? COUNT(from) : 1; i-- > 0;) {
		if (from[i]->authentication != SETTING_UNSET)
			out->authentication = (unsigned)from[i]->authentication;
		if ((out->authentication & AUTH_MULTIPLE_CERTIFICATE) != 0) /* one of them is asked for */
			out->authentication |= AUTH_CERTIFICATE;
		if (from[i]->default_group_policy != NULL)
			out->default_group_policy = from[i]->default_group_policy;
		if (from[i]->address_pools_count != SETTING_UNSET) {
			out->address_pools = from[i]->address_pools;
			out->address_pools_count = from[i]->address_pools_count > 0 ? from[i]->address_pools_count : 0;
		}
		if (from[i]->ipv6_address_pools_count != SETTING_UNSET) {
			out->ipv6_address_pools = from[i]->ipv6_address_pools;
			out->ipv6_address_pools_count = from[i]->ipv6_address_pools_count > 0 ? from[i]->ipv6_address_pools_count : 0;
		}
		if (from[i]->authentication_group != NULL)
			out->authentication_group = from[i]->authentication_group;
		if (from[i]->authorization_group != NULL)
			out->authorization_group = from[i]->authorization_group;
		if (from[i]->authorization_required != SETTING_UNSET)
			out->authorization_required = from[i]->authorization_required == 1;
		if (from[i]->username_from_certificate != NULL)
			out->username_from_certificate = from[i]->username_from_certificate;
		if (from[i]->strip_realm != SETTING_UNSET)
			out->strip_realm = from[i]->strip_realm == 1;
		if (from[i]->prefill != NULL)
			out->prefill = true;
		if (from[i]->accounting_group != NULL)
			out->accounting_group = from[i]->accounting_group;
	}
}
