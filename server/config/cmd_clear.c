/* SPDX-License-Identifier: GPL-2.0-or-later */
/* clear configure: whole sections, or one object of them. */
#include <string.h>

#include "server/config/grammar.h"

/* Delete the objects of a list, or the one that was named; the first that is in use ends it. */
#define CLEAR_LIST(function, type, list, lookup, delete, ...)                                 \
	static int                                                                            \
	function(struct config_change *ch)                                                    \
	{                                                                                     \
		const char *name = cmd_str(ch->m, "name");                                    \
		type *next, *o;                                                               \
		int r;                                                                        \
                                                                                              \
		if (name != NULL) {                                                           \
			o = lookup;                                                           \
			return o != NULL ? delete(ch, o) : change_error(ch, "name", __VA_ARGS__); \
		}                                                                             \
		for (o = ch->cfg->list; o != NULL; o = next) {                                \
			next = o->next;                                                       \
			if ((r = delete(ch, o)) != 0)                                         \
				return r;                                                     \
		}                                                                             \
		return 0;                                                                     \
	}

/* Of built-in objects only what they say goes. */
static int
policy_clear(struct config_change *ch, struct cfg_group_policy *g)
{
	if (strcmp(g->name, "DfltGrpPolicy") != 0)
		return policy_delete(ch, g);
	policy_attrs_unset(&g->attrs);
	kept_clear(ch->cfg, &g->kept);
	kept_clear(ch->cfg, &g->webvpn_kept);
	return 0;
}

static int
group_clear(struct config_change *ch, struct cfg_tunnel_group *t)
{
	if (!tunnel_group_builtin(t->name))
		return group_delete(ch, t);
	tunnel_group_unset(ch->cfg, t);
	return 0;
}

CLEAR_LIST(clear_group_policy, struct cfg_group_policy, group_policies, config_group_policy(ch->cfg, name), policy_clear,
    "Group policy %s does not exist", name)
CLEAR_LIST(clear_tunnel_group, struct cfg_tunnel_group, tunnel_groups, config_tunnel_group(ch->cfg, name), group_clear,
    "Tunnel group %s does not exist", name)
CLEAR_LIST(clear_pools, struct cfg_pool, pools, config_pool(ch->cfg, name), pool_delete, "Pool (%s) does not exist", name)
CLEAR_LIST(clear_pools6, struct cfg_ipv6_pool, ipv6_pools, object_ipv6_pool(ch->cfg, name, false), pool6_delete,
    "Pool (%s) does not exist", name)
CLEAR_LIST(clear_trustpoint, struct cfg_trustpoint, trustpoints, config_trustpoint(ch->cfg, name), trustpoint_delete,
    "Trustpoint %s does not exist", name)
CLEAR_LIST(clear_username, struct cfg_user, users, config_user(ch->cfg, name), user_delete, "username %s does not exist",
    name)
CLEAR_LIST(clear_acl, struct cfg_acl, acls, config_acl(ch->cfg, name), acl_delete, "access-list <%s> does not exist", name)
CLEAR_LIST(clear_time_range, struct cfg_time_range, time_ranges, config_time_range(ch->cfg, name), time_range_delete,
    "time-range %s does not exist", name)
CLEAR_LIST(clear_aaa_server, struct cfg_aaa_server, aaa_servers, config_aaa_server(ch->cfg, name), aaa_delete,
    "aaa-server group %s does not exist", name)
CLEAR_LIST(clear_all_interfaces, struct cfg_interface, interfaces, object_interface(ch->cfg, name, false),
    interface_delete, "interface %s does not exist", name)

/* Groups first, each before what it holds: one that is held goes in a later round. */
static int
objects_clear(struct config_change *ch, bool group, const char *kind)
{
	bool more = true;
	struct cfg_object *next, *left = NULL;

	while (more) {
		more = false;
		left = NULL;
		for (struct cfg_object *o = ch->cfg->objects; o != NULL; o = next) {
			next = o->next;
			if (o->group != group || (kind != NULL && strcmp(o->kind, kind) != 0))
				continue;
			left = o;
			if (reference_to(ch->cfg, INDEX_OBJECT, o->name) == NULL) {
				object_delete(ch, o);
				more = true;
				left = NULL;
			}
		}
	}
	return left != NULL ? object_delete(ch, left) : 0;
}

