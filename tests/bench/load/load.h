/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef LOAD_LOAD_H
#define LOAD_LOAD_H

#include <ev.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "issuer.h"
#include "record.h"
#include "tests/phone/conn.h"
#include "tests/phone/options.h"
#include "tests/phone/tls.h"

#define TRAFFIC_PORT 5004	/* of all inner UDP, both ends */

struct session;

/* The process. */
struct load {
	struct ev_loop *loop;
	struct options o;		/* of the phone simulator, whose parts read them */
	struct tls_contexts tls;
	struct endpoint to;
	const struct cipher *cipher;	/* NULL: TLS alone */
	struct issuer issuer;
	bool one_connection, phone;	/* phone: its dialect of the login, its suites */
	long timeout_s;
	struct in_addr inside_addr;
	int inside_fd;			/* UDP on the inside network, or -1 */
	struct session **sessions;	/* all there ever were in this run of "open" */
	unsigned session_count, session_cap;
	void (*session_settled)(struct load *, struct session *);	/* it is up, or it failed */
};

#endif
