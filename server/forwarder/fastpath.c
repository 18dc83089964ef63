/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/forwarder/fastpath.h"

#include <string.h>

#include "common/buf.h"
#include "common/err.h"
#include "common/note.h"
#include "server/forwarder/channel.h"
#include "server/forwarder/forwarder.h"
#include "server/forwarder/udp.h"
#include "server/forwarder/udp_out.h"

#define OLD_KEYS_MS 5000 /* for records that are still on their way when new keys come */

bool
fast_send(struct fwd_session *s, const uint8_t *content, size_t len)
{
	size_t n;

	if (s->record == NULL || s->up == NULL)
		return false;
	n = record_seal(s->record, content, len, udp_out_room(record_size(s->record, len)));
	if (n == 0)
		return false;
	s->note->tx_next = record_tx_next(s->record); /* before anybody sees that it is used */
	udp_out_put(&s->up->path, n);
	return true;
}

static void
old_keys_forget(struct fwd_session *s)
{
	record_free(s->record_old);
	s->record_old = NULL;
}

static void
note_forget(struct fwd_session *s)
{
	if (s->note != NULL)
		__atomic_store_n(&s->note->id, 0, __ATOMIC_RELEASE);
}

void
fast_keys_forget(struct fwd_session *s)
{
	note_forget(s);
	old_keys_forget(s);
	record_free(s->record);
	s->record = NULL;
}

void
fast_keys_retire(struct fwd_session *s)
{
	if (s->record == NULL)
		return;
	note_forget(s);
	old_keys_forget(s);
	s->record_old = s->record;
	s->record = NULL;
	s->old_until_ms = forwarder_now_ms() + OLD_KEYS_MS;
}

/* ---- keys of a worker ---- */

/* The name comes last: whenever we die, none is beside another one's address. */
static void
path_note(struct fwd_session *s, const struct path *path, uint64_t id)
{
	struct note *n = s->note;

	note_forget(s);
	n->socket = path->socket->id;
	n->port = path->peer.port;
	n->family = path->peer.family;
	n->local_family = path->local.family;
	memcpy(n->ip, path->peer.ip, sizeof(n->ip));
	memcpy(n->local_ip, path->local.ip, sizeof(n->local_ip));
	__atomic_store_n(&n->id, id, __ATOMIC_RELEASE);
}

void
fast_path_note(struct fwd_session *s, const struct path *path)
{
	path_note(s, path, s->note->id);
}

/* False: its socket is gone. */
static bool
path_noted(const struct note *n, struct path *path)
{
	*path = (struct path){ .socket = udp_find(n->socket), .peer = { .family = n->family, .port = n->port },
		.local = { .family = n->local_family } };
	memcpy(path->peer.ip, n->ip, sizeof(n->ip));
	memcpy(path->local.ip, n->local_ip, sizeof(n->local_ip));
	return path->socket != NULL;
}

/* id: 0 is nobody's. */
static int
keys_read(const struct batch_item *item, uint64_t *id, struct record_keys *keys)
{
	struct rd r = rd_init(item->data, item->len);

	*id = rd_u64(&r);
	return *id == 0 || record_keys_get(&r, keys) != 0 ? ERR_BAD_MESSAGE : 0;
}

static void
keys_use(struct fwd_session *s, struct record *fresh, uint64_t id)
{
	fast_keys_retire(s);
	s->record = fresh;
	s->on_dtls = true;
	s->hello_ms = 0;
	s->heard_ms = s->data_ms = 0;
	s->keys_ms = forwarder_now_ms();
	s->watch_ms = 0;
	note_forget(s);
	s->note->tx_next = record_tx_next(fresh);
	s->note->rx_high = record_rx_high(fresh);
	path_note(s, &s->up->path, id);
}

int
fast_keys(struct fwd_session *s, const struct batch_item *item)
{
	struct record_keys keys;
	struct record *fresh;
	uint64_t id;

	if (keys_read(item, &id, &keys) != 0)
		return ERR_BAD_MESSAGE;
	fresh = record_new(&keys);
	explicit_bzero(&keys, sizeof(keys));
	if (fresh == NULL)
		return ERR_BAD_MESSAGE;
	if (s->up == NULL || s->up->tag != item->tag) /* its socket is gone, say; the client's next hello finds another */
		record_free(fresh);
	else
		keys_use(s, fresh, id);
	return 0;
}