static int
clear_objects(struct config_change *ch)
{
	int r = 0;

	if (!cmd_word(ch->m, "service"))
		r = objects_clear(ch, false, "network");
	if (r == 0 && !cmd_word(ch->m, "network"))
		r = objects_clear(ch, false, "service");
	return r;
}

static int
clear_object_groups(struct config_change *ch)
{
	static const char *const kinds[] = { "network", "service", "protocol", "icmp-type", "user", "security" };
	const char *name = cmd_str(ch->m, "name"), *kind = NULL;
	struct cfg_object *o;

	if (name != NULL) {
		o = object_object(ch->cfg, name, false);
		if (o == NULL || !o->group)
			return change_error(ch, "name", "object-group (%s) does not exist", name);
		return object_delete(ch, o);
	}
	for (size_t i = 0; i < COUNT(kinds); i++) {
		if (cmd_word(ch->m, kinds[i]))
			kind = kinds[i];
	}
	return objects_clear(ch, true, kind);
}

static int
clear_cert_map(struct config_change *ch)
{
	const char *name = cmd_str(ch->m, "name");
	struct cfg_cert_map *next;
	long long seq = 0;
	bool found = false;

	cmd_int(ch->m, "seq", &seq);
	for (struct cfg_cert_map *map = ch->cfg->cert_maps; map != NULL; map = next) {
		next = map->next;
		if ((name != NULL && strcmp(map->name, name) != 0) || (seq != 0 && map->seq != seq))
			continue;
		found = true;
		if (cert_map_delete(ch, map) != 0)
			return -1;
	}
	if (!found && name != NULL)
		return change_error(ch, "name", "Certificate map %s does not exist", name);
	return 0;
}

static int
clear_chain(struct config_change *ch)
{
	const char *name = cmd_str(ch->m, "name");

	for (struct cfg_trustpoint *t = ch->cfg->trustpoints; t != NULL; t = t->next) {
		if (name == NULL || strcmp(t->name, name) == 0)
			t->ca = t->identity = (struct cfg_blob){ 0 };
	}
	return 0;
}

/* --- sections without objects: the kept lines of the commands that begin so ------------------- */

static int
clear_lines(struct config_change *ch)
{
	char words[96] = "";

	for (int i = 2; i < ch->m->leading; i++)
		snprintf(words + strlen(words), sizeof(words) - strlen(words), "%s%s", i > 2 ? " " : "", ch->m->args[i].label);
	kept_clear_words(ch->cfg, &ch->cfg->kept, words);
	return 0;
}

static int
clear_access_list(struct config_change *ch)
{
	if (cmd_str(ch->m, "name") == NULL)
		clear_lines(ch);
	return clear_acl(ch);
}

static int
clear_weak_crypto(struct config_change *ch)
{
	ch->cfg->permit_weak_crypto = false;
	return 0;
}

static int
clear_ssl(struct config_change *ch)
{
	ssl_unset(ch->cfg);
	return clear_lines(ch);
}

static int
clear_webvpn(struct config_change *ch)
{
	webvpn_unset(ch->cfg);
	return 0;
}

static int
clear_logging(struct config_change *ch)
{
	logging_unset(&ch->cfg->logging);
	return clear_lines(ch);
}

static int
clear_dns(struct config_change *ch)
{
	for (struct cfg_block *b = ch->cfg->dns_groups; b != NULL; b = b->next)
		kept_clear(ch->cfg, &b->kept);
	ch->cfg->dns_groups = NULL;
	kept_clear_words(ch->cfg, &ch->cfg->kept, "dns-group");
	return clear_lines(ch);
}

static int
clear_names(struct config_change *ch)
{
	names_forget(ch->cfg, "name");
	kept_clear_words(ch->cfg, &ch->cfg->kept, "name");
	return clear_lines(ch);
}

static int
clear_sysopt(struct config_change *ch)
{
	ch->cfg->no_permit_vpn = false;
	return clear_lines(ch);
}

static int
clear_assign(struct config_change *ch)
{
	struct cfg_addr_assign *a = &ch->cfg->addr_assign;

	if (strcmp(ch->m->args[2].label, "vpn-addr-assign") == 0) {
		a->no_aaa = a->no_dhcp = a->no_local = false;
		a->reuse_delay_min = SETTING_UNSET;
	} else {
		a->no_aaa6 = a->no_local6 = false;
		a->reuse_delay6_min = SETTING_UNSET;
	}
	return 0;
}

static int
clear_limits(struct config_change *ch)
{
	ch->cfg->session_limit = ch->cfg->other_session_limit = SETTING_UNSET;
	return 0;
}

