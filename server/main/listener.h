/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the daemon listens: one TCP and one UDP socket per interface that webvpn is enabled on. */
#ifndef OFFHOOK_LISTENER_H
#define OFFHOOK_LISTENER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "common/addr.h"

struct config;

struct listener {
	struct listener *next;
	char nameif[49];
	struct addr tcp, udp; /* as bound; udp.family 0: tls-only */
};

/*
 * Open, keep or close sockets as the configuration says. What cannot be opened
 * is told in `problems` (one line each, for the operator); the others work. Returns the number of problems.
 */
int listener_configure(const struct config *cfg, FILE *problems);

/* Accept or not: not while a process that a login needs is down. */
void listener_accepting(bool on);
bool listener_is_accepting(void);
/* Go on accepting after a pause, if that is on. */
void listener_again(void);

/* Give a new forwarder its UDP sockets, one for each address. */
void listener_forwarder_new(unsigned forwarder);

/* The UDP port beside a listener's TCP port. False: no DTLS there. */
bool listener_udp_port(const char *nameif, const struct addr *local, uint16_t *port);

const struct listener *listener_first(void);
/* Is a UDP port of the configuration taken by somebody else now? For a start right behind another daemon's end. */
bool listener_would_fail(const struct config *cfg);

void listener_close_all(void);

/* A socket bound to an address (listening, when it is of SOCK_STREAM), where it is in *got; -1, and why. */
int listener_bind(int type, const struct addr *want, struct addr *got, char *why, size_t size);

#endif
