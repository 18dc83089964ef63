/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The TLS side of a worker's TCP connection. */
#ifndef OFFHOOK_TLS_H
#define OFFHOOK_TLS_H

#include <stdbool.h>
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

/* The same for one of many: it may stay here until tls_flush(). */
int tls_queue(struct worker *w, const void *data, size_t len);

/* May tls_receive() give something although the socket has nothing to read? */
bool tls_pending(struct worker *w);

/* Did the client send a certificate. */
bool tls_has_certificate(struct worker *w);

/* Forget the transcript once nobody will ask for it. */
void tls_transcript_free(struct worker *w);

/* "TLSv1.2" and the like. */
const char *tls_version_str(enum suite_version v);

#endif
