/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef LOAD_RECORD_H
#define LOAD_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <openssl/ssl.h>

#define RECORD_HEAD 13
#define RECORD_ROOM 80	/* what a record is longer than its content, at most */

/* What a DTLS channel is sealed with, and how it is asked for in the CONNECT. */
struct cipher {
	const char *name;
	const char *old, *new;	/* for X-DTLS-CipherSuite or X-DTLS12-CipherSuite: OpenSSL's name of it */
	const char *digest;	/* of the key derivation */
	unsigned key_len;
	bool gcm;		/* else CBC with SHA-1 */
};

/* NULL: there is none of that name. */
const struct cipher *cipher_find(const char *name);
void cipher_print_all(void);

/*
 * The application records of a channel whose handshake OpenSSL has done, sealed
 * and opened here, so that many can go in one datagram call. Zeroed = none.
 */
struct record;

/* master has 48 bytes. NULL: the library does not have it. */
struct record *record_new(const struct cipher *cipher, SSL *ssl, const uint8_t *master);
void record_free(struct record *r);	/* or NULL */

/* One record of type 23 with this content; out has room for len + RECORD_ROOM. Returns its length. */
size_t record_seal(struct record *r, uint8_t *out, const uint8_t *content, size_t len);
/* Open one whole record; out has room for len. Returns the length of the content, -1 if it is not right. */
long record_open(struct record *r, uint8_t *out, const uint8_t *in, size_t len);

#endif
