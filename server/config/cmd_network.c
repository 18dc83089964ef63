/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Routes, MTUs, name and time servers (asa-reference 1.3): they describe the
 * host, which is configured elsewhere; kept.
 */
#include <arpa/inet.h>
#include <string.h>

#include "server/config/grammar.h"
#include "server/config/param.h"

/* One MTU of an interface. */
static int
mtu_apply(struct config_change *ch)
{
	struct mem *mem = mem_new(NULL);

	kept_clear_words(ch->cfg, &ch->cfg->kept, mem_printf(mem, "mtu %s", quoted(cmd_str(ch->m, "ifname"))));
	mem_free(mem);
	return ch->m->no ? 0 : kept_apply(ch);
}

/* "0" is short for 0.0.0.0. */
static const char *
zero_ip(const char *text)
{
	return strcmp(text, "0") == 0 ? "0.0.0.0" : text;
}

/* An ASA prints the metric always. */
static int
route_apply(struct config_change *ch)
{
	const struct cmd_match *m = ch->m;
	const char *net = cmd_str(m, "net"), *mask = cmd_str(m, "mask"), *gateway = cmd_str(m, "gateway");
	const char *metric = cmd_str(m, "metric"), *track = cmd_str(m, "track");
	struct in_addr addr, bits;
	char *text;

	if (net == NULL || mask == NULL || gateway == NULL)
		return kept_apply(ch); /* a short "no" */
	net = zero_ip(net);
	mask = zero_ip(mask);
	if (!param_ip(net, &addr) || !param_mask(mask, &bits) || (addr.s_addr & ~bits.s_addr) != 0)
		return change_error(ch, "net", "IP address,mask <%s,%s> doesn't pair", net, mask);
	if (metric == NULL && (!m->no || track != NULL || cmd_word(m, "tunneled")))
		metric = "1";
	text = mem_printf(ch->cfg->mem, "route %s %s %s %s%s%s%s%s%s", quoted(cmd_str(m, "ifname")), net, mask, gateway,
	    metric != NULL ? " " : "", metric != NULL ? metric : "", track != NULL ? " track " : "",
	    track != NULL ? track : "", cmd_word(m, "tunneled") ? " tunneled" : "");
	if (!m->no && kept_find(ch->cfg, &ch->cfg->kept, m->row, text) != NULL) {
		change_warning(ch, "net", "Route already exists");
		return 0;
	}
	return kept_apply_to(ch, &ch->cfg->kept, text);
}

/* On by default: only "no" says something, and that has no effect either. */
static int
permit_vpn_apply(struct config_change *ch)
{
	ch->cfg->no_permit_vpn = ch->m->no;
	if (ch->m->no)
		change_no_effect(ch, NULL);
	return 0;
}

static void
permit_vpn_print(struct config_printer *p, const struct command *row, const void *object)
{
	(void)row;
	if (((const struct config *)object)->no_permit_vpn)
		printer_line(p, "no sysopt connection permit-vpn");
	else if (p->all)
		printer_line(p, "sysopt connection permit-vpn");
}

/* Three spellings of one limit. */
static int
limit_apply(struct config_change *ch)
{
	long long value;

	ch->cfg->session_limit = !ch->m->no && cmd_int(ch->m, "limit", &value) ?
	    (int32_t)value : SETTING_UNSET;
	return 0;
}

/* --- dns server-group ----------------------------------------------------------- */

static struct cfg_block **
dns_group_at(struct config *cfg, const char *name)
{
	struct cfg_block **at = &cfg->dns_groups;

	while (*at != NULL && strcmp((*at)->name, name) != 0)
		at = &(*at)->next;
	return at;
}

static void *
dns_group_object(struct config *cfg, const char *name)
{
	return *dns_group_at(cfg, name);
}

static int
dns_group_enter(struct config_change *ch)
{
	const char *name = cmd_str(ch->m, "name");
	struct cfg_block **at = dns_group_at(ch->cfg, name);

	snprintf(ch->enter_name, sizeof(ch->enter_name), "%s", name);
	if (!ch->m->no) {
		if (*at == NULL) {
			*at = mem_alloc(ch->cfg->mem, sizeof(**at));
			(*at)->name = mem_strdup(ch->cfg->mem, name);
		}
		return 0;
	}
	if (*at == NULL)
		return change_error(ch, "name", "dns server-group %s does not exist", name);
	kept_clear(ch->cfg, &(*at)->kept);
	*at = (*at)->next;
	return 0;
}

static void
dns_groups_print(struct config_printer *p, const struct command *row, const void *object)
{
	(void)row;
	for (const struct cfg_block *b = ((const struct config *)object)->dns_groups; b != NULL; b = b->next) {
		printer_open(p, "dns server-group %s", quoted(b->name));
		printer_header(p);
		printer_rows(p, &mode_dns_group, b);
		printer_close(p);
	}
}

