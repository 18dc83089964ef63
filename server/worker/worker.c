/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/worker/worker.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/log.h"
#include "server/worker/connect.h"
#include "server/worker/lab.h"
#include "server/worker/login.h"
#include "server/worker/tls.h"
#include "server/worker/tls_io.h"
#include "server/worker/tunnel.h"
#include "server/worker/web.h"

#define HANDSHAKE_LIMIT_MS 30000
#define LOGIN_LIMIT_MS     60000 /* protocol.md 1.5 */
#define EXIT_FLUSH_MS      500

uint64_t
worker_now_ms(struct worker *w)
{
	return (uint64_t)(ev_now(w->loop) * 1000);
}

void
worker_log(struct worker *w, unsigned number, const char *arg1, const char *arg2)
{
	struct ipc_worker_log m = { .number = number, .arg1 = arg1, .arg2 = arg2 };

	ipc_send_later(&w->main, MSG_worker_log, &m);
}

void
worker_note(struct worker *w, const char *fmt, ...)
{
	char text[512];
	struct ipc_worker_note m = { .text = text };
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	ipc_send(&w->main, MSG_worker_note, &m);
}

void
worker_exit(struct worker *w)
{
	if (w->handshake_done) {
		gnutls_bye(w->tls, GNUTLS_SHUT_WR);
		if (w->main.loop != NULL)
			worker_log(w, 725007, w->requests == 0 ? "unused" : NULL, NULL); /* main takes it for a phone that refuses us */
	}
	tls_io_flush();
	ipc_flush(&w->main, EXIT_FLUSH_MS);
	/* read what is left, so that the close is no reset that overtakes our last bytes */
	shutdown(w->tcp_fd, SHUT_WR);
	while (recv(w->tcp_fd, (char[4096]){ 0 }, 4096, MSG_DONTWAIT) > 0)
		;
	_exit(0);
}

void
worker_timer_update(struct worker *w)
{
	uint64_t now = worker_now_ms(w), next = w->deadline_ms;

	if (w->state == WORKER_TUNNEL)
		next = tunnel_next_ms(w);
	ev_timer_stop(w->loop, &w->timer);
	if (next == UINT64_MAX)
		return;
	ev_timer_set(&w->timer, next > now ? (double)(next - now) / 1000.0 : 0.0, 0.0);
	ev_timer_start(w->loop, &w->timer);
}

static void
timer_cb(struct ev_loop *loop, ev_timer *watcher, int revents)
{
	struct worker *w = watcher->data;
	uint64_t now = worker_now_ms(w);

	(void)loop;
	(void)revents;
	if (w->state == WORKER_TUNNEL) {
		tunnel_timer(w, now);
	} else if (now >= w->deadline_ms) {
		if (w->state == WORKER_HANDSHAKE && w->heard)
			worker_log(w, 725006, NULL, NULL);
		else if (w->state != WORKER_HANDSHAKE)
			worker_note(w, "no login within %d s", LOGIN_LIMIT_MS / 1000);
		worker_exit(w);
	}
	worker_timer_update(w);
}

static void
handshake_step(struct worker *w)
{
	int r;

	if (!w->heard)
		w->heard = recv(w->tcp_fd, (char[1]){ 0 }, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
	r = tls_handshake(w);
	if (r == ERR_AGAIN) {
		/* GnuTLS may wait to write its flight */
		if (gnutls_record_get_direction(w->tls) == 1)
			ev_io_start(w->loop, &w->tcp_wr);
		else
			ev_io_stop(w->loop, &w->tcp_wr);
		return;
	}
	ev_io_stop(w->loop, &w->tcp_wr);
	if (r != 0)
		worker_exit(w);
	w->state = WORKER_HTTP;
	w->deadline_ms = worker_now_ms(w) + LOGIN_LIMIT_MS;
	worker_timer_update(w);
	web_readable(w); /* the request may have come with the Finished */
}

static void
tcp_readable_cb(struct ev_loop *loop, ev_io *watcher, int revents)
{
	struct worker *w = watcher->data;

	(void)loop;
	(void)revents;
	if (w->state == WORKER_HANDSHAKE)
		handshake_step(w);
	else if (w->state == WORKER_TUNNEL)
		tunnel_readable(w);
	else
		web_readable(w);
}

static void
tcp_writable_cb(struct ev_loop *loop, ev_io *watcher, int revents)
{
	struct worker *w = watcher->data;

	(void)loop;
	(void)revents;
	if (w->state == WORKER_HANDSHAKE)
		handshake_step(w);
	else if (w->state == WORKER_TUNNEL)
		tunnel_writable(w);
	else
		web_writable(w);
}

/* ---- messages of main and certauth ---- */

static void
login_ok_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	(void)fds, (void)nfds;
	login_session(owner, msg);
}

