/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The time of a process is one system call of a microsecond or two, of each
 * that is left out now the last figure counts. Its memory is a walk of the
 * kernel's over its pages, a tenth of a millisecond: workers are alike, so a few
 * stand for all. Resident memory would be cheap, but of a worker most is the
 * spawner's, shared: the sum would be many times what there is.
 */
#include "server/main/worker_usage.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "common/mem.h"

#define TIMES_MAX  1000 /* of one call */
#define SAMPLE_MAX 16
#define SAMPLE_US  2000 /* and no longer than that */

struct worker {
	pid_t pid;
	uint64_t cpu_us; /* as known; in the sum already */
};

static struct {
	struct worker *list; /* in no order */
	unsigned count, room;
	uint64_t cpu_us;
	unsigned turn; /* whose turn it is */
} self;

void
worker_usage_born(pid_t pid)
{
	if (self.count == self.room) {
		self.room = self.room > 0 ? 2 * self.room : 64;
		self.list = xrealloc(self.list, self.room * sizeof(*self.list));
	}
	self.list[self.count++] = (struct worker){ .pid = pid };
}

static void
cpu_is(struct worker *w, uint64_t us)
{
	if (us < w->cpu_us) /* the kernel rounds */
		return;
	self.cpu_us += us - w->cpu_us;
	w->cpu_us = us;
}

void
worker_usage_ended(pid_t pid, uint64_t cpu_us)
{
	for (unsigned i = 0; i < self.count; i++) {
		if (self.list[i].pid != pid)
			continue;
		cpu_is(&self.list[i], cpu_us);
		self.list[i] = self.list[--self.count];
		return;
	}
}

static uint64_t
clock_us(clockid_t clock)
{
	struct timespec t;

	return clock_gettime(clock, &t) == 0 ? (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000 : 0;
}

static void
times_look(void)
{
	unsigned n = self.count < TIMES_MAX ? self.count : TIMES_MAX;
	clockid_t clock;

	for (unsigned i = 0; i < n; i++) {
		struct worker *w = &self.list[(self.turn + i) % self.count];

		if (clock_getcpuclockid(w->pid, &clock) == 0)
			cpu_is(w, clock_us(clock));
	}
	self.turn += n;
}

/* 0: it is gone, or not ours to look at. */
static uint64_t
memory_bytes(pid_t pid)
{
	unsigned long kb = 0;
	char path[64], line[128];
	FILE *in;

	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)pid);
	if ((in = fopen(path, "re")) == NULL)
		return 0;
	while (fgets(line, sizeof(line), in) != NULL && sscanf(line, "Pss: %lu kB", &kb) != 1)
		continue;
	fclose(in);
	return (uint64_t)kb * 1024;
}

/* Evenly from the list. */
static void
memory_estimate(struct worker_usage *out)
{
	unsigned want = self.count < SAMPLE_MAX ? self.count : SAMPLE_MAX, got = 0;
	uint64_t sum = 0, end = clock_us(CLOCK_MONOTONIC) + SAMPLE_US;

	for (unsigned i = 0; i < want && clock_us(CLOCK_MONOTONIC) < end; i++) {
		uint64_t n = memory_bytes(self.list[((uint64_t)i * self.count / want + self.turn) % self.count].pid);

		sum += n;
		got += n > 0;
	}
	out->has_memory = got > 0 || self.count == 0;
	out->memory_bytes = got > 0 ? sum / got * self.count : 0;
}

void
worker_usage_get(struct worker_usage *out)
{
	self.turn++;
	times_look();
	*out = (struct worker_usage){ .count = self.count, .cpu_us = self.cpu_us };
	memory_estimate(out);
}
