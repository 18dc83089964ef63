/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CSTP packets (protocol.md 2.1, 2.2). Pure: bytes in, packets out. */
#ifndef OFFHOOK_CSTP_H
#define OFFHOOK_CSTP_H

#include <stddef.h>
#include <stdint.h>

#define CSTP_HEAD        8
#define CSTP_PAYLOAD_MAX 16384

enum cstp_type {
	CSTP_DATA = 0,
	CSTP_DPD_OUT = 3,
	CSTP_DPD_RESP = 4,
	CSTP_DISCONNECT = 5,
	CSTP_KEEPALIVE = 7,
	CSTP_COMPRESSED = 8,
	CSTP_TERMINATE = 9,
};

/* "data", "dpd-request", ...; "unknown" */
const char *cstp_type_name(unsigned type);

#define CSTP_BYE_USER 0xB0 /* first payload byte of a DISCONNECT that the user asked for */

struct cstp_packet {
	uint8_t type;
	const uint8_t *payload;
	size_t len;
};

/* Write the 8 bytes of header for a payload of len. */
void cstp_head_put(uint8_t head[CSTP_HEAD], enum cstp_type type, size_t len);

/*
 * The packet at the start of data. Returns the bytes it takes, 0 when more are
 * needed, ERR_BAD_MESSAGE when this is not CSTP (magic, version, reserved
 * byte), ERR_LONG when the payload is above CSTP_PAYLOAD_MAX.
 */
int cstp_packet_get(const uint8_t *data, size_t len, struct cstp_packet *out);

/* What cstp_packet_get() refused, as a message of the ASA's catalogue (asa-reference 3.2) with its arguments. */
struct cstp_fault {
	unsigned number; /* 722016, 722017, 722018 */
	char arg1[24], arg2[24];
};

void cstp_fault(const uint8_t *data, size_t len, struct cstp_fault *out);

#endif
