/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/unit.h"

#include "common/suite.h"

static struct suite_list list;

static bool
has(const char *name)
{
	const struct suite *s = suite_by_name(name);

	assert_non_null(s);
	return suite_list_has(&list, s);
}

T(a_suite_is_found_by_name_and_by_number)
{
	UNUSED;
	assert_int_equal(suite_by_name("AES256-SHA")->id, 0x0035);
	assert_int_equal(suite_by_name("aes128-sha")->id, 0x002F);
	assert_string_equal(suite_by_id(0xC030)->name, "ECDHE-RSA-AES256-GCM-SHA384");
	assert_null(suite_by_name("AES256"));
	assert_null(suite_by_name(""));
	assert_null(suite_by_id(0x00FF));
}

T(what_is_never_spoken_is_refused_by_name)
{
	UNUSED;
	assert_true(suite_name_refused("RC4-SHA"));
	assert_true(suite_name_refused("null-sha"));
	assert_false(suite_name_refused("AES256-SHA"));
	assert_null(suite_by_name("RC4-SHA"));
}

T(an_old_version_knows_old_suites_only)
{
	static const enum suite_version old[] = { SUITE_TLS10, SUITE_TLS11, SUITE_DTLS10 };

	UNUSED;
	for (size_t k = 0; k < COUNT(old); k++) {
		suite_list_make(old[k], "all", NULL, &list);
		assert_true(list.count > 0);
		for (size_t i = 0; i < list.count; i++)
			assert_int_equal(list.suites[i]->since, SUITE_TLS10);
	}
	suite_list_make(SUITE_TLS12, "all", NULL, &list);
	assert_true(has("AES256-SHA") && has("AES256-GCM-SHA384") && has("DES-CBC3-SHA"));
	assert_false(has("TLS_AES_256_GCM_SHA384"));
	suite_list_make(SUITE_TLS13, "all", NULL, &list);
	for (size_t i = 0; i < list.count; i++)
		assert_int_equal(list.suites[i]->since, SUITE_TLS13);
}

T(medium_is_the_default_and_serves_phones)
{
	struct suite_list medium;

	UNUSED;
	suite_list_make(SUITE_TLS12, "medium", NULL, &medium);
	suite_list_make(SUITE_TLS12, NULL, NULL, &list);
	assert_int_equal(list.count, medium.count);
	assert_memory_equal(list.suites, medium.suites, list.count * sizeof(list.suites[0]));
	assert_true(has("AES256-SHA") && has("AES128-SHA"));
	assert_false(has("DES-CBC3-SHA"));
	suite_list_make(SUITE_DTLS10, NULL, NULL, &list);
	assert_true(has("AES256-SHA") && has("AES128-SHA"));
}

T(high_has_no_sha1_and_no_aes128)
{
	UNUSED;
	suite_list_make(SUITE_TLS12, "high", NULL, &list);
	assert_true(list.count > 0);
	for (size_t i = 0; i < list.count; i++) {
		assert_string_not_equal(list.suites[i]->hashing, "SHA1");
		assert_memory_equal(list.suites[i]->cipher, "AES-256", 7);
	}
}

T(custom_keeps_the_order_given_and_leaves_out_what_does_not_fit)
{
	UNUSED;
	suite_list_make(SUITE_TLS10, "custom", "AES128-SHA:no-such:AES256-SHA:AES128-SHA:AES256-GCM-SHA384:RC4-SHA:", &list);
	assert_int_equal(list.count, 2);
	assert_string_equal(list.suites[0]->name, "AES128-SHA");
	assert_string_equal(list.suites[1]->name, "AES256-SHA");
	suite_list_make(SUITE_TLS12, "custom", "", &list);
	assert_int_equal(list.count, 0);
	suite_list_make(SUITE_TLS12, "custom", NULL, &list);
	assert_int_equal(list.count, 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_suite_is_found_by_name_and_by_number),
		cmocka_unit_test(what_is_never_spoken_is_refused_by_name),
		cmocka_unit_test(an_old_version_knows_old_suites_only),
		cmocka_unit_test(medium_is_the_default_and_serves_phones),
		cmocka_unit_test(high_has_no_sha1_and_no_aes128),
		cmocka_unit_test(custom_keeps_the_order_given_and_leaves_out_what_does_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
