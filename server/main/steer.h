/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * With more than one forwarder: the memory in which they say what they have
 * (common/steer.h), and the eBPF programs with which the kernel gives each packet to its home.
 * Where the kernel does not take those, packets go by its own hashes, and forwarders pass on what is not theirs.
 */
#ifndef OFFHOOK_MAIN_STEER_H
#define OFFHOOK_MAIN_STEER_H

#include <stdbool.h>
#include <stdint.h>

/* Make the memory, for 2 or more; kernel: it may be read, and packets steered, there. Ends the process without memory. */
void steer_open(unsigned forwarders, bool kernel);

/* The memory's descriptor and what hashes begin with; -1 while there is none. */
int steer_fd(void);
uint32_t steer_seed(void);
/* Does the kernel take the programs? */
bool steer_by_kernel(void);

/* Let the kernel choose among the sockets of fd's group (SO_REUSEPORT), or the queues of fd's TUN device. */
void steer_udp(int fd);
void steer_tun(int fd);

/* This forwarder is gone: it has nothing any more. */
void steer_forget(unsigned forwarder);

#endif
