/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/main/conn.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/log.h"
#include "common/mem.h"
#include "server/main/asalog.h"
#include "server/main/asalog_series.h"
#include "server/main/daemon.h"
#include "server/main/lab.h"
#include "server/main/problem.h"
#include "server/main/session.h"
#include "server/main/tally.h"
#include "server/main/trace.h"

#define BUCKETS            16384
#define LOGIN_CONNS_MAX    4096 /* connections without a tunnel */
#define WORKER_TRACES_MAX 20000 /* events of one worker in a minute that are taken */
#define WORKER_LINES_MAX   200  /* messages of one worker in a minute before it counts as hostile */
#define WORKER_LINES_S     60.0
#define TUNNEL_LIMIT_S     120.0 /* from accept to a tunnel; a worker itself ends after 90 s */
#define ENDING_LIMIT_S     10.0  /* for a worker that was told to end, or said so itself */

static struct conn *conns, *buckets[BUCKETS];
#define NO_URL "no group-url matches " /* what a worker says of a URL, the URL behind it */

static unsigned count, most, login_count;
static uint64_t last_id;

struct conn *
conn_find(uint64_t id)
{
	struct conn *c = buckets[id % BUCKETS];

	while (c != NULL && c->id != id)
		c = c->hash_next;
	return c;
}

struct session *
conn_session(const struct conn *c)
{
	return c->session != NULL ? c->session : c->login;
}

unsigned
conn_count(void)
{
	return count;
}

unsigned
conn_most(void)
{
	return most;
}

void
conn_belong(struct conn *c, struct session *login, struct session *session)
{
	struct session *s = session != NULL ? session : login;

	if (conn_session(c) != NULL)
		LIST_REMOVE(c, of_session);
	c->login = login;
	c->session = session;
	if (s != NULL)
		LIST_INSERT_HEAD(&s->conns, c, of_session);
}

static void
conn_unlink(struct conn *c)
{
	struct conn **at;

	for (at = &buckets[c->id % BUCKETS]; *at != NULL; at = &(*at)->hash_next) {
		if (*at == c) {
			*at = c->hash_next;
			break;
		}
	}
	if (c->prev != NULL)
		c->prev->next = c->next;
	else
		conns = c->next;
	if (c->next != NULL)
		c->next->prev = c->prev;
	count--;
}

/* The worker is gone, or its channel is of no more use. */
static void
conn_free(struct conn *c)
{
	ipc_chan_stop(&c->chan);
	ev_timer_stop(daemon_.loop, &c->deadline);
	trace_over(c);
	if (c->session != NULL)
		session_tunnel_end(c, END_TRANSPORT_CLOSING);
	else if (!c->ending)
		login_count--;
	if (c->grant_fd >= 0)
		close(c->grant_fd);
	conn_belong(c, NULL, NULL);
	conn_unlink(c);
	admission_end(&c->turn);
	free(c);
}

static void
conn_closed(void *owner, int err)
{
	struct conn *c = owner;
	struct ipc_child_kill m = { .conn_id = c->id };

	if (err == ERR_BAD_MESSAGE)
		log_warn("worker of %s port %u breaks the protocol and is ended", addr_ip_str(&c->peer, (char[ADDR_STR]){ 0 }),
		    c->peer.port);
	/* it has exited, as a rule; one that only closed its channel must not live on, uncounted */
	ipc_send(&daemon_.spawner, MSG_child_kill, &m);
	conn_free(c);
}

void
conn_accused(uint64_t id, const struct addr *peer, const char *why)
{
	struct ipc_child_kill m = { .conn_id = id };
	struct conn *c = conn_find(id);

	log_warn("worker of %s port %u is ended: %s", addr_ip_str(peer, (char[ADDR_STR]){ 0 }), peer->port, why);
	ipc_send(&daemon_.spawner, MSG_child_kill, &m);
	if (c != NULL)
		conn_free(c);
}

