/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/certauth/login.h"

#include <gnutls/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "common/err.h"
#include "common/log.h"
#include "common/mem.h"
#include "server/certauth/aaa.h"
#include "server/certauth/cert_map.h"
#include "server/certauth/chain.h"
#include "server/certauth/conn_private.h"
#include "server/certauth/revoke.h"
#include "server/config/model.h"

#define FAILURES_MAX 3
#define PASSWORD_MAX 257

/* Text of its own: the policy may change while a helper is asked. */
struct login {
	struct auth_conn *conn;
	struct revoke_job *revoke;
	struct aaa_job *aaa;
	char *tunnel_group, *trustpoint, *serial, *subject;
	char cert_user[CHAIN_USER_MAX];  /* "": no certificate, or it holds no name */
	char user[CHAIN_USER_MAX], password[PASSWORD_MAX];
	bool has_credentials;
	bool verified; /* the chain, and the key at its end */
};

static void login_credentials(struct login *l);

static void
login_end(struct login *l)
{
	struct auth_conn *c = l->conn;

	if (l->revoke != NULL)
		revoke_cancel(l->revoke);
	if (l->aaa != NULL)
		aaa_cancel(l->aaa);
	explicit_bzero(l->password, sizeof(l->password));
	free(l->tunnel_group);
	free(l->trustpoint);
	free(l->serial);
	free(l->subject);
	free(l);
	c->login = NULL;
}

void
login_cancel(struct auth_conn *c)
{
	if (c->login != NULL)
		login_end(c->login);
}

static void
login_refuse(struct login *l, enum login_refusal why, const char *reason)
{
	l->conn->failures++;
	if (why != LOGIN_NO_CERTIFICATE) /* the worker may ask for one, and says when it gives up */
		ipc_send(&l->conn->ca->main, MSG_auth_refused, &(struct ipc_auth_refused){ (uint8_t)why });
	auth_refuse(l->conn, reason);
	login_end(l);
}

/* ---- the end: verdict and cookie ---- */

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
login_accept(struct login *l, const struct auth_group *g, const struct auth_user *record, const struct aaa_result *aaa)
{
	struct auth_conn *c = l->conn;
	uint8_t hash[32];
	char cookie[129];
	struct ipc_verdict verdict = {
		.conn_id = c->conn_id,
		.user = l->user,
		.tunnel_group = g->name,
		.group_policy = g->group_policy,
		.authentication = (uint8_t)g->authentication,
		.cookie_hash = { hash, sizeof(hash) },
		.authorized = record != NULL,
		.filter = "",
	};
	struct ipc_auth_result answer = {
		.answer = AUTH_ACCEPTED, .reason = "", .cookie = cookie, .tunnel_group = g->name, .user = l->user,
	};

	if (aaa != NULL) {
		if (aaa->group_policy[0] != '\0')
			verdict.group_policy = aaa->group_policy;
		verdict.framed_ip = aaa->framed_ip;
		verdict.framed_mask = aaa->framed_mask;
		verdict.session_timeout_s = aaa->session_timeout_s;
		verdict.idle_timeout_s = aaa->idle_timeout_s;
		verdict.filter = aaa->filter;
		verdict.class = aaa->class;
		verdict.invalid = aaa->invalid;
	}
	if (record != NULL && record->group_policy[0] != '\0')
		verdict.group_policy = record->group_policy;
	if (strcmp(verdict.group_policy, g->group_policy) != 0)
		auth_log(c, 113003, l->user, verdict.group_policy, "", "");
	cookie_make(cookie, hash);
	c->chan.phase = PH_LOGIN;
	if (ipc_send(&c->ca->main, MSG_verdict, &verdict) == 0)
		ipc_send(&c->chan, MSG_auth_result, &answer);
	else
		auth_refuse(c, "no verdict possible");
	explicit_bzero(cookie, sizeof(cookie));
	login_end(l);
}

/* May he? With authorization by LOCAL the user's own record counts (asa-reference 4.2). */
static void
login_authorize(struct login *l, const struct aaa_result *aaa)
{
	const struct auth_policy *p = l->conn->ca->policy;
	const struct auth_group *g = auth_policy_group(p, l->tunnel_group);
	const struct auth_user *record;

	if (g == NULL) {
		login_refuse(l, LOGIN_UNKNOWN_GROUP, "unknown tunnel-group");
		return;
	}
	record = g->authorization_local || (aaa != NULL && aaa->local) ? auth_policy_user(p, l->user) : NULL;
	if (record == NULL && g->authorization_required) {
		auth_log(l->conn, 113015, g->authorization_local ? "User was not found" : "Unspecified", l->user, "", "");
		login_refuse(l, LOGIN_NOT_AUTHORIZED, "Authorization failed");
		return;
	}
	login_accept(l, g, record, aaa);
}

