/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tunnel-group: connection profiles (asa-reference 1.7). */
#include <string.h>

#include "common/err.h"
#include "server/config/group_url.h"

#define OFF(field) offsetof(struct cfg_tunnel_group, field)

static const char *const auths[] = { "aaa", "certificate", "multiple-certificate" };
static const struct setting_words auth_words = { auths, COUNT(auths) };
WORDS(which_words, "primary", "secondary");

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

/* Take back what one of its modes says. */
static void
group_part_unset(struct config *cfg, struct cfg_tunnel_group *t, const struct config_mode *mode)
{
	if (mode == &mode_tunnel_webvpn) {
		group_urls_forget(cfg, t);
		t->aliases = NULL;
	}
	for (size_t r = 0; r < mode->table->count; r++) {
		const struct command *row = &mode->table->rows[r];

		if (row->type != NULL)
			row->type->unset((char *)t + row->offset);
	}
	kept_clear(cfg, (struct cfg_kept_list *)((char *)t + mode->kept));
}

void
tunnel_group_unset(struct config *cfg, struct cfg_tunnel_group *t)
{
	group_part_unset(cfg, t, &mode_tunnel_general);
	group_part_unset(cfg, t, &mode_tunnel_webvpn);
	group_part_unset(cfg, t, &mode_tunnel_ipsec);
	group_part_unset(cfg, t, &mode_tunnel_ppp);
}

static int
group_attributes(struct config_change *ch)
{
	const char *name = cmd_str(ch->m, "name");
	struct cfg_tunnel_group *t = object_tunnel_group(ch->cfg, name, false);

	snprintf(ch->enter_name, sizeof(ch->enter_name), "%s", name);
	if (t != NULL && t->type != NULL) {
		if (ch->m->no)
			group_part_unset(ch->cfg, t, ch->m->row->enter);
		return 0;
	}
	change_error(ch, "name", "Tunnel group %s does not exist; \"tunnel-group %s type remote-access\" comes first",
	    name, name);
	if (ch->report != NULL)
		object_tunnel_group(ch->cfg, name, true)->type = mem_strdup(ch->cfg->mem, "remote-access");
	return ERR_CONFIG;
}

int
group_delete(struct config_change *ch, struct cfg_tunnel_group *t)
{
	const char *user = reference_to(ch->cfg, INDEX_GROUP, t->name);

	if (user != NULL)
		return change_error(ch, "name", "Tunnel group %s is in use by %s, cannot be deleted", t->name, user);
	tunnel_group_unset(ch->cfg, t);
	object_remove(ch->cfg, INDEX_GROUP, t->name, t);
	return 0;
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
	return group_delete(ch, t);
}

#define ACTS(syntax_, type_, field_, dflt_, arg_, help_)                                                               \
	{ .syntax = syntax_, .help = help_, .flags = CMD_NO | CMD_INHERIT, .type = &type_, .offset = OFF(field_), .dflt = dflt_,     \
	    .arg = arg_ }
#define CERT_ATTR                                                                                                      \
	"{C | CN | DNQ | EA | GENQ | GN | I | L | N | O | OU | SER | SN | SP | T | UID | UPN | use-entire-name | use-script}"
#define CERT_ATTR2 "[C | CN | DNQ | EA | GENQ | GN | I | L | N | O | OU | SER | SN | SP | T | UID]"

