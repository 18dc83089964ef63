/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * aaa-server and aaa (asa-reference 1.13). All their lines are kept as they are;
 * those that act are read when a configuration is put in force.
 */
#include <stdlib.h>
#include <string.h>

#include "server/config/grammar.h"

static void *
aaa_object(struct config *cfg, const char *name)
{
	return object_aaa_server(cfg, name, false);
}

struct cfg_aaa_host *
aaa_host_find(const struct config *cfg, const char *key)
{
	return index_get(&cfg->tables->index, INDEX_AAA_HOST, key);
}

static void *
host_object(struct config *cfg, const char *key)
{
	return aaa_host_find(cfg, key);
}

static void
host_remove(struct config *cfg, struct cfg_aaa_server *s, struct cfg_aaa_host *h)
{
	struct cfg_aaa_host **at = &s->hosts;

	while (*at != h)
		at = &(*at)->next;
	*at = h->next;
	kept_clear(cfg, &h->kept);
	index_remove(&cfg->tables->index, INDEX_AAA_HOST, h->key);
}

int
aaa_delete(struct config_change *ch, struct cfg_aaa_server *s)
{
	const char *user = reference_to(ch->cfg, INDEX_AAA, s->name);

	if (user != NULL)
		return change_error(ch, "name", "aaa-server group %s is in use by %s, cannot be deleted", s->name, user);
	while (s->hosts != NULL)
		host_remove(ch->cfg, s, s->hosts);
	kept_clear(ch->cfg, &s->kept);
	object_remove(ch->cfg, INDEX_AAA, s->name, s);
	return 0;
}

static int
aaa_enter(struct config_change *ch)
{
	const char *name = cmd_str(ch->m, "name"), *protocol;
	struct cfg_aaa_server *s = object_aaa_server(ch->cfg, name, false);

	snprintf(ch->enter_name, sizeof(ch->enter_name), "%s", name);
	if (ch->m->no)
		return s != NULL ? aaa_delete(ch, s) : change_error(ch, "name", "aaa-server group %s does not exist", name);
	protocol = ch->m->args[3].label;
	if (strcmp(name, "LOCAL") == 0)
		return change_error(ch, "name", "aaa-server LOCAL is predefined");
	if (s != NULL && strcmp(s->protocol, protocol) != 0)
		return change_error(ch, protocol, "aaa-server group %s exists with protocol %s", name, s->protocol);
	if (s == NULL)
		object_aaa_server(ch->cfg, name, true)->protocol = mem_strdup(ch->cfg->mem, protocol);
	if (strcmp(protocol, "radius") != 0)
		change_no_effect(ch, "aaa-server protocol other than radius");
	return 0;
}

static struct cfg_aaa_host *
host_make(struct config_change *ch, struct cfg_aaa_server *s, const char *key)
{
	struct cfg_aaa_host *h = mem_alloc(ch->cfg->mem, sizeof(*h)), **at = &s->hosts;
	const char *paren = cmd_str(ch->m, "paren");

	while (*at != NULL)
		at = &(*at)->next;
	*at = h;
	h->key = mem_strdup(ch->cfg->mem, key);
	h->address = mem_strdup(ch->cfg->mem, cmd_str(ch->m, "host"));
	/* as the ASA: without an interface it is the inside */
	h->nameif = paren == NULL ? mem_strdup(ch->cfg->mem, "inside") :
	                            mem_printf(ch->cfg->mem, "%.*s", (int)strlen(paren) - 2, paren + 1);
	index_put(&ch->cfg->tables->index, INDEX_AAA_HOST, h->key, h);
	return h;
}

static const struct command *host_row(const char *keyword);

