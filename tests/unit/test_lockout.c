/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/unit.h"

#include <stdio.h>

#include "server/certauth/lockout.h"

static struct {
	unsigned calls, failures;
	bool locked;
} told;

static void
changed(const struct lock *l)
{
	told.calls++;
	told.failures = l->failures;
	told.locked = l->locked;
}

static struct lockout
lockout_fresh(void)
{
	memset(&told, 0, sizeof(told));
	return (struct lockout){ .changed = changed };
}

static bool
drop_all(void *ctx, const struct lock *l)
{
	(void)ctx, (void)l;
	return false;
}

T(the_nth_failure_locks)
{
	struct lockout lo = lockout_fresh();

	UNUSED;
	assert_false(lockout_failed(&lo, "bob", 3, 100));
	assert_false(lockout_failed(&lo, "bob", 3, 101));
	assert_false(lockout_is_locked(&lo, "bob"));
	assert_true(lockout_failed(&lo, "bob", 3, 102));
	assert_true(lockout_is_locked(&lo, "bob"));
	assert_true(told.locked);
	assert_int_equal(told.failures, 3);
	assert_false(lockout_failed(&lo, "bob", 3, 103)); /* locks no second time */
	assert_false(lockout_is_locked(&lo, "eve"));
	assert_true(lockout_forget(&lo, "bob"));
	assert_false(lockout_is_locked(&lo, "bob"));
	assert_int_equal(told.failures, 0);
	assert_false(lockout_forget(&lo, "bob"));
}

T(a_success_begins_the_count_anew)
{
	struct lockout lo = lockout_fresh();

	UNUSED;
	lockout_failed(&lo, "bob", 3, 1);
	lockout_failed(&lo, "bob", 3, 2);
	assert_false(lockout_forget(&lo, "bob"));
	assert_false(lockout_failed(&lo, "bob", 3, 3));
	assert_false(lockout_failed(&lo, "bob", 3, 4));
	assert_true(lockout_failed(&lo, "bob", 3, 5));
	lockout_sweep(&lo, drop_all, NULL);
}

T(without_a_limit_nobody_is_locked)
{
	struct lockout lo = lockout_fresh();

	UNUSED;
	for (unsigned i = 0; i < 1000; i++)
		assert_false(lockout_failed(&lo, "bob", 0, i));
	assert_false(lockout_is_locked(&lo, "bob"));
	assert_int_equal(told.failures, 1000);
	assert_true(lockout_failed(&lo, "bob", 3, 2000)); /* a limit has come */
	lockout_sweep(&lo, drop_all, NULL);
	assert_false(lockout_is_locked(&lo, "bob"));
}

T(a_sweep_takes_all_of_many)
{
	struct lockout lo = lockout_fresh();
	char name[16];

	UNUSED;
	for (unsigned i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "u%u", i);
		lockout_failed(&lo, name, 1, i);
	}
	assert_true(lockout_is_locked(&lo, "u4321"));
	lockout_sweep(&lo, drop_all, NULL);
	for (size_t i = 0; i < LOCKOUT_SLOTS; i++)
		assert_null(lo.slots[i]);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_nth_failure_locks),
		cmocka_unit_test(a_success_begins_the_count_anew),
		cmocka_unit_test(without_a_limit_nobody_is_locked),
		cmocka_unit_test(a_sweep_takes_all_of_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
