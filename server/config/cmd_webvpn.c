/* SPDX-License-Identifier: GPL-2.0-or-later */
/* webvpn, the global one: where AnyConnect is served (asa-reference 1.8). */
#include <stdlib.h>
#include <string.h>

#include "server/config/grammar.h"

#define OFF(field) offsetof(struct cfg_webvpn, field)

static void *
webvpn_object(struct config *cfg, const char *name)
{
	(void)name;
	return &cfg->webvpn;
}

void
webvpn_unset(struct config *cfg)
{
	kept_clear(cfg, &cfg->webvpn.kept);
	cfg->webvpn = (struct cfg_webvpn){ .port = SETTING_UNSET, .dtls_port = SETTING_UNSET,
		.default_idle_s = SETTING_UNSET };
}

static int
webvpn_enter(struct config_change *ch)
{
	if (ch->m->no)
		webvpn_unset(ch->cfg);
	return 0;
}

static int
webvpn_enable(struct config_change *ch)
{
	struct cfg_webvpn *w = ch->object;
	const char *name = cmd_str(ch->m, "ifname");
	struct cfg_webvpn_enable **at = &w->enables;

	while (*at != NULL && strcmp((*at)->nameif, name) != 0)
		at = &(*at)->next;
	if (ch->m->no) {
		if (*at == NULL)
			return change_error(ch, "ifname", "WebVPN is not enabled on '%s'", name);
		*at = (*at)->next;
		change_info(ch, "WebVPN and DTLS are disabled on '%s'.", name);
		return 0;
	}
	if (*at == NULL) {
		*at = mem_alloc(ch->cfg->mem, sizeof(**at));
		(*at)->nameif = mem_strdup(ch->cfg->mem, name);
	}
	(*at)->tls_only = cmd_word(ch->m, "tls-only");
	change_place(ch, *at, "ifname");
	if (ch->report == NULL && config_interface(ch->cfg, name) != NULL)
		change_info(ch, (*at)->tls_only ? "WebVPN is enabled on '%s'." : "WebVPN and DTLS are enabled on '%s'.",
		    name);
	return 0;
}

static void
webvpn_enable_print(struct config_printer *p, const struct command *row, const void *object)
{
	const struct cfg_webvpn *w = object;

	(void)row;
	for (const struct cfg_webvpn_enable *e = w->enables; e != NULL; e = e->next)
		printer_line(p, "enable %s%s", quoted(e->nameif), e->tls_only ? " tls-only" : "");
}

/* By sequence number; of one map and number there is one. */
static int
group_map_apply(struct config_change *ch)
{
	struct cfg_webvpn *w = ch->object;
	const char *map = cmd_str(ch->m, "map");
	struct cfg_group_map **at = &w->group_maps, *g;
	long long seq;

	cmd_int(ch->m, "seq", &seq);
	while (*at != NULL && ((*at)->seq < seq || ((*at)->seq == seq && strcmp((*at)->map, map) < 0)))
		at = &(*at)->next;
	g = *at != NULL && (*at)->seq == seq && strcmp((*at)->map, map) == 0 ? *at : NULL;
	if (ch->m->no) {
		if (g == NULL)
			return change_error(ch, "map", "certificate-group-map %s %lld does not exist", map, seq);
		*at = g->next;
		return 0;
	}
	if (g == NULL) {
		g = mem_alloc(ch->cfg->mem, sizeof(*g));
		g->map = mem_strdup(ch->cfg->mem, map);
		g->seq = (int32_t)seq;
		g->next = *at;
		*at = g;
	}
	g->tunnel_group = mem_strdup(ch->cfg->mem, cmd_str(ch->m, "group"));
	change_place(ch, &g->map, "map");
	change_place(ch, &g->tunnel_group, "group");
	change_info(ch, "If a certificate map is configured ASA  will ask all users loading the logon page for a client "
	    "certificate.");
	return 0;
}

static void
group_map_print(struct config_printer *p, const struct command *row, const void *object)
{
	const struct cfg_webvpn *w = object;

	(void)row;
	for (const struct cfg_group_map *g = w->group_maps; g != NULL; g = g->next)
		printer_line(p, "certificate-group-map %s %d %s", quoted(g->map), g->seq, quoted(g->tunnel_group));
}

/* Lines of a submode that is ignored, for text without indentation. */
static const struct command http_headers[] = {
	IGNORED("{hsts-server | hsts-client | x-content-type-options | x-xss-protection}"),
	IGNORED("{content-security-policy | max-age} [<line>]"),
	IGNORED("{enable | include-sub-domains | preload}"),
};

static struct command_table http_headers_rows = COMMAND_TABLE("http-headers", http_headers);
static const struct config_mode mode_http_headers = { .name = "config-webvpn-http-headers", .table = &http_headers_rows,
	.object = webvpn_object, .swallow = true };

static const struct command saml[] = {
	IGNORED("{url | base-url | trustpoint | signature | force | timeout | internal | clock-skew} [<line>]"),
};

static struct command_table saml_rows = COMMAND_TABLE("saml", saml);
static const struct config_mode mode_saml = { .name = "config-webvpn-saml-idp", .table = &saml_rows,
	.object = webvpn_object, .swallow = true };

