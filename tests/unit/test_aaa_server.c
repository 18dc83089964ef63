/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/unit.h"

#include "server/aaa/server.h"

static struct aaa_group g;
static struct aaa_server a, b;
static unsigned changes;

static void
changed(struct aaa_server *s)
{
	(void)s;
	changes++;
}

static void
group_make(unsigned max_failed, bool timed, double deadtime_s)
{
	memset(&a, 0, sizeof(a));
	memset(&b, 0, sizeof(b));
	g = (struct aaa_group){ .max_failed = max_failed, .timed = timed, .deadtime_s = deadtime_s, .servers = &a };
	a.next = &b;
	a.group = b.group = &g;
	changes = 0;
}

static struct aaa_server *
pick(bool fallback, double now)
{
	return group_pick(&g, NULL, fallback, now, changed);
}

T(servers_are_asked_in_their_order)
{
	UNUSED;
	group_make(3, false, 600);
	assert_ptr_equal(pick(true, 1000), &a);
	assert_ptr_equal(group_pick(&g, a.next, true, 1000, changed), &b);
}

T(so_many_silences_in_a_row_make_it_failed)
{
	UNUSED;
	group_make(3, false, 600);
	server_silent(&a, 1000, changed);
	server_silent(&a, 1001, changed);
	server_answered(&a, changed); /* begins anew */
	server_silent(&a, 1002, changed);
	server_silent(&a, 1003, changed);
	assert_false(a.failed);
	assert_int_equal(changes, 0);
	server_silent(&a, 1004, changed);
	assert_true(a.failed);
	assert_int_equal(changes, 1);
	server_silent(&a, 1005, changed);
	assert_int_equal(changes, 1);
	assert_ptr_equal(pick(true, 1006), &b);
}

T(depletion_waits_for_the_last_one_and_the_deadtime)
{
	UNUSED;
	group_make(1, false, 600);
	server_silent(&a, 1000, changed);
	assert_ptr_equal(pick(true, 5000), &b); /* a rests as long as b serves */
	server_silent(&b, 5000, changed);
	assert_null(pick(true, 5001));
	assert_null(pick(true, 5599));
	assert_ptr_equal(pick(true, 5600), &a);
	assert_false(b.failed);
	assert_int_equal(changes, 4);
}

T(without_local_they_are_tried_again_at_once)
{
	UNUSED;
	group_make(1, false, 600);
	server_silent(&a, 1000, changed);
	server_silent(&b, 1000, changed);
	assert_ptr_equal(pick(false, 1001), &a);
}

T(timed_is_for_thirty_seconds_each)
{
	UNUSED;
	group_make(1, true, 600);
	server_silent(&a, 1000, changed);
	server_silent(&b, 1010, changed);
	assert_null(pick(false, 1029));
	assert_ptr_equal(pick(false, 1030), &a);
	assert_true(b.failed);
	assert_ptr_equal(pick(false, 1040), &a);
	assert_false(b.failed);
}

T(an_answer_makes_it_active)
{
	UNUSED;
	group_make(1, false, 600);
	server_silent(&a, 1000, changed);
	server_answered(&a, changed);
	assert_false(a.failed);
	assert_int_equal(changes, 2);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(servers_are_asked_in_their_order),
		cmocka_unit_test(so_many_silences_in_a_row_make_it_failed),
		cmocka_unit_test(depletion_waits_for_the_last_one_and_the_deadtime),
		cmocka_unit_test(without_local_they_are_tried_again_at_once),
		cmocka_unit_test(timed_is_for_thirty_seconds_each),
		cmocka_unit_test(an_answer_makes_it_active),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
