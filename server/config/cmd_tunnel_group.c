/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tunnel-group: connection profiles (asa-reference 1.7). */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/err.h"
#include "server/config/grammar.h"

#define OFF(field) offsetof(struct cfg_tunnel_group, field)

static const char *const auths[] = { "aaa", "certificate", "multiple-certificate" };
static const struct setting_words auth_words = { auths, COUNT(auths) };

static void *
group_object(struct config *cfg, const char *name)
{
	return object_tunnel_group(cfg, name, false);
}

bool
tunnel_group_builtin(const char *name)
{
	return strcmp(name, "DefaultRAGroup") == 0 || strcmp(name, "DefaultWEBVPNGroup") == 0 ||
	    strcmp(name, "DefaultL2LGroup") == 0;
}

static int
group_type(struct config_change *ch)
{
	const char *name = cmd_str(ch->m, "name");
	const char *type = ch->m->args[3].label;
	struct cfg_tunnel_group *t = object_tunnel_group(ch->cfg, name, true);

	if (strcmp(type, "webvpn") == 0 || strcmp(type, "ipsec-ra") == 0)
		type = "remote-access"; /* names of before 8.0 */
	if (t->type != NULL && strcmp(t->type, type) != 0)
		return change_error(ch, type, "Tunnel group %s already exists with type %s", name, t->type);
	t->type = mem_strdup(ch->cfg->mem, type);
	return 0;
}

static int
group_attributes(struct config_change *ch)
{
	const char *name = cmd_str(ch->m, "name");
	struct cfg_tunnel_group *t = object_tunnel_group(ch->cfg, name, false);

	snprintf(ch->enter_name, sizeof(ch->enter_name), "%s", name);
	if (t != NULL && t->type != NULL)
		return 0;
	change_error(ch, "name", "Tunnel group %s does not exist; \"tunnel-group %s type remote-access\" comes first",
	    name, name);
	if (ch->report != NULL)
		object_tunnel_group(ch->cfg, name, true)->type = mem_strdup(ch->cfg->mem, "remote-access");
	return ERR_CONFIG;
}

/* Parts of "https://HOST[:PORT][/PATH]"; false when it is no URL. */
static bool
url_parse(struct mem *mem, const char *text, struct cfg_group_url *u)
{
	const char *host, *end;
	size_t len;
	long port = 0;

	u->https = strncasecmp(text, "https://", 8) == 0;
	host = text + (u->https ? 8 : 7);
	len = strcspn(host, ":/?#");
	end = host + len;
	if (len == 0 || len > 253)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!isalnum((unsigned char)host[i]) && strchr(".-_", host[i]) == NULL)
			return false;
	}
	if (*end == ':') {
		char *after;

		port = isdigit((unsigned char)end[1]) ? strtol(end + 1, &after, 10) : 0;
		if (port < 1 || port > 65535 || strchr("/", *after) == NULL)
			return false;
		end = after;
	}
	if (*end != '\0' && *end != '/')
		return false;
	u->url = mem_strdup(mem, text);
	u->host = mem_dup(mem, host, len + 1);
	u->host[len] = '\0';
	for (char *c = u->host; *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
	u->port = (uint16_t)port;
	u->path = mem_strdup(mem, *end == '\0' ? "/" : end);
	for (len = strlen(u->path); len > 1 && u->path[len - 1] == '/'; len--)
		u->path[len - 1] = '\0';
	return true;
}

static bool
url_same(const struct cfg_group_url *a, const struct cfg_group_url *b)
{
	return a->https == b->https && a->port == b->port && strcmp(a->host, b->host) == 0 && strcmp(a->path, b->path) == 0;
}

/* The key under which all groups' URLs are known: two groups cannot have the same. */
static char *
url_key(struct mem *mem, const struct cfg_group_url *u)
{
	int port = u->port != 0 ? u->port : u->https ? 443 : 80;

	return mem_printf(mem, "%s %s %d %s", u->https ? "https" : "http", u->host, port, u->path);
}

static int
group_remove(struct config_change *ch)
{
	const char *name = cmd_str(ch->m, "name");
	struct cfg_tunnel_group *t = object_tunnel_group(ch->cfg, name, false);

	if (t == NULL)
		return change_error(ch, "name", "Tunnel group %s does not exist", name);
	if (tunnel_group_builtin(name))
		return change_error(ch, "name", "The default tunnel group %s cannot be removed", name);
	for (struct cfg_group_url *u = t->urls; u != NULL; u = u->next)
		index_remove(&ch->cfg->tables->index, INDEX_URL, url_key(ch->cfg->mem, u));
	object_remove(ch->cfg, INDEX_GROUP, name, t);
	return 0;
}

