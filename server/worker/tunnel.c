/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flow control: what cannot be written to the client stops the reading of the
 * forwarder's channel, whose queue then fills and drops; what cannot be
 * written to the forwarder stops the reading of TCP. Datagrams are dropped instead.
 */
#include "server/worker/lab.h"
#include "server/worker/tunnel.h"

#include <errno.h>
#include <malloc.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/batch.h"
#include "common/buf.h"
#include "common/err.h"
#include "common/mem.h"
#include "common/pages.h"
#include "server/worker/cstp.h"
#include "server/worker/tls.h"
#include "server/worker/tls_io.h"
#include "server/worker/trace.h"
#include "server/worker/tunnel_private.h"
#include "server/worker/worker.h"

#define BATCHES_PER_CALL 16
#define RECORDS_PER_CALL 64
#define BOUND_WAIT_MS    1000 /* for a forwarder that is just being replaced */
#define ALONE_BYTES      100
#define SAID_MAX         3    /* times that one kind of oddity is logged for a tunnel */

/* One connection per process: buffers are the process's, and cost memory only once used. */
static uint8_t rx[CSTP_HEAD + 2 * CSTP_PAYLOAD_MAX] PAGE_ALIGNED;
static uint8_t tx[CSTP_HEAD + CSTP_PAYLOAD_MAX] PAGE_ALIGNED;
static uint8_t record[1 + CSTP_PAYLOAD_MAX] PAGE_ALIGNED;
static uint8_t in_bytes[BATCH_MAX] PAGE_ALIGNED;
static struct batch out PAGE_ALIGNED;

static void
tunnel_end(struct worker *w, enum end_reason reason)
{
	struct ipc_session_end m = { .reason = (uint8_t)reason };

	TRACE(w, TRACE_FAIL, "end", "by=client\nreason=%s", end_reason_str(reason));
	ipc_send(&w->main, MSG_session_end, &m);
	worker_exit(w);
}

/* ---- to the forwarder ---- */

