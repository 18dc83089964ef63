/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records that the forwarder makes and opens, against GnuTLS with the same keys. */
#include "tests/unit/dtls_pair.h"

#include "server/forwarder/record.h"
#include "server/forwarder/replay.h"

#define CONTENT_MAX 1300

/* Each cipher, in each version that it has. */
static const struct {
	bool x12, psk;
	uint16_t wire_version;
	const char *name; /* of the DTLS suite, or what the client of a PSK adds to its priorities */
	enum record_cipher cipher;
} cases[] = {
	{ false, false, 0x0100, "AES128-SHA", RECORD_AES128_CBC_SHA1 },
	{ false, false, 0x0100, "AES256-SHA", RECORD_AES256_CBC_SHA1 },
	{ false, false, 0xfeff, "AES128-SHA", RECORD_AES128_CBC_SHA1 },
	{ false, false, 0xfeff, "AES256-SHA", RECORD_AES256_CBC_SHA1 },
	{ true, false, 0x0100, "AES128-SHA", RECORD_AES128_CBC_SHA1 },
	{ true, false, 0x0100, "AES256-SHA", RECORD_AES256_CBC_SHA1 },
	{ true, false, 0x0100, "AES128-GCM-SHA256", RECORD_AES128_GCM },
	{ true, false, 0x0100, "AES256-GCM-SHA384", RECORD_AES256_GCM },
	{ false, true, 0x0100, ":-CIPHER-ALL:+CHACHA20-POLY1305", RECORD_CHACHA20_POLY1305 },
	{ false, true, 0x0100, ":-CIPHER-ALL:+AES-128-GCM", RECORD_AES128_GCM },
};

static struct dtls *server;
static struct record_keys record_keys;
static struct record *record;
static uint8_t content[CONTENT_MAX], got[2000];

static void
fill(size_t len, unsigned seed)
{
	for (size_t i = 0; i < len; i++)
		content[i] = (uint8_t)(i * 31 + seed * 7 + len);
}

static void
psk_start(const char *ciphers)
{
	static const struct dtls_name *n;

	offer_set(false, "AES256-SHA", "PSK-NEGOTIATE", NULL);
	suite_list_make(SUITE_DTLS12, "all", NULL, &offer.allowed12);
	n = dtls_choose(&offer);
	assert_non_null(n);
	server = server_new(n);
	snprintf(keys.priority, sizeof(keys.priority), "NORMAL:-VERS-ALL:+VERS-DTLS1.2:-KX-ALL:+PSK%s", ciphers);
	dtls_free(server);
	server = dtls_new(&keys, 0xfefd, 3, 1400, server_send, &offer);
	client_start_psk(master, ciphers);
}

/* A handshake, and what the worker would hand over; numbers begin where GnuTLS's own would. */
static void
pair_start(size_t i)
{
	int c;

	wire_version = cases[i].wire_version;
	if (cases[i].psk) {
		psk_start(cases[i].name);
	} else {
		const struct dtls_name *n = by_name(cases[i].x12, cases[i].name);

		server = server_new(n);
		client_start(n, master, id);
	}
	/* no name of "ssl cipher" stands for it yet, so that the worker says no to what was negotiated */
	assert_int_equal(handshake(server, 0, &c), cases[i].cipher == RECORD_CHACHA20_POLY1305 ? ERR_DENIED : 0);
	assert_int_equal(c, 0);
	memset(&to_client, 0, sizeof(to_client));
	memset(&to_server, 0, sizeof(to_server));
	assert_true(dtls_export(server, &record_keys));
	assert_int_equal(record_keys.cipher, cases[i].cipher);
	assert_int_equal(record_keys.rx.next, UINT64_C(1) << 48 | 1);
	assert_int_equal(record_keys.tx.next, UINT64_C(1) << 48 | (1 + 16));
	record = record_new(&record_keys);
	assert_non_null(record);
}

static void
pair_end(void)
{
	record_free(record);
	dtls_free(server);
	gnutls_deinit(client);
	if (client_psk != NULL)
		gnutls_psk_free_client_credentials(client_psk);
	client_psk = NULL;
}

/* A record of the GnuTLS client, into got; its length. */
static size_t
client_record(size_t len, unsigned seed)
{
	ssize_t n;

	fill(len, seed);
	assert_int_equal(gnutls_record_send(client, content, len), len);
	n = queue_get(&to_server, got, sizeof(got));
	assert_true(n > 0);
	return (size_t)n;
}