static const struct command dns_group_commands[] = {
	KEPT_MULTI("name-server {<ip> | <ip6>}... [<ifname:name>]", "Name servers"),
	KEPT("domain-name <name>", "Domain of unqualified names"),
	KEPT("retries <0-10>", "Rounds over the servers"),
	KEPT("timeout <1-30>", "Seconds for an answer"),
	KEPT("poll-timer minutes <1-65535>", "Minutes between polls"),
	KEPT("expire-entry-timer minutes <1-65535>", "Minutes that an answer is kept"),
};

static struct command_table dns_group_rows = COMMAND_TABLE("dns server-group", dns_group_commands);

const struct config_mode mode_dns_group = { .name = "config-dns-server-group", .table = &dns_group_rows,
	.object = dns_group_object, .kept = offsetof(struct cfg_block, kept), .said = true };

static const struct command global[] = {
	KEPT_EACH("dns domain-lookup <ifname:name>", 1, "Ask for names on an interface"),
	KEPT_MULTI("dns name-server {<ip> | <ip6>}... [<ifname:name>]", "Name servers"),
	{ .syntax = "dns server-group <name>", .help = "A group of name servers", .cls = CMD_KEPT, .flags = CMD_NO,
	    .no_args = 1, .apply = dns_group_enter, .print = dns_groups_print, .enter = &mode_dns_group },
	KEPT("dns-group <name>", "The group of name servers in use"),
	KEPT("dns expire-entry-timer minutes <1-65535>", "Minutes that an answer is kept"),
	KEPT("dns poll-timer minutes <1-65535>", "Minutes between polls"),
	KEPT("dns retries <0-10>", "Rounds over the servers"),
	KEPT("dns timeout <1-30>", "Seconds for an answer"),
	KEPT("same-security-traffic permit inter-interface", "Traffic between interfaces of one level"),
	KEPT("same-security-traffic permit intra-interface", "Traffic back out of an interface"),
	{ .syntax = "mtu <ifname:name> <64-65535>", .help = "MTU of an interface", .cls = CMD_KEPT,
	    .flags = CMD_NO | CMD_MULTI, .no_args = 1, .apply = mtu_apply },
	{ .syntax = "route <ifname:name> <net:ip0> <mask:ip0> <gateway:ip> [<metric:1-255>] [track <1-500> | tunneled]",
	    .help = "A static route", .cls = CMD_KEPT, .flags = CMD_NO | CMD_MULTI, .no_args = 3, .apply = route_apply },
	KEPT_EACH("route management-only <ifname:name> <net:ip0> <mask:ip0> <gateway:ip> [<metric:1-255>]", 3,
	    "A static route of the management"),
	KEPT_EACH("route Null0 <net:ip0> <mask:ip0> [<metric:1-255>]", 2, "Packets that are dropped"),
	KEPT_EACH("ipv6 route <ifname:name> <prefix6> <gateway:ip6> [<metric:1-255>] [tunneled]", 2, "A static IPv6 route"),
	{ .syntax = "sysopt connection permit-vpn", .help = "VPN traffic passes access lists of interfaces", .flags = CMD_NO,
	    .apply = permit_vpn_apply, .print = permit_vpn_print },
	KEPT("sysopt connection tcpmss <0-65535>", "Largest TCP segment"),
	KEPT("sysopt connection tcpmss minimum <0-65535>", "Smallest TCP segment"),
	KEPT("sysopt connection timewait", "Keep closed connections"),
	KEPT("sysopt connection preserve-vpn-flows", "Keep flows of broken tunnels"),
	KEPT("sysopt connection reclassify-vpn", "Look at existing flows again"),
	KEPT_EACH("sysopt noproxyarp <ifname:name>", 1, "No proxy ARP on an interface"),
	KEPT("sysopt radius ignore-secret", "Accounting answers without authenticator"),
	KEPT_MULTI("sysopt {nodnsalias | uauth | traffic} [<line>]", "Other options"),
	{ .syntax = "vpn-sessiondb max-anyconnect-premium-or-essentials-limit <1-1000000>",
	    .help = "Most sessions of clients", .flags = CMD_NO, .type = &t_int,
	    .offset = offsetof(struct config, session_limit) },
	{ .syntax = "vpn-sessiondb {max-session-limit | max-webvpn-session-limit} <limit:1-1000000>",
	    .help = "Most sessions of clients, old names", .flags = CMD_NO | CMD_ALIAS,
	    .apply = limit_apply },
	{ .syntax = "vpn-sessiondb max-other-vpn-limit <1-1000000>", .help = "Most sessions of other kinds",
	    .cls = CMD_KEPT, .flags = CMD_NO, .type = &t_int, .offset = offsetof(struct config, other_session_limit) },
	KEPT_EACH("ntp server <host> [key <1-4294967295>] [source <ifname:name>] [prefer]", 1, "A time server"),
	KEPT("ntp authenticate", "Authenticate time servers"),
	KEPT_EACH("ntp authentication-key <1-4294967295> {md5 | sha1 | sha256 | sha512 | cmac} <key:secret>", 1,
	    "Key of time servers"),
	KEPT_EACH("ntp trusted-key <1-4294967295>", 1, "Keys in use"),
};

struct command_table network_global = COMMAND_TABLE("network", global);
