/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which version, suite and certificate a hello gets, and which tunnel-group a URL. */
#include "tests/unit/unit.h"

#include "common/err.h"
#include "server/worker/tls_config.h"
#include "tests/unit/certs_make.h"
#include "tests/unit/hello_make.h"

static struct test_cert rsa = { .dn = "CN=asav.sckiewer.lab" };
static struct test_cert no_rsa_kx = { .dn = "CN=sign.only", .no_encipherment = true };
static struct tls_config *config;
static struct tls_choice choice;

static int
group_setup(void **state)
{
	(void)state;
	test_keys_make();
	test_cert_make(&rsa);
	test_cert_make(&no_rsa_kx);
	return 0;
}

static int
group_teardown(void **state)
{
	(void)state;
	test_cert_free(&rsa);
	test_cert_free(&no_rsa_kx);
	test_keys_free();
	return 0;
}

static void
suites_add(enum suite_version version, const char *level, const char *custom)
{
	struct suite_list list;
	uint8_t bytes[128];
	struct wr w = wr_init(bytes, sizeof(bytes));
	struct ipc_tls_suites m = { .version = (uint8_t)version };

	suite_list_make(version, level, custom, &list);
	for (size_t i = 0; i < list.count; i++)
		wr_u16(&w, list.suites[i]->id);
	m.suites = (struct ipc_blob){ bytes, (uint32_t)(w.p - bytes) };
	tls_config_add_suites(config, &m);
}

static void
identity_add(const char *trustpoint, const struct test_cert *cert, gnutls_pk_algorithm_t algo)
{
	uint8_t chain[4096];
	struct ipc_tls_identity m = {
		.trustpoint = trustpoint, .key_algo = algo, .key_bits = 2048,
		.chain = test_chain_put(chain, sizeof(chain), &cert, 1),
	};

	tls_config_add_identity(config, &m);
}

static void
binding_add(const char *nameif, const char *domain, const char *trustpoint)
{
	struct ipc_tls_binding m = { .nameif = nameif, .domain = domain, .trustpoint = trustpoint };

	tls_config_add_binding(config, &m);
}

static void
begin(enum suite_version min, enum suite_version max)
{
	struct ipc_tls_begin m = { .min_version = (uint8_t)min, .max_version = (uint8_t)max, .ask_certificate = 1, .hostname = "asav" };

	tls_config_free(config);
	config = tls_config_new(&m);
}

/* The default: TLS 1.0 to 1.2, medium, one RSA identity on outside. */
static int
setup(void **state)
{
	(void)state;
	begin(SUITE_TLS10, SUITE_TLS12);
	for (enum suite_version v = SUITE_TLS10; v <= SUITE_TLS12; v++)
		suites_add(v, "medium", NULL);
	identity_add("tp", &rsa, GNUTLS_PK_RSA);
	binding_add("outside", "", "tp");
	tls_config_finish(config);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	tls_config_free(config);
	config = NULL;
	return 0;
}

static int
choose(const struct hello_make *m, const char *nameif)
{
	uint8_t body[2048];
	struct hello h;
	int r;

	memset(&choice, 0, sizeof(choice));
	assert_true(hello_parse(body, hello_make(m, body, sizeof(body)), &h));
	r = tls_config_choose(config, nameif, &h, "", &choice);
	if (r == 0) {
		assert_non_null(choice.suite);
		assert_non_null(choice.priority);
		assert_non_null(choice.identity);
	}
	return r;
}

#define OFFER(list) .suites = list, .suite_count = COUNT(list)

static void
gets(const struct hello_make *m, enum suite_version version, const char *suite)
{
	assert_int_equal(choose(m, "outside"), 0);
	assert_int_equal(choice.version, version);
	assert_string_equal(choice.suite->name, suite);
}

/* protocol.md 4.3, rule 2 */
T(phones_get_a_suite_that_dtls_can_match)
{
	UNUSED;
	gets(&(struct hello_make){ .version = 0x0301, OFFER(offer_79xx) }, SUITE_TLS10, "AES256-SHA");
	gets(&(struct hello_make){ .version = 0x0303, OFFER(offer_88xx) }, SUITE_TLS12, "AES256-SHA");
	gets(&(struct hello_make){ .version = 0x0303, OFFER(offer_88xx_new) }, SUITE_TLS12, "AES256-SHA");
}

T(a_phone_limited_to_aes128_gets_that)
{
	static const uint16_t narrow[] = { 0xC030, 0x002F };

	UNUSED;
	gets(&(struct hello_make){ .version = 0x0303, OFFER(narrow) }, SUITE_TLS12, "AES128-SHA");
	gets(&(struct hello_make){ .version = 0x0301, OFFER(narrow) }, SUITE_TLS10, "AES128-SHA");
}

T(others_keep_forward_secrecy)
{
	UNUSED;
	gets(&(struct hello_make){ .version = 0x0303, OFFER(offer_desktop) }, SUITE_TLS12, "ECDHE-RSA-AES256-GCM-SHA384");
}

