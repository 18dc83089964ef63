/* SPDX-License-Identifier: GPL-2.0-or-later */
/* certauth's view of one worker: what it may still ask, and its evidence. */
#ifndef OFFHOOK_AUTH_CONN_H
#define OFFHOOK_AUTH_CONN_H

#include "common/ipc.h"
#include "server/certauth/policy.h"
#include "server/certauth/store.h"

struct certauth { /* the process */
	struct ev_loop *loop;
	struct ipc_chan main;
	struct store store;
	struct auth_policy *policy, *next_policy;
};

/* Serve a worker on its channel until it closes. Takes fd. */
void auth_conn_start(struct certauth *ca, const struct ipc_auth_conn *m, int fd);

#endif
