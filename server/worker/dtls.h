/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DTLS as AnyConnect does it: an abbreviated handshake that "resumes" a
 * session made up of what CONNECT exchanged (protocol.md 3). One struct dtls is
 * one handshake and the records after it; datagrams come and go through the owner.
 */
#ifndef OFFHOOK_DTLS_H
#define OFFHOOK_DTLS_H

#include <gnutls/dtls.h>
#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/suite.h"

#define DTLS_MASTER_BYTES 48
#define DTLS_ID_BYTES     32

struct dtls_name { /* a row of protocol.md 3.2 */
	bool x_dtls12;             /* named in X-DTLS12-CipherSuite, else X-DTLS-CipherSuite */
	const char *name;
	uint16_t suite;
	enum suite_version version; /* SUITE_DTLS10 (0.9 on the wire) or SUITE_DTLS12 */
	gnutls_kx_algorithm_t kx;
	gnutls_cipher_algorithm_t cipher;
	gnutls_mac_algorithm_t mac;
	const char *priority;
	unsigned preference;
};

struct dtls_offer { /* what a client's CONNECT said and the policy allows */
	const char *x_dtls, *x_dtls12; /* colon lists, NULL absent */
	const struct suite *tls_suite; /* of this very connection */
	bool phone;
	struct suite_list allowed10, allowed12; /* ssl cipher dtlsv1, dtlsv1.2 */
};

/* The name to answer, or NULL for no DTLS. For phones exactly the TLS suite (protocol.md 4.3, rule 3). */
const struct dtls_name *dtls_choose(const struct dtls_offer *o);

/* Send one datagram to the peer; ctx is the owner's. */
typedef void (*dtls_send_fn)(void *ctx, uint8_t tag, const void *data, size_t len);

struct dtls;

/* A new server side, or NULL when GnuTLS refuses. payload_max: largest UDP payload in bytes. */
struct dtls *dtls_new(const struct dtls_name *name, const uint8_t master[DTLS_MASTER_BYTES],
    const uint8_t id[DTLS_ID_BYTES], uint8_t tag, unsigned payload_max, dtls_send_fn send, void *ctx);
void dtls_free(struct dtls *d); /* NULL is allowed */

uint8_t dtls_tag(const struct dtls *d);

/* Hand in a datagram; it must stay valid until the calls that follow have given ERR_AGAIN. */
void dtls_feed(struct dtls *d, const void *data, size_t len);

/* Go on with the handshake, also when dtls_timeout_ms() is over. 0 done and resumed, ERR_AGAIN, ERR_DENIED failed. */
int dtls_handshake(struct dtls *d);
unsigned dtls_timeout_ms(const struct dtls *d);
const char *dtls_error(const struct dtls *d); /* GnuTLS's words for the failure */

/* One decrypted record into buf. Length > 0, ERR_AGAIN, ERR_CLOSED (the peer ended it). */
int dtls_receive(struct dtls *d, void *buf, size_t size);

/* One record. 0, ERR_LONG (does not fit payload_max), ERR_CLOSED. */
int dtls_send(struct dtls *d, const void *data, size_t len);

/* Is this datagram a ClientHello; *random gets its 32 bytes (protocol.md 3.1, offsets). */
bool dtls_is_hello(const uint8_t *data, size_t len, const uint8_t **random);

#endif
