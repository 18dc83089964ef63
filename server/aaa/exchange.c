/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/aaa/exchange.h"

#include <errno.h>
#include <gnutls/crypto.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/log.h"
#include "common/mem.h"

#define RUNNING_MAX 64   /* on the wire to one server; its key has 256 ids, but each socket its own */
#define QUEUE_MAX   2048 /* waiting for one server */

struct exchange {
	struct exchange *next; /* in the server's queue */
	struct aaa_server *server;
	enum radius_code code;
	exchange_fill_fn fill;
	exchange_done_fn done;
	void *ctx;

	int fd;                /* -1: in the queue */
	ev_io readable;
	ev_timer timer;
	double began, sent;
	struct radius_request request;
	size_t len;
};

static struct ev_loop *loop_;
static void (*counted_)(struct aaa_server *s);

static void queue_next(struct aaa_server *s);

void
exchange_init(struct ev_loop *loop, void (*counted)(struct aaa_server *s))
{
	loop_ = loop;
	counted_ = counted;
}

/* ---- the end ---- */

static void
wire_leave(struct exchange *x)
{
	if (x->fd < 0)
		return;
	ev_io_stop(loop_, &x->readable);
	close(x->fd);
	x->fd = -1;
	x->server->running--;
}

static void
exchange_free(struct exchange *x)
{
	struct aaa_server *s = x->server;

	ev_timer_stop(loop_, &x->timer);
	wire_leave(x);
	s->stats.pending--;
	explicit_bzero(&x->request, sizeof(x->request));
	free(x);
	counted_(s);
	queue_next(s);
}

static void
exchange_end(struct exchange *x, const uint8_t *reply, size_t len)
{
	exchange_done_fn done = x->done;
	void *ctx = x->ctx;

	x->server->stats.last_at = (uint64_t)time(NULL);
	x->server->stats.last_ok = reply != NULL;
	exchange_free(x);
	done(ctx, reply, len);
}

/* ---- answers ---- */

static void
reply_count(struct exchange *x, const uint8_t *reply)
{
	struct aaa_server *s = x->server;

	s->round_trips_s += ev_now(loop_) - x->sent;
	s->answered++;
	s->stats.round_trip_ms = (uint32_t)(s->round_trips_s * 1000 / s->answered + 0.5);
	if (reply[0] == ACCESS_ACCEPT)
		s->stats.accepts++;
	else if (reply[0] == ACCESS_REJECT)
		s->stats.rejects++;
	else if (reply[0] == ACCESS_CHALLENGE)
		s->stats.challenges++;
}

static bool
code_fits(enum radius_code asked, uint8_t code)
{
	if (asked == ACCOUNTING_REQUEST)
		return code == ACCOUNTING_RESPONSE;
	return code == ACCESS_ACCEPT || code == ACCESS_REJECT || code == ACCESS_CHALLENGE;
}

/* Is it the answer? What is not is counted and forgotten: the right one may still come. */
static bool
reply_good(struct exchange *x, const uint8_t *reply, size_t len)
{
	struct aaa_server *s = x->server;
	bool signed_;

	if (!radius_reply_is(reply, len, x->request.bytes, s->key, &signed_)) {
		if (s->stats.bad_authenticators++ == 0)
			log_warn("an answer of RADIUS server %s does not fit its key", s->name);
		return false;
	}
	if (x->code == ACCESS_REQUEST && s->signs && !signed_) {
		if (s->stats.bad_authenticators++ == 0)
			log_warn("RADIUS server %s has stopped signing its answers: they do not count until \"clear aaa-server statistics\"", s->name);
		return false;
	}
	if (!code_fits(x->code, reply[0])) {
		s->stats.malformed++;
		return false;
	}
	s->signs |= signed_;
	return true;
}

static void
readable_cb(struct ev_loop *loop, ev_io *w, int revents)
{
	struct exchange *x = w->data;
	uint8_t reply[RADIUS_MAX];
	ssize_t n = recv(x->fd, reply, sizeof(reply), MSG_DONTWAIT);

	(void)loop, (void)revents;
	if (n < 0) /* "connection refused" comes this way; it may be only restarting: the timer decides */
		return;
	if (!reply_good(x, reply, (size_t)n))
		return;
	reply_count(x, reply);
	exchange_end(x, reply, (size_t)reply[2] << 8 | reply[3]);
}

/* ---- requests ---- */

static void
timer_after(struct exchange *x, double seconds)
{
	ev_timer_stop(loop_, &x->timer);
	ev_timer_set(&x->timer, seconds > 0 ? seconds : 0, 0.0);
	ev_timer_start(loop_, &x->timer);
}

