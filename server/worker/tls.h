/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The TLS side of a worker's TCP connection. */
#ifndef OFFHOOK_TLS_H
#define OFFHOOK_TLS_H

#include <stddef.h>

#include "common/ipc.h"
#include "common/suite.h"

struct worker;

/* Make the session. ERR_NOMEM. */
int tls_start(struct worker *w);

/* Go on. 0 done, ERR_AGAIN, ERR_DENIED (logged, alert sent). */
int tls_handshake(struct worker *w);

/* Bytes > 0, ERR_AGAIN, ERR_CLOSED. */
int tls_receive(struct worker *w, void *buf, size_t size);

/*
 * Send one record. 0: sent; ERR_AGAIN: taken, but call tls_flush() until it
 * gives 0 before the next one; ERR_CLOSED.
 */
int tls_send(struct worker *w, const void *data, size_t len);
int tls_flush(struct worker *w);

/* The client's certificates as messages carry them: length and DER, repeated. Bytes put; 0: none or no room. */
size_t tls_peer_chain_put(struct worker *w, void *out, size_t size);

/* "TLSv1.2" and the like. */
const char *tls_version_str(enum suite_version v);

#endif
