/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Identities of certauth: made, requested, imported, exported. */
#include "tests/unit/unit.h"

#include <dirent.h>
#include <gnutls/pkcs12.h>
#include <unistd.h>

#include "common/err.h"
#include "server/certauth/enroll.h"
#include "server/certauth/import.h"
#include "server/certauth/store.h"
#include "tests/unit/certs_make.h"

static struct test_cert root = { .dn = "CN=Root CA", .ca = true, .other_key = true };
static struct test_cert ca = { .dn = "CN=Issuing CA", .ca = true, .other_key = true, .issuer = &root };
static struct test_cert leaf = { .dn = "CN=asav.sckiewer.lab", .issuer = &ca };
static struct test_cert stranger = { .dn = "CN=stranger", .issuer = &ca, .other_key = true };
/* A issued by B and B by A */
static struct test_cert loop_b_first = { .dn = "CN=Loop B", .ca = true, .other_key = true };
static struct test_cert loop_a = { .dn = "CN=Loop A", .ca = true, .other_key = true, .issuer = &loop_b_first };
static struct test_cert loop_b = { .dn = "CN=Loop B", .ca = true, .other_key = true, .issuer = &loop_a };
static struct test_cert loop_leaf = { .dn = "CN=looped", .issuer = &loop_a };
static struct test_cert *const all[] = { &root, &ca, &leaf, &stranger, &loop_b_first, &loop_a, &loop_b, &loop_leaf };
static char dir[] = "/tmp/offhook-unit-XXXXXX";
static struct store st;

static void
dir_clean(void)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL) {
		if (e->d_name[0] != '.')
			unlinkat(dirfd(d), e->d_name, 0);
	}
	if (d != NULL)
		closedir(d);
}

static int
group_setup(void **state)
{
	(void)state;
	test_keys_make();
	for (size_t i = 0; i < COUNT(all); i++)
		test_cert_make(all[i]);
	return mkdtemp(dir) != NULL ? 0 : -1;
}

static int
group_teardown(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(all); i++)
		test_cert_free(all[i]);
	test_keys_free();
	return rmdir(dir);
}

static int
setup(void **state)
{
	(void)state;
	return store_open(&st, dir);
}

static int
teardown(void **state)
{
	(void)state;
	store_close(&st);
	dir_clean();
	return 0;
}

static void
load_again(void)
{
	store_close(&st);
	assert_int_equal(store_open(&st, dir), 0);
}

/* ---- crypto ca enroll ---- */

static const struct ipc_enroll plain = { .trustpoint = "tp", .subject = "CN=gw", .names = "", .fqdn = "", .ip = "", .serial = "" };

static gnutls_x509_crt_t
crt_of(const struct identity *id)
{
	gnutls_x509_crt_t crt;

	assert_int_equal(gnutls_x509_crt_init(&crt), 0);
	assert_int_equal(gnutls_x509_crt_import(crt, &id->chain[0], GNUTLS_X509_FMT_DER), 0);
	return crt;
}

T(a_self_signed_identity_serves_phones)
{
	struct ipc_enroll ask = {
		.trustpoint = "asa-identity-cert", .subject = "CN=asav.sckiewer.lab,O=Lab",
		.names = "DNS:asav.sckiewer.lab\nIP:172.16.1.250\n", .fqdn = "asav.lab", .ip = "", .serial = "",
	};
	char text[ENROLL_TEXT_MAX] = "", value[200];
	unsigned usage, critical, type;
	struct identity *id;
	gnutls_x509_crt_t crt;
	size_t size;

	UNUSED;
	assert_int_equal(enroll_self(&st, test_key, &ask, text), 0);
	assert_non_null(id = store_find(&st, "asa-identity-cert"));
	crt = crt_of(id);
	size = sizeof(value);
	assert_int_equal(gnutls_x509_crt_get_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, 0, value, &size), 0);
	assert_string_equal(value, "asav.sckiewer.lab");
	assert_int_equal(gnutls_x509_crt_get_key_usage(crt, &usage, &critical), 0);
	assert_int_equal(usage, GNUTLS_KEY_DIGITAL_SIGNATURE | GNUTLS_KEY_KEY_ENCIPHERMENT);
	assert_int_equal(gnutls_x509_crt_get_signature_algorithm(crt), GNUTLS_SIGN_RSA_SHA256);
	assert_true(gnutls_x509_crt_check_issuer(crt, crt));
	assert_true(gnutls_x509_crt_get_expiration_time(crt) > time(NULL) + 9 * 365 * DAY);
	assert_true(gnutls_x509_crt_get_activation_time(crt) <= time(NULL));
	size = sizeof(value);
	assert_int_equal(gnutls_x509_crt_get_subject_alt_name2(crt, 0, value, &size, &type, NULL), GNUTLS_SAN_DNSNAME);
	assert_memory_equal(value, "asav.sckiewer.lab", size);
	size = sizeof(value);
	assert_int_equal(gnutls_x509_crt_get_subject_alt_name2(crt, 1, value, &size, &type, NULL), GNUTLS_SAN_IPADDRESS);
	assert_int_equal(size, 4);
	assert_memory_equal(value, "\xac\x10\x01\xfa", 4);
	gnutls_x509_crt_deinit(crt);
}

