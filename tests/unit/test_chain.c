/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/unit.h"

#include "common/err.h"
#include "server/certauth/chain.h"
#include "tests/unit/certs_make.h"

static struct test_cert root = { .dn = "CN=Test Root CA,O=Test", .ca = true };
static struct test_cert sub = { .dn = "CN=Test Manufacturing CA,O=Test", .ca = true, .issuer = &root };
static struct test_cert sha1_root = { .dn = "CN=Test Root SHA1", .ca = true, .sha1 = true };
static struct test_cert lsc = { .dn = "CN=CAPF-1234", .ca = true };
static struct test_cert forged_sub = { .dn = "CN=Test Manufacturing CA,O=Test", .ca = true, .other_key = true };

static struct test_cert phone = { .dn = "CN=CP-8841-SEP682C7B40B5CE,O=Test", .issuer = &sub };
static struct test_cert sha1_phone = { .dn = "CN=CP-7962G-SEP0024142D5E01", .issuer = &sha1_root, .sha1 = true };
static struct test_cert md5_phone = { .dn = "CN=CP-7962G-SEP0024142D5E02", .issuer = &sha1_root, .md5 = true };
static struct test_cert lsc_phone = { .dn = "CN=CP-8861-SEP74A02FC0A301", .issuer = &lsc };
static struct test_cert expired = { .dn = "CN=late", .issuer = &sub, .from_days = -20, .to_days = -10 };
static struct test_cert notyet = { .dn = "CN=early", .issuer = &sub, .from_days = 10, .to_days = 20 };
static struct test_cert forged = { .dn = "CN=CP-8841-SEP682C7B40B5CE,O=Test", .issuer = &forged_sub };
static struct test_cert self = { .dn = "CN=CP-8841-SEP682C7B40B5CE" };
static struct test_cert server = { .dn = "CN=web", .issuer = &sub, .server_only = true };
static struct test_cert not_ca = { .dn = "CN=below a phone", .issuer = &phone };
static struct test_cert ou_only = { .dn = "OU=unit seven,O=Test", .issuer = &sub };
static struct test_cert no_name = { .dn = "O=Test", .issuer = &sub };

static struct test_cert old_ca = { .dn = "CN=Old CA", .ca = true, .from_days = -20, .to_days = -10 };
static struct test_cert old_ca_phone = { .dn = "CN=below the old CA", .issuer = &old_ca };
static struct test_cert strict_ca = { .dn = "CN=Strict CA", .ca = true };
static struct test_cert strict_phone = { .dn = "CN=strict", .issuer = &strict_ca };
static struct test_cert strict_sha1 = { .dn = "CN=strict with SHA-1", .issuer = &strict_ca, .sha1 = true };
static struct test_cert small = { .dn = "CN=small key", .issuer = &sub, .bits = 1016 };
static struct test_cert large = { .dn = "CN=large key", .issuer = &sub, .bits = 4104 };
static struct test_cert plain_issuer = { .dn = "CN=no CA by its words", .other_key = true };
static struct test_cert below_plain = { .dn = "CN=below it", .issuer = &plain_issuer };
static struct test_cert below_below = { .dn = "CN=below that", .issuer = &below_plain };

static struct test_cert lone_ca = { .dn = "CN=Lone CA", .ca = true };
static struct test_cert lone_sub = { .dn = "CN=below the lone CA", .ca = true, .issuer = &lone_ca };
static struct test_cert lone_phone = { .dn = "CN=below the lone sub", .issuer = &lone_sub };
static struct test_cert lone_direct = { .dn = "CN=right below", .issuer = &lone_ca };
static struct test_cert tired = { .dn = "CN=old but known", .issuer = &sub, .from_days = -20, .to_days = -10 };

static struct auth_policy *policy;
static char text[CHAIN_TEXT_MAX * 3];

static void
trustpoint_add(const char *name, const struct test_cert *ca, unsigned flags)
{
	struct ipc_auth_trustpoint m = { .name = name, .flags = flags, .ca = { ca->der.data, ca->der.size } };

	auth_policy_add_trustpoint(policy, &m);
}

static struct test_cert *const all[] = {
	&root, &sub, &sha1_root, &lsc, &forged_sub, &phone, &sha1_phone, &md5_phone, &lsc_phone,
	&expired, &notyet, &forged, &self, &server, &not_ca, &ou_only, &no_name, &old_ca, &old_ca_phone, &strict_ca,
	&strict_phone, &strict_sha1, &small, &large, &plain_issuer, &below_plain, &below_below,
	&lone_ca, &lone_sub, &lone_phone, &lone_direct, &tired,
};

