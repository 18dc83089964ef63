/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The spawner's workers, by process and by connection. The table lies in memory that
 * workers do not inherit: what the spawner writes after a fork would else leave
 * each of them with an old copy of the page to itself.
 */
#ifndef OFFHOOK_CHILDREN_H
#define OFFHOOK_CHILDREN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

void children_add(pid_t pid, uint64_t conn_id);

/* Forget it. False: it is none of ours. */
bool children_take(pid_t pid, uint64_t *conn_id);

/* The worker of a connection; 0: it has none. */
pid_t children_of(uint64_t conn_id);

#endif
