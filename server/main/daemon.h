/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of the main process share. */
#ifndef OFFHOOK_DAEMON_H
#define OFFHOOK_DAEMON_H

#include <ev.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>

#include "common/counters.h"
#include "common/ipc.h"
#include "common/steer.h"
#include "server/config/host.h"
#include "server/config/model.h"

struct daemon {
	struct ev_loop *loop;
	struct host_config host;
	const char *startup_path;
	struct config *config;      /* the running configuration, a snapshot */
	bool foreground, debug, stopping;
	struct ipc_chan certauth, spawner, revoker, aaa, metrics; /* loop NULL while one is down */
	struct ipc_chan forwarders[FORWARDERS_MAX]; /* host.forwarders of them */
	bool certauth_ready, spawner_ready, forwarder_ready[FORWARDERS_MAX];
	bool revoker_ready;         /* it runs only where a trustpoint wants revocation checked */
	bool aaa_ready;             /* it runs only where there are servers to ask */
	bool metrics_ready;         /* it runs only where the host file says where to listen */
	int counters_fd;
	int tun_fds[FORWARDERS_MAX]; /* a queue of the device for each forwarder; -1: echo */
	unsigned tun_offload;       /* enum tun_offload bits */
	const volatile struct counters *counters;
	double started;             /* loop time */
	time_t changed_at;          /* the configuration, by hand; 0: not since the start */
	char changed_by[64];
};

extern struct daemon daemon_;

/* Put a new configuration in force; the old one is freed. What the host refuses is told to out (may be NULL) as warnings. */
void daemon_config_swap(struct config *next, FILE *out);

/* Begin to end: everything is told, then the loop ends. */
void daemon_stop(void);

#endif
