/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/unit.h"

#include "server/config/config.h"
#include "server/main/time_range.h"

static bool
holds(const char *lines, const char *when)
{
	struct mem *mem = mem_new(NULL);
	struct config_report report;
	struct config *cfg = config_new();
	char *text = mem_printf(mem, "time-range t\n%s\n", lines);
	struct tm tm = { 0 };
	bool r;

	config_report_init(&report, mem);
	if (config_read(cfg, text, strlen(text), &report) != 0) {
		config_report_print(&report, "t", stderr);
		fail();
	}
	assert_non_null(strptime(when, "%Y-%m-%d %H:%M", &tm));
	r = time_range_holds(config_time_range(cfg, "t"), &tm);
	config_free(cfg);
	mem_free(mem);
	return r;
}

T(working_hours)
{
	const char *hours = " periodic weekdays 8:00 to 17:00";

	UNUSED;
	assert_true(holds(hours, "2026-11-23 08:00"));  /* a Monday */
	assert_true(holds(hours, "2026-11-27 17:00"));
	assert_false(holds(hours, "2026-11-27 17:01"));
	assert_false(holds(hours, "2026-11-23 07:59"));
	assert_false(holds(hours, "2026-11-22 12:00")); /* Sunday */
}

T(over_midnight_and_over_the_week)
{
	UNUSED;
	assert_true(holds(" periodic Friday 20:00 to Monday 6:00", "2026-11-22 12:00"));
	assert_true(holds(" periodic Friday 20:00 to Monday 6:00", "2026-11-23 05:59"));
	assert_false(holds(" periodic Friday 20:00 to Monday 6:00", "2026-11-23 06:01"));
	assert_false(holds(" periodic Friday 20:00 to Monday 6:00", "2026-11-20 19:59"));
	assert_true(holds(" periodic daily 0:00 to 23:59", "2026-11-22 23:59"));
}

T(absolute_bounds)
{
	const char *bounds = " absolute start 10:00 20 November 2026 end 12:00 30 November 2026";

	UNUSED;
	assert_true(holds(bounds, "2026-11-20 10:00"));
	assert_true(holds(bounds, "2026-11-30 12:00"));
	assert_false(holds(bounds, "2026-11-30 12:01"));
	assert_false(holds(bounds, "2026-11-20 09:59"));
	assert_true(holds("", "2026-11-20 09:59"));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(working_hours),
		cmocka_unit_test(over_midnight_and_over_the_week),
		cmocka_unit_test(absolute_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
