/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What has happened since the start, counted for the metrics: logins, handshakes, ends of sessions. */
#ifndef OFFHOOK_TALLY_H
#define OFFHOOK_TALLY_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "common/ipc_msgs.h"
#include "common/metric.h"

/* How a login was made. */
enum login_method { METHOD_CERTIFICATE, METHOD_AAA, METHOD_BOTH, METHODS };

struct tally_histogram {
	uint64_t buckets[METRIC_BUCKETS], sum_us;
};

struct tally {
	uint64_t logins_accepted, logins_refused[LOGIN_REFUSALS_COUNT];
	struct tally_histogram login_time[METHODS];
	uint64_t handshakes_failed;
	struct tally_histogram handshake_time;
	uint64_t dtls_up, dtls_failed;
	uint64_t sessions_started, sessions_ended[END_COUNT];
	uint64_t connections_accepted, connections_refused;
	uint64_t worker_crashes;
	uint32_t config_generation;
	time_t config_changed_at; /* 0: not since the start */
};

/* Whoever sees an event counts it here. */
extern struct tally tally_;

extern const char *const login_refusal_names[LOGIN_REFUSALS_COUNT];
extern const char *const login_method_names[METHODS];

/* From the end of the handshake, in seconds. authentication: AUTH_ bits of the tunnel-group. */
void tally_login(unsigned authentication, double took_s);
void tally_handshake(double took_s);

/* Another process says why; what is none of the table is not counted. */
void tally_refused(unsigned why);

#endif
