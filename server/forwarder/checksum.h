/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The internet checksum (RFC 1071). Sums are of 16-bit words in the order
 * of this machine; the checksum is put as it is computed. Pure.
 */
#ifndef OFFHOOK_CHECKSUM_H
#define OFFHOOK_CHECKSUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* sum with len more bytes, an even number if more follow. */
static inline uint32_t
checksum_add(uint32_t sum, const uint8_t *p, size_t len)
{
	unsigned __int128 wide = sum;
	uint64_t word, all;

	for (; len >= sizeof(word); p += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		wide += word;
	}
	word = 0;
	memcpy(&word, p, len); /* zeros behind an odd byte, as the RFC has it, on a little-endian machine ... */
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	word = len > 0 ? word >> 8 * (8 - len) << 8 * (len & 1) : 0; /* ... and on a big-endian one */
#endif
	wide += word;
	all = (uint64_t)wide;
	all = (all >> 32) + (all & UINT32_MAX) + (uint64_t)(wide >> 64);
	all = (all >> 32) + (all & UINT32_MAX);
	return (uint32_t)(all >> 16) + (uint32_t)(all & 0xffff);
}

/* 16 bits of the sum. */
static inline uint16_t
checksum_fold(uint32_t sum)
{
	sum = (sum >> 16) + (sum & 0xffff);
	return (uint16_t)(sum + (sum >> 16));
}

static inline void
checksum_put(uint8_t *at, uint16_t value)
{
	memcpy(at, &value, sizeof(value));
}

/* Of an IPv4 header, into it. */
static inline void
checksum_ip4_put(uint8_t *head, size_t len)
{
	checksum_put(head + 10, 0);
	checksum_put(head + 10, (uint16_t)~checksum_fold(checksum_add(0, head, len)));
}

/* The pseudo header of a TCP, UDP or ICMPv6 message of len bytes in the packet (RFC 793, RFC 8200 8.1). */
static inline uint32_t
checksum_pseudo(const uint8_t *packet, uint8_t protocol, size_t len)
{
	uint8_t tail[8] = { (uint8_t)(len >> 24), (uint8_t)(len >> 16), (uint8_t)(len >> 8), (uint8_t)len, 0, 0, 0, protocol };
	bool six = packet[0] >> 4 == 6;

	return checksum_add(checksum_add(0, tail, sizeof(tail)), packet + (six ? 8 : 12), six ? 32 : 8);
}

#endif
