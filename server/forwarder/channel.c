/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/forwarder/channel.h"

#include <errno.h>
#include <ev.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/counters.h"
#include "common/err.h"
#include "common/mem.h"
#include "server/forwarder/data.h"
#include "server/forwarder/dgram.h"
#include "server/forwarder/fastpath.h"
#include "server/forwarder/forwarder.h"
#include "server/forwarder/outside.h"
#include "server/forwarder/udp_out.h"

#define MTU_MIN          576 /* RFC 791: what every host takes */
#define BATCHES_PER_CALL 8
#define ITEMS_PER_CALL   512   /* of one worker, then others have their turn */

struct batch_spare {
	struct batch_spare *next;
};

static struct {
	struct fwd_session *dirty; /* something is queued for its worker */
	struct batch_spare *spare;
} channels;

/* ---- towards a worker ---- */

static struct batch *
batch_take(void)
{
	struct batch *b = (struct batch *)channels.spare;

	_Static_assert(sizeof(struct batch) >= sizeof(struct batch_spare), "a spare batch holds its link");
	if (b != NULL)
		channels.spare = channels.spare->next;
	else
		b = xmalloc(sizeof(*b));
	b->len = 0;
	return b;
}

static void
batch_give(struct batch *b)
{
	struct batch_spare *s = (struct batch_spare *)b;

	s->next = channels.spare;
	channels.spare = s;
}

/* DTLS is what they would have gone through if their worker seals its records: else they would not be here. */
static void
queue_drops(const struct fwd_session *s, unsigned packets)
{
	unsigned dtls = s->up != NULL && s->record == NULL ? packets : 0;
	struct counters *n = s->counters;

	n->tx_drops += packets;
	n->tx_drops_queue += packets;
	n->dtls_tx_drops += dtls;
	n->dtls_tx_drops_queue += dtls;
}

