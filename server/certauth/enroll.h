/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making certificates of our own, and requests for them to a CA: crypto ca enroll. */
#ifndef OFFHOOK_ENROLL_H
#define OFFHOOK_ENROLL_H

#include "common/ipc.h"
#include "server/certauth/store.h"

#define ENROLL_TEXT_MAX 256

#define MODULUS_MIN 1024 /* below, GnuTLS and the clients refuse a key */
#define MODULUS_MAX 4096

/* Write "what: reason" for the operator and return code. */
int enroll_fail(char text[ENROLL_TEXT_MAX], int code, const char *what, int gnutls_code);
/* The same for what the store returned. */
int enroll_store_fail(char text[ENROLL_TEXT_MAX], int code);

/*
 * A request (PKCS#10, SHA-256) for the key: subject, subjectAltName, key usage
 * by the key's algorithm (RSA: with keyEncipherment, without which RSA suites
 * fail, protocol.md 6.2). *der is for gnutls_free(). 0, or an error with `text`.
 */
int enroll_request(gnutls_x509_privkey_t key, const struct ipc_enroll *ask, gnutls_datum_t *der, char text[ENROLL_TEXT_MAX]);

/*
 * A self-signed certificate for the key, of what that request says: SHA-256, ten
 * years, a serial number of its own. Stored as the trustpoint's identity. 0, or an error with `text`.
 */
int enroll_self(struct store *st, gnutls_x509_privkey_t key, const struct ipc_enroll *ask, char text[ENROLL_TEXT_MAX]);

#endif
