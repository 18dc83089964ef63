/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * object and object-group (asa-reference 1.4). Their lines are checked for
 * syntax and kept; what they refer to must exist, and groups must not hold
 * themselves. Filters read the lines of networks and ports.
 */
#include <arpa/inet.h>
#include <string.h>

#include "server/config/grammar.h"
#include "server/config/param.h"

static void *
object_find(struct config *cfg, const char *name)
{
	return object_object(cfg, name, false);
}

static const struct config_mode *
object_mode(const struct cfg_object *o)
{
	if (!o->group)
		return strcmp(o->kind, "network") == 0 ? &mode_network_object : &mode_service_object;
	if (strcmp(o->kind, "network") == 0)
		return &mode_network_group;
	if (strcmp(o->kind, "service") == 0)
		return &mode_service_group;
	return strcmp(o->kind, "protocol") == 0 ? &mode_protocol_group : &mode_icmp_group;
}

int
object_delete(struct config_change *ch, struct cfg_object *o)
{
	if (reference_to(ch->cfg, INDEX_OBJECT, o->name) != NULL)
		return o->group ? change_error(ch, "name", "Removing object-group (%s) not allowed, it is being used", o->name) :
		                  change_error(ch, "name", "unable to delete object (%s). object is being used.", o->name);
	kept_clear(ch->cfg, &o->kept);
	object_remove(ch->cfg, INDEX_OBJECT, o->name, o);
	return 0;
}

/* "object network N", "object-group service G tcp": kind is the second word. */
static int
object_enter(struct config_change *ch)
{
	const char *name = cmd_str(ch->m, "name"), *kind = ch->m->args[1].label;
	bool group = strcmp(ch->m->args[0].label, "object-group") == 0;
	const char *protocol = group && ch->m->argc > 3 ? ch->m->args[3].label : NULL;
	struct cfg_object *o = object_object(ch->cfg, name, false);

	snprintf(ch->enter_name, sizeof(ch->enter_name), "%s", name);
	if (o != NULL && (o->group != group || strcmp(o->kind, kind) != 0))
		return change_error(ch, "name", "An object%s with the same id (%s) exists.", o->group ? "-group" : "", name);
	if (ch->m->no)
		return o != NULL ? object_delete(ch, o) :
		                   change_error(ch, "name", "object%s (%s) does not exist", group ? "-group" : "", name);
	if (o != NULL && protocol != NULL && (o->protocol == NULL || strcmp(o->protocol, protocol) != 0))
		return change_error(ch, protocol, "object-group (%s) exists with another protocol", name);
	if (o != NULL)
		return 0;
	o = object_object(ch->cfg, name, true);
	o->group = group;
	o->kind = mem_strdup(ch->cfg->mem, kind);
	o->protocol = mem_strdup(ch->cfg->mem, protocol);
	change_place(ch, o, "name");
	return 0;
}

/* "range FIRST LAST" of either family. */
static bool
range_is_upside_down(const struct cmd_match *m)
{
	const char *first = cmd_str(m, "ip"), *last = cmd_str(m, "to");
	const char *first6 = cmd_str(m, "ip6"), *last6 = cmd_str(m, "to6");
	struct in_addr a, b;
	struct in6_addr a6, b6;

	if (first != NULL && last != NULL)
		return param_ip(first, &a) && param_ip(last, &b) && ntohl(a.s_addr) > ntohl(b.s_addr);
	return first6 != NULL && last6 != NULL && param_ip6(first6, &a6) && param_ip6(last6, &b6) &&
	    memcmp(&a6, &b6, sizeof(a6)) > 0;
}

