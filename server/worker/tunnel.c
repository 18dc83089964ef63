/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flow control: what cannot be written to the client stops the reading of the
 * forwarder's channel, whose queue then fills and drops; what cannot be
 * written to the forwarder stops the reading of TCP. Datagrams are dropped instead.
 */
#include "server/worker/tunnel.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/batch.h"
#include "common/buf.h"
#include "common/mem.h"
#include "server/worker/cstp.h"
#include "server/worker/dpd.h"
#include "server/worker/idle.h"
#include "server/worker/tls.h"
#include "server/worker/worker.h"

#define DTLS_STARTS_MAX 3    /* handshakes that may begin at once ... */
#define DTLS_START_MS   1000 /* ... and how often another one may (protocol.md 3.3) */
#define BATCHES_PER_CALL 16
#define RECORDS_PER_CALL 64
#define TRIM_MS          2000 /* after the last handshake: the memory it took goes back to the kernel */
#define BOUND_WAIT_MS    1000 /* for a forwarder that is just being replaced */

enum channel { CHANNEL_CSTP, CHANNEL_DTLS };

struct tunnel {
	unsigned mtu_bytes, udp_payload_bytes;
	int fd; /* to the forwarder */
	ev_io fwd_rd, fwd_wr;
	bool fwd_blocked, tcp_blocked;

	struct dpd cstp_dpd, dtls_dpd;
	unsigned dpd_s;
	struct idle idle;
	uint64_t session_end_ms; /* UINT64_MAX: no limit */

	const struct dtls_name *dtls_name;
	uint8_t master[DTLS_MASTER_BYTES], dtls_id[DTLS_ID_BYTES];
	struct dtls *live, *next; /* the one in use, the handshake in progress */
	uint8_t next_random[32];
	uint64_t next_due_ms;     /* retransmission of next */
	unsigned starts;          /* tokens left */
	uint64_t starts_ms;       /* last time one was added */
	enum channel send_on;     /* where the client's last data came from */

	char *head;               /* the answer to CONNECT, until it is sent */
	size_t head_len;
	uint64_t head_due_ms;     /* when it is sent anyhow */

	uint64_t trim_ms;         /* UINT64_MAX: done */

	size_t rx_len;            /* bytes in rx */
	size_t in_len, in_pos;    /* the batch being sent on in in_bytes */
};

/* One connection per process: buffers are the process's, and cost memory only once used. */
static uint8_t rx[CSTP_HEAD + 2 * CSTP_PAYLOAD_MAX];
static uint8_t tx[CSTP_HEAD + CSTP_PAYLOAD_MAX];
static uint8_t record[1 + CSTP_PAYLOAD_MAX];
static uint8_t in_bytes[BATCH_MAX];
static struct batch out;

