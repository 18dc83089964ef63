/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/unit.h"

#include "server/forwarder/dgram.h"

static uint8_t bytes[400];

static void
put16(uint8_t *p, size_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

/* protocol.md 3.1: a ClientHello of 0.9 with this id, two suites and `extensions` bytes of them. */
static size_t
hello_make(size_t id_len, const char *extensions, size_t extensions_len)
{
	uint8_t *p = bytes + 25;
	size_t body;

	memset(bytes, 0, sizeof(bytes));
	bytes[0] = 22;
	bytes[1] = 1;
	bytes[13] = 1;
	put16(p, 0x0100);
	memset(p + 2, 0x77, 32);
	p[34] = (uint8_t)id_len;
	memset(p + 35, 0x1d, id_len);
	p += 35 + id_len;
	*p++ = 0; /* cookie */
	memcpy(p, "\0\4\0\x35\0\x2f\1\0", 8);
	p += 8;
	if (extensions != NULL) {
		put16(p, extensions_len);
		memcpy(p + 2, extensions, extensions_len);
		p += 2 + extensions_len;
	}
	body = (size_t)(p - bytes) - 25;
	put16(bytes + 11, 12 + body);
	put16(bytes + 15, body);
	put16(bytes + 23, body);
	return 25 + body;
}

/* In a block of exactly that size. */
static enum dgram_kind
parse(size_t len, uint8_t id_out[DTLS_ID_BYTES])
{
	uint8_t *copy = exact(bytes, len);
	const uint8_t *id = NULL;
	enum dgram_kind kind = dgram_parse(copy, len, &id);

	if (kind == DGRAM_HELLO)
		memcpy(id_out, id, DTLS_ID_BYTES);
	free(copy);
	return kind;
}

static uint8_t id[DTLS_ID_BYTES];

T(a_hello_names_its_session)
{
	uint8_t want[DTLS_ID_BYTES];

	UNUSED;
	memset(want, 0x1d, sizeof(want));
	assert_int_equal(parse(hello_make(32, NULL, 0), id), DGRAM_HELLO);
	assert_memory_equal(id, want, sizeof(id));
	assert_memory_equal(bytes + 60, want, sizeof(id)); /* protocol.md 3.1: where it is */
	assert_int_equal(parse(hello_make(32, "", 0), id), DGRAM_HELLO);
	assert_int_equal(parse(hello_make(0, NULL, 0), id), DGRAM_NONE);
	assert_int_equal(parse(hello_make(31, NULL, 0), id), DGRAM_NONE);
	assert_int_equal(parse(hello_make(33, NULL, 0), id), DGRAM_NONE);
}

/* protocol.md 3.4: 48018, one byte of length and the id; it wins over the session id. */
T(the_app_id_in_an_extension_wins)
{
	char extensions[64] = "\0\x17\0\0\xbb\x92\0\x21\x20";

	UNUSED;
	memset(extensions + 9, 0x5c, 32);
	assert_int_equal(parse(hello_make(32, extensions, 41), id), DGRAM_HELLO);
	assert_int_equal(id[0], 0x5c);
	assert_int_equal(id[31], 0x5c);
	assert_int_equal(parse(hello_make(0, extensions, 41), id), DGRAM_HELLO);
	extensions[8] = 16; /* of another length */
	assert_int_equal(parse(hello_make(0, extensions, 41), id), DGRAM_NONE);
	assert_int_equal(parse(hello_make(32, extensions, 41), id), DGRAM_HELLO);
	assert_int_equal(id[0], 0x1d);
	extensions[8] = 32;
	assert_int_equal(parse(hello_make(0, extensions, 30), id), DGRAM_NONE); /* cut */
}

T(a_cut_or_fragmented_hello_names_nobody)
{
	size_t len = hello_make(32, NULL, 0);

	UNUSED;
	for (size_t n = 0; n < len; n++)
		assert_int_equal(parse(n, id), DGRAM_NONE);
	hello_make(32, NULL, 0);
	bytes[21] = 1; /* offset */
	assert_int_equal(parse(len, id), DGRAM_NONE);
	hello_make(32, NULL, 0);
	bytes[24]--; /* fragment length */
	assert_int_equal(parse(len, id), DGRAM_NONE);
	hello_make(32, NULL, 0);
	bytes[4] = 1; /* epoch: it is encrypted, and no hello of ours */
	assert_int_equal(parse(len, id), DGRAM_OTHER);
}

T(other_records_are_told_by_their_type)
{
	UNUSED;
	memset(bytes, 0, sizeof(bytes));
	put16(bytes + 11, 20);
	for (unsigned type = 0; type < 256; type++) {
		enum dgram_kind want = type == 23 ? DGRAM_DATA : type >= 20 && type <= 22 ? DGRAM_OTHER : DGRAM_NONE;

		bytes[0] = (uint8_t)type;
		assert_int_equal(parse(33, id), want);
		assert_int_equal(parse(32, id), DGRAM_NONE);
		assert_int_equal(parse(60, id), want); /* more records behind it */
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hello_names_its_session),
		cmocka_unit_test(the_app_id_in_an_extension_wins),
		cmocka_unit_test(a_cut_or_fragmented_hello_names_nobody),
		cmocka_unit_test(other_records_are_told_by_their_type),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
