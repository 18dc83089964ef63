/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which DTLS name is chosen, and the handshake itself against a GnuTLS client, both in this process. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <unistd.h>

#include "common/err.h"
#include "tests/unit/dtls_pair.h"

#define DTLS_HELLO_BYTES 77

/* "12:" before the name when it came from X-DTLS12-CipherSuite; "-" for none. */
static const char *
chosen(void)
{
	const struct dtls_name *n = dtls_choose(&offer);
	static char text[100];

	snprintf(text, sizeof(text), "%s%s", n != NULL && n->x_dtls12 ? "12:" : "", n != NULL ? n->name : "-");
	return text;
}

#define PHONE(tls, x, x12, want)  offer_set(true, tls, x, x12); assert_string_equal(chosen(), want)
#define OTHER(tls, x, x12, want)  offer_set(false, tls, x, x12); assert_string_equal(chosen(), want)

/* protocol.md 4.3, rule 3 */
T(a_phone_gets_the_suite_of_its_tls_connection)
{
	UNUSED;
	PHONE("AES256-SHA", "AES256-SHA:AES128-SHA", NULL, "AES256-SHA");
	PHONE("AES128-SHA", "AES256-SHA:AES128-SHA", NULL, "AES128-SHA");
	PHONE("AES256-SHA", "AES128-SHA:AES256-SHA", NULL, "AES256-SHA");
}

T(a_phone_never_gets_another_suite)
{
	UNUSED;
	PHONE("AES256-SHA", "AES128-SHA", NULL, "-");
	PHONE("ECDHE-RSA-AES256-GCM-SHA384", "AES256-SHA:AES128-SHA", NULL, "-");
	PHONE("AES256-SHA", NULL, NULL, "-");
	PHONE("AES256-SHA", "", NULL, "-");
	PHONE("AES256-SHA", "AES256-SHA1:XAES256-SHA", NULL, "-");
}

T(a_phones_first_header_wins_the_second_helps)
{
	UNUSED;
	PHONE("AES256-SHA", "AES256-SHA", "AES256-SHA", "AES256-SHA");
	PHONE("ECDHE-RSA-AES256-GCM-SHA384", "AES256-SHA", "ECDHE-RSA-AES256-GCM-SHA384:AES256-SHA", "12:ECDHE-RSA-AES256-GCM-SHA384");
	PHONE("AES256-SHA", "AES128-SHA", "AES256-SHA", "12:AES256-SHA");
}

/* protocol.md 3.2, selection */
T(others_get_dtls_12_first_and_the_suite_of_tls_if_they_can)
{
	UNUSED;
	OTHER("AES256-SHA", "AES256-SHA", "AES128-GCM-SHA256", "12:AES128-GCM-SHA256");
	OTHER("ECDHE-RSA-AES128-GCM-SHA256", NULL, "AES256-GCM-SHA384:AES128-GCM-SHA256", "12:AES128-GCM-SHA256");
	OTHER("AES256-SHA", NULL, "AES128-GCM-SHA256:AES256-GCM-SHA384", "12:AES256-GCM-SHA384");
	OTHER("AES256-SHA", "AES128-SHA:AES256-SHA:OC-DTLS1_2-AES256-GCM", NULL, "AES256-SHA");
	OTHER("ECDHE-RSA-AES256-GCM-SHA384", "AES128-SHA:OC-DTLS1_2-AES128-GCM:OC-DTLS1_2-AES256-GCM", NULL, "OC-DTLS1_2-AES256-GCM");
	OTHER("TLS_AES_128_GCM_SHA256", "OC-DTLS1_2-AES256-GCM:OC-DTLS1_2-AES128-GCM", NULL, "OC-DTLS1_2-AES128-GCM");
}

T(unknown_and_ignored_names_are_no_hindrance)
{
	UNUSED;
	OTHER("AES256-SHA", "NULL-SHA:DES-CBC-SHA:RC4-SHA:AES128-SHA", NULL, "AES128-SHA");
	OTHER("AES256-SHA", "OC2-DTLS1_2-CHACHA20-POLY1305", "ECDHE-ECDSA-AES256-GCM-SHA384", "-");
	OTHER("AES256-SHA", NULL, "AES128-GCM-SHA256\r\n", "12:AES128-GCM-SHA256"); /* a stray line end: protocol.md 1.7 */
}

