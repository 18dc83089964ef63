/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/main/log_buffer.h"

#include <stdlib.h>
#include <string.h>

#include "common/mem.h"

/* Lines, each with its newline, one behind the other from start; they wrap. */
static struct {
	char *bytes;
	size_t room, start, used;
} ring;

static void
oldest_drop(void)
{
	while (ring.used > 0) {
		char c = ring.bytes[ring.start];

		ring.start = (ring.start + 1) % ring.room;
		ring.used--;
		if (c == '\n')
			return;
	}
}

static void
bytes_put(const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		ring.bytes[(ring.start + ring.used++) % ring.room] = bytes[i];
}

void
log_buffer_put(const char *line)
{
	size_t len = strlen(line);

	if (len + 1 > ring.room)
		return;
	while (ring.room - ring.used < len + 1)
		oldest_drop();
	bytes_put(line, len);
	bytes_put("\n", 1);
}

void
log_buffer_size(size_t bytes)
{
	char *old = ring.bytes;
	size_t old_room = ring.room, old_start = ring.start, old_used;

	if (bytes == ring.room)
		return;
	while (ring.used > bytes)
		oldest_drop();
	old_start = ring.start;
	old_used = ring.used;
	ring.bytes = xmalloc(bytes);
	ring.room = bytes;
	ring.start = ring.used = 0;
	for (size_t i = 0; i < old_used; i++)
		bytes_put(&old[(old_start + i) % old_room], 1);
	free(old);
}

void
log_buffer_clear(void)
{
	ring.start = ring.used = 0;
}

void
log_buffer_print(FILE *f)
{
	size_t first = ring.used < ring.room - ring.start ? ring.used : ring.room - ring.start;

	if (ring.used == 0)
		return;
	fwrite(ring.bytes + ring.start, 1, first, f);
	fwrite(ring.bytes, 1, ring.used - first, f);
}
