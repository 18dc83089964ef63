/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A message is items, one behind the other: type (1), length (4), bytes.
 *
 *   DATAGRAM  socket (4), peer (19), local (19), taken (1), the datagram
 *   PACKET    the packet
 *   LARGE     struct virtio_net_hdr, the packet
 *   TOO_BIG   socket (4), peer (19), length (4), room (4)
 */
#include "server/forwarder/outside.h"
#include "server/forwarder/siblings.h"

#include <errno.h>
#include <ev.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/steer.h"
#include "server/forwarder/channel.h"
#include "server/forwarder/data.h"
#include "server/forwarder/forwarder.h"
#include "server/forwarder/udp.h"

#define ITEM_HEAD         5
#define ADDR_BYTES        19
#define MESSAGE_MAX       (80 * 1024) /* one item of any kind, or a run of many */
#define MESSAGE_FULL      (32 * 1024) /* then it goes */
#define MESSAGES_PER_CALL 8
#define FRONT             256 /* before a large packet, for what is put in front of its parts (split.h) */

enum item { ITEM_DATAGRAM = 1, ITEM_PACKET, ITEM_LARGE, ITEM_TOO_BIG };

static struct sibling {
	ev_io rd;
	bool open;
	unsigned items; /* in bytes */
	size_t len;
	uint8_t *bytes;
} siblings[FORWARDERS_MAX];

static void
sibling_close(struct sibling *s)
{
	if (!s->open)
		return;
	ev_io_stop(fwd.loop, &s->rd);
	close(s->rd.fd);
	free(s->bytes);
	*s = (struct sibling){ 0 };
}

/* ---- out ---- */

