/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/forwarder/steering.h"

#include "common/mem.h"

static struct {
	uint8_t *memory; /* NULL: alone */
	uint32_t *mine;  /* how many of ours are behind each bit */
	uint8_t bit;
	unsigned count;
	uint32_t seed;
} steering;

void
steering_start(uint8_t *memory, unsigned index, unsigned count, uint32_t seed)
{
	steering.memory = memory;
	steering.mine = xcalloc(STEER_BYTES, sizeof(*steering.mine));
	steering.bit = (uint8_t)(1u << index);
	steering.count = count;
	steering.seed = seed;
}

/* Others write their bits of the same byte meanwhile. */
static void
entry_change(enum steer_table table, uint32_t hash, bool there)
{
	size_t at = (size_t)table * STEER_ENTRIES + hash;

	if (there && steering.mine[at]++ == 0)
		__atomic_fetch_or(&steering.memory[at], steering.bit, __ATOMIC_RELAXED);
	else if (!there && --steering.mine[at] == 0)
		__atomic_fetch_and(&steering.memory[at], (uint8_t)~steering.bit, __ATOMIC_RELAXED);
}

static unsigned
entry_others(enum steer_table table, uint32_t hash)
{
	size_t at = (size_t)table * STEER_ENTRIES + hash;

	return __atomic_load_n(&steering.memory[at], __ATOMIC_RELAXED) & (uint8_t)~steering.bit;
}

void
steering_peer(const struct addr *peer, bool up, bool there)
{
	if (steering.memory == NULL)
		return;
	entry_change(up ? STEER_PEER : STEER_CLAIM, steer_hash_peer(steering.seed, peer), there);
	if (up)
		entry_change(STEER_IP, steer_hash_ip(steering.seed, peer), there);
}

void
steering_inner(const struct addr *ip, bool there)
{
	if (steering.memory != NULL)
		entry_change(STEER_INNER, steer_hash_ip(steering.seed, ip), there);
}

unsigned
steering_at_path(const struct addr *peer)
{
	uint32_t hash;

	if (steering.memory == NULL)
		return 0;
	hash = steer_hash_peer(steering.seed, peer);
	return entry_others(STEER_PEER, hash) | entry_others(STEER_CLAIM, hash);
}

unsigned
steering_up_at_path(const struct addr *peer)
{
	return steering.memory == NULL ? 0 : entry_others(STEER_PEER, steer_hash_peer(steering.seed, peer));
}

unsigned
steering_at_ip(const struct addr *peer)
{
	return steering.memory == NULL ? 0 : entry_others(STEER_IP, steer_hash_ip(steering.seed, peer));
}

unsigned
steering_inside(const struct addr *ip)
{
	return steering.memory == NULL ? 0 : entry_others(STEER_INNER, steer_hash_ip(steering.seed, ip));
}

unsigned
steering_of_id(const uint8_t *id)
{
	return steering.memory == NULL ? 0 : (1u << steer_home_of_id(id, steering.count)) & (uint8_t)~steering.bit;
}
