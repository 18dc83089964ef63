/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/main/child.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/cpu_time.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/sandbox.h"
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

#define QUEUE_MAX_BYTES (64u * 1024 * 1024) /* to our own children: a large configuration passes at once */
#define RESTART_FIRST_S 0.05
#define RESTART_LAST_S  5.0
#define STABLE_S        10.0
#define SIBLING_BUFFER_BYTES (4 * 1024 * 1024)
#define WORKER_CRASHES_MAX 5 /* then the spawner is executed anew: workers share its memory layout */

struct child {
	const char *program;
	char name[32]; /* for the operator: the program, and which of several */
	enum ipc_party party;
	struct ipc_chan *chan;
	bool *ready;
	const struct ipc_handler *handlers;
	size_t handler_count;
	char *user;
	char dir[PATH_MAX];
	bool dir_writable;
	/* a helper, which runs only where it is wanted; NULL: always */
	bool (*wanted)(const struct config *cfg);
	void (*down)(void); /* it is gone */
	pid_t pid;
	double started, delay;
	unsigned restarts;
	ev_timer restart;
};

static void (*ready_fn)(void);
static unsigned worker_crashes;

static void child_start(struct child *c);
static void became_ready(struct child *c);

/* ---- what the children say ---- */

enum { CERTAUTH, SPAWNER, REVOKER, AAA, METRICS_HELPER, FORWARDER, CHILDREN = FORWARDER + FORWARDERS_MAX };
static struct child children[CHILDREN];

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
	became_ready(&children[CERTAUTH]);
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

static void
spawner_ready_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	(void)owner, (void)msg, (void)fds, (void)nfds;
	publish_spawner(daemon_.config);
	became_ready(&children[SPAWNER]);
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
	became_ready(c);
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

static void
revoke_ready_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	(void)owner, (void)msg, (void)fds, (void)nfds;
	daemon_.revoker_ready = true;
	revocation_helper_up();
	became_ready(&children[REVOKER]);
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

static void
aaa_ready_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	(void)owner, (void)msg, (void)fds, (void)nfds;
	daemon_.aaa_ready = true;
	aaa_helper_up();
	became_ready(&children[AAA]);
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

static void
metrics_ready_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	(void)owner, (void)msg, (void)fds, (void)nfds;
	daemon_.metrics_ready = true;
	metrics_helper_up();
	became_ready(&children[METRICS_HELPER]);
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

/* ---- their lives ---- */

#define HANDLERS(h) .handlers = h, .handler_count = sizeof(h) / sizeof((h)[0])

static struct child children[CHILDREN] = {
	[CERTAUTH] = {
		.program = "offhook-certauth", .party = IPC_CERTAUTH, .chan = &daemon_.certauth,
		.ready = &daemon_.certauth_ready, HANDLERS(certauth_handlers), .dir_writable = true,
	},
	[SPAWNER] = {
		.program = "offhook-worker", .party = IPC_SPAWNER, .chan = &daemon_.spawner,
		.ready = &daemon_.spawner_ready, HANDLERS(spawner_handlers),
	},
	[REVOKER] = {
		.program = "offhook-revoke", .party = IPC_REVOKER, .chan = &daemon_.revoker,
		.ready = &daemon_.revoker_ready, HANDLERS(revoker_handlers), .wanted = revocation_wanted,
		.down = revocation_helper_down,
	},
	[AAA] = {
		.program = "offhook-aaa", .party = IPC_AAA, .chan = &daemon_.aaa,
		.ready = &daemon_.aaa_ready, HANDLERS(aaa_handlers), .wanted = aaa_wanted, .down = aaa_helper_down,
	},
	[METRICS_HELPER] = {
		.program = "offhook-metrics", .party = IPC_METRICS, .chan = &daemon_.metrics, .ready = &daemon_.metrics_ready,
		HANDLERS(metrics_handlers), .wanted = metrics_wanted, .down = metrics_helper_down,
	},
};

/* What every gateway has, and as many of them as the host file says. */
static bool
child_always(const struct child *c)
{
	return c->wanted == NULL && c < &children[FORWARDER] + daemon_.host.forwarders;
}