T(what_ssl_cipher_does_not_allow_is_not_chosen)
{
	UNUSED;
	offer_set(true, "AES256-SHA", "AES256-SHA:AES128-SHA", NULL);
	suite_list_make(SUITE_DTLS10, "custom", "AES128-SHA", &offer.allowed10);
	assert_string_equal(chosen(), "-");
	offer_set(false, "AES256-SHA", "AES256-SHA:AES128-SHA", "AES256-GCM-SHA384");
	suite_list_make(SUITE_DTLS10, "custom", "AES128-SHA", &offer.allowed10);
	offer.allowed12.count = 0;
	assert_string_equal(chosen(), "AES128-SHA");
	offer_set(false, "AES256-SHA", "DES-CBC3-SHA", NULL); /* off unless configured */
	assert_string_equal(chosen(), "-");
	suite_list_make(SUITE_DTLS10, "all", NULL, &offer.allowed10);
	assert_string_equal(chosen(), "DES-CBC3-SHA");
}

T(psk_negotiate_goes_first_where_dtls_12_allows_it)
{
	UNUSED;
	OTHER("AES256-SHA", "PSK-NEGOTIATE:OC-DTLS1_2-AES256-GCM:AES256-SHA", "AES256-GCM-SHA384", "PSK-NEGOTIATE");
	OTHER("AES256-SHA", NULL, "PSK-NEGOTIATE:AES256-GCM-SHA384", "12:PSK-NEGOTIATE");
	offer.has_master = false;
	assert_string_equal(chosen(), "12:PSK-NEGOTIATE");
	offer.allowed12.count = 0;
	assert_string_equal(chosen(), "-");
	PHONE("AES256-SHA", "PSK-NEGOTIATE:AES256-SHA", NULL, "AES256-SHA");
	PHONE("AES256-SHA", "PSK-NEGOTIATE", NULL, "-");
}

T(psk_ciphers_are_those_of_ssl_cipher_in_its_order)
{
	struct suite_list list;
	char text[DTLS_PRIORITY_BYTES];

	UNUSED;
	suite_list_make(SUITE_DTLS12, "custom", "AES128-SHA:ECDHE-RSA-AES256-GCM-SHA384:AES256-SHA", &list);
	assert_true(dtls_psk_priority(&list, text, sizeof(text)));
	assert_non_null(strstr(text, ":+PSK:+AES-128-CBC:+SHA1:+AES-256-GCM:+AEAD:+AES-256-CBC"));
	assert_false(dtls_psk_priority(&list, text, 100)); /* no room */
	suite_list_make(SUITE_DTLS12, "all", NULL, &list);
	assert_true(dtls_psk_priority(&list, text, sizeof(text)));
	suite_list_make(SUITE_DTLS12, "custom", "DES-CBC3-SHA", &list);
	assert_false(dtls_psk_priority(&list, text, sizeof(text)));
}

T(an_operators_own_order_of_ciphers_is_kept)
{
	UNUSED;
	offer_set(false, "DHE-RSA-AES256-SHA", NULL, "AES256-GCM-SHA384:AES128-GCM-SHA256:AES128-SHA");
	suite_list_make(SUITE_DTLS12, "custom", "AES128-GCM-SHA256:AES256-GCM-SHA384:AES128-SHA", &offer.allowed12);
	assert_string_equal(chosen(), "12:AES128-GCM-SHA256");
	suite_list_make(SUITE_DTLS12, "custom", "AES128-SHA:AES128-GCM-SHA256:AES256-GCM-SHA384", &offer.allowed12);
	assert_string_equal(chosen(), "12:AES128-SHA");
}

T(without_a_master_secret_no_session_can_be_made_up)
{
	UNUSED;
	offer_set(false, "AES256-SHA", "AES256-SHA", "AES256-GCM-SHA384");
	offer.has_master = false;
	assert_string_equal(chosen(), "-");
}

/* A ClientHello with nothing behind its session id. */
static size_t
hello_make(uint8_t out[DTLS_HELLO_BYTES])
{
	memset(out, 0x33, DTLS_HELLO_BYTES);
	memcpy(out, "\x16\1\0\0\0\0\0\0\0\0\0\0\x40\1\0\0\x34\0\0\0\0\0\0\0\x34\1\0", 27);
	return DTLS_HELLO_BYTES;
}

T(a_client_hello_is_told_from_other_datagrams)
{
	uint8_t hello[DTLS_HELLO_BYTES];
	struct dtls_hello h;

	UNUSED;
	hello_make(hello);
	assert_true(dtls_hello_get(hello, sizeof(hello), &h));
	assert_ptr_equal(h.random, hello + 27);
	assert_int_equal(h.version, 0x0100);
	for (size_t len = 0; len < sizeof(hello); len++) {
		uint8_t *cut = exact(hello, len);

		assert_false(dtls_hello_get(cut, len, &h));
		free(cut);
	}
	for (size_t at = 0; at < 25; at++) { /* type, epoch, lengths, fragment offset: none may be another */
		static const char *const free_bytes = "\1\2\5\6\7\10\11\12\21\22";

		hello_make(hello);
		hello[at] ^= 2;
		assert_int_equal(dtls_hello_get(hello, sizeof(hello), &h), strchr(free_bytes, (int)at) != NULL && at != 0);
	}
}

