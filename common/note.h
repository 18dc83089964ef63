/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a forwarder notes of each session whose records it seals and opens, in
 * the memory where the counters are: its successor goes on from there, with
 * keys that it gets from the session's worker again. No write number is used
 * twice, none is taken twice, and the client's address is the one that was believed last.
 */
#ifndef OFFHOOK_NOTE_H
#define OFFHOOK_NOTE_H

#include <stdint.h>

#include "common/counters.h"

struct note {
	uint64_t id;       /* of the keys, drawn by the worker; 0: nothing is noted. Written last */
	uint64_t tx_next;  /* epoch and number: none from here on has been used */
	uint64_t rx_high;  /* highest number that was taken */
	uint32_t socket;   /* id of our end, and both addresses as struct addr has them */
	uint16_t port;
	uint8_t family, local_family;
	uint8_t ip[16], local_ip[16];
};

/* Bytes of the memory: counters, and then a note for each slot. */
static inline size_t
notes_size(uint32_t slots)
{
	return counters_size(slots) + slots * sizeof(struct note);
}

static inline struct note *
note_of(struct counters *table, uint32_t slots, uint32_t slot)
{
	return (struct note *)((uint8_t *)table + counters_size(slots)) + slot;
}

#endif
