/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is this the password of this user? Asked of a server group: LOCAL is the
 * users of the configuration, any other is RADIUS servers behind the AAA
 * helper. Answers come later; other logins go on.
 */
#ifndef OFFHOOK_AUTH_AAA_H
#define OFFHOOK_AUTH_AAA_H

#include <stdbool.h>
#include <stdint.h>

#include "common/addr.h"
#include "common/ipc.h"

struct certauth;

struct aaa_result { /* valid during the call */
	bool accepted;
	enum login_refusal why;   /* not */
	const char *reason;       /* why not, in the words of messages 113005 and 113015: "Invalid password" */
	const char *server;       /* address of the server that answered; "" LOCAL */
	const char *group_policy; /* LOCAL: vpn-group-policy of the user; RADIUS: Class "OU=gp;"; "" none */
	const char *message;      /* Reply-Message, "" none */
	bool local;               /* the user's own record counts (LOCAL) */
	uint32_t framed_ip, framed_mask; /* host order, 0 none */
	uint32_t session_timeout_s, idle_timeout_s; /* 0: none given */
	const char *filter;       /* Filter-Id, "" none */
	struct ipc_blob class;    /* Class attributes, for accounting */
	uint32_t invalid;         /* bits: enum aaa_parameter, said but none */
};

struct aaa_job; /* one question under way */

/*
 * Check a password with a tunnel-group's server group ("LOCAL" or a tag);
 * fallback_local: LOCAL decides when all servers are dead. user and password are
 * copied. peer is where the client is; its failures slow it down. fn is called
 * once, never before this returns.
 */
struct aaa_job *aaa_start(struct certauth *ca, const char *server_group, bool fallback_local, const char *user,
    const char *password, const struct addr *peer, void (*fn)(void *ctx, const struct aaa_result *r), void *ctx);

/* The answer is no longer wanted. */
void aaa_cancel(struct aaa_job *job);

/* test aaa-server: the same for the operator, who is not slowed down; main gets auth_done. */
void aaa_test(struct certauth *ca, const struct ipc_auth_test *m);

#endif
