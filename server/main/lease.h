/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Address pools at run time. A pool keeps its leases under its name while the
 * configuration changes around it. IPv4 addresses are in host order.
 */
#ifndef OFFHOOK_LEASE_H
#define OFFHOOK_LEASE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

struct config;
struct cfg_ipv6_pool;
struct cfg_pool;

struct lease {
	char pool[129];
	uint32_t ip, mask;
};

struct lease6 {
	char pool[129];
	struct in6_addr ip;
	uint8_t prefix_len; /* of its network */
};

/*
 * Take an address: the one that this user had last, if it is free; else never
 * used ones lowest first, then those returned, oldest first (asa-reference
 * 4.4), once the reuse-delay is over. now: loop time. 0, or ERR_POOL_EMPTY; *out is untouched on error.
 */
int lease_take(const struct cfg_pool *pool, const char *user, double now, struct lease *out);

/* The same from an IPv6 pool. */
int lease6_take(const struct cfg_ipv6_pool *pool, const char *user, double now, struct lease6 *out);

/*
 * Take this very address, a user's own (vpn-framed-ip-address); pool is "" where
 * no pool holds it. ERR_EXISTS: another session has it.
 */
int lease_take_fixed(uint32_t ip, uint32_t mask, struct lease *out);

/* Give it back. False: the pool no longer has this address (message 737013). */
bool lease_return(const struct lease *l, double now);
bool lease6_return(const struct lease6 *l, double now);

/* Make the pools those of the configuration; leases of addresses that stay in a pool stay. */
void lease_configure(const struct config *cfg);

struct lease_counts {
	uint32_t free, held, used;
};

/* False: no such pool. */
bool lease_counts(const char *pool, double now, struct lease_counts *out);
bool lease6_counts(const char *pool, double now, struct lease_counts *out);
bool lease_is_used(const char *pool, uint32_t ip);

#endif
