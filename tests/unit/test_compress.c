/* SPDX-License-Identifier: GPL-2.0-or-later */
/* LZS by the vectors of protocol.md 5, both coders forth and back, and what a hostile client may send. */
#include "tests/unit/unit.h"

#include "server/worker/compress.h"
#include "server/worker/lzs.h"

static struct lzs z;
static uint8_t packed[20000], plain[20000];

static const struct {
	const char *text;
	unsigned times;
	const char *bytes;
	size_t len;
} vectors[] = {
	{ "AB", 5, "\x20\x90\xB0\x5E\x18\x00", 6 },
	{ "A", 20, "\x20\xE0\x7E\xF0\x00", 5 },
	{ "A", 40, "\x20\xE0\x7F\xFC\x70\x00", 6 },
};

static size_t
text_of(size_t i, uint8_t *out)
{
	size_t len = strlen(vectors[i].text);

	for (unsigned k = 0; k < vectors[i].times; k++)
		memcpy(out + k * len, vectors[i].text, len);
	return len * vectors[i].times;
}

T(the_vectors_are_decoded)
{
	uint8_t want[100];

	UNUSED;
	for (size_t i = 0; i < COUNT(vectors); i++) {
		size_t len = text_of(i, want);

		assert_int_equal(lzs_decompress((const uint8_t *)vectors[i].bytes, vectors[i].len, plain, sizeof(plain)), len);
		assert_memory_equal(plain, want, len);
		/* the reference adds a zero byte at times */
		memcpy(packed, vectors[i].bytes, vectors[i].len);
		packed[vectors[i].len] = 0;
		assert_int_equal(lzs_decompress(packed, vectors[i].len + 1, plain, sizeof(plain)), len);
	}
}

T(the_vectors_are_encoded)
{
	uint8_t text[100];

	UNUSED;
	for (size_t i = 0; i < COUNT(vectors); i++) {
		size_t n = lzs_compress(&z, text, text_of(i, text), packed, sizeof(packed));

		assert_true(n <= vectors[i].len && n + 1 >= vectors[i].len);
		assert_memory_equal(packed, vectors[i].bytes, n);
	}
}

static uint32_t seed;

static uint8_t
noise(void)
{
	seed = seed * 1664525 + 1013904223;
	return (uint8_t)(seed >> 24);
}

/* From noise to a single byte repeated: the fewer the symbols, the longer the matches. */
static void
sample_make(uint8_t *out, size_t len, unsigned symbols)
{
	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)(noise() % symbols);
	for (size_t i = len / 3; i + 300 < len; i += 700) /* and repetitions from far */
		memmove(out + i, out + i / 2, 200);
}

static void
forth_and_back(enum compression kind, struct coder *c, const uint8_t *in, size_t len)
{
	const uint8_t *out;
	size_t n = coder_compress(c, kind, in, len, packed);
	uint8_t *copy;

	if (n == 0)
		return; /* would not be shorter */
	assert_true(n < len);
	copy = exact(packed, n);
	assert_int_equal(coder_decompress(c, kind, copy, n, len, &out), len);
	assert_memory_equal(out, in, len);
	assert_int_equal(coder_decompress(c, kind, copy, n, len - 1, &out), 0); /* one byte above the limit */
	free(copy);
}

T(every_packet_comes_back_as_it_was)
{
	static const unsigned symbols[] = { 1, 2, 5, 30, 256 };
	static uint8_t in[16384];
	struct coder *c = coder_new();

	UNUSED;
	for (enum compression kind = COMPRESSION_LZS; kind < COMPRESSION_COUNT; kind++) {
		for (size_t k = 0; k < COUNT(symbols); k++) {
			for (size_t len = 1; len <= sizeof(in); len += 1 + len / 7) {
				sample_make(in, len, symbols[k]);
				forth_and_back(kind, c, in, len);
			}
			sample_make(in, sizeof(in), symbols[k]);
			forth_and_back(kind, c, in, sizeof(in));
		}
	}
	coder_free(c);
}

T(noise_is_not_made_longer)
{
	static uint8_t in[1400];
	struct coder *c = coder_new();

	UNUSED;
	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = noise();
	assert_int_equal(coder_compress(c, COMPRESSION_LZS, in, sizeof(in), packed), 0);
	assert_int_equal(coder_compress(c, COMPRESSION_LZ4, in, sizeof(in), packed), 0);
	coder_free(c);
}

/* A few bytes that stand for many: the output stops at the limit. */
T(a_bomb_does_not_go_off)
{
	static uint8_t zeros[16384], bomb[16384];
	struct coder *c = coder_new();
	const uint8_t *out;

	UNUSED;
	for (enum compression kind = COMPRESSION_LZS; kind < COMPRESSION_COUNT; kind++) {
		size_t n = coder_compress(c, kind, zeros, sizeof(zeros), bomb);

		assert_true(n > 0 && n < 2000);
		assert_int_equal(coder_decompress(c, kind, bomb, n, 1406, &out), 0);
		assert_int_equal(coder_decompress(c, kind, bomb, n, 16384, &out), 16384);
	}
	memset(bomb, 0xff, sizeof(bomb)); /* LZS: a length without end */
	bomb[0] = 0x20;
	bomb[1] = 0xe0;
	assert_int_equal(coder_decompress(c, COMPRESSION_LZS, bomb, sizeof(bomb), 1406, &out), 0);
	coder_free(c);
}