void
conn_kill(struct conn *c, const char *why)
{
	conn_accused(c->id, &c->peer, why);
}

/* An honest worker keeps its own time; these limits are for the others. */
static void
deadline_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct conn *c = w->data;

	(void)loop;
	(void)revents;
	conn_kill(c, c->ending ? "it does not end" : "it has no tunnel after all this time");
}

static void
deadline_set(struct conn *c, double seconds)
{
	ev_timer_stop(daemon_.loop, &c->deadline);
	ev_timer_set(&c->deadline, seconds, 0.0);
	ev_timer_start(daemon_.loop, &c->deadline);
}

void
conn_grant(struct conn *c, struct session *s, int forwarder_fd)
{
	if (c->session == NULL && !c->ending)
		login_count--;
	conn_belong(c, NULL, s);
	c->grant_fd = forwarder_fd;
	c->chan.phase = PH_TUNNEL;
	trace_known(c);
}

void
conn_forget_session(const struct session *s)
{
	struct conn *c;

	while ((c = LIST_FIRST(&s->conns)) != NULL) {
		if (c->session == s)
			conn_close(c, END_ADMIN_RESET);
		else
			conn_belong(c, NULL, NULL);
	}
}

void
conn_close(struct conn *c, enum end_reason reason)
{
	struct ipc_session_close m = { .reason = (uint8_t)reason };

	if (!c->ending && c->session == NULL)
		login_count--;
	conn_belong(c, NULL, NULL);
	c->ending = true;
	deadline_set(c, ENDING_LIMIT_S);
	ipc_send(&c->chan, MSG_session_close, &m);
}

void
conn_close_all(enum end_reason reason)
{
	struct conn *next;

	for (struct conn *c = conns; c != NULL; c = next) {
		next = c->next;
		if (!c->ending)
			conn_close(c, reason);
	}
}

void
conn_worker_exited(uint64_t id, uint32_t status)
{
	struct conn *c = conn_find(id);

	if (WIFSIGNALED(status))
		tally_.worker_crashes += WTERMSIG(status) != SIGKILL;
	if (WIFSIGNALED(status))
		log_err("a worker died of signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status) != 0)
		log_err("a worker ended with status %d", WEXITSTATUS(status));
	(void)c; /* its channel says so too, after its last words */
}

/* ---- what a worker says; its phase was checked, its sense is checked here ---- */

/* False: the worker talks too much and was ended. */
static bool
line_allowed(struct conn *c)
{
	double now = ev_now(daemon_.loop);

	if (now - c->messages_since > WORKER_LINES_S) {
		c->messages_since = now;
		c->messages = 0;
	}
	if (++c->messages <= WORKER_LINES_MAX)
		return true;
	conn_kill(c, "too many messages");
	return false;
}

/* Once for a connection, whatever its worker says. */
static void
handshake_count(struct conn *c, unsigned number)
{
	if (c->handshake_at != 0 || (number != 725002 && number != 725006))
		return;
	c->handshake_at = ev_now(daemon_.loop);
	if (number == 725002)
		tally_handshake(c->handshake_at - c->accepted_at);
	else
		tally_.handshakes_failed++;
}

static void
worker_log_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_worker_log *m = msg;
	struct conn *c = owner;

	(void)fds, (void)nfds;
	if (!line_allowed(c) || !asalog_allowed(m->number, FROM_WORKER))
		return;
	asalog(m->number, c, NULL, m->arg1, m->arg2, m->arg3, NULL);
	handshake_count(c, m->number);
	if (m->number == 716039)
		tally_refused(LOGIN_NO_CERTIFICATE);
	if (m->number == 725001) { /* with what the hello offers */
		asalog_support(c, m->arg1);
		asalog_proposal(c, m->arg2);
		asalog(725021, c, NULL, "server", NULL, NULL, NULL); /* always */
	}
}

