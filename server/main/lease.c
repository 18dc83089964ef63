/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/main/lease.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "common/mem.h"
#include "server/config/model.h"

struct returned {
	uint32_t ip;
	double free_at; /* loop time: the end of its reuse-delay */
};

struct range { /* addresses: what they have in common, and the last 32 bits of the first and last one */
	int family;       /* 4 or 6; the two have names of their own */
	uint8_t high[12]; /* IPv6 */
	uint32_t first, last;
};

struct pool {
	struct pool *next, **at;
	struct pool *same_hash;
	uint32_t hash;
	char *name;
	int family;
	uint8_t high[12];
	uint32_t first, last;
	uint32_t fresh;    /* addresses from here on were never given out */
	uint8_t *used;     /* a bit per address */
	uint32_t used_count;
	struct returned *returned; /* ring of returned addresses, and void entries: taken out of turn since */
	double *waits;     /* per address: free_at of its entry that counts, and 1; 0: there is none. NULL: all 0 */
	uint32_t ring_size, ring_head, ring_count;
	bool keep;
};

static struct pool *pools;
static struct pool **by_hash; /* there may be many, and each change of the configuration asks for all */
static size_t hash_room, pool_count;
static double reuse_delay_s, reuse_delay6_s; /* vpn-addr-assign, ipv6-vpn-addr-assign local reuse-delay */

static uint32_t
pool_hash(const char *name, int family)
{
	uint32_t h = 2166136261u ^ (uint32_t)family; /* FNV-1a */

	for (; *name != '\0'; name++)
		h = (h ^ (uint8_t)*name) * 16777619u;
	return h;
}

static struct pool *
pool_find(const char *name, int family)
{
	uint32_t hash = pool_hash(name, family);
	struct pool *p = hash_room > 0 ? by_hash[hash & (hash_room - 1)] : NULL;

	while (p != NULL && (p->hash != hash || p->family != family || strcmp(p->name, name) != 0))
		p = p->same_hash;
	return p;
}

static void
hash_add(struct pool *p)
{
	struct pool **slot = &by_hash[p->hash & (hash_room - 1)];

	p->same_hash = *slot;
	*slot = p;
}

static void
hash_remove(struct pool *p)
{
	struct pool **slot = &by_hash[p->hash & (hash_room - 1)];

	while (*slot != p)
		slot = &(*slot)->same_hash;
	*slot = p->same_hash;
}

/* Put a new pool at the head of the list, and where its name finds it. */
static void
pool_link(struct pool *p)
{
	p->next = pools;
	p->at = &pools;
	if (pools != NULL)
		pools->at = &p->next;
	pools = p;
	if (++pool_count <= hash_room) {
		hash_add(p);
		return;
	}
	free(by_hash);
	hash_room = hash_room > 0 ? hash_room * 2 : 16;
	by_hash = xcalloc(hash_room, sizeof(struct pool *));
	for (struct pool *q = pools; q != NULL; q = q->next)
		hash_add(q);
}

static void
pool_unlink(struct pool *p)
{
	*p->at = p->next;
	if (p->next != NULL)
		p->next->at = p->at;
	hash_remove(p);
	pool_count--;
}

static uint32_t
pool_size(const struct pool *p)
{
	return p->last - p->first + 1;
}

static bool
bit_get(const struct pool *p, uint32_t ip)
{
	uint32_t i = ip - p->first;

	return p->used[i / 8] >> i % 8 & 1;
}

static void
bit_set(struct pool *p, uint32_t ip, bool on)
{
	uint32_t i = ip - p->first;

	if (on)
		p->used[i / 8] |= (uint8_t)(1 << i % 8);
	else
		p->used[i / 8] &= (uint8_t)~(1 << i % 8);
}

static struct returned *
ring_at(const struct pool *p, uint32_t i)
{
	return &p->returned[(p->ring_head + i) % p->ring_size];
}

static bool
ring_counts(const struct pool *p, const struct returned *r)
{
	return p->waits[r->ip - p->first] == r->free_at + 1 && !bit_get(p, r->ip);
}

/* Without void entries, in twice the room that the others need at least. */
static void
ring_renew(struct pool *p)
{
	uint32_t count = 0, size = 64;
	struct returned *renewed;

	for (uint32_t i = 0; i < p->ring_count; i++)
		count += ring_counts(p, ring_at(p, i));
	while (size < 2 * count)
		size *= 2;
	renewed = xmalloc(size * sizeof(*renewed));
	count = 0;
	for (uint32_t i = 0; i < p->ring_count; i++) {
		if (ring_counts(p, ring_at(p, i)))
			renewed[count++] = *ring_at(p, i);
	}
	free(p->returned);
	p->returned = renewed;
	p->ring_size = size;
	p->ring_head = 0;
	p->ring_count = count;
}

static void
ring_put(struct pool *p, uint32_t ip, double free_at)
{
	if (p->waits == NULL)
		p->waits = xcalloc(pool_size(p), sizeof(*p->waits));
	if (p->ring_count == p->ring_size)
		ring_renew(p);
	*ring_at(p, p->ring_count++) = (struct returned){ ip, free_at };
	p->waits[ip - p->first] = free_at + 1;
}

