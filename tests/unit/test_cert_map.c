/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/unit.h"

#include "common/buf.h"
#include "server/certauth/cert_map.h"
#include "tests/unit/certs_make.h"

static struct test_cert ca = { .dn = "CN=Maps CA,O=Issuer", .ca = true };
static struct test_cert phone = { .dn = "CN=CP-8841-SEP682C7B40B5CE,OU=Phones,OU=Lab,O=Test", .issuer = &ca,
	.dns = "phone.example.com" };

static struct auth_policy *policy;

static int
setup(void **state)
{
	(void)state;
	test_keys_make();
	test_cert_make(&ca);
	test_cert_make(&phone);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	test_cert_free(&ca);
	test_cert_free(&phone);
	test_keys_free();
	return 0;
}

static void
rule(uint32_t seq, enum cert_field field, const char *attr, enum cert_op op, const char *value)
{
	struct ipc_auth_cert_rule m = { .map = "M", .seq = seq, .field = field, .op = op, .attr = attr, .value = value };

	auth_policy_add_cert_rule(policy, &m);
}

static void
group(uint32_t seq, const char *name)
{
	struct ipc_auth_group_map m = { .map = "M", .seq = seq, .tunnel_group = name };

	auth_policy_add_group_map(policy, &m);
}

static const char *
found(void)
{
	const char *name = cert_map_find(policy, phone.crt);

	return name != NULL ? name : "nobody";
}

/* Does a map with this one rule match the phone? */
static bool
holds(enum cert_field field, const char *attr, enum cert_op op, const char *value)
{
	bool r;

	policy = auth_policy_new();
	rule(10, field, attr, op, value);
	group(10, "G");
	r = strcmp(found(), "G") == 0;
	auth_policy_free(policy);
	return r;
}

T(one_attribute_is_compared_without_case)
{
	UNUSED;
	assert_true(holds(CERT_SUBJECT, "cn", CERT_EQ, "cp-8841-sep682c7b40b5ce"));
	assert_false(holds(CERT_SUBJECT, "cn", CERT_EQ, "cp-8841"));
	assert_true(holds(CERT_SUBJECT, "cn", CERT_CO, "cp-8841"));
	assert_false(holds(CERT_SUBJECT, "cn", CERT_NC, "cp-8841"));
	assert_true(holds(CERT_SUBJECT, "cn", CERT_NE, "cp-7962"));
	assert_true(holds(CERT_ISSUER, "o", CERT_EQ, "issuer"));
	assert_false(holds(CERT_ISSUER, "ou", CERT_CO, "x"));
	assert_true(holds(CERT_ISSUER, "ou", CERT_NC, "x"));
}

T(any_of_several_values_is_enough)
{
	UNUSED;
	assert_true(holds(CERT_SUBJECT, "ou", CERT_EQ, "phones"));
	assert_true(holds(CERT_SUBJECT, "ou", CERT_EQ, "lab"));
	assert_false(holds(CERT_SUBJECT, "ou", CERT_NE, "lab"));
}

T(the_whole_name_is_compared_too)
{
	UNUSED;
	assert_true(holds(CERT_ISSUER, "", CERT_CO, "cn=maps ca"));
	assert_true(holds(CERT_ISSUER, "", CERT_EQ, "cn=maps ca, o=issuer"));
	assert_false(holds(CERT_ISSUER, "", CERT_EQ, "cn=maps ca"));
}

T(alternative_names_and_key_usage_are_compared)
{
	UNUSED;
	assert_true(holds(CERT_ALT_SUBJECT, "", CERT_CO, "example.com"));
	assert_false(holds(CERT_ALT_SUBJECT, "", CERT_EQ, "example.com"));
	assert_true(holds(CERT_EKU, "", CERT_EQ, "clientauth"));
	assert_true(holds(CERT_EKU, "", CERT_EQ, "1.3.6.1.5.5.7.3.2"));
	assert_false(holds(CERT_EKU, "", CERT_EQ, "serverauth"));
	assert_true(holds(CERT_EKU, "", CERT_NE, "serverauth"));
}

