/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/unit.h"

#include <stdio.h>

#include "common/suite_string.h"

/* The names of the suites that a string gives in a version, joined by ":". */
static const char *
names(enum suite_version version, const char *text)
{
	static char out[2048];
	struct suite_list list;
	size_t at = 0;

	out[0] = '\0';
	suite_string_list(version, text, &list);
	for (size_t i = 0; i < list.count; i++)
		at += (size_t)snprintf(out + at, sizeof(out) - at, "%s%s", i > 0 ? ":" : "", list.suites[i]->name);
	return out;
}

static void
bad_at(const char *text, size_t want)
{
	char why[96];
	size_t bad = 99;

	assert_false(suite_string_check(text, &bad, why, sizeof(why)));
	assert_int_equal(bad, want);
}

static bool
good(const char *text)
{
	char why[96];
	size_t bad;

	return suite_string_check(text, &bad, why, sizeof(why));
}

T(the_guides_list_is_taken_in_its_order)
{
	const char *guide = "AES256-SHA:AES128-SHA:AES256-GCM-SHA384:AES256-SHA256:AES128-GCM-SHA256:AES128-SHA256:AES256-SHA";

	UNUSED;
	assert_true(good(guide));
	assert_string_equal(names(SUITE_TLS12, guide), "AES256-SHA:AES128-SHA:AES256-GCM-SHA384:AES256-SHA256:AES128-GCM-SHA256:AES128-SHA256");
	assert_string_equal(names(SUITE_DTLS10, guide), "AES256-SHA:AES128-SHA");
}

T(aliases_stand_for_their_suites)
{
	UNUSED;
	assert_string_equal(names(SUITE_TLS12, "ECDHE+AESGCM"), "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
	    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256");
	assert_string_equal(names(SUITE_TLS10, "kRSA+AES"), "AES256-SHA:AES128-SHA");
	assert_string_equal(names(SUITE_TLS10, "MEDIUM"), "DES-CBC3-SHA");
	assert_string_equal(names(SUITE_TLS12, "AES128+SHA256+RSA:3DES"), "AES128-SHA256:DES-CBC3-SHA");
}

T(operators_do_as_in_openssl)
{
	UNUSED;
	assert_string_equal(names(SUITE_TLS10, "HIGH:!DHE:!ECDHE"), "AES256-SHA:AES128-SHA");
	assert_string_equal(names(SUITE_TLS10, "kRSA:-AES256-SHA:AES256-SHA"), "AES128-SHA:DES-CBC3-SHA:AES256-SHA");
	assert_string_equal(names(SUITE_TLS10, "!AES256-SHA:kRSA:AES256-SHA"), "AES128-SHA:DES-CBC3-SHA");
	assert_string_equal(names(SUITE_TLS10, "kRSA:+AES256:!3DES"), "AES128-SHA:AES256-SHA");
	assert_string_equal(names(SUITE_TLS10, "AES128-SHA,AES256-SHA @STRENGTH"), "AES128-SHA:AES256-SHA");
}

T(what_is_never_spoken_is_known_and_stands_for_nothing)
{
	char refused[64];

	UNUSED;
	assert_true(good("RC4-SHA:AES128-SHA:AES256-SHA:DES-CBC3-SHA"));
	assert_true(good("ALL:!aNULL:!eNULL:!EXP:!SSLv2"));
	assert_string_equal(names(SUITE_TLS10, "RC4-SHA:RC4:NULL:aNULL:PSK"), "");
	assert_true(suite_string_refused("RC4-SHA:AES128-SHA:!NULL-MD5:RC4-MD5", refused, sizeof(refused)));
	assert_string_equal(refused, "RC4-SHA, RC4-MD5");
	assert_false(suite_string_refused("AES128-SHA", refused, sizeof(refused)));
}

T(what_no_openssl_knows_is_pointed_at)
{
	UNUSED;
	bad_at("AES256-SHA:NOPE", 11);
	bad_at("AES256-SHA:!NOPE:AES128-SHA", 11);
	bad_at("ECDHE+NOPE", 0);
	bad_at("ECDHE+", 0);
	bad_at("AES128-SHA:!", 11);
	bad_at("AES128-SHA:+", 11);
	bad_at("", 0);
	bad_at(": ,", 0);
	bad_at("AES256-SHA;AES128-SHA", 0);
}

T(a_string_of_any_length_is_read_within_its_bounds)
{
	static char text[8000];

	UNUSED;
	for (size_t i = 0; i + 12 < sizeof(text); i += 11)
		memcpy(text + i, "ALL:!AESGCM:", 13);
	assert_true(good("ALL"));
	names(SUITE_TLS12, text);
	memset(text, 'A', sizeof(text) - 1);
	bad_at(text, 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_guides_list_is_taken_in_its_order),
		cmocka_unit_test(aliases_stand_for_their_suites),
		cmocka_unit_test(operators_do_as_in_openssl),
		cmocka_unit_test(what_is_never_spoken_is_known_and_stands_for_nothing),
		cmocka_unit_test(what_no_openssl_knows_is_pointed_at),
		cmocka_unit_test(a_string_of_any_length_is_read_within_its_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
