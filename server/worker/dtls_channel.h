/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The DTLS side of a tunnel: the handshake in progress, the session in use
 * beside it, and which peer is believed (protocol.md 3.3, 3.6). It owns no
 * socket; what it decides goes out through its operations.
 *
 *   live  next  event                              then
 *   any   none  ClientHello, new random            next: a handshake
 *   any   yes   ClientHello, same random           goes to next (a repetition)
 *   any   yes   ClientHello, another random        next is given up, a new one begins
 *   any   yes   Finished verifies                  live = next, the old keys end here
 *   none  yes   alert, error, 30 s                 a failure; the third one refuses DTLS
 *   yes   any   close_notify, DPD                  none: data goes by CSTP
 *   yes   any   new record from another address    the peer moves
 *
 * Records of data of a live session may be another's work (the forwarder's fast
 * path): what then still comes here of them goes back, what is to be sent is given to it.
 */
#ifndef OFFHOOK_DTLS_CHANNEL_H
#define OFFHOOK_DTLS_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/worker/dtls.h"

#define DTLS_RECORD_MAX (1 + 16384) /* type byte and payload */

enum dtls_event {
	DTLS_EVENT_UP,
	DTLS_EVENT_LOST,
	DTLS_EVENT_FAILED,  /* a handshake, with no live session to go on with; why says it */
	DTLS_EVENT_REFUSED, /* the last failure: no further hello is answered */
};

struct dtls_channel_ops {
	dtls_send_fn send;
	void (*peer_up)(void *ctx, uint8_t tag); /* this peer has proved itself */
	void (*peer_down)(void *ctx, uint8_t tag);
	void (*record)(void *ctx, const uint8_t *record, size_t len); /* from the client, at least its type byte */
	void (*event)(void *ctx, enum dtls_event event, const char *why);
	/* Will somebody else seal and open this session's records of data? NULL: nobody. */
	bool (*hand_over)(void *ctx, const struct dtls *d);
	/* The same to its successor. False: it could not be said; else dtls_channel_again() is called with the answer. */
	bool (*hand_again)(void *ctx, const struct dtls *d);
	void (*seal)(void *ctx, const void *content, size_t len); /* send a record of this content */
	void (*give_back)(void *ctx, uint8_t tag, const uint8_t *data, size_t len); /* a datagram that is its to open */
};

struct dtls_channel {
	const struct dtls_channel_ops *ops;
	void *ctx;
	struct dtls_keys *keys;    /* NULL: no DTLS in this tunnel */
	struct dtls *live, *next;
	bool handed_over;          /* the live one's records of data */
	uint8_t live_random[DTLS_RANDOM_BYTES], next_random[DTLS_RANDOM_BYTES];
	uint64_t live_high;        /* highest record number that authenticated, epoch included */
	uint64_t next_due_ms;      /* retransmission of next */
	uint64_t next_ends_ms;     /* it has failed */
	uint64_t answer_due_ms;    /* no handshake by then counts as a failure; UINT64_MAX: done with */
	unsigned starts;           /* tokens left */
	uint64_t starts_ms;        /* last time one was added */
	unsigned failures;
	bool heard; /* a hello of the client has come */
	bool refused;
	unsigned payload_start, payload; /* largest UDP payload, at first and now */
	uint64_t payload_raise_ms; /* when the first one is tried again; UINT64_MAX: it is in use */
};

/* Begin; keys (malloc'ed, taken over and wiped at the end) NULL: the channel stays empty. */
void dtls_channel_start(struct dtls_channel *c, const struct dtls_channel_ops *ops, void *ctx, struct dtls_keys *keys,
    unsigned payload_max, uint64_t now_ms);
void dtls_channel_clear(struct dtls_channel *c);

/* A datagram of a peer of ours. scratch: DTLS_RECORD_MAX bytes for what is decrypted. */
void dtls_channel_datagram(struct dtls_channel *c, uint8_t tag, const uint8_t *data, size_t len, uint8_t *scratch,
    uint64_t now_ms);
/* A datagram from an address that is nobody's: ours if it authenticates. */
void dtls_channel_stray(struct dtls_channel *c, uint8_t tag, const uint8_t *data, size_t len, uint8_t *scratch);

/* One record to the client. 0, ERR_LONG (the path takes no such datagram), ERR_CLOSED (no live session). */
int dtls_channel_send(struct dtls_channel *c, const void *record, size_t len);

/* DPD says so: the live session ends. */
void dtls_channel_lost(struct dtls_channel *c);
/* A new forwarder knows none of our peers: all ends but a live session whose records were its predecessor's work. */
void dtls_channel_reset(struct dtls_channel *c);
/* That one's answer: it goes on with them, and our peer has this tag; or it does not, and the session ends. */
void dtls_channel_again(struct dtls_channel *c, bool yes, uint8_t tag);

/*
 * The path took no datagram of len bytes; room: what it takes by the word of a
 * router, 0 unknown. True: the payload is lower now (protocol.md 2.3).
 */
bool dtls_channel_too_big(struct dtls_channel *c, uint8_t tag, unsigned len, unsigned room, uint64_t now_ms);
/* The largest inner packet that goes in one record now; 0 without a live session. */
unsigned dtls_channel_mtu(const struct dtls_channel *c);

/* Act on what is due. True: the payload is the first one again. */
bool dtls_channel_timer(struct dtls_channel *c, uint64_t now_ms);
uint64_t dtls_channel_next_ms(const struct dtls_channel *c);

#endif
