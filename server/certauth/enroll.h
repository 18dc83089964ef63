/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making and importing identities: crypto ca enroll (self-signed), crypto ca import pkcs12. */
#ifndef OFFHOOK_ENROLL_H
#define OFFHOOK_ENROLL_H

#include "common/ipc.h"
#include "server/certauth/store.h"

#define ENROLL_TEXT_MAX 256

/*
 * A new RSA key and a self-signed certificate for it: SHA-256, ten years,
 * digitalSignature and keyEncipherment (without which RSA suites fail, protocol.md
 * 6.2), names as subjectAltName. Stored. 0, or an error with `text` for the operator.
 */
int enroll_self(struct store *st, const struct ipc_enroll *ask, char text[ENROLL_TEXT_MAX]);

/*
 * Take key and chain out of a PKCS#12 file and store them. *ca gets the DER of
 * the leaf's issuer if it is in the file (gnutls_free), else stays empty.
 */
int import_p12(struct store *st, const struct ipc_import_p12 *ask, gnutls_datum_t *ca, char text[ENROLL_TEXT_MAX]);

#endif
