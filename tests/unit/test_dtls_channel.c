/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A tunnel's DTLS side against GnuTLS clients in this process: second handshakes, moved peers, failures, the path's MTU. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>

#include "common/err.h"
#include "common/mem.h"
#include "server/worker/dtls_channel.h"

#define QUEUE 64

struct client {
	gnutls_session_t s;
	struct {
		uint8_t bytes[2000];
		size_t len;
	} in[QUEUE], out[QUEUE]; /* from and to the channel */
	unsigned in_first, in_count, out_count;
	uint8_t tag; /* what the forwarder calls its address */
};

static struct dtls_channel ch;
static struct client clients[3]; /* by tag */
static uint8_t secret[DTLS_MASTER_BYTES], scratch[DTLS_RECORD_MAX];
static uint64_t now_ms;

static struct { /* what the channel did */
	unsigned ups, losts, faileds, refuseds, peer_ups, peer_downs, records;
	uint8_t peer_tag, last[2000];
	size_t last_len;
	char why[200];
	char order[100]; /* P a peer is believed, R a record */
} seen;

static void
op_send(void *ctx, uint8_t tag, const void *data, size_t len)
{
	struct client *c = &clients[tag];

	assert_ptr_equal(ctx, &ch);
	assert_true(tag < COUNT(clients) && c->in_count < QUEUE);
	memcpy(c->in[(c->in_first + c->in_count) % QUEUE].bytes, data, len);
	c->in[(c->in_first + c->in_count++) % QUEUE].len = len;
}

static void
op_peer_up(void *ctx, uint8_t tag)
{
	(void)ctx;
	seen.peer_ups++;
	seen.peer_tag = tag;
	strcat(seen.order, "P");
}

static void
op_peer_down(void *ctx, uint8_t tag)
{
	(void)ctx;
	seen.peer_downs++;
	assert_int_equal(tag, dtls_tag(ch.live));
}

static void
op_record(void *ctx, const uint8_t *record, size_t len)
{
	(void)ctx;
	seen.records++;
	seen.last_len = len;
	memcpy(seen.last, record, len);
	strcat(seen.order, "R");
}

static void
op_event(void *ctx, enum dtls_event event, const char *why)
{
	unsigned *const counts[] = { &seen.ups, &seen.losts, &seen.faileds, &seen.refuseds };

	(void)ctx;
	++*counts[event];
	snprintf(seen.why, sizeof(seen.why), "%s", why == NULL ? "" : why);
}

static const struct dtls_channel_ops ops = { op_send, op_peer_up, op_peer_down, op_record, op_event, NULL, NULL, NULL, NULL };

static struct dtls_keys *
keys_make(void)
{
	struct dtls_offer offer = { .x_dtls = "AES256-SHA", .tls_suite = suite_by_name("AES256-SHA"), .phone = true, .has_master = true };
	struct dtls_keys *k = xcalloc(1, sizeof(*k));

	suite_list_make(SUITE_DTLS10, "medium", NULL, &offer.allowed10);
	k->name = dtls_choose(&offer);
	assert_non_null(k->name);
	memcpy(k->secret, secret, sizeof(secret));
	memset(k->id, 0x1d, sizeof(k->id));
	return k;
}

static int
setup(void **state)
{
	(void)state;
	memset(&seen, 0, sizeof(seen));
	memset(clients, 0, sizeof(clients));
	memset(secret, 0x4d, sizeof(secret));
	now_ms = 1000000;
	dtls_channel_start(&ch, &ops, &ch, keys_make(), 1472, now_ms);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	dtls_channel_clear(&ch);
	for (size_t i = 0; i < COUNT(clients); i++) {
		if (clients[i].s != NULL)
			gnutls_deinit(clients[i].s);
	}
	return 0;
}

static ssize_t
client_push(gnutls_transport_ptr_t p, const void *data, size_t len)
{
	struct client *c = p;

	assert_true(c->out_count < QUEUE);
	memcpy(c->out[c->out_count].bytes, data, len);
	c->out[c->out_count++].len = len;
	return (ssize_t)len;
}

static ssize_t
client_pull(gnutls_transport_ptr_t p, void *data, size_t size)
{
	struct client *c = p;
	size_t len;

	if (c->in_count == 0) {
		gnutls_transport_set_errno(c->s, EAGAIN);
		return -1;
	}
	len = c->in[c->in_first].len;
	assert_true(len <= size);
	memcpy(data, c->in[c->in_first].bytes, len);
	c->in_first = (c->in_first + 1) % QUEUE;
	c->in_count--;
	return (ssize_t)len;
}

