/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/worker/compress.h"

#include <lz4.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/mem.h"
#include "server/worker/lzs.h"

#define WORTHWHILE_BYTES 64 /* protocol.md 5 */
#define PACKET_MAX       16384
#define IDLE_MS          30000

enum { IP_UDP = 17, IP_ESP = 50 };

static const char *const kinds[] = {
	[COMPRESSION_NONE] = NULL, [COMPRESSION_LZS] = "lzs", [COMPRESSION_LZ4] = "oc-lz4",
};

const char *
compress_name(enum compression kind)
{
	return kind < sizeof(kinds) / sizeof(kinds[0]) ? kinds[kind] : NULL;
}

/* Is it in a list like "oc-lz4, lzs;q=0.5"? */
static bool
accepts(const char *list, const char *name)
{
	size_t name_len = strlen(name);

	while (*list != '\0') {
		size_t len = strcspn(list, ",");
		const char *word = list + strspn(list, " \t");
		size_t word_len = strcspn(word, " \t;,");

		if (word_len == name_len && strncasecmp(word, name, name_len) == 0)
			return true;
		list += len;
		list += *list == ',';
	}
	return false;
}

enum compression
compress_choose(const char *accept, bool allowed)
{
	/* LZ4 first: its decoder is several times faster, and only clients that have it name it */
	static const enum compression order[] = { COMPRESSION_LZ4, COMPRESSION_LZS };

	for (size_t i = 0; allowed && accept != NULL && i < sizeof(order) / sizeof(order[0]); i++) {
		if (accepts(accept, kinds[order[i]]))
			return order[i];
	}
	return COMPRESSION_NONE;
}

bool
compress_worthwhile(const uint8_t *packet, size_t len)
{
	unsigned version = len > 0 ? packet[0] >> 4 : 0, protocol;

	if (len <= WORTHWHILE_BYTES || len > PACKET_MAX)
		return false;
	protocol = version == 6 ? packet[6] : packet[9];
	return protocol != IP_UDP && protocol != IP_ESP;
}

struct coder {
	union {
		struct lzs lzs;
		LZ4_stream_t lz4;
	} state;
	uint8_t out[PACKET_MAX];
};

struct coder *
coder_new(void)
{
	return xmalloc(sizeof(struct coder));
}

void
coder_free(struct coder *c)
{
	free(c);
}

size_t
coder_compress(struct coder *c, enum compression kind, const uint8_t *packet, size_t len, uint8_t *out)
{
	int n = 0;

	if (len == 0 || len > PACKET_MAX)
		return 0;
	if (kind == COMPRESSION_LZS)
		return lzs_compress(&c->state.lzs, packet, len, out, len - 1);
	if (kind == COMPRESSION_LZ4)
		n = LZ4_compress_fast_extState(&c->state.lz4, (const char *)packet, (char *)out, (int)len, (int)len - 1, 1);
	return n > 0 ? (size_t)n : 0;
}

size_t
coder_decompress(struct coder *c, enum compression kind, const uint8_t *in, size_t len, size_t max, const uint8_t **out)
{
	int n = 0;

	*out = c->out;
	if (max > sizeof(c->out))
		max = sizeof(c->out);
	if (len > PACKET_MAX)
		return 0;
	if (kind == COMPRESSION_LZS)
		return lzs_decompress(in, len, c->out, max);
	if (kind == COMPRESSION_LZ4)
		n = LZ4_decompress_safe((const char *)in, (char *)c->out, (int)len, (int)max);
	return n > 0 ? (size_t)n : 0;
}

struct coder *
coder_user_get(struct coder_user *u, uint64_t now_ms)
{
	u->used = true;
	if (u->coder == NULL) {
		u->coder = coder_new();
		u->due_ms = now_ms + IDLE_MS;
	}
	return u->coder;
}

bool
coder_user_timer(struct coder_user *u, uint64_t now_ms)
{
	bool idle = !u->used;

	if (u->coder == NULL || now_ms < u->due_ms)
		return false;
	if (idle) {
		coder_free(u->coder);
		u->coder = NULL;
	}
	u->used = false;
	u->due_ms = now_ms + IDLE_MS;
	return idle;
}

uint64_t
coder_user_next(const struct coder_user *u)
{
	return u->coder != NULL ? u->due_ms : UINT64_MAX;
}
