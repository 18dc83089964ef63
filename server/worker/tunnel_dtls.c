/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The DTLS side of a tunnel, between its channel (dtls_channel.c), the forwarder and main. */
#include "server/worker/tunnel_private.h"

#include <gnutls/crypto.h>

#include "common/buf.h"
#include "server/worker/lab.h"
#include "server/worker/tls.h"
#include "server/worker/trace.h"
#include "server/worker/worker.h"

/* The forwarder cuts packets, or answers them with "fragmentation needed", at what the channel in use takes. */
static void
mtu_tell(struct worker *w)
{
	struct tunnel *t = w->tunnel;
	unsigned mtu = dtls_channel_mtu(&t->dtls);
	uint8_t bytes[2];

	if (mtu == 0 || mtu > t->mtu_bytes)
		mtu = t->mtu_bytes;
	if (mtu == t->told_mtu_bytes)
		return;
	t->told_mtu_bytes = mtu;
	bytes[0] = (uint8_t)(mtu >> 8);
	bytes[1] = (uint8_t)mtu;
	tunnel_out(w, BATCH_MTU, 0, bytes, sizeof(bytes));
}

static void
datagram_out(struct worker *w, unsigned tag, const void *data, size_t len)
{
	tunnel_out(w, BATCH_DGRAM, (uint8_t)tag, data, len);
	if (w->lab != NULL)
		tunnel_flush(w); /* it may be late, when nothing else follows */
}

static void
dtls_out(void *ctx, uint8_t tag, const void *data, size_t len)
{
	if (!lab_takes(ctx, 1u << CHANNEL_DTLS, LAB_OUT, tag, data, len, datagram_out))
		tunnel_out(ctx, BATCH_DGRAM, tag, data, len);
}

static void
dtls_peer_up(void *ctx, uint8_t tag)
{
	tunnel_out(ctx, BATCH_PEER_UP, tag, NULL, 0);
}

static void
dtls_peer_down(void *ctx, uint8_t tag)
{
	tunnel_out(ctx, BATCH_PEER_DOWN, tag, NULL, 0);
}

/* False: GnuTLS has them not in a form that others can use. */
static bool
keys_say(struct worker *w, const struct dtls *d, enum batch_type type)
{
	uint8_t bytes[8 + RECORD_KEYS_MAX];
	struct wr wr = wr_init(bytes, sizeof(bytes));
	struct record_keys keys;
	bool there = dtls_export(d, &keys);

	if (there) {
		wr_u64(&wr, w->tunnel->keys_id);
		record_keys_put(&keys, &wr);
		tunnel_out(w, type, dtls_tag(d), bytes, (size_t)(wr.p - bytes));
	}
	explicit_bzero(&keys, sizeof(keys));
	explicit_bzero(bytes, sizeof(bytes));
	return there;
}

/* The forwarder says when the client is silent: no timer of ours, unless the interval is none. */
static void
watch_say(struct worker *w)
{
	struct tunnel *t = w->tunnel;
	uint8_t bytes[4];
	struct wr wr = wr_init(bytes, sizeof(bytes));

	wr_u32(&wr, (uint32_t)(t->dpd_s * 1000));
	if (t->dpd_s > 0 && t->dpd_s <= UINT32_MAX / 1000)
		tunnel_out(w, BATCH_WATCH, 0, bytes, sizeof(bytes));
	t->watched = t->dpd_s > 0;
}

/* Compressed packets stay here, and what somebody wants to watch or to spoil. */
static bool
dtls_hand_over(void *ctx, const struct dtls *d)
{
	struct worker *w = ctx;
	struct tunnel *t = w->tunnel;
	bool ours = t->fast_path && t->compression[CHANNEL_DTLS] == COMPRESSION_NONE && w->lab == NULL &&
	    w->trace < TRACE_DATA;

	/* an address is noted with them: who guessed this could have that of an earlier session of our slot */
	if (!ours || gnutls_rnd(GNUTLS_RND_RANDOM, &t->keys_id, sizeof(t->keys_id)) < 0 || t->keys_id == 0 ||
	    !keys_say(w, d, BATCH_KEYS))
		return false;
	watch_say(w);
	return true;
}

static bool
dtls_hand_again(void *ctx, const struct dtls *d)
{
	return keys_say(ctx, d, BATCH_AGAIN);
}

static void
dtls_seal(void *ctx, const void *content, size_t len)
{
	tunnel_out(ctx, BATCH_SEAL, 0, content, len);
}

static void
dtls_give_back(void *ctx, uint8_t tag, const uint8_t *data, size_t len)
{
	tunnel_out(ctx, BATCH_BACK, tag, data, len);
}

static void
dtls_record(void *ctx, const uint8_t *data, size_t len)
{
	tunnel_packet(ctx, CHANNEL_DTLS, data[0], data + 1, len - 1);
}

