/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/main/child_private.h"

#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/log.h"
#include "server/main/aaa.h"
#include "server/main/asalog.h"
#include "server/main/asalog_series.h"
#include "server/main/conn.h"
#include "server/main/daemon.h"
#include "server/main/identity.h"
#include "server/main/keypair.h"
#include "server/main/lab.h"
#include "server/main/listener.h"
#include "server/main/metrics.h"
#include "server/main/publish.h"
#include "server/main/request.h"
#include "server/main/revocation.h"
#include "server/main/session.h"
#include "server/main/steer.h"
#include "server/main/tally.h"
#include "server/main/trace.h"
#include "server/main/worker_usage.h"

#define SIBLING_BUFFER_BYTES (4 * 1024 * 1024)
#define WORKER_CRASHES_MAX   5 /* then the spawner is executed anew: workers share its memory layout */
#define SAYS(h) { h, sizeof(h) / sizeof((h)[0]) }

static unsigned worker_crashes;

static void
identity_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	(void)owner, (void)fds, (void)nfds;
	main_identity_set(msg);
	if (daemon_.certauth_ready && daemon_.spawner_ready)
		publish_spawner(daemon_.config);
}

static void
key_info_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	(void)owner, (void)fds, (void)nfds;
	main_keypair_set(msg);
}

static void
csr_pending_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	(void)owner, (void)fds, (void)nfds;
	main_csr_set(msg);
}

static void
auth_ready_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	(void)owner, (void)msg, (void)fds, (void)nfds;
	publish_certauth(daemon_.config);
	child_ready(&children[CERTAUTH]);
	revocation_helper_up();
	aaa_helper_up();
	if (daemon_.spawner_ready)
		publish_spawner(daemon_.config);
}

static void
auth_done_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	(void)owner, (void)fds, (void)nfds;
	request_done(msg);
}

static void
verdict_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_verdict *v = msg;
	struct conn *c = conn_find(v->conn_id);
	struct ipc_login_ok ok;
	const char *why;

	(void)owner, (void)fds, (void)nfds;
	if (c == NULL || c->ending || c->session != NULL || v->cookie_hash.len != 32)
		return;
	conn_belong(c, session_login(c, v, &why), NULL);
	trace_known(c);
	admission_end(&c->turn);
	if (c->login == NULL) {
		tally_refused(strcmp(why, SESSION_NO_ROOM) == 0 ? LOGIN_SESSION_LIMIT : LOGIN_POLICY);
		ipc_send(&c->chan, MSG_login_no, &(struct ipc_login_no){ why });
		return;
	}
	tally_login(v->authentication, ev_now(daemon_.loop) - c->handshake_at);
	c->chan.phase = PH_LOGIN;
	lab_login(c, c->login);
	ok = (struct ipc_login_ok){ .index = c->login->index, .banner = c->login->policy.banner };
	ipc_send(&c->chan, MSG_login_ok, &ok);
}

static void
auth_log_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_auth_log *m = msg;

	(void)owner, (void)fds, (void)nfds;
	if (!asalog_allowed(m->number, FROM_CERTAUTH))
		return;
	if (m->number == 113028)
		asalog_extraction(conn_find(m->conn_id), m->arg1, m->arg2);
	else
		asalog(m->number, conn_find(m->conn_id), NULL, m->arg1, m->arg2, m->arg3, m->arg4);
}

static void
auth_bad_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_auth_bad *m = msg;

	(void)owner, (void)fds, (void)nfds;
	conn_accused(m->conn_id, &m->peer, "it breaks the protocol towards certauth");
}

static void
auth_lock_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	(void)owner, (void)fds, (void)nfds;
	aaa_lock_set(msg);
}

static void
auth_refused_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_auth_refused *m = msg;

	(void)owner, (void)fds, (void)nfds;
	tally_refused(m->why);
}

static const struct ipc_handler certauth_handlers[] = {
	{ MSG_identity, identity_handle },
	{ MSG_key_info, key_info_handle },
	{ MSG_csr_pending, csr_pending_handle },
	{ MSG_auth_ready, auth_ready_handle },
	{ MSG_auth_done, auth_done_handle },
	{ MSG_verdict, verdict_handle },
	{ MSG_auth_log, auth_log_handle },
	{ MSG_auth_bad, auth_bad_handle },
	{ MSG_auth_lock, auth_lock_handle },
	{ MSG_auth_refused, auth_refused_handle },
};
const struct child_says certauth_says = SAYS(certauth_handlers);

static void
spawner_ready_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	(void)owner, (void)msg, (void)fds, (void)nfds;
	publish_spawner(daemon_.config);
	child_ready(&children[SPAWNER]);
}

static void
child_exit_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_child_exit *m = msg;

	(void)owner, (void)fds, (void)nfds;
	conn_worker_exited(m->conn_id, m->status);
	worker_usage_ended((pid_t)m->pid, m->cpu_us);
	if (!WIFSIGNALED(m->status) || WTERMSIG(m->status) == SIGKILL)
		return;
	if (++worker_crashes >= WORKER_CRASHES_MAX) {
		worker_crashes = 0;
		log_err("workers crashed %d times: the spawner is executed anew", WORKER_CRASHES_MAX);
		kill(children[SPAWNER].pid, SIGKILL);
	}
}

static void
child_born_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_child_born *m = msg;

	(void)owner, (void)fds, (void)nfds;
	worker_usage_born((pid_t)m->pid);
}

