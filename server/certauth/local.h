/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The local database: users of the configuration, their passwords, and who is locked out. */
#ifndef OFFHOOK_AUTH_LOCAL_H
#define OFFHOOK_AUTH_LOCAL_H

#include "common/ipc.h"

struct certauth;
struct local_check; /* a password being looked at beside the loop */

/* Once, before the first check. */
void local_init(struct certauth *ca);

/*
 * Check a user's password. fn gets NULL when it is right, else the reason in the
 * words of message 113015, and the user's own group-policy ("" none); both are
 * valid during the call, which is never before this returns.
 */
struct local_check *local_start(const char *user, const char *password,
    void (*fn)(void *ctx, const char *reason, const char *group_policy), void *ctx);

/* The answer is no longer wanted. */
void local_cancel(struct local_check *check);

/* A new policy is in force: users that are gone, or a limit that is, unlock. */
void local_policy_changed(void);

/* main's orders. */
void local_unlock(void *owner, const void *msg, const int *fds, int nfds);

#endif