/* "aaa-server TAG (IF) host H [KEY] [timeout S]": as if they stood in the submode. */
static void
host_argument(struct config_change *ch, struct cfg_aaa_host *h, const char *keyword)
{
	struct config_change line = *ch;
	struct cmd_match *inner;

	if (cmd_str(ch->m, keyword) == NULL)
		return;
	inner = xcalloc(1, sizeof(*inner));
	inner->row = host_row(keyword);
	inner->args[0] = (struct cmd_arg){ .label = keyword, .keyword = true };
	for (int i = 0; i < ch->m->argc; i++) {
		if (!ch->m->args[i].keyword && strcmp(ch->m->args[i].label, keyword) == 0)
			inner->args[1] = ch->m->args[i];
	}
	inner->argc = 2;
	inner->leading = 1;
	line.m = inner;
	kept_apply_to(&line, &h->kept, NULL);
	free(inner);
}

static int
host_enter(struct config_change *ch)
{
	const char *name = cmd_str(ch->m, "name"), *paren = cmd_str(ch->m, "paren"), *host = cmd_str(ch->m, "host");
	struct cfg_aaa_server *s = object_aaa_server(ch->cfg, name, false);
	struct cfg_aaa_host *h;

	if (s == NULL)
		return change_error(ch, "name", "aaa-server group %s does not exist", name);
	snprintf(ch->enter_name, sizeof(ch->enter_name), "%s %s host %s", name, paren != NULL ? paren : "(inside)", host);
	h = aaa_host_find(ch->cfg, ch->enter_name);
	if (ch->m->no) {
		if (h == NULL)
			return change_error(ch, "host", "server %s is not in aaa-server group %s", host, name);
		host_remove(ch->cfg, s, h);
		return 0;
	}
	if (h == NULL)
		h = host_make(ch, s, ch->enter_name);
	change_place(ch, h, "paren");
	host_argument(ch, h, "key");
	host_argument(ch, h, "timeout");
	return 0;
}

#define ACTS(type_, syntax_, help_)                                                                                    \
	{ .syntax = syntax_, .help = help_, .flags = CMD_NO, .apply = kept_apply, .print = kept_acting_print,                   \
	    .offset = offsetof(type_, kept) }
#define GROUP_ACTS(syntax, help) ACTS(struct cfg_aaa_server, syntax, help)
#define HOST_ACTS(syntax, help) ACTS(struct cfg_aaa_host, syntax, help)

static const struct command group_rows[] = {
	GROUP_ACTS("accounting-mode {simultaneous | single}", "Send accounting to all servers or to one"),
	GROUP_ACTS("interim-accounting-update [periodic [<1-120>]]", "Accounting while a session lasts"),
	GROUP_ACTS("max-failed-attempts <1-5>", "Failures until a server is dead"),
	GROUP_ACTS("reactivation-mode {depletion [deadtime <0-1440>] | timed}", "When dead servers are tried again"),
	KEPT("dynamic-authorization [port <1024-65535>]", "Change of authorization"),
	KEPT("authorize-only", "Ask for authorization only"),
	KEPT("merge-dacl {before-avpair | after-avpair}", "Order of downloaded access lists"),
	KEPT("ad-agent-mode", "Servers are agents of a directory"),
	KEPT("realm-id <1-65535>", "Number of the realm"),
};

static struct command_table aaa_group_rows = COMMAND_TABLE("aaa-server group", group_rows);

