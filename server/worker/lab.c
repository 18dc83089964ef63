/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/worker/lab.h"

#include <ev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "common/mem.h"
#include "server/worker/trace.h"
#include "server/worker/tunnel.h"
#include "server/worker/web.h"
#include "server/worker/worker.h"

#define HELD_MAX   64 /* packets that wait at a time */
#define REORDER_MS 50 /* the longest that one waits for its successor */

struct rule {
	bool on;
	unsigned channel, value;
	uint64_t until_ms; /* UINT64_MAX: once, or for good */
	char text[513];
};

struct held { /* a packet that is late on purpose */
	struct held *next;
	struct lab *lab;
	ev_timer timer;
	ev_tstamp due;
	unsigned channel, tag;
	enum lab_way way;
	void (*again)(struct worker *, unsigned, const void *, size_t);
	size_t len;
	unsigned char data[];
};

struct lab {
	struct worker *w;
	struct rule rules[LAB_KINDS];
	struct held *held;
	unsigned held_count;
	bool passing; /* a held packet is on its way: no rule takes it again */
};

static struct lab *
lab_get(struct worker *w)
{
	if (w->lab == NULL) {
		w->lab = xcalloc(1, sizeof(*w->lab));
		w->lab->w = w;
	}
	return w->lab;
}

void
lab_take(struct worker *w, const struct ipc_lab *m)
{
	struct rule *r;

	if (m->kind >= LAB_KINDS)
		return;
	if (m->kind == LAB_REKEY) {
		if (w->state == WORKER_TUNNEL)
			tunnel_close(w, END_PEER_RECONNECTED);
		return;
	}
	r = &lab_get(w)->rules[m->kind];
	r->on = m->value != UINT32_MAX; /* that takes it back */
	r->channel = m->channel;
	r->value = m->value;
	r->until_ms = m->seconds > 0 ? worker_now_ms(w) + m->seconds * 1000ULL : UINT64_MAX;
	snprintf(r->text, sizeof(r->text), "%s", m->text);
}

bool
lab_has(const struct worker *w, enum lab_kind kind, const char **text)
{
	if (w->lab == NULL || !w->lab->rules[kind].on)
		return false;
	if (text != NULL)
		*text = w->lab->rules[kind].text;
	return true;
}

/* Once: the rule is used up. */
static bool
rule_use(struct worker *w, enum lab_kind kind)
{
	if (!lab_has(w, kind, NULL))
		return false;
	w->lab->rules[kind].on = false;
	return true;
}

static void
status_answer(struct worker *w, const struct rule *r)
{
	static const char *const texts[] = { "Authentication failed", "Forbidden", "Service Unavailable" };
	char headers[600] = "";

	if (r->text[0] != '\0')
		snprintf(headers, sizeof(headers), "X-Reason: %s\r\n", r->text);
	web_answer(w, (int)r->value, texts[r->value == 401 ? 0 : r->value == 403 ? 1 : 2], headers, NULL, true);
}

bool
lab_answers(struct worker *w)
{
	static const char half[] = "HTTP/1.1 200 OK\r\nX-Transcend-Ver";
	char headers[600];

	if (w->lab == NULL)
		return false;
	if (rule_use(w, LAB_STATUS)) {
		status_answer(w, &w->lab->rules[LAB_STATUS]);
	} else if (rule_use(w, LAB_REDIRECT)) {
		snprintf(headers, sizeof(headers), "Location: %s\r\n", w->lab->rules[LAB_REDIRECT].text);
		web_answer(w, 302, "Found", headers, NULL, true);
	} else if (rule_use(w, LAB_HALF)) {
		web_send(w, half, sizeof(half) - 1, false);
	} else if (!rule_use(w, LAB_SILENCE)) {
		return false;
	}
	TRACE(w, TRACE_STEP, "lab", "answered=by rule");
	return true;
}

/* ---- packets ---- */

