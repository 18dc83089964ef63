/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Identities from outside and to outside: crypto ca import certificate and pkcs12, crypto ca export pkcs12. */
#ifndef OFFHOOK_IMPORT_H
#define OFFHOOK_IMPORT_H

#include "common/ipc.h"
#include "server/certauth/enroll.h"
#include "server/certauth/store.h"

/*
 * Take the certificate that a CA issued into the trustpoint, with those of
 * `certs` that lead up from it. It must fit the key pair, or the key that the
 * trustpoint has already. *ca gets the DER of its issuer if that is among
 * them (gnutls_free). A request that waited is done. 0, or an error with `text`.
 */
int import_certificate(struct store *st, const struct ipc_import_crt *ask, gnutls_datum_t *ca, char text[ENROLL_TEXT_MAX]);

/* What a PKCS#12 file holds. Opening may take long (its passphrase is stretched) and touches nothing else. */
struct p12_parts {
	gnutls_x509_privkey_t key;
	gnutls_x509_crt_t *chain, *extra;
	unsigned chain_count, extra_count;
};

int p12_open(const gnutls_datum_t *der, const char *passphrase, struct p12_parts *parts, char text[ENROLL_TEXT_MAX]);
void p12_parts_clear(struct p12_parts *parts);

/* Store them as the identity of the trustpoint, the key also as the key pair of its name. *ca as above. */
int p12_store(struct store *st, const char *trustpoint, const struct p12_parts *parts, gnutls_datum_t *ca, char text[ENROLL_TEXT_MAX]);

/*
 * Make a PKCS#12 file of a key and certificates, leaf first (PBES2 with AES-256;
 * MAC with SHA-256). May take long, touches nothing else.
 */
int p12_make(gnutls_x509_privkey_t key, const gnutls_datum_t *certs, unsigned count, const char *name,
    const char *passphrase, gnutls_datum_t *der, char text[ENROLL_TEXT_MAX]);

#endif
