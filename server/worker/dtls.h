/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DTLS as AnyConnect does it: an abbreviated handshake that "resumes" a
 * session made up of what CONNECT exchanged (protocol.md 3), or a full one with
 * a pre-shared key that both sides derived from TLS (3.4). One struct dtls is
 * one handshake and the records after it; datagrams come and go through the owner.
 */
#ifndef OFFHOOK_DTLS_H
#define OFFHOOK_DTLS_H

#include <gnutls/dtls.h>
#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/record_keys.h"
#include "common/suite.h"
#include "server/worker/dtls_name.h"

#define DTLS_HANDSHAKE_MS 30000 /* a client has given up long before (protocol.md 2.4) */

#define DTLS_MASTER_BYTES   48
#define DTLS_PSK_BYTES      32
#define DTLS_ID_BYTES       32
#define DTLS_RANDOM_BYTES   32
#define DTLS_PRIORITY_BYTES 400

/* What the handshakes of one tunnel share. */
struct dtls_keys {
	const struct dtls_name *name;
	uint8_t id[DTLS_ID_BYTES];
	uint8_t secret[DTLS_MASTER_BYTES]; /* the client's master secret, or the pre-shared key in its first bytes */
	char priority[DTLS_PRIORITY_BYTES]; /* of PSK-NEGOTIATE */
	struct suite_list allowed12; /* of PSK-NEGOTIATE */
};

/* Send one datagram to the peer; ctx is the owner's. */
typedef void (*dtls_send_fn)(void *ctx, uint8_t tag, const void *data, size_t len);

struct dtls_hello { /* the first datagram of a client (protocol.md 3.1, offsets) */
	const uint8_t *random; /* 32 bytes in the datagram */
	uint16_t version;      /* 0x0100, 0xFEFF, 0xFEFD */
};

/* Is this datagram a whole ClientHello? */
bool dtls_hello_get(const uint8_t *data, size_t len, struct dtls_hello *out);

struct dtls;

/*
 * A new server side for a client that spoke hello_version, or NULL when GnuTLS
 * refuses. keys must outlive it. payload_max: largest UDP payload in bytes.
 */
struct dtls *dtls_new(const struct dtls_keys *keys, uint16_t hello_version, uint8_t tag, unsigned payload_max,
    dtls_send_fn send, void *ctx);
void dtls_free(struct dtls *d); /* NULL is allowed */

/* The peer that it sends to. */
uint8_t dtls_tag(const struct dtls *d);
void dtls_tag_set(struct dtls *d, uint8_t tag);

/* Another largest UDP payload from now on. */
void dtls_payload_set(struct dtls *d, unsigned payload_max);
/* The longest record content that fits it, after the handshake. */
unsigned dtls_room(const struct dtls *d);

/* The suite that was negotiated; NULL when none of ours, then dtls_handshake() has failed. */
const struct suite *dtls_suite(const struct dtls *d);

/* Hand in a datagram; it must stay valid until the calls that follow have given ERR_AGAIN. */
void dtls_feed(struct dtls *d, const void *data, size_t len);

/*
 * Go on with the handshake, also when dtls_timeout_ms() is over. 0 done (and
 * resumed, or with the key), ERR_AGAIN, ERR_DENIED failed.
 */
int dtls_handshake(struct dtls *d);
unsigned dtls_timeout_ms(const struct dtls *d);
const char *dtls_error(const struct dtls *d); /* GnuTLS's words for the failure */

/*
 * What another process needs to seal and open records of data in the place of
 * this session from now on; false: it is to stay here (a suite that records are not
 * made of elsewhere, encrypt-then-MAC). Right after the handshake, before any record was sent.
 * keys->tx.next leaves a few numbers for what GnuTLS may still send by itself (protocol.md 6.6).
 */
bool dtls_export(const struct dtls *d, struct record_keys *keys);

/* One decrypted record into buf. Length > 0, ERR_AGAIN, ERR_CLOSED (the peer ended it). */
int dtls_receive(struct dtls *d, void *buf, size_t size);

/* One record. 0, ERR_LONG (does not fit payload_max), ERR_CLOSED. */
int dtls_send(struct dtls *d, const void *data, size_t len);

#endif
