/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The identities (private key and certificate chain) that certauth holds, in
 * memory and as one file each in its directory, which is its root. A file is
 * PEM: the key, then the chain, leaf first; mode 0600, replaced atomically.
 */
#ifndef OFFHOOK_STORE_H
#define OFFHOOK_STORE_H

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdbool.h>
#include <stddef.h>

#define STORE_CHAIN_MAX 8

struct identity {
	struct identity *next;
	char *trustpoint;
	gnutls_privkey_t key;
	unsigned chain_count;
	gnutls_datum_t chain[STORE_CHAIN_MAX]; /* DER, leaf first */
	int key_algo;                          /* gnutls_pk_algorithm_t */
	unsigned key_bits;
};

struct store {
	int dir_fd;
	struct identity *first;
};

/* Open the directory (certauth's root, so "/" after the sandbox, else its path) and load all. 0 or ERR_SYSTEM. */
int store_open(struct store *st, const char *dir);

struct identity *store_find(struct store *st, const char *trustpoint);

/*
 * Take a key with its chain as the identity of a trustpoint, on disk first,
 * then in memory in place of an older one. key and chain stay the caller's.
 * 0, ERR_SYSTEM (nothing changed), ERR_KEY, ERR_LONG.
 */
int store_put(struct store *st, const char *trustpoint, gnutls_x509_privkey_t key,
    const gnutls_datum_t *chain, unsigned count);

/* Remove from disk and memory. ERR_NOT_FOUND when there is none. */
int store_remove(struct store *st, const char *trustpoint);

/* The chain as messages carry it: 4-byte length and DER, repeated. Returns bytes written, 0 when it does not fit. */
size_t identity_chain_put(const struct identity *id, void *out, size_t size);

#endif
