/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Getting things by HTTP: libcurl in the event loop, never blocking. */
#ifndef OFFHOOK_FETCH_H
#define OFFHOOK_FETCH_H

#include <ev.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What became of it: data, or NULL and why not. Without data len is how long an answer is that is longer than
 * was asked for, as far as that is known, else 0. The bytes are valid during the call.
 */
typedef void (*fetch_fn)(void *ctx, const uint8_t *data, size_t len, const char *why);

/* 0 or ERR_SYSTEM. */
int fetch_init(struct ev_loop *loop);

/*
 * GET url; those who ask for the same at the same time share one transfer. fn is
 * called once, never before this returns. Only http:// is spoken; a server that
 * failed just now is not asked again for some seconds (its failure is repeated).
 */
void fetch_get(const char *url, size_t max_bytes, fetch_fn fn, void *ctx);

/* POST of an OCSP request (RFC 6960 appendix A). */
void fetch_ocsp(const char *url, const uint8_t *request, size_t len, fetch_fn fn, void *ctx);

/* Servers that failed are asked again at once. */
void fetch_forget_failures(void);

#endif
