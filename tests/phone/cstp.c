/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The CSTP frame: 'S' 'T' 'F' 1, length, type, 0, payload (protocol.md 2.1). */

#include "cstp.h"

#include <string.h>

int
cstp_frame_get(const uint8_t *in, size_t in_len, struct cstp_frame *f)
{
	static const uint8_t magic[4] = { 'S', 'T', 'F', 1 };
	size_t n = in_len < sizeof(magic) ? in_len : sizeof(magic);

	if (memcmp(in, magic, n) != 0)
		return -1;
	if (in_len < CSTP_HEAD)
		return 0;
	if (in[7] != 0)
		return -1;
	f->len = get16(in + 4);
	f->type = in[6];
	f->payload = in + CSTP_HEAD;
	return in_len < CSTP_HEAD + f->len ? 0 : (int)(CSTP_HEAD + f->len);
}

void
cstp_frame_put(struct buf *out, uint8_t type, const void *payload, size_t len)
{
	uint8_t head[CSTP_HEAD] = { 'S', 'T', 'F', 1, 0, 0, type, 0 };

	put16(head + 4, (uint16_t)len);
	buf_add(out, head, sizeof(head));
	buf_add(out, payload, len);
}
