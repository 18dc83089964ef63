/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of the forwarder share. */
#ifndef OFFHOOK_FORWARDER_H
#define OFFHOOK_FORWARDER_H

#include <ev.h>
#include <stdint.h>

#include "common/ipc.h"
#include "server/forwarder/backend.h"
#include "server/forwarder/table.h"

struct forwarder {
	struct ev_loop *loop;
	struct ipc_chan main;
	struct table table;
	struct backend backend;
	struct counters *counters;
	uint32_t slots;
};

extern struct forwarder fwd;

/* Of the loop's last wake-up: no clock is read for a packet. Milliseconds since 1970. */
static inline uint64_t
forwarder_now_ms(void)
{
	return (uint64_t)(ev_now(fwd.loop) * 1000);
}

#endif