static const struct rule *
rule_now(struct worker *w, enum lab_kind kind, unsigned channel)
{
	struct rule *r = &w->lab->rules[kind];

	if (!r->on || (r->channel & channel) == 0)
		return NULL;
	if (worker_now_ms(w) >= r->until_ms) {
		r->on = false;
		return NULL;
	}
	return r;
}

static void
held_pass(struct held *h)
{
	struct lab *l = h->lab;

	for (struct held **at = &l->held; *at != NULL; at = &(*at)->next) {
		if (*at == h) {
			*at = h->next;
			break;
		}
	}
	l->held_count--;
	ev_timer_stop(l->w->loop, &h->timer);
	l->passing = true;
	h->again(l->w, h->tag, h->data, h->len);
	l->passing = false;
	free(h);
}

/* The first to come of those that are due with h, or h. */
static struct held *
held_oldest(struct held *h)
{
	struct held *oldest = h;

	for (struct held *o = h->lab->held; o != NULL; o = o->next) { /* the last to come is the first of the list */
		if (o->due <= h->due)
			oldest = o;
	}
	return oldest;
}

/* Timers that end at one time fire in any order; packets that came at one time leave as they came. */
static void
held_cb(struct ev_loop *loop, ev_timer *t, int revents)
{
	struct held *h = t->data, *o;

	(void)loop, (void)revents;
	do {
		o = held_oldest(h);
		held_pass(o);
	} while (o != h);
}

static bool
hold(struct worker *w, unsigned channel, enum lab_way way, unsigned tag, const void *data, size_t len, unsigned ms,
    void (*again)(struct worker *, unsigned, const void *, size_t))
{
	struct lab *l = w->lab;
	struct held *h;

	if (l->held_count >= HELD_MAX)
		return false;
	h = xmalloc(sizeof(*h) + len);
	h->lab = l;
	h->channel = channel;
	h->way = way;
	h->tag = tag;
	h->again = again;
	h->len = len;
	memcpy(h->data, data, len);
	h->due = ev_now(w->loop) + ms / 1000.0;
	ev_timer_init(&h->timer, held_cb, ms / 1000.0, 0.0);
	h->timer.data = h;
	ev_timer_start(w->loop, &h->timer);
	h->next = l->held;
	l->held = h;
	l->held_count++;
	return true;
}

static bool
by_chance(unsigned percent)
{
	unsigned char byte[2];

	if (getrandom(byte, sizeof(byte), 0) != sizeof(byte))
		return false;
	return (byte[0] << 8 | byte[1]) % 100 < (int)percent;
}

/* Every second packet waits until the next has gone. */
static bool
reorder(struct worker *w, unsigned channel, enum lab_way way, unsigned tag, const void *data, size_t len,
    void (*again)(struct worker *, unsigned, const void *, size_t))
{
	for (struct held *h = w->lab->held; h != NULL; h = h->next) {
		if (h->channel != channel || h->way != way)
			continue;
		w->lab->passing = true;
		again(w, tag, data, len);
		held_pass(h);
		return true;
	}
	return hold(w, channel, way, tag, data, len, REORDER_MS, again);
}

bool
lab_takes(struct worker *w, unsigned channel, enum lab_way way, unsigned tag, const void *data, size_t len,
    void (*again)(struct worker *, unsigned, const void *, size_t))
{
	const struct rule *r;

	if (w->lab == NULL || w->lab->passing)
		return false;
	if ((r = rule_now(w, LAB_DROP, channel)) != NULL && by_chance(r->value))
		return true;
	if ((r = rule_now(w, LAB_DELAY, channel)) != NULL)
		return hold(w, channel, way, tag, data, len, r->value, again);
	if ((r = rule_now(w, LAB_REORDER, channel)) != NULL)
		return reorder(w, channel, way, tag, data, len, again);
	if (rule_now(w, LAB_DUPLICATE, channel) != NULL) {
		w->lab->passing = true;
		again(w, tag, data, len);
		w->lab->passing = false;
	}
	return false;
}
