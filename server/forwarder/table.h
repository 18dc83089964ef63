/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The forwarder's sessions: by slot, by inner address, by DTLS session id,
 * and the outer UDP peers. A peer is up once its worker has seen it prove
 * itself; until then it is an attempt, and takes nothing away from others: an
 * address may be one session's peer and the claim of another at once.
 */
#ifndef OFFHOOK_TABLE_H
#define OFFHOOK_TABLE_H

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "common/addr.h"
#include "common/batch.h"
#include "common/counters.h"
#include "server/forwarder/dgram.h"

#define PEERS_MAX  4 /* of a session: the live one and handshakes in progress */
#define CLAIMS_MAX 4 /* peers of different sessions at one address */
#define STRAY_TAGS 16 /* tags from here on name addresses of strays; below: a place, and how often it was given out */
#define STRAYS_MAX 8 /* remembered of a session */

struct note;
struct udp_socket;
struct record;

/* Both ends of a UDP path. local: what a datagram came to when the socket has several addresses, else family 0. */
struct path {
	struct udp_socket *socket;
	struct addr peer, local;
};

static inline bool
path_equal(const struct path *a, const struct path *b)
{
	return a->socket == b->socket && addr_equal(&a->peer, &b->peer) && addr_same_ip(&a->local, &b->local);
}

TAILQ_HEAD(peer_list, peer);

struct peer {
	struct peer *hash_next;
	TAILQ_ENTRY(peer) ip_link; /* of those that are up at one IP address */
	struct fwd_session *session;
	struct path path;
	uint8_t tag;
	bool used, up;
	uint64_t seen;  /* order of use, for replacing the oldest */
	uint64_t moved; /* the same, when it went to the end of its ip_link */
};

/* Addresses that stray datagrams came from, while the worker finds out whether they are its peer (protocol.md 3.6). */
struct strays {
	uint8_t next;       /* tag to give out */
	unsigned left;      /* that may still be passed on in the second that began at */
	double since;
	struct {
		uint8_t tag;    /* 0: free */
		struct path path;
	} at[STRAYS_MAX];
};

struct fwd_session {
	struct fwd_session *ip_next, *ip6_next, *id_next;
	struct fwd_session *all_next, **all_at; /* of all; what points to this one */
	uint32_t slot;
	uint32_t ip; /* inner IPv4 address, host order */
	bool linked;              /* found by its addresses and id */
	bool has_ip6;
	uint8_t ip6[16];
	uint8_t dtls_id[DTLS_ID_BYTES];
	unsigned mtu_bytes;       /* the session's */
	unsigned path_mtu_bytes;  /* what its worker can send on now, never above it */
	struct peer peers[PEERS_MAX];
	struct peer *up;          /* of these the one whose handshake is done, or NULL */
	struct strays *strays;    /* NULL: none lately */
	ev_io rd;                 /* the worker's channel; its fd is ours */
	struct counters *counters;
	struct note *note;        /* what a successor of ours needs; its id 0: nothing */
	/* the fast path (data.c): NULL while its worker seals and opens records */
	struct record *record, *record_old;
	uint64_t old_until_ms;
	uint64_t keys_ms;         /* when the keys came */
	bool on_dtls;             /* where the client's last data came from */
	uint64_t hello_ms;        /* its last ClientHello since the keys came, 0: none */
	uint32_t watch_ms;        /* its worker wants to hear when the client is silent for so long; 0: it does not */
	bool watch_said;          /* it has, since the client was heard last */
	uint64_t heard_ms, data_ms; /* last record that opened; last packet that keeps it from being idle; 0: none */
	struct batch *out;        /* being filled for the worker, NULL when empty */
	unsigned out_packets;     /* inner packets in it */
	struct fwd_session *dirty_next;
	bool dirty;
};

struct table {
	struct fwd_session **slots; /* SESSION_SLOTS */
	struct fwd_session **by_ip, **by_ip6, **by_id;
	struct fwd_session *all;
	struct peer **by_peer;
	struct peer_list *by_peer_ip; /* those that are up, without port; roughly the longest unheard first */
	uint32_t seed;
	uint64_t clock;
};

void table_init(struct table *t);
void table_free(struct table *t);

struct fwd_session *table_slot(struct table *t, uint32_t slot); /* NULL: free, or no such slot */
struct fwd_session *table_by_ip(struct table *t, uint32_t ip);
struct fwd_session *table_by_ip6(struct table *t, const uint8_t ip6[16]);
struct fwd_session *table_by_id(struct table *t, const uint8_t *id);

/* The peers at this path, up to CLAIMS_MAX; those that are up come first, *up of them. Returns their number. */
unsigned table_by_path(struct table *t, const struct path *path, struct peer *out[CLAIMS_MAX], unsigned *up);

/* The peer that is up at this address, whichever of ours it speaks to; NULL: none. */
struct peer *table_up_at(struct table *t, const struct udp_socket *socket, const struct addr *peer);

/*
 * Peers that are up and have this IP address, the longest unheard first, at most max: whose may a stray be? However
 * many there are, some dozens are looked at.
 */
unsigned table_by_peer_ip(struct table *t, const struct addr *ip, struct peer **out, unsigned max);

/* The first of all sessions; all_next leads to the others. */
static inline struct fwd_session *
table_first(const struct table *t)
{
	return t->all;
}

/* A new session in a free slot, not yet reachable by address or id. */
struct fwd_session *table_add(struct table *t, uint32_t slot);
/* Set (again) what it is found by; ip6 NULL: it has none. Its peers are forgotten. */
void table_set(struct table *t, struct fwd_session *s, uint32_t ip, const uint8_t *ip6,
    const uint8_t id[DTLS_ID_BYTES]);
void table_remove(struct table *t, struct fwd_session *s);

/*
 * The session's peer at this path, or a new attempt in place of its oldest that
 * is not up. NULL: too many others claim the address already.
 */
struct peer *table_peer_add(struct table *t, struct fwd_session *s, const struct path *path);
struct peer *table_peer_tag(struct fwd_session *s, uint8_t tag); /* NULL: none */
/*
 * Its worker says that the handshake with this peer is done: it is the session's
 * only one that is up. Another session's stays, a worker's word takes nothing from
 * it: what comes from there goes to both, and only one can read it.
 */
void table_peer_up(struct table *t, struct peer *p);
void table_peer_down(struct table *t, struct peer *p);
/* Forget all peers that use this socket. */
void table_socket_gone(struct table *t, const struct udp_socket *socket);

/* A tag for a stray datagram of this path; 0: the session has had enough of them. now: seconds. */
uint8_t table_stray_add(struct fwd_session *s, const struct path *path, double now);
/*
 * The peer that is up is at this path now, with the tag it has. False: none is up, or too many others claim the path.
 */
bool table_peer_move(struct table *t, struct fwd_session *s, const struct path *path);
/* The worker believes it: the session's peer is there now. False: the tag is no longer known, or too many are there. */
bool table_stray_up(struct table *t, struct fwd_session *s, uint8_t tag);

#endif
