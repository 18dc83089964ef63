/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ClientHello bodies for tests. */
#ifndef OFFHOOK_HELLO_MAKE_H
#define OFFHOOK_HELLO_MAKE_H

#include <string.h>

#include "common/buf.h"

struct hello_make {
	uint16_t version;
	const uint16_t *suites;
	size_t suite_count;
	const char *sni;          /* NULL: no extension */
	const uint16_t *versions; /* supported_versions, NULL: no extension */
	size_t version_count;
};

static inline size_t
hello_make(const struct hello_make *m, uint8_t *out, size_t size)
{
	struct wr w = wr_init(out, size), len;
	uint8_t *start;

	wr_u16(&w, m->version);
	memset(wr_room(&w, 32), 0xab, 32);
	wr_u8(&w, 0);
	wr_u16(&w, (uint16_t)(2 * m->suite_count));
	for (size_t i = 0; i < m->suite_count; i++)
		wr_u16(&w, m->suites[i]);
	wr_u8(&w, 1);
	wr_u8(&w, 0);
	if (m->sni == NULL && m->versions == NULL)
		return (size_t)(w.p - out);
	len = wr_init(wr_room(&w, 2), 2);
	start = w.p;
	if (m->sni != NULL) {
		size_t n = strlen(m->sni);

		wr_u16(&w, 0);
		wr_u16(&w, (uint16_t)(n + 5));
		wr_u16(&w, (uint16_t)(n + 3));
		wr_u8(&w, 0);
		wr_u16(&w, (uint16_t)n);
		wr_bytes(&w, m->sni, n);
	}
	wr_u16(&w, 23); /* extended_master_secret: nothing of ours */
	wr_u16(&w, 0);
	if (m->versions != NULL) {
		wr_u16(&w, 43);
		wr_u16(&w, (uint16_t)(1 + 2 * m->version_count));
		wr_u8(&w, (uint8_t)(2 * m->version_count));
		for (size_t i = 0; i < m->version_count; i++)
			wr_u16(&w, m->versions[i]);
	}
	wr_u16(&len, (uint16_t)(w.p - start));
	return (size_t)(w.p - out);
}

/* What clients offer: the lists of protocol.md 4.3 and of a desktop. */
static const uint16_t offer_79xx[] = { 0x0035, 0x002F, 0x000A, 0x00FF };
static const uint16_t offer_88xx[] = { 0xC030, 0xC02F, 0x0035, 0x002F, 0x00FF };
static const uint16_t offer_88xx_new[] = { 0xC02C, 0xC02B, 0xC030, 0xC02F, 0xC00A, 0xC009, 0xC014, 0xC013, 0x0035, 0x002F, 0x00FF };
static const uint16_t offer_desktop[] = { 0xC02C, 0xC030, 0x009F, 0xC02F, 0x009D, 0x009C, 0x0035, 0x002F };
static const uint16_t offer_tls13[] = { 0x1302, 0x1301, 0xC030, 0xC02F, 0x0035, 0x002F };

#endif
