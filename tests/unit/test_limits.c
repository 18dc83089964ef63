/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/main/limits.h"

static char top[] = "/tmp/offhook-limits.XXXXXX";

static void
group_make(const char *path, const char *pids_max)
{
	char name[256];
	FILE *f;

	snprintf(name, sizeof(name), "%s%s", top, path);
	assert_int_equal(mkdir(name, 0755), 0);
	strcat(name, "/pids.max");
	if (pids_max == NULL)
		return;
	f = fopen(name, "w");
	assert_non_null(f);
	fprintf(f, "%s\n", pids_max);
	fclose(f);
}

static int
top_remove(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", top);
	return system(command);
}

T(the_lowest_of_a_cgroup_and_those_above_counts)
{
	UNUSED;
	assert_non_null(mkdtemp(top));
	group_make("/system.slice", "400");
	group_make("/system.slice/offhook.service", "max");
	group_make("/pids", NULL);
	group_make("/pids/other", "70");
	assert_true(limits_cgroup_pids("0::/system.slice/offhook.service\n", top) == 400);
	assert_true(limits_cgroup_pids("0::/\n", top) == UINT64_MAX);
	assert_true(limits_cgroup_pids("0::/not/there\n", top) == UINT64_MAX);
	/* version 1 beside version 2 */
	assert_true(limits_cgroup_pids("8:pids:/other\n1:cpu:/\n0::/system.slice\n", top) == 70);
	assert_true(limits_cgroup_pids("1:cpu:/system.slice\n", top) == UINT64_MAX);
	assert_true(limits_cgroup_pids("nonsense\n:\n", top) == UINT64_MAX);
}

static char *
said(int32_t sessions, bool wanted)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	assert_int_equal(limits_hold(sessions, f), wanted);
	fclose(f);
	return text;
}

T(a_session_limit_that_descriptors_cannot_hold_is_told_with_the_remedy)
{
	struct rlimit r = { 1536, 1536 };
	char *text;

	UNUSED;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &r), 0);
	text = said(-1, true);
	assert_string_equal(text, "");
	free(text);
	text = said(100, true);
	assert_string_equal(text, "");
	free(text);
	text = said(1000, false);
	assert_string_equal(text, "ERROR: 1000 sessions (vpn-sessiondb max-anyconnect-premium-or-essentials-limit) need 2512 open files, "
	                          "this host allows 1536: LimitNOFILE= of the systemd unit, ulimit -n of a shell\n");
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_lowest_of_a_cgroup_and_those_above_counts),
		cmocka_unit_test(a_session_limit_that_descriptors_cannot_hold_is_told_with_the_remedy),
	};

	return cmocka_run_group_tests(tests, NULL, top_remove);
}
