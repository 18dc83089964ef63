/* SPDX-License-Identifier: GPL-2.0-or-later */
/* group-policy, its attributes and its webvpn submode (asa-reference 1.6). */
#include <string.h>

#include "common/err.h"
#include "server/config/grammar.h"

#define OFF(field) offsetof(struct cfg_group_policy, attrs.field)

static const char *const protocols[] = { "ikev1", "ikev2", "l2tp-ipsec", "ssl-client", "ssl-clientless" };
static const struct setting_words protocol_words = { protocols, COUNT(protocols) };
static const char *const splits[] = { "tunnelall", "tunnelspecified", "excludespecified" };
static const struct setting_words split_words = { splits, COUNT(splits) };
static const char *const dtls[] = { "none", "enable" };
static const struct setting_words dtls_words = { dtls, COUNT(dtls) };

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
	if (source != NULL && source != g) {
		g->attrs = source->attrs; /* strings are the configuration's: shared */
		g->kept = source->kept;
		g->webvpn_kept = source->webvpn_kept;
	}
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

static int
policy_remove(struct config_change *ch)
{
	const char *name = cmd_str(ch->m, "name");
	struct cfg_group_policy *g = object_group_policy(ch->cfg, name, false);

	if (g == NULL)
		return change_error(ch, "name", "Group policy %s does not exist", name);
	if (strcmp(name, "DfltGrpPolicy") == 0)
		return change_error(ch, "name", "The default group policy cannot be removed");
	if (reference_to(ch->cfg, INDEX_POLICY, name) != NULL)
		return change_error(ch, "name", "Group policy %s is in use by a tunnel-group, cannot be deleted", name);
	object_remove(ch->cfg, INDEX_POLICY, name, g);
	return 0;
}

static int
policy_webvpn(struct config_change *ch)
{
	struct cfg_group_policy *g = ch->object;

	snprintf(ch->enter_name, sizeof(ch->enter_name), "%s", ch->name);
	if (ch->m->no) {
		g->attrs.ssl_dtls = g->attrs.mtu = g->attrs.keepalive_s = SETTING_UNSET;
		g->attrs.dpd_gateway_s = g->attrs.dpd_client_s = SETTING_UNSET;
		g->webvpn_kept = NULL;
	}
	return 0;
}

static void
policy_webvpn_print(struct config_printer *p, const struct command *row, const void *object)
{
	const struct cfg_group_policy *g = object;

	(void)row;
	printer_open(p, "webvpn");
	printer_rows(p, &group_webvpn_rows, g, &g->webvpn_kept);
	printer_close(p);
}

/* Old spellings: svc is ssl-client, webvpn is ssl-clientless, IPSec is ikev1. */
static int
protocol_old(struct config_change *ch)
{
	struct cfg_group_policy *g = ch->object;
	int32_t bits = 0;

	for (int i = ch->m->leading; i < ch->m->argc; i++) {
		const char *word = ch->m->args[i].label;

		for (size_t b = 0; b < COUNT(protocols); b++)
			bits |= strcmp(word, protocols[b]) == 0 ? 1 << b : 0;
		if (strcmp(word, "svc") == 0)
			bits |= PROTO_SSL_CLIENT;
		else if (strcmp(word, "webvpn") == 0)
			bits |= PROTO_SSL_CLIENTLESS;
		else if (strcmp(word, "IPSec") == 0)
			bits |= PROTO_IKEV1;
	}
	g->attrs.vpn_tunnel_protocol = bits;
	return 0;
}

static int
svc_dtls(struct config_change *ch)
{
	struct cfg_group_policy *g = ch->object;

	g->attrs.ssl_dtls = ch->m->no ? SETTING_UNSET : cmd_word(ch->m, "enable");
	return 0;
}

#define SETTING(syntax_, type_, field_, dflt_, arg_, help_)                                                             \
	{ .syntax = syntax_, .help = help_, .flags = CMD_NO | CMD_INHERIT, .type = &type_, .offset = OFF(field_),       \
	    .dflt = dflt_, .arg = arg_ }
#define KEPT(syntax_, help_) { .syntax = syntax_, .help = help_, .cls = CMD_KEPT, .flags = CMD_NO }
#define KEPT_MULTI(syntax_, help_) { .syntax = syntax_, .help = help_, .cls = CMD_KEPT, .flags = CMD_NO | CMD_MULTI }
#define IGNORED(syntax_) { .syntax = syntax_, .help = "Not used here", .cls = CMD_IGNORED, .flags = CMD_NO }