static int
clear_balancing(struct config_change *ch)
{
	kept_clear(ch->cfg, &ch->cfg->load_balancing);
	return 0;
}

static int
clear_trustpool(struct config_change *ch)
{
	ch->cfg->trustpool_policy = false;
	kept_clear(ch->cfg, &ch->cfg->trustpool);
	return 0;
}

static int
clear_crypto(struct config_change *ch)
{
	int r = clear_cert_map(ch);

	if (r == 0)
		r = clear_trustpoint(ch);
	if (r != 0)
		return r;
	clear_weak_crypto(ch);
	return clear_trustpool(ch);
}

static int
clear_hostname(struct config_change *ch)
{
	ch->cfg->hostname = NULL;
	return 0;
}

static int
clear_domain_name(struct config_change *ch)
{
	ch->cfg->domain_name = NULL;
	return 0;
}

static int
clear_all(struct config_change *ch)
{
	object_clear_all(ch->cfg);
	return 0;
}

#define LINES(words) CLEAR(words, clear_lines, "Remove such lines")

static const struct command global[] = {
	CLEAR("all", clear_all, "Remove the whole configuration"),
	CLEAR("group-policy [<name>]", clear_group_policy, "Remove group policies"),
	CLEAR("tunnel-group [<name>]", clear_tunnel_group, "Remove tunnel groups"),
	CLEAR("ip local pool [<name>]", clear_pools, "Remove address pools"),
	CLEAR("ipv6 local pool [<name>]", clear_pools6, "Remove IPv6 address pools"),
	CLEAR("crypto ca trustpoint [<name>]", clear_trustpoint, "Remove trustpoints"),
	CLEAR("crypto ca certificate map [<name> [<seq:1-65535>]]", clear_cert_map, "Remove certificate maps"),
	CLEAR("crypto ca certificate chain [<name>]", clear_chain, "Remove certificates"),
	CLEAR("crypto ca trustpool", clear_trustpool, "Default rules for the bundle of CAs"),
	CLEAR("crypto ca permit-weak-crypto", clear_weak_crypto, "Default"),
	CLEAR("crypto", clear_crypto, "Remove trustpoints, certificates and their maps"),
	CLEAR("username [<name>]", clear_username, "Remove users"),
	CLEAR("access-list [<name>]", clear_access_list, "Remove access lists"),
	CLEAR("object [network | service]", clear_objects, "Remove objects"),
	CLEAR("object-group [network | service | protocol | icmp-type | user | security]", clear_object_groups,
	    "Remove groups"),
	CLEAR("object-group <name>", clear_object_groups, "Remove a group"),
	CLEAR("time-range [<name>]", clear_time_range, "Remove time ranges"),
	CLEAR("aaa-server [<name>]", clear_aaa_server, "Remove servers"),
	CLEAR("interface [<name>]", clear_all_interfaces, "Remove interfaces"),
	CLEAR("ssl", clear_ssl, "Default SSL settings"),
	CLEAR("webvpn", clear_webvpn, "Default WebVPN settings"),
	CLEAR("logging", clear_logging, "Default logging settings"),
	CLEAR("dns", clear_dns, "Remove name servers"),
	CLEAR("names", clear_names, "Remove names"),
	CLEAR("name", clear_names, "Remove names of addresses"),
	CLEAR("sysopt", clear_sysopt, "Default options"),
	CLEAR("vpn-addr-assign", clear_assign, "Default methods of assignment"),
	CLEAR("ipv6-vpn-addr-assign", clear_assign, "Default methods of assignment"),
	CLEAR("vpn-sessiondb", clear_limits, "No limits of sessions"),
	CLEAR("vpn load-balancing", clear_balancing, "Remove load-balancing"),
	CLEAR("hostname", clear_hostname, "Default name"),
	CLEAR("domain-name", clear_domain_name, "No domain name"),
	LINES("aaa"),
	LINES("access-group"),
	LINES("clock"),
	LINES("console"),
	LINES("enable"),
	LINES("ftp"),
	LINES("ipv6 route"),
	LINES("mtu"),
	LINES("ntp"),
	LINES("pager"),
	LINES("passwd"),
	LINES("prompt"),
	LINES("route"),
	LINES("same-security-traffic"),
	LINES("terminal"),
	LINES("tunnel-group-map"),
};

struct command_table clear_global = COMMAND_TABLE("clear configure", global);
