/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Misbehaviour on purpose, for those who test clients: main tells it, where
 * the host file says lab = true. Without a word from main none of it is there.
 */
#ifndef OFFHOOK_WORKER_LAB_H
#define OFFHOOK_WORKER_LAB_H

#include <stdbool.h>
#include <stddef.h>

#include "common/ipc.h"

struct worker;
struct lab;

/* A rule of main's. */
void lab_take(struct worker *w, const struct ipc_lab *m);

/* The answer to a login or CONNECT that is due now is given by a rule. False: answer as usual. */
bool lab_answers(struct worker *w);

/* Is there such a rule for what is being set up? text (may be NULL): the rule's. */
bool lab_has(const struct worker *w, enum lab_kind kind, const char **text);

enum lab_way { LAB_IN, LAB_OUT };

/*
 * A packet of CSTP or a datagram of DTLS is about to be handled: true when a
 * rule has taken it (dropped, or handled now and later by way of again()).
 */
bool lab_takes(struct worker *w, unsigned channel, enum lab_way way, unsigned tag, const void *data, size_t len,
    void (*again)(struct worker *w, unsigned tag, const void *data, size_t len));

#endif
