/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/certauth/aaa.h"

#include <ev.h>

#include "common/mem.h"
#include "server/certauth/conn.h"

#include <stdlib.h>

struct aaa_job {
	void (*fn)(void *ctx, const struct aaa_result *r);
	void *ctx;
	ev_timer timer;
	struct ev_loop *loop;
};

static void
refuse_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct aaa_job *job = w->data;
	struct aaa_result r = { .reason = "AAA failure", .server = "", .group_policy = "", .message = "", .filter = "" };

	(void)loop, (void)revents;
	job->fn(job->ctx, &r);
	free(job);
}

struct aaa_job *
aaa_start(struct certauth *ca, const char *server_group, bool fallback_local, const char *user, const char *password,
    const struct addr *peer, void (*fn)(void *ctx, const struct aaa_result *r), void *ctx)
{
	struct aaa_job *job = xcalloc(1, sizeof(*job));

	(void)server_group, (void)fallback_local, (void)user, (void)password, (void)peer;
	job->fn = fn;
	job->ctx = ctx;
	job->loop = ca->loop;
	ev_timer_init(&job->timer, refuse_cb, 0.0, 0.0);
	job->timer.data = job;
	ev_timer_start(job->loop, &job->timer);
	return job;
}

void
aaa_cancel(struct aaa_job *job)
{
	ev_timer_stop(job->loop, &job->timer);
	free(job);
}
