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
#include "server/main/child_private.h"
#include "server/main/daemon.h"
#include "server/main/identity.h"
#include "server/main/keypair.h"
#include "server/main/listener.h"
#include "server/main/metrics.h"
#include "server/main/request.h"
#include "server/main/revocation.h"
#include "server/main/steer.h"
#include "server/main/worker_usage.h"

#define QUEUE_MAX_BYTES (64u * 1024 * 1024) /* to our own children: a large configuration passes at once */
#define RESTART_FIRST_S 0.05
#define RESTART_LAST_S  5.0
#define STABLE_S        10.0

static void (*ready_fn)(void);

static void child_start(struct child *c);

struct child children[CHILDREN] = {
	[CERTAUTH] = {
		.program = "offhook-certauth", .party = IPC_CERTAUTH, .chan = &daemon_.certauth,
		.ready = &daemon_.certauth_ready, .says = &certauth_says, .dir_writable = true,
	},
	[SPAWNER] = {
		.program = "offhook-worker", .party = IPC_SPAWNER, .chan = &daemon_.spawner,
		.ready = &daemon_.spawner_ready, .says = &spawner_says,
	},
	[REVOKER] = {
		.program = "offhook-revoke", .party = IPC_REVOKER, .chan = &daemon_.revoker,
		.ready = &daemon_.revoker_ready, .says = &revoker_says, .wanted = revocation_wanted,
		.down = revocation_helper_down,
	},
	[AAA] = {
		.program = "offhook-aaa", .party = IPC_AAA, .chan = &daemon_.aaa,
		.ready = &daemon_.aaa_ready, .says = &aaa_says, .wanted = aaa_wanted, .down = aaa_helper_down,
	},
	[METRICS_HELPER] = {
		.program = "offhook-metrics", .party = IPC_METRICS, .chan = &daemon_.metrics, .ready = &daemon_.metrics_ready,
		.says = &metrics_says, .wanted = metrics_wanted, .down = metrics_helper_down,
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
			.ready = &daemon_.forwarder_ready[i], .says = &forwarder_says,
		};
	}
	for (unsigned i = 0; i < CHILDREN; i++)
		snprintf(children[i].name, sizeof(children[i].name), "%s", children[i].program);
	for (unsigned i = 0; i < FORWARDERS_MAX && daemon_.host.forwarders > 1; i++)
		snprintf(children[FORWARDER + i].name, sizeof(children[i].name), "offhook-forwarder-%u", i + 1);
}

void
child_ready(struct child *c)
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
	ipc_chan_start(c->chan, daemon_.loop, fds[0], IPC_MAIN, c->party, c->says->handlers, c->says->count, child_closed, c);
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
