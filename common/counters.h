/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of per-session counters: shared memory that forwarders alone
 * write and main maps read-only, one row per session slot, which is one forwarder's for ever. Values only grow
 * while a slot is in use; main notes the start values when it gives out a slot.
 * "rx" is from the client, "tx" to it; bytes are of inner packets.
 */
#ifndef OFFHOOK_COUNTERS_H
#define OFFHOOK_COUNTERS_H

#include <stddef.h>
#include <stdint.h>

#include "common/steer.h"

struct counters {
	uint64_t rx_bytes, tx_bytes;
	uint64_t rx_packets, tx_packets;
	uint64_t rx_drops; /* bad header, not the session's address, or its worker could not read it */
	uint64_t tx_drops; /* queue full, too big, or its worker could not send it */
	/* of the drops */
	uint64_t rx_drops_source, rx_drops_worker; /* not the session's address; what its worker says */
	uint64_t tx_drops_queue, tx_drops_big;
	/* of packets and bytes, what went over DTLS; the rest over TLS */
	uint64_t dtls_rx_bytes, dtls_tx_bytes;
	uint64_t dtls_rx_packets, dtls_tx_packets;
	uint64_t udp_port; /* of the client's end of the DTLS tunnel; of an earlier one until there is one */
	/* since 1970, as active_ms: the last packet from the client to where phones get their configuration, or register */
	uint64_t config_ms, registration_ms;
	uint64_t active_ms; /* since 1970, of the last inner packet either way; of an earlier session until there is one */
	/* of the drops, each by its kind, what the DTLS tunnel lost; towards the client: while there was one */
	uint64_t dtls_rx_drops, dtls_rx_drops_source, dtls_rx_drops_worker;
	uint64_t dtls_tx_drops, dtls_tx_drops_queue, dtls_tx_drops_big;
};

/* Behind the last slot, one for each forwarder: UDP datagrams that were no session's, and what it passed on. */
struct counters_strange {
	uint64_t sessions;  /* a ClientHello with a session id that nobody has */
	uint64_t addresses; /* DTLS from where no session's peer is */
	uint64_t malformed; /* no DTLS */
	uint64_t passed, passed_lost; /* to other forwarders; what they did not read */
	uint64_t unused[3]; /* a line of the cache has one writer */
};

#define SESSION_SLOTS 65536

/* Bytes of the whole table. */
static inline size_t
counters_size(uint32_t slots)
{
	return slots * sizeof(struct counters) + FORWARDERS_MAX * sizeof(struct counters_strange);
}

#endif
