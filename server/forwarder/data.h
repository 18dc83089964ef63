/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets between outside and inside, and the rules that no worker can break:
 * a packet from a session carries that session's address, a datagram goes only
 * to an address that a datagram came from which named the session's secret id,
 * or which was found to be its peer's.
 *
 * DTLS records of a session whose worker gave us its keys are sealed and opened
 * here (fast path); all else is the worker's.
 */
#ifndef OFFHOOK_DATA_H
#define OFFHOOK_DATA_H

#include <linux/virtio_net.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/batch.h"
#include "server/forwarder/inner.h"
#include "server/forwarder/table.h"

/* A packet from the inside; it may be changed. */
void data_inside(uint8_t *packet, const struct inner *in);
/* One that stands for many of a session (split.h). */
void data_inside_large(uint8_t *packet, const struct inner *in, const struct virtio_net_hdr *head);
/* A datagram from the outside; its bytes may be changed and stay until data_done(). */
void data_outside(const struct path *path, uint8_t *data, size_t len);
/* One of len bytes did not fit the way to a peer (udp.h). */
void data_too_big(const struct udp_socket *u, const struct addr *peer, size_t len, unsigned room);

/* The same of what came to another forwarder: it is ours or nobody's. head NULL: a packet that stands for itself. */
void data_inside_passed(uint8_t *packet, const struct inner *in, const struct virtio_net_hdr *head);
/* taken: that one has a peer there which is up, but perhaps not the only one. */
void data_outside_passed(const struct path *path, uint8_t *data, size_t len, bool taken);
void data_too_big_passed(const struct udp_socket *u, const struct addr *peer, size_t len, unsigned room);
/* A packet of a session's worker, size bytes; an empty one is a worker's way to say that it had to drop one. */
void data_worker_packet(struct fwd_session *s, uint8_t *packet, size_t size, bool dtls);
/* So many packets, sealed here, could not be sent. */
void data_dropped(struct fwd_session *s, unsigned packets, bool too_big);
/* After a run of any of these: what was queued goes out, their bytes are done with. */
void data_done(void);

/* ---- the fast path ---- */

/* BATCH_KEYS. 0, or ERR_BAD_MESSAGE. */
int data_keys(struct fwd_session *s, const struct batch_item *item);
/* A new handshake is done: records of the former one may be on their way still. */
void data_keys_retire(struct fwd_session *s);
/* The session's records are its worker's again. */
void data_keys_forget(struct fwd_session *s);
/* BATCH_SEAL: send a record of this content to the peer that is up. */
void data_seal(struct fwd_session *s, const uint8_t *content, size_t len);
/* BATCH_BACK: a datagram that the worker has got before the keys were here. */
void data_back(struct fwd_session *s, uint8_t tag, uint8_t *data, size_t len);
/* BATCH_WATCH */
void data_watch(struct fwd_session *s, const struct batch_item *item);
/* Once a second: those who have been silent for long enough. One look at each session, in place of a timer in each worker. */
void data_watch_all(void);
/* BATCH_ASK */
void data_heard_tell(struct fwd_session *s);

#endif
