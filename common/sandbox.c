/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/sandbox.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/err.h"
#include "common/log.h"
#include "common/mem.h"

#if defined(__SANITIZE_ADDRESS__)
/* The leak checker starts a tracer thread, which no sandbox here allows. */
const char *__asan_default_options(void);
const char *
__asan_default_options(void)
{
	return "detect_leaks=0:abort_on_error=0:exitcode=99";
}
#endif

static const int base_calls[] = {
	SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(readv), SCMP_SYS(writev), SCMP_SYS(close),
	SCMP_SYS(recvfrom), SCMP_SYS(recvmsg), SCMP_SYS(sendto), SCMP_SYS(sendmsg),
	SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(epoll_ctl),
	SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise),
	SCMP_SYS(getrandom), SCMP_SYS(futex), SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday),
	SCMP_SYS(clock_nanosleep), SCMP_SYS(time), SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(getuid),
	SCMP_SYS(geteuid), SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigprocmask), SCMP_SYS(sigaltstack),
	SCMP_SYS(restart_syscall), SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(dup), SCMP_SYS(fcntl),
	SCMP_SYS(getrusage),
#if defined(__SANITIZE_ADDRESS__)
	/* reports: symbols from /proc/self/maps, its own stack limits, thread descriptors */
	SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(sched_yield),
	SCMP_SYS(getrlimit), SCMP_SYS(prlimit64), SCMP_SYS(sched_getaffinity), SCMP_SYS(fstat),
	SCMP_SYS(newfstatat), SCMP_SYS(lseek), SCMP_SYS(rt_sigaction), SCMP_SYS(uname), SCMP_SYS(stat),
	SCMP_SYS(set_robust_list), SCMP_SYS(ioctl),
#endif
};

const struct sandbox_filter sandbox_base = { base_calls, sizeof(base_calls) / sizeof(base_calls[0]) };

static const int network_calls[] = {
	SCMP_SYS(socket), SCMP_SYS(socketpair), SCMP_SYS(connect), SCMP_SYS(bind), SCMP_SYS(getsockname),
	SCMP_SYS(getpeername), SCMP_SYS(setsockopt), SCMP_SYS(getsockopt), SCMP_SYS(sendmmsg), SCMP_SYS(recvmmsg),
	SCMP_SYS(shutdown), SCMP_SYS(openat), SCMP_SYS(open), SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(stat),
	SCMP_SYS(lseek), SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2),
};

static bool
arg_value(const char *arg, const char *key, const char **value)
{
	size_t len = strlen(key);

	if (strncmp(arg, key, len) != 0 || arg[len] != '=')
		return false;
	*value = arg + len + 1;
	return true;
}

void
child_args_parse(int argc, char **argv, struct child_args *out)
{
	const char *v;

	memset(out, 0, sizeof(*out));
	if (argc < 2 || fcntl(CHILD_CHANNEL_FD, F_GETFD) < 0) {
		fprintf(stderr, "%s: a part of offhookd, started by it and not by hand\n", argv[0]);
		exit(2);
	}
	fcntl(CHILD_CHANNEL_FD, F_SETFD, FD_CLOEXEC);
	for (int i = 1; i < argc; i++) {
		if (arg_value(argv[i], "uid", &v)) {
			out->uid = (uid_t)strtoul(v, NULL, 10);
			out->set_id = true;
		} else if (arg_value(argv[i], "gid", &v)) {
			out->gid = (gid_t)strtoul(v, NULL, 10);
		} else if (arg_value(argv[i], "sandbox", &v)) {
			out->sandbox = *v == '1';
		} else if (arg_value(argv[i], "debug", &v)) {
			out->debug = *v == '1';
		} else if (arg_value(argv[i], "dir", &v)) {
			out->dir = v;
		} else if (arg_value(argv[i], "writable", &v)) {
			out->dir_writable = *v == '1';
		}
	}
}