T(serial_numbers_are_compared_as_numbers)
{
	uint8_t serial[64];
	size_t size = sizeof(serial);
	char hex[129], text[160];

	UNUSED;
	assert_int_equal(gnutls_x509_crt_get_serial(phone.crt, serial, &size), 0);
	hex_put(serial, size, hex);
	assert_true(holds(CERT_SERIAL, "", CERT_EQ, hex));
	snprintf(text, sizeof(text), "0x00%s", hex);
	assert_true(holds(CERT_SERIAL, "", CERT_EQ, text));
	snprintf(text, sizeof(text), "%sf", hex);
	assert_false(holds(CERT_SERIAL, "", CERT_EQ, text));
	assert_true(holds(CERT_SERIAL, "", CERT_NE, text));
}

T(a_certificate_is_excepted_by_any_map_of_the_name)
{
	struct ipc_auth_trustpoint tp = { .name = "tp", .ca = { ca.der.data, ca.der.size } };
	struct ipc_auth_exception late = { .trustpoint = "tp", .map = "M", .kind = EXCEPTION_OCSP, .seq = 20, .url = "http://late" };
	struct ipc_auth_exception soon = { .trustpoint = "tp", .map = "M", .kind = EXCEPTION_OCSP, .seq = 10, .url = "http://soon" };
	const struct auth_exception *e;

	UNUSED;
	policy = auth_policy_new();
	auth_policy_add_trustpoint(policy, &tp);
	rule(10, CERT_SUBJECT, "ou", CERT_EQ, "nowhere");
	rule(20, CERT_SUBJECT, "ou", CERT_EQ, "lab");
	auth_policy_add_exception(policy, &late);
	auth_policy_add_exception(policy, &soon);
	auth_policy_add_exception(policy, &(struct ipc_auth_exception){ .trustpoint = "none", .map = "M", .url = "" });
	e = cert_exception(policy, policy->trustpoints, EXCEPTION_OCSP, phone.crt);
	assert_non_null(e);
	assert_string_equal(e->url, "http://soon");
	assert_null(cert_exception(policy, policy->trustpoints, EXCEPTION_EXPIRED, phone.crt));
	assert_null(cert_exception(policy, policy->trustpoints, EXCEPTION_OCSP, ca.crt));
	auth_policy_free(policy);
}

T(all_rules_of_a_map_must_hold_and_the_first_map_wins)
{
	UNUSED;
	policy = auth_policy_new();
	rule(10, CERT_SUBJECT, "cn", CERT_CO, "8841");
	rule(10, CERT_SUBJECT, "ou", CERT_EQ, "nowhere");
	rule(20, CERT_SUBJECT, "cn", CERT_CO, "8841");
	rule(30, CERT_SUBJECT, "cn", CERT_CO, "cp-");
	group(10, "ten");
	group(20, "twenty");
	group(30, "thirty");
	assert_string_equal(found(), "twenty");
	auth_policy_free(policy);
}

T(a_map_that_is_missing_or_empty_matches_nobody)
{
	UNUSED;
	policy = auth_policy_new();
	group(10, "ten");
	assert_string_equal(found(), "nobody");
	auth_policy_free(policy);
}

T(users_are_found_among_many)
{
	char name[32];

	UNUSED;
	policy = auth_policy_new();
	assert_null(auth_policy_user(policy, "user1"));
	for (int i = 0; i < 10000; i++) {
		snprintf(name, sizeof(name), "user%d", i);
		auth_policy_add_user(policy, &(struct ipc_auth_user){ .name = name, .group_policy = "gp", .password = "" });
	}
	for (int i = 0; i < 10000; i++) {
		snprintf(name, sizeof(name), "user%d", i);
		assert_string_equal(auth_policy_user(policy, name)->name, name);
	}
	assert_null(auth_policy_user(policy, "user10000"));
	auth_policy_free(policy);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_attribute_is_compared_without_case),
		cmocka_unit_test(any_of_several_values_is_enough),
		cmocka_unit_test(the_whole_name_is_compared_too),
		cmocka_unit_test(alternative_names_and_key_usage_are_compared),
		cmocka_unit_test(serial_numbers_are_compared_as_numbers),
		cmocka_unit_test(a_certificate_is_excepted_by_any_map_of_the_name),
		cmocka_unit_test(all_rules_of_a_map_must_hold_and_the_first_map_wins),
		cmocka_unit_test(a_map_that_is_missing_or_empty_matches_nobody),
		cmocka_unit_test(users_are_found_among_many),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
