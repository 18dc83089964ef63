/* SPDX-License-Identifier: GPL-2.0-or-later */
/* interface: names and addresses of the host's links (asa-reference 1.3). */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "server/config/grammar.h"
#include "server/config/param.h"

#define OFF(field) offsetof(struct cfg_interface, field)

static const char *const hardware[] = { "Ethernet", "FastEthernet", "GigabitEthernet", "TenGigabitEthernet", "Management",
	"Port-channel", "Redundant", "Vlan", "Loopback", "Tunnel", "BVI", "TwentyFiveGigE", "FortyGigabitEthernet",
	"HundredGigE", "Virtual-Template" };

/* "gi0/0" or "GigabitEthernet 0/0" in full; false when no hardware is called so. */
static bool
interface_hw_name(const char *typed, const char *unit, char *out, size_t size)
{
	size_t letters = strcspn(typed, "0123456789");

	for (size_t i = 0; letters > 0 && i < COUNT(hardware); i++) {
		if (strncasecmp(hardware[i], typed, letters) == 0) {
			const char *number = unit != NULL ? unit : typed + letters;

			if (!isdigit((unsigned char)*number) || number[strspn(number, "0123456789/.")] != '\0')
				return false;
			return (size_t)snprintf(out, size, "%s%s", hardware[i], number) < size;
		}
	}
	return false;
}

static void *
interface_object(struct config *cfg, const char *name)
{
	return object_interface(cfg, name, false);
}

static int
interface_enter(struct config_change *ch)
{
	const char *typed = cmd_str(ch->m, "name");
	struct cfg_interface *i;

	if (!interface_hw_name(typed, cmd_str(ch->m, "unit"), ch->enter_name, sizeof(ch->enter_name))) {
		snprintf(ch->enter_name, sizeof(ch->enter_name), "%s", typed);
		if (ch->report != NULL)
			object_interface(ch->cfg, typed, true); /* its lines are still checked */
		return change_error(ch, "name", "\"%s\" is not the name of an interface", typed);
	}
	if (!ch->m->no) {
		i = object_interface(ch->cfg, ch->enter_name, true);
		change_place(ch, i, "name");
		return 0;
	}
	if ((i = object_interface(ch->cfg, ch->enter_name, false)) == NULL)
		return change_error(ch, "name", "interface %s does not exist", ch->enter_name);
	return interface_delete(ch, i);
}

int
interface_delete(struct config_change *ch, struct cfg_interface *i)
{
	if (i->nameif != NULL)
		index_remove(&ch->cfg->tables->index, INDEX_NAMEIF, i->nameif);
	kept_clear(ch->cfg, &i->kept);
	object_remove(ch->cfg, INDEX_HW, i->hw_name, i);
	return 0;
}

static int
nameif_apply(struct config_change *ch)
{
	struct cfg_interface *i = ch->object, *other;
	const char *name = cmd_str(ch->m, "ifname");

	if (!ch->m->no && (other = config_interface(ch->cfg, name)) != NULL && other != i)
		return change_error(ch, "ifname", "Name \"%s\" has been assigned to interface %s", name, other->hw_name);
	if (i->nameif != NULL)
		index_remove(&ch->cfg->tables->index, INDEX_NAMEIF, i->nameif);
	i->nameif = NULL;
	if (ch->m->no)
		return 0;
	i->nameif = mem_strdup(ch->cfg->mem, name);
	index_put(&ch->cfg->tables->index, INDEX_NAMEIF, i->nameif, i);
	change_place(ch, &i->nameif, "ifname");
	if (i->security_level == SETTING_UNSET)
		change_info(ch, "Security level for \"%s\" set to %d by default.", name,
		    strcmp(name, "inside") == 0 ? 100 : 0);
	return 0;
}

static void
nameif_print(struct config_printer *p, const struct command *row, const void *object)
{
	const struct cfg_interface *i = object;

	(void)row;
	if (i->nameif != NULL)
		printer_line(p, "nameif %s", quoted(i->nameif));
	else
		printer_line(p, "no nameif");
}

/* As the ASA: a named interface shows its level always, an unnamed one shows that it has none. */
static void
security_level_print(struct config_printer *p, const struct command *row, const void *object)
{
	const struct cfg_interface *i = object;

	(void)row;
	if (i->security_level != SETTING_UNSET)
		printer_line(p, "security-level %d", i->security_level);
	else if (i->nameif != NULL)
		printer_line(p, "security-level %d", strcmp(i->nameif, "inside") == 0 ? 100 : 0);
	else
		printer_line(p, "no security-level");
}

