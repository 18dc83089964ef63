/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one TUN device of all sessions: made by main, which keeps a descriptor so
 * that a forwarder's death drops no route; addresses and routes through libnl.
 */
#ifndef OFFHOOK_TUN_H
#define OFFHOOK_TUN_H

#include <stdbool.h>
#include <stdint.h>

struct config;

/*
 * Make (or attach to) the device; again: one more queue of it. Ends the process with a message that says
 * what to do when it cannot. Returns the descriptor.
 */
int tun_open(const char *name, bool again);

/*
 * Let the kernel join TCP segments, and UDP datagrams where it can (Linux 6.2), for the reader of this
 * device; false takes that back. Returns enum tun_offload bits.
 */
unsigned tun_offload(int fd, bool wanted);

/* MTU, address, up, and routes for all pools of the configuration; again after a change. What fails is logged. */
void tun_configure(const char *name, const struct config *cfg);

/*
 * A session has, or no longer has, an address that is in no pool: a route to it
 * alone, unless the configuration has one. Host order.
 */
void tun_host_add(const char *name, const struct config *cfg, uint32_t ip);
void tun_host_remove(const char *name, const struct config *cfg, uint32_t ip);

/* Warn when the kernel does not forward. */
void tun_check_forwarding(const struct config *cfg);

#endif
