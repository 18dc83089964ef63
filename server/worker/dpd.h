/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dead peer detection of one channel (protocol.md 2.4): silence of one interval
 * sends a probe, three intervals without a sign of life mean dead. Pure.
 */
#ifndef OFFHOOK_DPD_H
#define OFFHOOK_DPD_H

#include <stdbool.h>
#include <stdint.h>

#define DPD_INTERVALS_DEAD 3

struct dpd {
	uint64_t interval_ms; /* 0: off */
	uint64_t heard_ms;    /* last packet of any kind */
	uint64_t probed_ms;   /* last probe sent since then, 0: none */
};

enum dpd_action { DPD_NOTHING, DPD_PROBE, DPD_DEAD };

void dpd_start(struct dpd *d, unsigned interval_s, uint64_t now_ms);
void dpd_heard(struct dpd *d, uint64_t now_ms);
enum dpd_action dpd_step(struct dpd *d, uint64_t now_ms);
/* When dpd_step() has something to decide next; UINT64_MAX when off. */
uint64_t dpd_next(const struct dpd *d);

#endif