/* One packet each way. */
static void
talk(struct dtls *server)
{
	static uint8_t big[1200], got[2000], bytes[2000];
	ssize_t n;

	memset(big, 0x5a, sizeof(big));
	assert_int_equal(gnutls_record_send(client, big, sizeof(big)), sizeof(big));
	n = queue_get(&to_server, bytes, sizeof(bytes));
	assert_true(n > 0);
	dtls_feed(server, bytes, (size_t)n);
	assert_int_equal(dtls_receive(server, got, sizeof(got)), sizeof(big));
	assert_memory_equal(got, big, sizeof(big));
	assert_int_equal(dtls_receive(server, got, sizeof(got)), ERR_AGAIN);
	dtls_feed(server, bytes, (size_t)n); /* a replay */
	assert_int_equal(dtls_receive(server, got, sizeof(got)), ERR_AGAIN);
	assert_int_equal(dtls_send(server, "\0back", 5), 0);
	assert_int_equal(sent_tag, 3);
	assert_int_equal(gnutls_record_recv(client, got, sizeof(got)), 5);
	assert_memory_equal(got, "\0back", 5);
}

/* Each name of protocol.md 3.2, by header. */
static const struct {
	bool x12;
	const char *name;
} all_names[] = {
	{ false, "AES256-SHA" }, { false, "AES128-SHA" }, { false, "DHE-RSA-AES256-SHA" }, { false, "DHE-RSA-AES128-SHA" },
	{ false, "DES-CBC3-SHA" }, { false, "OC-DTLS1_2-AES256-GCM" }, { false, "OC-DTLS1_2-AES128-GCM" },
	{ true, "AES256-GCM-SHA384" }, { true, "AES128-GCM-SHA256" }, { true, "ECDHE-RSA-AES256-GCM-SHA384" },
	{ true, "ECDHE-RSA-AES128-GCM-SHA256" }, { true, "DHE-RSA-AES256-GCM-SHA384" }, { true, "DHE-RSA-AES128-GCM-SHA256" },
	{ true, "AES256-SHA" }, { true, "AES128-SHA" }, { true, "AES256-SHA256" }, { true, "AES128-SHA256" },
};

T(every_name_makes_a_channel_that_carries_data)
{
	UNUSED;
	for (size_t i = 0; i < COUNT(all_names); i++) {
		const struct dtls_name *n = by_name(all_names[i].x12, all_names[i].name);
		struct dtls *server = server_new(n);
		int c;

		client_start(n, master, id);
		assert_int_equal(handshake(server, 0, &c), 0);
		assert_int_equal(c, 0);
		assert_true(gnutls_session_is_resumed(client));
		talk(server);
		assert_int_equal(gnutls_bye(client, GNUTLS_SHUT_WR), 0);
		dtls_feed(server, to_server.d[to_server.first].bytes, to_server.d[to_server.first].len);
		assert_int_equal(dtls_receive(server, (uint8_t[2000]){ 0 }, 2000), ERR_CLOSED);
		dtls_free(server);
		gnutls_deinit(client);
	}
}

T(the_old_names_work_with_dtls_10_on_the_wire)
{
	UNUSED;
	wire_version = 0xfeff;
	for (size_t i = 0; i < COUNT(all_names); i++) {
		const struct dtls_name *n = by_name(all_names[i].x12, all_names[i].name);
		struct dtls *server;
		int c;

		if (n->version != SUITE_DTLS10)
			continue;
		server = server_new(n);
		client_start(n, master, id);
		assert_int_equal(handshake(server, 0, &c), 0);
		assert_int_equal(gnutls_protocol_get_version(client), GNUTLS_DTLS1_0);
		talk(server);
		dtls_free(server);
		gnutls_deinit(client);
	}
	wire_version = 0x0100;
}

static struct dtls *
psk_server(const char *level, const char *custom)
{
	const struct dtls_name *n;

	offer_set(false, "AES256-SHA", "PSK-NEGOTIATE", NULL);
	suite_list_make(SUITE_DTLS12, level, custom, &offer.allowed12);
	n = dtls_choose(&offer);
	assert_non_null(n);
	return server_new(n);
}

