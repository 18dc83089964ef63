/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What certauth holds, in memory and as files in its directory, which is its
 * root: identities of trustpoints (private key and certificate chain), key
 * pairs by label, and requests to CAs that wait for their certificates.
 *
 * An identity has its own copy of its key: what phones are shown goes on while
 * a key pair is made anew, and changes only with the next certificate.
 */
#ifndef OFFHOOK_STORE_H
#define OFFHOOK_STORE_H

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STORE_CHAIN_MAX 8

struct rsa_key;

struct identity {
	struct identity *next;
	char *trustpoint;
	gnutls_privkey_t key;
	struct rsa_key *rsa; /* the same key, if it is an RSA key: what handshakes use */
	unsigned chain_count;
	gnutls_datum_t chain[STORE_CHAIN_MAX]; /* DER, leaf first */
	int key_algo;                          /* gnutls_pk_algorithm_t */
	unsigned key_bits;
};

struct keypair {
	struct keypair *next;
	char *label;
	gnutls_x509_privkey_t key;
	int algo; /* gnutls_pk_algorithm_t */
	unsigned bits;
	uint64_t made; /* time_t */
};

struct csr { /* public */
	struct csr *next;
	char *trustpoint;
	gnutls_datum_t der; /* gnutls_free() */
};

struct store {
	int dir_fd;
	struct identity *first;
	struct keypair *keypairs;
	struct csr *csrs;
};

/* Open the directory (certauth's root, so "/" after the sandbox, else its path) and load all. 0 or ERR_SYSTEM. */
int store_open(struct store *st, const char *dir);
/* Forget what is in memory; the files stay. */
void store_close(struct store *st);

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

/* Key pairs, the same way: the key stays the caller's. 0, ERR_SYSTEM (nothing changed), ERR_KEY; ERR_NOT_FOUND. */
struct keypair *store_keypair(struct store *st, const char *label);
int store_keypair_put(struct store *st, const char *label, gnutls_x509_privkey_t key, uint64_t made);
int store_keypair_remove(struct store *st, const char *label);

void store_keypairs_load(struct store *st); /* of store_open() and store_close() */
void store_keypairs_forget(struct store *st);

/* Requests to CAs; der stays the caller's. */
struct csr *store_csr(struct store *st, const char *trustpoint);
int store_csr_put(struct store *st, const char *trustpoint, const gnutls_datum_t *der);
int store_csr_remove(struct store *st, const char *trustpoint);
void store_csrs_load(struct store *st);
void store_csrs_forget(struct store *st);

/*
 * A serial number for a certificate: the time, but never one that was given
 * before, not even when the clock goes back. 0 or ERR_SYSTEM.
 */
int store_serial_next(struct store *st, uint64_t now, uint64_t *serial);

/* Is a key the other half of a certificate (DER); of an identity. */
bool key_fits_certificate(gnutls_x509_privkey_t key, const gnutls_datum_t *der);
bool key_is_of_identity(gnutls_x509_privkey_t key, const struct identity *id);
/* A copy of an identity's key, to be freed with gnutls_x509_privkey_deinit(); NULL without memory. */
gnutls_x509_privkey_t identity_key_copy(const struct identity *id);

/* The chain as messages carry it: 4-byte length and DER, repeated. Returns bytes written, 0 when it does not fit. */
size_t identity_chain_put(const struct identity *id, void *out, size_t size);

#endif