static const struct command general[] = {
	ACTS("address-pool <name>...", t_pools, address_pools, NULL, NULL, "Address pools, up to six"),
	KEPT_EACH("address-pool <paren> <name>...", 1, "Address pools for one interface"),
	ACTS("ipv6-address-pool <name>...", t_pools, ipv6_address_pools, NULL, NULL, "IPv6 address pools, up to six"),
	KEPT_EACH("ipv6-address-pool <paren> <name>...", 1, "IPv6 address pools for one interface"),
	SETTING("authentication-server-group {none | <name>} [LOCAL]", t_tail, authentication_group, "LOCAL", NULL,
	    "Servers that check passwords"),
	KEPT_EACH("authentication-server-group <paren> {none | <name>} [LOCAL]", 1,
	    "Servers that check passwords, for one interface"),
	KEPT_SETTING("secondary-authentication-server-group {none | <name>} [LOCAL] [use-primary-username]", t_tail,
	    secondary_authentication_group, "none", NULL, "Servers of the second password"),
	KEPT_EACH("secondary-authentication-server-group <paren> {none | <name>} [LOCAL] [use-primary-username]", 1,
	    "Servers of the second password, for one interface"),
	ACTS("authorization-server-group {none | <name>}", t_word_none, authorization_group, NULL, NULL,
	    "Servers that authorize; LOCAL: the usernames of this configuration"),
	KEPT_EACH("authorization-server-group <paren> {none | <name>}", 1, "Servers that authorize, for one interface"),
	SETTING("accounting-server-group {none | <name>}", t_word_none, accounting_group, "none", NULL,
	    "Servers that get accounting"),
	ACTS("default-group-policy <name>", t_string, default_group_policy, "DfltGrpPolicy", NULL,
	    "Group policy of the group's users"),
	KEPT_MULTI("dhcp-server [link-selection | subnet-selection] <ip>", "DHCP servers for addresses"),
	SETTING("strip-realm", t_switch, strip_realm, NULL, NULL, "Cut the realm off the user name"),
	KEPT_SETTING("strip-group", t_switch, strip_group, NULL, NULL, "Cut the group off the user name"),
	KEPT_SETTING("password-management [password-expire-in-days <0-180>]", t_tail, password_management, NULL, NULL,
	    "Let users change passwords"),
	KEPT_SETTING("override-account-disable", t_switch, override_account_disable, NULL, NULL,
	    "Ignore account disabled from servers"),
	ACTS("authorization-required", t_switch, authorization_required, NULL, NULL, "Refuse users without authorization"),
	SETTING("username-from-certificate " CERT_ATTR " " CERT_ATTR2, t_tail, username_from_certificate, "CN OU", NULL,
	    "Certificate fields of the user name"),
	KEPT_SETTING("secondary-username-from-certificate " CERT_ATTR " " CERT_ATTR2 " [no-certificate-fallback <word> [hide]]",
	    t_tail, secondary_username_from_certificate, "CN OU", NULL, "Certificate fields of the second user name"),
	KEPT_SETTING("authentication-attr-from-server {primary | secondary}", t_enum, attr_from_server, "primary", &which_words,
	    "Server whose attributes count"),
	KEPT_SETTING("authenticated-session-username {primary | secondary}", t_enum, session_username, "primary", &which_words,
	    "User name that the session carries"),
	KEPT_SETTING("nat-assigned-to-public-ip <name>", t_string, nat_interface, NULL, NULL, "Translate the assigned address"),
	KEPT_SETTING("scep-enrollment enable", t_switch, scep_enrollment, NULL, NULL, "SCEP enrollment of clients"),
	KEPT("annotation <line>", "Remark of an administrator's tool"),
	IGNORED("{radius-with-expiry | authorization-dn-attributes | ipv6-nat} [<line>]"),
};

struct command_table tunnel_general_rows = COMMAND_TABLE("tunnel-group general-attributes", general);