T(a_subject_that_is_no_name_is_refused_with_a_text)
{
	struct ipc_enroll ask = { .trustpoint = "tp", .subject = "no name", .names = "", .fqdn = "", .ip = "", .serial = "" };
	char text[ENROLL_TEXT_MAX] = "";

	UNUSED;
	assert_int_equal(enroll_self(&st, test_key, &ask, text), ERR_CERTIFICATE);
	assert_true(strlen(text) > 0);
	assert_null(store_find(&st, "tp"));
}

/* ---- crypto ca import pkcs12 ---- */

static gnutls_datum_t
p12_file(bool with_key, bool with_ca, const char *password)
{
	gnutls_pkcs12_bag_t certs, keys;
	gnutls_datum_t out = { 0 }, key;
	gnutls_pkcs12_t p12;
	int i;

	gnutls_pkcs12_init(&p12);
	gnutls_pkcs12_bag_init(&certs);
	i = gnutls_pkcs12_bag_set_crt(certs, leaf.crt);
	gnutls_pkcs12_bag_set_key_id(certs, (unsigned)i, &(gnutls_datum_t){ (uint8_t *)(uintptr_t)"1", 1 });
	if (with_ca)
		gnutls_pkcs12_bag_set_crt(certs, ca.crt);
	gnutls_pkcs12_bag_encrypt(certs, password, GNUTLS_PKCS_PBES2_AES_256);
	gnutls_pkcs12_set_bag(p12, certs);
	gnutls_pkcs12_bag_deinit(certs);
	if (with_key) {
		gnutls_x509_privkey_export2_pkcs8(test_key, GNUTLS_X509_FMT_DER, password, GNUTLS_PKCS_PBES2_AES_256, &key);
		gnutls_pkcs12_bag_init(&keys);
		i = gnutls_pkcs12_bag_set_data(keys, GNUTLS_BAG_PKCS8_ENCRYPTED_KEY, &key);
		gnutls_pkcs12_bag_set_key_id(keys, (unsigned)i, &(gnutls_datum_t){ (uint8_t *)(uintptr_t)"1", 1 });
		gnutls_pkcs12_set_bag(p12, keys);
		gnutls_pkcs12_bag_deinit(keys);
		gnutls_free(key.data);
	}
	gnutls_pkcs12_generate_mac(p12, password);
	assert_int_equal(gnutls_pkcs12_export2(p12, GNUTLS_X509_FMT_DER, &out), 0);
	gnutls_pkcs12_deinit(p12);
	return out;
}

static int
import(const gnutls_datum_t *p12, const char *password, gnutls_datum_t *issuer, char text[ENROLL_TEXT_MAX])
{
	struct p12_parts parts = { 0 };
	int r;

	*issuer = (gnutls_datum_t){ 0 };
	text[0] = '\0';
	r = p12_open(p12, password, &parts, text);
	if (r == 0)
		r = p12_store(&st, "tp", &parts, issuer, text);
	p12_parts_clear(&parts);
	return r;
}

T(key_chain_and_issuer_come_out_of_a_p12)
{
	gnutls_datum_t p12 = p12_file(true, true, "secret word"), issuer;
	char text[ENROLL_TEXT_MAX];
	struct identity *id;

	UNUSED;
	assert_int_equal(import(&p12, "secret word", &issuer, text), 0);
	assert_non_null(id = store_find(&st, "tp"));
	assert_memory_equal(id->chain[0].data, leaf.der.data, leaf.der.size);
	assert_int_equal(issuer.size, ca.der.size);
	assert_memory_equal(issuer.data, ca.der.data, ca.der.size);
	gnutls_free(issuer.data);
	gnutls_free(p12.data);
	load_again();
	assert_non_null(store_find(&st, "tp"));
	assert_non_null(store_keypair(&st, "tp"));
}