static void
opens(const uint8_t *data, size_t n, const void *want, size_t len)
{
	static uint8_t out[2000];
	struct record_content c;

	assert_int_equal(record_open(record, data, n, out, &c), 0);
	assert_int_equal(c.len, len);
	assert_memory_equal(c.data, want, len);
}

static void
refuses(const uint8_t *data, size_t n)
{
	static uint8_t out[2000];
	struct record_content c;

	assert_int_equal(record_open(record, data, n, out, &c), ERR_DENIED);
}

static const size_t lengths[] = { 1, 2, 11, 12, 13, 26, 27, 28, 43, 44, 45, 59, 60, 75, 200, 1289, CONTENT_MAX };

T(a_record_of_the_client_opens)
{
	UNUSED;
	for (size_t i = 0; i < COUNT(cases); i++) {
		pair_start(i);
		for (size_t k = 0; k < COUNT(lengths); k++) {
			size_t n = client_record(lengths[k], (unsigned)k);

			assert_int_equal(n, record_size(record, lengths[k]));
			opens(got, n, content, lengths[k]);
		}
		pair_end();
	}
}

T(it_opens_in_place)
{
	struct record_content c;

	UNUSED;
	for (size_t i = 0; i < COUNT(cases); i++) {
		pair_start(i);
		for (size_t k = 0; k < COUNT(lengths); k++) {
			size_t n = client_record(lengths[k], (unsigned)k);

			assert_int_equal(record_open(record, got, n, got, &c), 0);
			assert_int_equal(c.len, lengths[k]);
			assert_memory_equal(c.data, content, c.len);
			assert_true(c.newest);
		}
		pair_end();
	}
}

/* Sealed from elsewhere, and in place. */
static size_t
seal(uint8_t *out, size_t len, bool in_place)
{
	if (!in_place)
		return record_seal(record, content, len, out);
	memcpy(out + record_front(record), content, len);
	return record_seal(record, out + record_front(record), len, out);
}

T(the_client_takes_what_is_sealed)
{
	static uint8_t out[2000];

	UNUSED;
	for (size_t i = 0; i < COUNT(cases); i++) {
		pair_start(i);
		for (size_t k = 0; k < 2 * COUNT(lengths); k++) {
			size_t len = lengths[k / 2], n;

			fill(len, (unsigned)k);
			n = seal(out, len, k % 2 == 1);
			assert_int_equal(n, record_size(record, len));
			queue_put(&to_client, out, n);
			assert_int_equal(gnutls_record_recv(client, got, sizeof(got)), len);
			assert_memory_equal(got, content, len);
		}
		pair_end();
	}
}

/* CBC has a random IV in each; the rest of it is known by what the client makes of it. */
T(the_bytes_are_those_of_gnutls)
{
	static uint8_t out[2000];

	UNUSED;
	for (size_t i = 0; i < COUNT(cases); i++) {
		pair_start(i);
		record_free(record);
		record_keys.tx.next -= 16;
		record = record_new(&record_keys);
		for (size_t k = 0; k < COUNT(lengths); k++) {
			ssize_t n;
			size_t same = cases[i].cipher <= RECORD_AES256_CBC_SHA1 ? RECORD_HEAD : sizeof(got);

			fill(lengths[k], (unsigned)k);
			assert_int_equal(dtls_send(server, content, lengths[k]), 0);
			n = queue_get(&to_client, got, sizeof(got));
			assert_int_equal(seal(out, lengths[k], false), n);
			assert_memory_equal(out, got, (size_t)n < same ? (size_t)n : same);
		}
		pair_end();
	}
}

