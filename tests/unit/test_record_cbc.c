/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The check of MAC and padding: right as a plain one, and the same work
 * whatever is in the record (Lucky 13). Linked with SHA-1's compression wrapped, to count
 * and to see what goes in. Under valgrind's memcheck (tests/integration/constant.sh) the
 * plaintext is marked undefined: a branch or an address that depends on it is an error.
 */
#include "tests/unit/unit.h"

#include <gnutls/crypto.h>
#include <valgrind/memcheck.h>

#include "server/forwarder/record_cbc.h"

#define PLAIN_MAX 1456

void __real_nettle_sha1_compress(uint32_t *state, const uint8_t *data);
void __wrap_nettle_sha1_compress(uint32_t *state, const uint8_t *data);

static unsigned compressions, naive_errors;

void
__wrap_nettle_sha1_compress(uint32_t *state, const uint8_t *data)
{
	compressions++;
	__real_nettle_sha1_compress(state, data);
}

static const uint8_t key[CBC_MAC] = "a MAC key of 20 byte";
static const uint8_t start[11] = { 0, 1, 0, 0, 0, 0, 0, 9, 23, 1, 0 };
static struct cbc_mac mac;
static uint8_t room[CBC_HEAD + PLAIN_MAX], *const plain = room + CBC_HEAD;

/* Content of n - 21 - pad bytes with its MAC and padding. */
static void
make(size_t n, size_t pad)
{
	size_t len = n - CBC_MAC - 1 - pad;
	uint8_t message[CBC_HEAD + PLAIN_MAX];

	memcpy(message, start, sizeof(start));
	message[11] = (uint8_t)(len >> 8);
	message[12] = (uint8_t)len;
	for (size_t i = 0; i < len; i++)
		message[CBC_HEAD + i] = (uint8_t)(i * 131 + pad);
	memcpy(plain, message + CBC_HEAD, len);
	assert_int_equal(gnutls_hmac_fast(GNUTLS_MAC_SHA1, key, sizeof(key), message, CBC_HEAD + len, plain + len), 0);
	memset(plain + len + CBC_MAC, (int)pad, pad + 1);
}

static bool
check(size_t n, size_t *len)
{
	bool good;

	compressions = 0;
	VALGRIND_MAKE_MEM_UNDEFINED(plain, n);
	good = cbc_check(&mac, plain, n, start, len);
	VALGRIND_MAKE_MEM_DEFINED(&good, sizeof(good));
	VALGRIND_MAKE_MEM_DEFINED(len, sizeof(*len));
	VALGRIND_MAKE_MEM_DEFINED(room, sizeof(room));
	return good;
}

T(the_mac_is_hmac_sha1)
{
	uint8_t message[300], want[CBC_MAC], got[CBC_MAC];

	UNUSED;
	for (size_t i = 0; i < sizeof(message); i++)
		message[i] = (uint8_t)(i * 7);
	for (size_t n = 0; n <= sizeof(message); n++) {
		assert_int_equal(gnutls_hmac_fast(GNUTLS_MAC_SHA1, key, sizeof(key), message, n, want), 0);
		cbc_mac(&mac, message, n, got);
		assert_memory_equal(got, want, sizeof(want));
	}
}

/* What a compiler, or somebody in a hurry, makes of the check. */
static bool
naive_check(const uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i <= bytes[n - 1] && i < n; i++) {
		if (bytes[n - 1 - i] != bytes[n - 1])
			return false;
	}
	return true;
}

T(memcheck_sees_a_branch_on_the_plaintext_and_none_in_the_check)
{
	unsigned errors = VALGRIND_COUNT_ERRORS;
	bool good;
	size_t len;

	UNUSED;
	if (!RUNNING_ON_VALGRIND)
		skip();
	make(224, 5);
	check(224, &len);
	assert_int_equal(VALGRIND_COUNT_ERRORS, errors);
	VALGRIND_MAKE_MEM_UNDEFINED(plain, 224);
	good = naive_check(plain, 224);
	VALGRIND_MAKE_MEM_DEFINED(&good, sizeof(good));
	VALGRIND_MAKE_MEM_DEFINED(room, sizeof(room));
	assert_true(good);
	assert_true(VALGRIND_COUNT_ERRORS > errors);
	naive_errors = VALGRIND_COUNT_ERRORS - errors;
}

