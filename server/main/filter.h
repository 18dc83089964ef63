/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vpn-filter: access lists on the traffic of sessions, in the kernel with
 * nftables (asa-reference 1.4). A table of our own: a chain for each list in use,
 * and for each session with a filter an element that leads its address there.
 */
#ifndef OFFHOOK_FILTER_H
#define OFFHOOK_FILTER_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "server/config/model.h"

/* Make the table, or say once why it cannot be had. device: the TUN device, NULL for echo. */
void filter_start(const char *device);
/* Remove it. */
void filter_stop(void);

/*
 * Lead a session's address through a list. False, said in the log: there is no
 * nftables here, no such list, or one of its rules cannot be expressed: such a session must not be.
 */
bool filter_add(const char *acl, uint32_t ip);
void filter_remove(uint32_t ip);
bool filter6_add(const char *acl, const struct in6_addr *ip);
void filter6_remove(const struct in6_addr *ip);

/* Lists that changed are put in force for the sessions that have them. */
void filter_configure(const struct config *cfg);

/* How many packets each rule of a list has met, by its place from 0; false: the list is not in use. */
bool filter_hits(const char *acl, uint64_t *hits, uint32_t count);

#endif