/* ---- the password ---- */

static void
aaa_done(void *ctx, const struct aaa_result *r)
{
	struct login *l = ctx;

	l->aaa = NULL;
	if (r->accepted)
		login_authorize(l, r);
	else
		login_refuse(l, r->why, r->message[0] != '\0' ? r->message : "Login failed.");
}

static void
password_want(struct login *l, const struct auth_group *g)
{
	struct ipc_auth_result m = {
		.answer = AUTH_WANTS_PASSWORD, .reason = "", .cookie = "", .tunnel_group = g->name,
		.user = g->prefill ? l->cert_user : "",
	};

	ipc_send(&l->conn->chan, MSG_auth_result, &m);
	login_end(l);
}

/* What is said of a user name that a certificate has given, or has not. */
static void
extraction_log(struct login *l, const struct auth_group *g)
{
	static unsigned requests;
	bool found = l->cert_user[0] != '\0';
	char number[12];

	snprintf(number, sizeof(number), "%u", ++requests);
	auth_log(l->conn, 113028, number, found ? "successfully" : "with error", "", "");
	if (!found)
		auth_log(l->conn, 113025, g->name, g->username_from, "", "");
	else if (g->prefill)
		auth_log(l->conn, 113024, g->name, l->cert_user, "", "");
}

static void
realm_strip(char *user)
{
	char *at = strchr(user, '@');

	if (at != NULL && at != user)
		*at = '\0';
}

static bool
printable(const char *s)
{
	for (; *s != '\0'; s++) {
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			return false;
	}
	return true;
}

/* What the certificate had to show is shown; now the password, where one is wanted. */
static void
login_credentials(struct login *l)
{
	const struct auth_group *g = auth_policy_group(l->conn->ca->policy, l->tunnel_group);
	bool password = g != NULL && (g->authentication & AUTH_AAA) != 0;

	if (g == NULL) {
		login_refuse(l, LOGIN_UNKNOWN_GROUP, "unknown tunnel-group");
		return;
	}
	if ((!password || g->prefill) && !l->verified) { /* a group that asks for neither lets nobody in */
		login_refuse(l, LOGIN_POLICY, "Login failed.");
		return;
	}
	if (!password || g->prefill) {
		extraction_log(l, g);
		if (l->cert_user[0] == '\0') {
			login_refuse(l, LOGIN_NO_USERNAME, "no user name in the certificate");
			return;
		}
		strcpy(l->user, l->cert_user);
	}
	if (password && (!l->has_credentials || l->user[0] == '\0')) {
		password_want(l, g);
		return;
	}
	if (!printable(l->user)) { /* a name that could spoof a line of output */
		login_refuse(l, LOGIN_BAD_USERNAME, "Login failed.");
		return;
	}
	if (g->strip_realm)
		realm_strip(l->user);
	if (password)
		l->aaa = aaa_start(l->conn->ca, g->aaa_group, g->aaa_fallback, l->user, l->password, &l->conn->peer, aaa_done, l);
	else
		login_authorize(l, NULL);
}

/* ---- the certificate ---- */

static void
validation_refuse(struct login *l, enum login_refusal why, const char *text)
{
	char cut[1001];

	snprintf(cut, sizeof(cut), "%s", text); /* a message's argument ends there */
	auth_log(l->conn, 717009, cut, "", "", "");
	auth_log(l->conn, 717027, cut, "", "", "");
	login_refuse(l, why, "Certificate Validation Failure");
}

static void
revocation_known(void *ctx, enum revoke_verdict verdict, const char *text)
{
	struct login *l = ctx;
	char reason[3 * CHAIN_TEXT_MAX];

	l->revoke = NULL;
	if (verdict == REVOKE_REVOKED || verdict == REVOKE_FAILED) {
		snprintf(reason, sizeof(reason), "Reason: %s%s%s, serial number: %s, subject name: %s, trustpoint: %s",
		    verdict == REVOKE_REVOKED ? "certificate has been revoked" : "revocation status could not be checked",
		    text[0] != '\0' ? ": " : "", text, l->serial, l->subject, l->trustpoint);
		validation_refuse(l, verdict == REVOKE_REVOKED ? LOGIN_REVOKED : LOGIN_REVOCATION, reason);
		return;
	}
	l->verified = true;
	auth_log(l->conn, 717022, l->serial, l->subject, "", "");
	auth_log(l->conn, 717028, verdict == REVOKE_GOOD ? "revocation status check" :
	    "warning, revocation status was not checked", "", "", "");
	login_credentials(l);
}

