/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a worker and the forwarder send each other: batches of items, one
 * batch per SEQPACKET message. An item is type (1), tag (1), length (2), bytes.
 * The tag names an outer UDP peer of the session; the forwarder gives them out.
 */
#ifndef OFFHOOK_BATCH_H
#define OFFHOOK_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BATCH_MAX      (32 * 1024)
#define BATCH_ITEM_MAX 16384
#define BATCH_HEAD     4

enum batch_type {
	BATCH_PACKET = 1, /* an inner IP packet, both ways; from a worker with tag 1: it came over DTLS */
	BATCH_DGRAM = 2,  /* an outer DTLS datagram from or to peer `tag` */
	BATCH_PEER_UP = 3, /* worker: the DTLS handshake with peer `tag` is done, empty */
	BATCH_BOUND = 4,   /* forwarder: the session's packets and hellos come here now, empty */
	BATCH_STRAY = 5,   /* forwarder: a datagram from an unknown address, perhaps this session's peer that moved; the
	                      worker answers with BATCH_PEER_UP of this tag if it authenticates and is new */
	BATCH_TOO_BIG = 6, /* forwarder: the path to peer `tag` took no datagram so long; two 16-bit numbers: its
	                      length, and the UDP payload that a router says it would take, 0 unknown */
	BATCH_MTU = 7,     /* worker: the largest inner packet it can send on, 16 bits */
	BATCH_PEER_DOWN = 8, /* worker: peer `tag` is gone, empty */
	BATCH_SENT = 9,    /* worker, of the packets it was given: three 32-bit numbers, packets and bytes that went over
	                      DTLS, packets that it dropped */
	/* When the forwarder seals and opens records of data itself: */
	BATCH_KEYS = 10,   /* worker: do so for the peer that is up; 64 bits that name the keys, struct record_keys */
	BATCH_SEAL = 11,   /* worker: send a record of this content */
	BATCH_RECORD = 12, /* forwarder: the content of a record that is for the worker (DPD and the like) */
	BATCH_BACK = 13,   /* worker: a datagram of peer `tag` with data that came here before the keys were there */
	BATCH_ASK = 14,    /* worker: when was the client heard? empty */
	BATCH_AGAIN = 17,  /* worker, to a successor of the forwarder that had BATCH_KEYS: the same, go on from what is noted
	                      (common/note.h); forwarder: yes, the peer is `tag` now, or, with a byte, no */
	BATCH_WATCH = 16,  /* worker: answer that unasked, once, when it has been silent for so many milliseconds (32 bits) */
	BATCH_HEARD = 15,  /* forwarder: two 32-bit numbers, milliseconds since a record of the client, since data that
	                      keeps a session from being idle, either way; UINT32_MAX: not since the keys came */
};

struct batch {
	size_t len;
	uint8_t bytes[BATCH_MAX];
};

struct batch_item {
	uint8_t type, tag;
	const uint8_t *data;
	size_t len;
};

static inline bool
batch_fits(const struct batch *b, size_t len)
{
	return b->len + BATCH_HEAD + len <= BATCH_MAX;
}

/* Room for an item of len bytes, which must fit; the caller fills it. */
uint8_t *batch_add(struct batch *b, enum batch_type type, uint8_t tag, size_t len);

/*
 * The item at *pos, which moves behind it. 1: an item; 0: end of the batch;
 * ERR_BAD_MESSAGE: not a batch.
 */
int batch_next(const uint8_t *bytes, size_t len, size_t *pos, struct batch_item *out);

#endif
