/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The forwarder's sessions: by slot, by inner address, by DTLS session id,
 * and the outer UDP peers that proved themselves.
 */
#ifndef OFFHOOK_TABLE_H
#define OFFHOOK_TABLE_H

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/addr.h"
#include "common/batch.h"
#include "common/counters.h"

#define DTLS_ID_BYTES 32
#define PEERS_MAX     4 /* of a session: the live one and handshakes in progress */

struct udp_socket;

struct peer {
	struct peer *hash_next;
	struct fwd_session *session;
	struct udp_socket *socket;
	struct addr addr;
	uint8_t tag;
	bool used, up;
	uint64_t seen; /* order of use, for replacing the oldest */
};

struct fwd_session {
	struct fwd_session *ip_next, *id_next;
	uint32_t slot;
	uint32_t ip; /* inner IPv4 address, host order */
	uint8_t dtls_id[DTLS_ID_BYTES];
	unsigned mtu_bytes;
	struct peer peers[PEERS_MAX];
	ev_io rd;                 /* the worker's channel; its fd is ours */
	struct counters *counters;
	struct batch *out;        /* being filled for the worker, NULL when empty */
	unsigned out_packets;     /* inner packets in it */
	struct fwd_session *dirty_next;
	bool dirty;
};

struct table {
	struct fwd_session **slots; /* SESSION_SLOTS */
	struct fwd_session **by_ip, **by_id;
	struct peer **by_peer;
	uint32_t seed;
	uint64_t clock;
};

void table_init(struct table *t);

struct fwd_session *table_slot(struct table *t, uint32_t slot); /* NULL: free, or no such slot */
struct fwd_session *table_by_ip(struct table *t, uint32_t ip);
struct fwd_session *table_by_id(struct table *t, const uint8_t *id);
struct peer *table_by_peer(struct table *t, const struct udp_socket *socket, const struct addr *addr);

/* A new session in a free slot, not yet reachable by address or id. */
struct fwd_session *table_add(struct table *t, uint32_t slot);
/* Set (again) what it is found by. Its peers are forgotten. */
void table_set(struct table *t, struct fwd_session *s, uint32_t ip, const uint8_t id[DTLS_ID_BYTES]);
void table_remove(struct table *t, struct fwd_session *s);

/* The session's peer at this address, or a new one in place of the oldest that is not up. */
struct peer *table_peer_add(struct table *t, struct fwd_session *s, struct udp_socket *socket, const struct addr *addr);
struct peer *table_peer_tag(struct fwd_session *s, uint8_t tag); /* NULL: none */
/* The handshake with this peer is done: it is the only one that is up. */
void table_peer_up(struct table *t, struct peer *p);
/* Forget all peers that use this socket. */
void table_socket_gone(struct table *t, const struct udp_socket *socket);

#endif
