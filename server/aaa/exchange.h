/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One request to one server and its answer: sent, sent again each
 * retry-interval, given up after the timeout. Each has a socket, and so a port,
 * of its own, which a forged answer must guess. A server has so many at a time,
 * the others queue.
 */
#ifndef OFFHOOK_EXCHANGE_H
#define OFFHOOK_EXCHANGE_H

#include <ev.h>
#include <stddef.h>
#include <stdint.h>

#include "server/aaa/packet.h"
#include "server/aaa/server.h"

struct exchange;

/* What a request holds is filled in when it is sent: local is the socket's own address. */
typedef void (*exchange_fill_fn)(void *ctx, struct radius_request *r, const struct sockaddr_storage *local);

/* reply NULL: no answer. Else checked; its attributes are hostile all the same. */
typedef void (*exchange_done_fn)(void *ctx, const uint8_t *reply, size_t len);

void exchange_init(struct ev_loop *loop, void (*counted)(struct aaa_server *s));

/* Ask. done is called once, never before this returns. NULL: too many wait for this server. */
struct exchange *exchange_start(struct aaa_server *s, enum radius_code code, exchange_fill_fn fill, exchange_done_fn done,
    void *ctx);
void exchange_cancel(struct exchange *x);

#endif
