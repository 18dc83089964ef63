/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the lives of the children (child.c) and what they say to main (child_says.c). */
#ifndef OFFHOOK_CHILD_PRIVATE_H
#define OFFHOOK_CHILD_PRIVATE_H

#include <ev.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "common/ipc.h"
#include "common/steer.h"

struct config;

struct child_says {
	const struct ipc_handler *handlers;
	size_t count;
};

struct child {
	const char *program;
	char name[32]; /* for the operator: the program, and which of several */
	enum ipc_party party;
	struct ipc_chan *chan;
	bool *ready;
	const struct child_says *says;
	char *user;
	char dir[PATH_MAX];
	bool dir_writable;
	/* a helper, which runs only where it is wanted; NULL: always */
	bool (*wanted)(const struct config *cfg);
	void (*down)(void); /* it is gone */
	pid_t pid;
	double started, delay;
	unsigned restarts;
	ev_timer restart;
};

enum { CERTAUTH, SPAWNER, REVOKER, AAA, METRICS_HELPER, FORWARDER, CHILDREN = FORWARDER + FORWARDERS_MAX };

extern struct child children[CHILDREN];
extern const struct child_says certauth_says, spawner_says, revoker_says, aaa_says, metrics_says, forwarder_says;

/* It has said that it is. */
void child_ready(struct child *c);

#endif