static const struct command rows[] = {
	KEPT_MULTI("banner {value <line> | none}", "Text shown when a client connects"),
	KEPT_MULTI("wins-server {value <ip> [<ip>] | none}", "WINS servers for the client"),
	SETTING("dns-server {value <ip> [<ip>] | none}", t_addr_pair, dns, "none", NULL,
	    "Resolvers for the client, up to two"),
	KEPT("dhcp-network-scope {<ip> | none}", "Range that a DHCP server assigns from"),
	KEPT("vpn-access-hours {value <name> | none}", "Time range in which login is allowed"),
	SETTING("vpn-simultaneous-logins <0-2147483647>", t_int, vpn_simultaneous_logins, "3", NULL,
	    "Sessions allowed for one user"),
	SETTING("vpn-idle-timeout {<1-35791394> | none}", t_int, vpn_idle_timeout, "30", NULL,
	    "Minutes without traffic allowed"),
	KEPT("vpn-idle-timeout alert-interval {<1-30> | none}", "Minutes before the idle timeout that the user is told"),
	SETTING("vpn-session-timeout {<1-35791394> | none}", t_int, vpn_session_timeout, "none", NULL,
	    "Minutes that a session may last"),
	KEPT("vpn-session-timeout alert-interval {<1-30> | none}", "Minutes before the end that the user is told"),
	KEPT("vpn-filter {value <name> | none}", "Access list for the tunnel's traffic"),
	KEPT("ipv6-vpn-filter {value <name> | none}", "Access list for the tunnel's IPv6 traffic"),
	SETTING("vpn-tunnel-protocol {ikev1 | ikev2 | l2tp-ipsec | ssl-client | ssl-clientless}...", t_bits,
	    vpn_tunnel_protocol, "ikev1 ikev2 l2tp-ipsec ssl-clientless", &protocol_words, "Tunnel protocols allowed"),
	{ .syntax = "vpn-tunnel-protocol {svc | webvpn | IPSec | ikev1 | ikev2 | l2tp-ipsec | ssl-client | "
	            "ssl-clientless}...",
	    .help = "Tunnel protocols, old names", .flags = CMD_ALIAS, .apply = protocol_old },
	KEPT("group-lock {value <name> | none}", "Tunnel-group that users must come through"),
	KEPT("vlan {<1-4094> | none}", "VLAN of the session's traffic"),
	SETTING("split-tunnel-policy {tunnelall | tunnelspecified | excludespecified}", t_enum, split_tunnel_policy,
	    "tunnelall", &split_words, "Which traffic goes through the tunnel"),
	KEPT("ipv6-split-tunnel-policy {tunnelall | tunnelspecified | excludespecified}",
	    "Which IPv6 traffic goes through the tunnel"),
	KEPT("split-tunnel-network-list {value <name> | none}", "Networks of the split tunnel"),
	SETTING("default-domain {value <name> | none}", t_value, default_domain, "none", NULL,
	    "Domain for the client's unqualified names"),
	KEPT("split-dns {value <line> | none}", "Domains resolved through the tunnel"),
	KEPT("split-tunnel-all-dns {enable | disable}", "Resolve all names through the tunnel"),
	KEPT("client-bypass-protocol {enable | disable}", "Traffic of a family without an address"),
	KEPT("gateway-fqdn {value <name> | none}", "Name of this gateway for the client"),
	SETTING("address-pools {value <name>... | none}", t_pools, address_pools, "none", NULL,
	    "Address pools, up to six, used in this order"),
	KEPT("ipv6-address-pools {value <name>... | none}", "IPv6 address pools"),
	IGNORED("{msie-proxy | smartcard-removal-disconnect | password-storage | ip-comp | pfs | re-xauth | ipsec-udp | "
	        "ipsec-udp-port | nem | backup-servers | client-firewall | client-access-rule | security-group-tag | "
	        "anyconnect-custom | periodic-authentication | intercept-dhcp | ip-phone-bypass | leap-bypass | "
	        "secure-unit-authentication | user-authentication | user-authentication-idle-timeout | nac | "
	        "nac-settings | webvpn-filter | ipsec-attributes | vpn-group-policy | memberof | allow-network-extension-mode | "
	        "auto-signon | dhcp-server | functions | nem-enable | periodic-authentication-interval} [<line>]"),
	{ .syntax = "webvpn", .help = "Configure group policy for WebVPN", .flags = CMD_NO, .apply = policy_webvpn,
	    .print = policy_webvpn_print, .enter = &mode_group_webvpn },
};