static void
request_send(struct exchange *x)
{
	double left = x->began + x->server->timeout_s - ev_now(loop_);

	(void)!send(x->fd, x->request.bytes, x->len, MSG_DONTWAIT); /* what is lost is sent again */
	timer_after(x, left < x->server->retry_s ? left : x->server->retry_s);
}

static bool
socket_open(struct exchange *x, struct sockaddr_storage *local)
{
	struct sockaddr_storage to = x->server->addr;
	socklen_t len = to.ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
	uint16_t port = htons(x->code == ACCOUNTING_REQUEST ? x->server->acct_port : x->server->auth_port);

	if (to.ss_family == 0)
		return false;
	if (to.ss_family == AF_INET6)
		((struct sockaddr_in6 *)&to)->sin6_port = port;
	else
		((struct sockaddr_in *)&to)->sin_port = port;
	x->fd = socket(to.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (x->fd >= 0 && connect(x->fd, (struct sockaddr *)&to, len) == 0) {
		len = sizeof(*local);
		getsockname(x->fd, (struct sockaddr *)local, &len);
		return true;
	}
	log_warn("RADIUS server %s: %s", x->server->name, strerror(errno));
	if (x->fd >= 0)
		close(x->fd);
	x->fd = -1;
	return false;
}

static bool
request_make(struct exchange *x, const struct sockaddr_storage *local)
{
	uint8_t random[RADIUS_AUTHENTICATOR + 1];

	if (gnutls_rnd(GNUTLS_RND_NONCE, random, sizeof(random)) < 0)
		fatal("no random numbers");
	radius_begin(&x->request, x->code, random[RADIUS_AUTHENTICATOR], random, x->server->key);
	x->fill(x->ctx, &x->request, local);
	x->len = radius_finish(&x->request);
	return x->len > 0;
}

static void
request_begin(struct exchange *x)
{
	struct sockaddr_storage local = { 0 };
	struct aaa_server *s = x->server;

	if (!socket_open(x, &local)) { /* as a server that is silent, but sooner */
		timer_after(x, 0);
		return;
	}
	s->running++;
	x->began = x->sent = ev_now(loop_);
	ev_io_init(&x->readable, readable_cb, x->fd, EV_READ);
	x->readable.data = x;
	ev_io_start(loop_, &x->readable);
	if (x->code == ACCOUNTING_REQUEST)
		s->stats.acct_requests++;
	else
		s->stats.auth_requests++;
	if (request_make(x, &local))
		request_send(x);
	else
		timer_after(x, 0);
	counted_(s);
}

static void
timer_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct exchange *x = w->data;
	double now = ev_now(loop);

	(void)revents;
	if (x->fd >= 0 && x->len > 0 && now - x->began + 0.001 < x->server->timeout_s) {
		x->server->stats.retransmissions++;
		request_send(x);
		return;
	}
	x->server->stats.timeouts++;
	exchange_end(x, NULL, 0);
}

/* ---- the queue of a server ---- */

static void
queue_next(struct aaa_server *s)
{
	struct exchange *x = s->queue;

	if (x == NULL || s->running >= RUNNING_MAX)
		return;
	s->queue = x->next;
	if (s->queue == NULL)
		s->queue_tail = &s->queue;
	request_begin(x);
}

static void
queue_leave(struct exchange *x)
{
	struct aaa_server *s = x->server;

	for (struct exchange **at = &s->queue; *at != NULL; at = &(*at)->next) {
		if (*at != x)
			continue;
		*at = x->next;
		if (*at == NULL)
			s->queue_tail = at;
		return;
	}
}

struct exchange *
exchange_start(struct aaa_server *s, enum radius_code code, exchange_fill_fn fill, exchange_done_fn done, void *ctx)
{
	struct exchange *x;

	if (s->stats.pending >= QUEUE_MAX)
		return NULL;
	x = xcalloc(1, sizeof(*x));
	x->server = s;
	x->code = code;
	x->fill = fill;
	x->done = done;
	x->ctx = ctx;
	x->fd = -1;
	ev_init(&x->timer, timer_cb);
	x->timer.data = x;
	s->stats.pending++;
	if (s->running < RUNNING_MAX) {
		request_begin(x);
		return x;
	}
	if (s->queue_tail == NULL)
		s->queue_tail = &s->queue;
	*s->queue_tail = x;
	s->queue_tail = &x->next;
	return x;
}

void
exchange_cancel(struct exchange *x)
{
	queue_leave(x);
	exchange_free(x);
}
