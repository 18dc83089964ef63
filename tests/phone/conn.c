/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A connection: TCP, TLS on it, a queue of records to send, and ways to close.
 *
 *	CLOSED --conn_open--> TCP --connected--> TLS --handshake--> UP
 *	any --conn_close--> CLOSED
 *
 * After each event the owner may have closed or even reopened the connection,
 * so the generation is compared before going on.
 */

#include "conn.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <netinet/tcp.h>
#include <openssl/err.h>

#include "tls.h"

#define QUEUE_MAX 512
#define RECORDS_PER_CALLBACK 32
#define FLUSH_MS 200		/* a DISCONNECT waits so long for room in the socket */
#define FAREWELL_S 0.5

struct conn_frame {
	struct conn_frame *next;
	size_t len;
	uint8_t data[];
};

/*
 * A socket that was shut down for writing and waits for the peer's end: closing
 * at once with unread input would reset the connection, and the reset may
 * overtake a DISCONNECT.
 */
struct farewell {
	ev_io io;
	ev_timer timer;
	int fd;
};

static unsigned farewell_count;

static void
farewell_end(struct ev_loop *loop, struct farewell *l)
{
	ev_io_stop(loop, &l->io);
	ev_timer_stop(loop, &l->timer);
	close(l->fd);
	free(l);
	farewell_count--;
}

static void
farewell_io_cb(struct ev_loop *loop, ev_io *w, int revents)
{
	struct farewell *l = CONTAINER_OF(w, struct farewell, io);
	char waste[4096];
	ssize_t n = read(l->fd, waste, sizeof(waste));

	(void)revents;
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		farewell_end(loop, l);
}

static void
farewell_timer_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)revents;
	farewell_end(loop, CONTAINER_OF(w, struct farewell, timer));
}

static void
farewell_start(struct ev_loop *loop, int fd)
{
	struct farewell *l = mem_alloc(sizeof(*l));

	l->fd = fd;
	shutdown(fd, SHUT_WR);
	ev_io_init(&l->io, farewell_io_cb, fd, EV_READ);
	ev_io_start(loop, &l->io);
	ev_timer_init(&l->timer, farewell_timer_cb, FAREWELL_S, 0.);
	ev_timer_start(loop, &l->timer);
	farewell_count++;
}

unsigned
conn_lingering(void)
{
	return farewell_count;
}

static void
conn_want(struct conn *c, int events)
{
	if (ev_is_active(&c->io) && c->io.events == events)
		return;
	ev_io_stop(c->loop, &c->io);
	ev_io_set(&c->io, c->fd, events);
	ev_io_start(c->loop, &c->io);
}

static void
conn_end(struct conn *c, int ret)
{
	char text[256];

	tls_error_text(c->ssl, ret, text, sizeof(text));
	c->event(c->arg, CONN_EVENT_END, text);
}

static void
frame_pop(struct conn *c)
{
	struct conn_frame *f = c->head;

	c->head = f->next;
	if (c->head == NULL)
		c->last = NULL;
	c->queued--;
	free(f);
}

/* Send what can be sent. Returns 1 when all is gone, else the result of SSL_write. */
static int
conn_flush(struct conn *c)
{
	int n;

	while (c->head) {
		ERR_clear_error();
		errno = 0;
		n = SSL_write(c->ssl, c->head->data, (int)c->head->len);
		if (n <= 0)
			return n;
		frame_pop(c);
	}
	return 1;
}

static bool
want_again(const struct conn *c, int ret)
{
	int code = SSL_get_error(c->ssl, ret);

	return code == SSL_ERROR_WANT_READ || code == SSL_ERROR_WANT_WRITE;
}

static void
conn_handshake(struct conn *c)
{
	int n;

	ERR_clear_error();
	errno = 0;
	if ((n = SSL_do_handshake(c->ssl)) != 1) {
		if (!want_again(c, n))
			conn_end(c, n);
		else
			conn_want(c, SSL_want_write(c->ssl) ? EV_WRITE : EV_READ);
		return;
	}
	c->state = CONN_UP;
	conn_want(c, EV_READ);
	c->event(c->arg, CONN_EVENT_TLS, NULL);
}

static void
conn_connected(struct conn *c)
{
	unsigned generation = c->generation;
	int error = 0, one = 1;
	socklen_t len = sizeof(error);

	getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &len);
	if (error != 0) {
		c->event(c->arg, CONN_EVENT_END, strerror(error));
		return;
	}
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	c->state = CONN_TLS;
	c->event(c->arg, CONN_EVENT_TCP, NULL);
	if (c->generation == generation)
		conn_handshake(c);
}

