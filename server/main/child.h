/* SPDX-License-Identifier: GPL-2.0-or-later */
/* certauth, spawner, forwarder, and where they are needed the helpers for revocation, AAA and metrics: started, watched, started again. */
#ifndef OFFHOOK_CHILD_H
#define OFFHOOK_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Prepare directories and users and start them. ready() is called once,
 * when each has said that it is. Ends the process with a message when something is missing.
 */
void children_start(void (*ready)(void));

/* A new configuration is in force: start the helpers that are needed now. */
void children_configure(void);

/* Those that run now. */
void children_each(void (*fn)(const char *program, pid_t pid, void *ctx), void *ctx);

/* How often each was started again. */
void children_restarts(void (*fn)(const char *program, unsigned restarts, void *ctx), void *ctx);

/* SIGCHLD came: reap what is ours. */
void children_reap(void);

/* Close the channels, which ends the children, and wait for them; what is left after the deadline is killed. */
void children_stop(int timeout_ms);

#endif
