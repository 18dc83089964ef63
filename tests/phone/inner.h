/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PHONE_INNER_H
#define PHONE_INNER_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

#define INNER_HEADS 28		/* IPv4 + ICMP echo, IPv4 + UDP */
#define INNER_MAX 16384

enum inner_kind { INNER_OTHER, INNER_ECHO_REQUEST, INNER_ECHO_REPLY, INNER_UDP, INNER_FRAGMENT };

/* A packet of the tunnel. For echoes the ports are id and sequence. */
struct inner {
	enum inner_kind kind;
	struct in_addr src, dst;
	uint16_t src_port, dst_port;	/* host order; ICMP echo: id, sequence */
	const uint8_t *payload;
	size_t len;
};

/*
 * Write the packet that p describes (echo request, echo reply or UDP); out has
 * room for INNER_HEADS + p->len. Returns its length.
 */
size_t inner_put(uint8_t *out, const struct inner *p);

/* Read a packet, checksums included. NULL, or what is wrong with it. */
const char *inner_get(struct inner *p, const uint8_t *in, size_t len);

#endif
