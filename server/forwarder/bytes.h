/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fields of packets in place, in network order. What could be too short is checked by the caller (else: common/buf.h). */
#ifndef OFFHOOK_FORWARDER_BYTES_H
#define OFFHOOK_FORWARDER_BYTES_H

#include <stddef.h>
#include <stdint.h>

static inline uint16_t
get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t
get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

/* The low 16 bits. */
static inline void
put16(uint8_t *p, size_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline void
put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

#endif