static int
group_url(struct config_change *ch)
{
	struct cfg_tunnel_group *t = ch->object, *owner;
	struct cfg_group_url *u = mem_alloc(ch->cfg->mem, sizeof(*u)), **at = &t->urls;
	struct index *ix = &ch->cfg->tables->index;
	const char *key;

	if (!url_parse(ch->cfg->mem, cmd_str(ch->m, "url"), u))
		return change_error(ch, "url", "group-url must be a URL: http(s)://host[:port][/path]");
	key = url_key(ch->cfg->mem, u);
	while (*at != NULL && !url_same(*at, u))
		at = &(*at)->next;
	if (ch->m->no) {
		if (*at == NULL)
			return change_error(ch, "url", "group-url %s does not exist in this tunnel-group", u->url);
		*at = (*at)->next;
		index_remove(ix, INDEX_URL, key);
		return 0;
	}
	owner = index_get(ix, INDEX_URL, key);
	if (owner != NULL && owner != t)
		return change_error(ch, "url", "group-url %s is already used by tunnel-group %s", u->url, owner->name);
	u->enabled = !cmd_word(ch->m, "disable");
	u->next = *at != NULL ? (*at)->next : NULL;
	*at = u;
	index_put(ix, INDEX_URL, key, t);
	return 0;
}

static void
group_url_print(struct config_printer *p, const struct command *row, const void *object)
{
	const struct cfg_tunnel_group *t = object;

	(void)row;
	for (const struct cfg_group_url *u = t->urls; u != NULL; u = u->next)
		printer_line(p, "group-url %s %s", quoted(u->url), u->enabled ? "enable" : "disable");
}

#define KEPT(syntax_, help_) { .syntax = syntax_, .help = help_, .cls = CMD_KEPT, .flags = CMD_NO }
#define KEPT_MULTI(syntax_, help_) { .syntax = syntax_, .help = help_, .cls = CMD_KEPT, .flags = CMD_NO | CMD_MULTI }

static const struct command general[] = {
	{ .syntax = "address-pool <name>...", .help = "Address pools, up to six", .flags = CMD_NO, .type = &t_pools,
	    .offset = OFF(address_pools) },
	KEPT_MULTI("address-pool <paren> <name>...", "Address pools for one interface"),
	KEPT_MULTI("ipv6-address-pool [<paren>] <name>...", "IPv6 address pools"),
	KEPT_MULTI("authentication-server-group [<paren>] <name> [<name>]", "Servers that check passwords"),
	KEPT("secondary-authentication-server-group [<paren>] <line>", "Servers of the second password"),
	KEPT_MULTI("authorization-server-group [<paren>] <name>", "Servers that authorize"),
	KEPT("accounting-server-group <name>", "Servers that get accounting"),
	{ .syntax = "default-group-policy <name>", .help = "Group policy of the group's users", .flags = CMD_NO,
	    .type = &t_string, .offset = OFF(default_group_policy), .dflt = "DfltGrpPolicy" },
	KEPT_MULTI("dhcp-server [link-selection | subnet-selection] <ip>", "DHCP servers for addresses"),
	KEPT("strip-realm", "Cut the realm off the user name"),
	KEPT("strip-group", "Cut the group off the user name"),
	KEPT("password-management [password-expire-in-days <0-180>]", "Let users change passwords"),
	KEPT("override-account-disable", "Ignore account disabled from servers"),
	KEPT("authorization-required", "Refuse users without authorization"),
	KEPT("username-from-certificate <line>", "Certificate fields of the user name"),
	KEPT("secondary-username-from-certificate <line>", "Certificate fields of the second user name"),
	KEPT("authentication-attr-from-server {primary | secondary}", "Server whose attributes count"),
	KEPT("authenticated-session-username {primary | secondary}", "User name that the session carries"),
	KEPT("nat-assigned-to-public-ip <name>", "Translate the assigned address"),
	KEPT("scep-enrollment enable", "SCEP enrollment of clients"),
	{ .syntax = "{annotation | radius-with-expiry | authorization-dn-attributes | ipv6-nat | group-lock} [<line>]",
	    .help = "Not used here", .cls = CMD_IGNORED, .flags = CMD_NO },
};

struct command_table tunnel_general_rows = COMMAND_TABLE("tunnel-group general-attributes", general);

static const struct command webvpn[] = {
	KEPT("customization <name>", "Customization of the login page"),
	{ .syntax = "authentication {aaa | certificate | multiple-certificate}...", .help = "How users authenticate",
	    .flags = CMD_NO, .type = &t_bits, .offset = OFF(authentication), .dflt = "aaa", .arg = &auth_words },
	KEPT("authentication saml", "Authenticate by SAML"),
	KEPT("saml identity-provider <line>", "SAML identity provider"),
	KEPT("radius-reject-message", "Show the server's reject message"),
	KEPT("proxy-auth <word>", "RADIUS proxy of SDI"),
	KEPT("override-svc-download enable", "Download the client always"),
	KEPT("hic-fail-group-policy <name>", "Group policy without host scan"),
	KEPT_MULTI("nbns-server <line>", "NetBIOS name servers"),
	KEPT("dns-group <name>", "DNS server group"),
	KEPT_MULTI("group-alias <name> {enable | disable}", "Name in the list of the login page"),
	{ .syntax = "group-url <url> {enable | disable}", .help = "URL that selects this group", .flags = CMD_NO,
	    .no_args = 1, .apply = group_url, .print = group_url_print },
	KEPT_MULTI("pre-fill-username {client | clientless | ssl-client} [hide [<line>]]", "User name from certificate"),
	KEPT_MULTI("secondary-pre-fill-username {client | clientless | ssl-client} [hide [<line>]]",
	    "Second user name from certificate"),
	KEPT("without-csd [anyconnect]", "No host scan for this group"),
	{ .syntax = "{pre-fill-username-from-certificate | secondary-text | sso-server | saml-server | pre-fill} [<line>]",
	    .help = "Not used here", .cls = CMD_IGNORED, .flags = CMD_NO },
};

