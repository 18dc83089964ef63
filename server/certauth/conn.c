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
#include "server/certauth/cert_map.h"
#include "server/certauth/chain.h"
#include "server/certauth/keyop.h"
#include "server/certauth/proof.h"
#include "server/certauth/revoke.h"
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
	struct login *login;                /* waits for the revocation helper */
};

/* A login whose certificate is good so far; text of its own, the policy may change meanwhile. */
struct login {
	struct auth_conn *conn;
	struct revoke_job *job;
	char *tunnel_group, *trustpoint, *serial, *subject;
	char user[CHAIN_USER_MAX]; /* "": the certificate holds no name */
};

static void
auth_log4(struct auth_conn *c, unsigned number, const char *arg1, const char *arg2, const char *arg3, const char *arg4)
{
	struct ipc_auth_log m = {
		.conn_id = c->conn_id, .number = number, .arg1 = arg1, .arg2 = arg2, .arg3 = arg3, .arg4 = arg4,
	};

	ipc_send(&c->ca->main, MSG_auth_log, &m);
}

static void
auth_log(struct auth_conn *c, unsigned number, const char *arg1, const char *arg2, const char *arg3)
{
	auth_log4(c, number, arg1, arg2, arg3, "");
}

static void
login_free(struct auth_conn *c)
{
	struct login *l = c->login;

	if (l == NULL)
		return;
	if (l->job != NULL)
		revoke_cancel(l->job);
	free(l->tunnel_group);
	free(l->trustpoint);
	free(l->serial);
	free(l->subject);
	free(l);
	c->login = NULL;
}