static void
login_no_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	(void)fds, (void)nfds;
	login_denied(owner, msg);
}

static void
session_grant_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	struct worker *w = owner;

	if (nfds != 1 || w->state != WORKER_GRANT || w->connect == NULL)
		fatal("grant that was not asked for");
	connect_granted(w, msg, fds[0]);
}

static void
session_deny_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	(void)fds, (void)nfds;
	connect_denied(owner, msg);
}

static void
session_close_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_session_close *m = msg;
	struct worker *w = owner;

	(void)fds, (void)nfds;
	if (w->state == WORKER_TUNNEL)
		tunnel_close(w, (enum end_reason)m->reason);
	worker_exit(w);
}

static void
forwarder_new_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	struct worker *w = owner;

	(void)msg, (void)fds, (void)nfds;
	if (w->state == WORKER_TUNNEL)
		tunnel_forwarder_new(w);
}

static void
trace_set_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_trace_set *m = msg;
	struct worker *w = owner;

	(void)fds, (void)nfds;
	w->trace = m->level;
}

static void
lab_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	(void)fds, (void)nfds;
	lab_take(owner, msg);
}

static const struct ipc_handler main_handlers[] = {
	{ MSG_lab, lab_handle },
	{ MSG_trace_set, trace_set_handle },
	{ MSG_login_ok, login_ok_handle },
	{ MSG_login_no, login_no_handle },
	{ MSG_session_grant, session_grant_handle },
	{ MSG_session_deny, session_deny_handle },
	{ MSG_session_close, session_close_handle },
	{ MSG_forwarder_new, forwarder_new_handle },
};

static void
auth_result_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	(void)fds, (void)nfds;
	login_auth_result(owner, msg);
}

static const struct ipc_handler auth_handlers[] = {
	{ MSG_auth_result, auth_result_handle },
};

static void
main_closed(void *owner, int err)
{
	(void)owner, (void)err;
	_exit(0);
}

/* certauth died: a login under way fails, a tunnel does not care. */
static void
auth_closed(void *owner, int err)
{
	struct worker *w = owner;

	(void)err;
	if (w->state == WORKER_AUTH)
		web_answer(w, 503, "Service Unavailable", "Retry-After: 5\r\n", NULL, true);
}

void
worker_run(const struct tls_config *config, const struct ipc_child_start *m, int tcp_fd, int main_fd, int auth_fd)
{
	static struct worker worker;
	struct worker *w = &worker;

	w->config = config;
	w->conn_id = m->conn_id;
	snprintf(w->nameif, sizeof(w->nameif), "%s", m->nameif);
	w->local = m->local;
	w->peer = m->peer;
	w->trace = m->trace;
	snprintf(w->lab_trustpoint, sizeof(w->lab_trustpoint), "%s", m->lab_trustpoint);
	w->tcp_fd = tcp_fd;
	w->loop = ev_loop_new(EVBACKEND_POLL | EVFLAG_NOENV | EVFLAG_NOTIMERFD);
	if (w->loop == NULL)
		_exit(1);
	setsockopt(tcp_fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
	ipc_chan_start(&w->main, w->loop, main_fd, IPC_WORKER, IPC_MAIN, main_handlers,
	    sizeof(main_handlers) / sizeof(main_handlers[0]), main_closed, w);
	ipc_chan_start(&w->auth, w->loop, auth_fd, IPC_WORKER, IPC_CERTAUTH, auth_handlers,
	    sizeof(auth_handlers) / sizeof(auth_handlers[0]), auth_closed, w);
	w->deadline_ms = worker_now_ms(w) + HANDSHAKE_LIMIT_MS;
	if (tls_start(w) != 0) {
		worker_note(w, "no handshake: the certificate-auth module gives no answer, or memory is short");
		ipc_flush(&w->main, EXIT_FLUSH_MS);
		_exit(1);
	}
	ev_io_init(&w->tcp_rd, tcp_readable_cb, tcp_fd, EV_READ);
	ev_io_init(&w->tcp_wr, tcp_writable_cb, tcp_fd, EV_WRITE);
	ev_init(&w->timer, timer_cb);
	w->tcp_rd.data = w->tcp_wr.data = w->timer.data = w;
	ev_io_start(w->loop, &w->tcp_rd);
	worker_timer_update(w);
	ev_run(w->loop, 0);
	_exit(0);
}
