/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/worker/heap.h"

#include <malloc.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

struct plug {
	struct plug *next;
};

static struct plug *plugs;

#if defined(__SANITIZE_ADDRESS__)

void
heap_seal(void)
{
}

#else

/* Chunks of this size as long as malloc finds them below the limit. */
static void
fill(size_t size, uintptr_t limit)
{
	for (;;) {
		struct plug *p = malloc(size);

		if (p == NULL)
			return;
		if ((uintptr_t)p >= limit) {
			free(p);
			return;
		}
		p->next = plugs;
		plugs = p;
	}
}

void
heap_seal(void)
{
	enum { LARGEST = 64 * 1024, SMALL = 1032, SMALLEST = 24, STEP = 16 };
	uintptr_t limit;

	malloc_trim(0);
	/* keepcost is what lies free at the very end of the heap */
	limit = (uintptr_t)sbrk(0) - mallinfo2().keepcost;
	for (size_t size = LARGEST; size > SMALL; size /= 2)
		fill(size, limit);
	/* every small size: malloc caches freed chunks by exact size */
	for (size_t size = SMALL; size >= SMALLEST; size -= STEP)
		fill(size, limit);
}

#endif

void
heap_unseal(void)
{
	struct plug *p;

	while ((p = plugs) != NULL) {
		plugs = p->next;
		free(p);
	}
}
