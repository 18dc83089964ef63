/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/main/session_table.h"

#include <gnutls/gnutls.h>
#include <stdio.h>
#include <string.h>

#include "common/steer.h"

#define BUCKETS   16384
#define INDEX_MAX 65535

static struct session *first, *last;
static struct session *slots[SESSION_SLOTS], *buckets[BUCKETS], *users[BUCKETS];
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

struct session *
session_user_bucket(const char *user)
{
	return users[user_bucket(user)];
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

static bool
index_used(uint32_t index)
{
	for (const struct session *s = first; s != NULL; s = s->next) {
		if (s->index == index)
			return true;
	}
	return false;
}

uint32_t
session_index_take(void)
{
	static bool wrapped;
	uint32_t index;

	do {
		index = next_index++;
		if (next_index > INDEX_MAX) {
			next_index = 1;
			wrapped = true;
		}
	} while (wrapped && index_used(index));
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
	s->user_next = users[user_bucket(s->user)];
	users[user_bucket(s->user)] = s;
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
	for (at = &users[user_bucket(s->user)]; *at != NULL; at = &(*at)->user_next) {
		if (*at == s) {
			*at = s->user_next;
			break;
		}
	}
	if (s->prev != NULL)
		s->prev->next = s->next;
	else
		first = s->next;
	if (s->next != NULL)
		s->next->prev = s->prev;
	else
		last = s->prev;
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
