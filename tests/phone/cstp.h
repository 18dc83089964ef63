/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PHONE_CSTP_H
#define PHONE_CSTP_H

#include <stddef.h>
#include <stdint.h>

#include "bytes.h"

#define CSTP_HEAD 8

/* Packet types, byte 6 of a CSTP frame and byte 0 of a DTLS record (protocol.md 2.2). */
enum cstp_type {
	CSTP_DATA = 0,
	CSTP_DPD_OUT = 3,
	CSTP_DPD_RESP = 4,
	CSTP_DISCONNECT = 5,
	CSTP_KEEPALIVE = 7,
	CSTP_COMPRESSED = 8,
	CSTP_TERMINATE = 9,
};

#define CSTP_REASON_QUIT 0xb0	/* first payload byte of a DISCONNECT: the user wanted it */

struct cstp_frame {
	uint8_t type;
	const uint8_t *payload;	/* points into the input */
	size_t len;
};

/*
 * Look at the front of in. Returns the bytes that the frame takes, 0 if there
 * is no whole frame yet, -1 when the bytes are no frame.
 */
int cstp_frame_get(const uint8_t *in, size_t in_len, struct cstp_frame *f);
/* Append one frame; len at most 65535. */
void cstp_frame_put(struct buf *out, uint8_t type, const void *payload, size_t len);

#endif
