/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/main/lease.h"

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

struct pool {
	struct pool *next;
	char *name;
	uint32_t first, last;
	uint32_t fresh;    /* addresses from here on were never given out */
	uint8_t *used;     /* a bit per address */
	uint32_t used_count;
	struct returned *returned; /* ring of returned addresses */
	uint32_t ring_size, ring_head, ring_count;
	bool keep;
};

static struct pool *pools;
static double reuse_delay_s; /* vpn-addr-assign local reuse-delay */

static struct pool *
pool_find(const char *name)
{
	for (struct pool *p = pools; p != NULL; p = p->next) {
		if (strcmp(p->name, name) == 0)
			return p;
	}
	return NULL;
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

static void
ring_put(struct pool *p, uint32_t ip, double free_at)
{
	if (p->ring_count == p->ring_size) {
		uint32_t size = p->ring_size == 0 ? 64 : p->ring_size * 2;
		struct returned *grown = xmalloc(size * sizeof(*grown));

		for (uint32_t i = 0; i < p->ring_count; i++)
			grown[i] = p->returned[(p->ring_head + i) % p->ring_size];
		free(p->returned);
		p->returned = grown;
		p->ring_size = size;
		p->ring_head = 0;
	}
	p->returned[(p->ring_head + p->ring_count++) % p->ring_size] = (struct returned){ ip, free_at };
}

static void
ring_remove(struct pool *p, uint32_t at)
{
	for (; at + 1 < p->ring_count; at++)
		p->returned[(p->ring_head + at) % p->ring_size] = p->returned[(p->ring_head + at + 1) % p->ring_size];
	p->ring_count--;
}

static struct pool *
pool_new(const struct cfg_pool *cfg)
{
	struct pool *p = xcalloc(1, sizeof(*p));

	p->name = xstrdup(cfg->name);
	p->first = p->fresh = cfg->first;
	p->last = cfg->last;
	p->used = xcalloc(pool_size(p) / 8 + 1, 1);
	p->next = pools;
	pools = p;
	return p;
}

static void
pool_free(struct pool *p)
{
	for (struct pool **at = &pools; *at != NULL; at = &(*at)->next) {
		if (*at == p) {
			*at = p->next;
			break;
		}
	}
	free(p->name);
	free(p->used);
	free(p->returned);
	free(p);
}

/* The same pool with other ends: what is in use and still inside stays in use. */
static void
pool_change(struct pool *old, const struct cfg_pool *cfg)
{
	struct pool *p = pool_new(cfg);

	for (uint32_t ip = p->first; old->used_count > 0 && ip >= p->first && ip <= p->last; ip++) {
		if (ip >= old->first && ip <= old->last && bit_get(old, ip)) {
			bit_set(p, ip, true);
			p->used_count++;
		}
	}
	p->keep = true;
	pool_free(old);
}

void
lease_configure(const struct config *cfg)
{
	struct pool *next;

	reuse_delay_s = cfg->addr_assign.reuse_delay_min > 0 ? cfg->addr_assign.reuse_delay_min * 60.0 : 0;
	for (struct pool *p = pools; p != NULL; p = p->next)
		p->keep = false;
	for (const struct cfg_pool *c = cfg->pools; c != NULL; c = c->next) {
		struct pool *p = pool_find(c->name);

		if (p == NULL)
			p = pool_new(c);
		else if (p->first != c->first || p->last != c->last) {
			pool_change(p, c);
			continue;
		}
		p->keep = true;
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
	while (p->ring_count > 0 && p->returned[p->ring_head].free_at <= now) {
		*ip = p->returned[p->ring_head].ip;
		p->ring_head = (p->ring_head + 1) % p->ring_size;
		p->ring_count--;
		if (!bit_get(p, *ip))
			return true;
	}
	return false;
}

/* ---- who had which ---- */

#define LAST_MAX 16384 /* direct-mapped: a collision costs one user his old address */

static struct last {
	uint64_t user; /* hash of the name, 0 none */
	uint32_t ip;
} *lasts;

static uint64_t
user_hash(const char *user)
{
	uint64_t h = 14695981039346656037u; /* FNV-1a */

	for (; *user != '\0'; user++)
		h = (h ^ (unsigned char)*user) * 1099511628211u;
	return h | 1;
}

static void
last_note(const char *user, uint32_t ip)
{
	uint64_t h = user_hash(user);

	if (lasts == NULL)
		lasts = xcalloc(LAST_MAX, sizeof(*lasts));
	lasts[h % LAST_MAX] = (struct last){ h, ip };
}

/* The user's address of last time, if this pool has it free and out of its delay. */
static bool
last_pick(struct pool *p, const char *user, double now, uint32_t *ip)
{
	uint64_t h = user_hash(user);
	const struct last *l = lasts != NULL ? &lasts[h % LAST_MAX] : NULL;

	/* what was not given out since this pool is there comes in its turn */
	if (l == NULL || l->user != h || l->ip < p->first || l->ip >= p->fresh || bit_get(p, l->ip))
		return false;
	for (uint32_t i = 0; i < p->ring_count; i++) {
		struct returned *r = &p->returned[(p->ring_head + i) % p->ring_size];

		if (r->ip != l->ip)
			continue;
		if (r->free_at > now)
			return false;
		ring_remove(p, i);
		break;
	}
	*ip = l->ip;
	return true;
}

int
lease_take(const struct cfg_pool *cfg, const char *user, double now, struct lease *out)
{
	struct pool *p = pool_find(cfg->name);
	uint32_t ip;

	if (p == NULL || (!last_pick(p, user, now, &ip) && !pool_pick(p, now, &ip)))
		return ERR_POOL_EMPTY;
	bit_set(p, ip, true);
	p->used_count++;
	last_note(user, ip);
	snprintf(out->pool, sizeof(out->pool), "%s", cfg->name);
	out->ip = ip;
	out->mask = cfg->mask;
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

	while (p != NULL && (ip < p->first || ip > p->last))
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

bool
lease_return(const struct lease *l, double now)
{
	struct pool *p = pool_find(l->pool);

	if (l->pool[0] == '\0')
		return fixed_return(l->ip);
	if (p == NULL || l->ip < p->first || l->ip > p->last || !bit_get(p, l->ip))
		return false;
	bit_set(p, l->ip, false);
	p->used_count--;
	if (l->ip < p->fresh)
		ring_put(p, l->ip, now + reuse_delay_s);
	return true;
}

bool
lease_counts(const char *name, double now, struct lease_counts *out)
{
	const struct pool *p = pool_find(name);

	if (p == NULL)
		return false;
	*out = (struct lease_counts){ .used = p->used_count };
	for (uint32_t i = 0; i < p->ring_count; i++) {
		const struct returned *r = &p->returned[(p->ring_head + i) % p->ring_size];

		out->held += r->free_at > now && !bit_get(p, r->ip);
	}
	out->free = pool_size(p) - p->used_count - out->held;
	return true;
}

bool
lease_is_used(const char *name, uint32_t ip)
{
	const struct pool *p = pool_find(name);

	return p != NULL && ip >= p->first && ip <= p->last && bit_get(p, ip);
}
