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
	struct ipc_blob leaf;                    /* its DER, in the bytes that were read */
	char serial[2 * 64 + 1];                 /* of the leaf, upper-case hex */
	char subject[CHAIN_TEXT_MAX], issuer[CHAIN_TEXT_MAX];
};

/* From the bytes of a message (length and DER, repeated), which must stay. 0, ERR_CERTIFICATE, ERR_LONG. chain_clear() in any case. */
int chain_get(struct chain *c, const struct ipc_blob *bytes);
void chain_clear(struct chain *c);

/* What validation found out. */
struct chain_result {
	const struct auth_trustpoint *by;      /* vouches; NULL: no trustpoint knows the issuer */
	unsigned path_count;                   /* leaf to the trustpoint's CA; the certificates are the chain's and the policy's */
	gnutls_x509_crt_t path[CHAIN_CERTS_MAX + 1];
	unsigned key_bits;                     /* of the leaf, when above CHAIN_KEY_BITS_MAX; else 0 */
	enum login_refusal why;                /* it was refused */
	char missing[CHAIN_TEXT_MAX];          /* the issuer that nobody has; "" */
	char text[CHAIN_TEXT_MAX * 3];         /* why it was refused, in the words of message 717009 */
};

#define CHAIN_KEY_BITS_MIN 1024
#define CHAIN_KEY_BITS_MAX 4096 /* RSA; asa-reference 4.3 */

/*
 * Validate against all trustpoints of the policy: signatures (MD5 never, SHA-1
 * unless the trustpoint forbids it: old phones' MIC have nothing else),
 * validity dates, key sizes, key purpose clientAuth. An intermediate CA in a
 * trustpoint is an anchor (asa-reference 4.3). 0 or ERR_CERTIFICATE; *out is filled either way.
 */
int chain_verify(const struct chain *c, const struct auth_policy *p, struct chain_result *out);

/*
 * The user name as "username-from-certificate" says (asa-reference 1.7): fields,
 * of which the first that is there counts ("CN OU"), or "use-entire-name". ERR_NOT_FOUND, ERR_LONG.
 */
int chain_user(const struct chain *c, const char *fields, char user[CHAIN_USER_MAX]);

#endif
