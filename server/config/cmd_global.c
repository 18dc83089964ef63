/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of the device itself, clear configure, and words of every mode. */
#include <ctype.h>
#include <string.h>

#include "server/config/grammar.h"

#define OFF(field) offsetof(struct config, field)

static int
hostname_apply(struct config_change *ch)
{
	const char *name = cmd_str(ch->m, "name");
	size_t len = name != NULL ? strlen(name) : 0;

	ch->cfg->hostname = NULL;
	if (ch->m->no)
		return 0;
	for (size_t i = 0; i < len; i++) {
		if (!isalnum((unsigned char)name[i]) && (name[i] != '-' || i == 0 || i == len - 1))
			return change_error(ch, "name", "%% Invalid Hostname");
	}
	if (len > 63)
		return change_error(ch, "name", "%% Invalid Hostname");
	ch->cfg->hostname = mem_strdup(ch->cfg->mem, name);
	return 0;
}

/* An ASA shows its name always. */
static void
hostname_print(struct config_printer *p, const struct command *row, const void *object)
{
	const struct config *cfg = object;

	(void)row;
	printer_line(p, "hostname %s", cfg->hostname != NULL ? cfg->hostname : "ciscoasa");
}

static int
clear_group_policy(struct config_change *ch)
{
	const char *name = cmd_str(ch->m, "name");
	struct cfg_group_policy *next;

	if (name != NULL && config_group_policy(ch->cfg, name) == NULL)
		return change_error(ch, "name", "Group policy %s does not exist", name);
	for (struct cfg_group_policy *g = ch->cfg->group_policies; g != NULL; g = next) {
		next = g->next;
		if (name != NULL && strcmp(g->name, name) != 0)
			continue;
		if (strcmp(g->name, "DfltGrpPolicy") == 0) {
			policy_attrs_unset(&g->attrs);
			g->kept = g->webvpn_kept = NULL;
		} else if (reference_to(ch->cfg, INDEX_POLICY, g->name) != NULL) {
			return change_error(ch, "name", "Group policy %s is in use by a tunnel-group, cannot be deleted",
			    g->name);
		} else {
			object_remove(ch->cfg, INDEX_POLICY, g->name, g);
		}
	}
	return 0;
}

static int
clear_tunnel_group(struct config_change *ch)
{
	const char *name = cmd_str(ch->m, "name");
	struct cfg_tunnel_group *next;

	if (name != NULL && config_tunnel_group(ch->cfg, name) == NULL)
		return change_error(ch, "name", "Tunnel group %s does not exist", name);
	for (struct cfg_tunnel_group *t = ch->cfg->tunnel_groups; t != NULL; t = next) {
		next = t->next;
		if (name != NULL && strcmp(t->name, name) != 0)
			continue;
		if (!tunnel_group_builtin(t->name)) {
			object_remove(ch->cfg, INDEX_GROUP, t->name, t);
			continue;
		}
		t->address_pools_count = t->authentication = SETTING_UNSET;
		t->default_group_policy = NULL;
		t->urls = NULL;
		t->general_kept = t->webvpn_kept = NULL;
	}
	return 0;
}

static int
clear_pools(struct config_change *ch)
{
	const char *name = cmd_str(ch->m, "name");
	struct cfg_pool *next;

	if (name != NULL && config_pool(ch->cfg, name) == NULL)
		return change_error(ch, "name", "Pool (%s) does not exist", name);
	for (struct cfg_pool *p = ch->cfg->pools; p != NULL; p = next) {
		next = p->next;
		if (name != NULL && strcmp(p->name, name) != 0)
			continue;
		if (reference_to(ch->cfg, INDEX_POOL, p->name) != NULL)
			return change_error(ch, "name", "Pool (%s) in use, cannot be deleted", p->name);
		object_remove(ch->cfg, INDEX_POOL, p->name, p);
	}
	return 0;
}