static int
setup(void **state)
{
	(void)state;
	test_keys_make();
	for (size_t i = 0; i < COUNT(all); i++)
		test_cert_make(all[i]);
	policy = auth_policy_new();
	trustpoint_add("mic", &sub, 0); /* the intermediate alone: asa-reference 4.3 */
	trustpoint_add("mic-sha1", &sha1_root, 0);
	trustpoint_add("capf", &lsc, 0);
	trustpoint_add("old", &old_ca, 0);
	trustpoint_add("strict", &strict_ca, TP_NO_WEAK_CRYPTO);
	trustpoint_add("plain", &plain_issuer, TP_NO_CA_CHECK);
	trustpoint_add("lone", &lone_ca, TP_NO_SUBORDINATES);
	auth_policy_add_cert_rule(policy, &(struct ipc_auth_cert_rule){ .map = "aged", .seq = 10, .field = CERT_SUBJECT,
	    .op = CERT_CO, .attr = "cn", .value = "old" });
	for (const struct auth_trustpoint *tp = policy->trustpoints; tp != NULL; tp = tp->next)
		auth_policy_add_exception(policy, &(struct ipc_auth_exception){ .trustpoint = strcmp(tp->name, "mic") == 0 ||
		    strcmp(tp->name, "old") == 0 ? tp->name : "", .map = "aged", .kind = EXCEPTION_EXPIRED, .url = "" });
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	auth_policy_free(policy);
	for (size_t i = 0; i < COUNT(all); i++)
		test_cert_free(all[i]);
	test_keys_free();
	return 0;
}

/* "" and the trustpoint, or the refusal's text. */
static enum login_refusal why;

static const char *
verify(const struct test_cert *const *certs, size_t count, const char **by)
{
	static struct chain_result result;
	static uint8_t bytes[IPC_CHAIN_MAX];
	struct ipc_blob blob = test_chain_put(bytes, sizeof(bytes), certs, count);
	struct chain c;
	int r;

	assert_int_equal(chain_get(&c, &blob), 0);
	r = chain_verify(&c, policy, &result);
	snprintf(text, sizeof(text), "%s", result.text);
	why = result.why;
	assert_true(r == 0 || r == ERR_CERTIFICATE);
	assert_int_equal(r == 0, text[0] == '\0');
	*by = r == 0 ? result.by->name : "";
	chain_clear(&c);
	return text;
}

static void
accepted(const struct test_cert *a, const struct test_cert *b, const struct test_cert *c, const char *trustpoint)
{
	const struct test_cert *const certs[] = { a, b, c };
	const char *by;

	assert_string_equal(verify(certs, c != NULL ? 3 : b != NULL ? 2 : 1, &by), "");
	assert_string_equal(by, trustpoint);
}

static void
refused(const struct test_cert *a, const struct test_cert *b, const char *word)
{
	const struct test_cert *const certs[] = { a, b };
	const char *by;

	if (strstr(verify(certs, b != NULL ? 2 : 1, &by), word) == NULL)
		fail_msg("refused with \"%s\", not for \"%s\"", text, word);
	assert_string_equal(by, "");
}

T(a_leaf_below_an_intermediate_anchor_is_accepted)
{
	UNUSED;
	accepted(&phone, NULL, NULL, "mic");
	accepted(&phone, &sub, NULL, "mic");
	accepted(&phone, &sub, &root, "mic");
}

T(the_trustpoint_that_vouches_is_named)
{
	UNUSED;
	accepted(&lsc_phone, NULL, NULL, "capf");
	accepted(&lsc_phone, &lsc, NULL, "capf");
}

T(sha1_of_an_old_phone_is_accepted_md5_is_not)
{
	UNUSED;
	accepted(&sha1_phone, NULL, NULL, "mic-sha1");
	accepted(&sha1_phone, &sha1_root, NULL, "mic-sha1");
	refused(&md5_phone, NULL, "algorithm is not secure");
}

T(sha1_can_be_forbidden_below_one_ca)
{
	UNUSED;
	accepted(&strict_phone, NULL, NULL, "strict");
	refused(&strict_sha1, NULL, "signature by SHA-1, which the trustpoint does not permit");
	assert_non_null(strstr(text, "trustpoint: strict"));
}

T(keys_too_small_or_too_large_are_refused)
{
	UNUSED;
	refused(&small, NULL, "the RSA key of the certificate has only 1016 bits");
	assert_int_equal(why, LOGIN_BAD_CERTIFICATE);
	refused(&large, NULL, "has 4104 bits, at most 4096");
}