static int
client_poll(gnutls_transport_ptr_t p, unsigned ms)
{
	struct client *c = p;

	(void)ms;
	return c->in_count > 0;
}

static struct client *
client_start(uint8_t tag, const uint8_t *master)
{
	gnutls_datum_t m = { (uint8_t *)(uintptr_t)master, DTLS_MASTER_BYTES }, i = { ch.keys->id, DTLS_ID_BYTES };
	struct client *c = &clients[tag];
	char priority[DTLS_PRIORITY_BYTES];

	if (c->s != NULL)
		gnutls_deinit(c->s);
	memset(c, 0, sizeof(*c));
	c->tag = tag;
	snprintf(priority, sizeof(priority), "NONE:+VERS-DTLS0.9:%s", ch.keys->name->priority);
	assert_true(gnutls_init(&c->s, GNUTLS_CLIENT | GNUTLS_DATAGRAM | GNUTLS_NONBLOCK) == 0);
	assert_true(gnutls_priority_set_direct(c->s, priority, NULL) == 0);
	assert_true(gnutls_session_set_premaster(c->s, GNUTLS_CLIENT, GNUTLS_DTLS0_9, GNUTLS_KX_RSA, GNUTLS_CIPHER_AES_256_CBC,
	    GNUTLS_MAC_SHA1, GNUTLS_COMP_NULL, &m, &i) == 0);
	gnutls_transport_set_ptr(c->s, c);
	gnutls_transport_set_push_function(c->s, client_push);
	gnutls_transport_set_pull_function(c->s, client_pull);
	gnutls_transport_set_pull_timeout_function(c->s, client_poll);
	gnutls_dtls_set_timeouts(c->s, 100000, 200000);
	return c;
}

/* What the client has sent goes in as from this tag. */
static void
deliver(struct client *c, uint8_t as)
{
	for (unsigned i = 0; i < c->out_count; i++)
		dtls_channel_datagram(&ch, as, c->out[i].bytes, c->out[i].len, scratch, now_ms);
	c->out_count = 0;
}

/* Up to and with the client's Finished, which is not delivered yet. */
static void
handshake_all_but_the_end(struct client *c)
{
	int r = gnutls_handshake(c->s);

	assert_int_equal(r, GNUTLS_E_AGAIN);
	deliver(c, c->tag);
	for (int i = 0; i < 5 && (r = gnutls_handshake(c->s)) == GNUTLS_E_AGAIN; i++)
		;
	assert_int_equal(r, 0);
}

static struct client *
client_up(uint8_t tag)
{
	struct client *c = client_start(tag, secret);

	handshake_all_but_the_end(c);
	deliver(c, tag);
	return c;
}

static void
client_say(struct client *c, const char *text)
{
	assert_int_equal(gnutls_record_send(c->s, text, strlen(text)), strlen(text));
}

static bool
client_hears(struct client *c, const char *text)
{
	char got[2000];
	ssize_t n = gnutls_record_recv(c->s, got, sizeof(got));

	return n == (ssize_t)strlen(text) && memcmp(got, text, (size_t)n) == 0;
}

static bool
heard(const char *text)
{
	return seen.last_len == strlen(text) && memcmp(seen.last, text, seen.last_len) == 0;
}

T(a_handshake_makes_the_channel_live)
{
	struct client *c = client_up(0);

	UNUSED;
	assert_int_equal(seen.ups, 1);
	assert_int_equal(seen.peer_ups, 1);
	client_say(c, "up");
	deliver(c, 0);
	assert_true(heard("up"));
	assert_int_equal(dtls_channel_send(&ch, "down", 4), 0);
	assert_true(client_hears(c, "down"));
	dtls_channel_lost(&ch);
	assert_int_equal(seen.losts, 1);
	assert_int_equal(seen.peer_downs, 1);
	assert_int_equal(dtls_channel_send(&ch, "down", 4), ERR_CLOSED);
}

