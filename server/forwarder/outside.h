/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Datagrams from the outside: whose each one is, and what is in the records
 * that are opened here. Nothing that comes moves a peer before it has proved
 * itself (protocol.md 3.6).
 */
#ifndef OFFHOOK_OUTSIDE_H
#define OFFHOOK_OUTSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/forwarder/table.h"

/* A datagram from the outside; its bytes may be changed and stay until data_done(). */
void outside_datagram(const struct path *path, uint8_t *data, size_t len);
/* One of len bytes did not fit the way to a peer (udp.h). */
void outside_too_big(const struct udp_socket *u, const struct addr *peer, size_t len, unsigned room);

/* What came to another forwarder: it is ours or nobody's. taken: that one has a peer there which is up, but perhaps not the only one. */
void outside_passed(const struct path *path, uint8_t *data, size_t len, bool taken);
void outside_too_big_passed(const struct udp_socket *u, const struct addr *peer, size_t len, unsigned room);

/* BATCH_BACK: a datagram that the worker has got before the keys were here. */
void outside_back(struct fwd_session *s, uint8_t tag, uint8_t *data, size_t len);

#endif
