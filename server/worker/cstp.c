/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/worker/cstp.h"

#include <string.h>

#include "common/err.h"

void
cstp_head_put(uint8_t head[CSTP_HEAD], enum cstp_type type, size_t len)
{
	memcpy(head, "STF\1", 4);
	head[4] = (uint8_t)(len >> 8);
	head[5] = (uint8_t)len;
	head[6] = (uint8_t)type;
	head[7] = 0;
}

int
cstp_packet_get(const uint8_t *data, size_t len, struct cstp_packet *out)
{
	size_t payload;

	if (memcmp(data, "STF\1", len < 4 ? len : 4) != 0)
		return ERR_BAD_MESSAGE;
	if (len < CSTP_HEAD)
		return 0;
	if (data[7] != 0)
		return ERR_BAD_MESSAGE;
	payload = (size_t)data[4] << 8 | data[5];
	if (payload > CSTP_PAYLOAD_MAX)
		return ERR_LONG;
	if (len < CSTP_HEAD + payload)
		return 0;
	*out = (struct cstp_packet){ data[6], data + CSTP_HEAD, payload };
	return (int)(CSTP_HEAD + payload);
}
