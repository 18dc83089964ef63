/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An arena is a list of records, newest first. A record is either a block of
 * memory (the bytes follow the record) or an action to run.
 */
#include "common/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum record_kind { REC_BYTES, REC_FD, REC_SECRET, REC_CALL, REC_CHILD };

struct record {
	struct record *older;
	enum record_kind kind;
	int fd;
	union {
		struct {
			void *p;
			size_t size;
		} secret;
		struct {
			void (*fn)(void *);
			void *arg;
		} call;
		struct mem *child;
		max_align_t align;
	} u;
};

struct mem {
	struct record *newest;
	struct mem *parent;
};

static void
mem_fatal(void)
{
	static const char text[] = "offhook: out of memory\n";

	(void)!write(STDERR_FILENO, text, sizeof(text) - 1);
	abort();
}

void *
xmalloc(size_t size)
{
	void *p = malloc(size ? size : 1);

	if (p == NULL)
		mem_fatal();
	return p;
}

void *
xcalloc(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size ? size : 1);

	if (p == NULL)
		mem_fatal();
	return p;
}

void *
xrealloc(void *old, size_t size)
{
	void *p = realloc(old, size ? size : 1);

	if (p == NULL)
		mem_fatal();
	return p;
}

char *
xstrdup(const char *s)
{
	size_t size = strlen(s) + 1;

	return memcpy(xmalloc(size), s, size);
}

static struct record *
mem_record(struct mem *m, enum record_kind kind, size_t extra)
{
	struct record *r = xcalloc(1, sizeof(*r) + extra);

	r->kind = kind;
	r->older = m->newest;
	m->newest = r;
	return r;
}

struct mem *
mem_new(struct mem *parent)
{
	struct mem *m = xcalloc(1, sizeof(*m));

	m->parent = parent;
	if (parent != NULL)
		mem_record(parent, REC_CHILD, 0)->u.child = m;
	return m;
}

static void
mem_forget_child(struct mem *parent, struct mem *child)
{
	for (struct record **at = &parent->newest; *at != NULL; at = &(*at)->older) {
		struct record *r = *at;

		if (r->kind == REC_CHILD && r->u.child == child) {
			*at = r->older;
			free(r);
			return;
		}
	}
}

static void
mem_undo(struct record *r)
{
	switch (r->kind) {
	case REC_BYTES:
		break;
	case REC_FD:
		close(r->fd);
		break;
	case REC_SECRET:
		explicit_bzero(r->u.secret.p, r->u.secret.size);
		break;
	case REC_CALL:
		r->u.call.fn(r->u.call.arg);
		break;
	case REC_CHILD:
		r->u.child->parent = NULL;
		mem_free(r->u.child);
		break;
	}
	free(r);
}

void
mem_free(struct mem *m)
{
	struct record *r;

	if (m == NULL)
		return;
	if (m->parent != NULL)
		mem_forget_child(m->parent, m);
	while ((r = m->newest) != NULL) {
		m->newest = r->older;
		mem_undo(r);
	}
	free(m);
}

void *
mem_alloc(struct mem *m, size_t size)
{
	return mem_record(m, REC_BYTES, size) + 1;
}

void *
mem_dup(struct mem *m, const void *data, size_t size)
{
	void *p = mem_alloc(m, size);

	if (size > 0)
		memcpy(p, data, size);
	return p;
}

char *
mem_strdup(struct mem *m, const char *s)
{
	return s == NULL ? NULL : mem_dup(m, s, strlen(s) + 1);
}

char *
mem_printf(struct mem *m, const char *fmt, ...)
{
	va_list ap;
	char *text, *copy;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		mem_fatal();
	va_end(ap);
	copy = mem_strdup(m, text);
	free(text);
	return copy;
}

void
mem_own_fd(struct mem *m, int fd)
{
	mem_record(m, REC_FD, 0)->fd = fd;
}

void
mem_own_secret(struct mem *m, void *p, size_t size)
{
	struct record *r = mem_record(m, REC_SECRET, 0);

	r->u.secret.p = p;
	r->u.secret.size = size;
}

void
mem_on_free(struct mem *m, void (*fn)(void *arg), void *arg)
{
	struct record *r = mem_record(m, REC_CALL, 0);

	r->u.call.fn = fn;
	r->u.call.arg = arg;
}