static void
worker_note_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_worker_note *m = msg;
	struct conn *c = owner;

	(void)fds, (void)nfds;
	if (!line_allowed(c))
		return;
	if (strncmp(m->text, NO_URL, sizeof(NO_URL) - 1) == 0)
		problem_note(PROBLEM_URL, &c->peer, m->text + sizeof(NO_URL) - 1, "");
	log_warn("%s port %u: %s", addr_ip_str(&c->peer, (char[ADDR_STR]){ 0 }), c->peer.port, m->text);
}

/* Only what was asked for; a busy tunnel has much to tell. */
static void
worker_trace_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_worker_trace *m = msg;
	struct conn *c = owner;

	(void)fds, (void)nfds;
	if (c->trace == 0 || m->level > c->trace) {
		line_allowed(c); /* counts towards its end */
		return;
	}
	if (ev_now(daemon_.loop) - c->traces_since > 60) {
		c->traces_since = ev_now(daemon_.loop);
		c->traces = 0;
	}
	if (++c->traces <= WORKER_TRACES_MAX)
		trace_take(c, m);
}

static void
session_logout_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_session_logout *m = msg;

	(void)owner, (void)fds, (void)nfds;
	session_logout(m->cookie);
}

static void
session_ask_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_session_ask *m = msg;
	struct conn *c = owner;

	(void)fds, (void)nfds;
	if (!line_allowed(c) || c->ending)
		return;
	if (suite_by_id(m->tls_suite) == NULL || m->tls_version > SUITE_TLS13)
		conn_kill(c, "a TLS suite that does not exist");
	else
		session_connect(c, m);
}

static void
session_bind_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_session_bind *m = msg;
	struct conn *c = owner;

	(void)fds, (void)nfds;
	if (line_allowed(c) && c->session != NULL && c->grant_fd >= 0)
		session_bind(c, m->mtu_bytes);
}

static enum compression
compression_of(unsigned said)
{
	return said < COMPRESSION_COUNT ? (enum compression)said : COMPRESSION_NONE;
}

static void
session_up_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_session_up *m = msg;
	struct conn *c = owner;

	(void)fds, (void)nfds;
	if (!line_allowed(c) || c->session == NULL || c->session->conn != c)
		return;
	ev_timer_stop(daemon_.loop, &c->deadline);
	admission_end(&c->turn);
	c->session->rtt_us = m->rtt_us;
	session_up(c, compression_of(m->compression));
}

static void
dtls_up_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_dtls_up *m = msg;
	const struct suite *suite = suite_by_id(m->suite);
	struct conn *c = owner;

	(void)fds, (void)nfds;
	if (!line_allowed(c) || c->session == NULL || c->session->conn != c)
		return;
	if (suite == NULL || (m->version != SUITE_DTLS10 && m->version != SUITE_DTLS12)) {
		conn_kill(c, "a DTLS suite that does not exist");
		return;
	}
	c->session->rtt_us = m->rtt_us;
	session_dtls_up(c, suite, (enum suite_version)m->version, compression_of(m->compression));
}

static void
dtls_down_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_dtls_down *m = msg;
	struct conn *c = owner;

	(void)fds, (void)nfds;
	if (!line_allowed(c) || c->session == NULL || c->session->conn != c)
		return;
	if (m->reason != DTLS_DOWN_LOST)
		session_dtls_failed(c, m->reason == DTLS_DOWN_FAILED);
	else
		session_dtls_down(c);
}

static void
session_end_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_session_end *m = msg;
	struct conn *c = owner;

	(void)fds, (void)nfds;
	if (!line_allowed(c) || c->session == NULL)
		return;
	/* what only main may decide is not a worker's to say */
	if (m->reason >= END_COUNT || m->reason == END_ADMIN_RESET || m->reason == END_ADMIN_SHUTDOWN)
		session_tunnel_end(c, END_TRANSPORT_CLOSING);
	else
		session_tunnel_end(c, (enum end_reason)m->reason);
	conn_belong(c, NULL, NULL);
	c->ending = true;
	deadline_set(c, ENDING_LIMIT_S);
}

