/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/main/admission.h"

#include <ev.h>
#include <unistd.h>

#include "server/main/daemon.h"

#define PER_CPU 64  /* so that clients a few tenths of a second away keep a processor busy, too */
#define TURN_S  1.0

static TAILQ_HEAD(, admission) turns = TAILQ_HEAD_INITIALIZER(turns);
static unsigned count, limit;
static bool was_full;
static ev_timer timer;
static void (*room_cb)(void);

bool
admission_room(void)
{
	return count < limit;
}

/* One timer, for the one whose turn has lasted longest. */
static void
timer_update(void)
{
	const struct admission *first = TAILQ_FIRST(&turns);
	double left;

	if (first == NULL || !was_full || ev_is_active(&timer))
		return;
	left = first->until - ev_now(daemon_.loop);
	ev_timer_set(&timer, left > 0 ? left : 0, 0.0);
	ev_timer_start(daemon_.loop, &timer);
}

static void
turn_end(struct admission *a)
{
	TAILQ_REMOVE(&turns, a, link);
	a->until = 0;
	count--;
}

static void
overdue_end(void)
{
	struct admission *a;

	while ((a = TAILQ_FIRST(&turns)) != NULL && a->until <= ev_now(daemon_.loop))
		turn_end(a);
}

static void
room_tell(void)
{
	if (!was_full || count >= limit)
		return;
	was_full = false;
	room_cb();
}

static void
timer_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop, (void)w, (void)revents;
	overdue_end();
	room_tell();
	timer_update();
}

void
admission_begin(struct admission *a)
{
	a->until = ev_now(daemon_.loop) + TURN_S;
	TAILQ_INSERT_TAIL(&turns, a, link);
	if (++count < limit)
		return;
	overdue_end();
	was_full = count >= limit;
	timer_update();
}

void
admission_end(struct admission *a)
{
	if (a->until == 0)
		return;
	turn_end(a);
	room_tell();
}

void
admission_init(void (*on_room)(void))
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	limit = (unsigned)(cpus > 0 ? cpus : 1) * PER_CPU;
	room_cb = on_room;
	ev_init(&timer, timer_cb);
}
