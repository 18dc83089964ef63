/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of per-session counters: shared memory that the forwarder alone
 * writes and main maps read-only, one row per session slot. Values only grow
 * while a slot is in use; main notes the start values when it gives out a slot.
 * "rx" is from the client, "tx" to it; bytes are of inner packets.
 */
#ifndef OFFHOOK_COUNTERS_H
#define OFFHOOK_COUNTERS_H

#include <stdint.h>

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
};

#define SESSION_SLOTS 65536

#endif
