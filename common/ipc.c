/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Channels: receiving with all checks before a handler runs, sending through a bounded queue. */
#include "common/ipc.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/ipc_codec.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/pages.h"

#define QUEUE_MAX_BYTES (1024 * 1024)
#define MESSAGES_PER_CALL 32

struct ipc_out {
	struct ipc_out *next;
	size_t len;
	int nfds;
	int fds[IPC_FDS_MAX];
	unsigned char bytes[];
};

/* One buffer per process: every process runs one loop in one thread. */
static unsigned char scratch[IPC_MAX] PAGE_ALIGNED;
static unsigned char rx_bytes[IPC_MAX] PAGE_ALIGNED;

static void
out_free(struct ipc_out *o)
{
	for (int i = 0; i < o->nfds; i++)
		close(o->fds[i]);
	explicit_bzero(o->bytes, o->len); /* passphrases and cookies pass through here */
	free(o);
}

static int
wire_send(int fd, const void *data, size_t len, const int *fds, int nfds)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int) * IPC_FDS_MAX)];
		struct cmsghdr align;
	} control;
	struct iovec iov = { (void *)(uintptr_t)data, len };
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (nfds > 0) {
		struct cmsghdr *c;

		memset(&control, 0, sizeof(control));
		mh.msg_control = control.bytes;
		mh.msg_controllen = CMSG_SPACE(sizeof(int) * (size_t)nfds);
		c = CMSG_FIRSTHDR(&mh);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int) * (size_t)nfds);
		memcpy(CMSG_DATA(c), fds, sizeof(int) * (size_t)nfds);
	}
	if (sendmsg(fd, &mh, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0)
		return 0;
	if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR || errno == ENOBUFS)
		return ERR_AGAIN;
	return errno == EPIPE || errno == ECONNRESET ? ERR_CLOSED : ERR_SYSTEM;
}

/* Length > 0, ERR_AGAIN, ERR_CLOSED, ERR_BAD_MESSAGE (truncated or unwanted descriptors). */
static int
wire_receive(int fd, bool takes_fds, void *buf, int *fds, int *nfds)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int) * IPC_FDS_MAX)];
		struct cmsghdr align;
	} control;
	struct iovec iov = { buf, IPC_MAX };
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n;

	*nfds = 0;
	if (takes_fds) {
		mh.msg_control = control.bytes;
		mh.msg_controllen = CMSG_LEN(sizeof(int) * IPC_FDS_MAX); /* not the padding: it holds one more */
	}
	n = recvmsg(fd, &mh, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
		return ERR_AGAIN;
	if (n <= 0)
		return ERR_CLOSED;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&mh); c != NULL && takes_fds; c = CMSG_NXTHDR(&mh, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		*nfds = (int)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
		memcpy(fds, CMSG_DATA(c), sizeof(int) * (size_t)*nfds);
	}
	/* with no control buffer the kernel drops descriptors and sets MSG_CTRUNC */
	if ((mh.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) {
		for (int i = 0; i < *nfds; i++)
			close(fds[i]);
		*nfds = 0;
		return ERR_BAD_MESSAGE;
	}
	return (int)n;
}

static const struct ipc_handler *
handler_find(const struct ipc_chan *c, enum ipc_id id)
{
	for (size_t i = 0; i < c->handler_count; i++) {
		if (c->handlers[i].id == id)
			return &c->handlers[i];
	}
	return NULL;
}

/* Version, direction and phase; the codec has checked the lengths. */
static int
message_check(const struct ipc_chan *c, enum ipc_id id)
{
	const struct ipc_desc *d = ipc_desc(id);

	if (d->from != c->peer || d->to != c->self || (d->phase & c->phase) == 0)
		return ERR_BAD_MESSAGE;
	return 0;
}

static void
chan_close(struct ipc_chan *c, int err)
{
	void (*on_close)(void *, int) = c->on_close;
	void *owner = c->owner;

	ipc_chan_stop(c);
	if (on_close != NULL)
		on_close(owner, err);
}