struct command_table group_policy_rows = COMMAND_TABLE("group-policy", rows);

static const struct command webvpn[] = {
	KEPT("url-list {value <name> | none}", "Bookmarks of the portal"),
	KEPT("filter {value <name> | none}", "WebVPN access list"),
	KEPT("homepage {value <line> | use-smart-tunnel | none}", "Home page of the portal"),
	SETTING("anyconnect ssl dtls {enable | none}", t_enum, ssl_dtls, "enable", &dtls_words,
	    "Enable or disable DTLS"),
	SETTING("anyconnect mtu <256-1462>", t_int, mtu, "1406", NULL, "MTU of the tunnel in bytes"),
	KEPT("anyconnect firewall-rule client-interface {public | private} {value <name> | none}",
	    "Rules for the client's firewall"),
	KEPT("anyconnect keep-installer {installed | none}", "Keep the client installed"),
	KEPT("anyconnect ssl rekey time {<1-10080> | none}", "Minutes from the start of a session to its rekey"),
	KEPT("anyconnect ssl rekey method {new-tunnel | ssl | none}", "How a rekey is done"),
	SETTING("anyconnect ssl keepalive {<15-600> | none}", t_int, keepalive_s, "20", NULL,
	    "Seconds between the client's keepalives"),
	KEPT("anyconnect ssl compression {deflate | lzs | none}", "Compression in the TLS tunnel"),
	KEPT("anyconnect dtls compression {lzs | none}", "Compression in the DTLS tunnel"),
	SETTING("anyconnect dpd-interval client {<5-3600> | none}", t_int, dpd_client_s, "30", NULL,
	    "Seconds between the client's dead peer probes"),
	SETTING("anyconnect dpd-interval gateway {<5-3600> | none}", t_int, dpd_gateway_s, "30", NULL,
	    "Seconds between our dead peer probes"),
	KEPT("anyconnect modules {value <word> | none}", "Client modules to download"),
	KEPT_MULTI("anyconnect profiles {value <name> [type <word>] | none}", "Client profiles"),
	KEPT("anyconnect ask {none | enable} [default {webvpn | anyconnect} [timeout <1-300>]]",
	    "Ask the user to start the client"),
	KEPT("anyconnect ssl df-bit-ignore {enable | disable}", "Ignore DF in packets that need fragmentation"),
	KEPT("anyconnect routing-filtering-ignore {enable | disable}", "Routing and filtering rules"),
	KEPT("customization {value <name> | none}", "Customization of the portal"),
	KEPT("deny-message {value <line> | none}", "Message to a user without access"),
	KEPT("always-on-vpn {profile-setting | disable}", "Always-on VPN of the client"),
	{ .syntax = "svc dtls {enable | none}", .help = "Old name of anyconnect ssl dtls", .flags = CMD_ALIAS | CMD_NO,
	    .apply = svc_dtls },
	{ .syntax = "svc mtu <256-1462>", .help = "Old name of anyconnect mtu", .flags = CMD_ALIAS | CMD_NO,
	    .type = &t_int, .offset = OFF(mtu) },
	{ .syntax = "svc keepalive {<15-600> | none}", .help = "Old name of anyconnect ssl keepalive",
	    .flags = CMD_ALIAS | CMD_NO, .type = &t_int, .offset = OFF(keepalive_s) },
	{ .syntax = "svc dpd-interval client {<5-3600> | none}", .help = "Old name of anyconnect dpd-interval client",
	    .flags = CMD_ALIAS | CMD_NO, .type = &t_int, .offset = OFF(dpd_client_s) },
	{ .syntax = "svc dpd-interval gateway {<5-3600> | none}", .help = "Old name of anyconnect dpd-interval gateway",
	    .flags = CMD_ALIAS | CMD_NO, .type = &t_int, .offset = OFF(dpd_gateway_s) },
	{ .syntax = "svc {ask | rekey | compression | modules | profiles | keep-installer | firewall-rule | df-bit-ignore | "
	            "routing-filtering-ignore | required | enable | none} [<line>]",
	    .help = "Not used here", .cls = CMD_IGNORED, .flags = CMD_NO | CMD_ALIAS },
	IGNORED("{file-browsing | file-entry | http-proxy | http-comp | hidden-shares | smart-tunnel | activex-relay | "
	        "port-forward | port-forward-name | sso-server | url-entry | html-content-filter | keep-alive-ignore | "
	        "download-max-size | upload-max-size | post-max-size | storage-key | storage-objects | unix-auth-gid | "
	        "unix-auth-uid | user-storage | auto-signon | functions | http-headers | mapi | file-download | citrix | "
	        "user-alert | cifs-mount | enable-citrix-rdp} [<line>]"),
};

