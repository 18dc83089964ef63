/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/unit.h"

#include <stdio.h>

#include "server/certauth/pace.h"

static struct pace *p;

static int
fresh(void **state)
{
	(void)state;
	p = pace_new();
	return 0;
}

static int
done(void **state)
{
	(void)state;
	pace_free(p);
	return 0;
}

static struct addr
ip(const char *text)
{
	struct addr a;

	assert_true(addr_parse(text, 0, &a));
	return a;
}

static uint64_t
source(const char *text)
{
	struct addr a = ip(text);

	return pace_source(p, &a);
}

T(delays_of_a_user_grow_from_half_a_second_to_eight)
{
	static const double delays[] = { 0.5, 1, 2, 4, 8, 8, 8 };
	uint64_t bob = pace_user(p, "bob");
	double now = 1000;

	UNUSED;
	for (size_t i = 0; i < sizeof(delays) / sizeof(delays[0]); i++) {
		double wait = pace_begin(p, PACE_USER, bob, now);

		assert_true(wait == 0);
		assert_true(pace_end(p, PACE_USER, bob, false, now) == delays[i]);
		wait = pace_begin(p, PACE_USER, bob, now); /* whoever does not wait for the answer waits now */
		assert_true(wait > 0 && wait <= delays[i]);
		now += delays[i];
	}
	assert_true(pace_begin(p, PACE_USER, pace_user(p, "eve"), now) == 0); /* others do not */
}

T(a_success_of_the_user_ends_it)
{
	uint64_t bob = pace_user(p, "bob");

	UNUSED;
	for (int i = 0; i < 5; i++)
		pace_end(p, PACE_USER, bob, false, 1000);
	assert_true(pace_begin(p, PACE_USER, bob, 1008) == 0);
	assert_true(pace_end(p, PACE_USER, bob, true, 1008) == 0);
	assert_true(pace_begin(p, PACE_USER, bob, 1008) == 0);
	assert_true(pace_end(p, PACE_USER, bob, false, 1008) == 0.5);
}

T(guesses_that_come_at_once_are_looked_at_one_by_one)
{
	uint64_t bob = pace_user(p, "bob");
	int begun = 0;

	UNUSED;
	for (int i = 0; i < 1000; i++)
		begun += pace_begin(p, PACE_USER, bob, 1000) == 0;
	assert_int_equal(begun, 4);
	for (int i = 0; i < 4; i++)
		pace_end(p, PACE_USER, bob, false, 1000);
	begun = 0;
	for (double now = 1000; now < 1060; now += 0.05) {
		for (int i = 0; i < 20; i++) {
			if (pace_begin(p, PACE_USER, bob, now) == 0) {
				begun++;
				pace_end(p, PACE_USER, bob, false, now);
			}
		}
	}
	assert_in_range(begun, 6, 9); /* of 24000 in a minute */
}

T(an_office_of_phones_is_not_slowed)
{
	uint64_t office = source("192.0.2.1");
	double now = 1000;

	UNUSED;
	for (int i = 0; i < 500; i++) {
		assert_true(pace_begin(p, PACE_SOURCE, office, now) == 0);
		assert_true(pace_end(p, PACE_SOURCE, office, i % 20 != 0, now) == 0); /* some mistype */
	}
}

T(a_source_that_guesses_many_names_is_slowed)
{
	uint64_t from = source("192.0.2.1");
	double delay = 0;

	UNUSED;
	for (int i = 0; i < 12; i++)
		delay = pace_end(p, PACE_SOURCE, from, false, 1000);
	assert_true(delay == 4);
	assert_true(pace_begin(p, PACE_SOURCE, from, 1001) > 2);
	assert_true(pace_begin(p, PACE_SOURCE, source("192.0.2.2"), 1001) == 0);
	assert_true(pace_begin(p, PACE_SOURCE, from, 1700) == 0); /* ten quiet minutes */
	assert_true(pace_end(p, PACE_SOURCE, from, false, 1700) == 0);
}

T(ipv6_counts_by_its_64)
{
	UNUSED;
	assert_true(source("2001:db8:1:2::1") == source("2001:db8:1:2:ffff::9"));
	assert_true(source("2001:db8:1:2::1") != source("2001:db8:1:3::1"));
	assert_true(source("192.0.2.1") != source("192.0.2.2"));
	assert_true(pace_source(p, &(struct addr){ 0 }) == 0);
	assert_true(pace_begin(p, PACE_SOURCE, 0, 1000) == 0);
	assert_true(pace_end(p, PACE_SOURCE, 0, false, 1000) == 0);
}

T(a_flood_of_names_does_not_wash_away_who_fails_most)
{
	uint64_t bob = pace_user(p, "bob");
	char name[24];

	UNUSED;
	for (int i = 0; i < 5; i++)
		pace_end(p, PACE_USER, bob, false, 1000);
	for (int i = 0; i < 100000; i++) {
		snprintf(name, sizeof(name), "flood%d", i);
		pace_end(p, PACE_USER, pace_user(p, name), false, 1001);
	}
	assert_true(pace_begin(p, PACE_USER, bob, 1002) > 5);
}

int
main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, fresh, done)
	static const struct CMUnitTest tests[] = {
		CASE(delays_of_a_user_grow_from_half_a_second_to_eight),
		CASE(a_success_of_the_user_ends_it),
		CASE(guesses_that_come_at_once_are_looked_at_one_by_one),
		CASE(an_office_of_phones_is_not_slowed),
		CASE(a_source_that_guesses_many_names_is_slowed),
		CASE(ipv6_counts_by_its_64),
		CASE(a_flood_of_names_does_not_wash_away_who_fails_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
