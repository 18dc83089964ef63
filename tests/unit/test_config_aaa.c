/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What aaa-server lines come to. */
#include "tests/unit/config_unit.h"

#define INSIDE "interface g0/0\n nameif inside\n"

static struct cfg_aaa_group_resolved
group_of(const char *text)
{
	struct cfg_aaa_group_resolved r;
	struct config *cfg = good(text);

	config_aaa_group_resolve(config_aaa_server(cfg, "r"), &r);
	config_free(cfg);
	return r;
}

static struct cfg_aaa_host_resolved
host_of(const char *text)
{
	struct cfg_aaa_host_resolved r;
	struct config *cfg = good(text);

	config_aaa_host_resolve(config_aaa_server(cfg, "r")->hosts, &r);
	config_free(cfg);
	return r;
}

static void
defaults_are_the_asas(void **state)
{
	struct cfg_aaa_group_resolved g = group_of("aaa-server r protocol radius\n");
	struct cfg_aaa_host_resolved h = host_of(INSIDE "aaa-server r protocol radius\naaa-server r (inside) host 10.0.0.1\n");

	(void)state;
	assert_true(g.radius);
	assert_false(g.simultaneous);
	assert_false(g.timed);
	assert_false(g.interim);
	assert_int_equal(g.max_failed, 3);
	assert_int_equal(g.deadtime_min, 10);
	assert_string_equal(h.key, "");
	assert_int_equal(h.timeout_s, 10);
	assert_int_equal(h.retry_s, 10);
	assert_int_equal(h.auth_port, 1645);
	assert_int_equal(h.acct_port, 1646);
	assert_false(h.mschapv2);
}

static void
what_is_said_counts(void **state)
{
	struct cfg_aaa_group_resolved g = group_of("aaa-server r protocol radius\n accounting-mode simultaneous\n"
	                                           " interim-accounting-update periodic 3\n max-failed-attempts 5\n"
	                                           " reactivation-mode depletion deadtime 0\n");
	struct cfg_aaa_host_resolved h = host_of(INSIDE "aaa-server r protocol radius\naaa-server r (inside) host 10.0.0.1\n"
	                                                " key \"two words\"\n timeout 7\n retry-interval 2\n"
	                                                " authentication-port 1812\n accounting-port 1813\n mschapv2-capable\n");

	(void)state;
	assert_true(g.simultaneous);
	assert_true(g.interim);
	assert_int_equal(g.interim_hours, 3);
	assert_int_equal(g.max_failed, 5);
	assert_int_equal(g.deadtime_min, 0);
	assert_string_equal(h.key, "two words");
	assert_int_equal(h.timeout_s, 7);
	assert_int_equal(h.retry_s, 2);
	assert_int_equal(h.auth_port, 1812);
	assert_int_equal(h.acct_port, 1813);
	assert_true(h.mschapv2);
	g = group_of("aaa-server r protocol radius\n interim-accounting-update\n reactivation-mode timed\n");
	assert_true(g.interim);
	assert_int_equal(g.interim_hours, 0);
	assert_true(g.timed);
	assert_int_equal(group_of("aaa-server r protocol radius\n interim-accounting-update periodic\n").interim_hours, 24);
	assert_false(group_of("aaa-server r protocol ldap\n").radius);
}

static void
key_and_timeout_may_stand_in_the_host_line(void **state)
{
	struct cfg_aaa_host_resolved h =
	    host_of(INSIDE "aaa-server r protocol radius\naaa-server r (inside) host 10.0.0.1 s3cret timeout 4\n");

	(void)state;
	assert_string_equal(h.key, "s3cret");
	assert_int_equal(h.timeout_s, 4);
}

static void
no_takes_them_back(void **state)
{
	struct cfg_aaa_host_resolved h = host_of(INSIDE "aaa-server r protocol radius\naaa-server r (inside) host 10.0.0.1 k\n"
	                                                " timeout 4\n no timeout\n no key\n");
	struct config *cfg = good("aaa local authentication attempts max-fail 4\n");

	(void)state;
	assert_string_equal(h.key, "");
	assert_int_equal(h.timeout_s, 10);
	assert_int_equal(config_local_max_fail(cfg), 4);
	config_free(cfg);
	cfg = good("aaa local authentication attempts max-fail 4\nno aaa local authentication attempts max-fail\n");
	assert_int_equal(config_local_max_fail(cfg), 0);
	config_free(cfg);
}

static void
only_what_has_no_effect_is_said_to_have_none(void **state)
{
	(void)state;
	check_finding("aaa-server r protocol ldap\n", "\"aaa-server protocol other than radius\" has no effect here");
	check_same("aaa-server", "aaa-server r protocol radius\n max-failed-attempts 2\n");
	check_same("aaa", "aaa local authentication attempts max-fail 4\n");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_the_asas),
		cmocka_unit_test(what_is_said_counts),
		cmocka_unit_test(key_and_timeout_may_stand_in_the_host_line),
		cmocka_unit_test(no_takes_them_back),
		cmocka_unit_test(only_what_has_no_effect_is_said_to_have_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
