/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/forwarder/table.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "common/log.h"
#include "common/mem.h"
#include "server/forwarder/steering.h"

#define BUCKETS          16384 /* a power of two */
#define MOVE_AFTER       1024 /* packets of all */
#define LOOK_MAX         64   /* peers of one IP address that a stray is compared with */
#define STRAYS_PER_S     32    /* datagrams of a session; a tag comes back after 7 s at least */

/* Take `item` out of a chain whose links are `next`. */
#define CHAIN_REMOVE(first, item, next)                                      \
	do {                                                                     \
		for (__typeof__(first) *at_ = &(first); *at_ != NULL; at_ = &(*at_)->next) { \
			if (*at_ == (item)) {                                            \
				*at_ = (item)->next;                                         \
				break;                                                       \
			}                                                                \
		}                                                                    \
	} while (0)

void
table_init(struct table *t)
{
	t->slots = xcalloc(SESSION_SLOTS, sizeof(*t->slots));
	t->by_ip = xcalloc(BUCKETS, sizeof(*t->by_ip));
	t->by_ip6 = xcalloc(BUCKETS, sizeof(*t->by_ip6));
	t->by_id = xcalloc(BUCKETS, sizeof(*t->by_id));
	t->by_peer = xcalloc(BUCKETS, sizeof(*t->by_peer));
	t->by_peer_ip = xcalloc(BUCKETS, sizeof(*t->by_peer_ip));
	if (getrandom(&t->seed, sizeof(t->seed), 0) != sizeof(t->seed))
		fatal("forwarder: no random numbers");
}

void
table_free(struct table *t)
{
	free(t->slots);
	free(t->by_ip);
	free(t->by_ip6);
	free(t->by_id);
	free(t->by_peer);
	free(t->by_peer_ip);
}

static uint32_t
ip_bucket(const struct table *t, uint32_t ip)
{
	uint32_t h = (ip ^ t->seed) * 2654435761u;

	return (h ^ h >> 16) & (BUCKETS - 1);
}

