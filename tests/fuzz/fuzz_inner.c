/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets of the tunnel, as a worker hands them on: the forwarder's checks, answers, fragments and echoes; and its batches. */
#include <stdlib.h>
#include <string.h>

#include "common/batch.h"
#include "server/forwarder/inner.h"
#include "tests/fuzz/fuzz.h"

static void
piece_check(void *ctx, uint8_t *packet, size_t len)
{
	struct inner in;

	(void)ctx;
	if (!inner_parse(packet, len, &in) || in.len != len || len > 700)
		abort();
}

static void
packet_take(const uint8_t *data, size_t size)
{
	static const uint8_t source6[16] = { 0x20, 1 };
	uint8_t icmp[INNER_ICMP_MAX], icmp6[INNER_MTU6_MIN], *copy = malloc(size > 0 ? size : 1);
	struct inner in, answer;
	size_t n;

	if (copy == NULL)
		abort();
	memcpy(copy, data, size);
	if (inner_parse(copy, size, &in)) {
		n = in.version == 6 ? inner_too_big6(copy, &in, source6, 1300, icmp6) :
		    inner_frag_needed(copy, &in, 0x0a000001, 700, icmp);
		if (n > 0 && !inner_parse(in.version == 6 ? icmp6 : icmp, n, &answer))
			abort();
		if (in.version == 4 && !in.dont_fragment)
			inner_fragment(copy, &in, 700, piece_check, NULL);
		if (inner_echo(copy, &in) && !inner_parse(copy, size, &in))
			abort();
	}
	free(copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct batch_item item;
	size_t pos = 0;

	packet_take(data, size);
	while (batch_next(data, size, &pos, &item) == 1) {
		if (item.data < data || item.data + item.len > data + size)
			abort();
		packet_take(item.data, item.len);
	}
	return 0;
}