static int
address_apply(struct config_change *ch)
{
	struct cfg_interface *i = ch->object;
	const char *standby = cmd_str(ch->m, "standby");
	struct in_addr addr, mask;
	uint32_t host;

	i->has_addr = i->has_standby = i->dhcp = i->dhcp_setroute = false;
	if (ch->m->no)
		return 0;
	if (cmd_word(ch->m, "dhcp")) {
		i->dhcp = true;
		i->dhcp_setroute = cmd_word(ch->m, "setroute");
		change_no_effect(ch, "ip address dhcp");
		return 0;
	}
	param_ip(cmd_str(ch->m, "ip"), &addr);
	param_mask(cmd_str(ch->m, "mask"), &mask);
	host = ntohl(addr.s_addr) & ~ntohl(mask.s_addr);
	if (ntohl(~mask.s_addr) > 1 && (host == 0 || host == ntohl(~mask.s_addr)))
		return change_error(ch, "ip", "%s is the network or broadcast address of its network",
		    cmd_str(ch->m, "ip"));
	i->has_addr = true;
	i->addr = addr;
	i->mask = mask;
	i->has_standby = standby != NULL && param_ip(standby, &i->standby);
	change_place(ch, &i->addr, "ip");
	return 0;
}

static void
address_print(struct config_printer *p, const struct command *row, const void *object)
{
	const struct cfg_interface *i = object;
	char addr[INET_ADDRSTRLEN], mask[INET_ADDRSTRLEN], standby[INET_ADDRSTRLEN];

	(void)row;
	inet_ntop(AF_INET, &i->addr, addr, sizeof(addr));
	inet_ntop(AF_INET, &i->mask, mask, sizeof(mask));
	inet_ntop(AF_INET, &i->standby, standby, sizeof(standby));
	if (i->has_addr)
		printer_line(p, "ip address %s %s%s%s", addr, mask, i->has_standby ? " standby " : "",
		    i->has_standby ? standby : "");
	else if (i->dhcp)
		printer_line(p, "ip address dhcp%s", i->dhcp_setroute ? " setroute" : "");
	else if (i->nameif == NULL)
		printer_line(p, "no ip address");
}

/* Lines of a submode that is ignored, for text without indentation. */
static const struct command cts[] = {
	IGNORED("{propagate | policy | sap} [<line>]"),
};

static void *
cts_object(struct config *cfg, const char *name)
{
	(void)name;
	return cfg;
}

static struct command_table cts_rows = COMMAND_TABLE("cts manual", cts);
static const struct config_mode mode_cts = { .name = "config-if-cts-manual", .table = &cts_rows, .object = cts_object,
	.swallow = true };

