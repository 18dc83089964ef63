/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/worker/cstp.h"

#include <stdio.h>
#include <string.h>

#include "common/buf.h"
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

void
cstp_fault(const uint8_t *data, size_t len, struct cstp_fault *out)
{
	bool magic = len >= 4 && memcmp(data, "STF", 3) == 0;

	*out = (struct cstp_fault){ .number = 722017, .arg2 = "0" };
	if (magic && data[3] != 1) {
		out->number = 722018;
		snprintf(out->arg1, sizeof(out->arg1), "%u", data[3]);
		snprintf(out->arg2, sizeof(out->arg2), "1");
	} else if (magic && len >= CSTP_HEAD && data[7] == 0) {
		out->number = 722016;
		snprintf(out->arg1, sizeof(out->arg1), "%u", (unsigned)data[4] << 8 | data[5]);
		snprintf(out->arg2, sizeof(out->arg2), "%u", CSTP_PAYLOAD_MAX);
	} else {
		hex_put(data, len < CSTP_HEAD ? len : CSTP_HEAD, out->arg1);
		if (len >= CSTP_HEAD)
			snprintf(out->arg2, sizeof(out->arg2), "%u", data[7]);
	}
}

const char *
cstp_type_name(unsigned type)
{
	static const char *const names[] = {
		[CSTP_DATA] = "data", [CSTP_DPD_OUT] = "dpd-request", [CSTP_DPD_RESP] = "dpd-response", [CSTP_DISCONNECT] = "disconnect",
		[CSTP_KEEPALIVE] = "keepalive", [CSTP_COMPRESSED] = "compressed", [CSTP_TERMINATE] = "terminate",
	};

	return type < sizeof(names) / sizeof(names[0]) && names[type] != NULL ? names[type] : "unknown";
}
