/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Server groups: which server is asked, when one counts as dead and when it is
 * tried again (asa-reference 1.13). Decides only; time comes as an argument.
 *
 *   ACTIVE   asked, in the order of the configuration; max-failed-attempts
 *            transactions in a row without an answer: FAILED
 *   FAILED   not asked; timed: for 30 s. depletion: until all of the group are
 *            FAILED, and then for the deadtime, in which LOCAL stands in; without
 *            LOCAL they are all tried again at once
 */
#ifndef OFFHOOK_AAA_SERVER_H
#define OFFHOOK_AAA_SERVER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "common/ipc.h"

struct exchange;

struct aaa_server {
	struct aaa_server *next;
	struct aaa_group *group;
	char *name;                  /* as configured */
	struct sockaddr_storage addr; /* family 0: the name is not known */
	char key[128];
	double timeout_s, retry_s;
	uint16_t auth_port, acct_port;

	bool failed;
	unsigned failures;           /* in a row */
	double failed_at;            /* loop time */
	bool signs;                  /* it has sent a Message-Authenticator: from then on it must */

	struct ipc_aaa_stats stats;  /* counts; the rest is filled in when they are told */
	double round_trips_s;        /* sum of those answered */
	uint32_t answered;
	unsigned running;            /* requests on the wire */
	struct exchange *queue, **queue_tail; /* those that wait for it */
};

struct aaa_group {
	struct aaa_group *next;
	char *name;
	unsigned max_failed;
	bool timed, simultaneous;
	double deadtime_s;
	struct aaa_server *servers;
};

/* Told of a server that has become FAILED or ACTIVE. */
typedef void (*server_changed_fn)(struct aaa_server *s);

/* A group's servers that may be asked, from `from` on (NULL: the first). NULL: none. May make FAILED ones ACTIVE. */
struct aaa_server *group_pick(struct aaa_group *g, struct aaa_server *from, bool fallback, double now, server_changed_fn changed);

/* A transaction with it is over, answered or not. */
void server_answered(struct aaa_server *s, server_changed_fn changed);
void server_silent(struct aaa_server *s, double now, server_changed_fn changed);

#endif
