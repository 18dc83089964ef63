/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The identities that certauth says it holds: their public parts. */
#ifndef OFFHOOK_MAIN_IDENTITY_H
#define OFFHOOK_MAIN_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/ipc.h"

struct config;

struct main_identity {
	struct main_identity *next;
	char *trustpoint;
	uint32_t key_algo, key_bits;
	uint8_t *chain; /* as in messages: length and DER, repeated */
	uint32_t chain_len;
	const uint8_t *leaf;
	uint32_t leaf_len;
	char sha1[41], sha256[65]; /* of the leaf's DER */
	bool configured;           /* its trustpoint has been in force */
};

/* Take what certauth says; an empty chain removes. */
void main_identity_set(const struct ipc_identity *m);
const struct main_identity *main_identity_find(const char *trustpoint); /* NULL: none */
const struct main_identity *main_identity_first(void);
/* certauth is a new process and will tell again. */
void main_identity_clear(void);

/*
 * A configuration was put in force: certauth forgets the identities and
 * requests of trustpoints that were removed. One whose trustpoint was never in
 * force (a start with an older configuration) is kept.
 */
void identity_reconcile(const struct config *cfg);
/* While an import makes a trustpoint, its identity may be there first: identity_reconcile() waits. */
void identity_import_begin(void);
void identity_import_end(void);

/* Name each trustpoint whose certificate in the configuration has no private key here, or another one in use. */
void identity_missing_report(const struct config *cfg, FILE *f);

#define IDENTITY_CHAIN_ROOT_MAX 4096 /* bytes of a chain with its root; phones take no more (asa-reference 4.7) */

/*
 * What is served for an identity: its chain, the intermediates that CA
 * certificates of the configuration add, and the root when it is the
 * trustpoint's own CA certificate and the whole stays small. As messages carry it.
 * Returns its length (0: it does not fit). missing (may be NULL) becomes the
 * name of the issuer that was not found, "" when the chain is complete.
 */
size_t identity_chain_complete(const struct config *cfg, const struct main_identity *id, uint8_t *out, size_t size,
    char *missing, size_t missing_size);

#endif
