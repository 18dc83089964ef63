/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/certauth/pace.h"

#include <gnutls/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/mem.h"

#define SETS 2048
#define WAYS 4
#define FORGET_S 600.0    /* without a failure for so long: forgotten */
#define BUSY_WAIT_S 0.05  /* for one of those under way to end */

struct count {
	uint64_t who; /* 0 free */
	double next_at, failed_at;
	uint32_t failures, running;
};

struct pace {
	uint8_t seed[16]; /* nobody can aim at another's place in the table */
	struct count counts[SETS][WAYS];
};

/* How many failures are free, how many checks may run at a time while none has failed. */
static const struct {
	uint32_t free_failures, running;
} kinds[] = {
	[PACE_USER] = { 0, 4 },
	[PACE_SOURCE] = { 8, 16 },
};

struct pace *
pace_new(void)
{
	struct pace *p = xcalloc(1, sizeof(*p));

	if (gnutls_rnd(GNUTLS_RND_NONCE, p->seed, sizeof(p->seed)) < 0)
		fatal("no random numbers");
	return p;
}

void
pace_free(struct pace *p)
{
	free(p);
}

static uint64_t
name_of(const struct pace *p, char kind, const void *data, size_t len)
{
	uint8_t digest[32];
	uint64_t who;
	gnutls_hash_hd_t h;

	if (gnutls_hash_init(&h, GNUTLS_DIG_SHA256) < 0)
		fatal("no SHA-256");
	gnutls_hash(h, p->seed, sizeof(p->seed));
	gnutls_hash(h, &kind, 1);
	gnutls_hash(h, data, len);
	gnutls_hash_deinit(h, digest);
	memcpy(&who, digest, sizeof(who));
	return who | 1;
}

uint64_t
pace_user(const struct pace *p, const char *user)
{
	return name_of(p, 'u', user, strlen(user));
}

uint64_t
pace_source(const struct pace *p, const struct addr *peer)
{
	if (peer->family == 4)
		return name_of(p, '4', peer->ip, 4);
	return peer->family == 6 ? name_of(p, '6', peer->ip, 8) : 0;
}

static struct count *
count_find(struct pace *p, uint64_t who)
{
	struct count *set = p->counts[(who >> 8) % SETS];

	for (size_t i = 0; i < WAYS; i++) {
		if (set[i].who == who)
			return &set[i];
	}
	return NULL;
}

/* Is a worth less than b? What runs stays last of all, then what failed most, then latest. */
static bool
count_gives_way(const struct count *a, const struct count *b)
{
	if ((a->running > 0) != (b->running > 0))
		return a->running == 0;
	if (a->failures != b->failures)
		return a->failures < b->failures;
	return a->failed_at < b->failed_at;
}

static struct count *
count_make(struct pace *p, uint64_t who)
{
	struct count *set = p->counts[(who >> 8) % SETS], *least = &set[0];

	for (size_t i = 1; i < WAYS; i++) {
		if (set[i].who == 0 || (least->who != 0 && count_gives_way(&set[i], least)))
			least = &set[i];
	}
	*least = (struct count){ .who = who };
	return least;
}

static void
count_age(struct count *c, double now)
{
	if (c->failures > 0 && now - c->failed_at > FORGET_S)
		c->failures = 0;
}

static double
delay_of(enum pace_kind kind, const struct count *c)
{
	uint32_t level = c->failures > kinds[kind].free_failures ? c->failures - kinds[kind].free_failures : 0;
	double delay = PACE_FIRST_S;

	if (level == 0)
		return 0;
	while (--level > 0 && delay < PACE_LAST_S)
		delay *= 2;
	return delay < PACE_LAST_S ? delay : PACE_LAST_S;
}

double
pace_begin(struct pace *p, enum pace_kind kind, uint64_t who, double now)
{
	struct count *c;
	uint32_t most;

	if (who == 0)
		return 0;
	if ((c = count_find(p, who)) == NULL)
		c = count_make(p, who);
	count_age(c, now);
	if (c->next_at > now)
		return c->next_at - now;
	most = delay_of(kind, c) > 0 ? 1 : kinds[kind].running; /* guesses come one after the other */
	if (c->running >= most)
		return BUSY_WAIT_S;
	c->running++;
	return 0;
}

void
pace_undo(struct pace *p, uint64_t who)
{
	struct count *c = who != 0 ? count_find(p, who) : NULL;

	if (c != NULL && c->running > 0)
		c->running--;
}

double
pace_end(struct pace *p, enum pace_kind kind, uint64_t who, bool ok, double now)
{
	struct count *c = who != 0 ? count_find(p, who) : NULL;
	double delay;

	if (who == 0)
		return 0;
	if (c == NULL)
		c = count_make(p, who);
	if (c->running > 0)
		c->running--;
	if (ok) { /* one good login of a source does not wipe out what the same source guesses */
		c->failures -= kind == PACE_USER || c->failures < 2 ? c->failures : 2;
		return 0;
	}
	c->failures++;
	c->failed_at = now;
	delay = delay_of(kind, c);
	if (now + delay > c->next_at)
		c->next_at = now + delay;
	return delay;
}
