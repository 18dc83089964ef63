/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef LOAD_TRAFFIC_H
#define LOAD_TRAFFIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "load.h"

enum traffic_way { WAY_UP, WAY_DOWN, WAY_COUNT };	/* to the inside; to the client */

/*
 * Traffic over the sessions that are up: packets of UDP, each with a stamp.
 * One at a time; done is called at its end, which prints the result.
 */

/* As much as goes through, with a window for all, over the first sessions in turn. */
struct bulk_order {
	enum traffic_way way;
	uint64_t bytes;		/* of UDP payload */
	size_t size;		/* of inner packets */
	unsigned batch, window;	/* packets */
	unsigned sessions;	/* fewer, if so many are not up */
};

/* Both ways in each session, evenly spread. */
struct rate_order {
	double per_s;		/* packets each way, of one session */
	size_t size;		/* of inner packets */
	double seconds;
};

typedef void traffic_done_fn(struct load *load);

/* Return NULL, or what is wrong. */
const char *traffic_bulk(struct load *load, const struct bulk_order *order, traffic_done_fn *done);
const char *traffic_rate(struct load *load, const struct rate_order *order, traffic_done_fn *done);

/* From session.c: an inner packet (KIND_DIRECT: the payload alone) has come; datagrams have been taken. */
void traffic_down(struct session *s, const uint8_t *packet, size_t len);
void traffic_pump(struct load *load);

#endif
