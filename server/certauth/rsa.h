/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RSA with a private key, by OpenSSL's libcrypto: most of what a handshake
 * costs. GnuTLS 3.7.9 has nettle blind each operation with an inversion of
 * its own, and takes twice as long.
 */
#ifndef OFFHOOK_RSA_H
#define OFFHOOK_RSA_H

#include <gnutls/abstract.h>
#include <stddef.h>
#include <stdint.h>

#define RSA_PREMASTER_BYTES 48

struct rsa_key;

/* Before the sandbox: libcrypto reads no configuration of the host's, and has what it needs. */
void rsa_prepare(void);

/* A copy of an RSA key for rsa_key_free(); NULL: it is none, or libcrypto refuses it. */
struct rsa_key *rsa_key_new(gnutls_privkey_t key);
void rsa_key_free(struct rsa_key *k);

/* Sign what PKCS#1 v1.5 pads as it is: a DigestInfo, or 36 bytes in TLS 1.0. Length in out, or ERR_KEY, ERR_LONG. */
int rsa_sign_raw(const struct rsa_key *k, const void *data, size_t len, uint8_t *out, size_t size);

/* Sign a hash with one of GnuTLS's algorithms: PKCS#1 v1.5, or PSS with a salt as long as the hash (RFC 8446 4.2.3). */
int rsa_sign_hash(const struct rsa_key *k, gnutls_sign_algorithm_t algorithm, const void *hash, size_t len, uint8_t *out, size_t size);

/*
 * Decrypt a premaster secret of a client whose ClientHello had this version
 * (its wire form). What is none leaves out as it was, or gives random bytes,
 * in the same time (RFC 5246 7.4.7.1): it is no oracle.
 */
void rsa_premaster(const struct rsa_key *k, unsigned version, const void *data, size_t len, uint8_t out[RSA_PREMASTER_BYTES]);

#endif
