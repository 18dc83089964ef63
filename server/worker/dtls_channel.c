/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/worker/dtls_channel.h"

#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "common/err.h"

#define STARTS_MAX        3      /* handshakes that may begin at once ... */
#define START_MS          1000   /* ... and how often another one may (protocol.md 3.3) */
#define FAILURES_MAX      3      /* protocol.md 4.3, rule 4 */
#define ANSWER_MS         30000  /* rule 4: silence after CONNECT */
#define PAYLOAD_RAISE_MS  600000 /* RFC 1191 6.3: a larger one is tried after ten minutes */
#define PAYLOAD_FLOOR     548    /* every host takes a packet of 576 bytes */
#define TYPE_BYTE         1

enum { CONTENT_DATA = 23, RECORD_HEAD = 13 };

void
dtls_channel_start(struct dtls_channel *c, const struct dtls_channel_ops *ops, void *ctx, struct dtls_keys *keys,
    unsigned payload_max, uint64_t now_ms)
{
	*c = (struct dtls_channel){
		.ops = ops, .ctx = ctx, .keys = keys, .starts = STARTS_MAX, .starts_ms = now_ms,
		.payload_start = payload_max, .payload = payload_max, .payload_raise_ms = UINT64_MAX,
		.answer_due_ms = keys != NULL ? now_ms + ANSWER_MS : UINT64_MAX,
	};
}

static void
session_free(struct dtls **d)
{
	dtls_free(*d);
	*d = NULL;
}

void
dtls_channel_clear(struct dtls_channel *c)
{
	session_free(&c->live);
	session_free(&c->next);
	if (c->keys != NULL) {
		explicit_bzero(c->keys, sizeof(*c->keys));
		free(c->keys);
	}
	c->keys = NULL;
}

/* ---- handshakes ---- */

/* What goes wrong beside a live session is no failure of the client's DTLS. */
static void
handshake_failed(struct dtls_channel *c, const char *why)
{
	c->answer_due_ms = UINT64_MAX; /* it has been counted */
	if (c->live != NULL)
		return;
	c->refused = ++c->failures >= FAILURES_MAX;
	c->ops->event(c->ctx, c->refused ? DTLS_EVENT_REFUSED : DTLS_EVENT_FAILED, why);
}

static void
handshake_done(struct dtls_channel *c)
{
	session_free(&c->live);
	c->live = c->next;
	c->next = NULL;
	memcpy(c->live_random, c->next_random, sizeof(c->live_random));
	c->live_high = 0;
	c->failures = 0;
	c->answer_due_ms = UINT64_MAX;
	c->payload = c->payload_start; /* a new path, perhaps */
	c->payload_raise_ms = UINT64_MAX;
	c->ops->peer_up(c->ctx, dtls_tag(c->live));
	c->handed_over = c->ops->hand_over != NULL && c->ops->hand_over(c->ctx, c->live);
	c->ops->event(c->ctx, DTLS_EVENT_UP, NULL);
}

static void
handshake_step(struct dtls_channel *c, uint64_t now_ms)
{
	int r = dtls_handshake(c->next);

	if (r == 0) {
		handshake_done(c);
	} else if (r == ERR_AGAIN && now_ms >= c->next_ends_ms) {
		session_free(&c->next);
		handshake_failed(c, "the client says no more");
	} else if (r == ERR_AGAIN) {
		/* each wait is twice the last: the end may come before the next */
		c->next_due_ms = now_ms + dtls_timeout_ms(c->next) + 1;
		if (c->next_due_ms > c->next_ends_ms)
			c->next_due_ms = c->next_ends_ms;
	} else {
		const char *why = dtls_error(c->next);

		session_free(&c->next);
		handshake_failed(c, why);
	}
}

static bool
start_allowed(struct dtls_channel *c, uint64_t now_ms)
{
	uint64_t more = (now_ms - c->starts_ms) / START_MS;

	if (more > 0) {
		c->starts = c->starts + more > STARTS_MAX ? STARTS_MAX : c->starts + (unsigned)more;
		c->starts_ms = now_ms;
	}
	if (c->starts == 0)
		return false;
	c->starts--;
	return true;
}