static const struct command host_commands[] = {
	HOST_ACTS("key <key:secret>", "Secret shared with the server"),
	HOST_ACTS("timeout <1-300>", "Seconds until the next server is asked"),
	HOST_ACTS("retry-interval <1-10>", "Seconds between attempts"),
	HOST_ACTS("authentication-port <1-65535>", "Port of authentication"),
	HOST_ACTS("accounting-port <1-65535>", "Port of accounting"),
	KEPT("radius-common-pw <radius-common-pw:secret>", "Password of authorization requests"),
	KEPT("acl-netmask-convert {auto-detect | standard | wildcard}", "Masks of downloaded access lists"),
	HOST_ACTS("mschapv2-capable", "The server knows MS-CHAP 2"),
	KEPT("server-port <1-65535>", "Port of the server"),
	KEPT("server-type {auto-detect | microsoft | sun | novell | openldap | generic}", "Kind of LDAP server"),
	KEPT("ldap-base-dn <line>", "Where the search begins"),
	KEPT("ldap-group-base-dn <line>", "Where the search for groups begins"),
	KEPT("ldap-scope {onelevel | subtree}", "How deep the search goes"),
	KEPT("ldap-naming-attribute <word>", "Attribute that names an entry"),
	KEPT("ldap-login-dn <line>", "Name that we log in with"),
	KEPT("ldap-login-password <ldap-login-password:secret>", "Password that we log in with"),
	KEPT("ldap-over-ssl enable", "LDAP over TLS"),
	KEPT("ldap-attribute-map <name>", "Map of attributes"),
	KEPT("group-search-timeout <1-300>", "Seconds for a search of groups"),
	KEPT("sasl-mechanism {digest-md5 | kerberos <name>}", "SASL of the login"),
	KEPT("kerberos-realm <word>", "Realm"),
	KEPT("sdi-version {sdi-5 | sdi-pre-5}", "Version of SDI"),
	KEPT("sdi-pre-5-slave <host>", "Second server of SDI"),
	KEPT("nt-auth-domain-controller <word>", "Domain controller"),
	KEPT("validate-kdc", "Check the key distribution centre"),
	KEPT("start-url <url>", "First page of a form login"),
	KEPT_MULTI("action-uri <word>", "Where the form goes"),
	KEPT_MULTI("hidden-parameter <line>", "Hidden fields of the form"),
	KEPT("user-parameter <word>", "Field of the user name"),
	KEPT("password-parameter <password-parameter:word>", "Field of the password"),
	KEPT("auth-cookie-name <word>", "Cookie of a login"),
};

static struct command_table aaa_host_rows = COMMAND_TABLE("aaa-server host", host_commands);

static const struct command *
host_row(const char *keyword)
{
	const struct command *row = host_commands;

	while (strncmp(row->syntax, keyword, strlen(keyword)) != 0)
		row++;
	return row;
}

#define CONSOLE(what)                                                                                                  \
	KEPT("aaa authentication " what " console <server-tag:name> [LOCAL]", "Who checks administrators")

static const struct command global[] = {
	{ .syntax = "aaa-server <name> protocol {radius | ldap | tacacs+ | kerberos | sdi | http-form | nt}",
	    .help = "A group of servers", .flags = CMD_NO, .no_args = 1, .apply = aaa_enter,
	    .enter = &mode_aaa_group },
	{ .syntax = "aaa-server <name> [<paren>] host <host> [<key:secret>] [timeout <timeout:1-300>]",
	    .help = "A server of a group", .flags = CMD_NO, .no_args = 3, .apply = host_enter,
	    .enter = &mode_aaa_host },
	CONSOLE("ssh"),
	CONSOLE("http"),
	CONSOLE("telnet"),
	CONSOLE("enable"),
	CONSOLE("serial"),
	KEPT("aaa authentication login-history [duration <1-365>]", "Logins of administrators"),
	KEPT_MULTI("aaa authentication {include | exclude | match | listener | secure-http-client} [<line>]",
	    "Authentication of traffic"),
	KEPT("aaa authorization exec {LOCAL | authentication-server} [auto-enable]", "Rights of administrators"),
	KEPT("aaa authorization command <server-tag:name> [LOCAL]", "Commands of administrators"),
	KEPT("aaa authorization http console <server-tag:name>", "Commands of administrators by HTTP"),
	KEPT_MULTI("aaa authorization {include | exclude | match} <line>", "Authorization of traffic"),
	KEPT_MULTI("aaa accounting {command | enable | ssh | telnet | serial | include | exclude | match} <line>",
	    "Accounting of administrators and traffic"),
	ACTS(struct config, "aaa local authentication attempts max-fail <1-16>", "Failures that lock a local user"),
	KEPT("aaa proxy-limit {<1-128> | disable}", "Logins at a time"),
	KEPT("aaa mac-exempt match <name>", "Devices that need no login"),
};

struct command_table aaa_global = COMMAND_TABLE("aaa", global);

