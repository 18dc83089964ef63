/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the forwarder reads in an outer datagram: whose first one it is (protocol.md 3.1, 3.4). Pure. */
#ifndef OFFHOOK_DGRAM_H
#define OFFHOOK_DGRAM_H

#include <stddef.h>
#include <stdint.h>

#define DTLS_ID_BYTES   32
#define DTLS_HEAD_BYTES 13

enum dgram_kind {
	DGRAM_NONE,  /* no DTLS record */
	DGRAM_HELLO, /* a ClientHello that names a session */
	DGRAM_DATA,  /* begins with a record of application data */
	DGRAM_OTHER, /* handshake, alert, change of cipher */
};

/* *id: the 32 bytes of a hello's session id, in the datagram. A hello without one is DGRAM_NONE. */
enum dgram_kind dgram_parse(const uint8_t *data, size_t len, const uint8_t **id);

#endif