/* Take one message and run its handler. 0, ERR_AGAIN, or the reason to close. */
static int
chan_receive_one(struct ipc_chan *c)
{
	const struct ipc_handler *h;
	union ipc_any msg;
	enum ipc_id id;
	int fds[IPC_FDS_MAX], nfds, len, r;

	if ((len = wire_receive(c->fd, c->takes_fds, rx_bytes, fds, &nfds)) < 0)
		return len;
	if ((r = ipc_decode(rx_bytes, (size_t)len, &id, &msg)) == 0)
		r = message_check(c, id);
	h = r == 0 ? handler_find(c, id) : NULL;
	if (h == NULL) {
		log_debug("message %u (%s) of %d bytes is refused", rx_bytes[0] << 8 | rx_bytes[1],
		    ipc_name((enum ipc_id)(rx_bytes[0] << 8 | rx_bytes[1])), len);
		for (int i = 0; i < nfds; i++)
			close(fds[i]);
		return ERR_BAD_MESSAGE;
	}
	h->fn(c->owner, &msg, fds, nfds);
	return 0;
}

static void
chan_read_cb(struct ev_loop *loop, ev_io *w, int revents)
{
	struct ipc_chan *c = w->data;
	bool freed = false;
	int r = 0;

	(void)loop;
	(void)revents;
	c->freed = &freed;
	for (int i = 0; i < MESSAGES_PER_CALL && r == 0; i++) {
		r = chan_receive_one(c);
		if (freed)
			return;
	}
	c->freed = NULL;
	if (r != 0 && r != ERR_AGAIN)
		chan_close(c, r);
}

static int
chan_write_some(struct ipc_chan *c)
{
	struct ipc_out *o;

	while ((o = c->out_first) != NULL) {
		int r = wire_send(c->fd, o->bytes, o->len, o->fds, o->nfds);

		if (r != 0)
			return r;
		c->out_first = o->next;
		if (c->out_first == NULL)
			c->out_tail = &c->out_first;
		c->out_bytes -= o->len;
		out_free(o);
	}
	return 0;
}

static void
chan_write_cb(struct ev_loop *loop, ev_io *w, int revents)
{
	struct ipc_chan *c = w->data;
	int r = chan_write_some(c);

	(void)revents;
	if (r == 0)
		ev_io_stop(loop, w);
	else if (r != ERR_AGAIN)
		chan_close(c, r);
}

void
ipc_chan_start(struct ipc_chan *c, struct ev_loop *loop, int fd, enum ipc_party self,
    enum ipc_party peer, const struct ipc_handler *handlers, size_t count,
    void (*on_close)(void *owner, int err), void *owner)
{
	memset(c, 0, sizeof(*c));
	c->fd = fd;
	c->loop = loop;
	c->self = self;
	c->peer = peer;
	c->phase = PH_ANY;
	c->takes_fds = peer == IPC_MAIN;
	c->handlers = handlers;
	c->handler_count = count;
	c->owner = owner;
	c->on_close = on_close;
	c->out_tail = &c->out_first;
	c->queue_max = QUEUE_MAX_BYTES;
	ev_io_init(&c->rd, chan_read_cb, fd, EV_READ);
	ev_io_init(&c->wr, chan_write_cb, fd, EV_WRITE);
	c->rd.data = c;
	c->wr.data = c;
	ev_io_start(loop, &c->rd);
}

void
ipc_chan_stop(struct ipc_chan *c)
{
	struct ipc_out *o;

	if (c->loop == NULL)
		return;
	if (c->freed != NULL)
		*c->freed = true;
	c->freed = NULL;
	ev_io_stop(c->loop, &c->rd);
	ev_io_stop(c->loop, &c->wr);
	close(c->fd);
	c->fd = -1;
	c->loop = NULL;
	while ((o = c->out_first) != NULL) {
		c->out_first = o->next;
		out_free(o);
	}
	c->out_tail = &c->out_first;
	c->out_bytes = 0;
}

