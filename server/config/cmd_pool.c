/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ip local pool (asa-reference 1.5). */
#include <arpa/inet.h>
#include <string.h>

#include "server/config/grammar.h"
#include "server/config/param.h"

static uint32_t
classful_mask(uint32_t addr)
{
	if (addr < 0x80000000u)
		return 0xff000000u;
	return addr < 0xc0000000u ? 0xffff0000u : 0xffffff00u;
}

static int
pool_remove(struct config_change *ch, const char *name, struct cfg_pool *p)
{
	if (p == NULL)
		return change_error(ch, "name", "Pool (%s) does not exist", name);
	if (reference_to(ch->cfg, INDEX_POOL, name) != NULL)
		return change_error(ch, "name", "Pool (%s) in use, cannot be deleted", name);
	object_remove(ch->cfg, INDEX_POOL, name, p);
	return 0;
}

static int
pool_apply(struct config_change *ch)
{
	const char *name = cmd_str(ch->m, "name"), *mask_text = cmd_str(ch->m, "mask");
	struct cfg_pool *p = config_pool(ch->cfg, name);
	uint32_t first, last, mask;
	struct in_addr typed;

	if (ch->m->no)
		return pool_remove(ch, name, p);
	param_range(cmd_str(ch->m, "range"), &first, &last);
	if (first > last)
		return change_error(ch, "range", "the pool's first address is above its last");
	mask = classful_mask(first);
	if (mask_text != NULL && param_mask(mask_text, &typed))
		mask = ntohl(typed.s_addr);
	if ((first & mask) != (last & mask))
		return change_error(ch, mask_text != NULL ? "mask" : "range",
		    "the range does not lie within one network of its mask");
	if (p != NULL && (p->first != first || p->last != last || p->mask != mask))
		return change_error(ch, "name", "Pool (%s) already exists with another range or mask", name);
	if (p == NULL)
		p = object_pool_new(ch->cfg, name);
	p->first = first;
	p->last = last;
	p->mask = mask;
	change_place(ch, p, "range");
	return 0;
}

static const struct command global[] = {
	{ .syntax = "ip local pool <name> <range> [mask <mask>]", .help = "Define a local pool of IP addresses",
	    .flags = CMD_NO, .no_args = 1, .apply = pool_apply },
	{ .syntax = "ipv6 local pool <name> <word> <1-16384>", .help = "Define a local pool of IPv6 addresses",
	    .cls = CMD_KEPT, .flags = CMD_NO | CMD_MULTI, .no_args = 1 },
	{ .syntax = "vpn-addr-assign {aaa | dhcp | local [reuse-delay <0-480>]}",
	    .help = "Methods of assigning addresses to VPN clients", .cls = CMD_KEPT, .flags = CMD_NO | CMD_MULTI },
	{ .syntax = "ipv6-vpn-addr-assign {aaa | local [reuse-delay <0-480>]}",
	    .help = "Methods of assigning IPv6 addresses to VPN clients", .cls = CMD_KEPT, .flags = CMD_NO | CMD_MULTI },
};

struct command_table pool_global = COMMAND_TABLE("ip local pool", global);

void
print_pools(struct config_printer *p, const char *name)
{
	for (const struct cfg_pool *pool = p->cfg->pools; pool != NULL; pool = pool->next) {
		char first[INET_ADDRSTRLEN], last[INET_ADDRSTRLEN], mask[INET_ADDRSTRLEN];

		if (name != NULL && strcmp(pool->name, name) != 0)
			continue;
		inet_ntop(AF_INET, &(struct in_addr){ htonl(pool->first) }, first, sizeof(first));
		inet_ntop(AF_INET, &(struct in_addr){ htonl(pool->last) }, last, sizeof(last));
		inet_ntop(AF_INET, &(struct in_addr){ htonl(pool->mask) }, mask, sizeof(mask));
		printer_line(p, "ip local pool %s %s-%s mask %s", quoted(pool->name), first, last, mask);
	}
	if (name == NULL)
		printer_rows(p, &pool_global, p->cfg, &p->cfg->kept);
}
