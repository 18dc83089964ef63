/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Compression of single packets in the tunnel (protocol.md 5): which kind a
 * channel has, and the coder, whose memory exists only while it is used.
 */
#ifndef OFFHOOK_COMPRESS_H
#define OFFHOOK_COMPRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/ipc.h"

/*
 * What to answer to an Accept-Encoding list (NULL: the client sent none).
 * deflate is never chosen: it is one stream over the whole connection.
 */
enum compression compress_choose(const char *accept, bool allowed);

/* As in X-CSTP-Content-Encoding; NULL for none. */
const char *compress_name(enum compression kind);

/*
 * Is the packet worth a try: longer than 64 bytes, and neither UDP nor ESP,
 * where voice and ciphertext never shrink.
 */
bool compress_worthwhile(const uint8_t *packet, size_t len);

struct coder; /* memory for both directions */

struct coder *coder_new(void);
void coder_free(struct coder *c); /* NULL is allowed */

/* Compress into out, which has room for len bytes. Returns the length, 0 when it would not be shorter. */
size_t coder_compress(struct coder *c, enum compression kind, const uint8_t *packet, size_t len, uint8_t *out);

/*
 * Decompress; *out is the coder's and holds until the next call. Returns the
 * length, 0 when the input is broken or its output above max (no bomb goes off).
 */
size_t coder_decompress(struct coder *c, enum compression kind, const uint8_t *in, size_t len, size_t max,
    const uint8_t **out);

/* A coder that exists only while there is something to code. Zeroed: none. */
struct coder_user {
	struct coder *coder;
	bool used;       /* since it was last looked at */
	uint64_t due_ms; /* when it is looked at again */
};

struct coder *coder_user_get(struct coder_user *u, uint64_t now_ms);
/* Free it after half a minute to a minute without use. True: it was freed. */
bool coder_user_timer(struct coder_user *u, uint64_t now_ms);
uint64_t coder_user_next(const struct coder_user *u); /* UINT64_MAX: nothing to look at */

#endif