T(tls_13_is_spoken_when_configured)
{
	static const uint16_t versions[] = { 0x0304, 0x0303 };

	UNUSED;
	gets(&(struct hello_make){ .version = 0x0303, OFFER(offer_tls13), .versions = versions, .version_count = 2 }, SUITE_TLS12, "ECDHE-RSA-AES256-GCM-SHA384");
	begin(SUITE_TLS12, SUITE_TLS13);
	suites_add(SUITE_TLS12, "medium", NULL);
	suites_add(SUITE_TLS13, "medium", NULL);
	identity_add("tp", &rsa, GNUTLS_PK_RSA);
	binding_add("outside", "", "tp");
	tls_config_finish(config);
	gets(&(struct hello_make){ .version = 0x0303, OFFER(offer_tls13), .versions = versions, .version_count = 2 }, SUITE_TLS13, "TLS_AES_256_GCM_SHA384");
	assert_int_equal(choose(&(struct hello_make){ .version = 0x0301, OFFER(offer_79xx) }, "outside"), ERR_UNSUPPORTED);
}

T(ssl_cipher_custom_is_obeyed_for_phones_too)
{
	UNUSED;
	begin(SUITE_TLS10, SUITE_TLS12);
	suites_add(SUITE_TLS10, "custom", "AES128-SHA");
	suites_add(SUITE_TLS12, "custom", "ECDHE-RSA-AES256-GCM-SHA384:AES128-SHA");
	identity_add("tp", &rsa, GNUTLS_PK_RSA);
	binding_add("outside", "", "tp");
	tls_config_finish(config);
	gets(&(struct hello_make){ .version = 0x0301, OFFER(offer_79xx) }, SUITE_TLS10, "AES128-SHA");
	gets(&(struct hello_make){ .version = 0x0303, OFFER(offer_88xx) }, SUITE_TLS12, "AES128-SHA");
	assert_int_equal(choose(&(struct hello_make){ .version = 0x0302, OFFER(offer_79xx) }, "outside"), ERR_UNSUPPORTED);
}

/* asa-reference 4.7, CSCuu02848: never another certificate */
T(ec_suites_never_meet_an_rsa_certificate)
{
	static const uint16_t ec_only[] = { 0xC02C, 0xC02B, 0xC00A };

	UNUSED;
	assert_int_equal(choose(&(struct hello_make){ .version = 0x0303, OFFER(ec_only) }, "outside"), ERR_UNSUPPORTED);
}

static char skips[1000];

static void
skip_note(void *ctx, const struct suite *s, const char *reason)
{
	(void)ctx;
	snprintf(skips + strlen(skips), sizeof(skips) - strlen(skips), "%s: %s\n", s->name, reason);
}

/* Of the last choice, for this hello. */
static const char *
skipped(const struct hello_make *m)
{
	uint8_t body[2048];
	struct hello h;

	skips[0] = '\0';
	assert_true(hello_parse(body, hello_make(m, body, sizeof(body)), &h));
	tls_config_skipped(config, "outside", &h, "", &choice, skip_note, NULL);
	return skips;
}

/* Message 725022; nothing is said of what the client does not offer, nor of what comes behind the chosen one. */
T(suites_that_no_certificate_serves_are_named)
{
	static const uint16_t ecdsa[] = { 0xC02C, 0xC02B }, mixed[] = { 0xC02C, 0xC030, 0xC02F }, rsa_only[] = { 0xC030, 0xC02F };
	const struct hello_make only = { .version = 0x0303, OFFER(ecdsa) }, both = { .version = 0x0303, OFFER(mixed) };
	const struct hello_make plain = { .version = 0x0303, OFFER(rsa_only) };

	UNUSED;
	assert_int_equal(choose(&only, "outside"), ERR_UNSUPPORTED);
	assert_string_equal(skipped(&only),
	    "ECDHE-ECDSA-AES256-GCM-SHA384: Ephemeral EC key is not compatible with trust-point <tp>\n"
	    "ECDHE-ECDSA-AES128-GCM-SHA256: Ephemeral EC key is not compatible with trust-point <tp>\n");
	gets(&both, SUITE_TLS12, "ECDHE-RSA-AES256-GCM-SHA384");
	assert_string_equal(skipped(&both), "ECDHE-ECDSA-AES256-GCM-SHA384: Ephemeral EC key is not compatible with trust-point <tp>\n");
	gets(&plain, SUITE_TLS12, "ECDHE-RSA-AES256-GCM-SHA384");
	assert_string_equal(skipped(&plain), "");
	assert_int_equal(choose(&(struct hello_make){ .version = 0x0300, OFFER(ecdsa) }, "outside"), ERR_UNSUPPORTED);
	assert_string_equal(skipped(&(struct hello_make){ .version = 0x0300, OFFER(ecdsa) }), ""); /* no common version */
}

T(without_key_encipherment_there_is_no_rsa_key_exchange)
{
	static const uint16_t rsa_only[] = { 0x0035, 0x002F };

	UNUSED;
	begin(SUITE_TLS10, SUITE_TLS12);
	suites_add(SUITE_TLS12, "all", NULL);
	identity_add("tp", &no_rsa_kx, GNUTLS_PK_RSA);
	binding_add("outside", "", "tp");
	tls_config_finish(config);
	gets(&(struct hello_make){ .version = 0x0303, OFFER(offer_88xx) }, SUITE_TLS12, "ECDHE-RSA-AES256-GCM-SHA384");
	assert_int_equal(choose(&(struct hello_make){ .version = 0x0303, OFFER(rsa_only) }, "outside"), ERR_UNSUPPORTED);
}

