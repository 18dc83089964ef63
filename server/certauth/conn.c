/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A worker's connection, hostile like its client. It gets at most one private
 * key operation (a handshake needs one) with an identity bound to its
 * interface, and a few tries to log in. A verdict goes to main, not through the worker.
 */
#include "server/certauth/conn.h"

#include <gnutls/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "common/err.h"
#include "common/log.h"
#include "common/mem.h"
#include "server/certauth/conn_private.h"
#include "server/certauth/keyop.h"
#include "server/certauth/login.h"

#define ASKS_MAX 12 /* a form, a group chosen, the password, again */

void
auth_log(struct auth_conn *c, unsigned number, const char *arg1, const char *arg2, const char *arg3, const char *arg4)
{
	struct ipc_auth_log m = {
		.conn_id = c->conn_id, .number = number, .arg1 = arg1, .arg2 = arg2, .arg3 = arg3, .arg4 = arg4,
	};

	ipc_send_later(&c->ca->main, MSG_auth_log, &m);
}

void
auth_refuse(struct auth_conn *c, const char *reason)
{
	struct ipc_auth_result m = { .answer = AUTH_REFUSED, .reason = reason, .cookie = "", .tunnel_group = "", .user = "" };

	ipc_send(&c->chan, MSG_auth_result, &m);
}

static void
conn_free(void *owner, int err)
{
	struct auth_conn *c = owner;

	login_cancel(c);
	if (err == ERR_BAD_MESSAGE) /* main names it and ends it */
		ipc_send(&c->ca->main, MSG_auth_bad, &(struct ipc_auth_bad){ c->conn_id, c->peer });
	ipc_chan_stop(&c->chan);
	free(c->nameif);
	free(c);
}

static void
key_op_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_key_op *m = msg;
	struct auth_conn *c = owner;
	uint8_t result[KEYOP_RESULT_MAX];
	struct ipc_key_result answer = { .failed = 1, .data = { result, 0 } };
	struct identity *id;
	int len;

	(void)fds;
	(void)nfds;
	id = store_find(&c->ca->store, m->trustpoint);
	if (c->key_ops++ > 0 || id == NULL || !auth_policy_bound(c->ca->policy, c->nameif, m->trustpoint)) {
		conn_free(c, ERR_BAD_MESSAGE);
		return;
	}
	if ((len = keyop_run(id, m, result)) >= 0) {
		answer.failed = 0;
		answer.data.len = (uint32_t)len;
	}
	ipc_send(&c->chan, MSG_key_result, &answer);
	explicit_bzero(result, sizeof(result));
}

static void
auth_ask_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	struct auth_conn *c = owner;

	(void)fds;
	(void)nfds;
	if (c->asks++ >= ASKS_MAX || c->login != NULL)
		conn_free(c, ERR_BAD_MESSAGE);
	else
		login_start(c, msg);
}

static const struct ipc_handler conn_handlers[] = {
	{ MSG_key_op, key_op_handle },
	{ MSG_auth_ask, auth_ask_handle },
};

void
auth_conn_start(struct certauth *ca, const struct ipc_auth_conn *m, int fd)
{
	struct auth_conn *c = xcalloc(1, sizeof(*c));

	c->ca = ca;
	c->conn_id = m->conn_id;
	c->peer = m->peer;
	c->nameif = xstrdup(m->nameif);
	ipc_chan_start(&c->chan, ca->loop, fd, IPC_CERTAUTH, IPC_WORKER, conn_handlers,
	    sizeof(conn_handlers) / sizeof(conn_handlers[0]), conn_free, c);
	c->chan.phase = PH_NEW;
	if (gnutls_rnd(GNUTLS_RND_NONCE, c->random, sizeof(c->random)) < 0)
		fatal("no random numbers");
	ipc_send(&c->chan, MSG_hello_random, &(struct ipc_hello_random){ { c->random, sizeof(c->random) } });
}