/* protocol.md 3.3: at the same address both sessions have the same epoch and numbers, only their keys differ. */
T(old_keys_serve_until_the_second_handshake_is_done)
{
	struct client *old = client_up(0), *new;
	struct client copy;

	UNUSED;
	memcpy(&copy, old, sizeof(copy));
	memset(old, 0, sizeof(*old)); /* the slot of the address is the new client's now */
	new = client_start(0, secret);
	gnutls_transport_set_ptr(copy.s, &copy);
	handshake_all_but_the_end(new);
	client_say(&copy, "still by the old keys");
	deliver(&copy, 0);
	assert_true(heard("still by the old keys"));
	assert_int_equal(dtls_channel_send(&ch, "to the old", 10), 0);
	memcpy(copy.in, new->in, sizeof(copy.in));
	copy.in_first = new->in_first;
	copy.in_count = new->in_count;
	new->in_count = 0;
	assert_true(client_hears(&copy, "to the old"));
	deliver(new, 0);
	assert_int_equal(seen.ups, 2);
	client_say(new, "by the new ones");
	deliver(new, 0);
	assert_true(heard("by the new ones"));
	client_say(&copy, "too late");
	deliver(&copy, 0);
	assert_true(heard("by the new ones"));
	gnutls_deinit(copy.s);
}

/* A spoofed hello with the right session id, from another address, which never gets further. */
T(a_hello_from_elsewhere_takes_nothing_over)
{
	struct client *c = client_up(0), *spoof = client_start(1, secret);

	UNUSED;
	gnutls_handshake(spoof->s);
	deliver(spoof, 1);
	assert_non_null(ch.next);
	assert_int_equal(seen.ups, 1);
	assert_int_equal(seen.peer_ups, 1);
	assert_int_equal(dtls_channel_send(&ch, "to whom?", 8), 0);
	assert_true(client_hears(c, "to whom?"));
	now_ms += 40000; /* it ends by itself, and is no failure of the client's */
	client_say(c, "here");
	deliver(c, 0);
	assert_true(heard("here"));
	assert_int_equal(seen.faileds + seen.refuseds + seen.losts, 0);
}

T(a_late_copy_of_the_first_hello_begins_nothing)
{
	struct client *c = client_start(0, secret);
	uint8_t hello[2000];
	size_t len;

	UNUSED;
	gnutls_handshake(c->s);
	len = c->out[0].len;
	memcpy(hello, c->out[0].bytes, len);
	deliver(c, 0);
	dtls_channel_datagram(&ch, 0, hello, len, scratch, now_ms); /* while it is under way */
	while (gnutls_handshake(c->s) == GNUTLS_E_AGAIN)
		;
	deliver(c, 0);
	assert_int_equal(seen.ups, 1);
	dtls_channel_datagram(&ch, 0, hello, len, scratch, now_ms); /* and when it is done */
	dtls_channel_datagram(&ch, 1, hello, len, scratch, now_ms);
	assert_null(ch.next);
}

/* protocol.md 3.6 */
T(data_from_an_unknown_address_moves_the_peer_once_it_authenticates)
{
	struct client *c = client_up(0);

	UNUSED;
	seen.peer_ups = 0;
	seen.order[0] = '\0';
	client_say(c, "\3"); /* a DPD request, as small as can be */
	dtls_channel_stray(&ch, 77, c->out[0].bytes, c->out[0].len, scratch);
	assert_int_equal(seen.peer_ups, 1);
	assert_int_equal(seen.peer_tag, 77);
	assert_string_equal(seen.order, "PR"); /* first the peer, so that the answer goes there */
	assert_int_equal(dtls_tag(ch.live), 0); /* the forwarder moves the address, the tag stays */
}

T(a_replayed_stray_moves_nothing)
{
	struct client *c = client_up(0);

	UNUSED;
	client_say(c, "one");
	dtls_channel_datagram(&ch, 0, c->out[0].bytes, c->out[0].len, scratch, now_ms);
	seen.peer_ups = seen.records = 0;
	dtls_channel_stray(&ch, 77, c->out[0].bytes, c->out[0].len, scratch);
	assert_int_equal(seen.peer_ups + seen.records, 0);
}

T(a_late_stray_is_taken_but_moves_nothing)
{
	struct client *c = client_up(0);

	UNUSED;
	client_say(c, "first");
	client_say(c, "second");
	dtls_channel_datagram(&ch, 0, c->out[1].bytes, c->out[1].len, scratch, now_ms);
	seen.peer_ups = 0;
	dtls_channel_stray(&ch, 77, c->out[0].bytes, c->out[0].len, scratch);
	assert_true(heard("first"));
	assert_int_equal(seen.peer_ups, 0);
}