static void
tunnel_end(struct worker *w, enum end_reason reason)
{
	struct ipc_session_end m = { .reason = (uint8_t)reason };

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

static void
out_add(struct worker *w, enum batch_type type, uint8_t tag, const void *data, size_t len)
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

static void
dtls_out(void *ctx, uint8_t tag, const void *data, size_t len)
{
	out_add(ctx, BATCH_DGRAM, tag, data, len);
}

/* ---- to the client ---- */

/* One TLS record; while it waits to be written nothing more is taken from the forwarder. */
static void
record_send(struct worker *w, const void *data, size_t len)
{
	struct tunnel *t = w->tunnel;
	int r = tls_send(w, data, len);

	if (r == ERR_AGAIN) {
		t->tcp_blocked = true;
		ev_io_stop(w->loop, &t->fwd_rd);
		ev_io_start(w->loop, &w->tcp_wr);
	} else if (r != 0) {
		tunnel_end(w, END_TRANSPORT_CLOSING);
	}
}

static void
cstp_send(struct worker *w, enum cstp_type type, const void *payload, size_t len)
{
	if (w->tunnel->tcp_blocked)
		return; /* control packets only come here then, and they are repeated */
	cstp_head_put(tx, type, len);
	if (len > 0)
		memcpy(tx + CSTP_HEAD, payload, len);
	record_send(w, tx, CSTP_HEAD + len);
}

static int
dtls_packet_send(struct tunnel *t, enum cstp_type type, const void *payload, size_t len)
{
	record[0] = (uint8_t)type;
	if (len > 0)
		memcpy(record + 1, payload, len);
	return dtls_send(t->live, record, 1 + len);
}

static void
client_send(struct worker *w, enum channel channel, enum cstp_type type, const void *payload, size_t len)
{
	struct tunnel *t = w->tunnel;

	if (channel == CHANNEL_DTLS && t->live != NULL && dtls_packet_send(t, type, payload, len) == 0)
		return;
	cstp_send(w, type, payload, len);
}

/* ---- from the client ---- */

static void
client_data(struct worker *w, enum channel channel, const uint8_t *packet, size_t len)
{
	struct tunnel *t = w->tunnel;

	if (channel == CHANNEL_CSTP || t->live != NULL)
		t->send_on = channel;
	if (len < 20 || len > BATCH_ITEM_MAX)
		return; /* not even an IP header; the forwarder checks the rest */
	idle_packet(&t->idle, worker_now_ms(w), packet, len);
	out_add(w, BATCH_PACKET, 0, packet, len);
}

static void
client_bye(struct worker *w, const uint8_t *payload, size_t len)
{
	char text[200];
	size_t n = 0;

	for (size_t i = 1; i < len && n < sizeof(text) - 1; i++)
		text[n++] = payload[i] >= ' ' && payload[i] < 0x7f ? (char)payload[i] : '?';
	text[n] = '\0';
	if (n > 0)
		worker_log(w, 722012, text, NULL);
	tunnel_end(w, len > 0 && payload[0] == CSTP_BYE_USER ? END_USER_REQUESTED : END_TRANSPORT_CLOSING);
}

static void
client_packet(struct worker *w, enum channel channel, uint8_t type, const uint8_t *payload, size_t len)
{
	struct tunnel *t = w->tunnel;
	uint64_t now = worker_now_ms(w);
	char number[8];

	dpd_heard(channel == CHANNEL_CSTP ? &t->cstp_dpd : &t->dtls_dpd, now);
	idle_control(&t->idle, now);
	switch (type) {
	case CSTP_DATA:
		client_data(w, channel, payload, len);
		break;
	case CSTP_DPD_OUT:
		if (channel == CHANNEL_DTLS) {
			t->send_on = CHANNEL_DTLS;
			/* same payload: a client measures the MTU with it; too long, one byte tells so (protocol.md 2.3) */
			if (t->live != NULL && dtls_packet_send(t, CSTP_DPD_RESP, payload, len) == ERR_LONG)
				dtls_packet_send(t, CSTP_DPD_RESP, NULL, 0);
		} else {
			cstp_send(w, CSTP_DPD_RESP, payload, len);
		}
		break;
	case CSTP_DPD_RESP:
	case CSTP_KEEPALIVE:
		break;
	case CSTP_DISCONNECT:
	case CSTP_TERMINATE:
		client_bye(w, payload, len);
		break;
	default:
		snprintf(number, sizeof(number), "%u", type);
		if (channel == CHANNEL_CSTP)
			worker_log(w, 722015, number, NULL);
		break;
	}
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
			char hex[17];

			hex_put(rx + pos, t->rx_len - pos < 8 ? t->rx_len - pos : 8, hex);
			worker_log(w, 722017, hex, "0");
			tunnel_end(w, END_PROTOCOL_ERROR);
		}
		client_packet(w, CHANNEL_CSTP, p.type, p.payload, p.len);
		pos += (size_t)n;
	}
	memmove(rx, rx + pos, t->rx_len - pos);
	t->rx_len -= pos;
}

void
tunnel_readable(struct worker *w)
{
	struct tunnel *t = w->tunnel;

	for (int i = 0; i < RECORDS_PER_CALL && !t->fwd_blocked; i++) {
		int n = tls_receive(w, rx + t->rx_len, sizeof(rx) - t->rx_len);

		if (n == ERR_AGAIN)
			break;
		if (n < 0)
			tunnel_end(w, END_TRANSPORT_CLOSING);
		t->rx_len += (size_t)n;
		rx_packets(w);
	}
	out_flush(w);
	/* what GnuTLS holds already makes no descriptor readable */
	if (!t->fwd_blocked && gnutls_record_check_pending(w->tls) > 0)
		ev_feed_event(w->loop, &w->tcp_rd, EV_READ);
}

