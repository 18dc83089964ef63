/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/batch.h"

#include "common/buf.h"
#include "common/err.h"

uint8_t *
batch_add(struct batch *b, enum batch_type type, uint8_t tag, size_t len)
{
	struct wr w = wr_init(b->bytes + b->len, BATCH_MAX - b->len);

	wr_u8(&w, (uint8_t)type);
	wr_u8(&w, tag);
	wr_u16(&w, (uint16_t)len);
	b->len += BATCH_HEAD + len;
	return w.p;
}

int
batch_next(const uint8_t *bytes, size_t len, size_t *pos, struct batch_item *out)
{
	struct rd r = rd_init(bytes + *pos, len - *pos);

	if (rd_left(&r) == 0)
		return 0;
	out->type = rd_u8(&r);
	out->tag = rd_u8(&r);
	out->len = rd_u16(&r);
	out->data = rd_bytes(&r, out->len);
	if (out->data == NULL || out->len > BATCH_ITEM_MAX)
		return ERR_BAD_MESSAGE;
	*pos += BATCH_HEAD + out->len;
	return 1;
}
