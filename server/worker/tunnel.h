/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tunnel of a worker: packets between client (CSTP, DTLS) and forwarder, and the timers of a session. */
#ifndef OFFHOOK_TUNNEL_H
#define OFFHOOK_TUNNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/ipc.h"
#include "server/worker/dtls.h"

struct worker;

struct tunnel_setup { /* all of it copied */
	bool phone;
	unsigned mtu_bytes, udp_payload_bytes;
	const struct ipc_session_grant *grant;
	int forwarder_fd; /* taken over */
	struct dtls_keys *dtls; /* malloc'ed, taken over; NULL: none */
	enum compression cstp_compression, dtls_compression;
};

/*
 * Become a tunnel: once the forwarder says that it knows the session, send the
 * answer's head (a hello right behind it then finds its way) and tell main.
 */
void tunnel_start(struct worker *w, const struct tunnel_setup *setup, const char *head, size_t head_len);

void tunnel_readable(struct worker *w);
void tunnel_writable(struct worker *w);

/* Act on the timers that are due. */
void tunnel_timer(struct worker *w, uint64_t now_ms);
uint64_t tunnel_next_ms(const struct worker *w);

/* Main ends the tunnel: tell the client why, and go. */
void tunnel_close(struct worker *w, enum end_reason reason) __attribute__((noreturn));

/* The forwarder is a new one, which knows no peer of ours. */
void tunnel_forwarder_new(struct worker *w);

#endif
