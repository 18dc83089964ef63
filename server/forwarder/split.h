/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One large packet that the kernel gives in place of many (TCP and UDP segmentation
 * offload), cut into what it stands for, and checksums that it leaves to "the hardware". Pure.
 */
#ifndef OFFHOOK_SPLIT_H
#define OFFHOOK_SPLIT_H

#include <linux/virtio_net.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef VIRTIO_NET_HDR_GSO_UDP_L4 /* younger than Debian's headers: Linux 6.2 */
#define VIRTIO_NET_HDR_GSO_UDP_L4 5
#endif

#define SPLIT_HEAD_MAX 160 /* IP header with options or extensions, TCP header with options */

struct split {
	uint8_t head[SPLIT_HEAD_MAX]; /* of the large packet */
	size_t head_len, transport;   /* bytes of it; where TCP or UDP begins */
	uint8_t *next;                /* payload that is left */
	size_t left, size;            /* bytes of that, of each packet but the last */
	unsigned count;               /* packets so far */
	bool udp;
};

/* Does it stand for several? */
static inline bool
split_wanted(const struct virtio_net_hdr *h)
{
	return h->gso_type != VIRTIO_NET_HDR_GSO_NONE;
}

/*
 * Begin; no packet shall be longer than mtu bytes. False: not sound, or of a kind that nobody asked for.
 * UDP datagrams are never cut smaller than they are: mtu is not looked at.
 */
bool split_start(struct split *s, uint8_t *packet, size_t len, const struct virtio_net_hdr *h, size_t mtu);

/*
 * The next packet, or NULL. It lies in front of its payload, over the end of the one before: that must be done with.
 */
uint8_t *split_next(struct split *s, size_t *len);

/* Put the checksum that was left open into a packet that stands for itself. False: not sound. */
bool split_checksum(uint8_t *packet, size_t len, const struct virtio_net_hdr *h);

#endif
