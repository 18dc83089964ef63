/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Arenas: each object with a life of its own (process, config snapshot,
 * session, request) has a struct mem, and what belongs to it is attached to
 * it. mem_free() undoes everything, newest first, children included.
 *
 * Allocation failure is fatal to the process (log and abort): a daemon of this
 * kind has no useful way to go on, and main restarts its children.
 */
#ifndef OFFHOOK_MEM_H
#define OFFHOOK_MEM_H

#include <stdarg.h>
#include <stddef.h>

struct mem;

/* A new arena, child of parent (NULL: a root). Freed with its parent or by mem_free(). */
struct mem *mem_new(struct mem *parent);

/* Undo all that the arena owns, newest first. NULL is allowed. */
void mem_free(struct mem *m);

/* Zeroed memory of the arena. Never NULL. */
void *mem_alloc(struct mem *m, size_t size);
char *mem_strdup(struct mem *m, const char *s); /* NULL gives NULL */
void *mem_dup(struct mem *m, const void *data, size_t size);
char *mem_printf(struct mem *m, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Close fd when the arena is freed. */
void mem_own_fd(struct mem *m, int fd);

/* Wipe size bytes at p when the arena is freed; p must live as long as the arena. */
void mem_own_secret(struct mem *m, void *p, size_t size);

/* Call fn(arg) when the arena is freed. */
void mem_on_free(struct mem *m, void (*fn)(void *arg), void *arg);

/* malloc family that never returns NULL; for memory that an arena does not suit. */
void *xmalloc(size_t size);
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t size);
char *xstrdup(const char *s);

#endif
