/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Datagrams on their way out: queued during a run and sent together. Those
 * of one size to one peer, one behind the other in the arena, leave as one
 * (UDP_SEGMENT) where the socket can do that; the bytes on the wire are the same.
 */
#ifndef OFFHOOK_UDP_OUT_H
#define OFFHOOK_UDP_OUT_H

#include <stddef.h>
#include <stdint.h>

#include "server/forwarder/udp.h"

/* Room in the arena for a datagram of at most n <= UDP_OUT_MAX bytes; good for the next udp_out_put(). */
#define UDP_OUT_MAX 17000
uint8_t *udp_out_room(size_t n);
/* Queue what was written there. */
void udp_out_put(const struct path *path, size_t len);

/* Queue a datagram that lies elsewhere and stays there until udp_flush(). */
void udp_send(const struct path *path, const void *data, size_t len);

void udp_flush(void);

#endif