/* ---- DTLS ---- */

static void
dtls_lost(struct worker *w)
{
	struct tunnel *t = w->tunnel;
	struct ipc_dtls_down m = { 0 };

	dtls_free(t->live);
	t->live = NULL;
	t->dtls_dpd.interval_ms = 0;
	t->send_on = CHANNEL_CSTP;
	ipc_send(&w->main, MSG_dtls_down, &m);
}

static void
dtls_done(struct worker *w)
{
	struct tunnel *t = w->tunnel;
	struct ipc_dtls_up m = { .suite = t->dtls_name->suite, .version = (uint8_t)t->dtls_name->version };

	dtls_free(t->live);
	t->live = t->next;
	t->next = NULL;
	t->send_on = CHANNEL_DTLS;
	dpd_start(&t->dtls_dpd, t->dpd_s, worker_now_ms(w));
	out_add(w, BATCH_PEER_UP, dtls_tag(t->live), NULL, 0);
	ipc_send(&w->main, MSG_dtls_up, &m);
	t->trim_ms = worker_now_ms(w) + TRIM_MS;
	worker_timer_update(w);
}

static void
next_handshake(struct worker *w)
{
	struct tunnel *t = w->tunnel;
	int r = dtls_handshake(t->next);

	if (r == 0) {
		dtls_done(w);
	} else if (r == ERR_AGAIN) {
		t->next_due_ms = worker_now_ms(w) + dtls_timeout_ms(t->next) + 1;
		worker_timer_update(w);
	} else {
		worker_note(w, "DTLS handshake failed: %s", dtls_error(t->next));
		dtls_free(t->next);
		t->next = NULL;
	}
}

static bool
start_allowed(struct tunnel *t, uint64_t now)
{
	uint64_t more = (now - t->starts_ms) / DTLS_START_MS;

	if (more > 0) {
		t->starts = t->starts + more > DTLS_STARTS_MAX ? DTLS_STARTS_MAX : t->starts + (unsigned)more;
		t->starts_ms = now;
	}
	if (t->starts == 0)
		return false;
	t->starts--;
	return true;
}

/* A ClientHello: a repeated one goes to the handshake under way, a new one begins another beside the live session. */
static void
dtls_hello(struct worker *w, uint8_t tag, const uint8_t *data, size_t len, const uint8_t *random)
{
	static const uint8_t zero[32];
	struct tunnel *t = w->tunnel;

	if (memcmp(random, zero, sizeof(zero)) == 0)
		return; /* GnuTLS 3.6.3 to 3.6.12 clients: protocol.md 7, 23 */
	if (t->next == NULL || memcmp(t->next_random, random, sizeof(t->next_random)) != 0 || dtls_tag(t->next) != tag) {
		if (!start_allowed(t, worker_now_ms(w)))
			return;
		dtls_free(t->next);
		t->next = dtls_new(t->dtls_name, t->master, t->dtls_id, tag, t->udp_payload_bytes, dtls_out, w);
		if (t->next == NULL)
			return;
		memcpy(t->next_random, random, sizeof(t->next_random));
	}
	dtls_feed(t->next, data, len);
	next_handshake(w);
}

static void
live_receive(struct worker *w, const uint8_t *data, size_t len)
{
	struct tunnel *t = w->tunnel;
	uint8_t *plain = rx + sizeof(rx) - (1 + CSTP_PAYLOAD_MAX); /* behind what TCP may have left in front */
	int n;

	if (t->rx_len > sizeof(rx) - (1 + CSTP_PAYLOAD_MAX))
		return;
	dtls_feed(t->live, data, len);
	while (t->live != NULL && (n = dtls_receive(t->live, plain, 1 + CSTP_PAYLOAD_MAX)) != ERR_AGAIN) {
		if (n < 0) {
			dtls_lost(w);
			return;
		}
		client_packet(w, CHANNEL_DTLS, plain[0], plain + 1, (size_t)n - 1);
	}
}