static struct pool *
pool_new(const char *name, const struct range *r)
{
	struct pool *p = xcalloc(1, sizeof(*p));

	p->name = xstrdup(name);
	p->family = r->family;
	memcpy(p->high, r->high, sizeof(p->high));
	p->first = p->fresh = r->first;
	p->last = r->last;
	p->used = xcalloc(pool_size(p) / 8 + 1, 1);
	p->hash = pool_hash(name, r->family);
	pool_link(p);
	return p;
}

static void
pool_free(struct pool *p)
{
	pool_unlink(p);
	free(p->name);
	free(p->used);
	free(p->returned);
	free(p->waits);
	free(p);
}

/* The same pool with other ends: what is in use and still inside stays in use. */
static void
pool_change(struct pool *old, const struct range *r)
{
	struct pool *p = pool_new(old->name, r);

	if (memcmp(p->high, old->high, sizeof(p->high)) != 0)
		old->used_count = 0;
	for (uint32_t ip = p->first; old->used_count > 0 && ip >= p->first && ip <= p->last; ip++) {
		if (ip >= old->first && ip <= old->last && bit_get(old, ip)) {
			bit_set(p, ip, true);
			p->used_count++;
		}
	}
	p->keep = true;
	pool_free(old);
}

static void
pool_configure(const char *name, const struct range *r)
{
	struct pool *p = pool_find(name, r->family);

	if (p == NULL)
		p = pool_new(name, r);
	else if (p->first != r->first || p->last != r->last || memcmp(p->high, r->high, sizeof(p->high)) != 0)
		return pool_change(p, r);
	p->keep = true;
}

static struct range
range6(const struct cfg_ipv6_pool *c)
{
	struct range r = { .family = 6 };
	uint32_t room;

	memcpy(r.high, &c->first, sizeof(r.high));
	memcpy(&r.first, (const uint8_t *)&c->first + sizeof(r.high), sizeof(r.first));
	r.first = ntohl(r.first);
	room = UINT32_MAX - r.first; /* a pool ends where its last 32 bits do */
	r.last = r.first + ((uint32_t)c->count - 1 < room ? (uint32_t)c->count - 1 : room);
	return r;
}

static double
delay_s(int32_t minutes)
{
	return minutes > 0 ? minutes * 60.0 : 0;
}

void
lease_configure(const struct config *cfg)
{
	struct pool *next;

	reuse_delay_s = delay_s(cfg->addr_assign.reuse_delay_min);
	reuse_delay6_s = delay_s(cfg->addr_assign.reuse_delay6_min);
	for (struct pool *p = pools; p != NULL; p = p->next)
		p->keep = false;
	for (const struct cfg_pool *c = cfg->pools; c != NULL; c = c->next)
		pool_configure(c->name, &(struct range){ .family = 4, .first = c->first, .last = c->last });
	for (const struct cfg_ipv6_pool *c = cfg->ipv6_pools; c != NULL; c = c->next) {
		struct range r = range6(c);

		pool_configure(c->name, &r);
	}
	for (struct pool *p = pools; p != NULL; p = next) {
		next = p->next;
		if (!p->keep)
			pool_free(p);
	}
}

static bool
pool_pick(struct pool *p, double now, uint32_t *ip)
{
	while (p->fresh >= p->first && p->fresh <= p->last) {
		*ip = p->fresh++;
		if (!bit_get(p, *ip))
			return true;
	}
	while (p->ring_count > 0) {
		const struct returned *r = ring_at(p, 0);
		bool counts = ring_counts(p, r);

		if (counts && r->free_at > now)
			return false;
		*ip = r->ip;
		p->ring_head = (p->ring_head + 1) % p->ring_size;
		p->ring_count--;
		if (!counts)
			continue;
		p->waits[*ip - p->first] = 0;
		return true;
	}
	return false;
}

/* ---- who had which ---- */

#define LAST_MAX 16384 /* direct-mapped: a collision costs one user his old address */

static struct last {
	uint64_t user; /* hash of the name and of the family, 0 none */
	uint32_t ip;
} *lasts;

static uint64_t
user_hash(const char *user, int family)
{
	uint64_t h = 14695981039346656037u ^ (uint64_t)family; /* FNV-1a */

	for (; *user != '\0'; user++)
		h = (h ^ (unsigned char)*user) * 1099511628211u;
	return h | 1;
}

static void
last_note(const char *user, int family, uint32_t ip)
{
	uint64_t h = user_hash(user, family);

	if (lasts == NULL)
		lasts = xcalloc(LAST_MAX, sizeof(*lasts));
	lasts[h % LAST_MAX] = (struct last){ h, ip };
}

