/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Liveness of a channel, as OpenConnect does it: a probe after dpd of silence,
 * again each dpd / 2, dead after 2 * dpd; a keepalive when nothing was sent
 * for that long. A pure decision: no clock, no socket.
 */

#include "liveness.h"

static void
earlier(int64_t *wake_ms, int64_t at)
{
	if (at < *wake_ms)
		*wake_ms = at;
}

void
liveness_start(struct liveness *l, long dpd_s, long keepalive_s, int64_t now_ms)
{
	*l = (struct liveness){ true, (int64_t)dpd_s * 1000, (int64_t)keepalive_s * 1000, now_ms, now_ms, 0 };
}

void
liveness_received(struct liveness *l, int64_t now_ms)
{
	l->received_ms = now_ms;
}

void
liveness_sent(struct liveness *l, int64_t now_ms)
{
	l->sent_ms = now_ms;
}

static unsigned
dpd_step(struct liveness *l, int64_t now_ms, int64_t *wake_ms)
{
	int64_t idle = now_ms - l->received_ms;

	if (l->dpd_ms == 0)
		return 0;
	if (idle >= 2 * l->dpd_ms)
		return LIVENESS_DEAD;
	if (idle < l->dpd_ms) {
		earlier(wake_ms, l->received_ms + l->dpd_ms);
		return 0;
	}
	if (now_ms - l->probed_ms < l->dpd_ms / 2) {
		earlier(wake_ms, l->probed_ms + l->dpd_ms / 2);
		return 0;
	}
	l->probed_ms = now_ms;
	earlier(wake_ms, now_ms + l->dpd_ms / 2);
	return LIVENESS_PROBE;
}

static unsigned
keepalive_step(const struct liveness *l, int64_t now_ms, int64_t *wake_ms)
{
	if (l->keepalive_ms == 0)
		return 0;
	if (now_ms - l->sent_ms < l->keepalive_ms) {
		earlier(wake_ms, l->sent_ms + l->keepalive_ms);
		return 0;
	}
	earlier(wake_ms, now_ms + l->keepalive_ms);
	return LIVENESS_KEEPALIVE;
}

unsigned
liveness_step(struct liveness *l, int64_t now_ms, int64_t *wake_ms)
{
	unsigned todo;

	if (!l->on)
		return 0;
	todo = dpd_step(l, now_ms, wake_ms);
	if (todo != 0)		/* a probe is something sent */
		return todo;
	return keepalive_step(l, now_ms, wake_ms);
}
