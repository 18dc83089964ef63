/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the client does and what it is told, for an operator who asked
 * (debug webvpn, lab transcript): events with a level, 1 failures, 10 steps, 50
 * choices, 100 heads, 200 control frames, 255 every packet. When nobody asked it
 * costs the test of a byte. Neither secrets nor cookies at any level.
 */
#ifndef OFFHOOK_TRACE_H
#define OFFHOOK_TRACE_H

#include <stddef.h>

#include "server/worker/http.h"
#include "server/worker/worker.h"

enum { TRACE_FAIL = 1, TRACE_STEP = 10, TRACE_CHOICE = 50, TRACE_HEAD = 100, TRACE_FRAME = 200, TRACE_DATA = 255 };

#define TRACE(w, level, ...)                            \
	do {                                            \
		if ((w)->trace >= (level))              \
			trace_say(w, level, __VA_ARGS__); \
	} while (0)

/* what: a word; fmt: lines "key=value". */
void trace_say(struct worker *w, unsigned level, const char *what, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* A ClientHello, a request, the head of an answer: only when the level is wanted. */
void trace_hello(struct worker *w, const struct hello *h);
void trace_request(struct worker *w, const struct http_request *r);
void trace_answer(struct worker *w, const char *bytes, size_t len);

#endif
