/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ev.h>

#include "server/main/admission.h"
#include "server/main/daemon.h"

#define MANY 65536

struct daemon daemon_;

static struct admission turns[MANY];
static unsigned rooms;

static void
room(void)
{
	rooms++;
	ev_break(daemon_.loop, EVBREAK_ALL);
}

/* How many are let in. */
static unsigned
fill(void)
{
	unsigned n = 0;

	while (n < MANY && admission_room())
		admission_begin(&turns[n++]);
	return n;
}

static void
one_that_is_done_makes_room_for_one(void **state)
{
	unsigned n;

	(void)state;
	n = fill();
	assert_true(n >= 64 && n < MANY);
	assert_int_equal(rooms, 0);
	admission_end(&turns[5]);
	admission_end(&turns[5]);
	assert_int_equal(rooms, 1);
	assert_true(admission_room());
	admission_begin(&turns[5]);
	assert_false(admission_room());
	for (unsigned i = 0; i < n; i++)
		admission_end(&turns[i]);
	assert_int_equal(rooms, 2);
	assert_int_equal(fill(), n);
}

static void
who_takes_long_keeps_nobody_waiting(void **state)
{
	(void)state;
	assert_false(admission_room());
	rooms = 0;
	ev_run(daemon_.loop, 0);
	assert_int_equal(rooms, 1);
	assert_true(admission_room());
	assert_true(fill() >= 64);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_that_is_done_makes_room_for_one),
		cmocka_unit_test(who_takes_long_keeps_nobody_waiting),
	};

	daemon_.loop = ev_loop_new(0);
	admission_init(room);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
