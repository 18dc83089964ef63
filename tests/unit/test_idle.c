/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/unit.h"

#include "server/worker/idle.h"

#define START 1000000

static struct idle i;

static void
packet(uint8_t version, uint8_t protocol, uint64_t now)
{
	uint8_t bytes[40] = { (uint8_t)(version << 4 | 5) };

	bytes[version == 6 ? 6 : 9] = protocol;
	idle_packet(&i, now, bytes, sizeof(bytes));
}

T(it_is_over_when_the_limit_has_passed)
{
	UNUSED;
	idle_start(&i, 60, false, START);
	assert_int_equal(idle_next(&i), START + 60000);
	packet(4, 17, START + 1000);
	assert_int_equal(idle_next(&i), START + 61000);
	packet(4, 6, START + 2000);
	assert_int_equal(idle_next(&i), START + 62000);
	packet(6, 6, START + 3000);
	assert_int_equal(idle_next(&i), START + 63000);
}

T(icmp_and_igmp_are_no_traffic)
{
	UNUSED;
	idle_start(&i, 60, false, START);
	packet(4, 1, START + 1000);
	packet(4, 2, START + 1000);
	packet(6, 58, START + 1000);
	assert_int_equal(idle_next(&i), START + 60000);
}

T(keepalives_count_for_phones_alone)
{
	UNUSED;
	idle_start(&i, 60, true, START);
	idle_control(&i, START + 20000);
	assert_int_equal(idle_next(&i), START + 80000);
	idle_start(&i, 60, false, START);
	idle_control(&i, START + 20000);
	assert_int_equal(idle_next(&i), START + 60000);
}

T(fragments_of_a_header_are_no_traffic)
{
	uint8_t bytes[20] = { 0x45, [9] = 17 };

	UNUSED;
	idle_start(&i, 60, false, START);
	for (size_t len = 0; len < sizeof(bytes); len++) {
		uint8_t *p = exact(bytes, len);

		idle_packet(&i, START + 1000, p, len);
		free(p);
	}
	assert_int_equal(idle_next(&i), START + 60000);
}

T(a_limit_of_0_is_off)
{
	UNUSED;
	idle_start(&i, 0, true, START);
	assert_true(idle_next(&i) == UINT64_MAX);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_over_when_the_limit_has_passed),
		cmocka_unit_test(icmp_and_igmp_are_no_traffic),
		cmocka_unit_test(keepalives_count_for_phones_alone),
		cmocka_unit_test(fragments_of_a_header_are_no_traffic),
		cmocka_unit_test(a_limit_of_0_is_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