/* A new random: another handshake begins, beside the live session and in place of the one in progress. */
static bool
handshake_begin(struct dtls_channel *c, uint8_t tag, const struct dtls_hello *hello, uint64_t now_ms)
{
	static const uint8_t zero[DTLS_RANDOM_BYTES];

	if (memcmp(hello->random, zero, sizeof(zero)) == 0)
		return false; /* GnuTLS 3.6.3 to 3.6.12 clients: protocol.md 7, 23 */
	if (c->live != NULL && memcmp(hello->random, c->live_random, sizeof(c->live_random)) == 0)
		return false; /* that handshake is done; a late copy of its first datagram */
	if (c->refused || !start_allowed(c, now_ms))
		return false;
	if (c->next != NULL) {
		session_free(&c->next);
		handshake_failed(c, "the client began anew");
		if (c->refused)
			return false;
	}
	c->next = dtls_new(c->keys, hello->version, tag, c->payload_start, c->ops->send, c->ctx);
	memcpy(c->next_random, hello->random, sizeof(c->next_random));
	c->next_ends_ms = now_ms + DTLS_HANDSHAKE_MS;
	return c->next != NULL;
}

static void
hello_take(struct dtls_channel *c, uint8_t tag, const struct dtls_hello *hello, const uint8_t *data, size_t len,
    uint64_t now_ms)
{
	bool repeated = c->next != NULL && dtls_tag(c->next) == tag &&
	    memcmp(c->next_random, hello->random, sizeof(c->next_random)) == 0;

	c->heard = true;
	if (!repeated && !handshake_begin(c, tag, hello, now_ms))
		return;
	dtls_feed(c->next, data, len);
	handshake_step(c, now_ms);
}

/* ---- the live session ---- */

/* Epoch and number of the record that is all of this datagram; 0: it is not one record of data. */
static uint64_t
record_number(const uint8_t *data, size_t len)
{
	struct rd r = rd_init(data, len);
	uint64_t number;

	if (rd_u8(&r) != CONTENT_DATA)
		return 0;
	rd_u16(&r);
	number = rd_u64(&r);
	return rd_u16(&r) == rd_left(&r) && !r.bad ? number : 0;
}

enum origin { ORIGIN_PEER, ORIGIN_OTHER_PEER, ORIGIN_STRAY };

/*
 * A record authenticated and was new (GnuTLS has the replay window). From where
 * the peer was not, it moves there if the record is newer than all before; one
 * that merely came late moves nothing (protocol.md 3.6).
 */
static void
live_proved(struct dtls_channel *c, enum origin origin, uint8_t tag, uint64_t number)
{
	if (number <= c->live_high)
		return;
	c->live_high = number;
	if (origin == ORIGIN_PEER)
		return;
	if (origin == ORIGIN_OTHER_PEER)
		dtls_tag_set(c->live, tag);
	c->ops->peer_up(c->ctx, tag); /* a stray: the forwarder moves the address, our peer keeps its tag */
}

static void
live_receive(struct dtls_channel *c, enum origin origin, uint8_t tag, const uint8_t *data, size_t len, uint8_t *scratch)
{
	uint64_t number = record_number(data, len);
	int n;

	if (c->live == NULL || (origin != ORIGIN_PEER && number == 0))
		return;
	dtls_feed(c->live, data, len);
	while (c->live != NULL && (n = dtls_receive(c->live, scratch, DTLS_RECORD_MAX)) != ERR_AGAIN) {
		if (n < 0) {
			dtls_channel_lost(c);
			return;
		}
		if (c->handed_over)
			continue; /* behind an alert, say: whoever opens records knows which are new */
		live_proved(c, origin, tag, number); /* first, so that an answer finds the way */
		c->ops->record(c->ctx, scratch, (size_t)n);
	}
}

void
dtls_channel_stray(struct dtls_channel *c, uint8_t tag, const uint8_t *data, size_t len, uint8_t *scratch)
{
	if (!c->handed_over)
		live_receive(c, ORIGIN_STRAY, tag, data, len, scratch);
}

