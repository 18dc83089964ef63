/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PHONE_DTLS_H
#define PHONE_DTLS_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <openssl/ssl.h>

#include "conn.h"

enum dtls_event {
	DTLS_EVENT_UP,
	DTLS_EVENT_PACKET,	/* data, len: one record */
	DTLS_EVENT_END,		/* data is a text; the channel is still to be stopped */
};

typedef void dtls_event_fn(void *arg, enum dtls_event event, const void *data, size_t len);

/* The session that is "resumed" though it never was (protocol.md 3.1). */
struct dtls_session {
	int version;			/* DTLS1_BAD_VER or DTLS1_2_VERSION */
	const char *cipher;		/* stored in the session */
	const char *offered;		/* list in the hello */
	const uint8_t *master;		/* 48 bytes */
	const uint8_t *id;		/* 32 bytes */
};

/* The UDP channel. Zeroed = stopped. */
struct dtls {
	struct ev_loop *loop;
	int fd;
	SSL *ssl;		/* NULL = stopped */
	bool up;
	unsigned generation;
	ev_io io;
	ev_timer timer;		/* retransmission of the handshake */
	dtls_event_fn *event;
	void *arg;
};

/*
 * Start a handshake towards to (port already set). The channel must be
 * stopped. Returns 0, or -1 and a text in err.
 */
int dtls_start(struct dtls *d, struct ev_loop *loop, SSL_CTX *ctx, const struct endpoint *to,
    const struct dtls_session *session, dtls_event_fn *event, void *arg, char *err, size_t err_cap);

/* One packet of this type. Returns false if it was not sent. */
bool dtls_send(struct dtls *d, uint8_t type, const void *payload, size_t len);

/* Harmless when stopped. BYE_VANISH leaves the socket open; disconnect, empty and close send close_notify. */
void dtls_stop(struct dtls *d, enum bye how);

#endif
