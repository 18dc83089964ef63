/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/utf8.h"
#include "server/show/json.h"

static void
written(const char *value, const char *wanted)
{
	char *text = NULL;
	size_t len = 0;
	struct json j = { .f = open_memstream(&text, &len) };

	assert_non_null(j.f);
	json_str(&j, NULL, value);
	fclose(j.f);
	assert_string_equal(text, wanted);
	free(text);
}

T(text_is_utf8_and_what_is_not_is_escaped)
{
	UNUSED;
	written("a\"b\\c\n\x7f", "\"a\\\"b\\\\c\\u000a\\u007f\"");
	written("J\xc3\xb6rg \xe2\x82\xac \xf0\x9f\x93\x9e", "\"J\xc3\xb6rg \xe2\x82\xac \xf0\x9f\x93\x9e\"");
	written("J\xf6rg", "\"J\\u00f6rg\"");
	written("\xc3", "\"\\u00c3\"");
	written(NULL, "null");
}

/* RFC 3629 section 3 and 4 */
T(overlong_forms_and_surrogates_are_no_utf8)
{
	UNUSED;
	assert_int_equal(utf8_len("A"), 1);
	assert_int_equal(utf8_len("\xf4\x8f\xbf\xbf"), 4);
	assert_int_equal(utf8_len("\xc0\x80"), 0);
	assert_int_equal(utf8_len("\xe0\x9f\xbf"), 0);
	assert_int_equal(utf8_len("\xed\xa0\x80"), 0);
	assert_int_equal(utf8_len("\xf0\x8f\xbf\xbf"), 0);
	assert_int_equal(utf8_len("\xf4\x90\x80\x80"), 0);
	assert_int_equal(utf8_len("\xe2\x82"), 0); /* the NUL behind it ends it */
	assert_int_equal(utf8_len("\x80"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_utf8_and_what_is_not_is_escaped),
		cmocka_unit_test(overlong_forms_and_surrogates_are_no_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
