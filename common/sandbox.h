/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a child process of offhookd gives up what it does not need: identity,
 * capabilities, network, files, system calls. Called once, early, in this order:
 * sandbox_isolate(), sandbox_identity(), sandbox_filter().
 */
#ifndef OFFHOOK_SANDBOX_H
#define OFFHOOK_SANDBOX_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* What main tells a child on its command line (child_args_parse()). */
struct child_args {
	bool set_id;       /* become uid and gid; else stay, without capabilities */
	uid_t uid;
	gid_t gid;
	bool sandbox;
	bool debug;
	const char *dir;   /* the directory that becomes its root */
	bool dir_writable; /* certauth's store; others get an empty root */
};

#define CHILD_CHANNEL_FD 3

/* Reads "uid=N", "gid=N", "sandbox=0|1", "debug=0|1", "dir=PATH"; ends the process when started by hand. */
void child_args_parse(int argc, char **argv, struct child_args *out);

/*
 * Own network and mount namespace (and a user namespace when not root), and
 * `dir` as root. What the kernel refuses is left out; with nothing possible
 * only uid and filter protect. 0 or ERR_SYSTEM (dir cannot become the root though privileged).
 */
int sandbox_isolate(const struct child_args *args);

/* uid, gid, no groups, no capabilities, no_new_privs, not dumpable. 0 or ERR_SYSTEM. */
int sandbox_identity(const struct child_args *args);

/* A system call allow-list: everything else fails with EPERM. New executable memory is never allowed. */
struct sandbox_filter {
	const int *calls; /* libseccomp numbers, SCMP_SYS() */
	size_t count;
};

/* Load for this process and its children. 0, or ERR_UNSUPPORTED when the kernel has no seccomp. */
int sandbox_filter(const struct sandbox_filter *lists, size_t list_count);

/*
 * Make a program that takes calls away from a process that has been through sandbox_filter(), for
 * sandbox_program_load(): what "taken" lists, but for what "kept" lists, too. It is as short as that:
 * the kernel tries each number of a call on a filter that is loaded, and compiles it.
 */
int sandbox_program(const struct sandbox_filter *taken, const struct sandbox_filter *kept, size_t kept_count,
    struct sock_fprog *out);
int sandbox_program_load(const struct sock_fprog *program);

/* Calls that every process of ours needs: memory, time, random numbers, its open descriptors. */
extern const struct sandbox_filter sandbox_base;

/*
 * For a helper that speaks to strangers: the host's network and the resolver's
 * files stay, its identity goes, and of system calls what sockets and names
 * need; more (may be NULL): besides those. Ends the process when it cannot be; name is for that.
 */
void sandbox_helper(const struct child_args *args, const char *name, const struct sandbox_filter *more);

#endif
