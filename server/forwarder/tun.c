/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The TUN back end, plain path: one packet per system call, behind an empty virtio_net_hdr. */
#include <linux/virtio_net.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "server/forwarder/backend.h"

#define PACKETS_PER_CALL 64
#define HEAD sizeof(struct virtio_net_hdr)

static void
tun_write(struct backend *b, const uint8_t *packet, size_t len)
{
	struct virtio_net_hdr head = { 0 };
	struct iovec iov[2] = { { &head, sizeof(head) }, { (void *)(uintptr_t)packet, len } };

	(void)!writev(b->fd, iov, 2); /* a full queue drops, as a link does */
}

static void
tun_send(struct backend *b, uint8_t *packet, const struct inner *in)
{
	tun_write(b, packet, in->len);
}

static void
tun_flush(struct backend *b)
{
	(void)b;
}

static void
tun_readable_cb(struct ev_loop *loop, ev_io *w, int revents)
{
	static uint8_t buf[HEAD + 65536];
	struct backend *b = w->data;

	(void)loop;
	(void)revents;
	for (int i = 0; i < PACKETS_PER_CALL; i++) {
		ssize_t n = read(b->fd, buf, sizeof(buf));
		struct inner in;

		if (n <= (ssize_t)HEAD)
			break;
		if (inner_parse(buf + HEAD, (size_t)n - HEAD, &in))
			b->receive(buf + HEAD, &in);
	}
	b->done();
}

void
backend_tun_start(struct backend *b, struct ev_loop *loop, int fd, backend_receive_fn receive, backend_done_fn done)
{
	*b = (struct backend){ .send = tun_send, .send_own = tun_write, .flush = tun_flush,
		 .receive = receive, .done = done, .fd = fd };
	ev_io_init(&b->rd, tun_readable_cb, fd, EV_READ);
	b->rd.data = b;
	ev_io_start(loop, &b->rd);
}
