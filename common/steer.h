/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which forwarder has what, in memory that all of them share and, where it may,
 * the kernel reads (server/main/steer.c): so that a packet comes to its home at once, and one
 * that came to another is passed on to who can want it.
 *
 * A byte of a table has a bit for each forwarder, which it alone sets and clears (main does when it
 * died). What hashes to one byte may be several things: a bit says that it is worth asking, no more.
 */
#ifndef OFFHOOK_STEER_H
#define OFFHOOK_STEER_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "common/addr.h"

#define FORWARDERS_MAX 8     /* bits of a byte */
#define STEER_ENTRIES  65536 /* as a 16-bit hash finds them */
#define STEER_FACTOR   2654435761u

enum steer_table {
	STEER_PEER,  /* outer address and port of a peer that is up */
	STEER_CLAIM, /* of one whose handshake goes on; the kernel does not look: a hello proves nothing */
	STEER_IP,    /* outer address of a peer that is up, for those that a NAT has moved */
	STEER_INNER, /* inner address of a session */
	STEER_TABLES
};

#define STEER_BYTES ((size_t)STEER_TABLES * STEER_ENTRIES)

/* What the eBPF programs do, too: word as it lies in memory. */
static inline uint32_t
steer_mix(uint32_t h, uint32_t word)
{
	h = (h ^ word) * STEER_FACTOR;
	return h ^ h >> 15;
}

/* Of an address of 4 or 16 bytes. */
static inline uint32_t
steer_mix_ip(uint32_t h, const uint8_t *ip, size_t bytes)
{
	for (size_t i = 0; i < bytes; i += 4) {
		uint32_t word;

		memcpy(&word, ip + i, sizeof(word));
		h = steer_mix(h, word);
	}
	return h;
}

/* Where an address is in STEER_IP and STEER_INNER. */
static inline uint32_t
steer_hash_ip(uint32_t seed, const struct addr *a)
{
	return steer_mix_ip(seed, a->ip, a->family == 6 ? 16 : 4) >> 16;
}

/* Where an address and port are in STEER_PEER and STEER_CLAIM. */
static inline uint32_t
steer_hash_peer(uint32_t seed, const struct addr *a)
{
	return steer_mix(steer_mix_ip(seed, a->ip, a->family == 6 ? 16 : 4), htons(a->port)) >> 16;
}

/* The home of a DTLS session id: main draws them so. */
static inline unsigned
steer_home_of_id(const uint8_t *id, unsigned forwarders)
{
	return id[0] % forwarders;
}

#endif
