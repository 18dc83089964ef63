/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/unit.h"

#include <ev.h>
#include <limits.h>
#include <stdio.h>
#include <time.h>

#include "common/metric.h"
#include "server/config/config.h"
#include "server/main/daemon.h"
#include "server/main/figures.h"
#include "server/main/session.h"
#include "server/main/session_table.h"
#include "server/main/tally.h"

#define SESSIONS 10000

struct daemon daemon_;

void
daemon_config_swap(struct config *next, FILE *out)
{
	(void)next, (void)out;
}

void
daemon_stop(void)
{
}

static struct counters *counters;
static struct session *sessions;

struct sum {
	enum metric metric;
	const char *label[METRIC_LABELS_MAX]; /* NULL: any */
	uint64_t value;
	unsigned rows, pieces, lasts;
	size_t largest;
};

static void
sum_piece(void *ctx, const uint8_t *rows, size_t len, bool last)
{
	struct sum *s = ctx;
	struct rd r = rd_init(rows, len);
	struct figure f;

	s->pieces++;
	s->lasts += last;
	if (len > s->largest)
		s->largest = len;
	while (rd_left(&r) > 0) {
		bool same = true;

		assert_true(figure_get(&r, &f));
		s->rows++;
		for (size_t i = 0; i < METRIC_LABELS_MAX; i++)
			same = same && (s->label[i] == NULL || (f.labels[i] != NULL && strcmp(f.labels[i], s->label[i]) == 0));
		if (f.metric == s->metric && same)
			s->value += f.value;
	}
}

static uint64_t
sum_of(enum metric m, const char *l1, const char *l2, const char *l3)
{
	static uint8_t room[65536];
	struct sum s = { .metric = m, .label = { l1, l2, l3 } };

	figures_collect(room, sizeof(room), sum_piece, &s);
	assert_int_equal(s.lasts, 1);
	return s.value;
}

static int
setup(void **state)
{
	static char name[600][32];

	(void)state;
	daemon_.loop = ev_loop_new(EVFLAG_NOENV);
	daemon_.config = config_new();
	daemon_.counters = counters = calloc(1, counters_size(SESSION_SLOTS));
	sessions = calloc(SESSIONS, sizeof(*sessions));
	for (unsigned i = 0; i < 600; i++)
		snprintf(name[i], sizeof(name[i]), "group-%u", i);
	for (unsigned i = 0; i < SESSIONS; i++) {
		struct session *s = &sessions[i];

		assert_true(session_slot_take(1, &s->slot));
		s->index = session_index_take();
		memcpy(s->cookie_hash, &i, sizeof(i));
		s->user = name[i % 600];
		s->tunnel_group = name[i % 3];
		s->phone = i % 2 == 0;
		s->state = i % 10 == 0 ? SESSION_WAITING : SESSION_ACTIVE;
		s->tls_suite = suite_by_name(i % 4 == 0 ? "AES128-SHA" : "AES256-SHA");
		s->tls_version = SUITE_TLS10;
		s->dtls_suite = i % 5 == 0 ? NULL : s->tls_suite;
		s->dtls_version = SUITE_DTLS10;
		session_link(s);
		counters[s->slot] = (struct counters){ .rx_packets = 10, .rx_bytes = 1000, .dtls_rx_packets = 4, .dtls_rx_bytes = 300,
			.tx_packets = 7, .tx_bytes = 70, .rx_drops = 5, .rx_drops_source = 2, .rx_drops_worker = 1, .tx_drops = 3,
			.tx_drops_queue = 1, .tx_drops_big = 1, .dtls_rx_drops = 3, .dtls_rx_drops_source = 1, .dtls_rx_drops_worker = 1,
			.dtls_tx_drops = 1, .dtls_tx_drops_queue = 1 };
	}
	*(struct counters_strange *)&counters[SESSION_SLOTS] = (struct counters_strange){ .sessions = 2, .addresses = 3, .malformed = 4 };
	return 0;
}

T(sessions_are_counted_by_what_they_are)
{
	UNUSED;
	assert_int_equal(sum_of(METRIC_SESSIONS, NULL, NULL, NULL), SESSIONS);
	assert_int_equal(sum_of(METRIC_SESSIONS, "inactive", NULL, NULL), SESSIONS / 10);
	assert_int_equal(sum_of(METRIC_SESSIONS, "active", NULL, "other"), SESSIONS / 2);
	assert_int_equal(sum_of(METRIC_SESSIONS, NULL, "group-0", NULL), (SESSIONS + 2) / 3);
	assert_int_equal(sum_of(METRIC_TLS_TUNNELS, NULL, NULL, NULL), SESSIONS - SESSIONS / 10);
	assert_int_equal(sum_of(METRIC_TLS_TUNNELS, "TLSv1.0", "AES128-SHA", NULL), SESSIONS / 4 - SESSIONS / 20);
	assert_int_equal(sum_of(METRIC_DTLS_TUNNELS, "DTLSv1.0", NULL, NULL), SESSIONS - SESSIONS / 5);
}

