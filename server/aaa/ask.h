/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A password put to a group: its servers one after the other, until one answers or none is left. */
#ifndef OFFHOOK_AAA_ASK_H
#define OFFHOOK_AAA_ASK_H

#include <ev.h>

#include "common/ipc.h"

struct ask;

/* What they report: a message of the catalogue, and the answer to the asker. */
struct ask_events {
	void (*log)(unsigned number, const char *arg1, const char *arg2);
	void (*answer)(const struct ipc_aaa_answer *a);
};

void ask_init(struct ev_loop *loop, const struct ask_events *events);

void ask_start(const struct ipc_aaa_ask *m);
/* The answer to this request is no longer wanted. */
void ask_drop(uint32_t request);
/* Nobody asks any more. */
void ask_drop_all(void);

#endif
