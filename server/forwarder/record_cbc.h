/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HMAC-SHA1 over a CBC record; the check of MAC and padding in constant time (Lucky 13; protocol.md 6.6). Pure. */
#ifndef OFFHOOK_RECORD_CBC_H
#define OFFHOOK_RECORD_CBC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CBC_BLOCK 16
#define CBC_MAC   20
#define CBC_HEAD  13 /* number, type, version, length: what is authenticated before the content */

struct cbc_mac {
	uint32_t inner[5], outer[5]; /* SHA-1 behind the key's block */
};

void cbc_mac_init(struct cbc_mac *m, const uint8_t key[CBC_MAC]);

/* The MAC of len bytes. */
void cbc_mac(const struct cbc_mac *m, const uint8_t *message, size_t len, uint8_t out[CBC_MAC]);

/*
 * Is this the plaintext of a record: content, MAC, padding? n bytes, a multiple of the
 * block; before them CBC_HEAD bytes that may be written. start: the first 11
 * bytes that are authenticated. *len: of the content. The time taken depends on n alone.
 */
bool cbc_check(const struct cbc_mac *m, uint8_t *plain, size_t n, const uint8_t start[11], size_t *len);

#endif
