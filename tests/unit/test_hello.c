/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/unit.h"

#include "server/worker/hello.h"
#include "tests/unit/hello_make.h"

static uint8_t body[2048];
static struct hello h;

static bool
parse(const struct hello_make *m)
{
	size_t len = hello_make(m, body, sizeof(body));
	uint8_t *copy = exact(body, len);
	bool ok = hello_parse(copy, len, &h);

	free(copy);
	return ok;
}

#define OFFER(list) .suites = list, .suite_count = COUNT(list)

T(suites_and_name_are_read)
{
	UNUSED;
	assert_true(parse(&(struct hello_make){ .version = 0x0303, OFFER(offer_88xx), .sni = "ASAv.Sckiewer.Lab" }));
	assert_int_equal(h.suite_count, COUNT(offer_88xx));
	assert_memory_equal(h.suites, offer_88xx, sizeof(offer_88xx));
	assert_true(hello_offers(&h, 0x002F));
	assert_false(hello_offers(&h, 0x009D));
	assert_string_equal(h.sni, "asav.sckiewer.lab");
}

T(without_the_extension_the_version_means_all_below)
{
	UNUSED;
	assert_true(parse(&(struct hello_make){ .version = 0x0301, OFFER(offer_79xx) }));
	assert_true(h.versions[SUITE_TLS10]);
	assert_false(h.versions[SUITE_TLS11] || h.versions[SUITE_TLS12] || h.versions[SUITE_TLS13]);
	assert_true(parse(&(struct hello_make){ .version = 0x0303, OFFER(offer_88xx) }));
	assert_true(h.versions[SUITE_TLS10] && h.versions[SUITE_TLS11] && h.versions[SUITE_TLS12]);
	assert_false(h.versions[SUITE_TLS13]);
	assert_true(parse(&(struct hello_make){ .version = 0x0399, OFFER(offer_88xx) }));
	assert_true(h.versions[SUITE_TLS12]);
	assert_false(h.versions[SUITE_TLS13]);
	assert_true(parse(&(struct hello_make){ .version = 0x0300, OFFER(offer_79xx) }));
	assert_false(h.versions[SUITE_TLS10]);
}

T(the_extension_wins_over_the_version)
{
	static const uint16_t versions[] = { 0x0a0a, 0x0304, 0x0302 };

	UNUSED;
	assert_true(parse(&(struct hello_make){ .version = 0x0303, OFFER(offer_tls13), .versions = versions, .version_count = 3 }));
	assert_true(h.has_versions);
	assert_true(h.versions[SUITE_TLS13] && h.versions[SUITE_TLS11]);
	assert_false(h.versions[SUITE_TLS12] || h.versions[SUITE_TLS10]);
}

T(phones_are_phone_like)
{
	UNUSED;
	assert_true(parse(&(struct hello_make){ .version = 0x0301, OFFER(offer_79xx) }) && hello_phone_like(&h));
	assert_true(parse(&(struct hello_make){ .version = 0x0303, OFFER(offer_88xx) }) && hello_phone_like(&h));
	assert_true(parse(&(struct hello_make){ .version = 0x0303, OFFER(offer_88xx_new) }) && hello_phone_like(&h));
}

T(others_are_not)
{
	static const uint16_t versions[] = { 0x0304, 0x0303 };
	static const uint16_t no_aes[] = { 0xC030, 0xC02F, 0x00FF };

	UNUSED;
	assert_true(parse(&(struct hello_make){ .version = 0x0303, OFFER(offer_desktop) }));
	assert_false(hello_phone_like(&h));
	assert_true(parse(&(struct hello_make){ .version = 0x0303, OFFER(offer_88xx), .versions = versions, .version_count = 2 }));
	assert_false(hello_phone_like(&h)); /* TLS 1.3 */
	assert_true(parse(&(struct hello_make){ .version = 0x0303, OFFER(no_aes) }));
	assert_false(hello_phone_like(&h));
}