static const size_t sizes[] = { 32, 48, 64, 80, 128, 224, 256, 272, 288, 304, 336, 800, 1424, PLAIN_MAX };

T(every_padding_is_accepted_with_its_content)
{
	size_t len;

	UNUSED;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		for (size_t pad = 0; pad < 256 && pad + CBC_MAC + 1 <= sizes[i]; pad++) {
			make(sizes[i], pad);
			assert_true(check(sizes[i], &len));
			assert_int_equal(len, sizes[i] - CBC_MAC - 1 - pad);
		}
	}
}

T(a_wrong_byte_of_padding_or_mac_is_refused_wherever_it_is)
{
	size_t len;

	UNUSED;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		for (size_t pad = 0; pad < 256 && pad + CBC_MAC + 1 <= sizes[i]; pad += pad < 20 ? 1 : 47) {
			for (size_t at = 1; at <= pad + 1 + CBC_MAC; at += at < 40 ? 1 : 13) {
				make(sizes[i], pad);
				plain[sizes[i] - at] ^= 0x10;
				assert_false(check(sizes[i], &len));
			}
		}
	}
}

T(a_padding_longer_than_the_record_is_refused)
{
	size_t len;

	UNUSED;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		if (sizes[i] > 256 + CBC_MAC)
			continue;
		memset(plain, (int)(sizes[i] - CBC_MAC), sizes[i]); /* one more than there is room for */
		assert_false(check(sizes[i], &len));
		memset(plain, 255, sizes[i]);
		assert_false(check(sizes[i], &len));
	}
}

T(what_is_no_whole_number_of_blocks_is_refused)
{
	size_t len;

	UNUSED;
	for (size_t n = 0; n < 32; n++)
		assert_false(check(n, &len));
	for (size_t n = 33; n < 48; n++)
		assert_false(check(n, &len));
}

/* As many compressions for what is right, for a wrong MAC, a wrong padding, none at all. */
T(the_work_depends_on_the_length_alone)
{
	UNUSED;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		size_t n = sizes[i], len;
		unsigned want;

		make(n, 0);
		check(n, &len);
		want = compressions;
		assert_true(want >= 2);
		for (size_t pad = 0; pad < 256 && pad + CBC_MAC + 1 <= n; pad++) {
			make(n, pad);
			check(n, &len);
			assert_int_equal(compressions, want);
			plain[n - 1 - pad - 1] ^= 1; /* MAC */
			check(n, &len);
			assert_int_equal(compressions, want);
			make(n, pad);
			plain[n - 1 - pad] ^= 1; /* the first byte of padding, or its length */
			check(n, &len);
			assert_int_equal(compressions, want);
		}
		memset(plain, 255, n);
		check(n, &len);
		assert_int_equal(compressions, want);
	}
}

T(memcheck_saw_no_other_error)
{
	UNUSED;
	assert_int_equal(VALGRIND_COUNT_ERRORS, naive_errors);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(memcheck_sees_a_branch_on_the_plaintext_and_none_in_the_check),
		cmocka_unit_test(the_mac_is_hmac_sha1),
		cmocka_unit_test(every_padding_is_accepted_with_its_content),
		cmocka_unit_test(a_wrong_byte_of_padding_or_mac_is_refused_wherever_it_is),
		cmocka_unit_test(a_padding_longer_than_the_record_is_refused),
		cmocka_unit_test(what_is_no_whole_number_of_blocks_is_refused),
		cmocka_unit_test(the_work_depends_on_the_length_alone),
		cmocka_unit_test(memcheck_saw_no_other_error),
	};

	cbc_mac_init(&mac, key);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
