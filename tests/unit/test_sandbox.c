/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/sandbox.h"

static const int kept_calls[] = { SCMP_SYS(dup2) };
static const int loader_calls[] = { SCMP_SYS(kill), SCMP_SYS(getppid), SCMP_SYS(getpid), SCMP_SYS(dup2), SCMP_SYS(seccomp) };

/* 0, or the step that went wrong. */
static int
taken_away(void)
{
	const struct sandbox_filter parent = { loader_calls, 5 }, kept = { kept_calls, 1 };
	struct sock_fprog program;
	pid_t self = getpid();

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    sandbox_program(&parent, (struct sandbox_filter[]){ sandbox_base, kept }, 2, &program) != 0 ||
	    sandbox_filter((struct sandbox_filter[]){ sandbox_base, parent }, 2) != 0 || sandbox_program_load(&program) != 0)
		return 1;
	errno = 0;
	if (kill(self, 0) == 0 || errno != EPERM)
		return 2; /* taken */
	if (getpid() != self)
		return 3; /* listed by the base, too */
	if (dup2(0, 100) != 100)
		return 4; /* kept */
	if (sandbox_program_load(&program) == 0)
		return 5; /* no more filters either */
	return 0;
}

static void
a_second_filter_takes_away_what_the_process_needs_no_more(void **state)
{
	pid_t pid = fork();
	int status;

	(void)state;
	if (pid == 0)
		_exit(taken_away());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_second_filter_takes_away_what_the_process_needs_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
