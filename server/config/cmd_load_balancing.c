/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vpn load-balancing (asa-reference 1.15): kept. */
#include "server/config/grammar.h"

static void *
balancing_object(struct config *cfg, const char *name)
{
	(void)name;
	return cfg;
}

static int
balancing_enter(struct config_change *ch)
{
	if (ch->m->no)
		kept_clear(ch->cfg, &ch->cfg->load_balancing);
	return 0;
}

static const struct command rows[] = {
	KEPT("redirect-fqdn {enable | disable}", "Redirect to a name"),
	KEPT("priority <1-11>", "Who leads"),
	KEPT("interface lbpublic <ifname:name>", "Interface of the clients"),
	KEPT("interface lbprivate <ifname:name>", "Interface of the cluster"),
	KEPT("cluster key <key:secret>", "Secret of the cluster"),
	KEPT("cluster ip address <ip> [<ip6>]", "Address of the cluster"),
	KEPT("cluster port <1-65535>", "Port of the cluster"),
	KEPT("cluster encryption", "Encrypt the cluster's messages"),
	KEPT("nat <ip>", "Address of this device behind translation"),
	KEPT("participate", "Take part in the cluster"),
};

static struct command_table balancing_rows = COMMAND_TABLE("vpn load-balancing", rows);

static const struct command global[] = {
	{ .syntax = "vpn load-balancing", .help = "Share sessions with other devices", .cls = CMD_KEPT, .flags = CMD_NO,
	    .apply = balancing_enter, .enter = &mode_load_balancing },
};

struct command_table load_balancing_global = COMMAND_TABLE("vpn load-balancing", global);

const struct config_mode mode_load_balancing = { .name = "config-load-balancing", .table = &balancing_rows,
	.object = balancing_object, .kept = offsetof(struct config, load_balancing), .said = true };

void
print_load_balancing(struct config_printer *p, const char *name)
{
	(void)name;
	printer_open(p, "vpn load-balancing");
	printer_rows(p, &mode_load_balancing, p->cfg);
	printer_close(p);
}
