/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PHONE_PING_H
#define PHONE_PING_H

#include <stdbool.h>
#include <stdint.h>

#include "inner.h"
#include "options.h"
#include "report.h"

enum ping_todo { PING_SEND, PING_WAIT, PING_DONE };

/*
 * A series of echoes: for each channel, for each target, ping_count of them,
 * one such run after the other.
 */
struct pinger {
	const struct options *o;
	struct facts *facts;		/* counted there */
	struct in_addr self;
	enum channel channels[CHANNEL_COUNT];
	unsigned channel_count;
	unsigned run;			/* number of the run, over channels and targets */
	unsigned sent, received;	/* of this run */
	uint16_t base;			/* sequence number of its first echo */
	int64_t last_us;		/* when the last one was sent */
	int64_t *sent_us;		/* of each; 0 = answered */
	char error[120];		/* of the first run that lost too many */
};

/* Begin a series. With no target, or no channel, the first step says DONE. */
void ping_start(struct pinger *p, const struct options *o, struct facts *f, struct in_addr self, bool dtls_up);
void ping_clear(struct pinger *p);

/*
 * Decide. PING_SEND: put *packet on *channel and ask again. PING_WAIT: ask
 * again at *wake_us or after an answer. PING_DONE: p->error is empty if all is well.
 */
enum ping_todo ping_step(struct pinger *p, int64_t now_us, struct inner *packet, enum channel *channel,
    int64_t *wake_us);

/* Was this packet, come on that channel, an answer of the series? */
bool ping_input(struct pinger *p, const struct inner *packet, enum channel channel, int64_t now_us);

#endif