/* "host H", "network-object host H": an alias is kept as its address, which filters read. */
static int
host_apply(struct config_change *ch, const char *host)
{
	const char *address = index_get(&ch->cfg->tables->index, INDEX_ALIAS, host);
	struct in_addr addr;
	struct in6_addr addr6;

	if (address == NULL && (param_ip(host, &addr) || param_ip6(host, &addr6)))
		return kept_apply(ch);
	if (address == NULL)
		return change_error(ch, "host", "%s is neither an address nor a \"name\" of one", host);
	return kept_apply_to(ch, (struct cfg_kept_list *)((char *)ch->object + ch->mode->kept),
	    mem_printf(ch->cfg->mem, "%shost %s", ch->m->leading > 0 && strcmp(ch->m->args[0].label, "network-object") == 0 ?
	        "network-object " : "", address));
}

/* The lines of network objects and groups; what follows "network-object" or "subnet" must be a network. */
static int
network_apply(struct config_change *ch)
{
	const char *ip = cmd_str(ch->m, "net"), *mask = cmd_str(ch->m, "mask"), *host = cmd_str(ch->m, "host");
	struct in_addr addr, bits;

	if (ip != NULL && mask != NULL && param_ip(ip, &addr) && param_mask(mask, &bits) && (addr.s_addr & ~bits.s_addr) != 0)
		return change_error(ch, "net", "IP address,mask <%s,%s> doesn't pair", ip, mask);
	if (range_is_upside_down(ch->m))
		return change_error(ch, "to", "the range ends before it begins");
	return host != NULL ? host_apply(ch, host) : kept_apply(ch);
}

#define EACH(syntax_, n, help_)                                                                                        \
	{ .syntax = syntax_, .help = help_, .flags = CMD_NO | CMD_MULTI, .no_args = n, .apply = network_apply }
#define DESCRIPTION KEPT("description <line>", "What it is for")
#define PORT "{eq <eq:port> | neq <neq:port> | lt <lt:port> | gt <gt:port> | range <from:port> <to:port>}"
#define SERVICE                                                                                                        \
	"{{tcp | udp | sctp | tcp-udp} [source {eq <seq:port> | neq <sneq:port> | lt <slt:port> | gt <sgt:port> | "      \
	"range <sfrom:port> <sto:port>}] [destination " PORT "] | "                                                    \
	"{icmp | icmp6} [<icmp> [<0-255>]] | <protocol>}"

static const struct command network[] = {
	{ .syntax = "{host <host> | subnet {<net:ip> <mask> | <prefix6>} | range {<ip> <to:ip> | <ip6> <to6:ip6>} | "
	            "fqdn [v4 | v6] <name>}",
	    .help = "The addresses of the object", .flags = CMD_NO, .apply = network_apply, .print = kept_acting_print,
	    .offset = offsetof(struct cfg_object, kept) },
	DESCRIPTION,
	IGNORED("nat [<line>]"),
};
static struct command_table network_rows = COMMAND_TABLE("object network", network);

static const struct command service[] = {
	KEPT("service " SERVICE, "The protocol and ports of the object"),
	DESCRIPTION,
};
static struct command_table service_rows = COMMAND_TABLE("object service", service);

static const struct command network_group[] = {
	DESCRIPTION,
	EACH("network-object {host <host> | object <object:name> | <net:ip> <mask> | <prefix6>}", 1, "A member"),
	EACH("group-object <group:name>", 1, "Another group as a member"),
};
static struct command_table network_group_rows = COMMAND_TABLE("object-group network", network_group);

static const struct command service_group[] = {
	DESCRIPTION,
	EACH("service-object {object <object:name> | " SERVICE "}", 1, "A member"),
	EACH("port-object {eq <port> | range <from:port> <to:port>}", 1, "Ports, in a group of one protocol"),
	EACH("group-object <group:name>", 1, "Another group as a member"),
};
static struct command_table service_group_rows = COMMAND_TABLE("object-group service", service_group);

static const struct command protocol_group[] = {
	DESCRIPTION,
	KEPT_EACH("protocol-object <protocol>", 1, "A member"),
	KEPT_EACH("group-object <group:name>", 1, "Another group as a member"),
};
static struct command_table protocol_group_rows = COMMAND_TABLE("object-group protocol", protocol_group);