static const struct command rows[] = {
	{ .syntax = "description <line>", .help = "Interface specific description", .flags = CMD_NO, .type = &t_tail,
	    .offset = OFF(description) },
	{ .syntax = "shutdown", .help = "Shutdown the selected interface", .flags = CMD_NO, .type = &t_flag,
	    .offset = OFF(shutdown) },
	KEPT("speed {auto | nonegotiate | <10-100000>}", "Configure speed operation"),
	KEPT("duplex {auto | full | half}", "Configure duplex operation"),
	KEPT("vlan <1-4094>", "Vlan of the subinterface"),
	KEPT("channel-group <1-48> [mode {active | on | passive}]", "Etherchannel of this interface"),
	KEPT("mac-address {auto | <mac> [standby <smac:mac>]}", "Assign MAC address to interface"),
	KEPT("management-only", "Dedicate an interface to management"),
	{ .syntax = "nameif <ifname:name>", .help = "Assign name to interface", .flags = CMD_NO, .apply = nameif_apply,
	    .print = nameif_print },
	{ .syntax = "security-level <0-100>", .help = "Specify the security level of this interface", .flags = CMD_NO,
	    .type = &t_int, .offset = OFF(security_level), .print = security_level_print },
	{ .syntax = "ip address {<ip> <mask> [standby <standby:ip>] | dhcp [setroute]}",
	    .help = "Set the IP address of an interface", .flags = CMD_NO, .apply = address_apply, .print = address_print },
	KEPT("ip address pppoe [setroute]", "Address from a PPPoE server"),
	{ .syntax = "ipv6 address {<prefix6> [eui-64] [standby <ip6>] | <ip6> link-local [standby <standby6:ip6>] | "
	            "autoconfig [default trust {dhcp | ignore}] | dhcp [default]}",
	    .help = "IPv6 address; a global one is listened on", .flags = CMD_NO | CMD_MULTI, .apply = kept_apply,
	    .print = kept_acting_print, .offset = OFF(kept) },
	KEPT("ipv6 enable", "IPv6 without a global address"),
	KEPT("ipv6 enforce-eui64 <ifname:name>", "Demand EUI-64 addresses"),
	KEPT_MULTI("ipv6 nd {dad | managed-config-flag | ns-interval | other-config-flag | prefix | ra-interval | "
	           "ra-lifetime | reachable-time | suppress-ra} [<line>]", "Neighbour discovery"),
	KEPT_MULTI("ipv6 {dhcp | dhcprelay | ospf | eigrp} [<line>]", "Protocols over IPv6"),
	KEPT("flowcontrol send on [<0-2000000000>] [<high:0-2000000000>] [<pause:0-65535>] [noconfirm]",
	    "Configure flowcontrol operation"),
	KEPT("authentication {key eigrp <1-65535> <key:secret> key-id <1-255> | mode eigrp <1-65535> md5}",
	    "Authentication of EIGRP"),
	KEPT_MULTI("ospf message-digest-key <1-255> md5 <key:secret>", "Authentication of OSPF"),
	KEPT("ospf authentication [message-digest | null | key-chain <name>]", "Authentication of OSPF"),
	KEPT("ospf authentication-key <key:secret>", "Authentication of OSPF"),
	KEPT("delay <1-16777215>", "Specify interface throughput delay"),
	KEPT("nat <line>", "Interface address translation"),
	{ .syntax = "cts manual", .help = "Not used here", .cls = CMD_IGNORED, .flags = CMD_NO, .enter = &mode_cts },
	{ .syntax = "{dhcp | dhcprelay | igmp | lacp | mfib | multicast | ospf | pim | pppoe | priority | "
	            "rip | summary-address | hello-interval | hold-time | member-interface | port-channel | redundant-interface | "
	            "standby | switchport | traffic-forward | zone-member | policy-route | backup | bridge-group | "
	            "tunnel | split-horizon | ddns | eigrp | isis | asr-group | load-interval | forward | power | media-type} "
	            "[<line>]",
	    .help = "Not used here", .cls = CMD_IGNORED, .flags = CMD_NO },
};

static struct command_table interface_rows = COMMAND_TABLE("interface", rows);

static const struct command global[] = {
	{ .syntax = "interface <name> [<unit>]", .help = "Select an interface to configure", .flags = CMD_NO, .no_args = 1,
	    .apply = interface_enter, .enter = &mode_interface },
};

struct command_table interface_global = COMMAND_TABLE("interface", global);

const struct config_mode mode_interface = { .name = "config-if", .table = &interface_rows, .object = interface_object,
	.kept = OFF(kept) };

void
print_interfaces(struct config_printer *p, const char *name)
{
	char full[CONFIG_NAME_MAX + 1] = "";

	if (name != NULL)
		interface_hw_name(name, NULL, full, sizeof(full));
	for (const struct cfg_interface *i = p->cfg->interfaces; i != NULL; i = i->next) {
		if (name != NULL && strcmp(i->hw_name, full) != 0 && (i->nameif == NULL || strcmp(i->nameif, name) != 0))
			continue;
		fputs("!\n", p->out);
		printer_open(p, "interface %s", i->hw_name);
		printer_rows(p, &mode_interface, i);
		printer_close(p);
	}
	if (name == NULL && p->cfg->interfaces != NULL)
		fputs("!\n", p->out);
}

bool
config_interface_ip6(const struct cfg_interface *i, struct in6_addr *out)
{
	for (const struct cfg_kept *k = i->kept.first; k != NULL; k = k->next) {
		char address[INET6_ADDRSTRLEN], rest[16];
		unsigned len;

		if (sscanf(k->line, "ipv6 address %45[0-9a-fA-F:.]/%u %15s", address, &len, rest) == 2 &&
		    inet_pton(AF_INET6, address, out) == 1 && !IN6_IS_ADDR_LINKLOCAL(out))
			return true;
	}
	return false;
}
