/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A session costs the main process two descriptors, and is a process of the
 * workers' user. Beside them there are logins under way, listeners, operators.
 */
#include "server/main/limits.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define DESCRIPTORS_EACH  2
#define DESCRIPTORS_OTHER 512
#define PROCESSES_EACH    1
#define PROCESSES_OTHER   64
#define CGROUPS           "/sys/fs/cgroup"

/* A file that holds one number, or "max". False: there is none. */
static bool
number_read(const char *path, uint64_t *out)
{
	char text[32], *end;
	FILE *f = fopen(path, "re");
	bool ok = f != NULL && fgets(text, sizeof(text), f) != NULL;

	if (f != NULL)
		fclose(f);
	if (!ok)
		return false;
	*out = strtoull(text, &end, 10);
	if (end == text)
		*out = UINT64_MAX;
	return true;
}

/* The group at path below mount and all above it. */
static uint64_t
pids_of(const char *mount, const char *path)
{
	char dir[PATH_MAX], file[PATH_MAX + 16], *slash;
	uint64_t lowest = UINT64_MAX, n;
	size_t base = strlen(mount);

	if ((size_t)snprintf(dir, sizeof(dir), "%s%s", mount, path) >= sizeof(dir))
		return lowest;
	for (;;) {
		snprintf(file, sizeof(file), "%s/pids.max", dir);
		if (number_read(file, &n) && n < lowest)
			lowest = n;
		slash = strrchr(dir, '/');
		if (slash == NULL || (size_t)(slash - dir) < base)
			return lowest;
		*slash = '\0';
	}
}

uint64_t
limits_cgroup_pids(const char *cgroup_text, const char *mount)
{
	char *copy = strdup(cgroup_text), *save = NULL, pids[PATH_MAX];
	uint64_t lowest = UINT64_MAX, n;

	if (copy == NULL)
		abort();
	snprintf(pids, sizeof(pids), "%s/pids", mount);
	/* "ID:CONTROLLERS:PATH"; version 2 has ID 0 and no controllers */
	for (char *line = strtok_r(copy, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save)) {
		char *controllers = strchr(line, ':'), *path = controllers != NULL ? strchr(controllers + 1, ':') : NULL;

		if (path == NULL)
			continue;
		*path++ = '\0';
		if (strcmp(controllers, ":") == 0)
			n = pids_of(mount, path);
		else if (strcmp(controllers, ":pids") == 0)
			n = pids_of(pids, path);
		else
			continue;
		if (n < lowest)
			lowest = n;
	}
	free(copy);
	return lowest;
}

static uint64_t
cgroup_limit(void)
{
	char text[8192];
	FILE *f = fopen("/proc/self/cgroup", "re");
	size_t len;

	if (f == NULL)
		return UINT64_MAX;
	len = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[len] = '\0';
	return limits_cgroup_pids(text, CGROUPS);
}

static uint64_t
resource_limit(__rlimit_resource_t what)
{
	struct rlimit r;

	return getrlimit(what, &r) == 0 && r.rlim_max != RLIM_INFINITY ? r.rlim_max : UINT64_MAX;
}

static uint64_t
kernel_limit(const char *path)
{
	uint64_t n;

	return number_read(path, &n) ? n : UINT64_MAX;
}

bool
limits_hold(int32_t sessions, FILE *out)
{
	uint64_t each = sessions > 0 ? (uint64_t)sessions : 0;
	uint64_t descriptors = each * DESCRIPTORS_EACH + DESCRIPTORS_OTHER, processes = each * PROCESSES_EACH + PROCESSES_OTHER;
	const struct {
		uint64_t need, have;
		const char *what, *remedy;
	} rows[] = {
		{ descriptors, resource_limit(RLIMIT_NOFILE), "open files", "LimitNOFILE= of the systemd unit, ulimit -n of a shell" },
		{ processes, resource_limit(RLIMIT_NPROC), "processes of a user", "LimitNPROC= of the systemd unit, ulimit -u of a shell" },
		{ processes, cgroup_limit(), "processes of the control group", "TasksMax= of the systemd unit or slice, pids.max" },
		{ processes, kernel_limit("/proc/sys/kernel/pid_max"), "process ids", "sysctl kernel.pid_max" },
		{ processes, kernel_limit("/proc/sys/kernel/threads-max"), "threads of the host", "sysctl kernel.threads-max" },
	};
	bool ok = true;

	if (sessions < 0)
		return true;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].need <= rows[i].have)
			continue;
		ok = false;
		fprintf(out, "ERROR: %d sessions (vpn-sessiondb max-anyconnect-premium-or-essentials-limit) need %llu %s, this host allows %llu: %s\n",
		    sessions, (unsigned long long)rows[i].need, rows[i].what, (unsigned long long)rows[i].have, rows[i].remedy);
	}
	return ok;
}

void
limits_raise(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) == 0) {
		r.rlim_cur = r.rlim_max;
		setrlimit(RLIMIT_NOFILE, &r);
	}
}
