/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions to certauth that an operator's command waits for: enroll, import. */
#ifndef OFFHOOK_REQUEST_H
#define OFFHOOK_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "common/ipc.h"

/* done(ctx, NULL): certauth died before it answered. */
typedef void (*request_fn)(void *ctx, const struct ipc_auth_done *answer);

/* A number for a new request. */
uint32_t request_new(request_fn done, void *ctx);
/* The asker is gone: its answer will be dropped. */
void request_cancel(void *ctx);
void request_done(const struct ipc_auth_done *answer);
void request_abort_all(void);

#endif
