/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The identities that certauth says it holds: their public parts. */
#ifndef OFFHOOK_MAIN_IDENTITY_H
#define OFFHOOK_MAIN_IDENTITY_H

#include <stddef.h>
#include <stdint.h>

#include "common/ipc.h"

struct main_identity {
	struct main_identity *next;
	char *trustpoint;
	uint32_t key_algo, key_bits;
	uint8_t *chain; /* as in messages: length and DER, repeated */
	uint32_t chain_len;
	const uint8_t *leaf;
	uint32_t leaf_len;
	char sha1[41], sha256[65]; /* of the leaf's DER */
};

/* Take what certauth says; an empty chain removes. */
void main_identity_set(const struct ipc_identity *m);
const struct main_identity *main_identity_find(const char *trustpoint); /* NULL: none */
const struct main_identity *main_identity_first(void);
/* certauth is a new process and will tell again. */
void main_identity_clear(void);

#endif
