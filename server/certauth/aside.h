/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Work that takes seconds (making a key of 4096 bits, opening a PKCS#12 file),
 * done beside the event loop, so that phones log in meanwhile.
 *
 * It is one thread, made at start, and not a child process: certauth's filter
 * then needs neither clone nor kill nor wait, a new key does not travel through
 * a socket, and the thread can do no more than certauth itself. It enters the
 * filter of the basic calls on its own before its first work: no files.
 */
#ifndef OFFHOOK_ASIDE_H
#define OFFHOOK_ASIDE_H

#include <ev.h>
#include <stdbool.h>

/* Start the thread: after identity and namespaces, before the filter. False: not possible. */
bool aside_start(struct ev_loop *loop, bool sandbox);

/*
 * Call work(job) in the thread, then done(job) in the event loop; in order. What
 * job points to belongs to the thread meanwhile. Without a thread (tests) both at once.
 */
void aside_run(void (*work)(void *job), void (*done)(void *job), void *job);

#endif
