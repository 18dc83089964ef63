/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key pairs and the requests to CAs that certauth says it holds: their public parts. */
#ifndef OFFHOOK_MAIN_KEYPAIR_H
#define OFFHOOK_MAIN_KEYPAIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/ipc.h"

#define KEYPAIR_RSA_DEFAULT   "<Default-RSA-Key>"
#define KEYPAIR_ECDSA_DEFAULT "<Default-ECDSA-Key>"

struct cfg_trustpoint;
struct config;

struct main_keypair {
	struct main_keypair *next; /* by label */
	char *label;
	uint32_t algo, bits;       /* algo is gnutls_pk_algorithm_t */
	uint64_t made;             /* time_t */
	uint8_t *public;           /* SubjectPublicKeyInfo */
	uint32_t public_len;
};

struct main_csr {
	struct main_csr *next;
	char *trustpoint;
	uint8_t *der;
	uint32_t len;
	bool configured; /* its trustpoint has been in force */
};

/* Take what certauth says; an empty one removes. */
void main_keypair_set(const struct ipc_key_info *m);
void main_csr_set(const struct ipc_csr_pending *m);
const struct main_keypair *main_keypair_find(const char *label); /* NULL: none */
const struct main_keypair *main_keypair_first(void);
const struct main_csr *main_csr_find(const char *trustpoint); /* NULL: none waits */
/* Part of identity_reconcile(). */
void main_csr_reconcile(const struct config *cfg);
/* certauth is a new process and will tell again. */
void main_keypair_clear(void);

/* The label of the key pair that a trustpoint's certificates are for. */
const char *keypair_label(const struct cfg_trustpoint *tp);
/* "RSA" or "ECDSA". */
const char *keypair_algo_name(uint32_t algo);

#endif
