/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/main/wait.h"

#include <ev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/mem.h"
#include "server/main/cli.h"
#include "server/main/daemon.h"
#include "server/main/listener.h"
#include "server/main/session.h"
#include "server/show/format.h"
#include "server/show/json.h"
#include "server/show/session_view.h"

#define ENDED_KEPT 256

const char *const wait_event_names[WAIT_EVENTS] = {
	"listening", "login", "session", "dtls-up", "dtls-down", "resume", "logoff",
};

struct waiter {
	struct waiter *next;
	struct cli *cli;
	enum wait_event event;
	char user[129]; /* "": anybody */
	unsigned count;
	uint64_t ended_before; /* sessions ended when the command came */
	double since, timeout_s;
	ev_timer deadline;
};

struct ended { /* a session that is no more */
	char user[129];
	uint32_t index;
	char why[64];
	time_t at;
	uint64_t tx_bytes, rx_bytes;
};

static struct waiter *waiters;
static struct ended ended[ENDED_KEPT]; /* number n is at n % ENDED_KEPT */
static uint64_t ended_count;
static ev_prepare wake;

/* ---- what is so now ---- */

static bool
fits(const struct waiter *w, const struct session *s)
{
	if (w->user[0] != '\0' && strcmp(w->user, s->user) != 0)
		return false;
	switch (w->event) {
	case WAIT_LOGIN:
		return true;
	case WAIT_SESSION:
		return s->state == SESSION_ACTIVE;
	case WAIT_DTLS_UP:
		return s->state == SESSION_ACTIVE && s->dtls_suite != NULL;
	case WAIT_DTLS_DOWN:
		return s->state == SESSION_ACTIVE && s->dtls_suite == NULL && s->udp_tunnels > 0;
	case WAIT_RESUME:
		return s->state == SESSION_ACTIVE && s->tcp_tunnels > 1;
	default:
		return false;
	}
}

static bool
is_left(const char *user)
{
	const struct session *s = session_first();

	while (s != NULL && strcmp(s->user, user) != 0)
		s = s->next;
	return s != NULL;
}

/* The first ended session that counts for a waiter. */
static uint64_t
ended_first(const struct waiter *w)
{
	uint64_t oldest = ended_count > ENDED_KEPT ? ended_count - ENDED_KEPT : 0;

	if (w->user[0] != '\0' && !is_left(w->user))
		return oldest;
	return w->ended_before > oldest ? w->ended_before : oldest;
}

static bool
ended_fits(const struct waiter *w, const struct ended *e)
{
	return w->user[0] == '\0' || strcmp(w->user, e->user) == 0;
}

static bool
is_so(const struct waiter *w)
{
	unsigned n = 0;

	if (w->event == WAIT_LISTENING)
		return listener_is_accepting();
	if (w->event == WAIT_LOGOFF) {
		for (uint64_t i = ended_first(w); i < ended_count; i++)
			n += ended_fits(w, &ended[i % ENDED_KEPT]);
		return n >= w->count;
	}
	for (const struct session *s = session_first(); s != NULL && n < w->count; s = s->next)
		n += fits(w, s);
	return n >= w->count;
}

/* ---- answers ---- */

static void
ended_json(struct json *j, const struct ended *e)
{
	char t[40];

	format_rfc3339(e->at, t, sizeof(t));
	json_object(j, NULL);
	json_str(j, "username", e->user);
	json_int(j, "index", e->index);
	json_str(j, "reason", e->why);
	json_str(j, "ended", t);
	json_int(j, "bytes_tx", (int64_t)e->tx_bytes);
	json_int(j, "bytes_rx", (int64_t)e->rx_bytes);
	json_end_object(j);
}

static void
answer_json(const struct waiter *w, FILE *f)
{
	struct json j = { .f = f };
	unsigned n = 0;

	json_object(&j, NULL);
	json_str(&j, "event", wait_event_names[w->event]);
	json_int(&j, "waited_ms", (int64_t)((ev_now(daemon_.loop) - w->since) * 1000));
	json_array(&j, "sessions");
	for (uint64_t i = ended_first(w); w->event == WAIT_LOGOFF && i < ended_count; i++) {
		if (ended_fits(w, &ended[i % ENDED_KEPT]))
			ended_json(&j, &ended[i % ENDED_KEPT]);
	}
	for (const struct session *s = session_first(); s != NULL && n < w->count; s = s->next) {
		struct session_view v;

		if (!fits(w, s))
			continue;
		n++;
		session_view_make(s, &v);
		session_view_json(&v, &j);
	}
	json_end_array(&j);
	json_end_object(&j);
	fputc('\n', f);
}

static void
waiter_free(struct waiter *w)
{
	for (struct waiter **at = &waiters; *at != NULL; at = &(*at)->next) {
		if (*at == w) {
			*at = w->next;
			break;
		}
	}
	ev_timer_stop(daemon_.loop, &w->deadline);
	free(w);
}

static void
waiter_answer(struct waiter *w, bool in_time)
{
	struct cli *c = w->cli;
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	if (f == NULL)
		abort();
	if (in_time)
		answer_json(w, f);
	else
		fprintf(f, "ERROR: no %s%s%s%s within %g s\n", wait_event_names[w->event], w->count > 1 ? " of so many" : "",
		    w->user[0] != '\0' ? " of user " : "", w->user, w->timeout_s);
	fclose(f);
	waiter_free(w);
	c->busy = false;
	c->resume(c, text);
	free(text);
}

static void
deadline_cb(struct ev_loop *loop, ev_timer *t, int revents)
{
	(void)loop, (void)revents;
	waiter_answer(t->data, false);
}

/* ---- looking ---- */

static void
wake_cb(struct ev_loop *loop, ev_prepare *p, int revents)
{
	struct waiter *next;

	(void)revents;
	ev_prepare_stop(loop, p);
	for (struct waiter *w = waiters; w != NULL; w = next) {
		next = w->next;
		if (is_so(w))
			waiter_answer(w, true);
	}
}

void
wait_wake(void)
{
	if (waiters == NULL || ev_is_active(&wake))
		return;
	ev_prepare_init(&wake, wake_cb);
	ev_prepare_start(daemon_.loop, &wake);
}

void
wait_session_ended(const struct session *s, const char *why)
{
	struct ended *e = &ended[ended_count++ % ENDED_KEPT];
	struct counters n = session_counters(s);

	snprintf(e->user, sizeof(e->user), "%s", s->user);
	snprintf(e->why, sizeof(e->why), "%s", why);
	e->index = s->index;
	e->at = time(NULL);
	e->tx_bytes = n.tx_bytes;
	e->rx_bytes = n.rx_bytes;
	wait_wake();
}

void
wait_start(struct cli *c, enum wait_event event, const char *user, unsigned count, double timeout_s)
{
	struct waiter *w = xcalloc(1, sizeof(*w));

	w->cli = c;
	w->event = event;
	snprintf(w->user, sizeof(w->user), "%s", user != NULL ? user : "");
	w->count = count;
	w->ended_before = ended_count;
	w->since = ev_now(daemon_.loop);
	w->timeout_s = timeout_s;
	ev_timer_init(&w->deadline, deadline_cb, timeout_s, 0.0);
	w->deadline.data = w;
	ev_timer_start(daemon_.loop, &w->deadline);
	w->next = waiters;
	waiters = w;
	c->busy = true;
	wait_wake();
}

bool
wait_cancel(struct cli *c)
{
	for (struct waiter *w = waiters; w != NULL; w = w->next) {
		if (w->cli == c) {
			c->busy = false;
			waiter_free(w);
			return true;
		}
	}
	return false;
}