/* After a hand-over the first records may be behind the Finished in the same datagram. */
static void
dtls_datagram(struct worker *w, uint8_t tag, const uint8_t *data, size_t len)
{
	enum { APPLICATION_DATA = 23 };
	struct tunnel *t = w->tunnel;
	const uint8_t *random;

	if (t->dtls_name == NULL || len == 0)
		return;
	if (dtls_is_hello(data, len, &random)) {
		dtls_hello(w, tag, data, len, random);
		return;
	}
	if (t->next != NULL && dtls_tag(t->next) == tag && data[0] != APPLICATION_DATA) {
		dtls_feed(t->next, data, len);
		next_handshake(w);
		return;
	}
	if (t->live != NULL && dtls_tag(t->live) == tag)
		live_receive(w, data, len);
}

/* ---- the answer to CONNECT ---- */

static void
head_send(struct worker *w)
{
	struct tunnel *t = w->tunnel;
	struct ipc_session_up up = { .mtu_bytes = t->mtu_bytes };

	if (t->head == NULL)
		return;
	record_send(w, t->head, t->head_len);
	explicit_bzero(t->head, t->head_len);
	free(t->head);
	t->head = NULL;
	ipc_send(&w->main, MSG_session_up, &up);
	ev_io_start(w->loop, &w->tcp_rd);
	rx_packets(w); /* packets that came right behind the request */
}

/* ---- from the forwarder ---- */

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
			client_send(w, t->send_on, CSTP_DATA, item.data, item.len);
		} else if (item.type == BATCH_DGRAM) {
			dtls_datagram(w, item.tag, item.data, item.len);
		}
	}
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
	}
	out_flush(w);
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
	if (gnutls_record_check_pending(w->tls) > 0)
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
	out_flush(w);
	if (t->tcp_blocked)
		return;
	ev_io_stop(w->loop, &w->tcp_wr);
	ev_io_start(w->loop, &t->fwd_rd);
}

/* ---- timers ---- */

uint64_t
tunnel_next_ms(const struct worker *w)
{
	const struct tunnel *t = w->tunnel;
	const uint64_t all[] = {
		dpd_next(&t->cstp_dpd), dpd_next(&t->dtls_dpd), idle_next(&t->idle), t->session_end_ms,
		t->next != NULL ? t->next_due_ms : UINT64_MAX, t->head != NULL ? t->head_due_ms : UINT64_MAX,
		t->trim_ms,
	};
	uint64_t first = UINT64_MAX;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		first = all[i] < first ? all[i] : first;
	return first;
}

void
tunnel_timer(struct worker *w, uint64_t now)
{
	struct tunnel *t = w->tunnel;

	if (t->head != NULL && now >= t->head_due_ms)
		head_send(w);
	if (now >= t->trim_ms) {
		malloc_trim(0);
		t->trim_ms = UINT64_MAX;
	}
	if (now >= t->session_end_ms)
		tunnel_close(w, END_MAX_TIME);
	if (now >= idle_next(&t->idle))
		tunnel_close(w, END_IDLE_TIMEOUT);
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
	switch (dpd_step(&t->dtls_dpd, now)) {
	case DPD_DEAD:
		dtls_lost(w);
		break;
	case DPD_PROBE:
		if (t->live != NULL)
			dtls_packet_send(t, CSTP_DPD_OUT, NULL, 0);
		break;
	case DPD_NOTHING:
		break;
	}
	if (t->next != NULL && now >= t->next_due_ms)
		next_handshake(w);
	out_flush(w);
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
	ipc_send(&w->main, MSG_session_end, &m);
	worker_exit(w);
}

void
tunnel_forwarder_new(struct worker *w)
{
	struct tunnel *t = w->tunnel;

	dtls_free(t->next);
	t->next = NULL;
	out.len = 0;
	if (t->live != NULL)
		dtls_lost(w);
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
	t->dtls_name = setup->dtls;
	t->starts = DTLS_STARTS_MAX;
	t->starts_ms = now;
	if (setup->dtls != NULL) {
		memcpy(t->master, setup->master, sizeof(t->master));
		memcpy(t->dtls_id, m->dtls_id.data, sizeof(t->dtls_id));
	}
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
