/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets between outside and inside, and the rules that no worker can break:
 * a packet from a session carries that session's address, a datagram goes only
 * to an address that a datagram came from which named the session's secret id,
 * or which was found to be its peer's (outside.h).
 */
#ifndef OFFHOOK_DATA_H
#define OFFHOOK_DATA_H

#include <linux/virtio_net.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/forwarder/inner.h"
#include "server/forwarder/table.h"

/* A packet from the inside; it may be changed. */
void data_inside(uint8_t *packet, const struct inner *in);
/* One that stands for many of a session (split.h). */
void data_inside_large(uint8_t *packet, const struct inner *in, const struct virtio_net_hdr *head);
/* The same of what came to another forwarder: it is ours or nobody's. head NULL: a packet that stands for itself. */
void data_inside_passed(uint8_t *packet, const struct inner *in, const struct virtio_net_hdr *head);
/* A packet of a session's worker, size bytes; an empty one is a worker's way to say that it had to drop one. */
void data_worker_packet(struct fwd_session *s, uint8_t *packet, size_t size, bool dtls);
/* So many packets, sealed here, could not be sent. */
void data_dropped(struct fwd_session *s, unsigned packets, bool too_big);
/* After a run of any of these: what was queued goes out, their bytes are done with. */
void data_done(void);

#endif
