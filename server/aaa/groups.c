/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/aaa/groups.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/mem.h"

/* graves: no longer in force, kept while requests to their servers are under way. */
static struct aaa_group *groups, *next_groups, *graves;

static void
server_free(struct aaa_server *s)
{
	explicit_bzero(s->key, sizeof(s->key));
	free(s->name);
	free(s);
}

static struct aaa_group *
group_in(struct aaa_group *g, const char *name)
{
	while (g != NULL && strcmp(g->name, name) != 0)
		g = g->next;
	return g;
}

struct aaa_group *
groups_find(const char *name)
{
	return group_in(groups, name);
}

struct aaa_group *
groups_first(void)
{
	return groups;
}

/* ---- what is no longer in force ---- */

static void
grave_dig(struct aaa_group *g, struct aaa_server *s)
{
	struct aaa_group *grave = xcalloc(1, sizeof(*grave));

	*grave = *g;
	grave->name = xstrdup(g->name);
	grave->servers = s;
	s->group = grave;
	s->next = NULL; /* nobody goes on to the next from here */
	grave->next = graves;
	graves = grave;
}

static void
graves_clear(void)
{
	for (struct aaa_group **at = &graves; *at != NULL;) {
		struct aaa_group *g = *at;

		if (g->servers->stats.pending > 0) {
			at = &g->next;
			continue;
		}
		*at = g->next;
		server_free(g->servers);
		free(g->name);
		free(g);
	}
}

static void
groups_bury(struct aaa_group *list)
{
	struct aaa_group *next;

	for (struct aaa_group *g = list; g != NULL; g = next) {
		struct aaa_server *s;

		next = g->next;
		while ((s = g->servers) != NULL) {
			g->servers = s->next;
			grave_dig(g, s);
		}
		free(g->name);
		free(g);
	}
}

/* ---- what comes ---- */

void
groups_begin(void)
{
	groups_bury(next_groups);
	next_groups = NULL;
}

void
groups_add(const struct ipc_aaa_group *m)
{
	struct aaa_group *g = xcalloc(1, sizeof(*g)), **at = &next_groups;

	while (*at != NULL)
		at = &(*at)->next;
	*at = g;
	g->name = xstrdup(m->name);
	g->max_failed = m->max_failed > 0 ? m->max_failed : 1;
	g->timed = m->timed != 0;
	g->simultaneous = m->simultaneous != 0;
	g->deadtime_s = m->deadtime_s;
}

/* A name is looked up when a configuration comes, as an ASA does it when the line is typed. */
static void
address_find(struct aaa_server *s)
{
	struct addrinfo hints = { .ai_socktype = SOCK_DGRAM, .ai_flags = AI_ADDRCONFIG }, *found = NULL;
	struct addr a;
	int r;

	s->addr.ss_family = 0;
	if (addr_parse(s->name, 0, &a)) {
		addr_to_sockaddr(&a, &s->addr);
		return;
	}
	if ((r = getaddrinfo(s->name, NULL, &hints, &found)) != 0) {
		log_warn("aaa-server host %s: %s", s->name, gai_strerror(r));
		return;
	}
	memcpy(&s->addr, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
}

void
groups_add_server(const struct ipc_aaa_server *m)
{
	struct aaa_group *g = next_groups;
	struct aaa_server *s, **at;

	while (g != NULL && g->next != NULL)
		g = g->next;
	if (g == NULL)
		return;
	s = xcalloc(1, sizeof(*s));
	s->name = xstrdup(m->address);
	s->group = g;
	snprintf(s->key, sizeof(s->key), "%s", m->key);
	s->timeout_s = m->timeout_s;
	s->retry_s = m->retry_s;
	s->auth_port = m->auth_port;
	s->acct_port = m->acct_port;
	for (at = &g->servers; *at != NULL; at = &(*at)->next)
		;
	*at = s;
}

/* ---- it is in force ---- */

/* The one in force of that group and name, taken out of it; NULL: there is none. */
static struct aaa_server *
server_take(const char *group, const char *name)
{
	struct aaa_group *old = groups_find(group);

	for (struct aaa_server **at = old != NULL ? &old->servers : NULL; at != NULL && *at != NULL; at = &(*at)->next) {
		struct aaa_server *s = *at;

		if (strcmp(s->name, name) != 0)
			continue;
		*at = s->next;
		return s;
	}
	return NULL;
}

/* The old one goes on in the place of the new one, with what is new of it. */
static void
server_continue(struct aaa_server **at)
{
	struct aaa_server *fresh = *at, *s = server_take(fresh->group->name, fresh->name);

	if (s == NULL)
		return;
	s->signs = s->signs && strcmp(s->key, fresh->key) == 0; /* another key may be another server */
	memcpy(s->key, fresh->key, sizeof(s->key));
	s->timeout_s = fresh->timeout_s;
	s->retry_s = fresh->retry_s;
	s->auth_port = fresh->auth_port;
	s->acct_port = fresh->acct_port;
	s->group = fresh->group;
	s->next = fresh->next;
	*at = s;
	server_free(fresh);
}

void
groups_commit(void)
{
	for (struct aaa_group *g = next_groups; g != NULL; g = g->next) {
		for (struct aaa_server **at = &g->servers; *at != NULL; at = &(*at)->next) {
			server_continue(at);
			if ((*at)->addr.ss_family == 0)
				address_find(*at);
		}
	}
	groups_bury(groups);
	groups = next_groups;
	next_groups = NULL;
	graves_clear();
}
