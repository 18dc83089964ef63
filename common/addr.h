/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An IP address with port, the same in memory for IPv4 and IPv6, fit for comparing and for messages. */
#ifndef OFFHOOK_ADDR_H
#define OFFHOOK_ADDR_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

struct addr {
	uint8_t family; /* 0 none, 4, 6 */
	uint16_t port;  /* host order */
	uint8_t ip[16]; /* network order; IPv4 in the first four */
};

#define ADDR_STR 64

struct addr addr_from_ip4(struct in_addr ip, uint16_t port);
struct addr addr_from_sockaddr(const struct sockaddr_storage *ss);
socklen_t addr_to_sockaddr(const struct addr *a, struct sockaddr_storage *ss);
/* IPv4 address in host order; 0 for others. */
uint32_t addr_ip4(const struct addr *a);
bool addr_equal(const struct addr *a, const struct addr *b);    /* address and port */
bool addr_same_ip(const struct addr *a, const struct addr *b);
uint32_t addr_hash(const struct addr *a, uint32_t seed);
/* Text of the address without port; buf has ADDR_STR bytes. Returns buf. */
const char *addr_ip_str(const struct addr *a, char *buf);
/* Parse a numeric address. False: not one. */
bool addr_parse(const char *text, uint16_t port, struct addr *out);

#endif
