/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/main/log_host.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/addr.h"
#include "common/mem.h"
#include "server/main/daemon.h"

#define PORT_UDP     514
#define PORT_TCP     1470
#define RETRY_S      5.0
#define QUEUE_BYTES  (256 * 1024) /* of a TCP server that is slow or away */
#define LINE_BYTES   2200

struct log_host {
	struct log_host *next;
	char *nameif, *address;
	bool tcp;
	uint16_t port;
	int fd; /* -1: not open */
	bool connecting, wanted;
	ev_io io;
	ev_timer retry;
	char *queue;
	size_t queued;
	uint64_t sent, errors, dropped;
};

static struct log_host *hosts;

static void
host_close(struct log_host *h)
{
	ev_io_stop(daemon_.loop, &h->io);
	if (h->fd >= 0)
		close(h->fd);
	h->fd = -1;
	h->connecting = false;
}

static void
host_failed(struct log_host *h)
{
	h->errors++;
	host_close(h);
	if (h->tcp && !ev_is_active(&h->retry)) {
		ev_timer_set(&h->retry, RETRY_S, 0.0);
		ev_timer_start(daemon_.loop, &h->retry);
	}
}

/* Send what is queued. What the server says is never read: its end shows at the next send. */
static void
queue_send(struct log_host *h)
{
	ssize_t n = send(h->fd, h->queue, h->queued, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		host_failed(h);
		return;
	}
	if (n > 0) {
		h->queued -= (size_t)n;
		memmove(h->queue, h->queue + n, h->queued);
	}
	if (h->queued == 0)
		ev_io_stop(daemon_.loop, &h->io);
	else
		ev_io_start(daemon_.loop, &h->io);
}

static void
writable_cb(struct ev_loop *loop, ev_io *w, int revents)
{
	struct log_host *h = w->data;
	socklen_t len = sizeof(int);
	int err = 0;

	(void)loop, (void)revents;
	if (h->connecting) {
		if (getsockopt(h->fd, SOL_SOCKET, SO_ERROR, &err, &len) != 0 || err != 0) {
			host_failed(h);
			return;
		}
		h->connecting = false;
	}
	queue_send(h);
}

/* A UDP socket is connected, too, so that a refusal is counted. */
static void
host_open(struct log_host *h)
{
	struct sockaddr_storage ss;
	struct addr a;
	socklen_t len;

	if (!addr_parse(h->address, h->port, &a))
		return;
	len = addr_to_sockaddr(&a, &ss);
	h->fd = socket(ss.ss_family, (h->tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (h->fd < 0 || (connect(h->fd, (struct sockaddr *)&ss, len) != 0 && errno != EINPROGRESS)) {
		host_failed(h);
		return;
	}
	h->connecting = h->tcp;
	if (h->tcp) {
		ev_io_set(&h->io, h->fd, EV_WRITE);
		ev_io_start(daemon_.loop, &h->io);
	}
}

static void
retry_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct log_host *h = w->data;

	(void)loop, (void)revents;
	if (h->fd < 0)
		host_open(h);
}

/* ---- configuration ---- */

static struct log_host *
host_find(const struct cfg_log_host *c, uint16_t port)
{
	struct log_host *h = hosts;

	while (h != NULL && (strcmp(h->address, c->address) != 0 || h->tcp != c->tcp || h->port != port))
		h = h->next;
	return h;
}

static struct log_host *
host_add(const struct cfg_log_host *c, uint16_t port)
{
	struct log_host *h = xcalloc(1, sizeof(*h)), **at = &hosts;

	h->nameif = xstrdup(c->nameif);
	h->address = xstrdup(c->address);
	h->tcp = c->tcp;
	h->port = port;
	h->fd = -1;
	ev_init(&h->io, writable_cb);
	ev_init(&h->retry, retry_cb);
	h->io.data = h->retry.data = h;
	while (*at != NULL)
		at = &(*at)->next;
	*at = h;
	host_open(h);
	return h;
}

static void
host_free(struct log_host *h)
{
	host_close(h);
	ev_timer_stop(daemon_.loop, &h->retry);
	free(h->nameif);
	free(h->address);
	free(h->queue);
	free(h);
}

void
log_host_configure(const struct cfg_logging *cfg)
{
	for (struct log_host *h = hosts; h != NULL; h = h->next)
		h->wanted = false;
	for (const struct cfg_log_host *c = cfg->hosts; c != NULL; c = c->next) {
		uint16_t port = c->port != 0 ? c->port : c->tcp ? PORT_TCP : PORT_UDP;
		struct log_host *h = host_find(c, port);

		if (h == NULL)
			h = host_add(c, port);
		h->wanted = true;
	}
	for (struct log_host **at = &hosts; *at != NULL;) {
		struct log_host *h = *at;

		if (h->wanted) {
			at = &h->next;
			continue;
		}
		*at = h->next;
		host_free(h);
	}
}

bool
log_host_any(void)
{
	return hosts != NULL;
}

/* ---- sending ---- */

static void
tcp_send(struct log_host *h, const char *text, size_t len)
{
	if (h->queued + len + 1 > QUEUE_BYTES) {
		h->dropped++;
		return;
	}
	if (h->queue == NULL)
		h->queue = xmalloc(QUEUE_BYTES);
	memcpy(h->queue + h->queued, text, len);
	h->queue[h->queued + len] = '\n';
	h->queued += len + 1;
	h->sent++;
	if (h->fd < 0 && !ev_is_active(&h->retry))
		host_open(h);
	else if (h->fd >= 0 && !h->connecting && !ev_is_active(&h->io))
		queue_send(h);
}

static void
udp_send(struct log_host *h, const char *text, size_t len)
{
	if (h->fd < 0)
		host_open(h);
	if (h->fd >= 0 && send(h->fd, text, len, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)len)
		h->sent++;
	else if (errno == EAGAIN)
		h->dropped++;
	else
		h->errors++; /* a refusal that an earlier datagram met, mostly */
}

void
log_host_send(unsigned pri, const char *line)
{
	char text[LINE_BYTES];
	int len = snprintf(text, sizeof(text), "<%u>%s", pri, line);

	if (len < 0 || (size_t)len >= sizeof(text))
		return;
	for (struct log_host *h = hosts; h != NULL; h = h->next) {
		if (h->tcp)
			tcp_send(h, text, (size_t)len);
		else
			udp_send(h, text, (size_t)len);
	}
}

bool
log_host_info(unsigned n, struct log_host_info *out)
{
	const struct log_host *h = hosts;

	while (h != NULL && n-- > 0)
		h = h->next;
	if (h == NULL)
		return false;
	*out = (struct log_host_info){ h->nameif, h->address, h->tcp, h->port, h->sent, h->errors, h->dropped };
	return true;
}