static void
dtls_is_up(struct worker *w)
{
	struct tunnel *t = w->tunnel;
	struct ipc_dtls_up m = {
		.suite = dtls_suite(t->dtls.live)->id, .version = (uint8_t)t->dtls.keys->name->version,
		.compression = (uint8_t)t->compression[CHANNEL_DTLS],
		.rtt_us = tunnel_rtt_us(w),
	};

	t->send_on = CHANNEL_DTLS;
	dpd_start(&t->dtls_dpd, t->dpd_s, worker_now_ms(w));
	ipc_send(&w->main, MSG_dtls_up, &m);
	t->trim_ms = worker_now_ms(w) + TRIM_MS;
}

static void
dtls_is_down(struct worker *w, enum dtls_down_reason reason)
{
	struct tunnel *t = w->tunnel;
	struct ipc_dtls_down m = { .reason = (uint8_t)reason };

	t->dtls_dpd.interval_ms = 0;
	t->watched = false;
	t->send_on = CHANNEL_CSTP;
	ipc_send(&w->main, MSG_dtls_down, &m);
}

static void
dtls_event(void *ctx, enum dtls_event event, const char *why)
{
	struct worker *w = ctx;

	switch (event) {
	case DTLS_EVENT_UP:
		TRACE(w, TRACE_STEP, "dtls-up", "version=%s\ncipher=%s", tls_version_str(w->tunnel->dtls.keys->name->version),
		    dtls_suite(w->tunnel->dtls.live)->name);
		dtls_is_up(w);
		break;
	case DTLS_EVENT_LOST:
		TRACE(w, TRACE_STEP, "dtls-down", "reason=lost");
		dtls_is_down(w, DTLS_DOWN_LOST);
		break;
	case DTLS_EVENT_FAILED:
	case DTLS_EVENT_REFUSED:
		TRACE(w, TRACE_FAIL, "dtls-failed", "reason=%s\nfailures=%u", why, w->tunnel->dtls.failures);
		if (w->tunnel->dtls.failures == 1)
			worker_note(w, "DTLS does not come up: %s", why);
		dtls_is_down(w, w->tunnel->dtls.heard ? DTLS_DOWN_FAILED : DTLS_DOWN_SILENT);
		break;
	}
	mtu_tell(w);
	worker_timer_update(w);
}

const struct dtls_channel_ops tunnel_dtls_ops = { dtls_out, dtls_peer_up, dtls_peer_down, dtls_record, dtls_event,
	dtls_hand_over, dtls_hand_again, dtls_seal, dtls_give_back };

/* A datagram that was late on purpose. */
static void
datagram_again(struct worker *w, unsigned tag, const void *data, size_t len)
{
	struct batch_item item = { .type = BATCH_DGRAM, .tag = (uint8_t)tag, .data = data, .len = len };
	static uint8_t room[DTLS_RECORD_MAX];

	tunnel_dtls_datagram(w, &item, room);
	tunnel_flush(w);
}

void
tunnel_dtls_datagram(struct worker *w, const struct batch_item *item, uint8_t *scratch)
{
	struct tunnel *t = w->tunnel;

	if (scratch == NULL || (item->type == BATCH_DGRAM &&
	    lab_takes(w, 1u << CHANNEL_DTLS, LAB_IN, item->tag, item->data, item->len, datagram_again)))
		return;
	if (item->type == BATCH_STRAY)
		dtls_channel_stray(&t->dtls, item->tag, item->data, item->len, scratch);
	else
		dtls_channel_datagram(&t->dtls, item->tag, item->data, item->len, scratch, worker_now_ms(w));
	if (t->dtls.next != NULL)
		worker_timer_update(w);
}

void
tunnel_dtls_again(struct worker *w, const struct batch_item *item)
{
	struct tunnel *t = w->tunnel;

	dtls_channel_again(&t->dtls, item->len == 0, item->tag);
	if (t->dtls.live == NULL || !t->dtls.handed_over)
		return;
	watch_say(w);
	mtu_tell(w);
	worker_timer_update(w);
}

void
tunnel_dtls_too_big(struct worker *w, const struct batch_item *item)
{
	struct rd r = rd_init(item->data, item->len);
	unsigned len = rd_u16(&r), room = rd_u16(&r);

	if (r.bad || !dtls_channel_too_big(&w->tunnel->dtls, item->tag, len, room, worker_now_ms(w)))
		return;
	mtu_tell(w);
	worker_timer_update(w);
}

void
tunnel_dtls_heard(struct worker *w, const struct batch_item *item)
{
	struct rd r = rd_init(item->data, item->len);
	uint32_t record_ms = rd_u32(&r), data_ms = rd_u32(&r);
	struct tunnel *t = w->tunnel;
	uint64_t now = worker_now_ms(w);

	if (r.bad)
		return;
	if (record_ms != UINT32_MAX && now - record_ms > t->dtls_dpd.heard_ms)
		dpd_heard(&t->dtls_dpd, now - record_ms);
	t->watched = t->dtls.handed_over && record_ms < t->dtls_dpd.interval_ms; /* else it is asked until it hears something */
	idle_heard(&t->idle, record_ms == UINT32_MAX ? 0 : now - record_ms, data_ms == UINT32_MAX ? 0 : now - data_ms);
}

void
tunnel_dtls_timer(struct worker *w, uint64_t now_ms)
{
	if (dtls_channel_timer(&w->tunnel->dtls, now_ms))
		mtu_tell(w);
}
