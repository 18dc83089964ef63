/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CONNECT: what the client asks, what main grants, and the answer's headers (protocol.md 1.7). */
#ifndef OFFHOOK_CONNECT_H
#define OFFHOOK_CONNECT_H

#include <stdbool.h>
#include <stdint.h>

#include "common/ipc.h"
#include "server/worker/client.h"
#include "server/worker/dtls.h"

struct http_request;
struct worker;

struct connect { /* of one request, until the tunnel stands */
	bool phone;
	enum client_family family;
	char agent[256]; /* User-Agent, cut */
	char hostname[65];
	unsigned wanted_mtu, base_mtu;
	bool ip6; /* can have an inner IPv6 address */
	bool has_master;
	uint8_t master[DTLS_MASTER_BYTES];
	char *x_dtls, *x_dtls12; /* the client's lists, malloc'ed */
	char *cstp_encodings, *dtls_encodings;
};

void connect_handle(struct worker *w, const struct http_request *r);
void connect_granted(struct worker *w, const struct ipc_session_grant *m, int forwarder_fd);
void connect_denied(struct worker *w, const struct ipc_session_deny *m);
void connect_free(struct connect *c); /* wipes; NULL is allowed */

#endif
