/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/unit.h"

#include "server/worker/dpd.h"

#define START 1000000

static struct dpd d;

T(silence_of_an_interval_sends_a_probe_and_three_are_dead)
{
	UNUSED;
	dpd_start(&d, 30, START);
	assert_int_equal(dpd_next(&d), START + 30000);
	assert_int_equal(dpd_step(&d, START + 29999), DPD_NOTHING);
	assert_int_equal(dpd_step(&d, START + 30000), DPD_PROBE);
	assert_int_equal(dpd_step(&d, START + 30001), DPD_NOTHING);
	assert_int_equal(dpd_next(&d), START + 60000);
	assert_int_equal(dpd_step(&d, START + 60000), DPD_PROBE);
	assert_int_equal(dpd_next(&d), START + 90000);
	assert_int_equal(dpd_step(&d, START + 89999), DPD_NOTHING);
	assert_int_equal(dpd_step(&d, START + 90000), DPD_DEAD);
}

T(anything_heard_starts_it_again)
{
	UNUSED;
	dpd_start(&d, 30, START);
	assert_int_equal(dpd_step(&d, START + 30000), DPD_PROBE);
	dpd_heard(&d, START + 30010);
	assert_int_equal(dpd_next(&d), START + 60010);
	assert_int_equal(dpd_step(&d, START + 60009), DPD_NOTHING);
	assert_int_equal(dpd_step(&d, START + 60010), DPD_PROBE);
	dpd_heard(&d, START + 150009);
	assert_int_equal(dpd_step(&d, START + 150010), DPD_NOTHING);
}

T(a_late_timer_probes_before_it_gives_up)
{
	UNUSED;
	dpd_start(&d, 30, START);
	assert_int_equal(dpd_step(&d, START + 75000), DPD_PROBE);
	assert_int_equal(dpd_next(&d), START + 90000);
	dpd_start(&d, 30, START);
	assert_int_equal(dpd_step(&d, START + 500000), DPD_DEAD);
}

T(an_interval_of_0_is_off)
{
	UNUSED;
	dpd_start(&d, 0, START);
	assert_true(dpd_next(&d) == UINT64_MAX);
	assert_int_equal(dpd_step(&d, START + 100000000), DPD_NOTHING);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(silence_of_an_interval_sends_a_probe_and_three_are_dead),
		cmocka_unit_test(anything_heard_starts_it_again),
		cmocka_unit_test(a_late_timer_probes_before_it_gives_up),
		cmocka_unit_test(an_interval_of_0_is_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
