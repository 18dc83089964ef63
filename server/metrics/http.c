/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/metrics/http.h"

#include <microhttpd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/err.h"
#include "common/log.h"
#include "common/mem.h"

#define CONNECTIONS_MAX 32
#define SLOW_MAX        16 /* of these that have not asked yet, or read their answer: one more costs the oldest its place */
#define IDLE_S          15
#define MEMORY_BYTES    16384 /* of a connection: heads are small */

/* A request that waits for figures; it lives from its first call to its end. */
struct request {
	struct request *next;
	struct MHD_Connection *connection;
	bool answered;
	struct MHD_Response *response; /* NULL: there are none */
};

/* A connection. */
struct client {
	struct client *next;
	struct MHD_Connection *connection;
	bool dismissed;
};

static struct {
	struct ev_loop *loop;
	struct MHD_Daemon *daemon;
	ev_io io;
	ev_timer timer;
	ev_prepare before; /* of each wait: when does the library want to be called? */
	void (*want)(void);
	struct request *waiting;
	struct client *clients; /* in the order in which they came */
} self;

/* ---- connections ---- */

/* Neither does it wait for us, nor was it told to go. */
static bool
client_slow(const struct client *c)
{
	const struct request *q = self.waiting;

	while (q != NULL && q->connection != c->connection)
		q = q->next;
	return q == NULL && !c->dismissed;
}

/* A request and its answer take milliseconds: the oldest of many sends or reads a byte now and then. */
static void
clients_limit(void)
{
	struct client *oldest = NULL;
	unsigned slow = 0;

	for (struct client *c = self.clients; c != NULL; c = c->next) {
		if (!client_slow(c))
			continue;
		oldest = oldest != NULL ? oldest : c;
		slow++;
	}
	if (slow <= SLOW_MAX)
		return;
	oldest->dismissed = true;
	shutdown(MHD_get_connection_info(oldest->connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd, SHUT_RDWR);
}

static void
client_add(struct MHD_Connection *connection, void **state)
{
	struct client **at = &self.clients, *c = xcalloc(1, sizeof(*c));

	while (*at != NULL)
		at = &(*at)->next;
	c->connection = connection;
	*at = *state = c;
	clients_limit();
}

static void
client_remove(struct client *c)
{
	struct client **at = &self.clients;

	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	free(c);
}

static void
connection_cb(void *ctx, struct MHD_Connection *c, void **state, enum MHD_ConnectionNotificationCode what)
{
	(void)ctx;
	if (what == MHD_CONNECTION_NOTIFY_STARTED)
		client_add(c, state);
	else
		client_remove(*state);
}

/* ---- requests ---- */

static enum MHD_Result
text_answer(struct MHD_Connection *c, unsigned status, const char *text, const char *header, const char *value)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(strlen(text), (void *)(uintptr_t)text, MHD_RESPMEM_PERSISTENT);
	enum MHD_Result result;

	if (r == NULL)
		return MHD_NO;
	MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, "text/plain; charset=utf-8");
	if (header != NULL)
		MHD_add_response_header(r, header, value);
	result = MHD_queue_response(c, status, r);
	MHD_destroy_response(r);
	return result;
}

static enum MHD_Result
request_wait(struct MHD_Connection *c, void **state)
{
	struct request *q = xcalloc(1, sizeof(*q));

	q->connection = c;
	q->next = self.waiting;
	self.waiting = q;
	*state = q;
	MHD_suspend_connection(c);
	self.want();
	return MHD_YES;
}

static enum MHD_Result
request_answer(struct request *q)
{
	if (!q->answered)
		return MHD_YES;
	if (q->response == NULL)
		return text_answer(q->connection, MHD_HTTP_SERVICE_UNAVAILABLE, "offhookd does not answer\n", "Retry-After", "5");
	return MHD_queue_response(q->connection, MHD_HTTP_OK, q->response);
}

