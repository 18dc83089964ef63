/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/certauth/local.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/log.h"
#include "common/mem.h"
#include "server/certauth/aside.h"
#include "server/certauth/conn.h"
#include "server/certauth/lockout.h"
#include "server/certauth/password.h"

struct local_check { /* all of its own: the policy may change meanwhile, the asker may leave */
	enum user_password kind;
	char *hash; /* NULL: no such user, or none that has a password */
	char *user, *password, *group_policy;
	unsigned rounds;
	bool known, nas_prompt, matches;
	void (*fn)(void *ctx, const char *reason, const char *group_policy);
	void *ctx; /* with fn NULL: cancelled */
};

static struct certauth *ca;
static struct lockout locks;

/* ---- main is told ---- */

static void
lock_changed(const struct lock *l)
{
	struct ipc_auth_lock m = { .user = l->user, .failures = l->failures, .locked = l->locked, .at = l->at };

	ipc_send(&ca->main, MSG_auth_lock, &m);
}

static void
log_send(unsigned number, const char *arg1, const char *arg2)
{
	struct ipc_auth_log m = { .number = number, .arg1 = arg1, .arg2 = arg2 };

	ipc_send(&ca->main, MSG_auth_log, &m);
}

void
local_init(struct certauth *certauth)
{
	ca = certauth;
	locks.changed = lock_changed;
}

/* ---- a check ---- */

static void
secret_free(char *s)
{
	if (s != NULL)
		explicit_bzero(s, strlen(s));
	free(s);
}

static void
check_free(struct local_check *k)
{
	secret_free(k->hash);
	secret_free(k->password);
	free(k->user);
	free(k->group_policy);
	free(k);
}

static void
check_work(void *job)
{
	struct local_check *k = job;

	k->matches = password_check(k->kind, k->hash, k->user, k->password, k->rounds);
}

/* Wrong password: count it, and lock the user when it is one too many. */
static void
failure_note(const struct local_check *k)
{
	unsigned max_fail = ca->policy->max_fail;
	char limit[12];

	if (!k->known || !lockout_failed(&locks, k->user, max_fail, (uint64_t)time(NULL)))
		return;
	snprintf(limit, sizeof(limit), "%u", max_fail);
	log_send(113006, k->user, limit);
}

static const char *
check_reason(const struct local_check *k)
{
	if (!k->known)
		return "User was not found";
	if (lockout_is_locked(&locks, k->user)) /* whatever the password was */
		return "Account has been locked out";
	if (!k->matches) {
		failure_note(k);
		return "Invalid password";
	}
	return k->nas_prompt ? "Unspecified" : NULL;
}

static void
check_done(void *job)
{
	struct local_check *k = job;
	const char *reason;

	if (k->fn != NULL) {
		reason = check_reason(k);
		if (reason == NULL)
			lockout_forget(&locks, k->user);
		k->fn(k->ctx, reason, k->group_policy);
	}
	check_free(k);
}

/* Hashes that cannot be checked are the operator's to replace. */
static void
hash_complain(const struct auth_user *u)
{
	if (u->password_kind == PASSWORD_NT || u->password_kind == PASSWORD_MSCHAP)
		log_warn("username %s: a password stored as \"%s\" cannot be checked here; set it anew", u->name,
		    u->password_kind == PASSWORD_NT ? "nt-encrypted" : "mschap");
	else if (u->password_kind == PASSWORD_PBKDF2 && password_rounds(u->password_kind, u->password) == 0)
		log_warn("username %s: a password hashed with more than %u rounds is not checked; set it anew", u->name,
		    PASSWORD_ROUNDS_MAX);
	if (u->service_type == SERVICE_NAS_PROMPT)
		log_info("username %s has service-type nas-prompt and no remote access", u->name);
}

struct local_check *
local_start(const char *user, const char *password, void (*fn)(void *ctx, const char *reason, const char *group_policy),
    void *ctx)
{
	const struct auth_user *u = auth_policy_user(ca->policy, user);
	struct local_check *k = xcalloc(1, sizeof(*k));

	k->user = xstrdup(user);
	k->password = xstrdup(password);
	k->group_policy = xstrdup(u != NULL ? u->group_policy : "");
	k->rounds = ca->policy->rounds;
	k->fn = fn;
	k->ctx = ctx;
	if (u != NULL) {
		k->known = true;
		k->kind = u->password_kind;
		k->nas_prompt = u->service_type == SERVICE_NAS_PROMPT;
		if (u->password[0] != '\0') /* "nopassword" users have none, and none fits */
			k->hash = xstrdup(u->password);
		hash_complain(u);
	}
	aside_run(check_work, check_done, k);
	return k;
}

void
local_cancel(struct local_check *k)
{
	k->fn = NULL; /* it belongs to the thread now; check_done() frees it */
}

/* ---- locks ---- */

static bool
lock_holds(void *ctx, const struct lock *l)
{
	(void)ctx;
	return auth_policy_user(ca->policy, l->user) != NULL && (ca->policy->max_fail > 0 || !l->locked);
}

void
local_policy_changed(void)
{
	lockout_sweep(&locks, lock_holds, NULL);
}

static bool
lock_open(void *ctx, const struct lock *l)
{
	const struct ipc_auth_unlock *m = ctx;

	if (l->locked)
		log_send(113007, l->user, m->admin);
	return false;
}

void
local_unlock(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_auth_unlock *m = msg;

	(void)owner, (void)fds, (void)nfds;
	if (m->user[0] == '\0')
		lockout_sweep(&locks, lock_open, (void *)(uintptr_t)m);
	else if (lockout_forget(&locks, m->user))
		log_send(113007, m->user, m->admin);
}
