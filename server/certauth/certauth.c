/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The certificate-auth process: private keys, validation of clients, cookies.
 * It trusts main and nobody else.
 */
#include <ev.h>
#include <gnutls/gnutls.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/log.h"
#include "common/sandbox.h"
#include "server/certauth/aaa.h"
#include "server/certauth/admin.h"
#include "server/certauth/aside.h"
#include "server/certauth/conn.h"
#include "server/certauth/local.h"
#include "server/certauth/remote.h"
#include "server/certauth/revoke.h"
#include "server/certauth/rsa.h"
#include "server/config/model.h"

static struct certauth certauth;

/* Its own small set of files, nothing else beyond sandbox_base. */
static const int file_calls[] = {
	SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(newfstatat), SCMP_SYS(fstat), SCMP_SYS(stat), SCMP_SYS(lseek),
	SCMP_SYS(fsync), SCMP_SYS(rename), SCMP_SYS(renameat), SCMP_SYS(renameat2), SCMP_SYS(unlink),
	SCMP_SYS(unlinkat), SCMP_SYS(getdents64),
};

static void
auth_begin_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_auth_begin *m = msg;

	(void)owner, (void)fds, (void)nfds;
	auth_policy_free(certauth.next_policy);
	certauth.next_policy = auth_policy_new();
	certauth.next_policy->prefer_group_url = m->prefer_group_url != 0;
	certauth.next_policy->max_fail = m->max_fail;
}

static void
auth_trustpoint_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_auth_trustpoint *m = msg;

	(void)owner, (void)fds, (void)nfds;
	if (certauth.next_policy != NULL && (m->usage & USAGE_SSL_CLIENT) != 0)
		auth_policy_add_trustpoint(certauth.next_policy, m);
}

static void
auth_exception_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	(void)owner, (void)fds, (void)nfds;
	if (certauth.next_policy != NULL)
		auth_policy_add_exception(certauth.next_policy, msg);
}

static void
auth_group_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	(void)owner, (void)fds, (void)nfds;
	if (certauth.next_policy != NULL)
		auth_policy_add_group(certauth.next_policy, msg);
}

static void
auth_binding_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	(void)owner, (void)fds, (void)nfds;
	if (certauth.next_policy != NULL)
		auth_policy_add_binding(certauth.next_policy, msg);
}

static void
auth_cert_rule_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	(void)owner, (void)fds, (void)nfds;
	if (certauth.next_policy != NULL)
		auth_policy_add_cert_rule(certauth.next_policy, msg);
}

static void
auth_group_map_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	(void)owner, (void)fds, (void)nfds;
	if (certauth.next_policy != NULL)
		auth_policy_add_group_map(certauth.next_policy, msg);
}

static void
auth_user_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	(void)owner, (void)fds, (void)nfds;
	if (certauth.next_policy != NULL)
		auth_policy_add_user(certauth.next_policy, msg);
}

static void
auth_revoker_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	(void)owner, (void)msg;
	if (nfds != 1)
		fatal("auth_revoker without its descriptor");
	revoke_connect(certauth.loop, fds[0]);
}

static void
auth_aaa_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	(void)owner, (void)msg;
	if (nfds != 1)
		fatal("auth_aaa without its descriptor");
	remote_connect(certauth.loop, fds[0]);
}

static void
auth_test_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	(void)owner, (void)fds, (void)nfds;
	aaa_test(&certauth, msg);
}

static void
auth_commit_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	(void)owner, (void)msg, (void)fds, (void)nfds;
	if (certauth.next_policy == NULL)
		return;
	auth_policy_free(certauth.policy);
	certauth.policy = certauth.next_policy;
	certauth.next_policy = NULL;
	local_policy_changed();
}

static void
auth_conn_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	(void)owner;
	if (nfds != 1)
		fatal("auth_conn without its descriptor");
	auth_conn_start(&certauth, msg, fds[0]);
}

static const struct ipc_handler main_handlers[] = {
	{ MSG_auth_begin, auth_begin_handle },
	{ MSG_auth_trustpoint, auth_trustpoint_handle },
	{ MSG_auth_group, auth_group_handle },
	{ MSG_auth_binding, auth_binding_handle },
	{ MSG_auth_cert_rule, auth_cert_rule_handle },
	{ MSG_auth_exception, auth_exception_handle },
	{ MSG_auth_group_map, auth_group_map_handle },
	{ MSG_auth_user, auth_user_handle },
	{ MSG_auth_revoker, auth_revoker_handle },
	{ MSG_auth_aaa, auth_aaa_handle },
	{ MSG_auth_test, auth_test_handle },
	{ MSG_auth_unlock, local_unlock },
	{ MSG_auth_commit, auth_commit_handle },
	{ MSG_auth_conn, auth_conn_handle },
	{ MSG_enroll, admin_enroll },
	{ MSG_key_make, admin_key_make },
	{ MSG_key_zeroize, admin_key_zeroize },
	{ MSG_import_crt, admin_import_crt },
	{ MSG_import_p12, admin_import_p12 },
	{ MSG_export_p12, admin_export_p12 },
	{ MSG_forget, admin_forget },
};

static void
main_closed(void *owner, int err)
{
	(void)owner, (void)err;
	ev_break(certauth.loop, EVBREAK_ALL);
}

static void
enter_sandbox(const struct child_args *args)
{
	struct sandbox_filter files = { file_calls, sizeof(file_calls) / sizeof(file_calls[0]) };

	if (sandbox_isolate(args) != 0 || sandbox_identity(args) != 0)
		fatal("certauth: cannot give up privileges");
	if (!aside_start(certauth.loop, args->sandbox))
		fatal("certauth: cannot start its thread");
	if (!args->sandbox)
		return;
	if (sandbox_filter((struct sandbox_filter[]){ sandbox_base, files }, 2) != 0)
		fatal("certauth: no seccomp; offhookd.conf: sandbox = false runs without it");
}

static void
main_tell_all(void)
{
	struct ipc_auth_ready ready = { .pid = (uint32_t)getpid() };

	admin_tell_all();
	ipc_send(&certauth.main, MSG_auth_ready, &ready);
}

int
main(int argc, char **argv)
{
	struct child_args args;
	struct stat st;
	bool chrooted;

	child_args_parse(argc, argv, &args);
	log_init("offhook-certauth", args.debug ? LOG_LVL_DEBUG : LOG_LVL_INFO);
	umask(077);
	certauth.loop = ev_loop_new(EVBACKEND_EPOLL | EVFLAG_NOENV);
	certauth.policy = auth_policy_new();
	admin_init(&certauth);
	local_init(&certauth);
	rsa_prepare();
	enter_sandbox(&args);
	chrooted = stat(args.dir, &st) != 0; /* its path no longer leads there */
	if (store_open(&certauth.store, chrooted ? "/" : args.dir) != 0)
		fatal("certauth: cannot open its directory %s", args.dir);
	ipc_chan_start(&certauth.main, certauth.loop, CHILD_CHANNEL_FD, IPC_CERTAUTH, IPC_MAIN, main_handlers,
	    sizeof(main_handlers) / sizeof(main_handlers[0]), main_closed, NULL);
	main_tell_all();
	ev_run(certauth.loop, 0);
	_exit(0); /* the thread beside may be in the middle of something that exit(3) would tear down */
}
