/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The metrics helper: answers HTTP requests of Prometheus with figures that it
 * gets from main. It reads requests of whoever reaches its socket, so it holds
 * nothing else: no file, no network but that socket, no right to open another.
 */
#include <ev.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/ipc.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/sandbox.h"
#include "server/metrics/http.h"
#include "server/metrics/text.h"

#define ROWS_MAX (8u * 1024 * 1024)
#define ASK_S    5.0 /* main answers in milliseconds, or not at all */

static struct {
	struct ev_loop *loop;
	struct ipc_chan main;
	bool asked;
	uint32_t request;
	uint8_t *rows; /* of the answer that is coming in */
	size_t len;
	ev_timer deadline;
} self;

static void
answer_end(void)
{
	self.asked = false;
	self.len = 0;
	ev_timer_stop(self.loop, &self.deadline);
}

static void
deadline_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop, (void)w, (void)revents;
	answer_end();
	http_figures(NULL, 0);
}

/* One question at a time: who comes meanwhile gets the same answer. */
static void
figures_want(void)
{
	struct ipc_metrics_ask m = { .request = self.request + 1 };

	if (self.asked)
		return;
	self.asked = ipc_send(&self.main, MSG_metrics_ask, &m) == 0;
	self.request++;
	self.len = 0;
	ev_timer_init(&self.deadline, deadline_cb, self.asked ? ASK_S : 0.0, 0.0);
	ev_timer_start(self.loop, &self.deadline);
}

static void
figures_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_metrics_figures *m = msg;
	char *text = NULL;
	size_t text_len = 0;
	FILE *f;
	bool ok;

	(void)owner, (void)fds, (void)nfds;
	if (!self.asked || m->request != self.request || self.len + m->rows.len > ROWS_MAX)
		return;
	if (m->rows.len > 0) {
		self.rows = xrealloc(self.rows, self.len + m->rows.len);
		memcpy(self.rows + self.len, m->rows.data, m->rows.len);
		self.len += m->rows.len;
	}
	if (!m->last)
		return;
	if ((f = open_memstream(&text, &text_len)) == NULL)
		abort();
	ok = metrics_text(self.rows, self.len, f);
	fclose(f);
	answer_end();
	http_figures(ok ? text : NULL, text_len);
	free(text);
}

static void
listen_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	(void)owner, (void)msg;
	if (nfds != 1)
		fatal("metrics_listen without its descriptor");
	if (http_start(self.loop, fds[0], figures_want) != 0)
		fatal("metrics: libmicrohttpd does not start");
}

static const struct ipc_handler main_handlers[] = {
	{ MSG_metrics_listen, listen_handle },
	{ MSG_metrics_figures, figures_handle },
};

static void
main_closed(void *owner, int err)
{
	(void)owner, (void)err;
	_exit(0);
}

/* What serving a socket that is there takes. */
static const int server_calls[] = {
	SCMP_SYS(accept4), SCMP_SYS(getsockname), SCMP_SYS(getsockopt), SCMP_SYS(setsockopt), SCMP_SYS(shutdown),
	SCMP_SYS(epoll_create1), SCMP_SYS(eventfd2), SCMP_SYS(pipe2), SCMP_SYS(listen),
};

static void
enter_sandbox(const struct child_args *args)
{
	const struct sandbox_filter own = { server_calls, sizeof(server_calls) / sizeof(server_calls[0]) };

	if (sandbox_isolate(args) != 0 || sandbox_identity(args) != 0)
		fatal("metrics: cannot give up privileges");
	if (args->sandbox && sandbox_filter((struct sandbox_filter[]){ sandbox_base, own }, 2) != 0)
		fatal("metrics: no seccomp; offhookd.conf: sandbox = false runs without it");
}

int
main(int argc, char **argv)
{
	struct ipc_metrics_ready ready;
	struct child_args args;

	child_args_parse(argc, argv, &args);
	log_init("offhook-metrics", args.debug ? LOG_LVL_DEBUG : LOG_LVL_INFO);
	umask(077);
	self.loop = ev_loop_new(EVBACKEND_EPOLL | EVFLAG_NOENV);
	enter_sandbox(&args);
	ipc_chan_start(&self.main, self.loop, CHILD_CHANNEL_FD, IPC_METRICS, IPC_MAIN, main_handlers,
	    sizeof(main_handlers) / sizeof(main_handlers[0]), main_closed, NULL);
	ready.pid = (uint32_t)getpid();
	ipc_send(&self.main, MSG_metrics_ready, &ready);
	ev_run(self.loop, 0);
	return 0;
}
