/* SPDX-License-Identifier: GPL-2.0-or-later */
/* OCSP requests and responses (RFC 6960); answers are kept until their next update. */
#ifndef OFFHOOK_OCSP_H
#define OFFHOOK_OCSP_H

#include <gnutls/x509.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OCSP_NONCE_BYTES 16

enum ocsp_state { OCSP_GOOD, OCSP_REVOKED, OCSP_NONE };

struct ocsp_request {
	gnutls_datum_t der; /* gnutls_free() it */
	bool has_nonce;
	uint8_t nonce[OCSP_NONCE_BYTES];
	gnutls_x509_crt_t signer; /* who may sign the response besides the issuer; NULL: nobody */
};

/* 0, or a GnuTLS error. */
int ocsp_request_make(gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer, bool nonce, struct ocsp_request *out);

/*
 * Judge a response: signed by the issuer, by one it entitled or by the request's signer, for this
 * certificate, of now, with our nonce. A definite answer is remembered. *why is set for OCSP_NONE.
 */
enum ocsp_state ocsp_response_check(const uint8_t *data, size_t len, gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer,
    const struct ocsp_request *request, const char **why);

/* What a response said that still holds; else OCSP_NONE. */
enum ocsp_state ocsp_remembered(gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer);

void ocsp_forget_all(void);

#endif
