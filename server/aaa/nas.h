/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How we call ourselves in every request: the network access server. */
#ifndef OFFHOOK_NAS_H
#define OFFHOOK_NAS_H

#include <sys/socket.h>

#include "server/aaa/packet.h"

/* NAS-Identifier of the requests to come. */
void nas_name(const char *hostname);

/* local: where the request leaves from; port: a number that tells sessions apart. */
void nas_put(struct radius_request *r, const struct sockaddr_storage *local, uint32_t port);

#endif