static const struct command rows[] = {
	{ .syntax = "port <1-65535>", .help = "TCP port of WebVPN", .flags = CMD_NO, .type = &t_int, .offset = OFF(port),
	    .dflt = "443" },
	{ .syntax = "dtls port <1-65535>", .help = "UDP port of DTLS", .flags = CMD_NO, .type = &t_int,
	    .offset = OFF(dtls_port), .dflt = "443" },
	{ .syntax = "enable <ifname:name> [tls-only]", .help = "Enable WebVPN on an interface", .flags = CMD_NO,
	    .no_args = 1, .apply = webvpn_enable, .print = webvpn_enable_print },
	{ .syntax = "default-idle-timeout <60-86400>", .help = "Seconds without traffic where no policy says otherwise",
	    .flags = CMD_NO, .type = &t_int, .offset = OFF(default_idle_s), .dflt = "1800" },
	KEPT("anyconnect-essentials", "Obsolete licence setting"),
	KEPT_EACH("anyconnect image <word> [<1-65535>] [regex <line>]", 1, "Client package"),
	KEPT_MULTI("anyconnect profiles <name> <word>", "Client profile file"),
	{ .syntax = "anyconnect enable", .help = "Let clients connect", .flags = CMD_NO, .type = &t_flag,
	    .offset = OFF(anyconnect_enable) },
	{ .syntax = "svc enable", .help = "Old name of anyconnect enable", .flags = CMD_NO | CMD_ALIAS, .type = &t_flag,
	    .offset = OFF(anyconnect_enable) },
	{ .syntax = "svc image <word> [<1-65535>] [regex <line>]", .help = "Old name, see anyconnect",
	    .flags = CMD_NO | CMD_ALIAS, .no_args = 1, .apply = change_svc },
	{ .syntax = "svc profiles <name> <word>", .help = "Old name, see anyconnect", .flags = CMD_NO | CMD_ALIAS,
	    .no_args = 1, .apply = change_svc },
	{ .syntax = "tunnel-group-list enable", .help = "Offer a list of groups on the login page", .flags = CMD_NO,
	    .type = &t_flag, .offset = OFF(list_groups) },
	{ .syntax = "tunnel-group-preference group-url", .help = "Group URL before certificate map", .flags = CMD_NO,
	    .type = &t_flag, .offset = OFF(prefer_group_url) },
	{ .syntax = "certificate-group-map <map:name> <seq:1-65535> <group:name>", .help = "Certificate map to tunnel group",
	    .flags = CMD_NO, .no_args = 2, .apply = group_map_apply, .print = group_map_print },
	KEPT("keepout <line>", "Text shown instead of the login page"),
	{ .syntax = "http-headers", .help = "Not used here", .cls = CMD_IGNORED, .flags = CMD_NO,
	    .enter = &mode_http_headers },
	{ .syntax = "saml idp <line>", .help = "Not used here", .cls = CMD_IGNORED, .flags = CMD_NO, .enter = &mode_saml },
	{ .syntax = "cache", .help = "Web cache", .cls = CMD_IGNORED, .flags = CMD_NO },
	{ .syntax = "{disable | error-recovery | csd | hostscan | memory-size | logging-level | mus | "
	            "smart-tunnel | character-encoding | file-encoding | onscreen-keyboard | http-proxy | https-proxy | "
	            "port-forward | portal-access-rule | proxy-bypass | rewrite | sso-server | auto-signon | apcf | "
	            "customization | localization | java-trustpoint | internal-password | group-delimiter | "
	            "url-list | import | export | max-object-size | min-object-size | lmfactor | cache-static-content | "
	            "expiry-time | http-only-cookie | kcd-server | application-type | radius-reject-message | mobile-device | "
	            "transform | tunnel-group-map | anyconnect-custom-attr | anyconnect-custom-data | default-language | "
	            "http-comp | html-content-filter | nbns-server | accounting-server-group | authentication-server-group | "
	            "authorization-server-group | default-group-policy | username-from-certificate | anyconnect-external-browser-pkg | "
	            "samlidp | attributes-list} [<line>]",
	    .help = "Not used here", .cls = CMD_IGNORED, .flags = CMD_NO },
	{ .syntax = "anyconnect external-browser-pkg [<line>]", .help = "Not used here", .cls = CMD_IGNORED,
	    .flags = CMD_NO },
};

static struct command_table webvpn_rows = COMMAND_TABLE("webvpn", rows);

static const struct command global[] = {
	{ .syntax = "webvpn", .help = "Configure the WebVPN service", .flags = CMD_NO, .apply = webvpn_enter,
	    .enter = &mode_webvpn },
};

struct command_table webvpn_global = COMMAND_TABLE("webvpn", global);

const struct config_mode mode_webvpn = { .name = "config-webvpn", .table = &webvpn_rows, .object = webvpn_object,
	.kept = OFF(kept) };

void
print_webvpn(struct config_printer *p, const char *name)
{
	(void)name;
	printer_open(p, "webvpn");
	printer_rows(p, &mode_webvpn, &p->cfg->webvpn);
	printer_close(p);
}
