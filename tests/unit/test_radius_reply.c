/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/unit.h"

#include "server/aaa/packet.h"
#include "server/aaa/reply.h"

static struct radius_request r;
static struct radius_reply said;

static void
begin(void)
{
	radius_begin(&r, ACCOUNTING_REQUEST, 0, NULL, "k"); /* attributes look the same in any packet */
}

static void
read_it(void)
{
	size_t len = radius_finish(&r);

	assert_true(len > 0);
	radius_reply_read(r.bytes, len, &said);
}

static const char *
policy_of(const char *class)
{
	begin();
	radius_put_str(&r, CLASS, class);
	read_it();
	return said.group_policy;
}

T(the_first_class_with_an_ou_names_the_policy)
{
	UNUSED;
	begin();
	radius_put_str(&r, CLASS, "something else");
	radius_put_str(&r, CLASS, "OU=gold;");
	radius_put_str(&r, CLASS, "OU=silver;");
	read_it();
	assert_string_equal(said.group_policy, "gold");
	assert_string_equal(policy_of("ou=gold"), "gold");
	assert_string_equal(policy_of("OU=two words;"), "two words");
	assert_string_equal(policy_of("OU=;"), "");
	assert_string_equal(policy_of("OU="), "");
	assert_string_equal(policy_of("xOU=gold;"), "");
	assert_int_equal(said.invalid, 0);
	assert_string_equal(policy_of("OU=go\nld;"), "");
	assert_int_equal(said.invalid, 1u << AAA_PARAMETER_GROUP_POLICY);
}

T(every_class_is_kept_to_be_given_back)
{
	static const uint8_t want[] = "\x04\x00\x01\x02\xff\x08OU=gold;";
	char long_one[200];

	UNUSED;
	memset(long_one, 'c', sizeof(long_one));
	begin();
	radius_put(&r, CLASS, "\x00\x01\x02\xff", 4);
	radius_put_str(&r, CLASS, "OU=gold;");
	read_it();
	assert_int_equal(said.class_len, sizeof(want) - 1);
	assert_memory_equal(said.class, want, sizeof(want) - 1);
	begin();
	for (int i = 0; i < 5; i++)
		radius_put(&r, CLASS, long_one, sizeof(long_one));
	read_it();
	assert_int_equal(said.class_len, 2 * (1 + sizeof(long_one))); /* whole ones only */
}

T(the_asas_own_attribute_counts_without_a_class)
{
	UNUSED;
	begin();
	radius_put_asa(&r, ASA_GROUP_POLICY, "silver", 6);
	read_it();
	assert_string_equal(said.group_policy, "silver");
	begin();
	radius_put_str(&r, CLASS, "OU=gold;");
	radius_put_asa(&r, ASA_GROUP_POLICY, "silver", 6);
	read_it();
	assert_string_equal(said.group_policy, "gold");
	begin();
	radius_put_asa(&r, ASA_GROUP_POLICY, "silver", 6);
	radius_put_str(&r, CLASS, "OU=gold;");
	read_it();
	assert_string_equal(said.group_policy, "gold");
}

T(numbers_and_texts_are_read)
{
	UNUSED;
	begin();
	radius_put_u32(&r, FRAMED_IP_ADDRESS, 0x0a0a014d);
	radius_put_u32(&r, FRAMED_IP_NETMASK, 0xffffff00);
	radius_put_u32(&r, SESSION_TIMEOUT, 600);
	radius_put_u32(&r, IDLE_TIMEOUT, 300);
	radius_put_str(&r, FILTER_ID, "inside-only");
	radius_put_str(&r, REPLY_MESSAGE, "Good");
	radius_put_str(&r, REPLY_MESSAGE, "morn\ning");
	read_it();
	assert_int_equal(said.framed_ip, 0x0a0a014d);
	assert_int_equal(said.framed_mask, 0xffffff00);
	assert_int_equal(said.session_timeout_s, 600);
	assert_int_equal(said.idle_timeout_s, 300);
	assert_string_equal(said.filter, "inside-only");
	assert_string_equal(said.message, "Good morn ing");
	assert_int_equal(said.invalid, 0);
}

T(what_no_client_can_have_is_left_out)
{
	static const uint32_t addresses[] = { 0, 0xffffffff, 0xfffffffe, 0x7f000001, 0xe0000001, 0x00000001 };
	char name[140];

	UNUSED;
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		begin();
		radius_put_u32(&r, FRAMED_IP_ADDRESS, addresses[i]);
		radius_put_u32(&r, FRAMED_IP_NETMASK, 0xff00ff00);
		read_it();
		assert_int_equal(said.framed_ip, 0);
		assert_int_equal(said.framed_mask, 0);
		assert_int_equal(said.invalid, 1u << AAA_PARAMETER_NETMASK | /* the user or the pool chooses: a good value */
		    (addresses[i] < 0xfffffffe ? 1u << AAA_PARAMETER_ADDRESS : 0));
	}
	begin();
	radius_put(&r, SESSION_TIMEOUT, "abc", 3);
	memset(name, 'n', sizeof(name));
	radius_put(&r, FILTER_ID, name, sizeof(name));
	read_it();
	assert_int_equal(said.session_timeout_s, 0);
	assert_string_equal(said.filter, "");
	assert_int_equal(said.invalid, 1u << AAA_PARAMETER_SESSION_TIMEOUT | 1u << AAA_PARAMETER_FILTER);
}

T(long_messages_are_cut)
{
	char text[253];

	UNUSED;
	memset(text, 'm', sizeof(text));
	begin();
	for (int i = 0; i < 10; i++)
		radius_put(&r, REPLY_MESSAGE, text, sizeof(text));
	read_it();
	assert_int_equal(strlen(said.message), sizeof(said.message) - 1);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_class_with_an_ou_names_the_policy),
		cmocka_unit_test(every_class_is_kept_to_be_given_back),
		cmocka_unit_test(the_asas_own_attribute_counts_without_a_class),
		cmocka_unit_test(numbers_and_texts_are_read),
		cmocka_unit_test(what_no_client_can_have_is_left_out),
		cmocka_unit_test(long_messages_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
