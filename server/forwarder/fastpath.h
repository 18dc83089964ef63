/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fast path: DTLS records of a session whose worker gave us its keys are
 * sealed and opened here, and it is here that one knows when its client was
 * heard. All else is the worker's.
 */
#ifndef OFFHOOK_FASTPATH_H
#define OFFHOOK_FASTPATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/batch.h"
#include "server/forwarder/record.h"
#include "server/forwarder/table.h"

enum { CONTENT_PACKET = 0, CONTENT_DPD = 3, CONTENT_DPD_ANSWER = 4, CONTENT_KEEPALIVE = 7 }; /* protocol.md 2.2 */

/* BATCH_KEYS. 0, or ERR_BAD_MESSAGE. */
int fast_keys(struct fwd_session *s, const struct batch_item *item);
/*
 * BATCH_AGAIN: keys that a predecessor of ours had. They go on above the numbers that it noted, to the peer that
 * it had; the answer says whether they do. 0, or ERR_BAD_MESSAGE.
 */
int fast_again(struct fwd_session *s, const struct batch_item *item);
/* Its peer is at another address now. */
void fast_path_note(struct fwd_session *s, const struct path *path);
/* A new handshake is done: records of the former one may be on their way still. */
void fast_keys_retire(struct fwd_session *s);
/* The session's records are its worker's again. */
void fast_keys_forget(struct fwd_session *s);

/* A record of this content, to the peer that is up. False: the session has no keys here, or none that may go on. */
bool fast_send(struct fwd_session *s, const uint8_t *content, size_t len);

/*
 * Open a record with the session's keys, or those it had a moment ago. In place
 * if that is wanted and no other keys could be tried afterwards: *stays then;
 * else its content is in a place that the next record takes.
 */
bool fast_open(struct fwd_session *s, uint8_t *data, size_t len, bool in_place, struct record_content *c, bool *stays);

/* BATCH_WATCH */
void fast_watch(struct fwd_session *s, const struct batch_item *item);
/* Once a second: those who have been silent for long enough. One look at each session, in place of a timer in each worker. */
void fast_watch_all(void);
/* BATCH_ASK */
void fast_heard_tell(struct fwd_session *s);

#endif
