/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A client's certificate chain: is it good, by which trustpoint, and whose is it. */
#ifndef OFFHOOK_CHAIN_H
#define OFFHOOK_CHAIN_H

#include <gnutls/x509.h>

#include "common/ipc.h"
#include "server/certauth/policy.h"

#define CHAIN_CERTS_MAX 8
#define CHAIN_TEXT_MAX  900
#define CHAIN_USER_MAX  129 /* verdict's user, with NUL */

struct chain {
	unsigned count;
	gnutls_x509_crt_t crts[CHAIN_CERTS_MAX]; /* leaf first */
	char serial[2 * 64 + 1];                 /* of the leaf, upper-case hex */
	char subject[CHAIN_TEXT_MAX], issuer[CHAIN_TEXT_MAX];
};

/* From the bytes of a message (length and DER, repeated). 0, ERR_CERTIFICATE, ERR_LONG. chain_clear() in any case. */
int chain_get(struct chain *c, const struct ipc_blob *bytes);
void chain_clear(struct chain *c);

/*
 * Validate against all trustpoints of the policy: signatures (SHA-1 allowed,
 * old phones' MIC have nothing else; MD5 not), validity dates, key purpose
 * clientAuth. An intermediate CA in a trustpoint is an anchor (asa-reference
 * 4.3). 0 and *by, the trustpoint that vouches; or ERR_CERTIFICATE and `text`,
 * in the words of message 717009.
 */
int chain_verify(const struct chain *c, const struct auth_policy *p, const struct auth_trustpoint **by,
    char text[CHAIN_TEXT_MAX * 3]);

/* User name by the ASA's default, CN, else OU (asa-reference 4.2). ERR_NOT_FOUND, ERR_LONG. */
int chain_user(const struct chain *c, char user[CHAIN_USER_MAX]);

#endif