T(a_name_that_could_be_no_host_is_not_kept)
{
	static const char *const bad[] = { "a b", "host/path", "x\ny", "<b>", "" };
	char name[300];
	size_t len;

	UNUSED;
	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_true(parse(&(struct hello_make){ .version = 0x0303, OFFER(offer_88xx), .sni = bad[i] }));
		assert_string_equal(h.sni, "");
	}
	memset(name, 'a', sizeof(name));
	name[255] = '\0';
	assert_true(parse(&(struct hello_make){ .version = 0x0303, OFFER(offer_88xx), .sni = name }));
	assert_int_equal(strlen(h.sni), 255);
	name[255] = 'a';
	name[256] = '\0';
	assert_true(parse(&(struct hello_make){ .version = 0x0303, OFFER(offer_88xx), .sni = name }));
	assert_string_equal(h.sni, "");
	/* a NUL in it */
	len = hello_make(&(struct hello_make){ .version = 0x0303, OFFER(offer_88xx), .sni = "good.evil" }, body, sizeof(body));
	for (size_t i = 0; i + 4 < len; i++) {
		if (memcmp(body + i, "good", 4) == 0)
			body[i + 4] = '\0';
	}
	assert_true(hello_parse(body, len, &h));
	assert_string_equal(h.sni, "");
}

T(every_truncation_is_malformed)
{
	static const uint16_t versions[] = { 0x0304, 0x0303 };
	size_t len = hello_make(&(struct hello_make){ .version = 0x0303, OFFER(offer_88xx), .sni = "host", .versions = versions, .version_count = 2 },
	    body, sizeof(body));
	size_t plain = hello_make(&(struct hello_make){ .version = 0x0303, OFFER(offer_88xx) }, (uint8_t[2048]){ 0 }, 2048);

	UNUSED;
	for (size_t n = 0; n < len; n++) {
		uint8_t *copy = exact(body, n);

		/* without extensions it is whole: TLS 1.0 clients send none */
		assert_int_equal(hello_parse(copy, n, &h), n == plain);
		free(copy);
	}
}

T(no_single_changed_byte_leads_outside)
{
	static const uint16_t versions[] = { 0x0304, 0x0303 };
	size_t len = hello_make(&(struct hello_make){ .version = 0x0303, OFFER(offer_88xx), .sni = "host", .versions = versions, .version_count = 2 },
	    body, sizeof(body));

	UNUSED;
	for (size_t at = 0; at < len; at++) {
		for (int c = 0; c < 256; c++) {
			uint8_t *copy = exact(body, len);

			copy[at] = (uint8_t)c;
			if (hello_parse(copy, len, &h)) {
				assert_true(h.suite_count <= HELLO_SUITES_MAX);
				hello_phone_like(&h);
			}
			free(copy);
		}
	}
}

T(more_suites_than_there_is_room_for_are_cut)
{
	static uint16_t many[HELLO_SUITES_MAX + 50];

	UNUSED;
	for (size_t i = 0; i < COUNT(many); i++)
		many[i] = (uint16_t)(0x4000 + i);
	assert_true(parse(&(struct hello_make){ .version = 0x0303, OFFER(many) }));
	assert_int_equal(h.suite_count, HELLO_SUITES_MAX);
	assert_false(hello_phone_like(&h));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(suites_and_name_are_read),
		cmocka_unit_test(without_the_extension_the_version_means_all_below),
		cmocka_unit_test(the_extension_wins_over_the_version),
		cmocka_unit_test(phones_are_phone_like),
		cmocka_unit_test(others_are_not),
		cmocka_unit_test(a_name_that_could_be_no_host_is_not_kept),
		cmocka_unit_test(every_truncation_is_malformed),
		cmocka_unit_test(no_single_changed_byte_leads_outside),
		cmocka_unit_test(more_suites_than_there_is_room_for_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
