/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way back of split.h: packets of one TCP or UDP flow that follow each
 * other go to the kernel as one large packet, which it would make of them itself
 * if they came from a network card. Nothing waits for more to come: a run of packets ends
 * with merge_flush().
 */
#ifndef OFFHOOK_MERGE_H
#define OFFHOOK_MERGE_H

#include <linux/virtio_net.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "server/forwarder/inner.h"

#define MERGE_FLOWS    8
#define MERGE_PACKETS  64
#define MERGE_HEAD_MAX 100 /* IP header without options, TCP header */

/* Give the kernel what is in the pieces; the first is a struct virtio_net_hdr. */
typedef void (*merge_write_fn)(void *ctx, const struct iovec *iov, int count);

struct merge_flow {
	unsigned count;        /* packets, 0: free */
	bool open;             /* another one may follow */
	bool sums_checked;     /* of those so far */
	const uint8_t *first;  /* the first packet */
	size_t first_len, head_len, transport;
	size_t size, payload;  /* bytes of payload: of each but the last packet; of all */
	uint32_t seq;          /* TCP: of what follows */
	uint8_t last_flags;    /* TCP */
	uint8_t head[MERGE_HEAD_MAX];
	struct virtio_net_hdr vnet;
	struct iovec iov[2 + MERGE_PACKETS];
};

struct merge {
	bool tcp, udp;         /* what the kernel takes */
	merge_write_fn write;
	void *ctx;
	struct merge_flow flows[MERGE_FLOWS];
	unsigned next;         /* to make room when all are in use */
	unsigned used;         /* flows that hold something */
};

void merge_init(struct merge *m, bool tcp, bool udp, merge_write_fn write, void *ctx);
/* A packet; its bytes stay until merge_flush(). */
void merge_packet(struct merge *m, const uint8_t *packet, const struct inner *in);
void merge_flush(struct merge *m);

#endif
