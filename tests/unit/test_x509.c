/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Certificates as main sees them: what is acceptable, how they are named, the chain that is served. */
#include "tests/unit/unit.h"

#include "server/main/daemon.h"
#include "server/main/identity.h"
#include "server/main/x509.h"
#include "tests/unit/certs_make.h"

struct daemon daemon_;

static struct test_cert root = { .dn = "CN=Root CA,O=Lab", .ca = true, .other_key = true };
static struct test_cert other_root = { .dn = "CN=Root CA,O=Lab", .ca = true }; /* the same name, another key */
static struct test_cert middle = { .dn = "CN=Middle CA", .ca = true, .other_key = true, .issuer = &root };
static struct test_cert leaf = { .dn = "CN=asav.sckiewer.lab", .issuer = &middle };
static struct test_cert self = { .dn = "CN=self" };
static struct test_cert md5 = { .dn = "CN=md5", .ca = true, .md5 = true };
static struct test_cert odd = { .cn = "a\nb,c\"d\001" };
static struct test_cert *const all[] = { &root, &other_root, &middle, &leaf, &self, &md5, &odd };

static int
group_setup(void **state)
{
	(void)state;
	test_keys_make();
	for (size_t i = 0; i < COUNT(all); i++)
		test_cert_make(all[i]);
	return 0;
}

static int
group_teardown(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(all); i++)
		test_cert_free(all[i]);
	test_keys_free();
	return 0;
}

T(only_certificates_are_loaded)
{
	static uint8_t large[X509_DER_MAX + 1];

	UNUSED;
	assert_null(x509_load((const uint8_t *)"", 0));
	assert_null(x509_load((const uint8_t *)"\x30\x03\x02\x01\x05", 5));
	assert_null(x509_load(large, sizeof(large)));
	for (unsigned len = 0; len < leaf.der.size; len += 5) {
		uint8_t *copy = exact(leaf.der.data, len);

		assert_null(x509_load(copy, len));
		free(copy);
	}
}

T(a_name_is_printable_and_its_most_specific_part_first)
{
	char text[X509_NAME_MAX];

	UNUSED;
	x509_name_text(root.crt, X509_SUBJECT, text, sizeof(text));
	assert_true(strcmp(text, "cn=Root CA,o=Lab") == 0 || strcmp(text, "o=Lab,cn=Root CA") == 0);
	x509_name_text(odd.crt, X509_SUBJECT, text, sizeof(text));
	assert_string_equal(text, "cn=a?b,c\"d?");
	x509_name_text(root.crt, X509_SUBJECT, text, 6);
	assert_int_equal(strlen(text), 5);
}

T(weak_digests_are_refused)
{
	char why[200];

	UNUSED;
	assert_true(x509_acceptable(root.crt, why, sizeof(why)));
	assert_false(x509_acceptable(md5.crt, why, sizeof(why)));
	assert_non_null(strstr(why, "MD5"));
}

T(an_issuer_is_known_by_its_key_not_its_name)
{
	UNUSED;
	assert_true(x509_issued_by(middle.crt, root.crt));
	assert_false(x509_issued_by(middle.crt, other_root.crt));
	assert_true(x509_same_issuer_and_subject(root.crt));
	assert_false(x509_same_issuer_and_subject(leaf.crt));
	assert_int_equal(x509_is_ca(root.crt), 1);
	assert_int_equal(x509_is_ca(leaf.crt), 0);
}

/* ---- identity_chain_complete() ---- */

static const struct config *
config_of(struct cfg_trustpoint *tps, size_t count)
{
	static struct config cfg;

	for (size_t i = 0; i < count; i++)
		tps[i].next = i + 1 < count ? &tps[i + 1] : NULL;
	cfg = (struct config){ .trustpoints = tps };
	return &cfg;
}

static struct cfg_trustpoint
tp_of(const char *name, const struct test_cert *ca)
{
	return (struct cfg_trustpoint){ .name = (char *)(uintptr_t)name, .ca = { ca->der.data, ca->der.size } };
}

/* The subjects of the chain for an identity with just its leaf, in trustpoint "own". */
static void
chain_is(struct cfg_trustpoint *tps, size_t count, const struct test_cert *cert, const struct test_cert *const *wanted, size_t wanted_count,
    const char *missing_wanted)
{
	uint8_t chain[8192], out[16384], expected[16384];
	const struct test_cert *const one[] = { cert };
	struct ipc_blob own = test_chain_put(chain, sizeof(chain), one, 1);
	struct ipc_blob want = test_chain_put(expected, sizeof(expected), wanted, wanted_count);
	struct main_identity id = { .trustpoint = (char *)(uintptr_t)"own", .chain = chain, .chain_len = own.len };
	char missing[X509_NAME_MAX];
	size_t len = identity_chain_complete(config_of(tps, count), &id, out, sizeof(out), missing, sizeof(missing));

	assert_int_equal(len, want.len);
	assert_memory_equal(out, expected, len);
	assert_string_equal(missing, missing_wanted);
	assert_int_equal(identity_chain_complete(config_of(tps, count), &id, out, own.len - 1, NULL, 0), 0);
}

T(intermediates_come_from_any_trustpoint_a_root_from_its_own)
{
	struct cfg_trustpoint tps[] = { tp_of("a", &other_root), tp_of("b", &middle), tp_of("own", &root) };
	const struct test_cert *const whole[] = { &leaf, &middle, &root };

	UNUSED;
	chain_is(tps, 3, &leaf, whole, 3, "");
	tps[2].name = (char *)(uintptr_t)"c"; /* somebody else's root is known, and not sent */
	chain_is(tps, 3, &leaf, whole, 2, "");
	chain_is(tps, 2, &leaf, whole, 2, "cn=Root CA,o=Lab");
	chain_is(tps, 1, &leaf, whole, 1, "cn=Middle CA");
	chain_is(tps, 3, &self, (const struct test_cert *const[]){ &self }, 1, "");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_certificates_are_loaded),
		cmocka_unit_test(a_name_is_printable_and_its_most_specific_part_first),
		cmocka_unit_test(weak_digests_are_refused),
		cmocka_unit_test(an_issuer_is_known_by_its_key_not_its_name),
		cmocka_unit_test(intermediates_come_from_any_trustpoint_a_root_from_its_own),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