T(a_p12_without_the_issuer_names_none)
{
	gnutls_datum_t p12 = p12_file(true, false, "x"), issuer;
	char text[ENROLL_TEXT_MAX];

	UNUSED;
	assert_int_equal(import(&p12, "x", &issuer, text), 0);
	assert_int_equal(issuer.size, 0);
	assert_int_equal(store_find(&st, "tp")->chain_count, 1);
	gnutls_free(p12.data);
}

T(a_wrong_password_is_told_from_a_wrong_file)
{
	gnutls_datum_t p12 = p12_file(true, true, "right"), issuer, nonsense = { (uint8_t *)(uintptr_t)"nonsense", 8 };
	char text[ENROLL_TEXT_MAX];

	UNUSED;
	assert_int_equal(import(&p12, "wrong", &issuer, text), ERR_PASSWORD);
	assert_non_null(strstr(text, "passphrase"));
	assert_null(strstr(text, "wrong\""));
	assert_int_equal(import(&nonsense, "right", &issuer, text), ERR_CERTIFICATE);
	assert_non_null(strstr(text, "PKCS#12"));
	assert_null(store_find(&st, "tp"));
	gnutls_free(p12.data);
}

T(a_p12_without_a_key_is_refused)
{
	gnutls_datum_t p12 = p12_file(false, true, "x"), issuer;
	char text[ENROLL_TEXT_MAX];

	UNUSED;
	assert_int_not_equal(import(&p12, "x", &issuer, text), 0);
	assert_true(strlen(text) > 0);
	assert_null(store_find(&st, "tp"));
	gnutls_free(p12.data);
}

/* ---- requests ---- */

static void
serial_of(char *hex)
{
	gnutls_x509_crt_t crt = crt_of(store_find(&st, "tp"));
	uint8_t serial[20];
	size_t len = sizeof(serial);

	assert_int_equal(gnutls_x509_crt_get_serial(crt, serial, &len), 0);
	hex_put(serial, len, hex);
	gnutls_x509_crt_deinit(crt);
}

T(two_certificates_of_one_second_have_two_serial_numbers)
{
	char text[ENROLL_TEXT_MAX] = "", a[50], b[50];

	UNUSED;
	assert_int_equal(enroll_self(&st, test_key, &plain, text), 0);
	serial_of(a);
	assert_int_equal(enroll_self(&st, test_key, &plain, text), 0);
	serial_of(b);
	assert_string_not_equal(a, b);
}

T(an_elliptic_key_only_signs)
{
	char text[ENROLL_TEXT_MAX] = "";
	unsigned usage, critical;
	gnutls_x509_privkey_t key;
	gnutls_x509_crt_t crt;

	UNUSED;
	gnutls_x509_privkey_init(&key);
	gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
	assert_int_equal(enroll_self(&st, key, &plain, text), 0);
	crt = crt_of(store_find(&st, "tp"));
	assert_int_equal(gnutls_x509_crt_get_key_usage(crt, &usage, &critical), 0);
	assert_int_equal(usage, GNUTLS_KEY_DIGITAL_SIGNATURE);
	assert_int_equal(store_find(&st, "tp")->key_algo, GNUTLS_PK_ECDSA);
	gnutls_x509_crt_deinit(crt);
	gnutls_x509_privkey_deinit(key);
}

T(a_request_carries_what_the_trustpoint_says)
{
	struct ipc_enroll ask = {
		.trustpoint = "tp", .subject = "CN=gw.example, OU=\"a, b\",O=Firm\\, x,C=DE",
		.names = "DNS:gw.example\nEMAIL:ops@example.com\nIP:10.0.0.1\n", .fqdn = "gw.example", .ip = "10.0.0.1", .serial = "9AX",
	};
	char text[ENROLL_TEXT_MAX] = "";
	unsigned usage, critical, type;
	gnutls_datum_t der, dn;
	gnutls_x509_crq_t crq;
	char value[100];
	size_t size = sizeof(value);

	UNUSED;
	assert_int_equal(enroll_request(test_key, &ask, &der, text), 0);
	gnutls_x509_crq_init(&crq);
	assert_int_equal(gnutls_x509_crq_import(crq, &der, GNUTLS_X509_FMT_DER), 0);
	assert_int_equal(gnutls_x509_crq_verify(crq, 0), 0);
	assert_int_equal(gnutls_x509_crq_get_dn3(crq, &dn, 0), 0);
	assert_non_null(strstr((char *)dn.data, "CN=gw.example,OU=a\\, b,O=Firm\\, x,C=DE"));
	gnutls_free(dn.data);
	assert_int_equal(gnutls_x509_crq_get_key_usage(crq, &usage, &critical), 0);
	assert_int_equal(usage, GNUTLS_KEY_DIGITAL_SIGNATURE | GNUTLS_KEY_KEY_ENCIPHERMENT);
	assert_int_equal(gnutls_x509_crq_get_subject_alt_name(crq, 1, value, &size, &type, NULL), GNUTLS_SAN_RFC822NAME);
	assert_memory_equal(value, "ops@example.com", size);
	gnutls_x509_crq_deinit(crq);
	gnutls_free(der.data);
}

