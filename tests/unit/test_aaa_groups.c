/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Server groups through changes of the configuration. */
#include "tests/unit/unit.h"

#include "server/aaa/groups.h"

static void
server_add(const char *address, const char *key)
{
	groups_add_server(&(struct ipc_aaa_server){
	    .address = address, .key = key, .timeout_s = 2, .retry_s = 1, .auth_port = 1812, .acct_port = 1813 });
}

static void
group_add(const char *name)
{
	groups_add(&(struct ipc_aaa_group){ .name = name, .max_failed = 3, .deadtime_s = 600 });
}

/* Group "g" with two servers, as it was before each change. */
static int
two_servers(void **state)
{
	(void)state;
	groups_begin();
	group_add("g");
	server_add("192.0.2.1", "one");
	server_add("192.0.2.2", "two");
	groups_commit();
	return 0;
}

T(servers_stand_in_their_order)
{
	const struct aaa_group *g = groups_find("g");

	UNUSED;
	assert_non_null(g);
	assert_null(groups_find("h"));
	assert_string_equal(g->servers->name, "192.0.2.1");
	assert_string_equal(g->servers->next->name, "192.0.2.2");
	assert_null(g->servers->next->next);
	assert_int_equal(g->servers->addr.ss_family, AF_INET);
}

T(until_the_commit_the_old_ones_serve)
{
	UNUSED;
	groups_begin();
	group_add("other");
	server_add("192.0.2.9", "nine");
	assert_non_null(groups_find("g"));
	assert_non_null(groups_find("g")->servers);
	assert_null(groups_find("other"));
	groups_commit();
	assert_null(groups_find("g"));
	assert_non_null(groups_find("other"));
}

T(a_server_keeps_its_state_and_takes_its_new_key)
{
	struct aaa_server *first = groups_find("g")->servers;

	UNUSED;
	first->failed = true;
	first->stats.accepts = 7;
	groups_begin();
	group_add("g");
	server_add("192.0.2.2", "two");
	server_add("192.0.2.1", "changed");
	groups_commit();
	assert_ptr_equal(groups_find("g")->servers->next, first);
	assert_ptr_equal(first->group, groups_find("g"));
	assert_true(first->failed);
	assert_int_equal(first->stats.accepts, 7);
	assert_string_equal(first->key, "changed");
	assert_null(first->next);
}

T(one_that_is_gone_stays_until_its_requests_end)
{
	struct aaa_server *first = groups_find("g")->servers;

	UNUSED;
	first->stats.pending = 1;
	for (int i = 0; i < 3; i++) {
		groups_begin();
		groups_commit();
		assert_null(groups_first());
		assert_string_equal(first->group->name, "g"); /* still there to be counted with */
		assert_int_equal(first->group->max_failed, 3);
		assert_null(first->next);
	}
	first->stats.pending = 0;
	groups_begin();
	groups_commit();
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(servers_stand_in_their_order, two_servers),
		cmocka_unit_test_setup(until_the_commit_the_old_ones_serve, two_servers),
		cmocka_unit_test_setup(a_server_keeps_its_state_and_takes_its_new_key, two_servers),
		cmocka_unit_test_setup(one_that_is_gone_stays_until_its_requests_end, two_servers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