static enum MHD_Result
request_cb(void *ctx, struct MHD_Connection *c, const char *url, const char *method, const char *version, const char *upload,
    size_t *upload_size, void **state)
{
	(void)ctx, (void)version, (void)upload;
	if (*state != NULL)
		return request_answer(*state);
	if (*upload_size > 0 || (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0))
		return text_answer(c, MHD_HTTP_METHOD_NOT_ALLOWED, "GET\n", MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	if (strcmp(url, "/metrics") != 0)
		return text_answer(c, MHD_HTTP_NOT_FOUND, "GET /metrics\n", NULL, NULL);
	return request_wait(c, state);
}

static void
request_end_cb(void *ctx, struct MHD_Connection *c, void **state, enum MHD_RequestTerminationCode code)
{
	struct request *q = *state;

	(void)ctx, (void)c, (void)code;
	if (q == NULL)
		return;
	for (struct request **at = &self.waiting; *at != NULL; at = &(*at)->next) {
		if (*at == q) {
			*at = q->next;
			break;
		}
	}
	if (q->response != NULL)
		MHD_destroy_response(q->response);
	free(q);
	*state = NULL;
}

static unsigned
connections(void)
{
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(self.daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);

	return info != NULL ? info->num_connections : 0;
}

/* At its limit the library stops listening, and goes on only in the run behind the one in which somebody left. */
static void
run(void)
{
	unsigned before;

	do {
		before = connections();
		if (MHD_run(self.daemon) != MHD_YES)
			fatal("metrics: libmicrohttpd fails");
	} while (before >= CONNECTIONS_MAX && connections() < before);
}

void
http_figures(const char *text, size_t len)
{
	struct request *q;

	while ((q = self.waiting) != NULL) {
		self.waiting = q->next;
		q->answered = true;
		if (text != NULL)
			q->response = MHD_create_response_from_buffer(len, (void *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY);
		if (q->response != NULL) {
			MHD_add_response_header(q->response, MHD_HTTP_HEADER_CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8");
			MHD_add_response_header(q->response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
		}
		MHD_resume_connection(q->connection);
	}
	run();
}

/* ---- in the event loop ---- */

static void
readable_cb(struct ev_loop *loop, ev_io *w, int revents)
{
	(void)loop, (void)w, (void)revents;
	run();
}

static void
timer_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop, (void)w, (void)revents;
	run();
}

static void
before_cb(struct ev_loop *loop, ev_prepare *w, int revents)
{
	MHD_UNSIGNED_LONG_LONG ms;

	(void)w, (void)revents;
	ev_timer_stop(loop, &self.timer);
	if (MHD_get_timeout(self.daemon, &ms) != MHD_YES)
		return;
	ev_timer_set(&self.timer, (double)ms / 1000.0, 0.0);
	ev_timer_start(loop, &self.timer);
}

static void
complain(void *ctx, const char *fmt, va_list ap)
{
	char text[256];

	(void)ctx;
	vsnprintf(text, sizeof(text), fmt, ap);
	text[strcspn(text, "\n")] = '\0';
	log_debug("libmicrohttpd: %s", text);
}

int
http_start(struct ev_loop *loop, int fd, void (*want)(void))
{
	const union MHD_DaemonInfo *info;

	self.loop = loop;
	self.want = want;
	self.daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, NULL, NULL, request_cb,
	    NULL, MHD_OPTION_EXTERNAL_LOGGER, complain, NULL, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
	    (unsigned)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
	    (size_t)MEMORY_BYTES, MHD_OPTION_NOTIFY_COMPLETED, request_end_cb, NULL, MHD_OPTION_NOTIFY_CONNECTION, connection_cb, NULL,
	    MHD_OPTION_END);
	info = self.daemon != NULL ? MHD_get_daemon_info(self.daemon, MHD_DAEMON_INFO_EPOLL_FD) : NULL;
	if (info == NULL)
		return ERR_SYSTEM;
	ev_io_init(&self.io, readable_cb, info->epoll_fd, EV_READ);
	ev_io_start(loop, &self.io);
	ev_init(&self.timer, timer_cb);
	ev_prepare_init(&self.before, before_cb);
	ev_prepare_start(loop, &self.before);
	return 0;
}
