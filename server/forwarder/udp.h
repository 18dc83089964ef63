/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The outer UDP sockets: datagrams in and out in batches, answers from the
 * address that was asked (protocol.md 7, 29), and what a path does not take.
 * Which session a datagram belongs to is the owner's business.
 */
#ifndef OFFHOOK_UDP_H
#define OFFHOOK_UDP_H

#include <ev.h>
#include <stdint.h>

#include "server/forwarder/table.h"

struct udp_socket {
	struct udp_socket *next;
	uint32_t id;
	struct addr local;
	bool any;  /* bound to a wildcard: each datagram says what it came to */
	ev_io rd;
};

struct udp_owner {
	/* A datagram came; the bytes are good until return. */
	void (*datagram)(const struct path *path, const uint8_t *data, size_t len);
	/* One of len bytes (0: unknown) did not fit the way to this peer; room: payload that would, 0 unknown. */
	void (*too_big)(const struct udp_socket *u, const struct addr *peer, size_t len, unsigned room);
	void (*done)(void); /* after a run of datagrams */
};

void udp_start(struct ev_loop *loop, const struct udp_owner *owner);

/* Take over a bound, non-blocking socket. */
void udp_add(int fd, uint32_t id, const struct addr *local);
/* The socket of that id, or NULL. */
struct udp_socket *udp_find(uint32_t id);
void udp_del(struct udp_socket *u);

/* Queue a datagram; data must stay until udp_flush(). */
void udp_send(const struct path *path, const void *data, size_t len);
void udp_flush(void);

#endif
