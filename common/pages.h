/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory of a process that costs something only while it is used: large buffers, the deep end of the stack. */
#ifndef OFFHOOK_PAGES_H
#define OFFHOOK_PAGES_H

#include <stddef.h>

#define PAGE_BYTES 4096

/* For a large static buffer: it shares its first page with nothing else. */
#define PAGE_ALIGNED __attribute__((aligned(PAGE_BYTES)))

/* Give the whole pages in it back to the kernel; they read as zeros from now on. */
void pages_drop(void *start, size_t bytes);

/* The same for what the stack has below its present end. */
void pages_drop_stack(void);

#endif