static const struct command webvpn[] = {
	KEPT("customization <name>", "Customization of the login page"),
	ACTS("authentication {aaa | certificate | multiple-certificate}...", t_bits, authentication, "aaa", &auth_words,
	    "How users authenticate"),
	KEPT("authentication saml", "Authenticate by SAML"),
	KEPT("saml identity-provider <line>", "SAML identity provider"),
	KEPT("radius-reject-message", "Show the server's reject message"),
	KEPT("proxy-auth <word>", "RADIUS proxy of SDI"),
	KEPT("override-svc-download enable", "Download the client always"),
	KEPT("hic-fail-group-policy <name>", "Group policy without host scan"),
	KEPT_MULTI("nbns-server <line>", "NetBIOS name servers"),
	KEPT("dns-group <name>", "DNS server group"),
	{ .syntax = "group-alias <name> [enable | disable]", .help = "Name in the list of the login page",
	    .flags = CMD_NO, .no_args = 1, .apply = group_alias, .print = group_alias_print },
	{ .syntax = "group-url <url> [enable | disable]", .help = "URL that selects this group", .flags = CMD_NO,
	    .no_args = 1, .apply = group_url, .print = group_url_print },
	SETTING("pre-fill-username {client | ssl-client} [hide]", t_tail, prefill, NULL, NULL,
	    "The user name is that of the certificate"),
	KEPT("pre-fill-username clientless [hide]", "User name from certificate, for the portal"),
	KEPT_MULTI("secondary-pre-fill-username {client | clientless | ssl-client} [hide [use-primary-password | "
	           "use-common-password <password:secret>]]",
	    "Second user name from certificate"),
	KEPT("without-csd [anyconnect]", "No host scan for this group"),
	IGNORED("{pre-fill-username-from-certificate | secondary-text | sso-server | saml-server | pre-fill} [<line>]"),
};

struct command_table tunnel_webvpn_rows = COMMAND_TABLE("tunnel-group webvpn-attributes", webvpn);

/* IKE is not spoken here; its keys are shown as "*****" and saved. */
static const struct command ipsec[] = {
	KEPT("ikev1 pre-shared-key <pre-shared-key:secret>", "Key of IKEv1"),
	KEPT("pre-shared-key <pre-shared-key:secret>", "Key of IKEv1, old name"),
	KEPT("ikev1 trust-point <trustpoint:name>", "Certificate of IKEv1"),
	KEPT("trust-point <trustpoint:name>", "Certificate of IKEv1, old name"),
	KEPT("ikev1 user-authentication {none | xauth | hybrid}", "User authentication of IKEv1"),
	KEPT_EACH("ikev1 user-authentication <paren> {none | xauth | hybrid}", 1,
	    "User authentication of IKEv1, for one interface"),
	KEPT("ikev1 radius-sdi-xauth", "SDI over RADIUS"),
	KEPT("ikev2 remote-authentication certificate", "IKEv2 peer by certificate"),
	KEPT("ikev2 remote-authentication pre-shared-key <pre-shared-key:secret>", "IKEv2 peer by key"),
	KEPT("ikev2 remote-authentication eap [query-identity]", "IKEv2 peer by EAP"),
	KEPT("ikev2 local-authentication certificate <trustpoint:name>", "Our certificate of IKEv2"),
	KEPT("ikev2 local-authentication pre-shared-key <pre-shared-key:secret>", "Our key of IKEv2"),
	KEPT("ikev2 rsa-sig-hash sha1", "Hash of IKEv2 signatures"),
	KEPT("peer-id-validate {req | cert | nocheck}", "Check the peer's identity"),
	KEPT("chain", "Send the whole chain"),
	KEPT("isakmp keepalive threshold {infinite | <10-3600>} [retry <2-10>]", "Keepalives of IKE"),
	KEPT("isakmp keepalive disable", "No keepalives of IKE"),
	KEPT("isakmp ikev1-user-authentication {none | xauth | hybrid}", "User authentication of IKEv1, old name"),
	KEPT_EACH("isakmp ikev1-user-authentication <paren> {none | xauth | hybrid}", 1,
	    "User authentication of IKEv1, old name, for one interface"),
	KEPT("radius-sdi-xauth", "SDI over RADIUS"),
	IGNORED("{radius-with-expiry | authorization-required | authentication | client-update | default-domain} [<line>]"),
};

static struct command_table ipsec_rows = COMMAND_TABLE("tunnel-group ipsec-attributes", ipsec);

static const struct command ppp[] = {
	KEPT("authentication pap", "Allow PAP"),
	KEPT("authentication chap", "Allow CHAP"),
	KEPT("authentication ms-chap-v1", "Allow MS-CHAP 1"),
	KEPT("authentication ms-chap-v2", "Allow MS-CHAP 2"),
	KEPT("authentication eap-proxy", "Allow EAP"),
};

static struct command_table ppp_rows = COMMAND_TABLE("tunnel-group ppp-attributes", ppp);