T(an_expired_ca_is_named)
{
	UNUSED;
	refused(&old_ca_phone, NULL, "Reason: CA certificate has expired");
	assert_non_null(strstr(text, "subject name: cn=Old CA, trustpoint: old"));
}

T(an_expired_certificate_may_be_allowed_by_a_map_but_no_expired_ca)
{
	UNUSED;
	accepted(&tired, NULL, NULL, "mic");
	accepted(&tired, &sub, &root, "mic");
	refused(&old_ca_phone, NULL, "Reason: CA certificate has expired");
}

T(a_clients_intermediate_may_be_refused)
{
	UNUSED;
	accepted(&lone_direct, NULL, NULL, "lone");
	accepted(&lone_direct, &lone_ca, NULL, "lone");
	refused(&lone_phone, &lone_sub, "does not accept subordinate CAs from clients");
	assert_non_null(strstr(text, "subject name: cn=below the lone CA, trustpoint: lone"));
}

T(without_ca_check_only_what_the_trustpoint_itself_signed_is_accepted)
{
	UNUSED;
	accepted(&below_plain, NULL, NULL, "plain");
	refused(&below_below, &below_plain, "");
	assert_true(text[0] != '\0');
}

T(a_chain_that_is_a_loop_ends)
{
	UNUSED;
	refused(&not_ca, &not_ca, "No suitable trustpoints");
	refused(&self, &self, "No suitable trustpoints");
}

T(validity_is_checked)
{
	UNUSED;
	refused(&expired, NULL, "Reason: certificate has expired, serial number: 4E");
	refused(&expired, &sub, "certificate has expired");
	assert_int_equal(why, LOGIN_EXPIRED);
	refused(&notyet, NULL, "certificate is not yet valid");
	assert_int_equal(why, LOGIN_NOT_YET);
}

T(a_forged_issuer_is_refused)
{
	UNUSED;
	refused(&forged, NULL, "");
	assert_true(text[0] != '\0');
	refused(&forged, &forged_sub, "");
	assert_true(text[0] != '\0');
}

T(a_stranger_is_refused_with_his_names)
{
	UNUSED;
	refused(&self, NULL, "No suitable trustpoints found to validate certificate serial number: 4E");
	assert_non_null(strstr(text, "subject name: cn=CP-8841-SEP682C7B40B5CE"));
	assert_non_null(strstr(text, "issuer name: cn="));
	assert_int_equal(why, LOGIN_UNKNOWN_CA);
}

T(a_certificate_for_servers_is_refused)
{
	UNUSED;
	refused(&server, NULL, "clientAuth");
	assert_int_equal(why, LOGIN_BAD_CERTIFICATE);
}

T(a_phone_is_no_ca)
{
	UNUSED;
	refused(&not_ca, &phone, "");
	assert_true(text[0] != '\0');
}

T(names_and_serial_are_read)
{
	const struct test_cert *const certs[] = { &phone, &sub };
	uint8_t bytes[8192];
	struct ipc_blob blob = test_chain_put(bytes, sizeof(bytes), certs, 2);
	struct chain c;
	char user[CHAIN_USER_MAX];

	UNUSED;
	assert_int_equal(chain_get(&c, &blob), 0);
	assert_int_equal(c.count, 2);
	assert_memory_equal(c.serial, "4E0000", 6);
	assert_int_equal(strlen(c.serial), 10);
	assert_non_null(strstr(c.subject, "cn=CP-8841-SEP682C7B40B5CE"));
	assert_non_null(strstr(c.subject, "o=Test"));
	assert_non_null(strstr(c.issuer, "cn=Test Manufacturing CA"));
	assert_int_equal(chain_user(&c, "CN OU", user), 0);
	assert_string_equal(user, "CP-8841-SEP682C7B40B5CE");
	chain_clear(&c);
}

static int
user_by(const struct test_cert *t, const char *fields, char user[CHAIN_USER_MAX])
{
	uint8_t bytes[8192];
	struct ipc_blob blob = test_chain_put(bytes, sizeof(bytes), &t, 1);
	struct chain c;
	int r;

	assert_int_equal(chain_get(&c, &blob), 0);
	r = chain_user(&c, fields, user);
	chain_clear(&c);
	return r;
}

static int
user_of(const struct test_cert *t, char user[CHAIN_USER_MAX])
{
	return user_by(t, "CN OU", user);
}

