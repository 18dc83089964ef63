/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asking the AAA helper, which speaks RADIUS: certauth has no network. */
#ifndef OFFHOOK_AUTH_REMOTE_H
#define OFFHOOK_AUTH_REMOTE_H

#include "common/ipc.h"

struct remote_ask; /* one question under way */

/* The helper's channel; takes fd. Questions on an older one are answered AAA_DEAD. */
void remote_connect(struct ev_loop *loop, int fd);

/*
 * Put m to the helper (its request is filled in here). fn is called once, never
 * before this returns; what it gets is valid during the call. NULL: there is no helper.
 */
struct remote_ask *remote_start(struct ipc_aaa_ask *m, void (*fn)(void *ctx, const struct ipc_aaa_answer *a), void *ctx);

/* The answer is no longer wanted. */
void remote_cancel(struct remote_ask *ask);

#endif