void
dtls_channel_datagram(struct dtls_channel *c, uint8_t tag, const uint8_t *data, size_t len, uint8_t *scratch,
    uint64_t now_ms)
{
	struct dtls_hello hello;

	if (c->keys == NULL || len == 0)
		return;
	if (dtls_hello_get(data, len, &hello)) {
		hello_take(c, tag, &hello, data, len, now_ms);
	} else if (c->next != NULL && dtls_tag(c->next) == tag && data[0] != CONTENT_DATA) {
		/* the one in progress goes first: an old session's record does it no harm (protocol.md 6.6) */
		dtls_feed(c->next, data, len);
		handshake_step(c, now_ms);
	} else if (c->live != NULL && c->handed_over && data[0] == CONTENT_DATA) {
		c->ops->give_back(c->ctx, tag, data, len);
	} else if (c->live != NULL) {
		live_receive(c, dtls_tag(c->live) == tag ? ORIGIN_PEER : ORIGIN_OTHER_PEER, tag, data, len, scratch);
	}
}

int
dtls_channel_send(struct dtls_channel *c, const void *record, size_t len)
{
	if (c->live == NULL)
		return ERR_CLOSED;
	if (!c->handed_over)
		return dtls_send(c->live, record, len);
	if (len > dtls_room(c->live))
		return ERR_LONG;
	c->ops->seal(c->ctx, record, len);
	return 0;
}

void
dtls_channel_lost(struct dtls_channel *c)
{
	if (c->live == NULL)
		return;
	c->ops->peer_down(c->ctx, dtls_tag(c->live));
	session_free(&c->live);
	c->handed_over = false;
	c->ops->event(c->ctx, DTLS_EVENT_LOST, NULL);
}

void
dtls_channel_reset(struct dtls_channel *c)
{
	session_free(&c->next);
	if (c->live == NULL || !c->handed_over || c->ops->hand_again == NULL || !c->ops->hand_again(c->ctx, c->live))
		dtls_channel_lost(c);
}

void
dtls_channel_again(struct dtls_channel *c, bool yes, uint8_t tag)
{
	if (c->live == NULL || !c->handed_over)
		return;
	if (yes)
		dtls_tag_set(c->live, tag);
	else
		dtls_channel_lost(c);
}

/* ---- the path's MTU ---- */

/* The next lower payload when nobody says what the path takes: Ethernet, PPPoE, tunnels (RFC 1191 7.1). */
static unsigned
plateau_below(unsigned len)
{
	static const unsigned plateaus[] = { 1464, 1452, 1432, 1400, 1352, 1300, 1252, 1200, 1024, 900, 700 };

	for (size_t i = 0; i < sizeof(plateaus) / sizeof(plateaus[0]); i++) {
		if (plateaus[i] < len)
			return plateaus[i];
	}
	return PAYLOAD_FLOOR;
}

bool
dtls_channel_too_big(struct dtls_channel *c, uint8_t tag, unsigned len, unsigned room, uint64_t now_ms)
{
	unsigned payload = room != 0 ? room : plateau_below(len);

	if (c->live == NULL || dtls_tag(c->live) != tag)
		return false;
	if (payload < PAYLOAD_FLOOR)
		payload = PAYLOAD_FLOOR;
	if (payload >= c->payload)
		return false; /* said already, of datagrams that were on their way */
	c->payload = payload;
	c->payload_raise_ms = now_ms + PAYLOAD_RAISE_MS;
	dtls_payload_set(c->live, payload);
	return true;
}

unsigned
dtls_channel_mtu(const struct dtls_channel *c)
{
	unsigned room = c->live != NULL ? dtls_room(c->live) : 0;

	return room > TYPE_BYTE ? room - TYPE_BYTE : 0;
}

/* ---- timers ---- */

bool
dtls_channel_timer(struct dtls_channel *c, uint64_t now_ms)
{
	if (c->next != NULL && now_ms >= c->next_due_ms)
		handshake_step(c, now_ms);
	if (now_ms >= c->answer_due_ms && c->next != NULL)
		c->answer_due_ms = UINT64_MAX; /* its end will count */
	else if (now_ms >= c->answer_due_ms)
		handshake_failed(c, "no datagram of the client has come");
	if (now_ms < c->payload_raise_ms)
		return false;
	c->payload_raise_ms = UINT64_MAX;
	c->payload = c->payload_start;
	if (c->live != NULL)
		dtls_payload_set(c->live, c->payload);
	return c->live != NULL;
}

uint64_t
dtls_channel_next_ms(const struct dtls_channel *c)
{
	uint64_t first = c->payload_raise_ms < c->answer_due_ms ? c->payload_raise_ms : c->answer_due_ms;

	return c->next != NULL && c->next_due_ms < first ? c->next_due_ms : first;
}
