/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The AAA helper: RADIUS for certauth, which has no network, and accounting for
 * main. It holds the servers' keys and, for as long as a server is asked, a
 * password; no key of ours. What servers answer is read here and nowhere else.
 */
#include <ev.h>
#include <gnutls/gnutls.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/ipc.h"
#include "common/log.h"
#include "common/sandbox.h"
#include "server/aaa/account.h"
#include "server/aaa/exchange.h"
#include "server/aaa/groups.h"
#include "server/aaa/ask.h"
#include "server/aaa/nas.h"

#define STATS_S       0.2 /* main hears of counts at most so often */
#define LINGER_S      1.0
#define LINGER_STEP_S 0.05

static struct {
	struct ev_loop *loop;
	struct ipc_chan main, certauth;
	ev_timer stats, linger;
} self;

/* ---- what main is told ---- */

static void
main_log(unsigned number, const char *arg1, const char *arg2)
{
	ipc_send(&self.main, MSG_aaa_log, &(struct ipc_aaa_log){ .number = number, .arg1 = arg1, .arg2 = arg2 });
}

static void
stats_send(const struct aaa_server *s)
{
	struct ipc_aaa_stats m = s->stats;
	double ago = ev_now(self.loop) - s->failed_at;

	m.group = s->group->name;
	m.address = s->name;
	m.failed = s->failed;
	m.failed_at = s->failed ? (uint64_t)(time(NULL) - (time_t)ago) : 0;
	ipc_send(&self.main, MSG_aaa_stats, &m);
}

static void
stats_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop, (void)w, (void)revents;
	for (const struct aaa_group *g = groups_first(); g != NULL; g = g->next) {
		for (const struct aaa_server *s = g->servers; s != NULL; s = s->next)
			stats_send(s);
	}
}

static void
server_counted(struct aaa_server *s)
{
	(void)s;
	if (!ev_is_active(&self.stats)) {
		ev_timer_set(&self.stats, STATS_S, 0.0);
		ev_timer_start(self.loop, &self.stats);
	}
}

/* ---- certauth's questions ---- */

static void
answer_send(const struct ipc_aaa_answer *a)
{
	ipc_send(&self.certauth, MSG_aaa_answer, a);
}

static void
ask_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	(void)owner, (void)fds, (void)nfds;
	ask_start(msg);
}

static void
drop_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_aaa_drop *m = msg;

	(void)owner, (void)fds, (void)nfds;
	ask_drop(m->request);
}

static const struct ipc_handler certauth_handlers[] = {
	{ MSG_aaa_ask, ask_handle },
	{ MSG_aaa_drop, drop_handle },
};

static void
certauth_closed(void *owner, int err)
{
	(void)owner, (void)err;
	ipc_chan_stop(&self.certauth);
	ask_drop_all();
}

static void
certauth_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	(void)owner, (void)msg;
	if (nfds != 1)
		fatal("aaa_certauth without its descriptor");
	certauth_closed(NULL, 0);
	ipc_chan_start(&self.certauth, self.loop, fds[0], IPC_AAA, IPC_CERTAUTH, certauth_handlers,
	    sizeof(certauth_handlers) / sizeof(certauth_handlers[0]), certauth_closed, NULL);
}

/* ---- main's orders ---- */

static void
begin_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_aaa_begin *m = msg;

	(void)owner, (void)fds, (void)nfds;
	nas_name(m->nas_id);
	groups_begin();
}

static void
group_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	(void)owner, (void)fds, (void)nfds;
	groups_add(msg);
}

static void
server_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	(void)owner, (void)fds, (void)nfds;
	groups_add_server(msg);
}

static void
commit_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	(void)owner, (void)msg, (void)fds, (void)nfds;
	groups_commit();
	stats_cb(self.loop, NULL, 0);
}

static void
record_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	(void)owner, (void)fds, (void)nfds;
	account_add(msg);
}

static void
clear_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_aaa_clear *m = msg;

	(void)owner, (void)fds, (void)nfds;
	for (struct aaa_group *g = groups_first(); g != NULL; g = g->next) {
		for (struct aaa_server *s = g->servers; s != NULL; s = s->next) {
			if (m->group[0] != '\0' && strcmp(m->group, g->name) != 0)
				continue;
			s->stats = (struct ipc_aaa_stats){ .pending = s->stats.pending };
			s->signs = false;
			s->answered = 0;
			s->round_trips_s = 0;
		}
	}
	stats_cb(self.loop, NULL, 0);
}

static const struct ipc_handler main_handlers[] = {
	{ MSG_aaa_certauth, certauth_handle },
	{ MSG_aaa_begin, begin_handle },
	{ MSG_aaa_group, group_handle },
	{ MSG_aaa_server, server_handle },
	{ MSG_aaa_commit, commit_handle },
	{ MSG_aaa_record, record_handle },
	{ MSG_aaa_clear, clear_handle },
};

/* main is gone. The records of the sessions that it ended have a moment to arrive. */
static void
linger_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
	static double since;

	(void)revents;
	if (since == 0)
		since = ev_now(loop);
	if (!account_pending() || ev_now(loop) - since >= LINGER_S)
		_exit(0);
	ev_timer_set(w, LINGER_STEP_S, 0.0);
	ev_timer_start(loop, w);
}

static void
main_closed(void *owner, int err)
{
	(void)owner, (void)err;
	ipc_chan_stop(&self.main);
	ev_timer_init(&self.linger, linger_cb, 0.0, 0.0);
	ev_timer_start(self.loop, &self.linger);
}

int
main(int argc, char **argv)
{
	static const struct ask_events told = { main_log, answer_send };
	struct ipc_aaa_ready ready;
	struct child_args args;

	child_args_parse(argc, argv, &args);
	log_init("offhook-aaa", args.debug ? LOG_LVL_DEBUG : LOG_LVL_INFO);
	umask(077);
	self.loop = ev_loop_new(EVBACKEND_EPOLL | EVFLAG_NOENV);
	ev_init(&self.stats, stats_cb);
	ask_init(self.loop, &told);
	account_init(self.loop);
	exchange_init(self.loop, server_counted);
	sandbox_helper(&args, "aaa", NULL);
	ipc_chan_start(&self.main, self.loop, CHILD_CHANNEL_FD, IPC_AAA, IPC_MAIN, main_handlers,
	    sizeof(main_handlers) / sizeof(main_handlers[0]), main_closed, NULL);
	ready.pid = (uint32_t)getpid();
	ipc_send(&self.main, MSG_aaa_ready, &ready);
	ev_run(self.loop, 0);
	return 0;
}
