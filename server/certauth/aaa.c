/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A question's way:
 *
 *   WAITING   the user or the source guessed before: not yet (pace.h)
 *   CHECKING  beside the loop (LOCAL), or the helper asks a server
 *   HOLDING   refused, and told so later
 */
#include "server/certauth/aaa.h"

#include <ev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/mem.h"
#include "server/certauth/conn.h"
#include "server/certauth/local.h"
#include "server/certauth/pace.h"
#include "server/certauth/remote.h"

#define WAITING_MAX_S 20.0 /* a client's patience with its login is 60 s (protocol.md 1.5) */
#define ANSWER_MAX_S  50.0

struct aaa_job {
	struct certauth *ca;
	char *group, *host, *user, *password;
	bool fallback;
	struct addr peer;
	void (*fn)(void *ctx, const struct aaa_result *r);
	void *ctx;

	enum { WAITING, CHECKING, HOLDING } state;
	ev_timer timer;
	double began;
	uint64_t user_count, source_count; /* of the pace */
	struct local_check *local;
	struct remote_ask *remote;

	struct aaa_result result;          /* its strings are these */
	char server[256], group_policy[129], message[257], filter[129];
	uint8_t class[AAA_CLASS_MAX];
};

static struct pace *pace;

static void job_check_local(struct aaa_job *job);

/* ---- messages ---- */

static void
log_send(const struct aaa_job *job, unsigned number, const char *arg1, const char *arg2, const char *arg3)
{
	char ip[ADDR_STR];
	struct ipc_auth_log m = {
		.number = number, .arg1 = arg1, .arg2 = arg2, .arg3 = arg3, .arg4 = addr_ip_str(&job->peer, ip),
	};

	ipc_send(&job->ca->main, MSG_auth_log, &m);
}

static void
outcome_log(const struct aaa_job *job)
{
	const struct aaa_result *r = &job->result;

	if (r->accepted && r->local)
		log_send(job, 113012, job->user, "", "");
	else if (r->accepted)
		log_send(job, 113004, r->server, job->user, "");
	else
		log_send(job, r->local ? 113015 : 113005, r->reason, job->user, r->server);
	if (r->accepted)
		log_send(job, 113008, job->user, "", "");
}

/* ---- the end ---- */

static void
job_free(struct aaa_job *job)
{
	ev_timer_stop(job->ca->loop, &job->timer);
	explicit_bzero(job->password, strlen(job->password));
	free(job->group);
	free(job->host);
	free(job->user);
	free(job->password);
	free(job);
}

static void
job_deliver(struct aaa_job *job)
{
	job->fn(job->ctx, &job->result);
	job_free(job);
}

static void
timer_after(struct aaa_job *job, double seconds)
{
	ev_timer_stop(job->ca->loop, &job->timer);
	ev_timer_set(&job->timer, seconds, 0.0);
	ev_timer_start(job->ca->loop, &job->timer);
}

/* The check is over, its outcome in job->result. */
static void
job_finish(struct aaa_job *job)
{
	double now = ev_now(job->ca->loop);
	bool ok = job->result.accepted;
	double hold = pace_end(pace, PACE_USER, job->user_count, ok, now);
	double hold_source = pace_end(pace, PACE_SOURCE, job->source_count, ok, now);

	outcome_log(job);
	if (ok) {
		job_deliver(job);
		return;
	}
	job->state = HOLDING;
	timer_after(job, hold > hold_source ? hold : hold_source);
}

static void
job_refuse(struct aaa_job *job, const char *reason)
{
	job->result.accepted = false;
	job->result.reason = reason;
	job_finish(job);
}

/* ---- LOCAL ---- */

static void
local_known(void *ctx, const char *reason, const char *group_policy)
{
	struct aaa_job *job = ctx;

	job->local = NULL;
	job->result.local = true;
	if (reason != NULL) {
		job_refuse(job, reason);
		return;
	}
	snprintf(job->group_policy, sizeof(job->group_policy), "%s", group_policy);
	job->result.accepted = true;
	job_finish(job);
}

static void
job_check_local(struct aaa_job *job)
{
	ev_timer_stop(job->ca->loop, &job->timer);
	job->server[0] = '\0';
	job->local = local_start(job->user, job->password, local_known, job);
}

/* ---- servers ---- */

/* Nobody has said that the password is wrong: it counts for no failure. */
static void
job_unjudged(struct aaa_job *job, const char *why)
{
	log_send(job, 113013, why, job->user, "");
	job->result.reason = "AAA failure";
	job->result.why = LOGIN_AAA_SERVER;
	outcome_log(job);
	pace_undo(pace, job->user_count);
	pace_undo(pace, job->source_count);
	job_deliver(job);
}

/* No server has judged: LOCAL may, else nobody is let in. */
static void
remote_failed(struct aaa_job *job, const char *why)
{
	if (job->fallback)
		job_check_local(job);
	else
		job_unjudged(job, why);
}

static void
reply_keep(struct aaa_job *job, const struct ipc_aaa_answer *a)
{
	snprintf(job->server, sizeof(job->server), "%s", a->server);
	snprintf(job->group_policy, sizeof(job->group_policy), "%s", a->group_policy);
	snprintf(job->message, sizeof(job->message), "%s", a->message);
	snprintf(job->filter, sizeof(job->filter), "%s", a->filter);
	if (a->class.len > 0)
		memcpy(job->class, a->class.data, a->class.len);
	job->result.class = (struct ipc_blob){ job->class, a->class.len };
	job->result.framed_ip = a->framed_ip;
	job->result.framed_mask = a->framed_mask;
	job->result.session_timeout_s = a->session_timeout_s;
	job->result.idle_timeout_s = a->idle_timeout_s;
	job->result.invalid = a->invalid;
}