/* icmp-type, user and security groups: what may stand in one of them */
static const struct command icmp_group[] = {
	DESCRIPTION,
	KEPT_EACH("icmp-object <icmp>", 1, "A member"),
	KEPT_EACH("group-object <group:name>", 1, "Another group as a member"),
	KEPT_EACH("user <word>", 1, "A user"),
	KEPT_EACH("user-group <word>", 1, "A group of users"),
	KEPT_EACH("security-group {tag <1-65533> | name <word>}", 2, "A security group"),
};
static struct command_table icmp_group_rows = COMMAND_TABLE("object-group icmp-type", icmp_group);

#define ENTER(syntax_, class_, mode_, help_)                                                                           \
	{ .syntax = syntax_, .help = help_, .cls = class_, .flags = CMD_NO, .no_args = 1, .apply = object_enter,       \
	    .enter = &mode_ }

static const struct command global[] = {
	ENTER("object network <name>", CMD_ACTS, mode_network_object, "Addresses under a name"),
	ENTER("object service <name>", CMD_KEPT, mode_service_object, "A protocol with ports under a name"),
	ENTER("object-group network <name>", CMD_ACTS, mode_network_group, "A group of addresses"),
	ENTER("object-group service <name> [tcp | udp | tcp-udp]", CMD_ACTS, mode_service_group, "A group of services or ports"),
	ENTER("object-group protocol <name>", CMD_KEPT, mode_protocol_group, "A group of protocols"),
	ENTER("object-group icmp-type <name>", CMD_KEPT, mode_icmp_group, "A group of ICMP types"),
	ENTER("object-group user <name>", CMD_KEPT, mode_icmp_group, "A group of users"),
	ENTER("object-group security <name>", CMD_KEPT, mode_icmp_group, "A group of security groups"),
};

struct command_table object_global = COMMAND_TABLE("object", global);

#define OBJECT_MODE(prompt, rows_)                                                                                     \
	{ .name = prompt, .table = &rows_, .object = object_find, .kept = offsetof(struct cfg_object, kept), .said = true }

const struct config_mode mode_network_object = OBJECT_MODE("config-network-object", network_rows);
const struct config_mode mode_service_object = OBJECT_MODE("config-service-object", service_rows);
const struct config_mode mode_network_group = OBJECT_MODE("config-network-object-group", network_group_rows);
const struct config_mode mode_service_group = OBJECT_MODE("config-service-object-group", service_group_rows);
const struct config_mode mode_protocol_group = OBJECT_MODE("config-protocol-object-group", protocol_group_rows);
const struct config_mode mode_icmp_group = OBJECT_MODE("config-icmp-object-group", icmp_group_rows);

static void
object_print(struct config_printer *p, const struct cfg_object *o)
{
	printer_open(p, "object%s %s %s%s%s", o->group ? "-group" : "", o->kind, quoted(o->name),
	    o->protocol != NULL ? " " : "", o->protocol != NULL ? o->protocol : "");
	printer_header(p);
	/* members of a group stand in the order in which they came */
	for (const struct cfg_kept *k = o->group ? o->kept.first : NULL; k != NULL; k = k->next)
		printer_line(p, "%s", k->line);
	if (!o->group)
		printer_rows(p, object_mode(o), o);
	printer_close(p);
}

static void
print_objects(struct config_printer *p, const char *name, bool group, const char *kind)
{
	for (const struct cfg_object *o = p->cfg->objects; o != NULL; o = o->next) {
		if (o->group != group || (kind != NULL && strcmp(o->kind, kind) != 0))
			continue;
		if (name == NULL || strcmp(o->name, name) == 0)
			object_print(p, o);
	}
}

void
print_network_objects(struct config_printer *p, const char *name)
{
	print_objects(p, name, false, "network");
}

void
print_service_objects(struct config_printer *p, const char *name)
{
	print_objects(p, name, false, "service");
}

void
print_object_groups(struct config_printer *p, const char *name)
{
	print_objects(p, name, true, NULL);
}