static void
out_flush(struct worker *w)
{
	struct tunnel *t = w->tunnel;

	if (out.len == 0 || t->fwd_blocked)
		return;
	if (send(t->fd, out.bytes, out.len, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) {
		out.len = 0;
	} else if (errno == EAGAIN || errno == ENOBUFS) {
		t->fwd_blocked = true;
		ev_io_stop(w->loop, &w->tcp_rd);
		ev_io_start(w->loop, &t->fwd_wr);
	} else {
		out.len = 0; /* the forwarder is being replaced; main keeps the channel */
	}
}

void
tunnel_out(struct worker *w, enum batch_type type, uint8_t tag, const void *data, size_t len)
{
	uint8_t *room;

	if (!batch_fits(&out, len))
		out_flush(w);
	if (!batch_fits(&out, len))
		return;
	room = batch_add(&out, type, tag, len);
	if (len > 0)
		memcpy(room, data, len);
}

/* ---- to the client ---- */

static void cstp_send(struct worker *w, enum cstp_type type, const void *payload, size_t len);

/* The client takes no more: nothing more is taken from the forwarder. */
static void
tcp_block(struct worker *w)
{
	w->tunnel->tcp_blocked = true;
	ev_io_stop(w->loop, &w->tunnel->fwd_rd);
	ev_io_start(w->loop, &w->tcp_wr);
}

/* One TLS record; while it waits to be written nothing more is taken from the forwarder. */
static void
record_send(struct worker *w, const void *data, size_t len)
{
	int r = tls_queue(w, data, len);

	if (r == ERR_AGAIN)
		tcp_block(w);
	else if (r != 0)
		tunnel_end(w, END_TRANSPORT_CLOSING);
}

/* At the end of each callback: the records that it has made, in one call. */
static void
records_flush(struct worker *w)
{
	int r = w->tunnel->tcp_blocked ? 0 : tls_flush(w);

	if (r == ERR_AGAIN)
		tcp_block(w);
	else if (r != 0)
		tunnel_end(w, END_TRANSPORT_CLOSING);
}

void
tunnel_flush(struct worker *w)
{
	out_flush(w);
	records_flush(w);
}

/* A packet that was late on purpose; tag is its type. */
static void
cstp_again(struct worker *w, unsigned tag, const void *data, size_t len)
{
	cstp_send(w, (enum cstp_type)tag, data, len);
	records_flush(w);
}

static void
cstp_send(struct worker *w, enum cstp_type type, const void *payload, size_t len)
{
	if (w->tunnel->tcp_blocked)
		return; /* control packets only come here then, and they are repeated */
	if (lab_takes(w, 1u << CHANNEL_CSTP, LAB_OUT, type, payload, len, cstp_again))
		return;
	TRACE(w, type == CSTP_DATA || type == CSTP_COMPRESSED ? TRACE_DATA : TRACE_FRAME, "frame",
	    "direction=out\nchannel=CSTP\ntype=%s\nbytes=%zu", cstp_type_name(type), len);
	cstp_head_put(tx, type, len);
	if (len > 0)
		memmove(tx + CSTP_HEAD, payload, len); /* a compressed packet is there already */
	record_send(w, tx, CSTP_HEAD + len);
}

/* 0, ERR_LONG (the path takes no such datagram), ERR_CLOSED. */
static int
dtls_packet_send(struct tunnel *t, enum cstp_type type, const void *payload, size_t len)
{
	record[0] = (uint8_t)type;
	if (len > 0)
		memcpy(record + 1, payload, len);
	return dtls_channel_send(&t->dtls, record, 1 + len);
}

/* Log an oddity of this tunnel, the first few times. */
static void
odd_log(struct worker *w, enum oddity what, unsigned number, size_t value1, size_t value2)
{
	char arg1[16], arg2[16];

	if (w->tunnel->said[what] >= SAID_MAX)
		return;
	w->tunnel->said[what]++;
	snprintf(arg1, sizeof(arg1), "%zu", value1);
	snprintf(arg2, sizeof(arg2), "%zu", value2);
	worker_log(w, number, arg1, arg2);
}

static struct coder *
coder_get(struct worker *w)
{
	struct tunnel *t = w->tunnel;
	bool fresh = t->coder.coder == NULL;
	struct coder *c = coder_user_get(&t->coder, worker_now_ms(w));

	if (fresh)
		worker_timer_update(w);
	return c;
}

/* Into room when that is shorter and the channel has compression: then type and length change. */
static const uint8_t *
packet_code(struct worker *w, enum channel channel, const uint8_t *packet, size_t *len, uint8_t *room,
    enum cstp_type *type)
{
	enum compression kind = w->tunnel->compression[channel];
	size_t n;

	*type = CSTP_DATA;
	if (kind == COMPRESSION_NONE || !compress_worthwhile(packet, *len))
		return packet;
	if ((n = coder_compress(coder_get(w), kind, packet, *len, room)) == 0)
		return packet;
	*type = CSTP_COMPRESSED;
	*len = n;
	return room;
}

/* One inner packet, on the channel that the client uses; what DTLS cannot take goes by CSTP. */
static void
client_data_send(struct worker *w, const uint8_t *packet, size_t size)
{
	struct tunnel *t = w->tunnel;
	enum cstp_type type;
	const uint8_t *payload;
	size_t len = size;
	int r;

	if (t->send_on == CHANNEL_DTLS && t->dtls.handed_over) {
		if (size > dtls_channel_mtu(&t->dtls)) /* else the client has left DTLS, and the forwarder knows it */
			odd_log(w, ODD_LARGE_OUT, 722036, size, dtls_channel_mtu(&t->dtls));
	} else if (t->send_on == CHANNEL_DTLS) {
		payload = packet_code(w, CHANNEL_DTLS, packet, &len, tx, &type);
		r = dtls_packet_send(t, type, payload, len);
		if (r == 0) {
			t->sent.packets++;
			t->sent.bytes += (uint32_t)size;
			return;
		}
		if (r == ERR_LONG)
			odd_log(w, ODD_LARGE_OUT, 722036, size, dtls_channel_mtu(&t->dtls));
		len = size;
	}
	if (t->tcp_blocked) {
		t->sent.dropped++;
		return;
	}
	payload = packet_code(w, CHANNEL_CSTP, packet, &len, tx + CSTP_HEAD, &type);
	cstp_send(w, type, payload, len);
}

/* ---- from the client ---- */

static void
client_data(struct worker *w, enum channel channel, const uint8_t *packet, size_t len)
{
	struct tunnel *t = w->tunnel;

	if (channel == CHANNEL_CSTP || t->dtls.live != NULL)
		t->send_on = channel;
	if (len < 20 || len > BATCH_ITEM_MAX)
		return; /* not even an IP header; the forwarder checks the rest */
	if (len > t->mtu_bytes)
		odd_log(w, ODD_LARGE_IN, 722035, len, t->mtu_bytes);
	idle_packet(&t->idle, worker_now_ms(w), packet, len);
	tunnel_out(w, BATCH_PACKET, channel == CHANNEL_DTLS, packet, len);
}

/* Of no more than the tunnel's MTU once it is whole: a larger one is a bomb, or not for us. */
static void
client_compressed(struct worker *w, enum channel channel, const uint8_t *payload, size_t len)
{
	struct tunnel *t = w->tunnel;
	const uint8_t *packet;
	size_t n;

	n = coder_decompress(coder_get(w), t->compression[channel], payload, len, t->mtu_bytes, &packet);
	if (n > 0) {
		client_data(w, channel, packet, n);
		return;
	}
	tunnel_out(w, BATCH_PACKET, channel == CHANNEL_DTLS, NULL, 0); /* the forwarder counts the drop */
	if (!t->bad_compressed_said)
		worker_note(w, "a compressed packet of %zu bytes over %s is broken or above the MTU; such are dropped", len,
		    channel == CHANNEL_DTLS ? "DTLS" : "TLS");
	t->bad_compressed_said = true;
}

/* Reason byte and text: B0 is the user's word, others mean "back soon" (protocol.md 2.2). */
static void
client_bye(struct worker *w, const uint8_t *payload, size_t len)
{
	bool user = len > 0 && payload[0] == CSTP_BYE_USER;
	char text[200];
	size_t n = 0;

	for (size_t i = 1; i < len && n < sizeof(text) - 1; i++)
		text[n++] = payload[i] >= ' ' && payload[i] < 0x7f ? (char)payload[i] : '?';
	text[n] = '\0';
	if (n > 0)
		worker_log(w, user ? 722012 : 722011, text, NULL);
	tunnel_end(w, user ? END_USER_REQUESTED : END_TRANSPORT_CLOSING);
}

/* The same payload: a client measures the MTU with it; what cannot be echoed is told by one byte (protocol.md 2.3). */
static void
client_dpd(struct worker *w, enum channel channel, const uint8_t *payload, size_t len)
{
	struct tunnel *t = w->tunnel;

	if (lab_has(w, LAB_NO_DPD, NULL))
		return;
	if (channel == CHANNEL_CSTP) {
		cstp_send(w, CSTP_DPD_RESP, payload, len);
		return;
	}
	t->send_on = CHANNEL_DTLS;
	TRACE(w, TRACE_FRAME, "frame", "direction=out\nchannel=DTLS\ntype=dpd-response\nbytes=%zu", len);
	if (dtls_packet_send(t, CSTP_DPD_RESP, payload, len) == ERR_LONG)
		dtls_packet_send(t, CSTP_DPD_RESP, NULL, 0);
}

void
tunnel_packet(struct worker *w, enum channel channel, uint8_t type, const uint8_t *payload, size_t len)
{
	struct tunnel *t = w->tunnel;
	uint64_t now = worker_now_ms(w);

	TRACE(w, type == CSTP_DATA || type == CSTP_COMPRESSED ? TRACE_DATA : TRACE_FRAME, "frame",
	    "direction=in\nchannel=%s\ntype=%s\nbytes=%zu", channel == CHANNEL_CSTP ? "CSTP" : "DTLS", cstp_type_name(type), len);
	dpd_heard(channel == CHANNEL_CSTP ? &t->cstp_dpd : &t->dtls_dpd, now);
	if (channel == CHANNEL_DTLS)
		t->watched = t->dtls.handed_over;
	idle_control(&t->idle, now);
	switch (type) {
	case CSTP_DATA:
		client_data(w, channel, payload, len);
		break;
	case CSTP_DPD_OUT:
		client_dpd(w, channel, payload, len);
		break;
	case CSTP_DPD_RESP:
	case CSTP_KEEPALIVE:
		break;
	case CSTP_DISCONNECT:
	case CSTP_TERMINATE:
		client_bye(w, payload, len);
		break;
	case CSTP_COMPRESSED:
		if (t->compression[channel] != COMPRESSION_NONE) {
			client_compressed(w, channel, payload, len);
			break;
		}
		/* fallthrough */
	default:
		if (channel == CHANNEL_CSTP)
			odd_log(w, ODD_TYPE, 722015, type, 0);
		break;
	}
}

static void
cstp_in_again(struct worker *w, unsigned tag, const void *data, size_t len)
{
	tunnel_packet(w, CHANNEL_CSTP, (uint8_t)tag, data, len);
	tunnel_flush(w);
}

/* Hand on all whole packets in rx. */
static void
rx_packets(struct worker *w)
{
	struct tunnel *t = w->tunnel;
	size_t pos = 0;

	while (pos < t->rx_len) {
		struct cstp_packet p;
		int n = cstp_packet_get(rx + pos, t->rx_len - pos, &p);

		if (n == 0)
			break;
		if (n < 0) {
			struct cstp_fault fault;

			cstp_fault(rx + pos, t->rx_len - pos, &fault);
			worker_log(w, fault.number, fault.arg1, fault.arg2);
			tunnel_end(w, END_PROTOCOL_ERROR);
		}
		if (!lab_takes(w, 1u << CHANNEL_CSTP, LAB_IN, p.type, p.payload, p.len, cstp_in_again))
			tunnel_packet(w, CHANNEL_CSTP, p.type, p.payload, p.len);
		pos += (size_t)n;
	}
	memmove(rx, rx + pos, t->rx_len - pos);
	t->rx_len -= pos;
}

/* The client closed, or its connection broke. */
static void
tcp_ended(struct worker *w)
{
	struct tunnel *t = w->tunnel;
	char number[8];

	snprintf(number, sizeof(number), "%zu", t->rx_len);
	if (t->rx_len > 0 && t->rx_len < CSTP_HEAD)
		worker_log(w, 722019, number, NULL);
	tunnel_end(w, END_TRANSPORT_CLOSING);
}

static void tunnel_trim_later(struct worker *w);

void
tunnel_readable(struct worker *w)
{
	struct tunnel *t = w->tunnel;
	bool large = false;

	for (int i = 0; i < RECORDS_PER_CALL && !t->fwd_blocked; i++) {
		int n = tls_receive(w, rx + t->rx_len, sizeof(rx) - t->rx_len);

		if (n == ERR_AGAIN)
			break;
		if (n < 0)
			tcp_ended(w);
		t->rx_len += (size_t)n;
		large |= n > PAGE_BYTES / 2;
		rx_packets(w);
	}
	tunnel_flush(w);
	if (large)
		tunnel_trim_later(w);
	worker_timer_update(w); /* who is heard needs no probe: the process sleeps on */
	/* what was read already makes no descriptor readable */
	if (!t->fwd_blocked && tls_pending(w))
		ev_feed_event(w->loop, &w->tcp_rd, EV_READ);
}

/* ---- the answer to CONNECT ---- */

uint32_t
tunnel_rtt_us(const struct worker *w)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	return getsockopt(w->tcp_fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0 ? info.tcpi_rtt : 0;
}

static void
head_send(struct worker *w)
{
	struct tunnel *t = w->tunnel;
	struct ipc_session_up up = { .mtu_bytes = t->mtu_bytes, .compression = (uint8_t)t->compression[CHANNEL_CSTP],
		.rtt_us = tunnel_rtt_us(w) };

	if (t->head == NULL)
		return;
	trace_answer(w, t->head, t->head_len);
	record_send(w, t->head, t->head_len);
	explicit_bzero(t->head, t->head_len);
	free(t->head);
	t->head = NULL;
	ipc_send(&w->main, MSG_session_up, &up);
	ev_io_start(w->loop, &w->tcp_rd);
	rx_packets(w); /* packets that came right behind the request */
}

/* ---- from the forwarder ---- */

/* Room for a decrypted record, behind what TCP may have left in front of rx; NULL: it has left too much. */
static uint8_t *
scratch(const struct tunnel *t)
{
	return t->rx_len <= sizeof(rx) - DTLS_RECORD_MAX ? rx + sizeof(rx) - DTLS_RECORD_MAX : NULL;
}

static void heard_timers(struct worker *w, uint64_t now);

/* Send on the batch in in_bytes; stops where TCP blocks. */
static void
in_continue(struct worker *w)
{
	struct tunnel *t = w->tunnel;

	while (t->in_pos < t->in_len && !t->tcp_blocked) {
		struct batch_item item;

		if (batch_next(in_bytes, t->in_len, &t->in_pos, &item) != 1) {
			t->in_pos = t->in_len;
			return;
		}
		if (item.type == BATCH_BOUND) {
			head_send(w);
		} else if (item.type == BATCH_PACKET && t->head == NULL) {
			idle_packet(&t->idle, worker_now_ms(w), item.data, item.len);
			client_data_send(w, item.data, item.len);
		} else if (item.type == BATCH_DGRAM || item.type == BATCH_STRAY) {
			tunnel_dtls_datagram(w, &item, scratch(t));
		} else if (item.type == BATCH_RECORD && item.len > 0) {
			tunnel_packet(w, CHANNEL_DTLS, item.data[0], item.data + 1, item.len - 1);
		} else if (item.type == BATCH_AGAIN) {
			tunnel_dtls_again(w, &item);
		} else if (item.type == BATCH_TOO_BIG) {
			tunnel_dtls_too_big(w, &item);
		} else if (item.type == BATCH_HEARD) {
			tunnel_dtls_heard(w, &item);
			heard_timers(w, worker_now_ms(w));
			worker_timer_update(w);
		}
	}
}

/* What the forwarder cannot know: which way its packets went. */
static void
sent_tell(struct worker *w)
{
	struct tunnel *t = w->tunnel;
	uint8_t bytes[12];
	struct wr wr = wr_init(bytes, sizeof(bytes));

	if (t->sent.packets == 0 && t->sent.dropped == 0)
		return;
	wr_u32(&wr, t->sent.packets);
	wr_u32(&wr, t->sent.bytes);
	wr_u32(&wr, t->sent.dropped);
	memset(&t->sent, 0, sizeof(t->sent));
	tunnel_out(w, BATCH_SENT, 0, bytes, sizeof(bytes));
}

static void
fwd_readable_cb(struct ev_loop *loop, ev_io *watcher, int revents)
{
	struct worker *w = watcher->data;
	struct tunnel *t = w->tunnel;

	(void)loop;
	(void)revents;
	for (int i = 0; i < BATCHES_PER_CALL && !t->tcp_blocked; i++) {
		ssize_t n = recv(t->fd, in_bytes, sizeof(in_bytes), MSG_DONTWAIT);

		if (n < 0)
			break;
		if (n == 0) { /* main keeps its end: this means the daemon is gone */
			ev_io_stop(w->loop, &t->fwd_rd);
			break;
		}
		t->in_len = (size_t)n;
		t->in_pos = 0;
		in_continue(w);
		if (n < ALONE_BYTES)
			break; /* a packet of control, as a rule, and none behind it */
	}
	sent_tell(w);
	tunnel_flush(w);
	if (t->in_len > PAGE_BYTES / 2)
		tunnel_trim_later(w);
	worker_timer_update(w);
}

static void
fwd_writable_cb(struct ev_loop *loop, ev_io *watcher, int revents)
{
	struct worker *w = watcher->data;
	struct tunnel *t = w->tunnel;

	(void)revents;
	t->fwd_blocked = false;
	out_flush(w);
	if (t->fwd_blocked)
		return;
	ev_io_stop(loop, &t->fwd_wr);
	ev_io_start(loop, &w->tcp_rd);
	if (tls_pending(w))
		ev_feed_event(loop, &w->tcp_rd, EV_READ);
}

void
tunnel_writable(struct worker *w)
{
	struct tunnel *t = w->tunnel;
	int r = tls_flush(w);

	if (r == ERR_AGAIN)
		return;
	if (r != 0)
		tunnel_end(w, END_TRANSPORT_CLOSING);
	t->tcp_blocked = false;
	in_continue(w);
	tunnel_flush(w);
	if (t->tcp_blocked)
		return;
	ev_io_stop(w->loop, &w->tcp_wr);
	ev_io_start(w->loop, &t->fwd_rd);
}

/* ---- timers ---- */

/* The timers that depend on when the client was heard. */
static uint64_t
heard_next(const struct tunnel *t)
{
	uint64_t dpd = t->watched ? UINT64_MAX : dpd_next(&t->dtls_dpd), idle = idle_next(&t->idle), first;

	first = dpd < idle ? dpd : idle;
	return first < t->ask_due_ms ? t->ask_due_ms : first;
}

/* Act on what is known. */
static void
heard_timers(struct worker *w, uint64_t now)
{
	struct tunnel *t = w->tunnel;

	t->ask_due_ms = 0;
	if (now >= idle_next(&t->idle))
		tunnel_close(w, END_IDLE_TIMEOUT);
	switch (dpd_step(&t->dtls_dpd, now)) {
	case DPD_DEAD:
		dtls_channel_lost(&t->dtls);
		break;
	case DPD_PROBE:
		TRACE(w, TRACE_FRAME, "frame", "direction=out\nchannel=DTLS\ntype=dpd-request\nbytes=0");
		dtls_packet_send(t, CSTP_DPD_OUT, NULL, 0);
		break;
	case DPD_NOTHING:
		break;
	}
}

/* Packets that the forwarder takes from the client itself are known to it alone: it is asked first. */
static void
heard_timer(struct worker *w, uint64_t now)
{
	struct tunnel *t = w->tunnel;

	if (now < heard_next(t))
		return;
	if (!t->dtls.handed_over) {
		heard_timers(w, now);
		return;
	}
	t->ask_due_ms = now + ASK_MS;
	tunnel_out(w, BATCH_ASK, 0, NULL, 0);
}

uint64_t
tunnel_next_ms(const struct worker *w)
{
	const struct tunnel *t = w->tunnel;
	const uint64_t all[] = {
		dpd_next(&t->cstp_dpd), heard_next(t), t->session_end_ms,
		dtls_channel_next_ms(&t->dtls), t->head != NULL ? t->head_due_ms : UINT64_MAX,
		t->trim_ms, coder_user_next(&t->coder),
	};
	uint64_t first = UINT64_MAX;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		first = all[i] < first ? all[i] : first;
	return first;
}

/* The memory that a handshake or a burst has taken goes back; a few control packets take little of it anew. */
static void
tunnel_trim(struct tunnel *t)
{
	t->trim_ms = UINT64_MAX;
	malloc_trim(0);
	tls_io_trim();
	ipc_trim();
	if (t->rx_len == 0)
		pages_drop(rx, sizeof(rx));
	if (t->in_pos == t->in_len)
		pages_drop(in_bytes, sizeof(in_bytes));
	if (out.len == 0)
		pages_drop(&out, sizeof(out));
	pages_drop(tx, sizeof(tx));
	pages_drop(record, sizeof(record));
	pages_drop_stack();
}

/* After much at once. */
static void
tunnel_trim_later(struct worker *w)
{
	struct tunnel *t = w->tunnel;

	if (t->trim_ms != UINT64_MAX)
		return;
	t->trim_ms = worker_now_ms(w) + BURST_TRIM_MS;
	worker_timer_update(w);
}

void
tunnel_timer(struct worker *w, uint64_t now)
{
	struct tunnel *t = w->tunnel;

	if (t->head != NULL && now >= t->head_due_ms)
		head_send(w);
	if (coder_user_timer(&t->coder, now))
		t->trim_ms = now;
	if (now >= t->trim_ms)
		tunnel_trim(t);
	if (now >= t->session_end_ms)
		tunnel_close(w, END_MAX_TIME);
	heard_timer(w, now);
	switch (dpd_step(&t->cstp_dpd, now)) {
	case DPD_DEAD:
		tunnel_end(w, END_DPD_FAILURE);
		break;
	case DPD_PROBE:
		cstp_send(w, CSTP_DPD_OUT, NULL, 0);
		break;
	case DPD_NOTHING:
		break;
	}
	tunnel_dtls_timer(w, now);
	tunnel_flush(w);
}

/* ---- life ---- */

void
tunnel_close(struct worker *w, enum end_reason reason)
{
	struct ipc_session_end m = { .reason = (uint8_t)reason };
	const char *text = end_reason_str(reason);
	uint8_t payload[64];
	size_t len = strlen(text);

	if (reason != END_PEER_RECONNECTED) { /* a replaced connection closes without a word */
		payload[0] = CSTP_BYE_USER;
		memcpy(payload + 1, text, len);
		cstp_send(w, CSTP_DISCONNECT, payload, 1 + len);
	}
	TRACE(w, TRACE_FAIL, "end", "by=gateway\nreason=%s", text);
	ipc_send(&w->main, MSG_session_end, &m);
	worker_exit(w);
}

void
tunnel_forwarder_new(struct worker *w)
{
	struct tunnel *t = w->tunnel;

	out.len = 0;
	t->told_mtu_bytes = t->mtu_bytes;
	t->ask_due_ms = 0;
	if (t->dtls.handed_over) /* what the old one heard is lost */
		idle_heard(&t->idle, worker_now_ms(w), worker_now_ms(w));
	dtls_channel_reset(&t->dtls);
	tunnel_flush(w);
}

void
tunnel_start(struct worker *w, const struct tunnel_setup *setup, const char *head, size_t head_len)
{
	const struct ipc_session_grant *m = setup->grant;
	struct tunnel *t = xcalloc(1, sizeof(*t));
	uint64_t now = worker_now_ms(w);

	w->tunnel = t;
	w->state = WORKER_TUNNEL;
	t->mtu_bytes = setup->mtu_bytes;
	t->udp_payload_bytes = setup->udp_payload_bytes;
	t->fd = setup->forwarder_fd;
	t->dpd_s = m->dpd_gateway_s;
	dpd_start(&t->cstp_dpd, t->dpd_s, now);
	idle_start(&t->idle, m->idle_s, setup->phone, now);
	t->session_end_ms = m->session_s != 0 ? now + (uint64_t)m->session_left_s * 1000 : UINT64_MAX;
	dtls_channel_start(&t->dtls, &tunnel_dtls_ops, w, setup->dtls, setup->udp_payload_bytes, now);
	t->fast_path = m->fast_path != 0;
	t->compression[CHANNEL_CSTP] = setup->cstp_compression;
	t->compression[CHANNEL_DTLS] = setup->dtls_compression;
	t->told_mtu_bytes = t->mtu_bytes;
	ev_io_init(&t->fwd_rd, fwd_readable_cb, t->fd, EV_READ);
	ev_io_init(&t->fwd_wr, fwd_writable_cb, t->fd, EV_WRITE);
	t->fwd_rd.data = t->fwd_wr.data = w;
	ev_io_start(w->loop, &t->fwd_rd);

	t->head = xmalloc(head_len);
	memcpy(t->head, head, head_len);
	t->head_len = head_len;
	t->head_due_ms = now + BOUND_WAIT_MS;
	t->trim_ms = now + TRIM_MS;
	ev_io_stop(w->loop, &w->tcp_rd);
	/* certauth has nothing more to say to this connection, HTTP neither */
	ipc_chan_stop(&w->auth);
	tls_transcript_free(w);
	t->rx_len = w->in_len < sizeof(rx) ? w->in_len : sizeof(rx);
	memcpy(rx, w->in, t->rx_len);
	free(w->in);
	w->in = NULL;
	w->in_len = w->in_cap = 0;
	worker_timer_update(w);
}
