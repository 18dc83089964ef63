/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/forwarder/table.h"

#include <string.h>
#include <sys/random.h>

#include "common/log.h"
#include "common/mem.h"

#define BUCKETS 16384 /* a power of two */

void
table_init(struct table *t)
{
	t->slots = xcalloc(SESSION_SLOTS, sizeof(*t->slots));
	t->by_ip = xcalloc(BUCKETS, sizeof(*t->by_ip));
	t->by_id = xcalloc(BUCKETS, sizeof(*t->by_id));
	t->by_peer = xcalloc(BUCKETS, sizeof(*t->by_peer));
	if (getrandom(&t->seed, sizeof(t->seed), 0) != sizeof(t->seed))
		fatal("forwarder: no random numbers");
}

static uint32_t
ip_bucket(const struct table *t, uint32_t ip)
{
	uint32_t h = (ip ^ t->seed) * 2654435761u;

	return (h ^ h >> 16) & (BUCKETS - 1);
}

/* The id is random already. */
static uint32_t
id_bucket(const uint8_t *id)
{
	uint32_t h;

	memcpy(&h, id, sizeof(h));
	return h & (BUCKETS - 1);
}

static uint32_t
peer_bucket(const struct table *t, const struct addr *addr)
{
	return addr_hash(addr, t->seed) & (BUCKETS - 1);
}

struct fwd_session *
table_slot(struct table *t, uint32_t slot)
{
	return slot < SESSION_SLOTS ? t->slots[slot] : NULL;
}

struct fwd_session *
table_by_ip(struct table *t, uint32_t ip)
{
	struct fwd_session *s = t->by_ip[ip_bucket(t, ip)];

	while (s != NULL && s->ip != ip)
		s = s->ip_next;
	return s;
}

struct fwd_session *
table_by_id(struct table *t, const uint8_t *id)
{
	struct fwd_session *s = t->by_id[id_bucket(id)];

	while (s != NULL && memcmp(s->dtls_id, id, DTLS_ID_BYTES) != 0)
		s = s->id_next;
	return s;
}

struct peer *
table_by_peer(struct table *t, const struct udp_socket *socket, const struct addr *addr)
{
	struct peer *p = t->by_peer[peer_bucket(t, addr)];

	while (p != NULL && (p->socket != socket || !addr_equal(&p->addr, addr)))
		p = p->hash_next;
	if (p != NULL)
		p->seen = ++t->clock;
	return p;
}

struct fwd_session *
table_add(struct table *t, uint32_t slot)
{
	struct fwd_session *s = xcalloc(1, sizeof(*s));

	s->slot = slot;
	for (unsigned i = 0; i < PEERS_MAX; i++) {
		s->peers[i].session = s;
		s->peers[i].tag = (uint8_t)i;
	}
	t->slots[slot] = s;
	return s;
}

static void
peer_forget(struct table *t, struct peer *p)
{
	struct peer **at;

	if (!p->used)
		return;
	for (at = &t->by_peer[peer_bucket(t, &p->addr)]; *at != NULL; at = &(*at)->hash_next) {
		if (*at == p) {
			*at = p->hash_next;
			break;
		}
	}
	p->used = p->up = false;
}

static void
session_unlink(struct table *t, struct fwd_session *s)
{
	struct fwd_session **at;

	for (at = &t->by_ip[ip_bucket(t, s->ip)]; *at != NULL; at = &(*at)->ip_next) {
		if (*at == s) {
			*at = s->ip_next;
			break;
		}
	}
	for (at = &t->by_id[id_bucket(s->dtls_id)]; *at != NULL; at = &(*at)->id_next) {
		if (*at == s) {
			*at = s->id_next;
			break;
		}
	}
	for (unsigned i = 0; i < PEERS_MAX; i++)
		peer_forget(t, &s->peers[i]);
}

void
table_set(struct table *t, struct fwd_session *s, uint32_t ip, const uint8_t id[DTLS_ID_BYTES])
{
	uint32_t b;

	session_unlink(t, s);
	s->ip = ip;
	memcpy(s->dtls_id, id, DTLS_ID_BYTES);
	b = ip_bucket(t, ip);
	s->ip_next = t->by_ip[b];
	t->by_ip[b] = s;
	b = id_bucket(id);
	s->id_next = t->by_id[b];
	t->by_id[b] = s;
}

void
table_remove(struct table *t, struct fwd_session *s)
{
	session_unlink(t, s);
	t->slots[s->slot] = NULL;
}

struct peer *
table_peer_add(struct table *t, struct fwd_session *s, struct udp_socket *socket, const struct addr *addr)
{
	struct peer *p = table_by_peer(t, socket, addr), *oldest = NULL;
	uint32_t b;

	if (p != NULL && p->session == s)
		return p;
	if (p != NULL)
		peer_forget(t, p); /* the address moved to another session, which named its secret id */
	for (unsigned i = 0; i < PEERS_MAX; i++) {
		struct peer *q = &s->peers[i];

		if (!q->used) {
			oldest = q;
			break;
		}
		if (!q->up && (oldest == NULL || q->seen < oldest->seen))
			oldest = q;
	}
	peer_forget(t, oldest);
	*oldest = (struct peer){
		.session = s, .socket = socket, .addr = *addr, .tag = oldest->tag, .used = true, .seen = ++t->clock,
	};
	b = peer_bucket(t, addr);
	oldest->hash_next = t->by_peer[b];
	t->by_peer[b] = oldest;
	return oldest;
}

struct peer *
table_peer_tag(struct fwd_session *s, uint8_t tag)
{
	return tag < PEERS_MAX && s->peers[tag].used ? &s->peers[tag] : NULL;
}

void
table_peer_up(struct table *t, struct peer *p)
{
	struct fwd_session *s = p->session;

	for (unsigned i = 0; i < PEERS_MAX; i++) {
		if (&s->peers[i] != p && s->peers[i].up)
			peer_forget(t, &s->peers[i]);
	}
	p->up = true;
}

void
table_socket_gone(struct table *t, const struct udp_socket *socket)
{
	for (uint32_t slot = 0; slot < SESSION_SLOTS; slot++) {
		struct fwd_session *s = t->slots[slot];

		for (unsigned i = 0; s != NULL && i < PEERS_MAX; i++) {
			if (s->peers[i].used && s->peers[i].socket == socket)
				peer_forget(t, &s->peers[i]);
		}
	}
}
