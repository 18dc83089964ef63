/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/main/tally.h"

#include <stddef.h>

#include "server/config/model.h"

struct tally tally_;

const char *const login_refusal_names[LOGIN_REFUSALS_COUNT] = {
#define R(id, name) [LOGIN_##id] = name,
	LOGIN_REFUSALS(R)
#undef R
};

const char *const login_method_names[METHODS] = { "certificate", "aaa", "both" };

static void
observe(struct tally_histogram *h, double seconds)
{
	static const uint64_t bounds[METRIC_BUCKETS - 1] = METRIC_BOUNDS_US;
	uint64_t us = seconds > 0 ? (uint64_t)(seconds * 1e6) : 0;
	size_t i = 0;

	while (i < METRIC_BUCKETS - 1 && us > bounds[i])
		i++;
	h->buckets[i]++;
	h->sum_us += us;
}

void
tally_login(unsigned authentication, double took_s)
{
	enum login_method method = (authentication & AUTH_AAA) == 0 ? METHOD_CERTIFICATE :
	    (authentication & AUTH_CERTIFICATE) == 0 ? METHOD_AAA : METHOD_BOTH;

	tally_.logins_accepted++;
	observe(&tally_.login_time[method], took_s);
}

void
tally_handshake(double took_s)
{
	observe(&tally_.handshake_time, took_s);
}

void
tally_refused(unsigned why)
{
	if (why < LOGIN_REFUSALS_COUNT)
		tally_.logins_refused[why]++;
}
