/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/unit.h"

#include "common/batch.h"
#include "common/err.h"

static struct batch batch;

static void
put(enum batch_type type, uint8_t tag, const void *data, size_t len)
{
	assert_true(batch_fits(&batch, len));
	memcpy(batch_add(&batch, type, tag, len), data, len);
}

T(items_come_out_as_they_went_in)
{
	struct batch_item item;
	size_t pos = 0;

	UNUSED;
	batch.len = 0;
	put(BATCH_PACKET, 0, "packet", 6);
	put(BATCH_DGRAM, 3, "dgram", 5);
	put(BATCH_PEER_UP, 2, "", 0);
	assert_int_equal(batch_next(batch.bytes, batch.len, &pos, &item), 1);
	assert_int_equal(item.type, BATCH_PACKET);
	assert_int_equal(item.len, 6);
	assert_memory_equal(item.data, "packet", 6);
	assert_int_equal(batch_next(batch.bytes, batch.len, &pos, &item), 1);
	assert_int_equal(item.type, BATCH_DGRAM);
	assert_int_equal(item.tag, 3);
	assert_memory_equal(item.data, "dgram", 5);
	assert_int_equal(batch_next(batch.bytes, batch.len, &pos, &item), 1);
	assert_int_equal(item.type, BATCH_PEER_UP);
	assert_int_equal(item.tag, 2);
	assert_int_equal(item.len, 0);
	assert_int_equal(batch_next(batch.bytes, batch.len, &pos, &item), 0);
	assert_int_equal(pos, batch.len);
}

T(a_batch_fills_to_its_last_byte)
{
	static uint8_t data[BATCH_ITEM_MAX];
	size_t last = BATCH_MAX - (BATCH_HEAD + BATCH_ITEM_MAX) - BATCH_HEAD;
	struct batch_item item;
	size_t pos = 0;

	UNUSED;
	batch.len = 0;
	put(BATCH_PACKET, 0, data, BATCH_ITEM_MAX);
	assert_false(batch_fits(&batch, last + 1));
	put(BATCH_PACKET, 0, data, last);
	assert_int_equal(batch.len, BATCH_MAX);
	assert_false(batch_fits(&batch, 0));
	assert_int_equal(batch_next(batch.bytes, batch.len, &pos, &item), 1);
	assert_int_equal(batch_next(batch.bytes, batch.len, &pos, &item), 1);
	assert_int_equal(batch_next(batch.bytes, batch.len, &pos, &item), 0);
}

T(every_truncation_is_refused_or_ends_between_items)
{
	UNUSED;
	batch.len = 0;
	put(BATCH_PACKET, 0, "packet", 6);
	put(BATCH_DGRAM, 3, "dgram", 5);
	for (size_t len = 0; len < batch.len; len++) {
		uint8_t *p = exact(batch.bytes, len);
		struct batch_item item;
		size_t pos = 0;
		int r;

		while ((r = batch_next(p, len, &pos, &item)) == 1)
			assert_true(item.data + item.len <= p + len);
		assert_int_equal(r, len == 0 || len == BATCH_HEAD + 6 ? 0 : ERR_BAD_MESSAGE);
		free(p);
	}
}

T(an_item_above_its_maximum_is_refused)
{
	static uint8_t bytes[BATCH_MAX] = { BATCH_PACKET, 0, (BATCH_ITEM_MAX + 1) >> 8, (BATCH_ITEM_MAX + 1) & 255 };
	struct batch_item item;
	size_t pos = 0;

	UNUSED;
	assert_int_equal(batch_next(bytes, sizeof(bytes), &pos, &item), ERR_BAD_MESSAGE);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(items_come_out_as_they_went_in),
		cmocka_unit_test(a_batch_fills_to_its_last_byte),
		cmocka_unit_test(every_truncation_is_refused_or_ends_between_items),
		cmocka_unit_test(an_item_above_its_maximum_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
