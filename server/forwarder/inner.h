/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inner packets, IPv4 and IPv6: checks, ICMP answers, fragments. Pure. */
#ifndef OFFHOOK_INNER_H
#define OFFHOOK_INNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct inner {
	uint8_t version;   /* 4 or 6 */
	uint32_t src, dst; /* IPv4, host order */
	const uint8_t *src6, *dst6; /* IPv6, in the packet */
	size_t head, len;  /* bytes of header, of the whole packet (what the header says) */
	uint8_t protocol;  /* IPv6: the next header */
	bool dont_fragment, fragment; /* fragment: not the first or more follow; in IPv6 routers never cut */
};

#define INNER_MTU6_MIN 1280 /* RFC 8200: what every IPv6 link takes */

/* Read the header. False: not a whole, sound packet. */
bool inner_parse(const uint8_t *packet, size_t size, struct inner *out);

/* Does it keep a session from being idle (protocol.md 2.4)? ICMP and IGMP do not. */
static inline bool
inner_keeps_session(const struct inner *in)
{
	return in->protocol > 2 && in->protocol != 58;
}

/* The destination port of TCP or UDP; 0: another protocol, or not the first fragment. */
uint16_t inner_port(const uint8_t *packet, const struct inner *in);

#define INNER_ICMP_MAX 576

/*
 * ICMP "fragmentation needed" (RFC 792, RFC 1191) about a packet, from
 * `source` (host order). Returns its length in out, 0 when none may be sent
 * (about ICMP errors, fragments, senders that are no single host).
 */
size_t inner_frag_needed(const uint8_t *packet, const struct inner *in, uint32_t source, unsigned mtu,
    uint8_t out[INNER_ICMP_MAX]);

/*
 * ICMPv6 "packet too big" (RFC 4443 3.2), from source6 (16 bytes); never about
 * an ICMPv6 error, and with as much of the packet as fits INNER_MTU6_MIN.
 */
size_t inner_too_big6(const uint8_t *packet, const struct inner *in, const uint8_t *source6, unsigned mtu,
    uint8_t out[INNER_MTU6_MIN]);

/*
 * Cut an IPv4 packet into fragments that fit the MTU (RFC 791) and give each to fn, which may write
 * one byte in front of it. Options go into the first one only.
 */
void inner_fragment(const uint8_t *packet, const struct inner *in, unsigned mtu,
    void (*fn)(void *ctx, uint8_t *packet, size_t len), void *ctx);

/*
 * Turn an ICMP or ICMPv6 echo request or a UDP datagram into its echo, in place.
 * False: it is neither (or a fragment), and untouched.
 */
bool inner_echo(uint8_t *packet, const struct inner *in);

#endif