/* Returns false when the connection is no longer ours to touch. */
static bool
conn_read(struct conn *c)
{
	static uint8_t record[16384];
	unsigned generation = c->generation;
	int i, n;

	for (i = 0; i < RECORDS_PER_CALLBACK; i++) {
		ERR_clear_error();
		errno = 0;
		n = SSL_read(c->ssl, record, sizeof(record));
		if (n <= 0) {
			if (want_again(c, n))
				return true;
			conn_end(c, n);
			return false;
		}
		buf_add(&c->in, record, (size_t)n);
		c->event(c->arg, CONN_EVENT_INPUT, NULL);
		if (c->generation != generation)
			return false;
	}
	if (SSL_has_pending(c->ssl))
		ev_feed_event(c->loop, &c->io, EV_READ);
	return true;
}

static void
conn_transfer(struct conn *c)
{
	unsigned generation = c->generation;
	int n = conn_flush(c);

	if (n != 1 && !want_again(c, n)) {
		conn_end(c, n);
		return;
	}
	if (!conn_read(c) || c->generation != generation)
		return;
	conn_want(c, EV_READ | (c->head || SSL_want_write(c->ssl) ? EV_WRITE : 0));
}

static void
conn_io_cb(struct ev_loop *loop, ev_io *w, int revents)
{
	struct conn *c = CONTAINER_OF(w, struct conn, io);

	(void)loop;
	(void)revents;
	if (c->state == CONN_TCP)
		conn_connected(c);
	else if (c->state == CONN_TLS)
		conn_handshake(c);
	else if (c->state == CONN_UP)
		conn_transfer(c);
}

static int
conn_socket(const struct endpoint *to)
{
	int fd = socket(to->addr.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), saved;

	if (fd < 0)
		return -1;
	if (to->local_len && bind(fd, (const struct sockaddr *)&to->local, to->local_len) != 0)
		goto fail;
	if (connect(fd, (const struct sockaddr *)&to->addr, to->addr_len) != 0 && errno != EINPROGRESS)
		goto fail;
	return fd;
fail:
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

int
conn_open(struct conn *c, struct ev_loop *loop, const struct endpoint *to, SSL *ssl, conn_event_fn *event, void *arg)
{
	if ((c->fd = conn_socket(to)) < 0) {
		SSL_free(ssl);
		return errno;
	}
	SSL_set_fd(ssl, c->fd);
	c->loop = loop;
	c->ssl = ssl;
	c->state = CONN_TCP;
	c->generation++;
	c->event = event;
	c->arg = arg;
	ev_io_init(&c->io, conn_io_cb, c->fd, EV_WRITE);
	ev_io_start(loop, &c->io);
	return 0;
}

bool
conn_send(struct conn *c, const void *data, size_t len)
{
	struct conn_frame *f;

	if (c->state != CONN_UP || c->queued >= QUEUE_MAX)
		return false;
	f = mem_alloc(sizeof(*f) + len);
	f->len = len;
	memcpy(f->data, data, len);
	if (c->last)
		c->last->next = f;
	else
		c->head = f;
	c->last = f;
	c->queued++;
	if (conn_flush(c) != 1)
		conn_want(c, EV_READ | EV_WRITE);	/* an error shows there, too */
	return true;
}

static void
conn_drain(struct conn *c)
{
	struct pollfd p = { .fd = c->fd, .events = POLLOUT };
	int64_t until = clock_ms() + FLUSH_MS, left;

	while (conn_flush(c) != 1 && (left = until - clock_ms()) > 0)
		if (poll(&p, 1, (int)left) <= 0)
			return;
}

static void
conn_reset(struct conn *c)
{
	const struct linger now = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(c->fd);
}

void
conn_close(struct conn *c, enum bye how)
{
	if (c->state == CONN_CLOSED)
		return;
	ev_io_stop(c->loop, &c->io);
	if (c->state == CONN_UP && how != BYE_VANISH && how != BYE_ABRUPT) {
		conn_drain(c);
		SSL_shutdown(c->ssl);
		farewell_start(c->loop, c->fd);
	} else if (how == BYE_ABRUPT) {
		conn_reset(c);
	} else if (how != BYE_VANISH) {
		close(c->fd);
	}
	ERR_clear_error();
	SSL_free(c->ssl);
	c->ssl = NULL;
	while (c->head)
		frame_pop(c);
	buf_clear(&c->in);
	c->state = CONN_CLOSED;
	c->generation++;
}
