/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pasted base64, with or without armour lines, to bytes and back. */
#ifndef OFFHOOK_PEM_H
#define OFFHOOK_PEM_H

#include <stddef.h>
#include <stdio.h>

/*
 * Decode the base64 of a paste: the first armoured block when there is one,
 * else all of it; blanks and line lengths do not matter. *out is malloc'ed.
 * 0, or ERR_INVALID.
 */
int pem_get(const char *text, size_t len, unsigned char **out, size_t *out_len);

/* Write DER as PEM. */
void pem_put(const char *label, const unsigned char *der, size_t len, FILE *f);

#endif