static void
forwarders_prepare(void)
{
	for (unsigned i = 0; i < FORWARDERS_MAX; i++) {
		children[FORWARDER + i] = (struct child){
			.program = "offhook-forwarder", .party = IPC_FORWARDER, .chan = &daemon_.forwarders[i],
			.ready = &daemon_.forwarder_ready[i], HANDLERS(forwarder_handlers),
		};
	}
	for (unsigned i = 0; i < CHILDREN; i++)
		snprintf(children[i].name, sizeof(children[i].name), "%s", children[i].program);
	for (unsigned i = 0; i < FORWARDERS_MAX && daemon_.host.forwarders > 1; i++)
		snprintf(children[FORWARDER + i].name, sizeof(children[i].name), "offhook-forwarder-%u", i + 1);
}

static void
became_ready(struct child *c)
{
	*c->ready = true;
	for (size_t i = 0; i < CHILDREN; i++) {
		if (child_always(&children[i]) && !*children[i].ready)
			return;
	}
	for (size_t i = 0; ready_fn != NULL && i < CHILDREN; i++) {
		if (children[i].pid > 0 && !*children[i].ready)
			return; /* a helper, which the first login may need */
	}
	listener_accepting(true);
	if (ready_fn != NULL) {
		void (*fn)(void) = ready_fn;

		ready_fn = NULL;
		fn();
	}
}

static void
child_down(struct child *c)
{
	*c->ready = false;
	ipc_chan_stop(c->chan);
	if (c->down != NULL) {
		c->down();
		return;
	}
	listener_accepting(false);
	if (c->party == IPC_FORWARDER)
		steer_forget((unsigned)(c - &children[FORWARDER]));
	if (c->party == IPC_CERTAUTH) {
		main_identity_clear();
		main_keypair_clear();
		aaa_locks_clear();
		request_abort_all();
	}
}

static void
child_closed(void *owner, int err)
{
	struct child *c = owner;

	if (err == ERR_BAD_MESSAGE && c->pid > 0) {
		log_err("%s breaks the protocol and is ended", c->name);
		kill(c->pid, SIGKILL);
	}
	child_down(c);
}

static void
restart_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop;
	(void)revents;
	child_start(w->data);
}

static void
child_restart(struct child *c)
{
	bool stable = ev_now(daemon_.loop) - c->started > STABLE_S;

	child_down(c);
	c->restarts++;
	c->delay = stable || c->delay == 0.0 ? RESTART_FIRST_S : c->delay * 2;
	if (c->delay > RESTART_LAST_S)
		c->delay = RESTART_LAST_S;
	ev_timer_init(&c->restart, restart_cb, c->delay, 0.0);
	c->restart.data = c;
	ev_timer_start(daemon_.loop, &c->restart);
}

void
children_each(void (*fn)(const char *program, pid_t pid, void *ctx), void *ctx)
{
	for (size_t i = 0; i < CHILDREN; i++) {
		if (children[i].pid > 0)
			fn(children[i].name, children[i].pid, ctx);
	}
}

void
children_restarts(void (*fn)(const char *program, unsigned restarts, void *ctx), void *ctx)
{
	for (size_t i = 0; i < CHILDREN; i++) {
		if (children[i].pid > 0 || children[i].restarts > 0)
			fn(children[i].name, children[i].restarts, ctx);
	}
}

void
children_reap(void)
{
	struct rusage used;
	int status;
	pid_t pid;

	while ((pid = wait4(-1, &status, WNOHANG, &used)) > 0) {
		worker_usage_ended(pid, cpu_time_us(&used)); /* one whose spawner died before it */
		for (size_t i = 0; i < CHILDREN; i++) {
			struct child *c = &children[i];

			if (c->pid != pid)
				continue;
			c->pid = 0;
			if (daemon_.stopping)
				break;
			if (WIFSIGNALED(status))
				log_err("%s died of signal %d and is started again", c->name, WTERMSIG(status));
			else
				log_err("%s ended with status %d and is started again", c->name, WEXITSTATUS(status));
			if (ready_fn != NULL && WIFEXITED(status) && WEXITSTATUS(status) != 0)
				fatal("%s does not start", c->program); /* it has said why */
			child_restart(c);
		}
	}
}

/* Beside our own program (a build folder), wherever that is; else where they are installed. */
static void
program_path(const char *name, char *out, size_t size)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	if (n < 0)
		fatal("/proc/self/exe: %s", strerror(errno));
	self[n] = '\0';
	slash = strrchr(self, '/');
	if (slash != NULL)
		*slash = '\0';
	if ((size_t)snprintf(out, size, "%s/%s", self, name) >= size)
		fatal("the path of %s is too long", self);
	if (access(out, X_OK) == 0)
		return;
	if ((size_t)snprintf(out, size, OFFHOOK_PROGRAMS "/%s", name) >= size)
		fatal("the path of %s is too long", name);
	if (access(out, X_OK) != 0)
		fatal("%s: %s (nor is it beside offhookd in %s)", out, strerror(errno), self);
}

