/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of the device itself, words of every mode, and which tables are a mode. */
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

static const struct command global[] = {
	{ .syntax = "hostname <name>", .help = "Change host name of the system", .flags = CMD_NO, .apply = hostname_apply,
	    .print = hostname_print },
	{ .syntax = "domain-name <name>", .help = "Change domain name", .flags = CMD_NO, .type = &t_string,
	    .offset = OFF(domain_name) },
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

const struct config_mode mode_global = { .name = "config", .table = &basic_global, .object = global_object,
	.kept = offsetof(struct config, kept) };

size_t
mode_tables(const struct config_mode *mode, struct command_table **out)
{
	size_t n = 0;

	out[n++] = mode->table;
	if (mode == &mode_global) {
		struct command_table *const others[] = { &clear_global, &system_global, &network_global, &interface_global,
			&pool_global, &object_global, &time_range_global, &acl_global, &logging_global, &aaa_global,
			&trustpoint_global, &cert_map_global, &chain_global, &load_balancing_global, &ssl_global, &webvpn_global,
			&group_policy_global, &username_global, &tunnel_group_global, ignored_global() };

		for (size_t i = 0; i < COUNT(others); i++)
			out[n++] = others[i];
	}
	out[n++] = &common_rows;
	return n;
}
