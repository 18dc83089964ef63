/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ip local pool, and how addresses are assigned (asa-reference 1.5). */
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

int
pool_delete(struct config_change *ch, struct cfg_pool *p)
{
	if (reference_to(ch->cfg, INDEX_POOL, p->name) != NULL)
		return change_error(ch, "name", "Pool (%s) in use, cannot be deleted", p->name);
	object_remove(ch->cfg, INDEX_POOL, p->name, p);
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
		return p != NULL ? pool_delete(ch, p) : change_error(ch, "name", "Pool (%s) does not exist", name);
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

int
pool6_delete(struct config_change *ch, struct cfg_ipv6_pool *p)
{
	if (reference_to(ch->cfg, INDEX_POOL6, p->name) != NULL)
		return change_error(ch, "name", "Pool (%s) in use, cannot be deleted", p->name);
	object_remove(ch->cfg, INDEX_POOL6, p->name, p);
	return 0;
}

static int
pool6_apply(struct config_change *ch)
{
	const char *name = cmd_str(ch->m, "name");
	struct cfg_ipv6_pool *p = object_ipv6_pool(ch->cfg, name, false);
	struct in6_addr first;
	long long count;
	int len;

	if (ch->m->no)
		return p != NULL ? pool6_delete(ch, p) : change_error(ch, "name", "Pool (%s) does not exist", name);
	param_prefix6(cmd_str(ch->m, "prefix6"), &first, &len);
	cmd_int(ch->m, "count", &count);
	if (len < 1)
		return change_error(ch, "prefix6", "a pool needs a prefix length");
	if (128 - len < 15 && count > 1LL << (128 - len))
		return change_error(ch, "count", "the prefix has fewer addresses");
	if (p != NULL && (memcmp(&p->first, &first, sizeof(first)) != 0 || p->prefix_len != len || p->count != count))
		return change_error(ch, "name", "Pool (%s) already exists with another prefix or count", name);
	p = object_ipv6_pool(ch->cfg, name, true);
	p->first = first;
	p->prefix_len = len;
	p->count = (int32_t)count;
	change_place(ch, p, "prefix6");
	return 0;
}

/* All methods are on by default; "no" takes one away. */
static int
assign_apply(struct config_change *ch)
{
	struct cfg_addr_assign *a = &ch->cfg->addr_assign;
	bool six = strncmp(ch->m->args[0].label, "ipv6", 4) == 0;
	const char *method = ch->m->args[1].label;
	int32_t *delay = six ? &a->reuse_delay6_min : &a->reuse_delay_min;
	long long minutes;

	if (strcmp(method, "aaa") == 0)
		*(six ? &a->no_aaa6 : &a->no_aaa) = ch->m->no;
	else if (strcmp(method, "dhcp") == 0)
		a->no_dhcp = ch->m->no;
	else if (!cmd_int(ch->m, "reuse-delay", &minutes))
		*(six ? &a->no_local6 : &a->no_local) = ch->m->no;
	if (strcmp(method, "local") == 0)
		*delay = !ch->m->no && cmd_int(ch->m, "reuse-delay", &minutes) && minutes != 0 ? (int32_t)minutes : SETTING_UNSET;
	if (six || strcmp(method, "dhcp") == 0)
		change_no_effect(ch, NULL);
	return 0;
}

static void
assign_line(struct config_printer *p, bool off, const char *text)
{
	if (off || p->all)
		printer_line(p, "%s%s", off ? "no " : "", text);
}

static void
assign_local(struct config_printer *p, const char *command, bool off, int32_t delay)
{
	if (off)
		printer_line(p, "no %s local", command);
	else if (delay != SETTING_UNSET)
		printer_line(p, "%s local reuse-delay %d", command, delay);
	else if (p->all)
		printer_line(p, "%s local reuse-delay 0", command);
}

static void
assign_print(struct config_printer *p, const struct command *row, const void *object)
{
	const struct cfg_addr_assign *a = &((const struct config *)object)->addr_assign;

	(void)row;
	assign_line(p, a->no_aaa, "vpn-addr-assign aaa");
	assign_line(p, a->no_dhcp, "vpn-addr-assign dhcp");
	assign_local(p, "vpn-addr-assign", a->no_local, a->reuse_delay_min);
}

static void
assign6_print(struct config_printer *p, const struct command *row, const void *object)
{
	const struct cfg_addr_assign *a = &((const struct config *)object)->addr_assign;

	(void)row;
	assign_line(p, a->no_aaa6, "ipv6-vpn-addr-assign aaa");
	assign_local(p, "ipv6-vpn-addr-assign", a->no_local6, a->reuse_delay6_min);
}

static const struct command global[] = {
	{ .syntax = "ip local pool <name> <range> [mask <mask>]", .help = "Define a local pool of IP addresses",
	    .flags = CMD_NO, .no_args = 1, .apply = pool_apply },
	{ .syntax = "ipv6 local pool <name> <prefix6> <count:1-16384>", .help = "Define a local pool of IPv6 addresses",
	    .flags = CMD_NO, .no_args = 1, .apply = pool6_apply },
	{ .syntax = "vpn-addr-assign {aaa | dhcp | local [reuse-delay <0-480>]}",
	    .help = "Methods of assigning addresses to VPN clients", .flags = CMD_NO, .no_args = 1, .apply = assign_apply,
	    .print = assign_print },
	{ .syntax = "ipv6-vpn-addr-assign {aaa | local [reuse-delay <0-480>]}",
	    .help = "Methods of assigning IPv6 addresses to VPN clients", .flags = CMD_NO, .no_args = 1,
	    .apply = assign_apply, .print = assign6_print },
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
}

void
print_ipv6_pools(struct config_printer *p, const char *name)
{
	for (const struct cfg_ipv6_pool *pool = p->cfg->ipv6_pools; pool != NULL; pool = pool->next) {
		char first[INET6_ADDRSTRLEN];

		if (name == NULL || strcmp(pool->name, name) == 0)
			printer_line(p, "ipv6 local pool %s %s/%d %d", quoted(pool->name),
			    inet_ntop(AF_INET6, &pool->first, first, sizeof(first)), pool->prefix_len, pool->count);
	}
}