/* Remove the global kept lines of one table. */
static void
clear_kept(struct config *cfg, const struct command_table *table)
{
	for (struct cfg_kept **at = &cfg->kept; *at != NULL;) {
		if ((*at)->row >= table->rows && (*at)->row < table->rows + table->count)
			*at = (*at)->next;
		else
			at = &(*at)->next;
	}
}

static int
clear_ssl(struct config_change *ch)
{
	ch->cfg->ssl = (struct cfg_ssl){ .server_version = SETTING_UNSET, .server_dtls_version = SETTING_UNSET };
	clear_kept(ch->cfg, &ssl_global);
	return 0;
}

static int
clear_webvpn(struct config_change *ch)
{
	ch->cfg->webvpn = (struct cfg_webvpn){ .port = SETTING_UNSET, .dtls_port = SETTING_UNSET };
	return 0;
}

static int
clear_logging(struct config_change *ch)
{
	logging_unset(&ch->cfg->logging);
	clear_kept(ch->cfg, &logging_global);
	return 0;
}

static int
clear_trustpoint(struct config_change *ch)
{
	const char *name = cmd_str(ch->m, "name"), *user;
	struct cfg_trustpoint *next;

	if (name != NULL && config_trustpoint(ch->cfg, name) == NULL)
		return change_error(ch, "name", "Trustpoint %s does not exist", name);
	for (struct cfg_trustpoint *t = ch->cfg->trustpoints; t != NULL; t = next) {
		next = t->next;
		if (name != NULL && strcmp(t->name, name) != 0)
			continue;
		if ((user = reference_to(ch->cfg, INDEX_TRUSTPOINT, t->name)) != NULL)
			return change_error(ch, "name", "Trustpoint %s is in use by \"%s\", cannot be deleted", t->name, user);
		object_remove(ch->cfg, INDEX_TRUSTPOINT, t->name, t);
	}
	return 0;
}

static const struct command global[] = {
	{ .syntax = "hostname <name>", .help = "Change host name of the system", .flags = CMD_NO, .apply = hostname_apply,
	    .print = hostname_print },
	{ .syntax = "domain-name <name>", .help = "Change domain name", .flags = CMD_NO, .type = &t_string,
	    .offset = OFF(domain_name) },
	{ .syntax = "clear configure group-policy [<name>]", .help = "Remove group policies", .apply = clear_group_policy },
	{ .syntax = "clear configure tunnel-group [<name>]", .help = "Remove tunnel groups", .apply = clear_tunnel_group },
	{ .syntax = "clear configure ip local pool [<name>]", .help = "Remove address pools", .apply = clear_pools },
	{ .syntax = "clear configure ssl", .help = "Default SSL settings", .apply = clear_ssl },
	{ .syntax = "clear configure webvpn", .help = "Default WebVPN settings", .apply = clear_webvpn },
	{ .syntax = "clear configure logging", .help = "Default logging settings", .apply = clear_logging },
	{ .syntax = "clear configure crypto ca trustpoint [<name>]", .help = "Remove trustpoints",
	    .apply = clear_trustpoint },
};

struct command_table basic_global = COMMAND_TABLE("global", global);

static const struct command common[] = {
	{ .syntax = "exit", .help = "Exit from the current mode" },
	{ .syntax = "quit", .help = "Exit from the current mode" },
	{ .syntax = "end", .help = "Exit from configure mode" },
};

struct command_table common_rows = COMMAND_TABLE("common", common);

static void *
global_object(struct config *cfg, const char *name)
{
	(void)name;
	return cfg;
}

const struct config_mode mode_global = { "config", &basic_global, global_object, offsetof(struct config, kept), false };

size_t
mode_tables(const struct config_mode *mode, struct command_table **out)
{
	size_t n = 0;

	out[n++] = mode->table;
	if (mode == &mode_global) {
		struct command_table *const others[] = { &interface_global, &pool_global, &logging_global, &trustpoint_global,
			&chain_global, &ssl_global, &webvpn_global, &group_policy_global, &tunnel_group_global,
			ignored_global() };

		for (size_t i = 0; i < COUNT(others); i++)
			out[n++] = others[i];
	}
	out[n++] = &common_rows;
	return n;
}
