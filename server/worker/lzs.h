/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * LZS (ANSI X3.241, RFC 1974): one packet is one block that stands alone
 * (protocol.md 5). Pure; a bit stream, most significant bit first:
 *
 *   0 bbbbbbbb                  a byte
 *   1 1 ooooooo  length         a match, 1 to 127 bytes back; offset 0: the end
 *   1 0 ooooooooooo  length     a match, up to 2047 bytes back
 *   length  00 01 10: 2 3 4; 1100 1101 1110: 5 6 7; 1111: 8, and groups of four
 *           bits are added to it, up to and with the first that is not 1111
 */
#ifndef OFFHOOK_LZS_H
#define OFFHOOK_LZS_H

#include <stddef.h>
#include <stdint.h>

#define LZS_WINDOW     2048 /* offsets are below it */
#define LZS_HASH       1024
#define LZS_PACKET_MAX 16384

struct lzs { /* of the encoder, while it works on a packet */
	uint16_t head[LZS_HASH];   /* last place of this hash, plus 1 */
	uint16_t prev[LZS_WINDOW]; /* the one before it, by place modulo the window */
};

/* Bytes written; 0: more than size, or longer than LZS_PACKET_MAX. */
size_t lzs_compress(struct lzs *z, const uint8_t *in, size_t len, uint8_t *out, size_t size);

/* Bytes written; 0: broken, without an end, or more than size. */
size_t lzs_decompress(const uint8_t *in, size_t len, uint8_t *out, size_t size);

#endif