struct command_table tunnel_webvpn_rows = COMMAND_TABLE("tunnel-group webvpn-attributes", webvpn);

/* IKE is not spoken here; its lines hold keys, so they are not even kept. */
static const struct command ipsec[] = {
	{ .syntax = "{ikev1 | ikev2 | pre-shared-key | peer-id-validate | trust-point | chain | isakmp | "
	            "radius-sdi-xauth | radius-with-expiry | authorization-required | authentication | "
	            "client-update | default-domain} [<line>]",
	    .help = "Not used here", .cls = CMD_IGNORED, .flags = CMD_NO },
};

static struct command_table ipsec_rows = COMMAND_TABLE("tunnel-group ipsec-attributes", ipsec);

static const struct command global[] = {
	{ .syntax = "tunnel-group <name> type {remote-access | webvpn | ipsec-ra | ipsec-l2l}",
	    .help = "Create a tunnel group", .apply = group_type },
	{ .syntax = "tunnel-group <name> general-attributes", .help = "Common attributes", .apply = group_attributes,
	    .enter = &mode_tunnel_general },
	{ .syntax = "tunnel-group <name> webvpn-attributes", .help = "WebVPN attributes", .apply = group_attributes,
	    .enter = &mode_tunnel_webvpn },
	{ .syntax = "tunnel-group <name> ipsec-attributes", .help = "IPSec attributes", .apply = group_attributes,
	    .enter = &mode_tunnel_ipsec },
	{ .syntax = "tunnel-group <name> ppp-attributes", .help = "PPP attributes", .apply = group_attributes,
	    .enter = &mode_tunnel_ipsec },
	{ .syntax = "tunnel-group <name> [<line>]", .help = "Remove a tunnel group", .flags = CMD_ONLY_NO,
	    .apply = group_remove },
};

struct command_table tunnel_group_global = COMMAND_TABLE("tunnel-group", global);

const struct config_mode mode_tunnel_general = { "config-tunnel-general", &tunnel_general_rows, group_object,
	OFF(general_kept), false };
const struct config_mode mode_tunnel_webvpn = { "config-tunnel-webvpn", &tunnel_webvpn_rows, group_object,
	OFF(webvpn_kept), false };
const struct config_mode mode_tunnel_ipsec = { "config-tunnel-ipsec", &ipsec_rows, group_object, 0, false };

void
print_tunnel_groups(struct config_printer *p, const char *name)
{
	for (const struct cfg_tunnel_group *t = p->cfg->tunnel_groups; t != NULL; t = t->next) {
		if (name != NULL && strcmp(t->name, name) != 0)
			continue;
		if (!tunnel_group_builtin(t->name) || p->all)
			printer_line(p, "tunnel-group %s type %s", quoted(t->name), t->type);
		printer_open(p, "tunnel-group %s general-attributes", quoted(t->name));
		printer_rows(p, &tunnel_general_rows, t, &t->general_kept);
		printer_close(p);
		printer_open(p, "tunnel-group %s webvpn-attributes", quoted(t->name));
		printer_rows(p, &tunnel_webvpn_rows, t, &t->webvpn_kept);
		printer_close(p);
	}
}

void
config_tunnel_group_resolve(const struct config *cfg, const struct cfg_tunnel_group *t, struct cfg_group_resolved *out)
{
	const struct cfg_tunnel_group *base = config_tunnel_group(cfg, "DefaultWEBVPNGroup");
	const struct cfg_tunnel_group *from[] = { t, base };

	*out = (struct cfg_group_resolved){ .authentication = AUTH_AAA, .default_group_policy = "DfltGrpPolicy",
		.authorization_group = "" };
	for (size_t i = COUNT(from); i-- > 0;) {
		if (from[i]->authentication != SETTING_UNSET)
			out->authentication = (unsigned)from[i]->authentication;
		if (from[i]->default_group_policy != NULL)
			out->default_group_policy = from[i]->default_group_policy;
		if (from[i]->address_pools_count != SETTING_UNSET) {
			out->address_pools = from[i]->address_pools;
			out->address_pools_count = from[i]->address_pools_count > 0 ? from[i]->address_pools_count : 0;
		}
		if (from[i]->authorization_group != NULL)
			out->authorization_group = from[i]->authorization_group;
		if (from[i]->authorization_required != SETTING_UNSET)
			out->authorization_required = from[i]->authorization_required == 1;
	}
}
