/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What this forwarder says it has, and what others say, in the shared tables
 * of common/steer.h. Without steering_start() it is the only one: nothing is written, nobody else has anything.
 */
#ifndef OFFHOOK_STEERING_H
#define OFFHOOK_STEERING_H

#include <stdbool.h>
#include <stdint.h>

#include "common/addr.h"
#include "common/steer.h"

/* memory: STEER_BYTES, for as long as we live; this is forwarder `index` of `count`. */
void steering_start(uint8_t *memory, unsigned index, unsigned count, uint32_t seed);

/* A peer came or went; up: its handshake is done. */
void steering_peer(const struct addr *peer, bool up, bool there);
/* An inner address of a session of ours. */
void steering_inner(const struct addr *ip, bool there);

/* A bit for each other forwarder that may have a peer or an attempt at this address and port. */
unsigned steering_at_path(const struct addr *peer);
/* That may have a peer there which is up. */
unsigned steering_up_at_path(const struct addr *peer);
/* That may have a peer at this address, whatever its port. */
unsigned steering_at_ip(const struct addr *peer);
/* That may have a session with this inner address. */
unsigned steering_inside(const struct addr *ip);
/* The home of sessions with an id like this, if that is another. */
unsigned steering_of_id(const uint8_t *id);

#endif
