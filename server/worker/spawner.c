/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The spawner: prepares once what all workers share, enters the sandbox, and
 * forks a worker per connection. Plain fork() only, since GnuTLS reseeds
 * after it and after nothing else; a worker makes its own event loop.
 */
#include <errno.h>
#include <ev.h>
#include <gnutls/gnutls.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cpu_time.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/sandbox.h"
#include "server/worker/children.h"
#include "server/worker/dtls_name.h"
#include "server/worker/heap.h"
#include "server/worker/tls_config.h"
#include "server/worker/worker.h"

#define SWEEP_S 0.1

static struct {
	struct ev_loop *loop;
	struct ipc_chan main;
	ev_io sigchld;
	ev_timer sweep;
	int null_fd;
	struct tls_config *config, *next_config;
	bool sandbox;
	struct sock_fprog worker_filter;
} spawner;

/* What a worker calls beyond sandbox_base. */
static const int worker_calls[] = {
	SCMP_SYS(getsockopt), SCMP_SYS(setsockopt), SCMP_SYS(shutdown),
};

/* What the spawner calls besides, until the worker's own filter takes it away. */
static const int spawner_calls[] = {
	SCMP_SYS(clone), SCMP_SYS(fork), SCMP_SYS(wait4), SCMP_SYS(waitid), SCMP_SYS(kill), SCMP_SYS(dup2),
	SCMP_SYS(dup3), SCMP_SYS(close_range), SCMP_SYS(seccomp), SCMP_SYS(rt_sigaction), SCMP_SYS(set_robust_list),
	SCMP_SYS(rseq), SCMP_SYS(set_tid_address), SCMP_SYS(getppid), SCMP_SYS(newfstatat), SCMP_SYS(fstat),
};

static void
child_forget(pid_t pid, int status, const struct rusage *used)
{
	struct ipc_child_exit m = { .status = (uint32_t)status, .pid = (uint32_t)pid, .cpu_us = cpu_time_us(used) };

	if (children_take(pid, &m.conn_id))
		ipc_send(&spawner.main, MSG_child_exit, &m);
}

/* One that has ended: this, or any. */
static bool
child_reap(pid_t which)
{
	struct rusage used;
	int status;
	pid_t pid = wait4(which, &status, WNOHANG, &used);

	if (pid <= 0)
		return false;
	child_forget(pid, status, &used);
	return true;
}

static void
sweep_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop, (void)w, (void)revents;
	while (child_reap(-1))
		continue;
}

/*
 * The kernel looks for "any" among all children, for one by its number at once.
 * The signal names one of those that end at a time: the sweep finds the others.
 */
static void
sigchld_cb(struct ev_loop *loop, ev_io *w, int revents)
{
	struct signalfd_siginfo info;

	(void)revents;
	while (read(w->fd, &info, sizeof(info)) > 0)
		(void)child_reap((pid_t)info.ssi_pid);
	if (ev_is_active(&spawner.sweep))
		return;
	ev_timer_set(&spawner.sweep, SWEEP_S, 0.0);
	ev_timer_start(loop, &spawner.sweep);
}

/* In the child: keep the three descriptors of the connection, drop all others. */
static void __attribute__((noreturn))
child_run(const struct ipc_child_start *m, const int *fds)
{
	enum { TCP = 3, MAIN, AUTH, REST };
	int high[3];

	prctl(PR_SET_NAME, "offhook-worker");
	/* first out of the way of the low numbers, then to them */
	for (int i = 0; i < 3; i++) {
		high[i] = fcntl(fds[i], F_DUPFD, 64);
		if (high[i] < 0)
			_exit(1);
	}
	dup2(spawner.null_fd, STDIN_FILENO);
	dup2(spawner.null_fd, STDOUT_FILENO);
#if !defined(__SANITIZE_ADDRESS__)
	dup2(spawner.null_fd, STDERR_FILENO); /* a worker speaks to main alone */
#endif
	for (int i = 0; i < 3; i++)
		dup2(high[i], TCP + i);
	close_range(REST, ~0U, 0);
	if (spawner.sandbox && sandbox_program_load(&spawner.worker_filter) != 0)
		_exit(1);
	worker_run(spawner.config, m, TCP, MAIN, AUTH);
}

static void
child_start_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_child_start *m = msg;
	pid_t pid;

	(void)owner;
	if (nfds != 3)
		fatal("child_start without its descriptors");
	pid = spawner.config == NULL ? -1 : fork();
	if (pid == 0)
		child_run(m, fds);
	if (pid < 0)
		log_err("cannot fork a worker: %s", strerror(errno));
	for (int i = 0; i < nfds; i++)
		close(fds[i]); /* on failure main sees its channel close */
	if (pid < 0)
		return;
	children_add(pid, m->conn_id);
	ipc_send(&spawner.main, MSG_child_born, &(struct ipc_child_born){ (uint32_t)pid });
}

static void
child_kill_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	const struct ipc_child_kill *m = msg;
	pid_t pid;

	(void)owner, (void)fds, (void)nfds;
	if ((pid = children_of(m->conn_id)) != 0)
		kill(pid, SIGKILL);
}

