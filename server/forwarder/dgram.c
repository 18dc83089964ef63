/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/forwarder/dgram.h"

#include "common/buf.h"

enum { CHANGE_CIPHER = 20, HANDSHAKE = 22, DATA = 23 };
enum { CLIENT_HELLO = 1, RANDOM_BYTES = 32, EXTENSION_APP_ID = 48018 };

/* The app id that old OpenConnects put into an extension; NULL: none (protocol.md 3.4). */
static const uint8_t *
app_id_get(struct rd *hello)
{
	struct rd all;

	rd_bytes(hello, rd_u8(hello));  /* cookie */
	rd_bytes(hello, rd_u16(hello)); /* suites */
	rd_bytes(hello, rd_u8(hello));  /* compression */
	all = rd_sub(hello, rd_u16(hello));
	while (rd_left(&all) > 0) {
		unsigned type = rd_u16(&all);
		struct rd body = rd_sub(&all, rd_u16(&all));

		if (type == EXTENSION_APP_ID && rd_u8(&body) == DTLS_ID_BYTES)
			return rd_bytes(&body, DTLS_ID_BYTES);
	}
	return NULL;
}

/* A whole ClientHello is wanted, in one piece; its handshake header says both. */
static enum dgram_kind
hello_parse(struct rd *record, const uint8_t **id)
{
	uint32_t length = rd_u24(record), offset, fragment;
	const uint8_t *app_id;
	struct rd hello;
	unsigned id_len;

	rd_u16(record);
	offset = rd_u24(record);
	fragment = rd_u24(record);
	hello = rd_sub(record, length);
	if (record->bad || hello.bad || offset != 0 || fragment != length)
		return DGRAM_NONE;
	rd_u16(&hello);
	rd_bytes(&hello, RANDOM_BYTES);
	id_len = rd_u8(&hello);
	*id = rd_bytes(&hello, id_len);
	if (hello.bad)
		return DGRAM_NONE;
	if ((app_id = app_id_get(&hello)) != NULL)
		*id = app_id;
	return app_id != NULL || id_len == DTLS_ID_BYTES ? DGRAM_HELLO : DGRAM_NONE;
}

enum dgram_kind
dgram_parse(const uint8_t *data, size_t len, const uint8_t **id)
{
	struct rd r = rd_init(data, len), record;
	unsigned type = rd_u8(&r), epoch;

	rd_u16(&r);
	epoch = rd_u16(&r);
	rd_bytes(&r, 6);
	record = rd_sub(&r, rd_u16(&r));
	if (record.bad || type < CHANGE_CIPHER || type > DATA)
		return DGRAM_NONE;
	if (type == DATA)
		return DGRAM_DATA;
	if (type == HANDSHAKE && epoch == 0 && rd_left(&record) > 0 && rd_u8(&record) == CLIENT_HELLO)
		return hello_parse(&record, id);
	return DGRAM_OTHER;
}