static void
conn_free(void *owner, int err)
{
	struct auth_conn *c = owner;

	login_free(c);

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
auth_accept(struct auth_conn *c, const struct auth_group *g, const char *user, const struct auth_user *record)
{
	uint8_t hash[32];
	char cookie[129];
	struct ipc_verdict verdict = {
		.conn_id = c->conn_id,
		.user = user,
		.tunnel_group = g->name,
		.group_policy = record != NULL && record->group_policy[0] != '\0' ? record->group_policy : g->group_policy,
		.authentication = AUTH_CERTIFICATE,
		.cookie_hash = { hash, sizeof(hash) },
		.authorized = record != NULL,
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

/* Who is it, and may he? With authorization by LOCAL the user's own record counts (asa-reference 4.2). */
static void
login_authorize(struct auth_conn *c, const struct login *l)
{
	const struct auth_group *g = auth_policy_group(c->ca->policy, l->tunnel_group);
	const struct auth_user *record;

	if (g == NULL) {
		auth_refuse(c, "unknown tunnel-group");
		return;
	}
	if (l->user[0] == '\0') {
		auth_log(c, 113025, g->name, "CN OU", "");
		auth_refuse(c, "no user name in the certificate");
		return;
	}
	record = g->authorization_local ? auth_policy_user(c->ca->policy, l->user) : NULL;
	if (record == NULL && g->authorization_required) {
		auth_log(c, 113015, g->authorization_local ? "User was not found" : "Unspecified", l->user, "");
		auth_refuse(c, "Authorization failed");
		return;
	}
	if (record != NULL && record->group_policy[0] != '\0')
		auth_log(c, 113003, l->user, record->group_policy, "");
	auth_accept(c, g, l->user, record);
}

static void
validation_refuse(struct auth_conn *c, const char *text)
{
	char cut[1001];

	snprintf(cut, sizeof(cut), "%s", text); /* a message's argument ends there */
	auth_log(c, 717009, cut, "", "");
	auth_log(c, 717027, cut, "", "");
	auth_refuse(c, "Certificate Validation Failure");
}

static void
login_checked(void *ctx, enum revoke_verdict verdict, const char *text)
{
	struct login *l = ctx;
	struct auth_conn *c = l->conn;
	char reason[3 * CHAIN_TEXT_MAX];

	l->job = NULL;
	if (verdict == REVOKE_REVOKED || verdict == REVOKE_FAILED) {
		snprintf(reason, sizeof(reason), "Reason: %s%s%s, serial number: %s, subject name: %s, trustpoint: %s",
		    verdict == REVOKE_REVOKED ? "certificate has been revoked" : "revocation status could not be checked",
		    text[0] != '\0' ? ": " : "", text, l->serial, l->subject, l->trustpoint);
		validation_refuse(c, reason);
	} else {
		auth_log(c, 717022, l->serial, l->subject, "");
		auth_log(c, 717028, verdict == REVOKE_GOOD ? "revocation status check" :
		    "warning, revocation status was not checked", "", "");
		login_authorize(c, l);
	}
	login_free(c);
}

static void
chain_refused(struct auth_conn *c, const struct chain_result *r)
{
	char bits[12];

	if (r->missing[0] != '\0')
		auth_log(c, 717031, r->missing, "no trustpoint holds a certificate of this name", "");
	if (r->key_bits > 0) {
		snprintf(bits, sizeof(bits), "%u", r->key_bits);
		auth_log(c, 725015, bits, "", "");
	}
	validation_refuse(c, r->text);
}

static void
certificate_login(struct auth_conn *c, const struct auth_group *g, const struct chain *chain)
{
	struct chain_result r;
	struct login *l;
	char count[12];

	snprintf(count, sizeof(count), "%u", chain->count);
	auth_log(c, 717025, count, "", "");
	auth_log(c, 717029, chain->serial, chain->subject, "");
	if (chain_verify(chain, c->ca->policy, &r) != 0) {
		chain_refused(c, &r);
		return;
	}
	auth_log(c, 717030, r.by->name, "", "");
	l = c->login = xcalloc(1, sizeof(*l));
	l->conn = c;
	l->tunnel_group = xstrdup(g->name);
	l->trustpoint = xstrdup(r.by->name);
	l->serial = xstrdup(chain->serial);
	l->subject = xstrdup(chain->subject);
	if (chain_user(chain, l->user) != 0)
		l->user[0] = '\0';
	if (revoke_wanted(r.by)) {
		struct revoke_job *job = revoke_start(&r, login_checked, l);

		if (job != NULL) /* else it is answered, and the login over */
			l->job = job;
	} else {
		login_checked(l, REVOKE_UNCHECKED, "");
	}
}

/* A certificate map beats the group-url, unless told otherwise (asa-reference 4.1). */
static const struct auth_group *
group_by_map(struct auth_conn *c, const struct auth_group *asked, const struct chain *chain)
{
	const struct auth_policy *p = c->ca->policy;
	const char *name;

	if (p->group_maps == NULL || chain->count == 0 ||
	    (p->prefer_group_url && strcmp(asked->name, "DefaultWEBVPNGroup") != 0))
		return asked;
	auth_log(c, 717036, chain->serial, chain->subject, chain->issuer);
	name = cert_map_find(p, chain->crts[0]);
	if (name == NULL || auth_policy_group(p, name) == NULL) {
		auth_log(c, 717037, chain->serial, chain->subject, chain->issuer);
		return asked;
	}
	auth_log4(c, 717038, name, chain->serial, chain->subject, chain->issuer);
	return auth_policy_group(p, name);
}

static void
proven_login(struct auth_conn *c, const struct auth_group *asked, const struct chain *chain)
{
	const struct auth_group *g = group_by_map(c, asked, chain);

	if ((g->authentication & ~(unsigned)AUTH_MULTIPLE_CERTIFICATE) != AUTH_CERTIFICATE)
		auth_refuse(c, "only certificate authentication is offered");
	else
		certificate_login(c, g, chain);
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
	if (c->tries++ >= LOGIN_TRIES_MAX || c->login != NULL) {
		conn_free(c, ERR_BAD_MESSAGE);
		return;
	}
	if (g == NULL) {
		auth_refuse(c, "unknown tunnel-group");
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
		proven_login(c, g, &chain);
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
