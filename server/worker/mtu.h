/* SPDX-License-Identifier: GPL-2.0-or-later */
/* MTU arithmetic of protocol.md 2.3. Pure; all values in bytes. */
#ifndef OFFHOOK_MTU_H
#define OFFHOOK_MTU_H

#include <stdbool.h>

#include "common/suite.h"

#define MTU_FLOOR 576

/* Bytes of a UDP datagram's payload over a link MTU (0: 1500). */
unsigned mtu_udp_payload(unsigned link_mtu, bool outer_ip6);

/*
 * Largest inner packet in one DTLS record of this suite over a link MTU (0:
 * 1500); suite NULL: the costliest that is configured by name. PSK suites are
 * made with encrypt-then-MAC.
 */
unsigned mtu_inner(const struct suite *suite, unsigned link_mtu, bool outer_ip6);

/*
 * The inner MTU of a session: the policy's, the client's wish (0: none) and
 * what fits the path; never below MTU_FLOOR.
 */
unsigned mtu_choose(const struct suite *suite, unsigned policy, unsigned wanted, unsigned link_mtu, bool outer_ip6);

#endif
