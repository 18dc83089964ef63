/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * main's side of AAA: the helper gets the server groups and says how the
 * servers do, certauth says which local users have failed; sessions are accounted for.
 */
#ifndef OFFHOOK_MAIN_AAA_H
#define OFFHOOK_MAIN_AAA_H

#include <stdbool.h>

#include "common/ipc.h"
#include "server/config/model.h"

struct session;

/* Has the configuration a server that the helper can ask? */
bool aaa_wanted(const struct config *cfg);

/* A new configuration is in force. */
void aaa_configure(const struct config *cfg);

/* The helper, or certauth, is there (again); the helper is gone; certauth is. */
void aaa_helper_up(void);
void aaa_helper_down(void);
void aaa_locks_clear(void);

/* What they say. */
void aaa_stats_set(const struct ipc_aaa_stats *m);
void aaa_lock_set(const struct ipc_auth_lock *m);

struct aaa_lock { /* a local user who has failed to log in */
	struct aaa_lock *next;
	char *user;
	unsigned failures;
	bool locked;
	uint64_t at; /* time_t */
};

const struct aaa_lock *aaa_locks(void);

/* What is known of a server; all zero when nothing is. */
struct ipc_aaa_stats aaa_stats_of(const char *group, const char *address);

/* clear aaa-server statistics; group NULL: of all. */
void aaa_stats_clear(const char *group);

/* ---- accounting (accounting-server-group of the session's tunnel-group) ---- */

/* A tunnel of the session is up: the first one starts it, a later one is an update where those are wanted. */
void aaa_account_start(struct session *s);
/* The session ends. */
void aaa_account_stop(struct session *s, enum end_reason reason);

#endif