/* Above what is noted; false: these are not the keys that it is of. */
static bool
keys_raise(const struct note *n, uint64_t id, struct record_keys *keys)
{
	const uint64_t epoch = UINT64_C(0xffff) << 48;

	if (n->id != id || ((n->tx_next ^ keys->tx.next) & epoch) != 0)
		return false;
	if (keys->tx.next < n->tx_next)
		keys->tx.next = n->tx_next;
	keys->rx.next = (keys->rx.next & epoch) + n->rx_high + 1;
	return true;
}

static bool
again_try(struct fwd_session *s, uint64_t id, struct record_keys *keys)
{
	struct record *fresh;
	struct path path;
	struct peer *p;

	if (s->record != NULL || s->up != NULL)
		return s->record != NULL && s->up != NULL && s->note->id == id; /* said twice */
	if (!keys_raise(s->note, id, keys) || !path_noted(s->note, &path) || (fresh = record_new(keys)) == NULL)
		return false;
	if ((p = table_peer_add(&fwd.table, s, &path)) == NULL) {
		record_free(fresh);
		return false;
	}
	table_peer_up(&fwd.table, p);
	keys_use(s, fresh, id);
	return true;
}

int
fast_again(struct fwd_session *s, const struct batch_item *item)
{
	struct record_keys keys;
	uint64_t id;
	bool yes;

	if (keys_read(item, &id, &keys) != 0)
		return ERR_BAD_MESSAGE;
	yes = again_try(s, id, &keys);
	explicit_bzero(&keys, sizeof(keys));
	channel_put(s, BATCH_AGAIN, yes ? s->up->tag : 0, "", yes ? 0 : 1);
	return 0;
}

bool
fast_open(struct fwd_session *s, uint8_t *data, size_t len, bool in_place, struct record_content *c, bool *stays)
{
	static uint8_t scratch[RECORD_EXTRA + RECORD_CONTENT_MAX];
	uint8_t *out;

	if (s->record_old != NULL && forwarder_now_ms() >= s->old_until_ms)
		old_keys_forget(s); /* while they are there, nothing is opened in place and joined with others */
	*stays = in_place && s->record_old == NULL;
	out = *stays ? data : scratch;
	if (!*stays && len > sizeof(scratch))
		return false;
	if (record_open(s->record, data, len, out, c) == 0) {
		s->note->rx_high = record_rx_high(s->record);
		return true;
	}
	if (s->record_old == NULL || record_open(s->record_old, data, len, out, c) != 0)
		return false;
	c->newest = false; /* it moves nobody */
	return true;
}

/* ---- who is heard ---- */

static uint32_t
age_ms(uint64_t then_ms, uint64_t now_ms)
{
	return then_ms == 0 || now_ms - then_ms > INT32_MAX ? UINT32_MAX : (uint32_t)(now_ms - then_ms);
}

void
fast_heard_tell(struct fwd_session *s)
{
	uint64_t now = forwarder_now_ms();
	uint8_t bytes[8];
	struct wr w = wr_init(bytes, sizeof(bytes));

	wr_u32(&w, age_ms(s->heard_ms, now));
	wr_u32(&w, age_ms(s->data_ms, now));
	channel_put(s, BATCH_HEARD, 0, bytes, sizeof(bytes));
}

void
fast_watch(struct fwd_session *s, const struct batch_item *item)
{
	struct rd r = rd_init(item->data, item->len);

	s->watch_ms = rd_u32(&r);
	s->watch_said = false;
}

void
fast_watch_all(void)
{
	uint64_t now = forwarder_now_ms();

	for (struct fwd_session *s = table_first(&fwd.table); s != NULL; s = s->all_next) {
		uint64_t last = s->heard_ms > s->keys_ms ? s->heard_ms : s->keys_ms;

		if (s->record == NULL || s->watch_ms == 0 || s->watch_said || now - last < s->watch_ms)
			continue;
		s->watch_said = true;
		fast_heard_tell(s);
	}
	channel_flush_all();
}
