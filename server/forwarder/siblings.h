/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The channels to the other forwarders, and what is passed on over them: what came here and may be
 * one of their sessions'. Batched and sent at the end of each run; dropped when a sibling does not read.
 * What came over a channel is never passed on again.
 */
#ifndef OFFHOOK_SIBLINGS_H
#define OFFHOOK_SIBLINGS_H

#include <linux/virtio_net.h>
#include <stddef.h>
#include <stdint.h>

#include "server/forwarder/inner.h"
#include "server/forwarder/table.h"

/* Take over the channel to forwarder `index`, in place of the one there was. */
void siblings_add(unsigned index, int fd);

/* To the forwarders of `mask`, a bit for each; taken: we have a peer there which is up. */
void siblings_datagram(unsigned mask, const struct path *path, const uint8_t *data, size_t len, bool taken);
void siblings_packet(unsigned mask, const uint8_t *packet, size_t len);
void siblings_large(unsigned mask, const uint8_t *packet, size_t len, const struct virtio_net_hdr *head);
/* A path took no datagram of len bytes, but of room (udp.h). */
void siblings_too_big(unsigned mask, const struct udp_socket *u, const struct addr *peer, size_t len, unsigned room);

void siblings_flush(void);

#endif
