/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/unit.h"

#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "server/main/worker_usage.h"

#define CHILDREN  200
#define OWN_BYTES (1024u * 1024)
#define BUSY_US   100000u

static pid_t children[CHILDREN];

/* Each has a megabyte of its own, and the first has computed for a while. */
static void
child_run(bool busy, int ready)
{
	volatile uint8_t *own = mmap(NULL, OWN_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct timespec t = { 0 };

	for (size_t i = 0; i < OWN_BYTES; i += 1024)
		own[i] = 1;
	while (busy && t.tv_sec == 0 && t.tv_nsec < BUSY_US * 1000)
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	(void)!write(ready, "", 1);
	for (;;)
		pause();
}

static int
setup(void **state)
{
	int pipe_fds[2];
	char byte;

	(void)state;
	assert_int_equal(pipe(pipe_fds), 0);
	for (unsigned i = 0; i < CHILDREN; i++) {
		if ((children[i] = fork()) == 0)
			child_run(i == 0, pipe_fds[1]);
		assert_true(children[i] > 0);
		worker_usage_born(children[i]);
	}
	for (unsigned i = 0; i < CHILDREN; i++)
		assert_int_equal(read(pipe_fds[0], &byte, 1), 1);
	return 0;
}

static void
child_end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static int
teardown(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CHILDREN; i++) {
		if (children[i] > 0)
			child_end(children[i]);
	}
	return 0;
}

T(all_are_counted_with_their_time)
{
	struct worker_usage u;

	UNUSED;
	worker_usage_get(&u);
	assert_int_equal(u.count, CHILDREN);
	assert_true(u.cpu_us >= BUSY_US);
}

T(memory_is_what_they_have_of_their_own)
{
	struct worker_usage u;

	UNUSED;
	worker_usage_get(&u);
	assert_true(u.has_memory);
	assert_true(u.memory_bytes >= (uint64_t)CHILDREN * OWN_BYTES);
#if !defined(__SANITIZE_ADDRESS__)
	assert_true(u.memory_bytes < (uint64_t)CHILDREN * OWN_BYTES * 3 / 2);
#endif
}

T(it_takes_a_few_ms)
{
	struct worker_usage u;
	double best = 1e9;

	UNUSED;
	for (int i = 0; i < 5; i++) {
		struct timespec a, b;
		double ms;

		clock_gettime(CLOCK_MONOTONIC, &a);
		worker_usage_get(&u);
		clock_gettime(CLOCK_MONOTONIC, &b);
		ms = (double)(b.tv_sec - a.tv_sec) * 1e3 + (double)(b.tv_nsec - a.tv_nsec) / 1e6;
		best = ms < best ? ms : best;
	}
	print_message("# %u workers: %.3f ms\n", CHILDREN, best);
	assert_true(best < 20); /* sanitizers and a busy machine included */
}

/* The time of those that ended stays, with what nobody had seen of it. */
T(time_only_grows)
{
	struct worker_usage before, after;

	UNUSED;
	worker_usage_get(&before);
	child_end(children[0]);
	worker_usage_ended(children[0], 2 * BUSY_US);
	child_end(children[1]);
	worker_usage_ended(children[1], 0); /* less than the clock said */
	worker_usage_ended(children[1], BUSY_US); /* it is known no more */
	worker_usage_get(&after);
	assert_int_equal(after.count, CHILDREN - 2);
	assert_true(after.cpu_us >= before.cpu_us);
	assert_true(after.cpu_us >= 2 * BUSY_US && after.cpu_us < before.cpu_us + 2 * BUSY_US);
	children[0] = children[1] = 0;
}

T(one_that_is_gone_does_no_harm)
{
	struct worker_usage before, after;

	UNUSED;
	worker_usage_get(&before);
	child_end(children[2]);
	worker_usage_get(&after);
	assert_int_equal(after.count, before.count);
	assert_true(after.cpu_us >= before.cpu_us);
	assert_true(after.has_memory);
	children[2] = 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_are_counted_with_their_time),
		cmocka_unit_test(memory_is_what_they_have_of_their_own),
		cmocka_unit_test(it_takes_a_few_ms),
		cmocka_unit_test(time_only_grows),
		cmocka_unit_test(one_that_is_gone_does_no_harm),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