T(a_wrong_subject_is_named)
{
	static const struct {
		const char *subject, *wanted;
	} cases[] = {
		{ "XX=1", "XX" }, { "CN=", "empty" }, { "CN=\"open", "quote" }, { "", "ATTRIBUTE=VALUE" }, { "CN=a,", "ATTRIBUTE=VALUE" },
		{ "CN=a,,O=b", "attribute" }, { "=x", "attribute" },
	};
	char text[ENROLL_TEXT_MAX], longest[700] = "CN=";
	struct ipc_enroll ask = plain;
	gnutls_datum_t der;

	UNUSED;
	for (size_t i = 0; i < COUNT(cases); i++) {
		ask.subject = cases[i].subject;
		assert_int_equal(enroll_request(test_key, &ask, &der, text), ERR_CERTIFICATE);
		assert_non_null(strstr(text, cases[i].wanted));
	}
	memset(longest + 3, 'a', sizeof(longest) - 4);
	ask.subject = longest;
	assert_int_equal(enroll_request(test_key, &ask, &der, text), ERR_CERTIFICATE);
}

/* ---- crypto ca import certificate ---- */

static int
import_crts(struct test_cert *const *certs, size_t count, const char *keypair, gnutls_datum_t *issuer, char text[ENROLL_TEXT_MAX])
{
	static uint8_t bytes[16384];
	struct ipc_import_crt ask = { .trustpoint = "tp", .keypair = keypair,
		.certs = test_chain_put(bytes, sizeof(bytes), (const struct test_cert *const *)certs, count) };

	*issuer = (gnutls_datum_t){ 0 };
	text[0] = '\0';
	return import_certificate(&st, &ask, issuer, text);
}

T(a_bundle_is_put_into_order_and_a_request_done)
{
	struct test_cert *const certs[] = { &root, &stranger, &ca, &leaf };
	gnutls_datum_t issuer, csr = { (unsigned char *)(uintptr_t)"x", 1 };
	char text[ENROLL_TEXT_MAX];
	struct identity *id;

	UNUSED;
	assert_int_equal(store_keypair_put(&st, "k", test_key, 1), 0);
	assert_int_equal(store_csr_put(&st, "tp", &csr), 0);
	assert_int_equal(import_crts(certs, COUNT(certs), "k", &issuer, text), 0);
	assert_non_null(id = store_find(&st, "tp"));
	assert_int_equal(id->chain_count, 2);
	assert_memory_equal(id->chain[0].data, leaf.der.data, leaf.der.size);
	assert_memory_equal(id->chain[1].data, ca.der.data, ca.der.size);
	assert_int_equal(issuer.size, ca.der.size);
	assert_null(store_csr(&st, "tp"));
	gnutls_free(issuer.data);
}

T(certificates_that_issue_each_other_end)
{
	struct test_cert *const certs[] = { &loop_leaf, &loop_a, &loop_b };
	gnutls_datum_t issuer;
	char text[ENROLL_TEXT_MAX];

	UNUSED;
	assert_int_equal(store_keypair_put(&st, "k", test_key, 1), 0);
	assert_int_equal(import_crts(certs, COUNT(certs), "k", &issuer, text), 0);
	assert_int_equal(store_find(&st, "tp")->chain_count, 3);
	gnutls_free(issuer.data);
}

