/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What this host lets the daemon have, and how many sessions that holds. */
#ifndef OFFHOOK_LIMITS_H
#define OFFHOOK_LIMITS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/*
 * Can that many sessions be held (`vpn-sessiondb max-...`; below 0, no limit
 * configured: true)? If not, a line "ERROR: ..." for each limit of the host that
 * is too low, with what to change.
 */
bool limits_hold(int32_t sessions, FILE *out);

/* The lowest pids.max of the cgroup and those above it, as cgroup_text (/proc/self/cgroup) has them; UINT64_MAX: none. */
uint64_t limits_cgroup_pids(const char *cgroup_text, const char *mount);

/* Take descriptors up to the hard limit. */
void limits_raise(void);

#endif
