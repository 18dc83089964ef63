/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/main/tally.h"

#include <stddef.h>
#include <string.h>

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

/* Each refusal has one message of its own, whatever else is said of it. */
static const struct {
	unsigned number;
	const char *words; /* in its first argument; NULL: any */
	enum login_refusal why;
} refusals[] = {
	{ 113005, NULL, LOGIN_CREDENTIALS }, { 113015, NULL, LOGIN_CREDENTIALS }, { 113025, NULL, LOGIN_NO_USERNAME },
	{ 113029, NULL, LOGIN_SESSION_LIMIT }, { 716039, NULL, LOGIN_NO_CERTIFICATE }, { 717027, "has expired", LOGIN_EXPIRED },
	{ 717027, "not yet valid", LOGIN_NOT_YET }, { 717027, "revo", LOGIN_REVOKED }, { 717027, NULL, LOGIN_UNKNOWN_CA },
};

void
tally_of_message(unsigned number, const char *arg1)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		if (refusals[i].number != number || (refusals[i].words != NULL && (arg1 == NULL || strstr(arg1, refusals[i].words) == NULL)))
			continue;
		tally_.logins_refused[refusals[i].why]++;
		return;
	}
}
