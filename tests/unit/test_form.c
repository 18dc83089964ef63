/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/unit.h"

#include "server/worker/config_auth.h"
#include "server/worker/form.h"

static const char *
field(const char *body, const char *name)
{
	static char out[32];

	return form_get(body, strlen(body), name, out, sizeof(out)) ? out : "(none)";
}

T(fields_are_decoded)
{
	UNUSED;
	assert_string_equal(field("username=bob&password=s%3Dcr+et", "username"), "bob");
	assert_string_equal(field("username=bob&password=s%3Dcr+et", "password"), "s=cr et");
	assert_string_equal(field("group%5flist=Staff", "group_list"), "Staff");
	assert_string_equal(field("a=%zz%4", "a"), "%zz%4");
	assert_string_equal(field("a=&b=2", "a"), "");
}

T(names_match_exactly)
{
	UNUSED;
	assert_string_equal(field("xpassword=1&password2=2", "password"), "(none)");
	assert_string_equal(field("PASSWORD=1", "password"), "(none)");
	assert_string_equal(field("password", "password"), "(none)");
	assert_string_equal(field("", "password"), "(none)");
	assert_string_equal(field("&&=&a=1", "a"), "1");
}

T(what_does_not_fit_or_holds_a_nul_is_none)
{
	UNUSED;
	assert_string_equal(field("a=0123456789012345678901234567890", "a"), "0123456789012345678901234567890");
	assert_string_equal(field("a=01234567890123456789012345678901", "a"), "(none)");
	assert_string_equal(field("a=x%00y", "a"), "(none)");
}

static int
parse(const char *text, struct config_auth *out)
{
	return config_auth_parse(text, strlen(text), out);
}

T(documents_are_read)
{
	struct config_auth x;

	UNUSED;
	assert_int_equal(parse("<?xml version=\"1.0\"?><config-auth client=\"vpn\" type=\"auth-reply\"><device-id a=\"b\">x</device-id>"
	    "<auth><username>a&amp;b</username><Password>&lt;&#65;&#x42;</Password></auth><group-select>G</group-select></config-auth>", &x), 0);
	assert_int_equal(x.type, CONFIG_AUTH_REPLY);
	assert_string_equal(x.username, "a&b");
	assert_string_equal(x.password, "<AB");
	assert_string_equal(x.group_select, "G");
	assert_int_equal(parse("<config-auth type=\"init\"><group-access>https://h/p</group-access><username>no</username></config-auth>", &x), 0);
	assert_int_equal(x.type, CONFIG_AUTH_INIT);
	assert_string_equal(x.group_access, "https://h/p");
	assert_false(x.has_username); /* not inside <auth> */
}

T(documents_that_are_none_are_refused)
{
	struct config_auth x;
	char deep[400] = "<config-auth>";

	UNUSED;
	for (int i = 0; i < 40; i++)
		strcat(deep, "<a>");
	assert_int_not_equal(parse(deep, &x), 0);
	assert_int_not_equal(parse("", &x), 0);
	assert_int_not_equal(parse("<config-auth>", &x), 0);
	assert_int_not_equal(parse("<other/>", &x), 0);
	assert_int_not_equal(parse("<!DOCTYPE a><config-auth/>", &x), 0);
	assert_int_not_equal(parse("<config-auth>\xff\xfe</config-auth>", &x), 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_decoded),
		cmocka_unit_test(names_match_exactly),
		cmocka_unit_test(what_does_not_fit_or_holds_a_nul_is_none),
		cmocka_unit_test(documents_are_read),
		cmocka_unit_test(documents_that_are_none_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
