/* SPDX-License-Identifier: GPL-2.0-or-later */
/* group-policy and its attributes (asa-reference 1.6); cmd_group_webvpn.c has its webvpn submode. */
#include <string.h>

#include "common/err.h"
#include "server/config/policy_rows.h"

static const char *const protocols[] = { "ikev1", "ikev2", "l2tp-ipsec", "ssl-client", "ssl-clientless" };
const struct setting_words policy_protocols = { protocols, COUNT(protocols) };
static const char *const off_on[] = { "disable", "enable" };
const struct setting_words policy_off_on = { off_on, COUNT(off_on) };
WORDS(split_words, "tunnelall", "tunnelspecified", "excludespecified");

static void *
policy_object(struct config *cfg, const char *name)
{
	return object_group_policy(cfg, name, false);
}

static int
policy_internal(struct config_change *ch)
{
	const char *name = cmd_str(ch->m, "name"), *from = cmd_str(ch->m, "from");
	struct cfg_group_policy *g, *source = NULL;

	if (from != NULL && (source = object_group_policy(ch->cfg, from, false)) == NULL)
		return change_error(ch, "from", "Group policy %s does not exist", from);
	g = object_group_policy(ch->cfg, name, true);
	g->internal = true;
	g->server_group = g->server_password = NULL;
	if (source != NULL && source != g) {
		g->attrs = source->attrs; /* strings are the configuration's: shared */
		kept_copy(ch->cfg, &g->kept, &source->kept);
		kept_copy(ch->cfg, &g->webvpn_kept, &source->webvpn_kept);
	}
	return 0;
}

static int
policy_external(struct config_change *ch)
{
	const char *name = cmd_str(ch->m, "name");
	struct cfg_group_policy *g;

	if (strcmp(name, "DfltGrpPolicy") == 0)
		return change_error(ch, "name", "The default group policy is internal");
	g = object_group_policy(ch->cfg, name, true);
	g->internal = false;
	g->server_group = mem_strdup(ch->cfg->mem, cmd_str(ch->m, "server"));
	if (!change_secret_masked(ch))
		g->server_password = mem_strdup(ch->cfg->mem, cmd_str(ch->m, "password"));
	change_place(ch, &g->server_group, "server");
	return 0;
}

static int
policy_attributes(struct config_change *ch)
{
	const char *name = cmd_str(ch->m, "name");
	bool known = object_group_policy(ch->cfg, name, false) != NULL;

	snprintf(ch->enter_name, sizeof(ch->enter_name), "%s", name);
	if (known)
		return 0;
	change_error(ch, "name", "Group policy %s does not exist", name);
	if (ch->report != NULL)
		object_group_policy(ch->cfg, name, true); /* its lines are still checked */
	return ERR_CONFIG;
}

int
policy_delete(struct config_change *ch, struct cfg_group_policy *g)
{
	const char *user;

	if ((user = reference_to(ch->cfg, INDEX_POLICY, g->name)) != NULL)
		return change_error(ch, "name", "Group policy %s is in use by %s, cannot be deleted", g->name, user);
	kept_clear(ch->cfg, &g->kept);
	kept_clear(ch->cfg, &g->webvpn_kept);
	object_remove(ch->cfg, INDEX_POLICY, g->name, g);
	return 0;
}

static int
policy_remove(struct config_change *ch)
{
	const char *name = cmd_str(ch->m, "name");
	struct cfg_group_policy *g = object_group_policy(ch->cfg, name, false);

	if (g == NULL)
		return change_error(ch, "name", "Group policy %s does not exist", name);
	if (strcmp(name, "DfltGrpPolicy") == 0)
		return change_error(ch, "name", "The default group policy cannot be removed");
	return policy_delete(ch, g);
}

void
policy_attrs_unset(struct cfg_policy_attrs *a)
{
	const struct command_table *const tables[] = { &group_policy_rows, &group_webvpn_rows };

	memset(a, 0, sizeof(*a));
	for (size_t t = 0; t < COUNT(tables); t++) {
		for (size_t i = 0; i < tables[t]->count; i++) {
			const struct command *row = &tables[t]->rows[i];

			if (row->type != NULL)
				row->type->unset((char *)a + row->offset);
		}
	}
}

int
policy_protocol_old(struct config_change *ch)
{
	struct cfg_policy_attrs *a = (struct cfg_policy_attrs *)((char *)ch->object + ch->mode->fields);
	int32_t bits = 0;

	for (int i = ch->m->leading; i < ch->m->argc; i++) {
		const char *word = ch->m->args[i].label;
		int b = words_find(&policy_protocols, word);

		if (b >= 0)
			bits |= 1 << b;
		else if (strcmp(word, "svc") == 0)
			bits |= PROTO_SSL_CLIENT;
		else if (strcmp(word, "webvpn") == 0)
			bits |= PROTO_SSL_CLIENTLESS;
		else
			bits |= PROTO_IKEV1;
	}
	a->vpn_tunnel_protocol = bits;
	return 0;
}

