/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef LOAD_INSIDE_H
#define LOAD_INSIDE_H

#include <netinet/in.h>
#include <stddef.h>

/*
 * The far end: a UDP socket in the network namespace of the inside, in the same
 * process, so that both ends have one clock and know what arrived.
 * ns: a path, NULL for our own namespace. Returns the socket, or -1 and errno.
 */
int inside_open(const char *ns, struct in_addr addr);

/* n payloads of the same length, one after another, as one call. Returns 0 or -1. */
int inside_send(int fd, struct in_addr to, const void *payloads, unsigned n, size_t len);

#endif
