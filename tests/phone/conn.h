/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PHONE_CONN_H
#define PHONE_CONN_H

#include <ev.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <openssl/ssl.h>

#include "bytes.h"
#include "options.h"

/* Where a connection goes; shared by all phones. */
struct endpoint {
	struct sockaddr_storage addr;
	socklen_t addr_len;
	struct sockaddr_storage local;	/* of --bind */
	socklen_t local_len;		/* 0 = any */
};

enum conn_state { CONN_CLOSED, CONN_TCP, CONN_TLS, CONN_UP };

enum conn_event {
	CONN_EVENT_TCP,		/* TCP is connected, TLS begins */
	CONN_EVENT_TLS,		/* handshake is done */
	CONN_EVENT_INPUT,	/* one TLS record has been added to conn.in */
	CONN_EVENT_END,		/* text says why; the connection is still to be closed */
};

/* May close the connection. text is set for CONN_EVENT_END only. */
typedef void conn_event_fn(void *arg, enum conn_event event, const char *text);

struct conn_frame;

/* One TCP connection with TLS on it. Zeroed = closed. */
struct conn {
	struct ev_loop *loop;
	int fd;
	SSL *ssl;			/* owned */
	ev_io io;
	enum conn_state state;
	unsigned generation;		/* counts openings and closings */
	struct buf in;			/* received, not yet taken */
	struct conn_frame *head, *last;	/* to be sent, one TLS record each */
	unsigned queued;
	conn_event_fn *event;
	void *arg;
};

/*
 * Start to connect; the state must be CLOSED. Takes ssl over in any case.
 * Returns 0 or an errno.
 */
int conn_open(struct conn *c, struct ev_loop *loop, const struct endpoint *to, SSL *ssl, conn_event_fn *event,
    void *arg);

/* Queue one record. Returns false when the queue is full and the record was dropped. */
bool conn_send(struct conn *c, const void *data, size_t len);

/*
 * Close as this kind of leaving says, as far as TLS and TCP go (the caller has
 * queued its DISCONNECT). Harmless when closed. With BYE_VANISH the socket
 * stays open, unread, until the process ends.
 */
void conn_close(struct conn *c, enum bye how);

/* Sockets that wait for the peer to close; see conn.c. */
unsigned conn_lingering(void);

#endif