T(a_forged_stray_moves_nothing)
{
	struct client *c = client_up(0);
	uint8_t two[4000];
	size_t len;

	UNUSED;
	seen.peer_ups = 0;
	client_say(c, "true");
	len = c->out[0].len;
	for (size_t i = 0; i < len; i++) {
		c->out[0].bytes[i] ^= 0x40;
		dtls_channel_stray(&ch, 77, c->out[0].bytes, len, scratch);
		c->out[0].bytes[i] ^= 0x40;
	}
	assert_int_equal(seen.peer_ups + seen.records, 0);
	/* a record of a high number in front of a true one: only a datagram of one record counts */
	memcpy(two, c->out[0].bytes, len);
	memset(two + 5, 0x7f, 6);
	memcpy(two + len, c->out[0].bytes, len);
	dtls_channel_stray(&ch, 77, two, 2 * len, scratch);
	assert_int_equal(seen.peer_ups + seen.records, 0);
	dtls_channel_stray(&ch, 78, c->out[0].bytes, len, scratch);
	assert_int_equal(seen.peer_tag, 78);
}

/* The new address sent a hello before: its datagrams come under that attempt's tag. */
T(data_from_the_address_of_an_attempt_moves_the_peer_too)
{
	struct client *c = client_up(0), *attempt = client_start(1, secret);

	UNUSED;
	gnutls_handshake(attempt->s);
	deliver(attempt, 1);
	client_say(c, "moved");
	deliver(c, 1);
	assert_true(heard("moved"));
	assert_int_equal(seen.peer_tag, 1);
	assert_int_equal(dtls_tag(ch.live), 1);
}

/* A client without the master secret: it cannot read our Finished and says so. */
static void
attempt_fails(uint8_t tag)
{
	uint8_t other[DTLS_MASTER_BYTES] = { 1 };
	struct client *c = client_start(tag, other);
	static const uint8_t alert[] = { 21, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 2, 47 };

	now_ms += 1500;
	gnutls_handshake(c->s);
	deliver(c, tag);
	dtls_channel_datagram(&ch, tag, alert, sizeof(alert), scratch, now_ms);
}

/* protocol.md 4.3, rule 4 */
/* GnuTLS 3.6.3 to 3.6.12 clients draw no random numbers: everybody could read what they send. */
T(a_hello_whose_random_is_zero_begins_nothing)
{
	struct client *c = client_start(0, secret);

	UNUSED;
	gnutls_handshake(c->s);
	memset(c->out[0].bytes + 27, 0, DTLS_RANDOM_BYTES); /* protocol.md 3.1: offsets in the first datagram */
	deliver(c, 0);
	assert_null(ch.next);
	assert_int_equal(c->in_count, 0);
}

T(the_third_failure_refuses_dtls)
{
	UNUSED;
	attempt_fails(0);
	assert_int_equal(seen.faileds, 1);
	assert_true(strlen(seen.why) > 0);
	attempt_fails(0);
	assert_int_equal(seen.faileds, 2);
	attempt_fails(0);
	assert_int_equal(seen.refuseds, 1);
	assert_true(ch.refused);
	attempt_fails(0);
	assert_int_equal(clients[0].in_count, 0); /* not answered any more */
	assert_int_equal(seen.faileds + seen.refuseds, 3);
}

T(a_success_forgets_failures)
{
	UNUSED;
	attempt_fails(0);
	attempt_fails(0);
	now_ms += 5000;
	client_up(0);
	assert_int_equal(seen.ups, 1);
	assert_int_equal(ch.failures, 0);
	attempt_fails(1); /* beside a live session */
	attempt_fails(1);
	attempt_fails(1);
	assert_false(ch.refused);
	assert_int_equal(seen.faileds, 2);
}

T(a_client_that_begins_anew_gave_up_the_last_one)
{
	UNUSED;
	for (int i = 0; i < 4; i++) {
		now_ms += 1500;
		gnutls_handshake(client_start(0, secret)->s);
		deliver(&clients[0], 0);
	}
	assert_int_equal(seen.faileds, 2);
	assert_int_equal(seen.refuseds, 1);
}

T(silence_after_connect_is_a_failure)
{
	UNUSED;
	assert_int_equal(dtls_channel_next_ms(&ch), now_ms + 30000);
	dtls_channel_timer(&ch, now_ms + 29999);
	assert_int_equal(seen.faileds, 0);
	dtls_channel_timer(&ch, now_ms + 30000);
	assert_int_equal(seen.faileds, 1);
	dtls_channel_timer(&ch, now_ms + 70000);
	assert_int_equal(seen.faileds, 1);
	assert_true(dtls_channel_next_ms(&ch) == UINT64_MAX);
	now_ms += 70000;
	client_up(0); /* late, but there */
	assert_int_equal(seen.ups, 1);
}