static void __attribute__((noreturn))
child_exec(struct child *c, int fd)
{
	char path[PATH_MAX], uid[32], gid[32], dir[PATH_MAX + 8];
	char *argv[8];
	struct passwd *pw = NULL;
	sigset_t none;
	int n = 0, null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	program_path(c->program, path, sizeof(path));
	argv[n++] = path;
	if (geteuid() == 0 && c->user != NULL && (pw = getpwnam(c->user)) != NULL) {
		snprintf(uid, sizeof(uid), "uid=%u", pw->pw_uid);
		snprintf(gid, sizeof(gid), "gid=%u", pw->pw_gid);
		argv[n++] = uid;
		argv[n++] = gid;
	}
	snprintf(dir, sizeof(dir), "dir=%s", c->dir);
	argv[n++] = dir;
	argv[n++] = c->dir_writable ? (char[]){ "writable=1" } : (char[]){ "writable=0" };
	argv[n++] = daemon_.host.sandbox ? (char[]){ "sandbox=1" } : (char[]){ "sandbox=0" };
	argv[n++] = daemon_.debug ? (char[]){ "debug=1" } : (char[]){ "debug=0" };
	argv[n] = NULL;

	if (null_fd >= 0) {
		dup2(null_fd, STDIN_FILENO);
		dup2(null_fd, STDOUT_FILENO);
	}
	if (fd == CHILD_CHANNEL_FD)
		fcntl(fd, F_SETFD, 0);
	else
		dup2(fd, CHILD_CHANNEL_FD);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* only main acts on these (design: children see their channel close) */
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	setenv("LD_BIND_NOW", "1", 1); /* libraries too: else each worker resolves symbols for itself, on pages of its own */
	/* malloc keeps freed chunks in a cache that is never trimmed, and many workers each have one */
	setenv("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0", 1);
	execv(path, argv);
	fatal("%s: %s", path, strerror(errno));
}

static void
child_start(struct child *c)
{
	int fds[2];

	if (daemon_.stopping)
		return;
	if (ipc_pair(fds) != 0)
		fatal("no socket pair: %s", strerror(errno));
	c->pid = fork();
	if (c->pid < 0)
		fatal("cannot fork: %s", strerror(errno));
	if (c->pid == 0)
		child_exec(c, fds[1]);
	close(fds[1]);
	c->started = ev_now(daemon_.loop);
	ipc_chan_start(c->chan, daemon_.loop, fds[0], IPC_MAIN, c->party, c->handlers, c->handler_count, child_closed, c);
	c->chan->queue_max = QUEUE_MAX_BYTES;
	/* a verdict is read before what it lets a worker ask */
	ev_io_stop(daemon_.loop, &c->chan->rd);
	ev_set_priority(&c->chan->rd, EV_MAXPRI);
	ev_io_start(daemon_.loop, &c->chan->rd);
}

static void
directory_make(const char *path, uid_t uid, gid_t gid, mode_t mode)
{
	if (mkdir(path, mode) != 0 && errno != EEXIST)
		fatal("%s: %s", path, strerror(errno));
	if (geteuid() == 0 && chown(path, uid, gid) != 0)
		fatal("%s: %s", path, strerror(errno));
	if (chmod(path, mode) != 0)
		fatal("%s: %s", path, strerror(errno));
}

static void
parent_make(const char *path)
{
	char part[PATH_MAX];

	snprintf(part, sizeof(part), "%s", path);
	for (char *p = part + 1; *p != '\0'; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		mkdir(part, 0755);
		*p = '/';
	}
	if (mkdir(part, 0755) != 0 && errno != EEXIST)
		fatal("%s: %s", path, strerror(errno));
}

/* named: the host file asks for this user by name, so nobody else will do. */
static void
user_choose(struct child *c, const char *wanted, bool named, const char *fallback)
{
	if (geteuid() != 0)
		return;
	c->user = NULL;
	if (getpwnam(wanted) != NULL) {
		c->user = xstrdup(wanted);
	} else if (named) {
		fatal("offhookd.conf: there is no user %s", wanted);
	} else if (fallback != NULL && getpwnam(fallback) != NULL) {
		log_warn("there is no user %s: %s runs as %s", wanted, c->program, fallback);
		c->user = xstrdup(fallback);
	} else {
		log_warn("there is no user %s: %s keeps uid %u, without capabilities", wanted, c->program, geteuid());
	}
}