static void
sibling_flush(struct sibling *s)
{
	if (s->items == 0)
		return;
	if (send(s->rd.fd, s->bytes, s->len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		fwd.strange->passed_lost += s->items;
	else
		fwd.strange->passed += s->items;
	s->items = 0;
	s->len = 0;
}

void
siblings_flush(void)
{
	for (unsigned i = 0; i < FORWARDERS_MAX; i++)
		sibling_flush(&siblings[i]);
}

/* Room for an item's head, then head and len bytes that the caller puts there. */
static struct wr
item_begin(struct sibling *s, enum item type, size_t len)
{
	struct wr w;

	if (s->len + ITEM_HEAD + len > MESSAGE_FULL)
		sibling_flush(s);
	w = wr_init(s->bytes + s->len, ITEM_HEAD + len);
	wr_u8(&w, (uint8_t)type);
	wr_u32(&w, (uint32_t)len);
	s->len += ITEM_HEAD + len;
	s->items++;
	return w;
}

static void
addr_put(struct wr *w, const struct addr *a)
{
	wr_u8(w, a->family);
	wr_u16(w, a->port);
	wr_bytes(w, a->ip, sizeof(a->ip));
}

/* The open ones of a mask: for (next(mask, &i); ...). NULL: no more. */
static struct sibling *
sibling_next(unsigned mask, unsigned *i)
{
	for (; *i < FORWARDERS_MAX; ++*i) {
		if ((mask >> *i & 1) != 0 && siblings[*i].open)
			return &siblings[(*i)++];
	}
	return NULL;
}

void
siblings_datagram(unsigned mask, const struct path *path, const uint8_t *data, size_t len, bool taken)
{
	struct sibling *s;

	for (unsigned i = 0; (s = sibling_next(mask, &i)) != NULL;) {
		struct wr w = item_begin(s, ITEM_DATAGRAM, 4 + 2 * ADDR_BYTES + 1 + len);

		wr_u32(&w, path->socket->id);
		addr_put(&w, &path->peer);
		addr_put(&w, &path->local);
		wr_u8(&w, taken);
		wr_bytes(&w, data, len);
	}
}

void
siblings_packet(unsigned mask, const uint8_t *packet, size_t len)
{
	struct sibling *s;

	for (unsigned i = 0; (s = sibling_next(mask, &i)) != NULL;) {
		struct wr w = item_begin(s, ITEM_PACKET, len);

		wr_bytes(&w, packet, len);
	}
}

void
siblings_large(unsigned mask, const uint8_t *packet, size_t len, const struct virtio_net_hdr *head)
{
	struct sibling *s;

	for (unsigned i = 0; (s = sibling_next(mask, &i)) != NULL;) {
		struct wr w = item_begin(s, ITEM_LARGE, sizeof(*head) + len);

		wr_bytes(&w, head, sizeof(*head));
		wr_bytes(&w, packet, len);
	}
}

void
siblings_too_big(unsigned mask, const struct udp_socket *u, const struct addr *peer, size_t len, unsigned room)
{
	struct sibling *s;

	for (unsigned i = 0; (s = sibling_next(mask, &i)) != NULL;) {
		struct wr w = item_begin(s, ITEM_TOO_BIG, 4 + ADDR_BYTES + 4 + 4);

		wr_u32(&w, u->id);
		addr_put(&w, peer);
		wr_u32(&w, (uint32_t)len);
		wr_u32(&w, room);
	}
}

/* ---- in ---- */

static struct addr
addr_get(struct rd *r)
{
	struct addr a = { .family = rd_u8(r) };
	const uint8_t *ip;

	a.port = rd_u16(r);
	if ((ip = rd_bytes(r, sizeof(a.ip))) != NULL)
		memcpy(a.ip, ip, sizeof(a.ip));
	return a;
}

static bool
datagram_take(struct rd *r, uint8_t *bytes)
{
	struct path path = { .socket = udp_find(rd_u32(r)) };
	bool taken;

	path.peer = addr_get(r);
	path.local = addr_get(r);
	taken = rd_u8(r) != 0;
	if (r->bad)
		return false;
	if (path.socket != NULL) /* main may have told one of us only, so far */
		outside_passed(&path, bytes + (r->p - bytes), rd_left(r), taken);
	return true;
}

static bool
packet_take(struct rd *r, uint8_t *bytes)
{
	struct inner in;

	/* the byte in front of it is the item's head */
	if (inner_parse(r->p, rd_left(r), &in))
		data_inside_passed(bytes + (r->p - bytes), &in, NULL);
	return true;
}

static bool
large_take(struct rd *r)
{
	static uint8_t room[FRONT + MESSAGE_MAX];
	struct virtio_net_hdr head;
	const uint8_t *h = rd_bytes(r, sizeof(head));
	struct inner in;

	if (h == NULL)
		return false;
	memcpy(&head, h, sizeof(head));
	memcpy(room + FRONT, r->p, rd_left(r));
	if (inner_parse(room + FRONT, rd_left(r), &in))
		data_inside_passed(room + FRONT, &in, &head);
	return true;
}

static bool
too_big_take(struct rd *r)
{
	struct udp_socket *u = udp_find(rd_u32(r));
	struct addr peer = addr_get(r);
	uint32_t len = rd_u32(r), room = rd_u32(r);

	if (r->bad || rd_left(r) != 0)
		return false;
	if (u != NULL)
		outside_too_big_passed(u, &peer, len, room);
	return true;
}

/* False: not what a forwarder sends. */
static bool
message_take(uint8_t *bytes, size_t len)
{
	struct rd r = rd_init(bytes, len);
	bool sound = true;

	while (sound && rd_left(&r) > 0) {
		unsigned type = rd_u8(&r);
		struct rd item = rd_sub(&r, rd_u32(&r));

		switch (item.bad ? 0 : type) {
		case ITEM_DATAGRAM:
			sound = datagram_take(&item, bytes);
			break;
		case ITEM_PACKET:
			sound = packet_take(&item, bytes);
			break;
		case ITEM_LARGE:
			sound = large_take(&item);
			break;
		case ITEM_TOO_BIG:
			sound = too_big_take(&item);
			break;
		default:
			sound = false;
			break;
		}
	}
	data_done();
	return sound;
}

static void
readable_cb(struct ev_loop *loop, ev_io *w, int revents)
{
	static uint8_t bytes[MESSAGE_MAX];
	struct sibling *s = w->data;

	(void)loop, (void)revents;
	for (int i = 0; i < MESSAGES_PER_CALL; i++) {
		ssize_t n = recv(w->fd, bytes, sizeof(bytes), MSG_DONTWAIT | MSG_TRUNC);

		if (n < 0)
			return;
		if (n > 0 && (size_t)n <= sizeof(bytes) && message_take(bytes, (size_t)n))
			continue;
		if (n > 0)
			log_err("forwarder: a sibling sends nonsense");
		sibling_close(s); /* gone; main gives a channel to its successor */
		return;
	}
}

void
siblings_add(unsigned index, int fd)
{
	struct sibling *s = &siblings[index];

	sibling_close(s);
	s->bytes = xmalloc(MESSAGE_MAX);
	s->open = true;
	ev_io_init(&s->rd, readable_cb, fd, EV_READ);
	s->rd.data = s;
	/* behind what came here itself: a copy of a datagram that came to a sibling must not be the first that is read */
	ev_set_priority(&s->rd, EV_MINPRI);
	ev_io_start(fwd.loop, &s->rd);
}
