/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PHONE_LIVENESS_H
#define PHONE_LIVENESS_H

#include <stdbool.h>
#include <stdint.h>

/* What is to be done now; a set. */
enum { LIVENESS_PROBE = 1, LIVENESS_KEEPALIVE = 2, LIVENESS_DEAD = 4 };

/* DPD and keepalive of one channel, the client's side (protocol.md 2.4). */
struct liveness {
	bool on;
	int64_t dpd_ms, keepalive_ms;	/* 0 = none */
	int64_t received_ms, sent_ms, probed_ms;
};

void liveness_start(struct liveness *l, long dpd_s, long keepalive_s, int64_t now_ms);
/* Any packet counts. */
void liveness_received(struct liveness *l, int64_t now_ms);
void liveness_sent(struct liveness *l, int64_t now_ms);

/*
 * Decide. The caller sends what is asked for and calls liveness_sent. *wake_ms
 * is lowered to when it must be asked again.
 */
unsigned liveness_step(struct liveness *l, int64_t now_ms, int64_t *wake_ms);

#endif
