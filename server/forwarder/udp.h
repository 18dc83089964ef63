/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The outer UDP sockets: datagrams in, many at a time (how they go out is
 * udp_out.c's), the address that was asked (protocol.md 7, 29), and what a path does not take.
 * Which session a datagram belongs to is the owner's business.
 */
#ifndef OFFHOOK_UDP_H
#define OFFHOOK_UDP_H

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

#include "server/forwarder/table.h"

struct udp_socket {
	struct udp_socket *next;
	uint32_t id;
	struct addr local;
	bool cuts; /* takes UDP_SEGMENT */
	bool any;  /* bound to a wildcard: each datagram says what it came to */
	ev_io rd;
};

struct udp_owner {
	/* A datagram came; its bytes may be changed and are good until done(). */
	void (*datagram)(const struct path *path, uint8_t *data, size_t len);
	/* One of len bytes (0: unknown) did not fit the way to this peer; room: payload that would, 0 unknown. */
	void (*too_big)(const struct udp_socket *u, const struct addr *peer, size_t len, unsigned room);
	/* So many to this peer could not be sent: no room, or (too_big was called) too long. */
	void (*dropped)(const struct udp_socket *u, const struct addr *peer, unsigned datagrams, bool too_big);
	void (*done)(void); /* after a run of datagrams */
};

void udp_start(struct ev_loop *loop, const struct udp_owner *owner);

/* Take over a bound, non-blocking socket. cuts: it may be tried with UDP_SEGMENT. */
void udp_add(int fd, uint32_t id, const struct addr *local, bool cuts);
/* The socket of that id, or NULL. */
struct udp_socket *udp_find(uint32_t id);
void udp_del(struct udp_socket *u);

/*
 * Empty the queue of errors, else the socket stays readable. Returns the payload that the own interface
 * would take, where it says so, else 0.
 */
unsigned udp_errors_read(struct udp_socket *u);
/* Tell the owner. */
void udp_dropped(const struct udp_socket *u, const struct addr *peer, unsigned datagrams, bool too_big);
void udp_too_big(const struct udp_socket *u, const struct addr *peer, size_t len, unsigned room);

#endif
