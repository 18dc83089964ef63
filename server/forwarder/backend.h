/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where inner packets go to and come from: the TUN device, or an echo that
 * needs no privilege and answers ICMP and UDP itself.
 */
#ifndef OFFHOOK_BACKEND_H
#define OFFHOOK_BACKEND_H

#include <ev.h>
#include <stddef.h>
#include <stdint.h>

#include "server/forwarder/inner.h"

/* Called for each packet towards a client; the packet may be changed, and one byte in front of it. */
typedef void (*backend_receive_fn)(uint8_t *packet, const struct inner *in);
/* Called after a run of packets, so that batches can be sent. */
typedef void (*backend_done_fn)(void);

struct backend {
	/* A packet from a client, already checked; may be changed, and stays until flush(). */
	void (*send)(struct backend *b, uint8_t *packet, const struct inner *in);
	/* A packet of our own (ICMP) towards the inside. */
	void (*send_own)(struct backend *b, const uint8_t *packet, size_t len);
	void (*flush)(struct backend *b); /* what was sent is on its way */
	backend_receive_fn receive;
	backend_done_fn done;
	int fd;
	ev_io rd;
};

/* Start; fd is a TUN device opened with IFF_NO_PI and IFF_VNET_HDR, non-blocking, taken over. */
void backend_tun_start(struct backend *b, struct ev_loop *loop, int fd, backend_receive_fn receive, backend_done_fn done);
void backend_echo_start(struct backend *b, backend_receive_fn receive, backend_done_fn done);

#endif
