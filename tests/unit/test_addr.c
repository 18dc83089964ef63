/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/unit.h"

#include "common/addr.h"

T(an_address_survives_the_way_through_a_sockaddr)
{
	static const char *const texts[] = { "172.16.1.250", "0.0.0.0", "2001:db8::7", "::1" };

	UNUSED;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct sockaddr_storage ss;
		struct addr a, b;
		char text[ADDR_STR];

		assert_true(addr_parse(texts[i], 4430, &a));
		assert_true(addr_to_sockaddr(&a, &ss) > 0);
		b = addr_from_sockaddr(&ss);
		assert_true(addr_equal(&a, &b));
		assert_string_equal(addr_ip_str(&b, text), texts[i]);
		assert_int_equal(b.port, 4430);
	}
}

T(equal_means_address_and_port)
{
	struct addr a, b;

	UNUSED;
	assert_true(addr_parse("10.0.0.1", 1, &a) && addr_parse("10.0.0.1", 2, &b));
	assert_false(addr_equal(&a, &b));
	assert_true(addr_same_ip(&a, &b));
	assert_true(addr_parse("10.0.0.2", 1, &b));
	assert_false(addr_equal(&a, &b));
	assert_true(addr_parse("a00:1::", 1, &b)); /* the same first four bytes */
	assert_false(addr_same_ip(&a, &b));
}

T(an_ipv4_address_in_host_order)
{
	struct addr a;

	UNUSED;
	assert_true(addr_parse("10.1.2.3", 0, &a));
	assert_int_equal(addr_ip4(&a), 0x0a010203);
	assert_true(addr_parse("::1", 0, &a));
	assert_int_equal(addr_ip4(&a), 0);
}

T(what_is_no_address_is_refused_and_leaves_out_untouched)
{
	static const char *const bad[] = { "", "10.0.0", "10.0.0.256", "host", "10.0.0.1 ", "1::2::3" };
	struct addr a = { .family = 9 };

	UNUSED;
	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_false(addr_parse(bad[i], 0, &a));
		assert_int_equal(a.family, 9);
	}
}

T(the_hash_sees_address_port_and_seed)
{
	struct addr a, b;

	UNUSED;
	assert_true(addr_parse("10.0.0.1", 1, &a) && addr_parse("10.0.0.1", 2, &b));
	assert_int_not_equal(addr_hash(&a, 1), addr_hash(&b, 1));
	assert_int_not_equal(addr_hash(&a, 1), addr_hash(&a, 2));
	assert_int_equal(addr_hash(&a, 7), addr_hash(&a, 7));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_survives_the_way_through_a_sockaddr),
		cmocka_unit_test(equal_means_address_and_port),
		cmocka_unit_test(an_ipv4_address_in_host_order),
		cmocka_unit_test(what_is_no_address_is_refused_and_leaves_out_untouched),
		cmocka_unit_test(the_hash_sees_address_port_and_seed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
