/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions to certauth that an operator's command waits for: enroll, import. */
#ifndef OFFHOOK_REQUEST_H
#define OFFHOOK_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "common/ipc.h"

/* done(ctx, NULL): certauth died before it answered. */
typedef void (*request_fn)(void *ctx, const struct ipc_auth_done *answer);
/* In place of it when the asker has left: what certauth did must still reach the configuration. */
typedef void (*request_orphan_fn)(const char *name, const struct ipc_auth_done *answer);

/* A number for a new request. */
uint32_t request_new(request_fn done, void *ctx);
/* The same; name (of a trustpoint) is for orphan(). */
uint32_t request_new_named(request_fn done, void *ctx, request_orphan_fn orphan, const char *name);
/* The asker is gone: its answer goes to orphan(), or is dropped. */
void request_cancel(void *ctx);
/* It could not be sent. */
void request_drop(uint32_t number);
void request_done(const struct ipc_auth_done *answer);
void request_abort_all(void);

#endif
