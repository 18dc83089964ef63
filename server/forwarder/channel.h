/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The channels to the workers: what is for them, batched and sent at the end of each run; what they say. */
#ifndef OFFHOOK_CHANNEL_H
#define OFFHOOK_CHANNEL_H

#include <stddef.h>
#include <stdint.h>

#include "common/batch.h"
#include "server/forwarder/table.h"

/* Take over the worker's end of this session's channel, in place of the one it had. */
void channel_start(struct fwd_session *s, int fd);
void channel_close(struct fwd_session *s);

/* Queue an item for the session's worker. */
void channel_put(struct fwd_session *s, enum batch_type type, uint8_t tag, const void *data, size_t len);
/* Send all that is queued; what a worker has no room for is dropped, as a link does. */
void channel_flush_all(void);

#endif
