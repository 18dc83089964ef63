/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef LOAD_SESSION_H
#define LOAD_SESSION_H

#include "load.h"
#include "tests/phone/dtls.h"
#include "tests/phone/liveness.h"
#include "tests/phone/tunnel.h"

/*
 * What carries its packets: a tunnel of a gateway; bare datagrams to a relay,
 * each an inner packet; or nothing at all, straight to the inside.
 */
enum session_kind { KIND_TUNNEL, KIND_RELAY, KIND_DIRECT };

enum session_state { SESSION_NEW, SESSION_LOGIN, SESSION_CONNECT, SESSION_DTLS, SESSION_UP, SESSION_FAILED, SESSION_LEFT };

struct session {
	struct load *load;
	enum session_kind kind;
	enum session_state state;
	unsigned number;
	struct identity id;
	struct conn conn;
	struct dtls dtls;
	struct record *record;		/* NULL: no DTLS */
	struct tunnel tunnel;
	struct liveness live[CHANNEL_COUNT];
	struct in_addr addr;		/* inner */
	int udp_fd;			/* of DTLS, of the relay, or -1 */
	ev_io udp_io;
	ev_timer deadline, wake;
	char cookie[1024], error[200];
	int64_t start_us, dtls_start_us, ready_us;	/* ready_us: from start_us on */
	bool buffered, corked;		/* its TLS: writes go through a buffer; and wait for more */
	bool asked;			/* a phone has had the answer to its GET */
	unsigned syns_again, hellos_again;	/* what was not answered in time */
	uint32_t sent, bad;		/* packets of traffic; records that do not open */
};

/* Does not start it. */
struct session *session_new(struct load *load, enum session_kind kind, unsigned number);
/* Make the certificate, if there is a CA. Returns 0 or -1. */
int session_identity(struct session *s);
void session_start(struct session *s);
/* A relay at this address, or the inside itself: up at once. Returns 0 or -1 and errno. */
int session_start_plain(struct session *s, struct in_addr addr, const struct sockaddr_in *to);
/* Say goodbye, if it is up. */
void session_leave(struct session *s);
void session_free(struct session *s);

/* Send one inner packet. */
bool session_send(struct session *s, const uint8_t *packet, size_t len);
/* Send n inner packets of the same length, one after another, in one call where there is a UDP channel. */
bool session_send_batch(struct session *s, const uint8_t *packets, unsigned n, size_t len);
#define SESSION_BATCH_MAX 40

/* Take datagrams in batches, too (UDP_GRO), and have room for many. */
void session_batching(struct session *s);

#endif
