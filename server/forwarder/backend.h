/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where inner packets go to and come from: the TUN device, or an echo that
 * needs no privilege and answers ICMP and UDP itself.
 */
#ifndef OFFHOOK_BACKEND_H
#define OFFHOOK_BACKEND_H

#include <ev.h>
#include <linux/virtio_net.h>
#include <stddef.h>
#include <stdint.h>

#include "server/forwarder/inner.h"

struct backend_owner {
	/* A packet towards a client; it may be changed, and one byte in front of it. */
	void (*packet)(uint8_t *packet, const struct inner *in);
	/* One that stands for many (split.h). */
	void (*large)(uint8_t *packet, const struct inner *in, const struct virtio_net_hdr *head);
	void (*done)(void); /* after a run of packets */
};

struct backend {
	/* A packet from a client, already checked; may be changed, and stays until flush(). */
	void (*send)(struct backend *b, uint8_t *packet, const struct inner *in);
	/* A packet of our own (ICMP) towards the inside. */
	void (*send_own)(struct backend *b, const uint8_t *packet, size_t len);
	void (*flush)(struct backend *b); /* what was sent is on its way */
	const struct backend_owner *owner;
	int fd;
	ev_io rd;
};

/* Start; fd is a TUN device opened with IFF_NO_PI and IFF_VNET_HDR, non-blocking, taken over; offload: enum tun_offload bits. */
void backend_tun_start(struct backend *b, struct ev_loop *loop, int fd, unsigned offload, const struct backend_owner *owner);
void backend_echo_start(struct backend *b, const struct backend_owner *owner);

#endif