/* An own, empty file system in place of everything that was mounted. */
static int
root_empty(const char *dir)
{
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
		return ERR_SYSTEM;
	if (mount("none", dir, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=4k,nr_inodes=2,mode=0555") != 0)
		return ERR_SYSTEM;
	if (chdir(dir) != 0 || syscall(SYS_pivot_root, ".", ".") != 0 || umount2(".", MNT_DETACH) != 0)
		return ERR_SYSTEM;
	if (mount("none", "/", NULL, MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) != 0)
		return ERR_SYSTEM;
	return chdir("/") == 0 ? 0 : ERR_SYSTEM;
}

static void
write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	(void)!write(fd, text, strlen(text));
	close(fd);
}

/* Not root: a user namespace gives the right to make the others. */
static bool
user_namespace(void)
{
	uid_t uid = getuid();
	gid_t gid = getgid();
	char map[64];

	if (unshare(CLONE_NEWUSER) != 0)
		return false;
	write_file("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "%u %u 1", uid, uid);
	write_file("/proc/self/uid_map", map);
	snprintf(map, sizeof(map), "%u %u 1", gid, gid);
	write_file("/proc/self/gid_map", map);
	return true;
}

int
sandbox_isolate(const struct child_args *args)
{
	bool privileged = geteuid() == 0;

	if (!args->sandbox)
		return 0;
	if (!privileged && !user_namespace())
		return 0;
	if (unshare(CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS) != 0)
		log_debug("no network namespace: %s", strerror(errno));
	if (unshare(CLONE_NEWNS) == 0 && !args->dir_writable && root_empty(args->dir) == 0)
		return 0;
	if (args->dir != NULL && (chroot(args->dir) != 0 || chdir("/") != 0)) {
		log_debug("%s cannot become the root: %s", args->dir, strerror(errno));
		return privileged && errno != EPERM ? ERR_SYSTEM : 0;
	}
	return 0;
}

int
sandbox_identity(const struct child_args *args)
{
	if (args->set_id) {
		if (setgroups(0, NULL) != 0 || setresgid(args->gid, args->gid, args->gid) != 0 ||
		    setresuid(args->uid, args->uid, args->uid) != 0)
			return ERR_SYSTEM;
	}
	capng_clear(CAPNG_SELECT_BOTH);
	capng_apply(CAPNG_SELECT_BOUNDS); /* needs CAP_SETPCAP; no_new_privs covers the rest */
	if (capng_apply(CAPNG_SELECT_CAPS) != 0)
		return ERR_SYSTEM;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return ERR_SYSTEM;
	return 0;
}

static int
filter_add(scmp_filter_ctx ctx, int call)
{
	if (call < 0)
		return 0; /* not on this architecture */
	return seccomp_rule_add(ctx, SCMP_ACT_ALLOW, call, 0);
}

static scmp_filter_ctx
filter_make(const struct sandbox_filter *lists, size_t list_count)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));

	if (ctx == NULL)
		return NULL;
	(void)seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* a binary tree; without it a list, no less right */
	for (size_t i = 0; i < list_count; i++) {
		for (size_t k = 0; k < lists[i].count; k++) {
			int r = filter_add(ctx, lists[i].calls[k]);

			if (r != 0 && r != -EEXIST)
				goto fail;
		}
	}
	/* memory, but nothing executable */
	if (seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) != 0 ||
	    seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) != 0)
		goto fail;
	/* its own name in ps, nothing else of prctl */
	if (seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1, SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME)) != 0)
		goto fail;
	return ctx;
fail:
	seccomp_release(ctx);
	return NULL;
}

int
sandbox_filter(const struct sandbox_filter *lists, size_t list_count)
{
	scmp_filter_ctx ctx = filter_make(lists, list_count);
	int r;

	if (ctx == NULL)
		return ERR_UNSUPPORTED;
	r = seccomp_load(ctx);
	seccomp_release(ctx);
	return r == 0 ? 0 : ERR_UNSUPPORTED;
}

static bool
filter_lists(const struct sandbox_filter *lists, size_t count, int call)
{
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < lists[i].count; k++) {
			if (lists[i].calls[k] == call)
				return true;
		}
	}
	return false;
}

static scmp_filter_ctx
filter_take_make(const struct sandbox_filter *taken, const struct sandbox_filter *kept, size_t kept_count)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);

	for (size_t i = 0; ctx != NULL && i < taken->count; i++) {
		int call = taken->calls[i];

		if (call < 0 || filter_lists(kept, kept_count, call))
			continue;
		if (seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), call, 0) == 0)
			continue;
		seccomp_release(ctx);
		return NULL;
	}
	return ctx;
}

int
sandbox_program(const struct sandbox_filter *taken, const struct sandbox_filter *kept, size_t kept_count,
    struct sock_fprog *out)
{
	scmp_filter_ctx ctx = filter_take_make(taken, kept, kept_count);
	int fd, r = ERR_UNSUPPORTED;
	off_t size;

	if (ctx == NULL)
		return r;
	fd = memfd_create("filter", MFD_CLOEXEC);
	if (fd >= 0 && seccomp_export_bpf(ctx, fd) == 0 && (size = lseek(fd, 0, SEEK_END)) > 0) {
		out->len = (unsigned short)((size_t)size / sizeof(struct sock_filter));
		out->filter = xmalloc((size_t)size);
		if (pread(fd, out->filter, (size_t)size, 0) == size)
			r = 0;
	}
	if (fd >= 0)
		close(fd);
	seccomp_release(ctx);
	return r;
}

int
sandbox_program_load(const struct sock_fprog *program)
{
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, program) == 0 ? 0 : ERR_UNSUPPORTED;
}

void
sandbox_helper(const struct child_args *args, const char *name, const struct sandbox_filter *more)
{
	struct sandbox_filter network = { network_calls, sizeof(network_calls) / sizeof(network_calls[0]) };

	if (sandbox_identity(args) != 0)
		fatal("%s: cannot give up privileges", name);
	if (args->sandbox &&
	    sandbox_filter((struct sandbox_filter[]){ sandbox_base, network, more != NULL ? *more : network }, 3) != 0)
		fatal("%s: no seccomp; offhookd.conf: sandbox = false runs without it", name);
}