T(the_user_is_the_cn_else_the_ou_else_nobody)
{
	struct test_cert t = { .issuer = &sub };
	char user[CHAIN_USER_MAX], dn[80];

	UNUSED;
	assert_int_equal(user_of(&ou_only, user), 0);
	assert_string_equal(user, "unit seven");
	assert_int_equal(user_of(&no_name, user), ERR_NOT_FOUND);
	snprintf(dn, sizeof(dn), "CN=%064d", 7); /* ub-common-name */
	t.dn = dn;
	test_cert_make(&t);
	assert_int_equal(user_of(&t, user), 0);
	assert_int_equal(strlen(user), 64);
	test_cert_free(&t);
}

/* protocol.md 7, 48: never cut */
/* asa-reference 1.7: each attribute that "username-from-certificate" knows. */
T(the_user_may_be_any_field)
{
	static const struct {
		const char *fields, *user; /* user NULL: none */
	} forms[] = {
		{ "C", "DE" }, { "CN", "the cn" }, { "DNQ", "the dnq" }, { "EA", "mail@example.com" }, { "GENQ", "III" }, { "GN", "Gwen" },
		{ "I", "G.W." }, { "L", "Ulm" }, { "N", "a name" }, { "O", "Org" }, { "OU", "unit" }, { "SER", "SEP001122334455" },
		{ "SN", "Surname" }, { "SP", "State" }, { "T", "Dr" }, { "UID", "gwen" }, { "UPN", "gwen@ad.example.com" },
		{ "cn ou", "the cn" }, { "use-script", NULL }, { "use-script OU", "unit" }, { "nonsense", NULL },
	};
	struct test_cert t = {
		.issuer = &sub, .dns = "not.a.upn.example.com", .upn = "gwen@ad.example.com",
		.dn = "UID=gwen,title=Dr,ST=State,surName=Surname,serialNumber=SEP001122334455,OU=unit,O=Org,name=a name,L=Ulm,initials=G.W.,"
		      "givenName=Gwen,generationQualifier=III,EMAIL=mail@example.com,dnQualifier=the dnq,CN=the cn,C=DE",
	};
	struct test_cert without = { .issuer = &sub, .cn = "x", .dns = "not.a.upn.example.com" };
	char user[CHAIN_USER_MAX];

	UNUSED;
	test_cert_make(&t);
	test_cert_make(&without);
	for (size_t i = 0; i < COUNT(forms); i++) {
		int r = user_by(&t, forms[i].fields, user);

		if (r != (forms[i].user != NULL ? 0 : ERR_NOT_FOUND))
			fail_msg("%s: %d", forms[i].fields, r);
		if (r == 0)
			assert_string_equal(user, forms[i].user);
	}
	assert_int_equal(user_by(&t, "use-entire-name", user), ERR_LONG); /* never cut */
	assert_int_equal(user_by(&without, "use-entire-name", user), 0);
	assert_string_equal(user, "cn=x");
	assert_int_equal(user_by(&without, "UPN", user), ERR_NOT_FOUND);
	assert_int_equal(user_by(&without, "UPN CN", user), 0);
	test_cert_free(&t);
	test_cert_free(&without);
}

T(a_name_longer_than_its_room_is_refused)
{
	struct test_cert t = { .issuer = &sub };
	char user[CHAIN_USER_MAX], cn[CHAIN_USER_MAX + 1];

	UNUSED;
	memset(cn, 'x', sizeof(cn));
	t.cn = cn;
	cn[CHAIN_USER_MAX - 1] = '\0';
	test_cert_make(&t);
	assert_int_equal(user_of(&t, user), 0);
	assert_string_equal(user, cn);
	test_cert_free(&t);
	cn[CHAIN_USER_MAX - 1] = 'x';
	cn[CHAIN_USER_MAX] = '\0';
	test_cert_make(&t);
	assert_int_equal(user_of(&t, user), ERR_LONG);
	test_cert_free(&t);
}

T(a_name_that_could_spoof_a_line_is_nobody)
{
	static const char *const names[] = { "a\nb", "a\rb", "\x1b[2Ja", "a\x7f" };
	char user[CHAIN_USER_MAX];

	UNUSED;
	for (size_t i = 0; i < COUNT(names); i++) {
		struct test_cert t = { .cn = names[i], .issuer = &sub };

		test_cert_make(&t);
		assert_int_equal(user_of(&t, user), ERR_NOT_FOUND);
		test_cert_free(&t);
	}
}