T(an_interface_without_identity_is_told_from_no_common_suite)
{
	static const uint16_t strange[] = { 0x1234 };

	UNUSED;
	assert_int_equal(choose(&(struct hello_make){ .version = 0x0303, OFFER(offer_88xx) }, "inside"), ERR_NOT_FOUND);
	assert_int_equal(choose(&(struct hello_make){ .version = 0x0303, OFFER(strange) }, "outside"), ERR_UNSUPPORTED);
	assert_int_equal(choose(&(struct hello_make){ .version = 0x0300, OFFER(offer_79xx) }, "outside"), ERR_UNSUPPORTED);
}

T(a_name_asked_for_selects_its_certificate)
{
	UNUSED;
	begin(SUITE_TLS10, SUITE_TLS12);
	suites_add(SUITE_TLS12, "medium", NULL);
	identity_add("tp", &rsa, GNUTLS_PK_RSA);
	identity_add("other", &rsa, GNUTLS_PK_RSA);
	binding_add("outside", "", "tp");
	binding_add("outside", "Vpn.Example", "other");
	binding_add("inside", "x.example", "other");
	binding_add("outside", "", "no-such");
	tls_config_finish(config);
	assert_int_equal(choose(&(struct hello_make){ .version = 0x0303, OFFER(offer_88xx), .sni = "vpn.example" }, "outside"), 0);
	assert_string_equal(choice.identity->trustpoint, "other");
	assert_int_equal(choose(&(struct hello_make){ .version = 0x0303, OFFER(offer_88xx), .sni = "x.example" }, "outside"), 0);
	assert_string_equal(choice.identity->trustpoint, "tp");
	assert_int_equal(choose(&(struct hello_make){ .version = 0x0303, OFFER(offer_88xx) }, "outside"), 0);
	assert_string_equal(choice.identity->trustpoint, "tp");
}

static void
url_add(const char *host, uint16_t port, const char *path, const char *group)
{
	struct ipc_tls_group_url m = { .host = host, .port = port, .path = path, .tunnel_group = group, .authentication = 2 };

	tls_config_add_group_url(config, &m);
}

static const char *
group_of(const char *host, uint16_t port, const char *path)
{
	const struct tls_group_url *u = tls_config_url(config, host, port, path);

	return u == NULL ? "-" : u->tunnel_group;
}

/* asa-reference 4.1 */
T(a_group_url_is_compared_as_the_asa_does)
{
	UNUSED;
	url_add("asav.sckiewer.lab", 0, "/phone", "phones");
	url_add("172.16.1.250", 0, "/phone", "by-address");
	url_add("asav.sckiewer.lab", 4433, "/phone2", "with-port");
	url_add("asav.sckiewer.lab", 0, "/", "root");
	assert_string_equal(group_of("asav.sckiewer.lab", 443, "/phone"), "phones");
	assert_string_equal(group_of("ASAV.Sckiewer.LAB", 443, "/phone"), "phones");
	assert_string_equal(group_of("asav.sckiewer.lab", 8443, "/phone/"), "phones");
	assert_string_equal(group_of("172.16.1.250", 443, "/phone"), "by-address");
	assert_string_equal(group_of("asav.sckiewer.lab", 4433, "/phone2"), "with-port");
	assert_string_equal(group_of("asav.sckiewer.lab", 443, "/phone2"), "-");
	assert_string_equal(group_of("asav.sckiewer.lab", 443, "/"), "root");
	assert_string_equal(group_of("asav.sckiewer.lab", 443, "/Phone"), "-");
	assert_string_equal(group_of("asav.sckiewer.lab", 443, "/phone//"), "-");
	assert_string_equal(group_of("asav.sckiewer.lab", 443, "/phone3"), "-");
	assert_string_equal(group_of("asav.sckiewer.lab", 443, "/phon"), "-");
	assert_string_equal(group_of("other", 443, "/phone"), "-");
	assert_string_equal(group_of("", 443, ""), "-");
}

#define CONFIG(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		CONFIG(phones_get_a_suite_that_dtls_can_match),
		CONFIG(a_phone_limited_to_aes128_gets_that),
		CONFIG(others_keep_forward_secrecy),
		CONFIG(tls_13_is_spoken_when_configured),
		CONFIG(ssl_cipher_custom_is_obeyed_for_phones_too),
		CONFIG(ec_suites_never_meet_an_rsa_certificate),
		CONFIG(suites_that_no_certificate_serves_are_named),
		CONFIG(without_key_encipherment_there_is_no_rsa_key_exchange),
		CONFIG(an_interface_without_identity_is_told_from_no_common_suite),
		CONFIG(a_name_asked_for_selects_its_certificate),
		CONFIG(a_group_url_is_compared_as_the_asa_does),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