static const struct command global[] = {
	{ .syntax = "tunnel-group <name> type {remote-access | webvpn | ipsec-ra | ipsec-l2l}",
	    .help = "Create a tunnel group", .apply = group_type },
	{ .syntax = "tunnel-group <name> general-attributes", .help = "Common attributes", .flags = CMD_NO, .no_args = 2,
	    .apply = group_attributes, .enter = &mode_tunnel_general },
	{ .syntax = "tunnel-group <name> webvpn-attributes", .help = "WebVPN attributes", .flags = CMD_NO, .no_args = 2,
	    .apply = group_attributes, .enter = &mode_tunnel_webvpn },
	{ .syntax = "tunnel-group <name> ipsec-attributes", .help = "IPSec attributes", .flags = CMD_NO, .no_args = 2,
	    .apply = group_attributes, .enter = &mode_tunnel_ipsec },
	{ .syntax = "tunnel-group <name> ppp-attributes", .help = "PPP attributes", .flags = CMD_NO, .no_args = 2,
	    .apply = group_attributes, .enter = &mode_tunnel_ppp },
	{ .syntax = "tunnel-group <name> [type {remote-access | webvpn | ipsec-ra | ipsec-l2l}]",
	    .help = "Remove a tunnel group", .flags = CMD_ONLY_NO, .apply = group_remove },
	KEPT_EACH("tunnel-group-map <certmap:name> <1-65535> <tunnel-group:name>", 2, "IPSec: certificate map to tunnel group"),
	KEPT("tunnel-group-map enable ou", "IPSec: tunnel group by OU"),
	KEPT("tunnel-group-map enable ike-id", "IPSec: tunnel group by IKE identity"),
	KEPT("tunnel-group-map enable peer-ip", "IPSec: tunnel group by address"),
	KEPT("tunnel-group-map enable rules", "IPSec: tunnel group by certificate maps"),
	KEPT("tunnel-group-map default-group <tunnel-group:name>", "IPSec: tunnel group of the others"),
};

struct command_table tunnel_group_global = COMMAND_TABLE("tunnel-group", global);

#define GROUP_MODE(prompt, rows_, kept_)                                                                               \
	{ .name = prompt, .table = &rows_, .object = group_object, .kept = OFF(kept_) }

const struct config_mode mode_tunnel_general = GROUP_MODE("config-tunnel-general", tunnel_general_rows, general_kept);
const struct config_mode mode_tunnel_webvpn = GROUP_MODE("config-tunnel-webvpn", tunnel_webvpn_rows, webvpn_kept);
const struct config_mode mode_tunnel_ipsec = GROUP_MODE("config-tunnel-ipsec", ipsec_rows, ipsec_kept);
const struct config_mode mode_tunnel_ppp = GROUP_MODE("config-tunnel-ppp", ppp_rows, ppp_kept);

static void
group_part(struct config_printer *p, const struct cfg_tunnel_group *t, const char *part, const struct config_mode *mode)
{
	printer_open(p, "tunnel-group %s %s", quoted(t->name), part);
	printer_rows(p, mode, t);
	printer_close(p);
}

void
print_tunnel_groups(struct config_printer *p, const char *name)
{
	for (const struct cfg_tunnel_group *t = p->cfg->tunnel_groups; t != NULL; t = t->next) {
		bool remote = strcmp(t->type, "remote-access") == 0;

		if (name != NULL && strcmp(t->name, name) != 0)
			continue;
		if (!tunnel_group_builtin(t->name) || p->all)
			printer_line(p, "tunnel-group %s type %s", quoted(t->name), t->type);
		p->inherit = remote ? config_tunnel_group(p->cfg, "DefaultWEBVPNGroup") : NULL;
		group_part(p, t, "general-attributes", &mode_tunnel_general);
		group_part(p, t, "webvpn-attributes", &mode_tunnel_webvpn);
		group_part(p, t, "ipsec-attributes", &mode_tunnel_ipsec);
		group_part(p, t, "ppp-attributes", &mode_tunnel_ppp);
		p->inherit = NULL;
	}
}