/* Each line of the banner is a line of its own. */
static void
banner_print(struct config_printer *p, const struct command *row, const void *object)
{
	const char *text = ((const struct cfg_group_policy *)object)->attrs.banner;

	(void)row;
	if (text == NULL && p->all && p->inherit != NULL)
		text = ((const struct cfg_policy_attrs *)p->inherit)->banner;
	if (text == NULL && !p->all)
		return;
	if (text == NULL || *text == '\0') {
		printer_line(p, "banner none");
		return;
	}
	for (const char *at = text;; at++) {
		size_t len = strcspn(at, "\n");
		bool quote = len == 0 || strchr(" \t", at[0]) != NULL || strchr(" \t", at[len - 1]) != NULL;

		if (len == 1 && *at == ' ') /* an empty line */
			printer_line(p, "banner value");
		else
			printer_line(p, quote ? "banner value \"%.*s\"" : "banner value %.*s", (int)len, at);
		at += len;
		if (*at == '\0')
			break;
	}
}

static int
policy_webvpn(struct config_change *ch)
{
	struct cfg_group_policy *g = ch->object;

	snprintf(ch->enter_name, sizeof(ch->enter_name), "%s", ch->name);
	for (size_t i = 0; ch->m->no && i < group_webvpn_rows.count; i++) {
		const struct command *row = &group_webvpn_rows.rows[i];

		if (row->type != NULL)
			row->type->unset((char *)&g->attrs + row->offset);
	}
	if (ch->m->no)
		kept_clear(ch->cfg, &g->webvpn_kept);
	return 0;
}

static void
policy_webvpn_print(struct config_printer *p, const struct command *row, const void *object)
{
	(void)row;
	printer_open(p, "webvpn");
	printer_rows(p, &mode_group_webvpn, object);
	printer_close(p);
}

static const struct command rows[] = {
	{ .syntax = "banner {value [<line>] | none}", .help = "Text shown when a client connects; more lines add up",
	    .flags = CMD_NO | CMD_INHERIT, .type = &t_texts, .offset = OFF(banner), .dflt = "none",
	    .print = banner_print },
	SETTING("wins-server {value <ip> [<ip>] | none}", t_addr_pair, wins, "none", NULL,
	    "WINS servers for the client"),
	SETTING("dns-server {value <ip> [<ip>] | none}", t_addr_pair, dns, "none", NULL,
	    "Resolvers for the client, up to two"),
	KEPT_SETTING("dhcp-network-scope {<ip> | none}", t_word_none, dhcp_network_scope, "none", NULL,
	    "Range that a DHCP server assigns from"),
	POLICY_ACCESS_ROWS,
	KEPT_SETTING("vlan {<1-4094> | none}", t_int, vlan, "none", NULL, "VLAN of the session's traffic"),
	SETTING("split-tunnel-policy {tunnelall | tunnelspecified | excludespecified}", t_enum, split_tunnel_policy,
	    "tunnelall", &split_words, "Which traffic goes through the tunnel"),
	SETTING("ipv6-split-tunnel-policy {tunnelall | tunnelspecified | excludespecified}", t_enum,
	    ipv6_split_tunnel_policy, "tunnelall", &split_words, "Which IPv6 traffic goes through the tunnel"),
	SETTING("split-tunnel-network-list {value <name> | none}", t_value, split_tunnel_network_list, "none", NULL,
	    "Access list with the networks of the split tunnel"),
	SETTING("default-domain {value <name> | none}", t_value, default_domain, "none", NULL,
	    "Domain for the client's unqualified names"),
	SETTING("split-dns {value <line> | none}", t_value_line, split_dns, "none", NULL,
	    "Domains resolved through the tunnel"),
	SETTING("split-tunnel-all-dns {enable | disable}", t_enum, split_tunnel_all_dns, "disable", &policy_off_on,
	    "Resolve all names through the tunnel"),
	SETTING("client-bypass-protocol {enable | disable}", t_enum, client_bypass_protocol, "disable", &policy_off_on,
	    "Traffic of a family without an address"),
	KEPT_SETTING("gateway-fqdn {value <name> | none}", t_value, gateway_fqdn, "none", NULL,
	    "Name of this gateway for the client"),
	SETTING("address-pools {value <name>... | none}", t_pools, address_pools, "none", NULL,
	    "Address pools, up to six, used in this order"),
	SETTING("ipv6-address-pools {value <name>... | none}", t_pools, ipv6_address_pools, "none", NULL,
	    "IPv6 address pools"),
	KEPT_MULTI("msie-proxy {server {value <line> | none} | method {auto-detect | no-modify | no-proxy | "
	           "use-pac-url | use-server} | except-list {value <line> | none} | local-bypass {enable | disable} | "
	           "pac-url {value <line> | none} | lockdown {enable | disable}}",
	    "Proxy settings of the client's browser"),
	KEPT("smartcard-removal-disconnect {enable | disable}", "End the session when the smart card is removed"),
	KEPT("ip-comp {enable | disable}", "IPSec compression"),
	KEPT("pfs {enable | disable}", "IPSec perfect forward secrecy"),
	KEPT("re-xauth {enable [extended] | disable}", "Authenticate again at an IKE rekey"),
	KEPT("ipsec-udp {enable | disable}", "IPSec over UDP"),
	KEPT("ipsec-udp-port <4001-49151>", "Port of IPSec over UDP"),
	KEPT("nem {enable | disable}", "Network extension mode"),
	KEPT("backup-servers {keep-client-config | clear-client-config | <word>...}", "Backup servers of the client"),
	KEPT_MULTI("client-firewall {none | opt {<line>} | req {<line>}}", "Firewall that the client must have"),
	KEPT_MULTI("client-access-rule {none | <1-65535> {permit | deny} <line>}", "Clients that may connect"),
	KEPT("security-group-tag {value <2-65519> | none}", "Security group of the session"),
	KEPT_MULTI("anyconnect-custom <name> {value <line> | none}", "Custom attribute of the client"),
	KEPT("periodic-authentication {certificate {<1-168> | none} | none}", "Hours between checks of the certificate"),
	KEPT("scep-forwarding-url {value <url> | none}", "SCEP server for clients"),
	KEPT("intercept-dhcp {enable | <mask> enable | disable}", "Answer the client's DHCP"),
	KEPT("ip-phone-bypass {enable | disable}", "Phones behind hardware clients"),
	KEPT("leap-bypass {enable | disable}", "LEAP behind hardware clients"),
	KEPT("secure-unit-authentication {enable | disable}", "Password of hardware clients"),
	KEPT("user-authentication {enable | disable}", "Users behind hardware clients"),
	KEPT("user-authentication-idle-timeout {<1-35791394> | none}", "Idle timeout behind hardware clients"),
	KEPT("nac-settings {value <name> | none}", "Network admission control"),
	KEPT("webvpn-filter {value <name> | none}", "Clientless access list"),
	IGNORED("{nac | nac-sq-period | nac-reval-period | nac-default-acl | vpn-nac-exempt | functions | auto-signon} [<line>]"),
	{ .syntax = "webvpn", .help = "Configure group policy for WebVPN", .flags = CMD_NO, .apply = policy_webvpn,
	    .print = policy_webvpn_print, .enter = &mode_group_webvpn },
};