static void
tls_begin_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	(void)owner, (void)fds, (void)nfds;
	heap_unseal();
	tls_config_free(spawner.next_config);
	spawner.next_config = tls_config_new(msg);
}

#define CONFIG_PART(name)                                                              \
	static void name##_handle(void *owner, const void *msg, const int *fds, int nfds)  \
	{                                                                                  \
		(void)owner, (void)fds, (void)nfds;                                            \
		if (spawner.next_config != NULL)                                               \
			tls_config_add_##name(spawner.next_config, msg);                           \
	}
#define tls_config_add_tls_suites tls_config_add_suites
#define tls_config_add_tls_identity tls_config_add_identity
#define tls_config_add_tls_binding tls_config_add_binding
#define tls_config_add_tls_ca tls_config_add_ca
#define tls_config_add_tls_group_url tls_config_add_group_url
#define tls_config_add_tls_alias tls_config_add_alias
CONFIG_PART(tls_suites)
CONFIG_PART(tls_identity)
CONFIG_PART(tls_binding)
CONFIG_PART(tls_ca)
CONFIG_PART(tls_group_url)
CONFIG_PART(tls_alias)

static void
tls_commit_handle(void *owner, const void *msg, const int *fds, int nfds)
{
	(void)owner, (void)msg, (void)fds, (void)nfds;
	if (spawner.next_config == NULL)
		return;
	tls_config_finish(spawner.next_config);
	tls_config_free(spawner.config);
	spawner.config = spawner.next_config;
	spawner.next_config = NULL;
	heap_seal();
}

static const struct ipc_handler handlers[] = {
	{ MSG_child_start, child_start_handle },
	{ MSG_child_kill, child_kill_handle },
	{ MSG_tls_begin, tls_begin_handle },
	{ MSG_tls_suites, tls_suites_handle },
	{ MSG_tls_identity, tls_identity_handle },
	{ MSG_tls_binding, tls_binding_handle },
	{ MSG_tls_ca, tls_ca_handle },
	{ MSG_tls_group_url, tls_group_url_handle },
	{ MSG_tls_alias, tls_alias_handle },
	{ MSG_tls_commit, tls_commit_handle },
};

static void
main_closed(void *owner, int err)
{
	(void)owner, (void)err;
	_exit(0); /* workers see the end of their own channel to main */
}

static void
enter_sandbox(const struct child_args *args)
{
	const struct sandbox_filter worker = { worker_calls, sizeof(worker_calls) / sizeof(worker_calls[0]) };
	const struct sandbox_filter own = { spawner_calls, sizeof(spawner_calls) / sizeof(spawner_calls[0]) };

	if (sandbox_isolate(args) != 0 || sandbox_identity(args) != 0)
		fatal("spawner: cannot give up privileges");
	spawner.sandbox = args->sandbox;
	if (!args->sandbox)
		return;
	if (sandbox_program(&own, (struct sandbox_filter[]){ sandbox_base, worker }, 2, &spawner.worker_filter) != 0 ||
	    sandbox_filter((struct sandbox_filter[]){ sandbox_base, worker, own }, 3) != 0)
		fatal("spawner: no seccomp; offhookd.conf: sandbox = false runs without it");
}

/* What a worker that was taken over cannot exceed; children inherit it. */
static void
limits_set(void)
{
	enum { DESCRIPTORS = 256, DATA_BYTES = 64 * 1024 * 1024 };

	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	setrlimit(RLIMIT_NOFILE, &(struct rlimit){ DESCRIPTORS, DESCRIPTORS });
#if !defined(__SANITIZE_ADDRESS__)
	setrlimit(RLIMIT_DATA, &(struct rlimit){ DATA_BYTES, DATA_BYTES });
#endif
}

static void
sigchld_start(void)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (fd < 0)
		fatal("spawner: signalfd: %s", strerror(errno));
	ev_io_init(&spawner.sigchld, sigchld_cb, fd, EV_READ);
	ev_io_start(spawner.loop, &spawner.sigchld);
	ev_init(&spawner.sweep, sweep_cb);
}

int
main(int argc, char **argv)
{
	struct ipc_spawner_ready ready;
	struct child_args args;

	child_args_parse(argc, argv, &args);
	log_init("offhook-spawner", args.debug ? LOG_LVL_DEBUG : LOG_LVL_INFO);
	prctl(PR_SET_NAME, "offhook-spawner"); /* the program is called after what it becomes */
	spawner.null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	spawner.loop = ev_loop_new(EVBACKEND_POLL | EVFLAG_NOENV | EVFLAG_NOTIMERFD);
	sigchld_start();
	signal(SIGPIPE, SIG_IGN);
	limits_set();
	dtls_names_prepare();
	enter_sandbox(&args);
	ipc_chan_start(&spawner.main, spawner.loop, CHILD_CHANNEL_FD, IPC_SPAWNER, IPC_MAIN, handlers,
	    sizeof(handlers) / sizeof(handlers[0]), main_closed, NULL);
	ready.pid = (uint32_t)getpid();
	ipc_send(&spawner.main, MSG_spawner_ready, &ready);
	ev_run(spawner.loop, 0);
	return 0;
}
