/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PHONE_PHONE_H
#define PHONE_PHONE_H

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

#include "conn.h"
#include "dtls.h"
#include "identity.h"
#include "liveness.h"
#include "options.h"
#include "ping.h"
#include "report.h"
#include "tls.h"
#include "tunnel.h"

struct phone;

/* What all phones of a process share. */
struct run {
	const struct options *o;
	struct ev_loop *loop;
	struct tls_contexts tls;
	struct endpoint to;
	struct report report;
	void (*done)(struct run *, struct phone *);	/* a phone has printed its summary */
};

/* See phone.c for the table. */
enum phone_state {
	PHONE_IDLE, PHONE_TCP, PHONE_TLS, PHONE_HTTP, PHONE_DTLS, PHONE_PING, PHONE_DPD, PHONE_HOLD, PHONE_DONE,
};

/* The request that a connection was opened for, or that is under way. */
enum phone_step { STEP_GET, STEP_POST, STEP_CONNECT };

struct phone {
	struct run *run;
	struct facts facts;
	struct identity id;		/* not owned */
	enum phone_state state;
	enum phone_step step;
	struct conn conn;
	struct dtls dtls;
	struct tunnel tunnel;
	struct pinger ping;
	struct liveness live[CHANNEL_COUNT];
	uint8_t dpd_token[8];		/* payload of our last DPD */
	bool dpd_wait[CHANNEL_COUNT];
	bool muted, hold_begun;
	unsigned dtls_tries, rounds_left;
	char dtls_reason[200];		/* why the first of these tries failed */
	int64_t mark_us, hold_end_us;	/* mark: when the present stage began */
	char cookie[1024];
	ev_timer start_timer, stage_timer, wake_timer, ping_timer, dtls_timer;
};

/* Make phone number n of the run; it starts by itself after delay_s. id stays the caller's. */
void phone_init(struct phone *p, struct run *run, unsigned number, const struct identity *id, double delay_s);
void phone_clear(struct phone *p);

/* Leave as --bye says and finish; for a signal. Harmless when done. */
void phone_leave(struct phone *p, const char *reason);
/* Drop the connection as --drop says and connect again with the cookie, if there is a tunnel. */
void phone_drop(struct phone *p);
/* Finish with this stage as the one that failed. */
void phone_fail(struct phone *p, enum stage stage, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* ---- between phone.c, udp.c and traffic.c ---- */

/* udp.c: the DTLS channel of a phone. */
void udp_start(struct phone *p);	/* first handshake of this tunnel */
void udp_lost(struct phone *p, const char *why);	/* it was up and is dead: start again */
void udp_stop(struct phone *p, enum bye how);

/* traffic.c: packets in the tunnel, and the time after it is up. */
void traffic_start(struct phone *p);		/* echoes, DPD check, then phone_round_end */
void traffic_stop(struct phone *p);
void traffic_channel_up(struct phone *p, enum channel channel);
void traffic_input(struct phone *p, enum channel channel, uint8_t type, const uint8_t *payload, size_t len);
bool traffic_send(struct phone *p, enum channel channel, uint8_t type, const void *payload, size_t len);

void phone_round_end(struct phone *p);
void phone_event(struct phone *p, const char *event, const struct kv *list);
void phone_bad_packet(struct phone *p, const char *why);
/* Time since the mark; sets the mark to now. */
int64_t phone_lap_us(struct phone *p);
/* (Re)start a timer of the phone; stop it with seconds < 0. */
void phone_timer(struct phone *p, ev_timer *timer, double seconds);

#endif