struct command_table group_webvpn_rows = COMMAND_TABLE("group-policy webvpn", webvpn);

static const struct command global[] = {
	{ .syntax = "group-policy <name> internal [from <from:name>]", .help = "Create a group policy kept on this device",
	    .apply = policy_internal },
	{ .syntax = "group-policy <name> attributes", .help = "Configure the attributes of a group policy",
	    .apply = policy_attributes, .enter = &mode_group_policy },
	{ .syntax = "group-policy <name> external server-group <name> password <secret>",
	    .help = "Group policy kept on a server", .cls = CMD_IGNORED },
	{ .syntax = "group-policy <name> [<line>]", .help = "Remove a group policy", .flags = CMD_ONLY_NO,
	    .apply = policy_remove },
};

struct command_table group_policy_global = COMMAND_TABLE("group-policy", global);

const struct config_mode mode_group_policy = { "config-group-policy", &group_policy_rows, policy_object,
	offsetof(struct cfg_group_policy, kept), false };
const struct config_mode mode_group_webvpn = { "config-group-webvpn", &group_webvpn_rows, policy_object,
	offsetof(struct cfg_group_policy, webvpn_kept), false };

void
print_group_policies(struct config_printer *p, const char *name)
{
	p->inherit = config_group_policy(p->cfg, "DfltGrpPolicy");
	for (const struct cfg_group_policy *g = p->cfg->group_policies; g != NULL; g = g->next) {
		if (name != NULL && strcmp(g->name, name) != 0)
			continue;
		if (strcmp(g->name, "DfltGrpPolicy") != 0 || p->all)
			printer_line(p, "group-policy %s internal", quoted(g->name));
		printer_open(p, "group-policy %s attributes", quoted(g->name));
		printer_rows(p, &group_policy_rows, g, &g->kept);
		printer_close(p);
	}
	p->inherit = NULL;
}

/* The built-in defaults, read once from the rows' own default texts. */
static void
defaults_from(struct cfg_group_policy *g, struct command_table *table)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct command *row = &table->rows[i];
		struct cmd_match m;
		struct cmd_error error;
		char line[CMD_LINE_MAX];
		struct config_change ch = { .m = &m, .object = g };

		if (row->dflt == NULL || row->type == NULL)
			continue;
		command_keyword(row, line, sizeof(line));
		strcat(strcat(line, " "), row->dflt);
		if (command_match(&table, 1, line, &m, &error) == 0)
			row->type->parse(&ch, row, (char *)g + row->offset);
	}
}

static void
resolve_from(struct cfg_policy_attrs *out, const struct cfg_policy_attrs *from, const struct command_table *table)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct command *row = &table->rows[i];
		size_t at = row->offset - offsetof(struct cfg_group_policy, attrs);

		if (!(row->flags & CMD_INHERIT) || row->type->is_set((char *)out + at))
			continue;
		memcpy((char *)out + at, (const char *)from + at, row->type->size);
	}
}

static void
policy_inherit(struct cfg_policy_attrs *out, const struct cfg_policy_attrs *from)
{
	resolve_from(out, from, &group_policy_rows);
	resolve_from(out, from, &group_webvpn_rows);
}

void
config_policy_resolve(const struct config *cfg, const struct cfg_user *user, const char *name,
    struct cfg_policy_attrs *out)
{
	static struct cfg_group_policy defaults;
	const struct cfg_group_policy *g = name != NULL ? config_group_policy(cfg, name) : NULL;

	if (defaults.name == NULL) {
		defaults.name = (char *)"built-in";
		policy_attrs_unset(&defaults.attrs);
		defaults_from(&defaults, &group_policy_rows);
		defaults_from(&defaults, &group_webvpn_rows);
	}
	memset(out, 0, sizeof(*out));
	policy_attrs_unset(out);
	if (user != NULL)
		policy_inherit(out, &user->attrs);
	if (g != NULL)
		policy_inherit(out, &g->attrs);
	policy_inherit(out, &config_group_policy(cfg, "DfltGrpPolicy")->attrs);
	policy_inherit(out, &defaults.attrs);
}
