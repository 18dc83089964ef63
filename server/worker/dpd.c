/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/worker/dpd.h"

void
dpd_start(struct dpd *d, unsigned interval_s, uint64_t now_ms)
{
	*d = (struct dpd){ .interval_ms = (uint64_t)interval_s * 1000, .heard_ms = now_ms };
}

void
dpd_heard(struct dpd *d, uint64_t now_ms)
{
	d->heard_ms = now_ms;
	d->probed_ms = 0;
}

enum dpd_action
dpd_step(struct dpd *d, uint64_t now_ms)
{
	if (d->interval_ms == 0 || now_ms < dpd_next(d))
		return DPD_NOTHING;
	if (now_ms >= d->heard_ms + DPD_INTERVALS_DEAD * d->interval_ms)
		return DPD_DEAD;
	d->probed_ms = now_ms;
	return DPD_PROBE;
}

uint64_t
dpd_next(const struct dpd *d)
{
	uint64_t dead = d->heard_ms + DPD_INTERVALS_DEAD * d->interval_ms;
	uint64_t probe = (d->probed_ms != 0 ? d->probed_ms : d->heard_ms) + d->interval_ms;

	if (d->interval_ms == 0)
		return UINT64_MAX;
	return probe < dead ? probe : dead;
}