static void
psk_end(struct dtls *server)
{
	dtls_free(server);
	gnutls_deinit(client);
	gnutls_psk_free_client_credentials(client_psk);
}

/* protocol.md 3.4 */
T(psk_negotiate_makes_a_channel_of_the_first_cipher_allowed)
{
	static const struct {
		const char *level, *custom, *client, *suite;
	} rows[] = {
		{ "medium", NULL, "", "PSK-AES256-GCM-SHA384" },
		{ "custom", "AES128-GCM-SHA256:AES256-GCM-SHA384", "", "PSK-AES128-GCM-SHA256" },
		{ "custom", "AES128-SHA256", ":+SHA256", "PSK-AES128-CBC-SHA256" },
		{ "custom", "ECDHE-RSA-AES256-SHA384", ":+SHA384", "PSK-AES256-CBC-SHA384" },
		{ "custom", "AES256-SHA", "", "PSK-AES256-CBC-SHA" },
		{ "custom", "AES128-SHA", "", "PSK-AES128-CBC-SHA" },
	};

	UNUSED;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct dtls *server = psk_server(rows[i].level, rows[i].custom);
		int c;

		client_start_psk(master, rows[i].client);
		assert_int_equal(handshake(server, 0, &c), 0);
		assert_int_equal(c, 0);
		assert_string_equal(dtls_suite(server)->name, rows[i].suite);
		talk(server);
		psk_end(server);
	}
}

T(another_key_gets_no_psk_channel)
{
	uint8_t other[DTLS_PSK_BYTES] = { 1 };
	struct dtls *server = psk_server("medium", NULL);
	int c;

	UNUSED;
	patience = 20;
	client_start_psk(other, "");
	assert_int_not_equal(handshake(server, 0, &c), 0);
	assert_int_not_equal(c, 0);
	patience = 400;
	psk_end(server);
}

/* protocol.md 6.6: the server speaks last here; the client repeats itself until it has heard that. */
T(any_lost_datagram_of_a_psk_server_is_sent_again)
{
	UNUSED;
	for (unsigned lose = 1; lose <= 3; lose++) {
		struct dtls *server = psk_server("medium", NULL);
		int c;

		client_start_psk(master, "");
		assert_int_equal(handshake(server, lose, &c), 0);
		if (c == 0)
			talk(server);
		psk_end(server);
	}
}

/* protocol.md 2.3, the rows as GnuTLS itself reckons them: D of the table, from payloads of 1472, 1452, 1372. */
T(the_room_in_a_record_is_that_of_the_table)
{
	static const struct {
		bool x12;
		const char *name;
		unsigned room[3];
	} rows[] = {
		{ false, "AES256-SHA", { 1419, 1387, 1307 } }, { true, "AES128-SHA", { 1419, 1387, 1307 } },
		{ false, "DES-CBC3-SHA", { 1427, 1403, 1323 } }, { true, "AES256-SHA256", { 1407, 1375, 1295 } },
		{ true, "AES256-GCM-SHA384", { 1435, 1415, 1335 } }, { false, "OC-DTLS1_2-AES128-GCM", { 1435, 1415, 1335 } },
	};
	static const unsigned payloads[] = { 1472, 1452, 1372 };

	UNUSED;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct dtls_name *n = by_name(rows[i].x12, rows[i].name);
		struct dtls *server = server_new(n);
		int c;

		client_start(n, master, id);
		assert_int_equal(handshake(server, 0, &c), 0);
		for (size_t k = 0; k < COUNT(payloads); k++) {
			dtls_payload_set(server, payloads[k]);
			assert_int_equal(dtls_room(server), rows[i].room[k]);
		}
		dtls_free(server);
		gnutls_deinit(client);
	}
}

T(any_lost_datagram_of_the_server_is_sent_again)
{
	const struct dtls_name *n = by_name(false, "AES256-SHA");

	UNUSED;
	for (unsigned lose = 1; lose <= 3; lose++) {
		struct dtls *server = server_new(n);
		int c;

		client_start(n, master, id);
		assert_int_equal(handshake(server, lose, &c), 0);
		assert_int_equal(c, 0);
		talk(server);
		dtls_free(server);
		gnutls_deinit(client);
	}
}

T(a_stranger_without_the_master_secret_gets_no_channel)
{
	uint8_t other[DTLS_MASTER_BYTES];

	UNUSED;
	memset(other, 0x11, sizeof(other));
	patience = 20;
	for (size_t i = 0; i < COUNT(all_names); i++) {
		const struct dtls_name *n = by_name(all_names[i].x12, all_names[i].name);
		struct dtls *server = server_new(n);
		int c;

		client_start(n, other, id);
		assert_int_not_equal(handshake(server, 0, &c), 0);
		assert_int_not_equal(c, 0);
		dtls_free(server);
		gnutls_deinit(client);
	}
	patience = 400;
}

