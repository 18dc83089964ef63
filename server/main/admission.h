/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many clients are served at once before they have a tunnel. When a thousand
 * phones come back together, each waits for its turn in the kernel's queue of
 * connections, first come, first served, instead of all fighting for the processors: who has
 * his turn is through before his datagrams are sent again.
 *
 * A connection counts from accept until its handshake and login are done, its
 * tunnel is up or it is closed, and no longer than a second: who waits for his network or his user
 * costs nothing, and keeps nobody waiting.
 */
#ifndef OFFHOOK_ADMISSION_H
#define OFFHOOK_ADMISSION_H

#include <stdbool.h>
#include <sys/queue.h>

struct admission { /* of one connection; begins as zeros */
	TAILQ_ENTRY(admission) link;
	double until; /* loop time; 0: it does not count */
};

/* May another connection be accepted now? False: on_room (of admission_init()) will be called once it may. */
bool admission_room(void);

/* It counts; it counts no more (harmless when it did not). */
void admission_begin(struct admission *a);
void admission_end(struct admission *a);

void admission_init(void (*on_room)(void));

#endif
