/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/pages.h"

#include <stdint.h>
#include <sys/mman.h>

void
pages_drop(void *start, size_t bytes)
{
	uintptr_t from = ((uintptr_t)start + PAGE_BYTES - 1) & ~(uintptr_t)(PAGE_BYTES - 1);
	uintptr_t to = ((uintptr_t)start + bytes) & ~(uintptr_t)(PAGE_BYTES - 1);

	if (from < to)
		madvise((void *)from, to - from, MADV_DONTNEED);
}

#if defined(__SANITIZE_ADDRESS__)

void
pages_drop_stack(void)
{
}

#else

void
pages_drop_stack(void)
{
	enum { DEPTH = 128 * 1024, NEAR = 512 }; /* what is not mapped is left out; near: this function's own, and the red zone */
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);

	pages_drop((void *)(here - DEPTH), DEPTH - NEAR);
}

#endif