T(another_session_id_gets_no_channel)
{
	uint8_t other[DTLS_ID_BYTES];

	UNUSED;
	memset(other, 0x22, sizeof(other));
	for (size_t i = 0; i < COUNT(all_names); i += 7) {
		const struct dtls_name *n = by_name(all_names[i].x12, all_names[i].name);
		struct dtls *server = server_new(n);
		int c;

		client_start(n, master, other);
		assert_int_equal(handshake(server, 0, &c), ERR_DENIED);
		assert_int_not_equal(c, 0);
		assert_true(strlen(dtls_error(server)) > 0);
		dtls_free(server);
		gnutls_deinit(client);
	}
}

T(a_packet_above_the_payload_is_too_long)
{
	const struct dtls_name *n = by_name(false, "AES256-SHA");
	struct dtls *server = server_new(n);
	static uint8_t packet[1500];
	int c;

	UNUSED;
	client_start(n, master, id);
	assert_int_equal(handshake(server, 0, &c), 0);
	assert_int_equal(dtls_send(server, packet, sizeof(packet)), ERR_LONG);
	/* protocol.md 2.3: D(1400) = 1371/16*16 - 21 */
	assert_int_equal(dtls_send(server, packet, 1339), 0);
	assert_int_equal(dtls_send(server, packet, 1340), ERR_LONG);
	dtls_free(server);
	gnutls_deinit(client);
}

T(noise_does_not_disturb_a_live_channel)
{
	const struct dtls_name *n = by_name(false, "AES128-SHA");
	struct dtls *server = server_new(n);
	uint8_t noise[200], got[2000];
	int c;

	UNUSED;
	client_start(n, master, id);
	assert_int_equal(handshake(server, 0, &c), 0);
	for (unsigned i = 0; i < 300; i++) {
		for (size_t k = 0; k < sizeof(noise); k++)
			noise[k] = (uint8_t)(k * 37 + i * 101);
		memcpy(noise, "\x17\1\0\0\1\0\0\0\0\0", 10); /* looks like a record */
		noise[0] = (uint8_t)(20 + i % 4);
		dtls_feed(server, noise, 1 + i % sizeof(noise));
		assert_int_equal(dtls_receive(server, got, sizeof(got)), ERR_AGAIN);
	}
	talk(server);
	dtls_free(server);
	gnutls_deinit(client);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_phone_gets_the_suite_of_its_tls_connection),
		cmocka_unit_test(a_phone_never_gets_another_suite),
		cmocka_unit_test(a_phones_first_header_wins_the_second_helps),
		cmocka_unit_test(others_get_dtls_12_first_and_the_suite_of_tls_if_they_can),
		cmocka_unit_test(unknown_and_ignored_names_are_no_hindrance),
		cmocka_unit_test(what_ssl_cipher_does_not_allow_is_not_chosen),
		cmocka_unit_test(psk_negotiate_goes_first_where_dtls_12_allows_it),
		cmocka_unit_test(psk_ciphers_are_those_of_ssl_cipher_in_its_order),
		cmocka_unit_test(an_operators_own_order_of_ciphers_is_kept),
		cmocka_unit_test(without_a_master_secret_no_session_can_be_made_up),
		cmocka_unit_test(a_client_hello_is_told_from_other_datagrams),
		cmocka_unit_test(every_name_makes_a_channel_that_carries_data),
		cmocka_unit_test(the_old_names_work_with_dtls_10_on_the_wire),
		cmocka_unit_test(psk_negotiate_makes_a_channel_of_the_first_cipher_allowed),
		cmocka_unit_test(another_key_gets_no_psk_channel),
		cmocka_unit_test(any_lost_datagram_of_a_psk_server_is_sent_again),
		cmocka_unit_test(the_room_in_a_record_is_that_of_the_table),
		cmocka_unit_test(any_lost_datagram_of_the_server_is_sent_again),
		cmocka_unit_test(a_stranger_without_the_master_secret_gets_no_channel),
		cmocka_unit_test(another_session_id_gets_no_channel),
		cmocka_unit_test(a_packet_above_the_payload_is_too_long),
		cmocka_unit_test(noise_does_not_disturb_a_live_channel),
	};

	wire_version = 0x0100;
	memset(master, 0x4d, sizeof(master));
	memset(id, 0x1d, sizeof(id));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
