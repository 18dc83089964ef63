/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "server/main/session_table.h"

static struct session *
session_of(char *user)
{
	struct session *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	s->user = user;
	s->index = session_index_take();
	assert_true(session_slot_take(1, &s->slot));
	memcpy(s->cookie_hash, &s->index, sizeof(s->index));
	session_link(s);
	return s;
}

static void
end(struct session *s)
{
	session_unlink(s);
	free(s);
}

static void
a_user_has_his_sessions_in_order(void **state)
{
	struct session *a = session_of("anna"), *b = session_of("bert"), *c = session_of("anna");
	struct session_user *anna = session_user_find("anna");

	(void)state;
	assert_int_equal(anna->count, 2);
	assert_ptr_equal(TAILQ_FIRST(&anna->sessions), a);
	assert_ptr_equal(TAILQ_NEXT(a, user_link), c);
	end(a);
	assert_int_equal(anna->count, 1);
	end(c);
	assert_null(session_user_find("anna"));
	assert_int_equal(session_user_find("bert")->count, 1);
	end(b);
	assert_null(session_user_find("bert"));
}

static void
who_waits_longest_is_first(void **state)
{
	struct session *a = session_of("anna"), *b = session_of("bert"), *c = session_of("anna");

	(void)state;
	assert_null(session_waiting_longest());
	session_waiting_begin(c);
	session_waiting_begin(b);
	session_waiting_begin(a);
	assert_ptr_equal(session_waiting_longest(), c);
	assert_ptr_equal(TAILQ_FIRST(&a->of_user->waiting), c);
	session_waiting_begin(c); /* again */
	assert_ptr_equal(session_waiting_longest(), b);
	assert_ptr_equal(TAILQ_FIRST(&a->of_user->waiting), a);
	session_waiting_end(b);
	session_waiting_end(b);
	assert_ptr_equal(session_waiting_longest(), a);
	end(a);
	end(c);
	assert_null(session_waiting_longest());
	end(b);
}

static void
an_index_comes_again_once_it_is_free(void **state)
{
	struct session *a = session_of("anna");

	(void)state;
	for (int i = 0; i < 65535 + 10; i++)
		assert_int_not_equal(session_index_take(), a->index);
	end(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_user_has_his_sessions_in_order),
		cmocka_unit_test(who_waits_longest_is_first),
		cmocka_unit_test(an_index_comes_again_once_it_is_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