static const struct ipc_handler handlers[] = {
	{ MSG_worker_log, worker_log_handle },
	{ MSG_worker_note, worker_note_handle },
	{ MSG_worker_trace, worker_trace_handle },
	{ MSG_session_ask, session_ask_handle },
	{ MSG_session_logout, session_logout_handle },
	{ MSG_session_bind, session_bind_handle },
	{ MSG_session_up, session_up_handle },
	{ MSG_dtls_up, dtls_up_handle },
	{ MSG_dtls_down, dtls_down_handle },
	{ MSG_session_end, session_end_handle },
};

void
conns_trace(void)
{
	for (struct conn *c = conns; c != NULL; c = c->next) {
		struct ipc_trace_set m = { .level = (uint8_t)trace_level(&c->peer) };

		if (c->trace == m.level)
			continue;
		c->trace = c->trace > m.level ? c->trace : m.level; /* what is under way still comes */
		ipc_send(&c->chan, MSG_trace_set, &m);
	}
}

/* Channels to certauth and to the new worker; *main_fd is ours. */
static bool
worker_start(struct conn *c, int tcp_fd, int *main_fd)
{
	struct ipc_child_start start = { .conn_id = c->id, .nameif = c->nameif, .local = c->local, .peer = c->peer,
		.trace = c->trace, .lab_trustpoint = lab_trustpoint_take() };
	struct ipc_auth_conn auth = { .conn_id = c->id, .nameif = c->nameif, .peer = c->peer };
	int m[2], a[2];
	bool ok;

	if (ipc_pair(m) != 0)
		return false;
	if (ipc_pair(a) != 0) {
		close(m[0]);
		close(m[1]);
		return false;
	}
	ok = ipc_send_fds(&daemon_.certauth, MSG_auth_conn, &auth, &a[0], 1) == 0 &&
	    ipc_send_fds(&daemon_.spawner, MSG_child_start, &start, (int[]){ tcp_fd, m[1], a[1] }, 3) == 0;
	close(a[0]);
	close(a[1]);
	close(m[1]);
	*main_fd = m[0];
	if (!ok)
		close(m[0]);
	return ok;
}

void
conn_accept(int fd, const char *nameif, const struct addr *local, const struct addr *peer)
{
	struct conn *c;
	int main_fd;

	if (login_count >= LOGIN_CONNS_MAX) {
		asalog(725025, NULL, NULL, NULL, NULL, NULL, NULL);
		tally_.connections_refused++;
		close(fd);
		return;
	}
	c = xcalloc(1, sizeof(*c));
	c->id = ++last_id;
	c->accepted_at = ev_now(daemon_.loop);
	c->grant_fd = -1;
	snprintf(c->nameif, sizeof(c->nameif), "%s", nameif);
	c->local = *local;
	c->peer = *peer;
	c->trace = (uint8_t)trace_level(peer);
	if (!worker_start(c, fd, &main_fd)) {
		log_err("no worker for a connection");
		tally_.connections_refused++;
		close(fd);
		free(c);
		return;
	}
	close(fd);
	ipc_chan_start(&c->chan, daemon_.loop, main_fd, IPC_MAIN, IPC_WORKER, handlers,
	    sizeof(handlers) / sizeof(handlers[0]), conn_closed, c);
	c->chan.phase = PH_NEW;
	ev_init(&c->deadline, deadline_cb);
	c->deadline.data = c;
	deadline_set(c, TUNNEL_LIMIT_S);
	c->hash_next = buckets[c->id % BUCKETS];
	buckets[c->id % BUCKETS] = c;
	c->next = conns;
	if (conns != NULL)
		conns->prev = c;
	conns = c;
	if (++count > most)
		most = count;
	login_count++;
	admission_begin(&c->turn);
	tally_.connections_accepted++;
}
