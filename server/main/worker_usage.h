/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the worker processes use of the machine: those that are there, and those that were. */
#ifndef OFFHOOK_WORKER_USAGE_H
#define OFFHOOK_WORKER_USAGE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct worker_usage {
	unsigned count;        /* that are there */
	uint64_t cpu_us;       /* user and system time of all that ever were; never less than the last time */
	bool has_memory;       /* false: we may not look */
	uint64_t memory_bytes; /* of those that are there; a page that N processes share counts 1/N for each (PSS) */
};

/* A worker was forked; it has ended after so much user and system time. */
void worker_usage_born(pid_t pid);
void worker_usage_ended(pid_t pid, uint64_t cpu_us);

/* A few ms at most: of many workers some are looked at, the next time others. */
void worker_usage_get(struct worker_usage *out);

#endif