static const struct ipc_handler spawner_handlers[] = {
	{ MSG_spawner_ready, spawner_ready_handle },
	{ MSG_child_exit, child_exit_handle },
	{ MSG_child_born, child_born_handle },
};
const struct child_says spawner_says = SAYS(spawner_handlers);

/* Its channels to the others that are up; theirs to the one before it are closed. */
static void
siblings_join(unsigned forwarder)
{
	for (unsigned i = 0; i < daemon_.host.forwarders; i++) {
		struct ipc_fwd_sibling us = { (uint8_t)forwarder }, them = { (uint8_t)i };
		int pair[2], bytes = SIBLING_BUFFER_BYTES;

		if (i == forwarder || !daemon_.forwarder_ready[i] || ipc_pair(pair) != 0)
			continue;
		for (unsigned end = 0; end < 2; end++) {
			if (setsockopt(pair[end], SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes)) != 0)
				setsockopt(pair[end], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
		}
		ipc_send_fds(&daemon_.forwarders[forwarder], MSG_fwd_sibling, &them, &pair[0], 1);
		ipc_send_fds(&daemon_.forwarders[i], MSG_fwd_sibling, &us, &pair[1], 1);
		close(pair[0]);
		close(pair[1]);
	}
}

static void
fwd_ready_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	struct child *c = owner;
	unsigned index = (unsigned)(c - &children[FORWARDER]);
	struct ipc_fwd_init m = { .data_path = (uint8_t)daemon_.host.data_path, .slots = SESSION_SLOTS,
		.tun_offload = (uint8_t)daemon_.tun_offload, .index = (uint8_t)index,
		.forwarders = (uint8_t)daemon_.host.forwarders, .steer_seed = steer_seed() };
	int pass[3] = { daemon_.counters_fd }, n = 1;

	(void)msg, (void)fds, (void)nfds;
	if (steer_fd() >= 0)
		pass[n++] = steer_fd();
	if (daemon_.tun_fds[index] >= 0)
		pass[n++] = daemon_.tun_fds[index];
	ipc_send_fds(c->chan, MSG_fwd_init, &m, pass, n);
	child_ready(c);
	listener_forwarder_new(index);
	siblings_join(index);
	session_forwarder_new(index);
}

static void
fwd_bad_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_fwd_bad *m = msg;
	const struct child *c = owner;
	struct session *s = session_by_slot(m->slot);

	(void)fds, (void)nfds;
	if (s != NULL && s->conn != NULL && session_home(s) == (unsigned)(c - &children[FORWARDER]))
		conn_kill(s->conn, "it sends nonsense to the forwarder");
}

static const struct ipc_handler forwarder_handlers[] = {
	{ MSG_fwd_ready, fwd_ready_handle },
	{ MSG_fwd_bad, fwd_bad_handle },
};
const struct child_says forwarder_says = SAYS(forwarder_handlers);

static void
revoke_ready_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	(void)owner, (void)msg, (void)fds, (void)nfds;
	daemon_.revoker_ready = true;
	revocation_helper_up();
	child_ready(&children[REVOKER]);
}

static void
revoke_crl_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	(void)owner, (void)fds, (void)nfds;
	revocation_crl(msg);
}

static void
revoke_done_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	(void)owner, (void)fds, (void)nfds;
	revocation_done(msg);
}

static void
revoke_log_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_revoke_log *m = msg;

	(void)owner, (void)fds, (void)nfds;
	if (asalog_allowed(m->number, FROM_REVOKER))
		asalog(m->number, NULL, NULL, m->arg1, m->arg2, m->arg3, NULL);
}

static const struct ipc_handler revoker_handlers[] = {
	{ MSG_revoke_ready, revoke_ready_handle },
	{ MSG_revoke_crl, revoke_crl_handle },
	{ MSG_revoke_done, revoke_done_handle },
	{ MSG_revoke_log, revoke_log_handle },
};
const struct child_says revoker_says = SAYS(revoker_handlers);

static void
aaa_ready_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	(void)owner, (void)msg, (void)fds, (void)nfds;
	daemon_.aaa_ready = true;
	aaa_helper_up();
	child_ready(&children[AAA]);
}

static void
aaa_stats_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	(void)owner, (void)fds, (void)nfds;
	aaa_stats_set(msg);
}

static void
aaa_log_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_aaa_log *m = msg;

	(void)owner, (void)fds, (void)nfds;
	if (asalog_allowed(m->number, FROM_AAA))
		asalog(m->number, NULL, NULL, m->arg1, m->arg2, NULL, NULL);
}

static const struct ipc_handler aaa_handlers[] = {
	{ MSG_aaa_ready, aaa_ready_handle },
	{ MSG_aaa_stats, aaa_stats_handle },
	{ MSG_aaa_log, aaa_log_handle },
};
const struct child_says aaa_says = SAYS(aaa_handlers);

static void
metrics_ready_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	(void)owner, (void)msg, (void)fds, (void)nfds;
	daemon_.metrics_ready = true;
	metrics_helper_up();
	child_ready(&children[METRICS_HELPER]);
}

static void
metrics_ask_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	(void)owner, (void)fds, (void)nfds;
	metrics_ask(msg);
}

static const struct ipc_handler metrics_handlers[] = {
	{ MSG_metrics_ready, metrics_ready_handle },
	{ MSG_metrics_ask, metrics_ask_handle },
};
const struct child_says metrics_says = SAYS(metrics_handlers);