struct command_table group_policy_rows = COMMAND_TABLE("group-policy", rows);

static const struct command global[] = {
	{ .syntax = "group-policy <name> internal [from <from:name>]", .help = "Create a group policy kept on this device",
	    .apply = policy_internal },
	{ .syntax = "group-policy <name> external server-group <server:name> password <password:secret>",
	    .help = "Create a group policy kept on a server", .cls = CMD_KEPT, .apply = policy_external },
	{ .syntax = "group-policy <name> attributes", .help = "Configure the attributes of a group policy",
	    .apply = policy_attributes, .enter = &mode_group_policy },
	{ .syntax = "group-policy <name> [internal | external | attributes]", .help = "Remove a group policy",
	    .flags = CMD_ONLY_NO, .apply = policy_remove },
};

struct command_table group_policy_global = COMMAND_TABLE("group-policy", global);

const struct config_mode mode_group_policy = { .name = "config-group-policy", .table = &group_policy_rows,
	.object = policy_object, .kept = offsetof(struct cfg_group_policy, kept),
	.fields = offsetof(struct cfg_group_policy, attrs) };
const struct config_mode mode_group_webvpn = { .name = "config-group-webvpn", .table = &group_webvpn_rows,
	.object = policy_object, .kept = offsetof(struct cfg_group_policy, webvpn_kept),
	.fields = offsetof(struct cfg_group_policy, attrs) };

static void
policy_line(struct config_printer *p, const struct cfg_group_policy *g)
{
	if (!g->internal)
		printer_line(p, "group-policy %s external server-group %s password %s", quoted(g->name),
		    quoted(g->server_group != NULL ? g->server_group : ""),
		    p->secrets && g->server_password != NULL ? quoted(g->server_password) : "*****");
	else if (strcmp(g->name, "DfltGrpPolicy") != 0 || p->all)
		printer_line(p, "group-policy %s internal", quoted(g->name));
}

void
print_group_policies(struct config_printer *p, const char *name)
{
	p->inherit = &config_group_policy(p->cfg, "DfltGrpPolicy")->attrs;
	for (const struct cfg_group_policy *g = p->cfg->group_policies; g != NULL; g = g->next) {
		if (name != NULL && strcmp(g->name, name) != 0)
			continue;
		policy_line(p, g);
		printer_open(p, "group-policy %s attributes", quoted(g->name));
		printer_rows(p, &mode_group_policy, g);
		printer_close(p);
	}
	p->inherit = NULL;
}