T(packets_are_split_by_tunnel_and_reason)
{
	UNUSED;
	assert_int_equal(sum_of(METRIC_PACKETS, "rx", "tls", NULL), 6 * SESSIONS);
	assert_int_equal(sum_of(METRIC_PACKETS, "rx", "dtls", NULL), 4 * SESSIONS);
	assert_int_equal(sum_of(METRIC_BYTES, "rx", "tls", NULL), 700 * SESSIONS);
	assert_int_equal(sum_of(METRIC_BYTES, "tx", "tls", NULL), 70 * SESSIONS);
	assert_int_equal(sum_of(METRIC_DROPS, "rx", NULL, "malformed"), 2 * SESSIONS);
	assert_int_equal(sum_of(METRIC_DROPS, "rx", "dtls", "malformed"), SESSIONS);
	assert_int_equal(sum_of(METRIC_DROPS, "rx", "tls", "source-address"), SESSIONS);
	assert_int_equal(sum_of(METRIC_DROPS, "rx", "tls", "unreadable"), 0);
	assert_int_equal(sum_of(METRIC_DROPS, "rx", NULL, NULL), 5 * SESSIONS);
	assert_int_equal(sum_of(METRIC_DROPS, "tx", "tls", "worker"), SESSIONS);
	assert_int_equal(sum_of(METRIC_DROPS, "tx", "dtls", "queue-full"), SESSIONS);
	assert_int_equal(sum_of(METRIC_DROPS, "tx", "dtls", NULL), SESSIONS);
}

T(datagrams_of_nobody_are_counted)
{
	UNUSED;
	assert_int_equal(sum_of(METRIC_STRANGE, "session", NULL, NULL), 2);
	assert_int_equal(sum_of(METRIC_STRANGE, "address", NULL, NULL), 3);
	assert_int_equal(sum_of(METRIC_STRANGE, "malformed", NULL, NULL), 4);
}

T(what_a_session_sent_stays_when_it_ends)
{
	uint64_t before = sum_of(METRIC_BYTES, NULL, NULL, NULL);
	uint32_t slot = sessions[5].slot;

	UNUSED;
	session_unlink(&sessions[5]);
	assert_int_equal(sum_of(METRIC_SESSIONS, NULL, NULL, NULL), SESSIONS - 1);
	assert_true(sum_of(METRIC_BYTES, NULL, NULL, NULL) == before);
	sessions[5].slot = slot;
	sessions[5].next = sessions[5].prev = sessions[5].hash_next = NULL;
	session_link(&sessions[5]);
}

T(figures_come_in_pieces_that_fit)
{
	static uint8_t room[700];
	struct sum s = { .metric = METRIC_SESSIONS };

	UNUSED;
	figures_collect(room, sizeof(room), sum_piece, &s);
	assert_true(s.pieces > 5);
	assert_int_equal(s.lasts, 1);
	assert_true(s.largest <= sizeof(room));
	assert_int_equal(s.value, SESSIONS);
}

T(tunnel_groups_without_end_become_other)
{
	UNUSED;
	for (unsigned i = 0; i < SESSIONS; i++)
		sessions[i].tunnel_group = sessions[i].user; /* 600 of them */
	assert_int_equal(sum_of(METRIC_SESSIONS, NULL, NULL, NULL), SESSIONS);
	assert_true(sum_of(METRIC_SESSIONS, NULL, "other", NULL) > SESSIONS / 2);
	for (unsigned i = 0; i < SESSIONS; i++)
		sessions[i].tunnel_group = sessions[i % 3].user;
}

T(ten_thousand_sessions_take_main_a_few_ms)
{
	static uint8_t room[65536];
	struct timespec a, b;
	double best = 1e9;

	UNUSED;
	for (int i = 0; i < 5; i++) {
		struct sum s = { .metric = METRIC_SESSIONS };
		double ms;

		clock_gettime(CLOCK_MONOTONIC, &a);
		figures_collect(room, sizeof(room), sum_piece, &s);
		clock_gettime(CLOCK_MONOTONIC, &b);
		ms = (double)(b.tv_sec - a.tv_sec) * 1e3 + (double)(b.tv_nsec - a.tv_nsec) / 1e6;
		if (ms < best)
			best = ms;
	}
	print_message("# %u sessions: %.3f ms\n", SESSIONS, best);
	assert_true(best < 20); /* sanitizers and a busy machine included; see above */
}

T(times_fall_into_their_buckets)
{
	struct tally before = tally_;

	UNUSED;
	tally_handshake(0.004);
	tally_handshake(0.005);
	tally_handshake(0.0051);
	tally_handshake(1000);
	tally_handshake(-1); /* the clock of a loop does not go back, but who knows */
	assert_int_equal(tally_.handshake_time.buckets[0] - before.handshake_time.buckets[0], 3);
	assert_int_equal(tally_.handshake_time.buckets[1] - before.handshake_time.buckets[1], 1);
	assert_int_equal(tally_.handshake_time.buckets[METRIC_BUCKETS - 1] - before.handshake_time.buckets[METRIC_BUCKETS - 1], 1);
}

T(a_refusal_counts_for_its_reason_or_not_at_all)
{
	struct tally before = tally_;

	UNUSED;
	tally_refused(LOGIN_EXPIRED);
	tally_refused(LOGIN_SESSION_LIMIT);
	tally_refused(LOGIN_REFUSALS_COUNT);
	tally_refused(UINT_MAX);
	for (unsigned i = 0; i < LOGIN_REFUSALS_COUNT; i++) {
		assert_int_equal(tally_.logins_refused[i] - before.logins_refused[i], i == LOGIN_EXPIRED || i == LOGIN_SESSION_LIMIT);
		assert_non_null(login_refusal_names[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sessions_are_counted_by_what_they_are),
		cmocka_unit_test(packets_are_split_by_tunnel_and_reason),
		cmocka_unit_test(datagrams_of_nobody_are_counted),
		cmocka_unit_test(what_a_session_sent_stays_when_it_ends),
		cmocka_unit_test(figures_come_in_pieces_that_fit),
		cmocka_unit_test(tunnel_groups_without_end_become_other),
		cmocka_unit_test(ten_thousand_sessions_take_main_a_few_ms),
		cmocka_unit_test(times_fall_into_their_buckets),
		cmocka_unit_test(a_refusal_counts_for_its_reason_or_not_at_all),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