T(a_changed_bit_is_refused_and_the_record_itself_still_opens)
{
	UNUSED;
	for (size_t i = 0; i < COUNT(cases); i++) {
		size_t n;

		pair_start(i);
		n = client_record(60, 1);
		for (size_t bit = 0; bit < 8 * n; bit++) {
			got[bit / 8] ^= (uint8_t)(1 << bit % 8);
			refuses(got, n);
			got[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		opens(got, n, content, 60);
		pair_end();
	}
}

T(a_record_cut_short_is_refused_whatever_its_head_says)
{
	UNUSED;
	for (size_t i = 0; i < COUNT(cases); i++) {
		size_t n;

		pair_start(i);
		n = client_record(60, 1);
		for (size_t len = 0; len < n; len++) {
			uint8_t *cut = exact(got, len);

			refuses(cut, len);
			if (len >= RECORD_HEAD) {
				cut[11] = (uint8_t)((len - RECORD_HEAD) >> 8);
				cut[12] = (uint8_t)(len - RECORD_HEAD);
				refuses(cut, len);
			}
			free(cut);
		}
		opens(got, n, content, 60);
		pair_end();
	}
}

T(a_record_opens_once)
{
	UNUSED;
	for (size_t i = 0; i < COUNT(cases); i++) {
		size_t n;

		pair_start(i);
		n = client_record(20, 1);
		opens(got, n, content, 20);
		refuses(got, n);
		pair_end();
	}
}

/* The client's record of this number, epoch 1: GnuTLS seals with whatever number it is told. */
static size_t
client_record_at(uint64_t number)
{
	unsigned char seq[8];

	number |= UINT64_C(1) << 48;
	for (unsigned i = 0; i < 8; i++)
		seq[i] = (unsigned char)(number >> (56 - 8 * i));
	assert_int_equal(gnutls_record_set_state(client, 0, seq), 0);
	return client_record(33, 1);
}

static void
expect_at(uint64_t number, bool good)
{
	size_t n = client_record_at(number);

	if (good)
		opens(got, n, content, 33);
	else
		refuses(got, n);
}

T(reordered_records_open_down_to_the_edge_of_the_window)
{
	UNUSED;
	for (size_t i = 0; i < COUNT(cases); i++) {
		pair_start(i);
		expect_at(0, false); /* Finished had that one */
		expect_at(5000, true);
		expect_at(4999, true);
		expect_at(5000 - REPLAY_WINDOW + 1, true);
		expect_at(5000 - REPLAY_WINDOW + 1, false);
		expect_at(5000 - REPLAY_WINDOW, false);
		expect_at(4999, false);
		expect_at(4000, false);
		expect_at(5001, true);
		expect_at(5000 - REPLAY_WINDOW + 2, true);
		expect_at(1000000, true);
		expect_at(5002, false);
		pair_end();
	}
}

T(the_last_numbers_are_taken_and_no_other_follows)
{
	const uint64_t last = UINT64_C(0xffffffffffff);
	static uint8_t out[2000];

	UNUSED;
	for (size_t i = 0; i < COUNT(cases); i++) {
		pair_start(i);
		expect_at(last - 2, true);
		expect_at(last - 1, true);
		expect_at(last - 1, false);
		expect_at(1, false);
		record_free(record);
		record_keys.tx.next = UINT64_C(1) << 48 | (last - 2);
		record = record_new(&record_keys);
		fill(10, 1);
		for (unsigned k = 0; k < 2; k++) {
			size_t n = seal(out, 10, false);

			assert_int_equal(n, record_size(record, 10));
			queue_put(&to_client, out, n);
			assert_int_equal(gnutls_record_recv(client, got, sizeof(got)), 10);
		}
		assert_int_equal(seal(out, 10, false), 0);
		assert_int_equal(seal(out, 10, false), 0);
		pair_end();
	}
}

T(an_empty_or_endless_record_is_not_made)
{
	static uint8_t big[RECORD_CONTENT_MAX + 1], out[RECORD_CONTENT_MAX + RECORD_EXTRA + 1];

	UNUSED;
	pair_start(0);
	assert_int_equal(record_seal(record, big, 0, out), 0);
	assert_int_equal(record_seal(record, big, sizeof(big), out), 0);
	assert_int_equal(record_seal(record, big, RECORD_CONTENT_MAX, out), record_size(record, RECORD_CONTENT_MAX));
	pair_end();
}

T(records_of_another_session_version_or_epoch_are_refused)
{
	uint8_t first[200];
	size_t n;

	UNUSED;
	for (size_t i = 0; i < COUNT(cases); i++) {
		pair_start(i);
		n = client_record(50, 1);
		memcpy(first, got, n);
		pair_end();
		pair_start(i);
		refuses(first, n); /* randoms were others, so are the keys */
		n = client_record(50, 1);
		got[4] ^= 2; /* epoch 3 */
		refuses(got, n);
		got[4] ^= 2;
		got[2] ^= 1;
		refuses(got, n);
		got[2] ^= 1;
		opens(got, n, content, 50);
		pair_end();
	}
}

/* Their MAC is another, or stands elsewhere: the worker keeps them. */
T(other_ciphers_are_not_handed_over)
{
	UNUSED;
	wire_version = 0x0100;
	for (size_t i = 0; i < 2; i++) {
		static const char *const names[] = { "AES256-SHA256", "AES128-SHA256" };
		const struct dtls_name *n = by_name(true, names[i]);
		int c;

		server = server_new(n);
		client_start(n, master, id);
		assert_int_equal(handshake(server, 0, &c), 0);
		assert_false(dtls_export(server, &record_keys));
		dtls_free(server);
		gnutls_deinit(client);
	}
	psk_start(":-CIPHER-ALL:+AES-128-CBC"); /* encrypt-then-MAC */
	assert_int_equal(handshake(server, 0, &(int){ 0 }), 0);
	assert_false(dtls_export(server, &record_keys));
	record = NULL;
	pair_end();
}

T(keys_travel_whole_or_not_at_all)
{
	uint8_t bytes[RECORD_KEYS_MAX];
	struct wr w = wr_init(bytes, sizeof(bytes));
	struct record_keys back;
	size_t len;
	struct rd r;

	UNUSED;
	for (size_t i = 0; i < COUNT(cases); i++) {
		pair_start(i);
		w = wr_init(bytes, sizeof(bytes));
		record_keys_put(&record_keys, &w);
		assert_false(w.bad);
		len = (size_t)(w.p - bytes);
		r = rd_init(bytes, len);
		assert_int_equal(record_keys_get(&r, &back), 0);
		assert_memory_equal(&back, &record_keys, sizeof(back));
		for (size_t n = 0; n < len; n++) {
			uint8_t *cut = exact(bytes, n);

			r = rd_init(cut, n);
			assert_int_equal(record_keys_get(&r, &back), ERR_BAD_MESSAGE);
			free(cut);
		}
		bytes[0] = RECORD_CIPHERS;
		r = rd_init(bytes, len);
		assert_int_equal(record_keys_get(&r, &back), ERR_BAD_MESSAGE);
		pair_end();
	}
}

/* Against a list of all numbers that were marked. */
T(the_window_remembers_as_a_list_would)
{
	static bool seen[4000];
	struct replay w;
	uint64_t high = 0, random_state = 88172645463325252u;

	UNUSED;
	memset(seen, 0, sizeof(seen));
	replay_init(&w, 1);
	seen[0] = true;
	for (unsigned i = 0; i < 20000; i++) {
		uint64_t n;

		random_state ^= random_state << 13;
		random_state ^= random_state >> 7;
		random_state ^= random_state << 17;
		n = (high + random_state % 600) > 500 ? high + random_state % 600 - 500 : random_state % 600;
		if (n >= COUNT(seen))
			break;
		assert_int_equal(replay_new(&w, n), n > high || (high - n < REPLAY_WINDOW && !seen[n]));
		if (!replay_new(&w, n))
			continue;
		replay_mark(&w, n);
		seen[n] = true;
		high = n > high ? n : high;
	}
	assert_true(high > 3000);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_of_the_client_opens),
		cmocka_unit_test(it_opens_in_place),
		cmocka_unit_test(the_client_takes_what_is_sealed),
		cmocka_unit_test(the_bytes_are_those_of_gnutls),
		cmocka_unit_test(a_changed_bit_is_refused_and_the_record_itself_still_opens),
		cmocka_unit_test(a_record_cut_short_is_refused_whatever_its_head_says),
		cmocka_unit_test(a_record_opens_once),
		cmocka_unit_test(reordered_records_open_down_to_the_edge_of_the_window),
		cmocka_unit_test(the_last_numbers_are_taken_and_no_other_follows),
		cmocka_unit_test(an_empty_or_endless_record_is_not_made),
		cmocka_unit_test(records_of_another_session_version_or_epoch_are_refused),
		cmocka_unit_test(other_ciphers_are_not_handed_over),
		cmocka_unit_test(keys_travel_whole_or_not_at_all),
		cmocka_unit_test(the_window_remembers_as_a_list_would),
	};

	memset(master, 0x4d, sizeof(master));
	memset(id, 0x1d, sizeof(id));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
