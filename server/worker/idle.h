/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The idle timeout of a tunnel (protocol.md 2.4): for phones any packet
 * counts, keepalives included; for other clients only data that is not ICMP or
 * IGMP, in either direction. Pure.
 */
#ifndef OFFHOOK_IDLE_H
#define OFFHOOK_IDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct idle {
	uint64_t limit_ms; /* 0: off */
	uint64_t active_ms;
	bool any_packet;
};

void idle_start(struct idle *i, unsigned limit_s, bool phone, uint64_t now_ms);
void idle_packet(struct idle *i, uint64_t now_ms, const uint8_t *packet, size_t len); /* inner packet */
void idle_control(struct idle *i, uint64_t now_ms);                                   /* anything from the client */
/* As another process saw it: when anything came from the client, when data that counts went either way; 0: never. */
void idle_heard(struct idle *i, uint64_t any_ms, uint64_t data_ms);
uint64_t idle_next(const struct idle *i); /* when it is over; UINT64_MAX when off */

#endif
