/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/main/session_table.h"

#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/mem.h"
#include "common/steer.h"

#define BUCKETS   16384
#define INDEX_MAX 65535

static struct session *first, *last;
static struct session *slots[SESSION_SLOTS], *buckets[BUCKETS], *indexes[INDEX_MAX + 1];
static struct session_user *users[BUCKETS];
static struct session_queue waiting = TAILQ_HEAD_INITIALIZER(waiting);
static uint32_t next_index = 1, next_slot, slots_used;
static unsigned count, loads[FORWARDERS_MAX]; /* sessions; of each forwarder */
static unsigned homes = 1;

static uint32_t
cookie_bucket(const uint8_t hash[32])
{
	uint32_t h;

	memcpy(&h, hash, sizeof(h));
	return h % BUCKETS;
}

struct session *
session_by_cookie(const uint8_t hash[32])
{
	struct session *s = buckets[cookie_bucket(hash)];

	while (s != NULL && gnutls_memcmp(s->cookie_hash, hash, 32) != 0)
		s = s->hash_next;
	return s;
}

static uint32_t
user_bucket(const char *user)
{
	uint32_t h = 5381;

	for (; *user != '\0'; user++)
		h = h * 33 + (unsigned char)*user;
	return h % BUCKETS;
}

struct session_user *
session_user_find(const char *name)
{
	struct session_user *u = users[user_bucket(name)];

	while (u != NULL && strcmp(u->name, name) != 0)
		u = u->hash_next;
	return u;
}

static struct session_user *
user_make(const char *name)
{
	size_t size = strlen(name) + 1;
	struct session_user *u = xcalloc(1, sizeof(*u) + size), **bucket = &users[user_bucket(name)];

	memcpy(u->name, name, size);
	TAILQ_INIT(&u->sessions);
	TAILQ_INIT(&u->waiting);
	u->hash_next = *bucket;
	*bucket = u;
	return u;
}

static void
user_free(struct session_user *u)
{
	struct session_user **at = &users[user_bucket(u->name)];

	while (*at != u)
		at = &(*at)->hash_next;
	*at = u->hash_next;
	free(u);
}

static void
user_link(struct session *s)
{
	struct session_user *u = session_user_find(s->user);

	if (u == NULL)
		u = user_make(s->user);
	s->of_user = u;
	TAILQ_INSERT_TAIL(&u->sessions, s, user_link);
	u->count++;
}

static void
user_unlink(struct session *s)
{
	struct session_user *u = s->of_user;

	TAILQ_REMOVE(&u->sessions, s, user_link);
	if (--u->count == 0)
		user_free(u);
}

/* The tail's pointer tells whether it is in the queue: an entry's is never NULL there. */
static bool
is_queued(const struct session *s)
{
	return s->waiting_link.tqe_prev != NULL;
}

void
session_waiting_begin(struct session *s)
{
	session_waiting_end(s);
	TAILQ_INSERT_TAIL(&waiting, s, waiting_link);
	TAILQ_INSERT_TAIL(&s->of_user->waiting, s, user_waiting_link);
}

void
session_waiting_end(struct session *s)
{
	if (!is_queued(s))
		return;
	TAILQ_REMOVE(&waiting, s, waiting_link);
	TAILQ_REMOVE(&s->of_user->waiting, s, user_waiting_link);
	s->waiting_link.tqe_prev = NULL;
}

struct session *
session_waiting_longest(void)
{
	return TAILQ_FIRST(&waiting);
}

struct session *
session_first(void)
{
	return first;
}

struct session *
session_by_slot(uint32_t slot)
{
	return slot < SESSION_SLOTS ? slots[slot] : NULL;
}

unsigned
session_count(void)
{
	return count;
}

uint32_t
session_index_take(void)
{
	uint32_t index;

	do {
		index = next_index++;
		if (next_index > INDEX_MAX)
			next_index = 1;
	} while (indexes[index] != NULL);
	return index;
}

uint32_t
session_slots_used(void)
{
	return slots_used;
}

bool
session_slot_take(unsigned forwarders, uint32_t *slot)
{
	unsigned least = SESSION_SLOTS;

	if (count >= INDEX_MAX)
		return false; /* no index is left */
	homes = forwarders;
	for (unsigned i = 0; i < homes; i++)
		least = loads[i] < least ? loads[i] : least;
	for (uint32_t i = 0; i < SESSION_SLOTS; i++) {
		uint32_t at = (next_slot + i) % SESSION_SLOTS;

		if (slots[at] == NULL && loads[at % homes] == least) {
			next_slot = at + 1;
			if (next_slot > slots_used)
				slots_used = next_slot;
			*slot = at;
			return true;
		}
	}
	return false;
}

void
session_link(struct session *s)
{
	uint32_t b = cookie_bucket(s->cookie_hash);

	s->prev = last;
	if (last != NULL)
		last->next = s;
	else
		first = s;
	last = s;
	s->hash_next = buckets[b];
	buckets[b] = s;
	user_link(s);
	indexes[s->index] = s;
	slots[s->slot] = s;
	loads[s->slot % homes]++;
	count++;
}

void
session_unlink(struct session *s)
{
	struct session **at;

	for (at = &buckets[cookie_bucket(s->cookie_hash)]; *at != NULL; at = &(*at)->hash_next) {
		if (*at == s) {
			*at = s->hash_next;
			break;
		}
	}
	session_waiting_end(s);
	user_unlink(s);
	if (s->prev != NULL)
		s->prev->next = s->next;
	else
		first = s->next;
	if (s->next != NULL)
		s->next->prev = s->prev;
	else
		last = s->prev;
	indexes[s->index] = NULL;
	slots[s->slot] = NULL;
	loads[s->slot % homes]--;
	count--;
}

const char *
session_audit_id(const struct session *s, char out[SESSION_AUDIT_ID])
{
	snprintf(out, SESSION_AUDIT_ID, "%08x%08x%08x", addr_ip4(&s->local_addr), s->index << 12, (unsigned)s->login_time);
	return out;
}