/* The user's address of last time, if this pool has it free and out of its delay. */
static bool
last_pick(struct pool *p, const char *user, double now, uint32_t *ip)
{
	uint64_t h = user_hash(user, p->family);
	const struct last *l = lasts != NULL ? &lasts[h % LAST_MAX] : NULL;

	/* what was not given out since this pool is there comes in its turn */
	if (l == NULL || l->user != h || l->ip < p->first || l->ip >= p->fresh || bit_get(p, l->ip))
		return false;
	if (p->waits != NULL && p->waits[l->ip - p->first] != 0) {
		if (p->waits[l->ip - p->first] - 1 > now)
			return false;
		p->waits[l->ip - p->first] = 0; /* and its entry in the ring is void */
	}
	*ip = l->ip;
	return true;
}

static int
pool_take(struct pool *p, const char *user, double now, uint32_t *ip)
{
	if (p == NULL || (!last_pick(p, user, now, ip) && !pool_pick(p, now, ip)))
		return ERR_POOL_EMPTY;
	bit_set(p, *ip, true);
	p->used_count++;
	last_note(user, p->family, *ip);
	return 0;
}

int
lease_take(const struct cfg_pool *cfg, const char *user, double now, struct lease *out)
{
	uint32_t ip;
	int r = pool_take(pool_find(cfg->name, 4), user, now, &ip);

	if (r != 0)
		return r;
	snprintf(out->pool, sizeof(out->pool), "%s", cfg->name);
	out->ip = ip;
	out->mask = cfg->mask;
	return 0;
}

int
lease6_take(const struct cfg_ipv6_pool *cfg, const char *user, double now, struct lease6 *out)
{
	struct pool *p = pool_find(cfg->name, 6);
	uint32_t ip;
	int r = pool_take(p, user, now, &ip);

	if (r != 0)
		return r;
	snprintf(out->pool, sizeof(out->pool), "%s", cfg->name);
	memcpy(&out->ip, p->high, sizeof(p->high));
	ip = htonl(ip);
	memcpy((uint8_t *)&out->ip + sizeof(p->high), &ip, sizeof(ip));
	out->prefix_len = (uint8_t)cfg->prefix_len;
	return 0;
}

static struct fixed { /* addresses in use that are in no pool */
	struct fixed *next;
	uint32_t ip;
} *fixed;

static struct fixed **
fixed_find(uint32_t ip)
{
	struct fixed **at = &fixed;

	while (*at != NULL && (*at)->ip != ip)
		at = &(*at)->next;
	return at;
}

int
lease_take_fixed(uint32_t ip, uint32_t mask, struct lease *out)
{
	struct pool *p = pools;
	struct fixed *f;

	while (p != NULL && (p->family != 4 || ip < p->first || ip > p->last))
		p = p->next;
	if (*fixed_find(ip) != NULL || (p != NULL && bit_get(p, ip)))
		return ERR_EXISTS;
	if (p != NULL) {
		bit_set(p, ip, true);
		p->used_count++;
	} else {
		f = xcalloc(1, sizeof(*f));
		f->ip = ip;
		f->next = fixed;
		fixed = f;
	}
	snprintf(out->pool, sizeof(out->pool), "%s", p != NULL ? p->name : "");
	out->ip = ip;
	out->mask = mask;
	return 0;
}

static bool
fixed_return(uint32_t ip)
{
	struct fixed **at = fixed_find(ip), *f = *at;

	if (f == NULL)
		return false;
	*at = f->next;
	free(f);
	return true;
}

static bool
pool_return(struct pool *p, uint32_t ip, double free_at)
{
	if (p == NULL || ip < p->first || ip > p->last || !bit_get(p, ip))
		return false;
	bit_set(p, ip, false);
	p->used_count--;
	if (ip < p->fresh)
		ring_put(p, ip, free_at);
	return true;
}

bool
lease_return(const struct lease *l, double now)
{
	if (l->pool[0] == '\0')
		return fixed_return(l->ip);
	return pool_return(pool_find(l->pool, 4), l->ip, now + reuse_delay_s);
}

bool
lease6_return(const struct lease6 *l, double now)
{
	struct pool *p = pool_find(l->pool, 6);
	uint32_t ip;

	memcpy(&ip, (const uint8_t *)&l->ip + sizeof(p->high), sizeof(ip));
	return p != NULL && memcmp(p->high, &l->ip, sizeof(p->high)) == 0 && pool_return(p, ntohl(ip), now + reuse_delay6_s);
}

static bool
pool_counts(const struct pool *p, double now, struct lease_counts *out)
{
	if (p == NULL)
		return false;
	*out = (struct lease_counts){ .used = p->used_count };
	for (uint32_t i = 0; i < p->ring_count; i++) {
		const struct returned *r = ring_at(p, i);

		out->held += r->free_at > now && ring_counts(p, r);
	}
	out->free = pool_size(p) - p->used_count - out->held;
	return true;
}

bool
lease_counts(const char *name, double now, struct lease_counts *out)
{
	return pool_counts(pool_find(name, 4), now, out);
}

bool
lease6_counts(const char *name, double now, struct lease_counts *out)
{
	return pool_counts(pool_find(name, 6), now, out);
}

bool
lease_is_used(const char *name, uint32_t ip)
{
	const struct pool *p = pool_find(name, 4);

	return p != NULL && ip >= p->first && ip <= p->last && bit_get(p, ip);
}