static void
remote_known(void *ctx, const struct ipc_aaa_answer *a)
{
	struct aaa_job *job = ctx;

	job->remote = NULL;
	reply_keep(job, a);
	switch (a->outcome) {
	case AAA_ACCEPTED:
		job->result.accepted = true;
		job_finish(job);
		break;
	case AAA_REJECTED:
		job_refuse(job, "AAA failure");
		break;
	case AAA_CHALLENGED:
		job_refuse(job, "Challenge not supported");
		break;
	case AAA_DEAD:
		remote_failed(job, "AAA server not responding");
		break;
	case AAA_BUSY:
		job_unjudged(job, "Too many AAA requests");
		break;
	default:
		remote_failed(job, "No such AAA server group");
		break;
	}
}

static void
job_check_remote(struct aaa_job *job)
{
	struct ipc_aaa_ask m = {
		.group = job->group, .host = job->host, .fallback = job->fallback, .user = job->user,
		.password = job->password, .peer = job->peer,
	};

	timer_after(job, ANSWER_MAX_S);
	if ((job->remote = remote_start(&m, remote_known, job)) == NULL)
		remote_failed(job, "AAA servers cannot be asked");
}

/* ---- its turn ---- */

/* Both counts must agree before it begins. */
static double
job_wait_s(struct aaa_job *job, double now)
{
	double wait = pace_begin(pace, PACE_USER, job->user_count, now);

	if (wait > 0)
		return wait;
	wait = pace_begin(pace, PACE_SOURCE, job->source_count, now);
	if (wait > 0)
		pace_undo(pace, job->user_count);
	return wait;
}

static void
job_begin(struct aaa_job *job)
{
	double now = ev_now(job->ca->loop), wait = job_wait_s(job, now);

	if (wait > 0 && now + wait - job->began <= WAITING_MAX_S) {
		timer_after(job, wait);
		return;
	}
	if (wait > 0) { /* nothing was checked: no failure to count */
		log_warn("a login of %s is refused: too many wrong passwords before it", job->user);
		job->result.reason = "Unspecified";
		job->result.why = LOGIN_ATTEMPTS;
		job_deliver(job);
		return;
	}
	job->state = CHECKING;
	if (strcmp(job->group, "LOCAL") == 0)
		job_check_local(job);
	else
		job_check_remote(job);
}

static void
timer_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct aaa_job *job = w->data;

	(void)loop, (void)revents;
	switch (job->state) {
	case WAITING:
		job_begin(job);
		break;
	case CHECKING: /* the helper has not answered */
		if (job->remote != NULL)
			remote_cancel(job->remote);
		job->remote = NULL;
		remote_failed(job, "AAA server not responding");
		break;
	case HOLDING:
		job_deliver(job);
		break;
	}
}

static struct aaa_job *
job_new(struct certauth *ca, const char *group, const char *host, bool fallback, const char *user, const char *password)
{
	struct aaa_job *job = xcalloc(1, sizeof(*job));

	if (pace == NULL)
		pace = pace_new();
	job->ca = ca;
	job->group = xstrdup(group);
	job->host = xstrdup(host);
	job->fallback = fallback;
	job->user = xstrdup(user);
	job->password = xstrdup(password);
	job->result = (struct aaa_result){
		.why = LOGIN_CREDENTIALS, .reason = "", .server = job->server, .group_policy = job->group_policy, .message = job->message,
		.filter = job->filter,
	};
	job->began = ev_now(ca->loop);
	ev_timer_init(&job->timer, timer_cb, 0.0, 0.0);
	job->timer.data = job;
	ev_timer_start(ca->loop, &job->timer); /* so fn is never called before aaa_start() returns */
	return job;
}

struct aaa_job *
aaa_start(struct certauth *ca, const char *server_group, bool fallback_local, const char *user, const char *password,
    const struct addr *peer, void (*fn)(void *ctx, const struct aaa_result *r), void *ctx)
{
	struct aaa_job *job = job_new(ca, server_group, "", fallback_local, user, password);

	job->peer = *peer;
	job->user_count = pace_user(pace, user);
	job->source_count = pace_source(pace, peer);
	job->fn = fn;
	job->ctx = ctx;
	return job;
}

void
aaa_cancel(struct aaa_job *job)
{
	if (job->state == CHECKING) { /* who leaves early has not been right */
		pace_end(pace, PACE_USER, job->user_count, false, ev_now(job->ca->loop));
		pace_end(pace, PACE_SOURCE, job->source_count, false, ev_now(job->ca->loop));
	}
	if (job->local != NULL)
		local_cancel(job->local);
	if (job->remote != NULL)
		remote_cancel(job->remote);
	job_free(job);
}

/* ---- test aaa-server ---- */

struct test {
	struct certauth *ca;
	uint32_t request;
};

static void
test_known(void *ctx, const struct aaa_result *r)
{
	struct test *t = ctx;
	bool silent = !r->local && r->server[0] == '\0';
	struct ipc_auth_done m = {
		.request = t->request, .failed = r->accepted ? 0 : silent ? AAA_TEST_SILENT : AAA_TEST_REJECTED, .text = r->reason,
	};

	ipc_send(&t->ca->main, MSG_auth_done, &m);
	free(t);
}

void
aaa_test(struct certauth *ca, const struct ipc_auth_test *m)
{
	struct aaa_job *job = job_new(ca, m->group, m->host, false, m->user, m->password);
	struct test *t = xcalloc(1, sizeof(*t));

	t->ca = ca;
	t->request = m->request;
	job->fn = test_known;
	job->ctx = t;
}
