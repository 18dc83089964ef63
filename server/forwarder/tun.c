/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The TUN back end: packets behind a virtio_net_hdr, one for many where the
 * kernel gives and takes them so (split.h, merge.h).
 */
#include <sys/uio.h>
#include <unistd.h>

#include "common/ipc_msgs.h"
#include "server/forwarder/backend.h"
#include "server/forwarder/merge.h"
#include "server/forwarder/split.h"

#define PACKETS_PER_CALL 64
#define FRONT            64 /* what is put in front of a packet may be written there */

static struct merge merge; /* a process has one device */

static void
tun_writev(void *ctx, const struct iovec *iov, int count)
{
	const struct backend *b = ctx;

	(void)!writev(b->fd, iov, count); /* a full queue drops, as a link does */
}

static void
tun_send(struct backend *b, uint8_t *packet, const struct inner *in)
{
	(void)b;
	merge_packet(&merge, packet, in);
}

static void
tun_send_own(struct backend *b, const uint8_t *packet, size_t len)
{
	struct virtio_net_hdr head = { 0 };
	struct iovec iov[2] = { { &head, sizeof(head) }, { (void *)(uintptr_t)packet, len } };

	tun_writev(b, iov, 2);
}

static void
tun_flush(struct backend *b)
{
	(void)b;
	merge_flush(&merge);
}

static void
tun_take(struct backend *b, uint8_t *packet, size_t len, const struct virtio_net_hdr *head)
{
	struct inner in;

	if (!inner_parse(packet, len, &in))
		return;
	if (split_wanted(head))
		b->owner->large(packet, &in, head);
	else if (split_checksum(packet, len, head))
		b->owner->packet(packet, &in);
}

static void
tun_readable_cb(struct ev_loop *loop, ev_io *w, int revents)
{
	static uint8_t bytes[FRONT + 65536];
	static int expected = 1; /* a read that finds nothing costs as much as one that does; the loop comes back if there is more */
	struct backend *b = w->data;
	int i;

	(void)loop;
	(void)revents;
	for (i = 0; i < expected; i++) {
		struct virtio_net_hdr head;
		struct iovec iov[2] = { { &head, sizeof(head) }, { bytes + FRONT, sizeof(bytes) - FRONT } };
		ssize_t n = readv(b->fd, iov, 2);

		if (n <= (ssize_t)sizeof(head))
			break;
		tun_take(b, bytes + FRONT, (size_t)n - sizeof(head), &head);
	}
	expected = i < expected ? i : 2 * expected;
	expected = expected < 1 ? 1 : expected > PACKETS_PER_CALL ? PACKETS_PER_CALL : expected;
	b->owner->done();
}

void
backend_tun_start(struct backend *b, struct ev_loop *loop, int fd, unsigned offload, const struct backend_owner *owner)
{
	*b = (struct backend){ .send = tun_send, .send_own = tun_send_own, .flush = tun_flush, .owner = owner, .fd = fd };
	merge_init(&merge, (offload & TUN_OFFLOAD_TCP) != 0, (offload & TUN_OFFLOAD_UDP) != 0, tun_writev, b);
	ev_io_init(&b->rd, tun_readable_cb, fd, EV_READ);
	b->rd.data = b;
	ev_io_start(loop, &b->rd);
}