T(a_certificate_of_another_key_is_refused)
{
	struct test_cert *const certs[] = { &stranger };
	gnutls_datum_t issuer;
	char text[ENROLL_TEXT_MAX];

	UNUSED;
	assert_int_equal(import_crts(certs, 1, "k", &issuer, text), ERR_KEY);
	assert_non_null(strstr(text, "no key pair k"));
	assert_int_equal(store_keypair_put(&st, "k", test_key, 1), 0);
	assert_int_equal(import_crts(certs, 1, "k", &issuer, text), ERR_KEY);
	assert_non_null(strstr(text, "does not belong to key pair k"));
	assert_null(store_find(&st, "tp"));
}

T(a_renewal_may_be_for_the_key_in_use)
{
	struct test_cert *const certs[] = { &leaf };
	gnutls_datum_t issuer;
	char text[ENROLL_TEXT_MAX];

	UNUSED;
	assert_int_equal(enroll_self(&st, test_key, &plain, text), 0);
	assert_int_equal(import_crts(certs, 1, "gone", &issuer, text), 0);
	assert_memory_equal(store_find(&st, "tp")->chain[0].data, leaf.der.data, leaf.der.size);
}

T(bytes_that_are_no_certificates_are_refused)
{
	struct ipc_import_crt ask = { .trustpoint = "tp", .keypair = "k" };
	static const uint8_t cut[] = { 0, 0, 0, 9, 1, 2 }, nonsense[] = { 0, 0, 0, 2, 1, 2 };
	gnutls_datum_t issuer = { 0 };
	char text[ENROLL_TEXT_MAX] = "";

	UNUSED;
	assert_int_not_equal(import_certificate(&st, &ask, &issuer, text), 0);
	ask.certs = (struct ipc_blob){ cut, sizeof(cut) };
	assert_int_not_equal(import_certificate(&st, &ask, &issuer, text), 0);
	ask.certs = (struct ipc_blob){ nonsense, sizeof(nonsense) };
	assert_int_equal(import_certificate(&st, &ask, &issuer, text), ERR_CERTIFICATE);
}

/* ---- crypto ca export pkcs12 ---- */

T(what_is_exported_can_be_imported)
{
	gnutls_datum_t certs[] = { leaf.der, ca.der, root.der }, p12, issuer;
	char text[ENROLL_TEXT_MAX] = "";

	UNUSED;
	assert_int_equal(p12_make(test_key, certs, 3, "my tp", "pass word", &p12, text), 0);
	assert_int_equal(import(&p12, "pass words", &issuer, text), ERR_PASSWORD);
	assert_int_equal(import(&p12, "pass word", &issuer, text), 0);
	assert_int_equal(store_find(&st, "tp")->chain_count, 2); /* the root is no part of what is served */
	assert_memory_equal(issuer.data, ca.der.data, ca.der.size);
	gnutls_free(issuer.data);
	gnutls_free(p12.data);
}

/* Each byte of a good file spoilt in turn: refused or read, never a crash. */
T(a_spoilt_p12_is_refused)
{
	gnutls_datum_t p12 = p12_file(true, false, "x"), issuer;
	char text[ENROLL_TEXT_MAX];

	UNUSED;
	for (unsigned i = 0; i < p12.size; i += 7) {
		uint8_t *copy = exact(p12.data, p12.size);
		gnutls_datum_t spoilt = { copy, p12.size };

		copy[i] ^= 0x40;
		import(&spoilt, "x", &issuer, text);
		gnutls_free(issuer.data);
		spoilt.size = i;
		assert_int_not_equal(import(&spoilt, "x", &issuer, text), 0);
		free(copy);
	}
	gnutls_free(p12.data);
}

#define STORE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		STORE(a_self_signed_identity_serves_phones),
		STORE(a_subject_that_is_no_name_is_refused_with_a_text),
		STORE(key_chain_and_issuer_come_out_of_a_p12),
		STORE(a_p12_without_the_issuer_names_none),
		STORE(a_wrong_password_is_told_from_a_wrong_file),
		STORE(a_p12_without_a_key_is_refused),
		STORE(two_certificates_of_one_second_have_two_serial_numbers),
		STORE(an_elliptic_key_only_signs),
		STORE(a_request_carries_what_the_trustpoint_says),
		STORE(a_wrong_subject_is_named),
		STORE(a_bundle_is_put_into_order_and_a_request_done),
		STORE(certificates_that_issue_each_other_end),
		STORE(a_certificate_of_another_key_is_refused),
		STORE(a_renewal_may_be_for_the_key_in_use),
		STORE(bytes_that_are_no_certificates_are_refused),
		STORE(what_is_exported_can_be_imported),
		STORE(a_spoilt_p12_is_refused),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
