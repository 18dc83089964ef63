/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/unit.h"

#include "server/worker/mtu.h"

/* The table of protocol.md 2.3; PSK suites are those with encrypt-then-MAC. */
static const struct {
	const char *suite;
	unsigned l1500_ip4, l1500_ip6, l1400_ip4;
} rows[] = {
	{ "AES256-SHA", 1418, 1386, 1306 },
	{ "AES128-SHA", 1418, 1386, 1306 },
	{ "DES-CBC3-SHA", 1426, 1402, 1322 },
	{ "AES256-SHA256", 1406, 1374, 1294 },
	{ "AES128-SHA256", 1406, 1374, 1294 },
	{ "AES256-GCM-SHA384", 1434, 1414, 1334 },
	{ "AES128-GCM-SHA256", 1434, 1414, 1334 },
	{ "TLS_CHACHA20_POLY1305_SHA256", 1442, 1422, 1342 },
};

T(encrypt_then_mac_costs_what_the_table_says)
{
	const struct suite *sha1 = suite_psk("AES-256-CBC", "SHA1"), *gcm = suite_psk("AES-256-GCM", "AEAD");

	UNUSED;
	assert_int_equal(mtu_inner(sha1, 1500, false), 1406);
	assert_int_equal(mtu_inner(sha1, 1500, true), 1390);
	assert_int_equal(mtu_inner(sha1, 1400, false), 1310);
	assert_int_equal(mtu_inner(gcm, 1500, false), 1434);
	/* protocol.md 6.6: datagram for L content bytes = 49 + 16 * ceil((L + 1) / 16) */
	for (unsigned link = 600; link < 1600; link++) {
		unsigned content = mtu_inner(sha1, link, false) + 1;

		assert_true(49 + 16 * ((content + 1 + 15) / 16) <= link - 28);
		assert_true(49 + 16 * ((content + 2 + 15) / 16) > link - 28);
	}
}

T(the_udp_payload_is_the_link_less_the_headers)
{
	UNUSED;
	assert_int_equal(mtu_udp_payload(1500, false), 1472);
	assert_int_equal(mtu_udp_payload(1500, true), 1452);
	assert_int_equal(mtu_udp_payload(0, false), 1472);
	assert_int_equal(mtu_udp_payload(20, false), 0);
}

T(every_row_of_the_table_holds)
{
	UNUSED;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct suite *s = suite_by_name(rows[i].suite);

		assert_non_null(s);
		assert_int_equal(mtu_inner(s, 1500, false), rows[i].l1500_ip4);
		assert_int_equal(mtu_inner(s, 1500, true), rows[i].l1500_ip6);
		assert_int_equal(mtu_inner(s, 1400, false), rows[i].l1400_ip4);
		assert_int_equal(mtu_inner(s, 0, false), rows[i].l1500_ip4);
	}
}

/* A record of inner MTU bytes fits the UDP payload, one byte more does not. */
T(the_result_is_the_largest_that_fits)
{
	const struct suite *s = suite_by_name("AES256-SHA");

	UNUSED;
	for (unsigned link = 600; link < 1600; link++) {
		unsigned inner = mtu_inner(s, link, false), payload = link - 28;
		/* protocol.md 6.6: datagram for L content bytes, content = type byte and packet */
		unsigned now = 29 + 16 * ((1 + inner + 21 + 15) / 16), more = 29 + 16 * ((2 + inner + 21 + 15) / 16);

		assert_true(now <= payload);
		assert_true(more > payload);
	}
}

T(the_phones_1290_fits_a_dsl_line)
{
	UNUSED;
	assert_true(mtu_inner(suite_by_name("AES256-SHA"), 1369, false) >= 1290);
	assert_true(mtu_inner(suite_by_name("AES256-SHA"), 1368, false) < 1290);
}

T(a_link_too_small_for_a_record_gives_nothing)
{
	UNUSED;
	for (unsigned link = 1; link < 60; link++)
		assert_int_equal(mtu_inner(suite_by_name("AES256-SHA"), link, true), 0);
}

T(without_a_suite_nothing_costs_more)
{
	UNUSED;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_true(mtu_inner(NULL, 1500, false) <= rows[i].l1500_ip4);
}

T(the_smallest_of_policy_wish_and_path_is_chosen)
{
	const struct suite *s = suite_by_name("AES256-SHA");

	UNUSED;
	assert_int_equal(mtu_choose(s, 1406, 0, 1500, false), 1406);
	assert_int_equal(mtu_choose(s, 1406, 1290, 1500, false), 1290);
	assert_int_equal(mtu_choose(s, 1406, 1450, 1500, false), 1406);
	assert_int_equal(mtu_choose(s, 1462, 0, 1500, false), 1418);
	assert_int_equal(mtu_choose(s, 1406, 1400, 1400, false), 1306);
	assert_int_equal(mtu_choose(s, 1406, 1, 1500, false), MTU_FLOOR);
	assert_int_equal(mtu_choose(s, 1406, 0, 300, false), MTU_FLOOR);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_of_the_table_holds),
		cmocka_unit_test(encrypt_then_mac_costs_what_the_table_says),
		cmocka_unit_test(the_udp_payload_is_the_link_less_the_headers),
		cmocka_unit_test(the_result_is_the_largest_that_fits),
		cmocka_unit_test(the_phones_1290_fits_a_dsl_line),
		cmocka_unit_test(a_link_too_small_for_a_record_gives_nothing),
		cmocka_unit_test(without_a_suite_nothing_costs_more),
		cmocka_unit_test(the_smallest_of_policy_wish_and_path_is_chosen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
