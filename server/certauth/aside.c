/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/certauth/aside.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "common/mem.h"
#include "common/sandbox.h"

#define NICE 10

struct task {
	struct task *next;
	void (*work)(void *job);
	void (*done)(void *job);
	void *job;
};

struct tasks { /* first in, first out */
	struct task *first, **tail;
};

static struct {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct tasks waiting, finished; /* under the lock */
	enum { STARTING, RUNNING, FAILED } state;
	bool started, sandbox;
	struct ev_loop *loop;
	ev_async told;
} aside = { .lock = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER };

static void
tasks_add(struct tasks *q, struct task *t)
{
	t->next = NULL;
	if (q->first == NULL)
		q->tail = &q->first;
	*q->tail = t;
	q->tail = &t->next;
}

static struct task *
tasks_take(struct tasks *q)
{
	struct task *t = q->first;

	if (t != NULL)
		q->first = t->next;
	return t;
}

static void
state_set(int state)
{
	pthread_mutex_lock(&aside.lock);
	aside.state = state;
	pthread_cond_broadcast(&aside.wake);
	pthread_mutex_unlock(&aside.lock);
}

static void *
thread_main(void *arg)
{
	(void)arg;
	(void)setpriority(PRIO_PROCESS, 0, NICE); /* on Linux of this thread alone: phones come first */
	if (aside.sandbox && sandbox_filter(&sandbox_base, 1) != 0) {
		state_set(FAILED);
		return NULL;
	}
	state_set(RUNNING);
	for (;;) {
		struct task *t;

		pthread_mutex_lock(&aside.lock);
		while ((t = tasks_take(&aside.waiting)) == NULL)
			pthread_cond_wait(&aside.wake, &aside.lock);
		pthread_mutex_unlock(&aside.lock);
		t->work(t->job);
		pthread_mutex_lock(&aside.lock);
		tasks_add(&aside.finished, t);
		pthread_mutex_unlock(&aside.lock);
		ev_async_send(aside.loop, &aside.told);
	}
}

static void
told_cb(struct ev_loop *loop, ev_async *w, int revents)
{
	struct task *t;

	(void)loop, (void)w, (void)revents;
	for (;;) {
		pthread_mutex_lock(&aside.lock);
		t = tasks_take(&aside.finished);
		pthread_mutex_unlock(&aside.lock);
		if (t == NULL)
			return;
		t->done(t->job);
		free(t);
	}
}

bool
aside_start(struct ev_loop *loop, bool sandbox)
{
	pthread_t thread;
	sigset_t all, old;
	bool ok;

	aside.loop = loop;
	aside.sandbox = sandbox;
	ev_async_init(&aside.told, told_cb);
	ev_async_start(loop, &aside.told); /* makes its descriptor now, which the filter forbids later */
	ev_unref(loop);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	ok = pthread_create(&thread, NULL, thread_main, NULL) == 0;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (!ok)
		return false;
	pthread_mutex_lock(&aside.lock);
	while (aside.state == STARTING)
		pthread_cond_wait(&aside.wake, &aside.lock);
	aside.started = aside.state == RUNNING;
	pthread_mutex_unlock(&aside.lock);
	return aside.started;
}

void
aside_run(void (*work)(void *job), void (*done)(void *job), void *job)
{
	struct task *t;

	if (!aside.started) {
		work(job);
		done(job);
		return;
	}
	t = xcalloc(1, sizeof(*t));
	*t = (struct task){ .work = work, .done = done, .job = job };
	pthread_mutex_lock(&aside.lock);
	tasks_add(&aside.waiting, t);
	pthread_cond_signal(&aside.wake);
	pthread_mutex_unlock(&aside.lock);
}
