/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Certificates as the administrator gives them, read and described. They are
 * trusted with nothing: what is said of them is checked first.
 */
#ifndef OFFHOOK_X509_H
#define OFFHOOK_X509_H

#include <gnutls/x509.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#define X509_DER_MAX    16384 /* one certificate */
#define X509_SERIAL_MAX 20    /* bytes; RFC 5280 */
#define X509_NAME_MAX   1024  /* text of a name */

enum x509_dn { X509_SUBJECT, X509_ISSUER };

/* NULL when it is no certificate. Free with gnutls_x509_crt_deinit(). */
gnutls_x509_crt_t x509_load(const uint8_t *der, size_t len);

/*
 * Each component of a name, the most specific first, tags as the ASA has them
 * ("cn", "hostname"); values are printable.
 */
void x509_name_each(gnutls_x509_crt_t crt, enum x509_dn which, void (*fn)(void *ctx, const char *tag, const char *value), void *ctx);
void x509_request_name_each(gnutls_x509_crq_t crq, void (*fn)(void *ctx, const char *tag, const char *value), void *ctx);

/* The same as one line: "cn=gw.example,o=Lab". */
void x509_name_text(gnutls_x509_crt_t crt, enum x509_dn which, char *out, size_t size);
void x509_der_name_text(const uint8_t *der, size_t len, enum x509_dn which, char *out, size_t size);

/* Serial number in lower-case hex, as an ASA prints it. */
void x509_serial_text(gnutls_x509_crt_t crt, char *out, size_t size);

bool x509_same_issuer_and_subject(gnutls_x509_crt_t crt);
/* Did `issuer` sign crt: names and signature, whatever its digest and dates. */
bool x509_issued_by(gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer);
/* 1 yes, 0 no, -1 when nothing in the certificate says so. */
int x509_is_ca(gnutls_x509_crt_t crt);

/*
 * May it be used here at all: algorithm and size of the key, digest, serial
 * number. False, and the reason in why.
 */
bool x509_acceptable(gnutls_x509_crt_t crt, char *why, size_t size);

/* "SHA1 Fingerprint:   ..." and SHA256, each on a line behind head. */
void x509_fingerprints_print(const char *head, const uint8_t *der, size_t len, FILE *f);
/* Groups of eight digits; the name and its blanks stand before. */
void x509_digest_print(const char *name, gnutls_digest_algorithm_t algorithm, const uint8_t *der, size_t len, FILE *f);
/* Lower-case digits without groups; "" when out is too small. */
void x509_digest_hex(gnutls_digest_algorithm_t algorithm, const uint8_t *der, size_t len, char *out, size_t size);
/* Base64 of the SHA-1: what a phone's configuration calls certHash (protocol.md 4.2). */
void x509_cert_hash(const uint8_t *der, size_t len, char out[29]);

#endif
