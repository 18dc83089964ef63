/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pasted base64, with or without armour lines, to bytes and back. */
#ifndef OFFHOOK_PEM_H
#define OFFHOOK_PEM_H

#include <stddef.h>
#include <stdio.h>

#define PEM_ITEMS_MAX 16

/*
 * Decode the base64 of a paste: the first armoured block when there is one,
 * else all of it; blanks and line lengths do not matter. *out is malloc'ed.
 * 0, or ERR_INVALID.
 */
int pem_get(const char *text, size_t len, unsigned char **out, size_t *out_len);

struct pem_list {
	size_t count;
	struct {
		unsigned char *der;
		size_t len;
	} item[PEM_ITEMS_MAX];
};

/*
 * All certificates of a paste: each armoured block, or without any the whole as
 * one. The same one twice counts once. 0, or ERR_INVALID with *why; pem_list_clear() in any case.
 */
int pem_get_all(const char *text, size_t len, struct pem_list *list, const char **why);
void pem_list_clear(struct pem_list *list);

/* Write DER as PEM. */
void pem_put(const char *label, const unsigned char *der, size_t len, FILE *f);

#endif