static void
chain_refused(struct login *l, const struct chain_result *r)
{
	char bits[12];

	if (r->missing[0] != '\0')
		auth_log(l->conn, 717031, r->missing, "no trustpoint holds a certificate of this name", "", "");
	if (r->key_bits > 0) {
		snprintf(bits, sizeof(bits), "%u", r->key_bits);
		auth_log(l->conn, 725015, bits, "", "", "");
	}
	validation_refuse(l, r->why, r->text);
}

static void
certificate_check(struct login *l, const struct chain *chain)
{
	struct chain_result r;
	char count[12];

	snprintf(count, sizeof(count), "%u", chain->count);
	auth_log(l->conn, 717025, count, "", "", "");
	auth_log(l->conn, 717029, chain->serial, chain->subject, "", "");
	if (chain_verify(chain, l->conn->ca->policy, &r) != 0) {
		chain_refused(l, &r);
		return;
	}
	auth_log(l->conn, 717030, r.by->name, "", "", "");
	l->trustpoint = xstrdup(r.by->name);
	l->serial = xstrdup(chain->serial);
	l->subject = xstrdup(chain->subject);
	if (revoke_wanted(l->conn->ca->policy, &r)) {
		struct revoke_job *job = revoke_start(l->conn->ca->policy, &r, revocation_known, l);

		if (job != NULL) /* else it is answered, and the login further or over */
			l->revoke = job;
	} else {
		revocation_known(l, REVOKE_UNCHECKED, "");
	}
}

/* ---- the tunnel-group ---- */

/* A certificate map beats the group-url, unless told otherwise (asa-reference 4.1). */
static const struct auth_group *
group_by_map(struct auth_conn *c, const struct auth_group *asked, const struct chain *chain)
{
	const struct auth_policy *p = c->ca->policy;
	const char *name;

	if (p->group_maps == NULL || chain->count == 0 ||
	    (p->prefer_group_url && strcmp(asked->name, "DefaultWEBVPNGroup") != 0))
		return asked;
	auth_log(c, 717036, chain->serial, chain->subject, chain->issuer, "");
	name = cert_map_find(p, chain->crts[0]);
	if (name == NULL || auth_policy_group(p, name) == NULL) {
		auth_log(c, 717037, chain->serial, chain->subject, chain->issuer, "");
		return asked;
	}
	auth_log(c, 717038, name, chain->serial, chain->subject, chain->issuer);
	return auth_policy_group(p, name);
}

/* chain->count is 0 when the client has shown no certificate. */
static void
group_enter(struct login *l, const struct auth_group *asked, const struct chain *chain)
{
	const struct auth_group *g = group_by_map(l->conn, asked, chain);

	l->tunnel_group = xstrdup(g->name);
	if (chain->count > 0 && chain_user(chain, g->username_from, l->cert_user) != 0)
		l->cert_user[0] = '\0';
	if ((g->authentication & AUTH_CERTIFICATE) == 0 && !g->prefill)
		login_credentials(l);
	else if (chain->count == 0)
		login_refuse(l, LOGIN_NO_CERTIFICATE, "No certificate");
	else
		certificate_check(l, chain);
}

void
login_start(struct auth_conn *c, const struct ipc_auth_ask *m)
{
	const struct auth_group *asked = auth_policy_group(c->ca->policy, m->tunnel_group);
	static uint8_t bytes[IPC_TRANSCRIPT_MAX];
	struct login *l = c->login = xcalloc(1, sizeof(*l));
	struct chain chain = { 0 };
	char text[1000];
	const char *why;
	size_t len;
	int r;

	l->conn = c;
	l->has_credentials = m->has_credentials != 0;
	snprintf(l->user, sizeof(l->user), "%s", m->user);
	snprintf(l->password, sizeof(l->password), "%s", m->password);
	if (asked == NULL || c->failures >= FAILURES_MAX) {
		login_refuse(l, asked == NULL ? LOGIN_UNKNOWN_GROUP : LOGIN_ATTEMPTS, asked == NULL ? "unknown tunnel-group" : "Login failed.");
		return;
	}
	r = m->transcript.len > 0 ? proof_check(&m->transcript, c->random, bytes, sizeof(bytes), &len, &why) : ERR_NOT_FOUND;
	if (r != ERR_NOT_FOUND && chain_get(&chain, &(struct ipc_blob){ bytes, (uint32_t)len }) != 0) {
		validation_refuse(l, LOGIN_BAD_CERTIFICATE, "Reason: the chain cannot be read");
	} else if (r != ERR_NOT_FOUND && r != 0) {
		if (chain.count > 0)
			snprintf(text, sizeof(text), "Reason: %s, serial number: %s, subject name: %.600s", why, chain.serial, chain.subject);
		else
			snprintf(text, sizeof(text), "Reason: %s", why);
		validation_refuse(l, LOGIN_BAD_CERTIFICATE, text);
	} else {
		group_enter(l, asked, &chain);
	}
	chain_clear(&chain);
}