static int
chan_queue(struct ipc_chan *c, size_t len, const int *fds, int nfds)
{
	struct ipc_out *o;

	if (c->out_bytes + len > c->queue_max)
		return ERR_FULL;
	o = xmalloc(sizeof(*o) + len);
	o->next = NULL;
	o->len = len;
	o->nfds = 0;
	memcpy(o->bytes, scratch, len);
	for (int i = 0; i < nfds; i++) {
		int fd = dup(fds[i]);

		if (fd < 0) {
			out_free(o);
			return ERR_SYSTEM;
		}
		o->fds[o->nfds++] = fd;
	}
	*c->out_tail = o;
	c->out_tail = &o->next;
	c->out_bytes += len;
	ev_io_start(c->loop, &c->wr);
	return 0;
}

int
ipc_send_later(struct ipc_chan *c, enum ipc_id id, const void *msg)
{
	bool first = c->out_first == NULL;
	int len, r;

	if (c->loop == NULL)
		return ERR_CLOSED;
	if ((len = ipc_encode(id, msg, scratch, sizeof(scratch))) < 0)
		return len;
	r = chan_queue(c, (size_t)len, NULL, 0);
	explicit_bzero(scratch, (size_t)len);
	c->lazy = first ? r == 0 : c->lazy;
	return r;
}

int
ipc_send_fds(struct ipc_chan *c, enum ipc_id id, const void *msg, const int *fds, int nfds)
{
	int len, r = ERR_AGAIN;

	if (c->loop == NULL)
		return ERR_CLOSED;
	if (nfds < 0 || nfds > IPC_FDS_MAX)
		return ERR_INVALID;
	if ((len = ipc_encode(id, msg, scratch, sizeof(scratch))) < 0)
		return len;
	if (c->out_first != NULL && c->lazy && chan_write_some(c) == 0)
		ev_io_stop(c->loop, &c->wr);
	c->lazy = false;
	if (c->out_first == NULL)
		r = wire_send(c->fd, scratch, (size_t)len, fds, nfds);
	if (r == ERR_AGAIN)
		r = chan_queue(c, (size_t)len, fds, nfds);
	explicit_bzero(scratch, (size_t)len);
	return r;
}

int
ipc_send(struct ipc_chan *c, enum ipc_id id, const void *msg)
{
	return ipc_send_fds(c, id, msg, NULL, 0);
}

static int64_t
clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void
ipc_flush(struct ipc_chan *c, int timeout_ms)
{
	int64_t deadline = clock_ms() + timeout_ms;

	while (c->loop != NULL && c->out_first != NULL) {
		struct pollfd p = { .fd = c->fd, .events = POLLOUT };
		int64_t left = deadline - clock_ms();

		if (chan_write_some(c) != ERR_AGAIN || left <= 0 || poll(&p, 1, (int)left) <= 0)
			return;
	}
}

int
ipc_wait(struct ipc_chan *c, enum ipc_id wanted, int timeout_ms, union ipc_any *msg)
{
	int64_t deadline = clock_ms() + timeout_ms;

	for (;;) {
		struct pollfd p = { .fd = c->fd, .events = POLLIN };
		int fds[IPC_FDS_MAX], nfds, r;
		int64_t left = deadline - clock_ms();
		enum ipc_id id;

		if (c->loop == NULL)
			return ERR_CLOSED;
		r = wire_receive(c->fd, c->takes_fds, rx_bytes, fds, &nfds);
		if (r == ERR_AGAIN) {
			if (left <= 0 || poll(&p, 1, (int)left) == 0)
				return ERR_TIMEOUT;
			continue;
		}
		if (r < 0)
			return r;
		for (int i = 0; i < nfds; i++)
			close(fds[i]);
		if (ipc_decode(rx_bytes, (size_t)r, &id, msg) != 0 || message_check(c, id) != 0 || id != wanted)
			return ERR_BAD_MESSAGE;
		return 0;
	}
}

void
ipc_trim(void)
{
	pages_drop(scratch, sizeof(scratch));
	pages_drop(rx_bytes, sizeof(rx_bytes));
}

int
ipc_pair(int fds[2])
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0 ? 0 : ERR_SYSTEM;
}

const char *
end_reason_str(unsigned reason)
{
	static const char *const texts[END_COUNT] = {
#define R(name, text) [END_##name] = text,
		END_REASONS(R)
#undef R
	};

	return reason < END_COUNT ? texts[reason] : "Unknown";
}