const struct config_mode mode_aaa_group = { .name = "config-aaa-server-group", .table = &aaa_group_rows,
	.object = aaa_object, .kept = offsetof(struct cfg_aaa_server, kept), .said = true };
const struct config_mode mode_aaa_host = { .name = "config-aaa-server-host", .table = &aaa_host_rows,
	.object = host_object, .kept = offsetof(struct cfg_aaa_host, kept), .said = true };

void
print_aaa_servers(struct config_printer *p, const char *name)
{
	for (const struct cfg_aaa_server *s = p->cfg->aaa_servers; s != NULL; s = s->next) {
		if (name != NULL && strcmp(s->name, name) != 0)
			continue;
		printer_open(p, "aaa-server %s protocol %s", quoted(s->name), s->protocol);
		printer_header(p);
		printer_rows(p, &mode_aaa_group, s);
		printer_close(p);
		for (const struct cfg_aaa_host *h = s->hosts; h != NULL; h = h->next) {
			printer_open(p, "aaa-server %s (%s) host %s", quoted(s->name), h->nameif, h->address);
			printer_header(p);
			printer_rows(p, &mode_aaa_host, h);
			printer_close(p);
		}
	}
}

/* ---- what the kept lines mean ---- */

/* The words behind those of the list's line that begins so; NULL: there is none. */
static const char *
kept_words(const struct cfg_kept_list *list, const char *words)
{
	size_t len = strlen(words);

	for (const struct cfg_kept *k = list->first; k != NULL; k = k->next) {
		if (strncmp(k->line, words, len) == 0 && (k->line[len] == '\0' || k->line[len] == ' '))
			return k->line + len + (k->line[len] == ' ');
	}
	return NULL;
}

static int
kept_number(const struct cfg_kept_list *list, const char *words, int unset)
{
	const char *value = kept_words(list, words);

	return value != NULL ? atoi(value) : unset;
}

void
config_aaa_group_resolve(const struct cfg_aaa_server *s, struct cfg_aaa_group_resolved *out)
{
	const char *mode = kept_words(&s->kept, "accounting-mode"), *again = kept_words(&s->kept, "reactivation-mode");
	const char *periodic = kept_words(&s->kept, "interim-accounting-update periodic");

	*out = (struct cfg_aaa_group_resolved){
		.radius = strcmp(s->protocol, "radius") == 0,
		.simultaneous = mode != NULL && strcmp(mode, "simultaneous") == 0,
		.timed = again != NULL && strcmp(again, "timed") == 0,
		.max_failed = kept_number(&s->kept, "max-failed-attempts", 3),
		.deadtime_min = kept_number(&s->kept, "reactivation-mode depletion deadtime", 10),
		.interim = kept_words(&s->kept, "interim-accounting-update") != NULL,
	};
	if (periodic != NULL)
		out->interim_hours = *periodic != '\0' ? atoi(periodic) : 24;
}

void
config_aaa_host_resolve(const struct cfg_aaa_host *h, struct cfg_aaa_host_resolved *out)
{
	const char *key = kept_words(&h->kept, "key");
	size_t len = key != NULL ? strlen(key) : 0;

	*out = (struct cfg_aaa_host_resolved){
		.timeout_s = kept_number(&h->kept, "timeout", 10),
		.retry_s = kept_number(&h->kept, "retry-interval", 10),
		.auth_port = kept_number(&h->kept, "authentication-port", 1645),
		.acct_port = kept_number(&h->kept, "accounting-port", 1646),
		.mschapv2 = kept_words(&h->kept, "mschapv2-capable") != NULL,
	};
	if (len >= 2 && key[0] == '"' && key[len - 1] == '"') { /* it holds blanks */
		key++;
		len -= 2;
	}
	if (len > 0 && len <= AAA_KEY_MAX)
		memcpy(out->key, key, len);
}

int
config_local_max_fail(const struct config *cfg)
{
	return kept_number(&cfg->kept, "aaa local authentication attempts max-fail", 0);
}
