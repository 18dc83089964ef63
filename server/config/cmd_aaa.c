/* SPDX-License-Identifier: GPL-2.0-or-later */
/* aaa-server and aaa (asa-reference 1.13): kept. */
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

static const struct command *host_key_row(void);

/* "aaa-server TAG (IF) host H [KEY]": the key as if it stood in the submode. */
static void
host_key(struct config_change *ch, struct cfg_aaa_host *h)
{
	struct cmd_match *inner = xcalloc(1, sizeof(*inner));
	struct config_change key = *ch;

	inner->row = host_key_row();
	inner->args[0] = (struct cmd_arg){ .label = "key", .keyword = true };
	inner->args[1] = *cmd_arg(ch->m, "key");
	inner->argc = 2;
	inner->leading = 1;
	key.m = inner;
	kept_apply_to(&key, &h->kept, NULL);
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
	if (cmd_str(ch->m, "key") != NULL)
		host_key(ch, h);
	return 0;
}

static const struct command group_rows[] = {
	KEPT("accounting-mode {simultaneous | single}", "Send accounting to all servers or to one"),
	KEPT("interim-accounting-update [periodic [<1-120>]]", "Accounting while a session lasts"),
	KEPT("max-failed-attempts <1-5>", "Failures until a server is dead"),
	KEPT("reactivation-mode {depletion [deadtime <0-1440>] | timed}", "When dead servers are tried again"),
	KEPT("dynamic-authorization [port <1024-65535>]", "Change of authorization"),
	KEPT("authorize-only", "Ask for authorization only"),
	KEPT("merge-dacl {before-avpair | after-avpair}", "Order of downloaded access lists"),
	KEPT("ad-agent-mode", "Servers are agents of a directory"),
	KEPT("realm-id <1-65535>", "Number of the realm"),
};

static struct command_table aaa_group_rows = COMMAND_TABLE("aaa-server group", group_rows);

static const struct command host_commands[] = {
	KEPT("key <key:secret>", "Secret shared with the server"),
	KEPT("timeout <1-300>", "Seconds until the next server is asked"),
	KEPT("retry-interval <1-10>", "Seconds between attempts"),
	KEPT("authentication-port <1-65535>", "Port of authentication"),
	KEPT("accounting-port <1-65535>", "Port of accounting"),
	KEPT("radius-common-pw <radius-common-pw:secret>", "Password of authorization requests"),
	KEPT("acl-netmask-convert {auto-detect | standard | wildcard}", "Masks of downloaded access lists"),
	KEPT("mschapv2-capable", "The server knows MS-CHAP 2"),
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
host_key_row(void)
{
	return &host_commands[0];
}

#define CONSOLE(what)                                                                                                  \
	KEPT("aaa authentication " what " console <server-tag:name> [LOCAL]", "Who checks administrators")

static const struct command global[] = {
	{ .syntax = "aaa-server <name> protocol {radius | ldap | tacacs+ | kerberos | sdi | http-form | nt}",
	    .help = "A group of servers", .cls = CMD_KEPT, .flags = CMD_NO, .no_args = 1, .apply = aaa_enter,
	    .enter = &mode_aaa_group },
	{ .syntax = "aaa-server <name> [<paren>] host <host> [<key:secret>] [timeout <timeout:1-300>]",
	    .help = "A server of a group", .cls = CMD_KEPT, .flags = CMD_NO, .no_args = 3, .apply = host_enter,
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
	KEPT("aaa local authentication attempts max-fail <1-16>", "Failures that lock a local user"),
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
