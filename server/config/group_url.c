/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names under which a tunnel-group can be chosen: group-url and group-alias (asa-reference 1.7). */
#include "server/config/group_url.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The host at the start of text, in small letters, an IPv6 address in its usual form; *end behind it. NULL: none. */
static char *
host_parse(struct mem *mem, const char *text, const char **end)
{
	bool bracket = *text == '[';
	size_t len = bracket ? strcspn(++text, "]") : strcspn(text, ":/?#");
	struct in6_addr ip6;
	char *host;

	if (len == 0 || len > 253 || (bracket && text[len] != ']'))
		return NULL;
	host = mem_dup(mem, text, len + 1);
	host[len] = '\0';
	for (char *c = host; *c != '\0' && !bracket; c++) {
		if (!isalnum((unsigned char)*c) && strchr(".-_", *c) == NULL)
			return NULL;
		*c = (char)tolower((unsigned char)*c);
	}
	*end = text + len + bracket;
	if (!bracket)
		return host;
	if (inet_pton(AF_INET6, host, &ip6) != 1)
		return NULL;
	host = mem_alloc(mem, INET6_ADDRSTRLEN);
	inet_ntop(AF_INET6, &ip6, host, INET6_ADDRSTRLEN);
	return host;
}

/* Parts of "https://HOST[:PORT][/PATH]"; false when it is no URL. */
static bool
url_parse(struct mem *mem, const char *text, struct cfg_group_url *u)
{
	const char *end;
	long port = 0;

	u->https = strncasecmp(text, "https://", 8) == 0;
	u->host = host_parse(mem, text + (u->https ? 8 : 7), &end);
	if (u->host == NULL)
		return false;
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
	u->port = (uint16_t)port;
	u->path = mem_strdup(mem, *end == '\0' ? "/" : end);
	for (size_t len = strlen(u->path); len > 1 && u->path[len - 1] == '/'; len--)
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

void
group_urls_forget(struct config *cfg, struct cfg_tunnel_group *t)
{
	for (struct cfg_group_url *u = t->urls; u != NULL; u = u->next)
		index_remove(&cfg->tables->index, INDEX_URL, url_key(cfg->mem, u));
	t->urls = NULL;
}

int
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

void
group_url_print(struct config_printer *p, const struct command *row, const void *object)
{
	const struct cfg_tunnel_group *t = object;

	(void)row;
	for (const struct cfg_group_url *u = t->urls; u != NULL; u = u->next)
		printer_line(p, "group-url %s %s", quoted(u->url), u->enabled ? "enable" : "disable");
}

int
group_alias(struct config_change *ch)
{
	struct cfg_tunnel_group *t = ch->object;
	const char *name = cmd_str(ch->m, "name");
	struct cfg_group_alias **at = &t->aliases;

	while (*at != NULL && strcmp((*at)->name, name) != 0)
		at = &(*at)->next;
	if (ch->m->no) {
		if (*at == NULL)
			return change_error(ch, "name", "group-alias %s does not exist in this tunnel-group", name);
		*at = (*at)->next;
		return 0;
	}
	if (*at == NULL) {
		*at = mem_alloc(ch->cfg->mem, sizeof(**at));
		(*at)->name = mem_strdup(ch->cfg->mem, name);
	}
	(*at)->enabled = !cmd_word(ch->m, "disable");
	return 0;
}

void
group_alias_print(struct config_printer *p, const struct command *row, const void *object)
{
	const struct cfg_tunnel_group *t = object;

	(void)row;
	for (const struct cfg_group_alias *a = t->aliases; a != NULL; a = a->next)
		printer_line(p, "group-alias %s %s", quoted(a->name), a->enabled ? "enable" : "disable");
}
