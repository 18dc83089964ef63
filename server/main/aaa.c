/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/main/aaa.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/mem.h"
#include "server/main/daemon.h"
#include "server/main/introduce.h"

struct known { /* a server as the helper told of it */
	struct known *next;
	char *group, *address;
	struct ipc_aaa_stats stats;
};

static struct known *servers;
static struct aaa_lock *locks;

/* ---- the helper's configuration ---- */

static bool
group_is_asked(const struct cfg_aaa_server *g)
{
	struct cfg_aaa_group_resolved r;

	config_aaa_group_resolve(g, &r);
	return r.radius && g->hosts != NULL;
}

bool
aaa_wanted(const struct config *cfg)
{
	for (const struct cfg_aaa_server *g = cfg->aaa_servers; g != NULL; g = g->next) {
		if (group_is_asked(g))
			return true;
	}
	return false;
}

static void
server_send(const struct cfg_aaa_server *g, const struct cfg_aaa_host *h)
{
	struct ipc_aaa_server m = { .address = h->address };
	struct cfg_aaa_host_resolved r;
	static bool said_pap;

	config_aaa_host_resolve(h, &r);
	if (r.key[0] == '\0')
		log_warn("aaa-server %s host %s has no key, or one of more than %d characters: it will not answer", g->name,
		    h->address, AAA_KEY_MAX);
	if (r.mschapv2 && !said_pap)
		log_info("aaa-server %s host %s: mschapv2-capable, but passwords are asked by PAP here", g->name, h->address);
	said_pap |= r.mschapv2;
	m.key = r.key;
	m.timeout_s = (uint16_t)r.timeout_s;
	m.retry_s = (uint16_t)r.retry_s;
	m.auth_port = (uint16_t)r.auth_port;
	m.acct_port = (uint16_t)r.acct_port;
	ipc_send(&daemon_.aaa, MSG_aaa_server, &m);
	explicit_bzero(&r, sizeof(r));
}

static void
group_send(const struct cfg_aaa_server *g)
{
	struct cfg_aaa_group_resolved r;
	struct ipc_aaa_group m = { .name = g->name };

	config_aaa_group_resolve(g, &r);
	m.max_failed = (uint8_t)r.max_failed;
	m.timed = r.timed;
	m.deadtime_s = (uint32_t)r.deadtime_min * 60;
	m.simultaneous = r.simultaneous;
	ipc_send(&daemon_.aaa, MSG_aaa_group, &m);
	for (const struct cfg_aaa_host *h = g->hosts; h != NULL; h = h->next)
		server_send(g, h);
}

static void
groups_send(const struct config *cfg)
{
	struct ipc_aaa_begin begin = { .nas_id = cfg->hostname != NULL ? cfg->hostname : "ciscoasa" };

	ipc_send(&daemon_.aaa, MSG_aaa_begin, &begin);
	for (const struct cfg_aaa_server *g = cfg->aaa_servers; g != NULL; g = g->next) {
		if (group_is_asked(g))
			group_send(g);
	}
	ipc_send(&daemon_.aaa, MSG_aaa_commit, &(struct ipc_aaa_commit){ 0 });
}

/* ---- what the helper tells ---- */

static void
servers_forget(const struct config *cfg)
{
	for (struct known **at = &servers; *at != NULL;) {
		struct known *k = *at;

		if (cfg != NULL && config_aaa_server(cfg, k->group) != NULL) {
			at = &k->next;
			continue;
		}
		*at = k->next;
		free(k->group);
		free(k->address);
		free(k);
	}
}

static struct known *
server_known(const char *group, const char *address)
{
	struct known *k = servers;

	while (k != NULL && (strcmp(k->group, group) != 0 || strcmp(k->address, address) != 0))
		k = k->next;
	return k;
}

void
aaa_stats_set(const struct ipc_aaa_stats *m)
{
	struct known *k = server_known(m->group, m->address);

	if (k == NULL) {
		k = xcalloc(1, sizeof(*k));
		k->group = xstrdup(m->group);
		k->address = xstrdup(m->address);
		k->next = servers;
		servers = k;
	}
	k->stats = *m;
	k->stats.group = k->group;
	k->stats.address = k->address;
}

struct ipc_aaa_stats
aaa_stats_of(const char *group, const char *address)
{
	const struct known *k = server_known(group, address);

	return k != NULL ? k->stats : (struct ipc_aaa_stats){ 0 };
}

void
aaa_stats_clear(const char *group)
{
	if (daemon_.aaa_ready)
		ipc_send(&daemon_.aaa, MSG_aaa_clear, &(struct ipc_aaa_clear){ group });
}

void
aaa_configure(const struct config *cfg)
{
	servers_forget(cfg);
	if (daemon_.aaa_ready)
		groups_send(cfg);
}

void
aaa_helper_up(void)
{
	if (!daemon_.aaa_ready || daemon_.certauth.loop == NULL)
		return;
	groups_send(daemon_.config); /* before certauth can ask */
	introduce(&daemon_.aaa, MSG_aaa_certauth, MSG_auth_aaa);
}

void
aaa_helper_down(void)
{
	servers_forget(NULL);
}

/* ---- local users who fail, of certauth ---- */

static void
lock_remove(struct aaa_lock **at)
{
	struct aaa_lock *l = *at;

	*at = l->next;
	free(l->user);
	free(l);
}

void
aaa_locks_clear(void)
{
	while (locks != NULL)
		lock_remove(&locks);
}

void
aaa_lock_set(const struct ipc_auth_lock *m)
{
	struct aaa_lock **at = &locks, *l;

	while (*at != NULL && strcmp((*at)->user, m->user) != 0)
		at = &(*at)->next;
	if (*at != NULL && m->failures == 0) {
		lock_remove(at);
		return;
	}
	if (m->failures == 0)
		return;
	if ((l = *at) == NULL) {
		l = *at = xcalloc(1, sizeof(*l));
		l->user = xstrdup(m->user);
	}
	l->failures = m->failures;
	l->locked = m->locked != 0;
	l->at = m->at;
}

const struct aaa_lock *
aaa_locks(void)
{
	return locks;
}