T(broken_input_gives_nothing_or_some_bytes_but_no_harm)
{
	struct coder *c = coder_new();
	const uint8_t *out;

	UNUSED;
	assert_int_equal(lzs_decompress((const uint8_t *)"", 0, plain, sizeof(plain)), 0);
	assert_int_equal(lzs_decompress((const uint8_t *)"\x20", 1, plain, sizeof(plain)), 0); /* cut */
	assert_int_equal(lzs_decompress((const uint8_t *)"\xc1\x00\x00", 3, plain, sizeof(plain)), 0); /* before the start */
	assert_int_equal(lzs_decompress((const uint8_t *)"\x80\x00\x00", 3, plain, sizeof(plain)), 0); /* offset 0, long form */
	assert_int_equal(lzs_decompress((const uint8_t *)"\xc0\x00", 2, plain, sizeof(plain)), 0); /* the end at once: empty */
	for (unsigned i = 0; i < 20000; i++) {
		size_t len = 1 + noise() % 40;
		uint8_t *in = malloc(len);

		assert_non_null(in);
		for (size_t k = 0; k < len; k++)
			in[k] = noise();
		assert_true(coder_decompress(c, COMPRESSION_LZS, in, len, 1406, &out) <= 1406);
		assert_true(coder_decompress(c, COMPRESSION_LZ4, in, len, 1406, &out) <= 1406);
		free(in);
	}
	coder_free(c);
}

/* protocol.md 5 */
T(lz4_is_chosen_before_lzs_and_deflate_never)
{
	UNUSED;
	assert_int_equal(compress_choose("oc-lz4,lzs", true), COMPRESSION_LZ4);
	assert_int_equal(compress_choose("lzs, oc-lz4", true), COMPRESSION_LZ4);
	assert_int_equal(compress_choose(" deflate ; q=1 , LZS ; q=0.5", true), COMPRESSION_LZS);
	assert_int_equal(compress_choose("deflate", true), COMPRESSION_NONE);
	assert_int_equal(compress_choose("lzs2,xlzs", true), COMPRESSION_NONE);
	assert_int_equal(compress_choose("", true), COMPRESSION_NONE);
	assert_int_equal(compress_choose(",,;,", true), COMPRESSION_NONE);
	assert_int_equal(compress_choose(NULL, true), COMPRESSION_NONE);
	assert_int_equal(compress_choose("oc-lz4,lzs", false), COMPRESSION_NONE);
	assert_string_equal(compress_name(COMPRESSION_LZ4), "oc-lz4");
	assert_string_equal(compress_name(COMPRESSION_LZS), "lzs");
	assert_null(compress_name(COMPRESSION_NONE));
}

T(voice_and_ciphertext_are_not_tried)
{
	uint8_t packet[100] = { 0x45 };

	UNUSED;
	packet[9] = 6;
	assert_true(compress_worthwhile(packet, sizeof(packet)));
	assert_false(compress_worthwhile(packet, 64));
	packet[9] = 17;
	assert_false(compress_worthwhile(packet, sizeof(packet)));
	packet[9] = 50;
	assert_false(compress_worthwhile(packet, sizeof(packet)));
	packet[0] = 0x60;
	packet[6] = 17;
	assert_false(compress_worthwhile(packet, sizeof(packet)));
	packet[6] = 6;
	assert_true(compress_worthwhile(packet, sizeof(packet)));
}

T(a_coder_exists_only_while_it_is_used)
{
	struct coder_user u = { 0 };

	UNUSED;
	assert_true(coder_user_next(&u) == UINT64_MAX);
	assert_false(coder_user_timer(&u, 5000));
	assert_non_null(coder_user_get(&u, 1000));
	assert_int_equal(coder_user_next(&u), 31000);
	assert_false(coder_user_timer(&u, 31000)); /* used since */
	assert_ptr_equal(coder_user_get(&u, 40000), u.coder);
	assert_false(coder_user_timer(&u, 61000));
	assert_false(coder_user_timer(&u, 90999));
	assert_true(coder_user_timer(&u, 91000));
	assert_null(u.coder);
	assert_true(coder_user_next(&u) == UINT64_MAX);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_vectors_are_decoded),
		cmocka_unit_test(the_vectors_are_encoded),
		cmocka_unit_test(every_packet_comes_back_as_it_was),
		cmocka_unit_test(noise_is_not_made_longer),
		cmocka_unit_test(a_bomb_does_not_go_off),
		cmocka_unit_test(broken_input_gives_nothing_or_some_bytes_but_no_harm),
		cmocka_unit_test(lz4_is_chosen_before_lzs_and_deflate_never),
		cmocka_unit_test(voice_and_ciphertext_are_not_tried),
		cmocka_unit_test(a_coder_exists_only_while_it_is_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