/* Files of a time when certauth ran as another user follow it. */
static void
files_follow(const char *path, uid_t uid, gid_t gid)
{
	struct dirent *e;
	DIR *d;

	if (geteuid() != 0 || (d = opendir(path)) == NULL)
		return;
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] != '.' && fchownat(dirfd(d), e->d_name, uid, gid, AT_SYMLINK_NOFOLLOW) != 0)
			log_warn("%s/%s: %s", path, e->d_name, strerror(errno));
	}
	closedir(d);
}

static void
directories_prepare(void)
{
	const struct host_config *h = &daemon_.host;
	struct passwd *pw;

	parent_make(h->state_dir);
	parent_make(h->run_dir);
	snprintf(children[CERTAUTH].dir, PATH_MAX, "%s/certauth", h->state_dir);
	snprintf(children[SPAWNER].dir, PATH_MAX, "%s/empty", h->run_dir);
	snprintf(children[REVOKER].dir, PATH_MAX, "%s/empty", h->run_dir);
	snprintf(children[AAA].dir, PATH_MAX, "%s/empty", h->run_dir);
	snprintf(children[METRICS_HELPER].dir, PATH_MAX, "%s/empty", h->run_dir);
	for (unsigned i = 0; i < FORWARDERS_MAX; i++)
		snprintf(children[FORWARDER + i].dir, PATH_MAX, "%s/empty", h->run_dir);
	pw = children[CERTAUTH].user != NULL ? getpwnam(children[CERTAUTH].user) : NULL;
	directory_make(children[CERTAUTH].dir, pw != NULL ? pw->pw_uid : geteuid(), pw != NULL ? pw->pw_gid : getegid(), 0700);
	files_follow(children[CERTAUTH].dir, pw != NULL ? pw->pw_uid : geteuid(), pw != NULL ? pw->pw_gid : getegid());
	directory_make(children[SPAWNER].dir, geteuid(), getegid(), 0755);
}

void
children_start(void (*ready)(void))
{
	const struct host_config *h = &daemon_.host;

	ready_fn = ready;
	forwarders_prepare();
	user_choose(&children[CERTAUTH], h->auth_user, h->auth_user_set, NULL);
	user_choose(&children[SPAWNER], h->worker_user, h->worker_user_set, "nobody");
	children[REVOKER].user = children[AAA].user = children[SPAWNER].user;
	user_choose(&children[FORWARDER], h->forwarder_user, h->forwarder_user_set, "nobody");
	for (unsigned i = 1; i < FORWARDERS_MAX; i++)
		children[FORWARDER + i].user = children[FORWARDER].user;
	if (h->has_metrics)
		user_choose(&children[METRICS_HELPER], h->metrics_user, h->metrics_user_set, "nobody");
	directories_prepare();
	/* workers whose spawner died become ours to reap */
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	for (size_t i = 0; i < CHILDREN; i++) {
		if (child_always(&children[i]))
			child_start(&children[i]);
	}
	children_configure();
}

void
children_configure(void)
{
	for (size_t i = 0; i < CHILDREN; i++) {
		struct child *c = &children[i];

		if (c->wanted != NULL && c->wanted(daemon_.config) && c->pid == 0 && !ev_is_active(&c->restart))
			child_start(c);
	}
}

static bool
any_left(void)
{
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) {
		for (size_t i = 0; i < CHILDREN; i++) {
			if (children[i].pid == pid)
				children[i].pid = 0;
		}
	}
	return pid == 0;
}

void
children_stop(int timeout_ms)
{
	const struct timespec step = { .tv_nsec = 5 * 1000 * 1000 };

	for (size_t i = 0; i < CHILDREN; i++)
		ipc_chan_stop(children[i].chan);
	for (int waited = 0; any_left() && waited < timeout_ms; waited += 5)
		nanosleep(&step, NULL);
	for (size_t i = 0; i < CHILDREN; i++) {
		if (children[i].pid > 0)
			kill(children[i].pid, SIGKILL);
	}
	/* a worker that outlived its spawner is a child of ours by now */
	for (int waited = 0; any_left() && waited < timeout_ms; waited += 5)
		nanosleep(&step, NULL);
}
