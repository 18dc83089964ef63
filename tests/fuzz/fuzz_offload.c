/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets joined into large ones and cut again: all come back, each as it was,
 * those of one flow in their order. Large packets of any shape are cut without a byte
 * read or written outside them.
 *
 * Input: packets, each behind its length in two bytes, those of a first byte 0xff as large ones behind a virtio_net_hdr.
 */
#include <stdlib.h>
#include <string.h>

#include "server/forwarder/merge.h"
#include "server/forwarder/split.h"
#include "tests/fuzz/fuzz.h"

#define PACKETS_MAX 200
#define FRONT       1

static struct {
	uint8_t *bytes; /* of exactly its length */
	size_t len;
	bool back;
} packets[PACKETS_MAX];
static unsigned count, came;
static struct merge merge;

/* Where fragments are forbidden the identification says nothing, and is not kept (RFC 6864). */
static void
plain(uint8_t *p, size_t len)
{
	if (len >= 20 && p[0] >> 4 == 4 && (p[6] & 0x40) != 0)
		memset(p + 4, 0, 2), memset(p + 10, 0, 2);
}

static bool
same(const uint8_t *a, const uint8_t *b, size_t len)
{
	static uint8_t x[70000], y[70000];

	memcpy(x, a, len);
	memcpy(y, b, len);
	plain(x, len);
	plain(y, len);
	return memcmp(x, y, len) == 0;
}

/* The oldest of those like it that has not come back: equal packets may change places, nobody can tell. */
static void
came_back(const uint8_t *p, size_t len)
{
	came++;
	for (unsigned i = 0; i < count; i++) {
		if (!packets[i].back && packets[i].len == len && same(packets[i].bytes, p, len)) {
			packets[i].back = true;
			return;
		}
	}
	abort();
}

static void
written(void *ctx, const struct iovec *iov, int n)
{
	static uint8_t whole[FRONT + 80000];
	struct virtio_net_hdr h;
	struct split split;
	size_t len = 0, part;
	uint8_t *p;

	(void)ctx;
	memcpy(&h, iov[0].iov_base, sizeof(h));
	for (int i = 1; i < n; i++) {
		memcpy(whole + FRONT + len, iov[i].iov_base, iov[i].iov_len);
		len += iov[i].iov_len;
	}
	if (len > 65535)
		abort();
	if (!split_wanted(&h)) {
		came_back(whole + FRONT, len);
		return;
	}
	if (!split_start(&split, whole + FRONT, len, &h, 65535))
		abort();
	while ((p = split_next(&split, &part)) != NULL)
		came_back(p, part);
}

static void
large_take(const uint8_t *data, size_t len)
{
	struct virtio_net_hdr h;
	struct split split;
	uint8_t *room;
	size_t part, mtu = 576;

	if (len < sizeof(h))
		return;
	memcpy(&h, data, sizeof(h));
	data += sizeof(h);
	len -= sizeof(h);
	room = malloc(FRONT + len);
	if (room == NULL)
		abort();
	memcpy(room + FRONT, data, len);
	if (split_start(&split, room + FRONT, len, &h, mtu)) {
		for (uint8_t *p; (p = split_next(&split, &part)) != NULL; p[-1] = 0) {
			if (p < room + FRONT || p + part > room + FRONT + len)
				abort();
		}
	}
	memcpy(room + FRONT, data, len);
	split_checksum(room + FRONT, len, &h);
	free(room);
}

static void
packet_take(const uint8_t *data, size_t len)
{
	struct inner in;

	if (!inner_parse(data, len, &in) || count == PACKETS_MAX)
		return;
	packets[count].bytes = malloc(in.len);
	if (packets[count].bytes == NULL)
		abort();
	memcpy(packets[count].bytes, data, in.len);
	packets[count].len = in.len;
	packets[count].back = false;
	inner_parse(packets[count].bytes, in.len, &in);
	merge_packet(&merge, packets[count++].bytes, &in);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	count = came = 0;
	merge_init(&merge, true, true, written, NULL);
	while (size >= 3) {
		size_t len = (size_t)data[0] << 8 | data[1];

		data += 2;
		size -= 2;
		len = len < size ? len : size;
		if (len > 0 && data[0] == 0xff)
			large_take(data + 1, len - 1);
		else
			packet_take(data, len);
		data += len;
		size -= len;
	}
	merge_flush(&merge);
	if (came != count)
		abort();
	for (unsigned i = 0; i < count; i++)
		free(packets[i].bytes);
	return 0;
}
