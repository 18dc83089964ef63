/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/worker/children.h"

#define MANY 5000

static void
each_is_found_by_process_and_connection(void **state)
{
	uint64_t conn;

	(void)state;
	assert_false(children_take(1, &conn));
	assert_int_equal(children_of(1), 0);
	for (int i = 1; i <= MANY; i++)
		children_add(i * 7, (uint64_t)i * 1024);
	for (int i = 1; i <= MANY; i++)
		assert_int_equal(children_of((uint64_t)i * 1024), i * 7);
	for (int i = 1; i <= MANY; i += 2) {
		assert_true(children_take(i * 7, &conn));
		assert_int_equal(conn, (uint64_t)i * 1024);
		assert_false(children_take(i * 7, &conn));
		assert_int_equal(children_of((uint64_t)i * 1024), 0);
	}
}

static void
places_are_used_again(void **state)
{
	uint64_t conn;

	(void)state;
	for (int i = 1; i <= MANY; i += 2)
		children_add(1000000 + i, (uint64_t)1000000 + (uint64_t)i);
	for (int i = 2; i <= MANY; i += 2) {
		assert_int_equal(children_of((uint64_t)i * 1024), i * 7);
		assert_true(children_take(i * 7, &conn));
	}
	for (int i = 1; i <= MANY; i += 2) {
		assert_true(children_take(1000000 + i, &conn));
		assert_int_equal(conn, 1000000 + i);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_found_by_process_and_connection),
		cmocka_unit_test(places_are_used_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