static uint32_t
ip6_bucket(const struct table *t, const uint8_t ip6[16])
{
	struct addr a = { .family = 6 };

	memcpy(a.ip, ip6, sizeof(a.ip));
	return addr_hash(&a, t->seed) & (BUCKETS - 1);
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

static uint32_t
peer_ip_bucket(const struct table *t, const struct addr *addr)
{
	struct addr ip = *addr;

	ip.port = 0;
	return addr_hash(&ip, t->seed) & (BUCKETS - 1);
}

/* ---- sessions ---- */

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
table_by_ip6(struct table *t, const uint8_t ip6[16])
{
	struct fwd_session *s = t->by_ip6[ip6_bucket(t, ip6)];

	while (s != NULL && memcmp(s->ip6, ip6, sizeof(s->ip6)) != 0)
		s = s->ip6_next;
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
	s->all_next = t->all;
	s->all_at = &t->all;
	if (s->all_next != NULL)
		s->all_next->all_at = &s->all_next;
	t->all = s;
	return s;
}

/* The table costs memory only where there are peers: a list is made with its first. */
static struct peer_list *
ip_list(struct table *t, const struct peer *p)
{
	struct peer_list *list = &t->by_peer_ip[peer_ip_bucket(t, &p->path.peer)];

	if (list->tqh_last == NULL)
		TAILQ_INIT(list);
	return list;
}

/*
 * A thousand phones behind one NAT are one list, which nothing walks to its
 * end. Who is heard goes there, once in MOVE_AFTER packets: a packet as such
 * touches no neighbour.
 */
static void
peer_heard(struct table *t, struct peer *p)
{
	p->seen = ++t->clock;
	if (!p->up || p->seen - p->moved < MOVE_AFTER)
		return;
	p->moved = p->seen;
	TAILQ_REMOVE(ip_list(t, p), p, ip_link);
	TAILQ_INSERT_TAIL(ip_list(t, p), p, ip_link);
}

static void
peer_forget(struct table *t, struct peer *p)
{
	if (!p->used)
		return;
	CHAIN_REMOVE(t->by_peer[peer_bucket(t, &p->path.peer)], p, hash_next);
	if (p->up)
		TAILQ_REMOVE(ip_list(t, p), p, ip_link);
	steering_peer(&p->path.peer, p->up, false);
	if (p->session->up == p)
		p->session->up = NULL;
	p->used = p->up = false;
}

static void
strays_forget(struct fwd_session *s)
{
	free(s->strays);
	s->strays = NULL;
}

/* Its packets from the inside come to us; or no longer. */
static void
session_steer(const struct fwd_session *s, bool there)
{
	struct addr ip = addr_from_ip4((struct in_addr){ htonl(s->ip) }, 0);

	steering_inner(&ip, there);
	if (!s->has_ip6)
		return;
	ip.family = 6;
	memcpy(ip.ip, s->ip6, sizeof(ip.ip));
	steering_inner(&ip, there);
}

static void
session_unlink(struct table *t, struct fwd_session *s)
{
	if (s->linked)
		session_steer(s, false);
	s->linked = false;
	CHAIN_REMOVE(t->by_ip[ip_bucket(t, s->ip)], s, ip_next);
	if (s->has_ip6)
		CHAIN_REMOVE(t->by_ip6[ip6_bucket(t, s->ip6)], s, ip6_next);
	CHAIN_REMOVE(t->by_id[id_bucket(s->dtls_id)], s, id_next);
	for (unsigned i = 0; i < PEERS_MAX; i++)
		peer_forget(t, &s->peers[i]);
	strays_forget(s);
}

void
table_set(struct table *t, struct fwd_session *s, uint32_t ip, const uint8_t *ip6, const uint8_t id[DTLS_ID_BYTES])
{
	uint32_t b;

	session_unlink(t, s);
	s->ip = ip;
	s->has_ip6 = ip6 != NULL;
	memcpy(s->dtls_id, id, DTLS_ID_BYTES);
	b = ip_bucket(t, ip);
	s->ip_next = t->by_ip[b];
	t->by_ip[b] = s;
	b = id_bucket(id);
	s->id_next = t->by_id[b];
	t->by_id[b] = s;
	if (ip6 != NULL) {
		memcpy(s->ip6, ip6, sizeof(s->ip6));
		b = ip6_bucket(t, ip6);
		s->ip6_next = t->by_ip6[b];
		t->by_ip6[b] = s;
	}
	s->linked = true;
	session_steer(s, true);
}

void
table_remove(struct table *t, struct fwd_session *s)
{
	session_unlink(t, s);
	t->slots[s->slot] = NULL;
	*s->all_at = s->all_next;
	if (s->all_next != NULL)
		s->all_next->all_at = s->all_at;
}

/* ---- peers ---- */

unsigned
table_by_path(struct table *t, const struct path *path, struct peer *out[CLAIMS_MAX], unsigned *up)
{
	struct peer *p = t->by_peer[peer_bucket(t, &path->peer)];
	unsigned n = 0;

	*up = 0;
	for (; p != NULL && n < CLAIMS_MAX; p = p->hash_next) {
		if (!path_equal(&p->path, path))
			continue;
		peer_heard(t, p);
		out[n++] = p;
		if (p->up) {
			out[n - 1] = out[*up];
			out[(*up)++] = p;
		}
	}
	return n;
}

struct peer *
table_up_at(struct table *t, const struct udp_socket *socket, const struct addr *peer)
{
	struct peer *p = t->by_peer[peer_bucket(t, peer)];

	while (p != NULL && (!p->up || p->path.socket != socket || !addr_equal(&p->path.peer, peer)))
		p = p->hash_next;
	return p;
}

unsigned
table_by_peer_ip(struct table *t, const struct addr *ip, struct peer **out, unsigned max)
{
	struct peer *p;
	unsigned n = 0, looked = 0;

	TAILQ_FOREACH (p, &t->by_peer_ip[peer_ip_bucket(t, ip)], ip_link) {
		unsigned at;

		if (looked++ == LOOK_MAX)
			break;
		if (!addr_same_ip(&p->path.peer, ip) || (n == max && p->seen >= out[n - 1]->seen))
			continue;
		n += n < max;
		for (at = n - 1; at > 0 && out[at - 1]->seen > p->seen; at--)
			out[at] = out[at - 1];
		out[at] = p;
	}
	return n;
}

static void
peer_put(struct table *t, struct peer *p, const struct path *path)
{
	uint32_t b = peer_bucket(t, &path->peer);

	p->path = *path;
	p->hash_next = t->by_peer[b];
	t->by_peer[b] = p;
	p->used = true;
	p->seen = ++t->clock;
	steering_peer(&path->peer, false, true);
}

/* A place for an attempt: a free one, else the oldest that is not up. */
static struct peer *
peer_place(struct fwd_session *s)
{
	struct peer *oldest = NULL;

	for (unsigned i = 0; i < PEERS_MAX; i++) {
		struct peer *p = &s->peers[i];

		if (!p->used)
			return p;
		if (!p->up && (oldest == NULL || p->seen < oldest->seen))
			oldest = p;
	}
	return oldest;
}

/*
 * Make room for one more claim at this path. What is up stays whatever is
 * claimed: a hello proves nothing, it may carry anybody's address. False: no room.
 */
static bool
claim_room(struct table *t, const struct path *path)
{
	struct peer *there[CLAIMS_MAX], *oldest;
	unsigned up, n = table_by_path(t, path, there, &up);

	if (n < CLAIMS_MAX)
		return true;
	if (up == n)
		return false;
	oldest = there[up];
	for (unsigned i = up; i < n; i++)
		oldest = there[i]->seen < oldest->seen ? there[i] : oldest;
	peer_forget(t, oldest);
	return true;
}

static struct peer *
peer_at(struct fwd_session *s, const struct path *path)
{
	for (unsigned i = 0; i < PEERS_MAX; i++) {
		if (s->peers[i].used && path_equal(&s->peers[i].path, path))
			return &s->peers[i];
	}
	return NULL;
}

struct peer *
table_peer_add(struct table *t, struct fwd_session *s, const struct path *path)
{
	struct peer *p = peer_at(s, path);

	if (p != NULL) {
		p->seen = ++t->clock;
		return p;
	}
	if (!claim_room(t, path))
		return NULL;
	p = peer_place(s);
	peer_forget(t, p);
	/* a worker may still speak of who had the place before: that is another tag */
	p->tag = (uint8_t)((p->tag + PEERS_MAX) % STRAY_TAGS);
	peer_put(t, p, path);
	return p;
}

struct peer *
table_peer_tag(struct fwd_session *s, uint8_t tag)
{
	struct peer *p = &s->peers[tag % PEERS_MAX];

	return p->used && p->tag == tag ? p : NULL;
}

void
table_peer_up(struct table *t, struct peer *p)
{
	struct fwd_session *s = p->session;

	for (unsigned i = 0; i < PEERS_MAX; i++) {
		if (&s->peers[i] != p && s->peers[i].up)
			peer_forget(t, &s->peers[i]);
	}
	strays_forget(s);
	if (s->counters != NULL)
		s->counters->udp_port = p->path.peer.port;
	if (p->up)
		return;
	steering_peer(&p->path.peer, true, true);
	steering_peer(&p->path.peer, false, false);
	p->up = true;
	s->up = p;
	p->moved = p->seen;
	TAILQ_INSERT_TAIL(ip_list(t, p), p, ip_link);
}

void
table_peer_down(struct table *t, struct peer *p)
{
	peer_forget(t, p);
}

void
table_socket_gone(struct table *t, const struct udp_socket *socket)
{
	for (uint32_t slot = 0; slot < SESSION_SLOTS; slot++) {
		struct fwd_session *s = t->slots[slot];

		for (unsigned i = 0; s != NULL && i < PEERS_MAX; i++) {
			if (s->peers[i].used && s->peers[i].path.socket == socket)
				peer_forget(t, &s->peers[i]);
		}
		if (s != NULL)
			strays_forget(s);
	}
}

/* ---- strays ---- */

static bool
stray_allowed(struct strays *x, double now)
{
	if (now - x->since >= 1.0) {
		x->since = now;
		x->left = STRAYS_PER_S;
	}
	if (x->left == 0)
		return false;
	x->left--;
	return true;
}

uint8_t
table_stray_add(struct fwd_session *s, const struct path *path, double now)
{
	struct strays *x = s->strays;
	unsigned i;

	if (x == NULL) {
		x = s->strays = xcalloc(1, sizeof(*x));
		x->next = STRAY_TAGS;
	}
	if (!stray_allowed(x, now))
		return 0;
	for (i = 0; i < STRAYS_MAX; i++) {
		if (x->at[i].tag != 0 && path_equal(&x->at[i].path, path))
			return x->at[i].tag;
	}
	i = x->next % STRAYS_MAX;
	x->at[i].tag = x->next;
	x->at[i].path = *path;
	x->next = x->next == UINT8_MAX ? STRAY_TAGS : (uint8_t)(x->next + 1);
	return x->at[i].tag;
}

bool
table_peer_move(struct table *t, struct fwd_session *s, const struct path *to)
{
	struct peer *p = s->up, *attempt;
	struct path path = *to; /* it may be that of the attempt which is forgotten here */

	if (p == NULL)
		return false;
	if ((attempt = peer_at(s, &path)) != NULL && attempt != p)
		peer_forget(t, attempt);
	if (!claim_room(t, &path))
		return false;
	peer_forget(t, p);
	peer_put(t, p, &path);
	table_peer_up(t, p);
	return true;
}

bool
table_stray_up(struct table *t, struct fwd_session *s, uint8_t tag)
{
	const struct strays *x = s->strays;
	struct path path;

	if (x == NULL || tag < STRAY_TAGS || x->at[tag % STRAYS_MAX].tag != tag)
		return false;
	path = x->at[tag % STRAYS_MAX].path;
	return table_peer_move(t, s, &path);
}
