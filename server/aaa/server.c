/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/aaa/server.h"

#include <stddef.h>

#define TIMED_S 30.0 /* reactivation-mode timed */

static void
server_activate(struct aaa_server *s, server_changed_fn changed)
{
	if (!s->failed)
		return;
	s->failed = false;
	s->failures = 0;
	changed(s);
}

static void
group_reactivate(struct aaa_group *g, bool fallback, double now, server_changed_fn changed)
{
	double last = 0;

	for (struct aaa_server *s = g->servers; s != NULL; s = s->next) {
		if (g->timed && s->failed && now - s->failed_at >= TIMED_S)
			server_activate(s, changed);
		if (!s->failed && !g->timed)
			return; /* depletion: while one is left, the others rest */
		if (s->failed_at > last)
			last = s->failed_at;
	}
	if (g->timed || (fallback && now - last < g->deadtime_s))
		return;
	for (struct aaa_server *s = g->servers; s != NULL; s = s->next)
		server_activate(s, changed);
}

struct aaa_server *
group_pick(struct aaa_group *g, struct aaa_server *from, bool fallback, double now, server_changed_fn changed)
{
	struct aaa_server *s = from;

	if (from == NULL) { /* a new question: the dead may rise for it, not in its middle */
		group_reactivate(g, fallback, now, changed);
		s = g->servers;
	}
	while (s != NULL && s->failed)
		s = s->next;
	return s;
}

void
server_answered(struct aaa_server *s, server_changed_fn changed)
{
	s->failures = 0;
	server_activate(s, changed);
}

void
server_silent(struct aaa_server *s, double now, server_changed_fn changed)
{
	s->failures++;
	if (s->failed || s->failures < s->group->max_failed)
		return;
	s->failed = true;
	s->failed_at = now;
	changed(s);
}
