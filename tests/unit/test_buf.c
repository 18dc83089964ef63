/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/unit.h"

#include "common/buf.h"

T(integers_are_big_endian)
{
	uint8_t bytes[15];
	struct wr w = wr_init(bytes, sizeof(bytes));
	struct rd r;

	UNUSED;
	wr_u8(&w, 0x01);
	wr_u16(&w, 0x0203);
	wr_u32(&w, 0x04050607);
	wr_u64(&w, 0x08090a0b0c0d0e0f);
	assert_false(w.bad);
	for (uint8_t i = 0; i < 15; i++)
		assert_int_equal(bytes[i], i + 1);
	r = rd_init(bytes, sizeof(bytes));
	assert_int_equal(rd_u8(&r), 0x01);
	assert_int_equal(rd_u16(&r), 0x0203);
	assert_int_equal(rd_u24(&r), 0x040506);
	assert_int_equal(rd_u8(&r), 0x07);
	assert_true(rd_u64(&r) == 0x08090a0b0c0d0e0f);
	assert_int_equal(rd_left(&r), 0);
	assert_false(r.bad);
}

T(reading_past_the_end_is_bad_and_gives_zeros)
{
	uint8_t *p = exact("\xff\xff\xff", 3);
	struct rd r = rd_init(p, 3);

	UNUSED;
	assert_int_equal(rd_u16(&r), 0xffff);
	assert_int_equal(rd_u32(&r), 0);
	assert_true(r.bad);
	assert_int_equal(rd_u8(&r), 0); /* stays bad, though a byte is left */
	assert_null(rd_bytes(&r, 0));
	free(p);
}

T(a_huge_length_does_not_wrap)
{
	struct rd r = rd_init("abc", 3);

	UNUSED;
	assert_null(rd_bytes(&r, SIZE_MAX));
	assert_true(r.bad);
	r = rd_init("abc", 3);
	assert_true(rd_sub(&r, SIZE_MAX - 1).bad);
}

T(a_sub_cursor_ends_where_it_should)
{
	struct rd r = rd_init("abcdef", 6), s = rd_sub(&r, 2);

	UNUSED;
	assert_int_equal(rd_u8(&s), 'a');
	assert_int_equal(rd_u16(&s), 0);
	assert_true(s.bad);
	assert_int_equal(rd_u8(&r), 'c');
	assert_false(r.bad);
}

T(writing_past_the_end_is_bad_and_writes_nothing)
{
	uint8_t bytes[4] = { 1, 2, 3, 4 };
	struct wr w = wr_init(bytes, 3);

	UNUSED;
	wr_u16(&w, 0x1111);
	wr_u16(&w, 0x2222);
	assert_true(w.bad);
	wr_u8(&w, 0x33);
	assert_memory_equal(bytes, "\x11\x11\3\4", 4);
	assert_null(wr_room(&w, 0));
}

T(hex_goes_there_and_back)
{
	static const uint8_t in[] = { 0x00, 0x9a, 0xff, 0x10 };
	char text[9];
	uint8_t out[4];

	UNUSED;
	hex_put(in, sizeof(in), text);
	assert_string_equal(text, "009aff10");
	assert_true(hex_get("009AfF10", 8, out, 4));
	assert_memory_equal(in, out, 4);
}

T(hex_of_wrong_length_or_digits_is_refused)
{
	uint8_t out[4];

	UNUSED;
	assert_false(hex_get("009aff1", 7, out, 4));
	assert_false(hex_get("009aff1012", 10, out, 4));
	assert_false(hex_get("009aff1g", 8, out, 4));
	assert_false(hex_get("00 aff10", 8, out, 4));
	assert_false(hex_get("", 0, out, 4));
	assert_true(hex_get("", 0, out, 0));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(integers_are_big_endian),
		cmocka_unit_test(reading_past_the_end_is_bad_and_gives_zeros),
		cmocka_unit_test(a_huge_length_does_not_wrap),
		cmocka_unit_test(a_sub_cursor_ends_where_it_should),
		cmocka_unit_test(writing_past_the_end_is_bad_and_writes_nothing),
		cmocka_unit_test(hex_goes_there_and_back),
		cmocka_unit_test(hex_of_wrong_length_or_digits_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
