/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The time that a process took, as wait4(2) tells it. */
#ifndef OFFHOOK_CPU_TIME_H
#define OFFHOOK_CPU_TIME_H

#include <stdint.h>
#include <sys/resource.h>

/* User and system time, microseconds. */
static inline uint64_t
cpu_time_us(const struct rusage *r)
{
	return (uint64_t)(r->ru_utime.tv_sec + r->ru_stime.tv_sec) * 1000000 + (uint64_t)(r->ru_utime.tv_usec + r->ru_stime.tv_usec);
}

#endif
