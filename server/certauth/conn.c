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
#include "server/certauth/chain.h"
#include "server/certauth/keyop.h"
#include "server/certauth/proof.h"
#include "server/config/model.h"

#define LOGIN_TRIES_MAX 3

struct auth_conn {
	struct certauth *ca;
	struct ipc_chan chan;
	uint64_t conn_id;
	struct addr peer;
	char *nameif;
	unsigned key_ops, tries;
	uint8_t random[HELLO_RANDOM_BYTES]; /* of its ServerHello, drawn here */
};

static void
auth_log(struct auth_conn *c, unsigned number, const char *arg1, const char *arg2, const char *arg3)
{
	struct ipc_auth_log m = { .conn_id = c->conn_id, .number = number, .arg1 = arg1, .arg2 = arg2, .arg3 = arg3 };

	ipc_send(&c->ca->main, MSG_auth_log, &m);
}

static void
conn_free(void *owner, int err)
{
	struct auth_conn *c = owner;

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
auth_refuse(struct auth_conn *c, const char *reason)
{
	struct ipc_auth_result m = { .accepted = 0, .reason = reason };

	ipc_send(&c->chan, MSG_auth_result, &m);
}

/* HEX@n@n@HEX, the form of a real ASA's cookie (protocol.md 1.6), 24 random bytes in it. */
static void
cookie_make(char cookie[129], uint8_t hash[32])
{
	char head[17], tail[33];
	uint8_t random[28];
	unsigned n, k;

	if (gnutls_rnd(GNUTLS_RND_KEY, random, sizeof(random)) < 0)
		fatal("no random numbers");
	hex_put(random, 8, head);
	hex_put(random + 8, 16, tail);
	n = (unsigned)random[24] << 8 | random[25];
	k = (unsigned)random[26] << 8 | random[27];
	snprintf(cookie, 129, "%s@%u@%04X@%s", head, n, k, tail);
	gnutls_hash_fast(GNUTLS_DIG_SHA256, cookie, strlen(cookie), hash);
	explicit_bzero(random, sizeof(random));
}

static void
auth_accept(struct auth_conn *c, const struct auth_group *g, const char *user)
{
	uint8_t hash[32];
	char cookie[129];
	struct ipc_verdict verdict = {
		.conn_id = c->conn_id,
		.user = user,
		.tunnel_group = g->name,
		.group_policy = g->group_policy,
		.authentication = AUTH_CERTIFICATE,
		.cookie_hash = { hash, sizeof(hash) },
	};
	struct ipc_auth_result answer = { .accepted = 1, .reason = "", .cookie = cookie };

	cookie_make(cookie, hash);
	c->chan.phase = PH_LOGIN;
	if (ipc_send(&c->ca->main, MSG_verdict, &verdict) == 0)
		ipc_send(&c->chan, MSG_auth_result, &answer);
	else
		auth_refuse(c, "no verdict possible");
	explicit_bzero(cookie, sizeof(cookie));
}

static void
certificate_login(struct auth_conn *c, const struct auth_group *g, const struct chain *chain)
{
	const struct auth_trustpoint *by;
	char user[CHAIN_USER_MAX], text[CHAIN_TEXT_MAX * 3], count[12];

	snprintf(count, sizeof(count), "%u", chain->count);
	auth_log(c, 717025, count, "", "");
	auth_log(c, 717029, chain->serial, chain->subject, "");
	if (chain_verify(chain, c->ca->policy, &by, text) != 0) {
		text[1000] = '\0'; /* a message's argument ends there */
		auth_log(c, 717009, text, "", "");
		auth_refuse(c, "Certificate Validation Failure");
		return;
	}
	auth_log(c, 717030, by->name, "", "");
	auth_log(c, 717022, chain->serial, chain->subject, "");
	auth_log(c, 717028, "", "", "");
	if (chain_user(chain, user) != 0) {
		auth_log(c, 113025, g->name, "CN OU", "");
		auth_refuse(c, "no user name in the certificate");
		return;
	}
	auth_accept(c, g, user);
}

static void
auth_ask_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_auth_ask *m = msg;
	struct auth_conn *c = owner;
	const struct auth_group *g = auth_policy_group(c->ca->policy, m->tunnel_group);
	static uint8_t bytes[IPC_TRANSCRIPT_MAX];
	struct chain chain;
	const char *why;
	char text[1000];
	size_t len;
	int r;

	(void)fds;
	(void)nfds;
	if (c->tries++ >= LOGIN_TRIES_MAX) {
		conn_free(c, ERR_BAD_MESSAGE);
		return;
	}
	if (g == NULL) {
		auth_refuse(c, "unknown tunnel-group");
		return;
	}
	if ((g->authentication & ~(unsigned)AUTH_MULTIPLE_CERTIFICATE) != AUTH_CERTIFICATE) {
		auth_refuse(c, "only certificate authentication is offered");
		return;
	}
	r = proof_check(&m->transcript, c->random, bytes, sizeof(bytes), &len, &why);
	if (r == ERR_NOT_FOUND) {
		auth_refuse(c, "No certificate");
		return;
	}
	if (chain_get(&chain, &(struct ipc_blob){ bytes, (uint32_t)len }) != 0) {
		auth_log(c, 717009, "Reason: the chain cannot be read", "", "");
		auth_refuse(c, "Certificate Validation Failure");
	} else if (r != 0) {
		snprintf(text, sizeof(text), "Reason: %s, serial number: %s, subject name: %.600s", why, chain.serial, chain.subject);
		auth_log(c, 717009, text, "", "");
		auth_refuse(c, "Certificate Validation Failure");
	} else {
		certificate_login(c, g, &chain);
	}
	chain_clear(&chain);
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