static void
channel_flush(struct fwd_session *s)
{
	if (s->out == NULL)
		return;
	/* a full queue drops, as a link does; to a worker that is gone nothing is lost that had a way */
	if (send(s->rd.fd, s->out->bytes, s->out->len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 &&
	    (errno == EAGAIN || errno == ENOBUFS))
		queue_drops(s, s->out_packets);
	batch_give(s->out);
	s->out = NULL;
	s->out_packets = 0;
}

void
channel_put(struct fwd_session *s, enum batch_type type, uint8_t tag, const void *data, size_t len)
{
	if (len > BATCH_ITEM_MAX)
		return;
	if (s->out != NULL && !batch_fits(s->out, len))
		channel_flush(s);
	if (s->out == NULL)
		s->out = batch_take();
	memcpy(batch_add(s->out, type, tag, len), data, len);
	s->out_packets += type == BATCH_PACKET;
	if (!s->dirty) {
		s->dirty = true;
		s->dirty_next = channels.dirty;
		channels.dirty = s;
	}
}

void
channel_flush_all(void)
{
	struct fwd_session *s;

	while ((s = channels.dirty) != NULL) {
		channels.dirty = s->dirty_next;
		s->dirty = false;
		channel_flush(s);
	}
}

/* ---- from a worker ---- */

static void
worker_dgram(struct fwd_session *s, const struct batch_item *item)
{
	struct peer *p = table_peer_tag(s, item->tag);

	if (p != NULL)
		udp_send(&p->path, item->data, item->len);
}

static void
worker_peer_up(struct fwd_session *s, uint8_t tag)
{
	struct peer *p = table_peer_tag(s, tag);

	fast_keys_retire(s);
	if (p != NULL)
		table_peer_up(&fwd.table, p);
	else
		table_stray_up(&fwd.table, s, tag);
}

static void
worker_peer_down(struct fwd_session *s, uint8_t tag)
{
	struct peer *p = table_peer_tag(s, tag);

	if (p == NULL)
		return;
	if (p->up)
		fast_keys_forget(s);
	table_peer_down(&fwd.table, p);
}

/* It matters for its own session only, and never above what main has granted. */
static void
worker_mtu(struct fwd_session *s, const struct batch_item *item)
{
	struct rd r = rd_init(item->data, item->len);
	unsigned mtu = rd_u16(&r);

	if (mtu < MTU_MIN)
		mtu = MTU_MIN;
	s->path_mtu_bytes = mtu < s->mtu_bytes ? mtu : s->mtu_bytes;
}

/* Its own session's figures, which it may spoil as it likes: never more than there was. */
static void
worker_sent(struct fwd_session *s, const struct batch_item *item)
{
	struct rd r = rd_init(item->data, item->len);
	uint32_t packets = rd_u32(&r), bytes = rd_u32(&r), dropped = rd_u32(&r);
	struct counters *n = s->counters;

	if (r.bad || n->dtls_tx_packets + packets > n->tx_packets || n->dtls_tx_bytes + bytes > n->tx_bytes)
		return;
	n->dtls_tx_packets += packets;
	n->dtls_tx_bytes += bytes;
	n->tx_drops += dropped; /* TCP took no more */
}

/* 0, or ERR_BAD_MESSAGE. */
static int
worker_item(struct fwd_session *s, uint8_t *bytes, const struct batch_item *item)
{
	switch (item->type) {
	case BATCH_PACKET:
		data_worker_packet(s, bytes + (item->data - bytes), item->len, item->tag != 0);
		return 0;
	case BATCH_DGRAM:
		if (item->len < DTLS_HEAD_BYTES)
			return ERR_BAD_MESSAGE; /* a batch could hold thousands of them */
		worker_dgram(s, item);
		return 0;
	case BATCH_PEER_UP:
		worker_peer_up(s, item->tag);
		return 0;
	case BATCH_PEER_DOWN:
		worker_peer_down(s, item->tag);
		return 0;
	case BATCH_MTU:
		worker_mtu(s, item);
		return 0;
	case BATCH_SENT:
		worker_sent(s, item);
		return 0;
	case BATCH_KEYS:
		return fast_keys(s, item);
	case BATCH_AGAIN:
		return fast_again(s, item);
	case BATCH_SEAL:
		fast_send(s, item->data, item->len);
		return 0;
	case BATCH_BACK:
		outside_back(s, item->tag, bytes + (item->data - bytes), item->len);
		return 0;
	case BATCH_WATCH:
		fast_watch(s, item);
		return 0;
	case BATCH_ASK:
		fast_heard_tell(s);
		return 0;
	default:
		return ERR_BAD_MESSAGE;
	}
}

/* 0, or ERR_BAD_MESSAGE. Counts in *items. Nothing of the batch is pointed to afterwards. */
static int
worker_batch(struct fwd_session *s, uint8_t *bytes, size_t len, unsigned *items)
{
	struct batch_item item;
	size_t pos = 0;
	int r, bad = 0;

	while (bad == 0 && (r = batch_next(bytes, len, &pos, &item)) != 0) {
		++*items;
		bad = r < 0 ? r : worker_item(s, bytes, &item);
	}
	data_done();
	return bad;
}

static void
worker_readable_cb(struct ev_loop *loop, ev_io *w, int revents)
{
	static uint8_t bytes[BATCH_MAX];
	struct fwd_session *s = w->data;
	struct ipc_fwd_bad bad = { .slot = s->slot };
	unsigned items = 0;

	(void)revents;
	for (int i = 0; i < BATCHES_PER_CALL && items < ITEMS_PER_CALL; i++) {
		/* no control buffer: descriptors of a worker are not taken */
		ssize_t n = recv(w->fd, bytes, sizeof(bytes), MSG_DONTWAIT | MSG_TRUNC);

		if (n < 0)
			break;
		if (n == 0) { /* the worker is gone; main will say what becomes of the session */
			ev_io_stop(loop, w);
			break;
		}
		if ((size_t)n > sizeof(bytes) || worker_batch(s, bytes, (size_t)n, &items) != 0) {
			ev_io_stop(loop, w);
			ipc_send(&fwd.main, MSG_fwd_bad, &bad);
			break;
		}
	}
}

/* ---- life ---- */

void
channel_close(struct fwd_session *s)
{
	if (s->rd.fd <= 0)
		return;
	ev_io_stop(fwd.loop, &s->rd);
	close(s->rd.fd);
	s->rd.fd = 0;
}

void
channel_start(struct fwd_session *s, int fd)
{
	channel_flush_all();
	channel_close(s);
	ev_io_init(&s->rd, worker_readable_cb, fd, EV_READ);
	s->rd.data = s;
	ev_io_start(fwd.loop, &s->rd);
	channel_put(s, BATCH_BOUND, 0, "", 0);
	channel_flush_all();
}