T(bytes_that_are_no_chain_are_refused)
{
	const struct test_cert *const certs[] = { &phone };
	uint8_t bytes[8192];
	struct ipc_blob blob = test_chain_put(bytes, sizeof(bytes), certs, 1), cut;
	struct chain c;

	UNUSED;
	for (uint32_t len = 1; len < blob.len; len += 13) {
		uint8_t *copy = exact(bytes, len);

		cut = (struct ipc_blob){ copy, len };
		assert_int_equal(chain_get(&c, &cut), ERR_CERTIFICATE);
		chain_clear(&c);
		free(copy);
	}
	cut = (struct ipc_blob){ "\0\0\0\0", 4 };
	assert_int_equal(chain_get(&c, &cut), ERR_CERTIFICATE);
	chain_clear(&c);
	cut = (struct ipc_blob){ "\xff\xff\xff\xff" "abc", 7 };
	assert_int_equal(chain_get(&c, &cut), ERR_CERTIFICATE);
	chain_clear(&c);
	cut = (struct ipc_blob){ "", 0 };
	assert_int_equal(chain_get(&c, &cut), 0);
	assert_int_equal(c.count, 0);
	chain_clear(&c);
}

T(a_chain_has_a_limit)
{
	const struct test_cert *certs[CHAIN_CERTS_MAX + 1];
	static uint8_t bytes[IPC_CHAIN_MAX];
	struct ipc_blob blob;
	struct chain c;

	UNUSED;
	for (size_t i = 0; i < COUNT(certs); i++)
		certs[i] = &sub;
	blob = test_chain_put(bytes, sizeof(bytes), certs, CHAIN_CERTS_MAX);
	assert_int_equal(chain_get(&c, &blob), 0);
	chain_clear(&c);
	blob = test_chain_put(bytes, sizeof(bytes), certs, CHAIN_CERTS_MAX + 1);
	assert_int_equal(chain_get(&c, &blob), ERR_LONG);
	chain_clear(&c);
}

T(a_spoilt_certificate_is_refused_or_reads_the_same_bytes)
{
	const struct test_cert *const certs[] = { &phone };
	uint8_t bytes[8192];
	struct ipc_blob blob = test_chain_put(bytes, sizeof(bytes), certs, 1);
	static struct chain_result result;
	char user[CHAIN_USER_MAX];
	unsigned good = 0;

	UNUSED;
	for (uint32_t at = 4; at < blob.len; at += 3) {
		uint8_t *copy = exact(bytes, blob.len);
		struct ipc_blob spoilt = { copy, blob.len };
		struct chain c;

		copy[at] ^= 0x41;
		if (chain_get(&c, &spoilt) == 0) {
			good += chain_verify(&c, policy, &result) == 0;
			chain_user(&c, "CN OU", user);
		}
		chain_clear(&c);
		free(copy);
	}
	assert_int_equal(good, 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_leaf_below_an_intermediate_anchor_is_accepted),
		cmocka_unit_test(the_trustpoint_that_vouches_is_named),
		cmocka_unit_test(sha1_of_an_old_phone_is_accepted_md5_is_not),
		cmocka_unit_test(sha1_can_be_forbidden_below_one_ca),
		cmocka_unit_test(keys_too_small_or_too_large_are_refused),
		cmocka_unit_test(an_expired_ca_is_named),
		cmocka_unit_test(an_expired_certificate_may_be_allowed_by_a_map_but_no_expired_ca),
		cmocka_unit_test(a_clients_intermediate_may_be_refused),
		cmocka_unit_test(without_ca_check_only_what_the_trustpoint_itself_signed_is_accepted),
		cmocka_unit_test(a_chain_that_is_a_loop_ends),
		cmocka_unit_test(validity_is_checked),
		cmocka_unit_test(a_forged_issuer_is_refused),
		cmocka_unit_test(a_stranger_is_refused_with_his_names),
		cmocka_unit_test(a_certificate_for_servers_is_refused),
		cmocka_unit_test(a_phone_is_no_ca),
		cmocka_unit_test(names_and_serial_are_read),
		cmocka_unit_test(the_user_is_the_cn_else_the_ou_else_nobody),
		cmocka_unit_test(the_user_may_be_any_field),
		cmocka_unit_test(a_name_longer_than_its_room_is_refused),
		cmocka_unit_test(a_name_that_could_spoof_a_line_is_nobody),
		cmocka_unit_test(bytes_that_are_no_chain_are_refused),
		cmocka_unit_test(a_chain_has_a_limit),
		cmocka_unit_test(a_spoilt_certificate_is_refused_or_reads_the_same_bytes),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