T(a_few_handshakes_may_begin_at_once_then_one_a_second)
{
	unsigned answered = 0;

	UNUSED;
	client_up(0); /* so that none counts as a failure */
	for (int i = 0; i < 20; i++) {
		struct client *c = client_start(1, secret);

		gnutls_handshake(c->s);
		deliver(c, 1);
		answered += c->in_count > 0;
		now_ms += 200;
	}
	assert_in_range(answered, 5, 6);
}

/* protocol.md 2.3 */
T(the_payload_follows_what_the_path_says)
{
	static uint8_t record[1500];

	UNUSED;
	client_up(0);
	assert_int_equal(dtls_channel_mtu(&ch), 1418);
	assert_false(dtls_channel_too_big(&ch, 1, 1472, 1300, now_ms)); /* another peer's */
	assert_true(dtls_channel_too_big(&ch, 0, 0, 1372, now_ms));
	assert_int_equal(dtls_channel_mtu(&ch), 1306);
	assert_int_equal(dtls_channel_send(&ch, record, 1307), 0);
	assert_int_equal(dtls_channel_send(&ch, record, 1308), ERR_LONG);
	assert_false(dtls_channel_too_big(&ch, 0, 0, 1372, now_ms)); /* said twice */
	assert_false(dtls_channel_too_big(&ch, 0, 0, 1400, now_ms)); /* no way up */
	assert_true(dtls_channel_too_big(&ch, 0, 1341, 0, now_ms)); /* nobody says how much would go */
	assert_int_equal(ch.payload, 1300);
	assert_true(dtls_channel_too_big(&ch, 0, 0, 68, now_ms)); /* ICMP may be spoofed: it never goes below 576 */
	assert_int_equal(ch.payload, 548);
	assert_int_equal(dtls_channel_next_ms(&ch), now_ms + 600000);
	assert_false(dtls_channel_timer(&ch, now_ms + 599999));
	assert_true(dtls_channel_timer(&ch, now_ms + 600000));
	assert_int_equal(dtls_channel_mtu(&ch), 1418);
}

T(a_new_handshake_begins_with_the_first_payload)
{
	UNUSED;
	client_up(0);
	assert_true(dtls_channel_too_big(&ch, 0, 0, 1200, now_ms));
	now_ms += 2000;
	client_up(1);
	assert_int_equal(dtls_channel_mtu(&ch), 1418);
}

T(without_keys_nothing_is_answered)
{
	struct client *c = client_start(0, secret);

	UNUSED;
	gnutls_handshake(c->s);
	dtls_channel_clear(&ch);
	deliver(c, 0);
	assert_int_equal(c->in_count, 0);
	dtls_channel_stray(&ch, 77, c->out[0].bytes, c->out[0].len, scratch);
	assert_int_equal(dtls_channel_send(&ch, "x", 1), ERR_CLOSED);
	assert_int_equal(dtls_channel_mtu(&ch), 0);
}

#define CHANNEL(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		CHANNEL(a_handshake_makes_the_channel_live),
		CHANNEL(old_keys_serve_until_the_second_handshake_is_done),
		CHANNEL(a_hello_from_elsewhere_takes_nothing_over),
		CHANNEL(a_late_copy_of_the_first_hello_begins_nothing),
		CHANNEL(data_from_an_unknown_address_moves_the_peer_once_it_authenticates),
		CHANNEL(a_replayed_stray_moves_nothing),
		CHANNEL(a_late_stray_is_taken_but_moves_nothing),
		CHANNEL(a_forged_stray_moves_nothing),
		CHANNEL(data_from_the_address_of_an_attempt_moves_the_peer_too),
		CHANNEL(a_hello_whose_random_is_zero_begins_nothing),
		CHANNEL(the_third_failure_refuses_dtls),
		CHANNEL(a_success_forgets_failures),
		CHANNEL(a_client_that_begins_anew_gave_up_the_last_one),
		CHANNEL(silence_after_connect_is_a_failure),
		CHANNEL(a_few_handshakes_may_begin_at_once_then_one_a_second),
		CHANNEL(the_payload_follows_what_the_path_says),
		CHANNEL(a_new_handshake_begins_with_the_first_payload),
		CHANNEL(without_keys_nothing_is_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
