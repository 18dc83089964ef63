/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guessing passwords is slow: who fails is answered late, and his next guess
 * is not looked at before. Counted for each user name and for each source
 * address, an IPv6 one by its /64; many phones share the address of an office,
 * so a source may fail some times for free.
 *
 * A fixed table: the rarest and oldest failures give way to new ones. Pure:
 * the caller has the clock and the timers.
 */
#ifndef OFFHOOK_PACE_H
#define OFFHOOK_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/addr.h"

#define PACE_FIRST_S 0.5
#define PACE_LAST_S  8.0

enum pace_kind { PACE_USER, PACE_SOURCE };

struct pace;

struct pace *pace_new(void);
void pace_free(struct pace *p);

/* Names of what is counted; 0: nothing (no address). */
uint64_t pace_user(const struct pace *p, const char *user);
uint64_t pace_source(const struct pace *p, const struct addr *peer);

/*
 * May a check begin now? 0: yes, and it counts as under way until pace_end();
 * else how many seconds to wait before asking again.
 */
double pace_begin(struct pace *p, enum pace_kind kind, uint64_t who, double now);

/* It was not begun after all (the other count says wait), or came to no end. */
void pace_undo(struct pace *p, uint64_t who);

/* It is over. Returns how many seconds a refusal is held back; 0 when ok. */
double pace_end(struct pace *p, enum pace_kind kind, uint64_t who, bool ok, double now);

#endif
