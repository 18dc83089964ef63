/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * phone: one process, many phones. Options, name resolution, identities,
 * signals, exit status. It trusts nothing it receives: it is the client side of
 * the gateway under test.
 */

#include <ev.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "identity.h"
#include "options.h"
#include "phone.h"
#include "stage.h"

/* The process: the run and its phones. */
struct crowd {
	struct run run;
	struct options o;
	struct phone *phones;
	struct identity *ids;		/* one, or one per phone when the names hold %d */
	unsigned id_count, count, active;
	unsigned by_stage[STAGE_COUNT];
	enum stage first_failure;
	ev_signal term, intr, usr1;
	ev_timer deadline, end_poll;
};

static int
resolve(struct sockaddr_storage *out, socklen_t *out_len, const char *host, const char *port, int family, char *err,
    size_t err_cap)
{
	struct addrinfo hints = { .ai_family = family, .ai_socktype = SOCK_STREAM }, *list;
	int r;

	if ((r = getaddrinfo(host, port, &hints, &list)) != 0) {
		snprintf(err, err_cap, "%s: %s", host, gai_strerror(r));
		return -1;
	}
	memcpy(out, list->ai_addr, list->ai_addrlen);
	*out_len = list->ai_addrlen;
	freeaddrinfo(list);
	return 0;
}

/* HOST, HOST:PORT, [V6], [V6]:PORT; a port of the URL stays when none is given. */
static void
connect_split(const char *text, char *host, size_t host_cap, char *port, size_t port_cap)
{
	const char *colon = strrchr(text, ':'), *bracket = strrchr(text, ']');

	text_set(host, host_cap, text);
	if (colon && (bracket ? colon > bracket : strchr(text, ':') == colon)) {
		text_set(port, port_cap, colon + 1);
		host[colon - text < (long)host_cap ? (size_t)(colon - text) : host_cap - 1] = '\0';
	}
	if (host[0] == '[') {
		memmove(host, host + 1, strlen(host));
		host[strcspn(host, "]")] = '\0';
	}
}

static enum stage
endpoint_find(struct endpoint *to, const struct options *o, char *err, size_t err_cap)
{
	char host[256], port[16];
	int family = AF_UNSPEC;

	snprintf(port, sizeof(port), "%u", o->port);
	connect_split(o->connect ? o->connect : o->host, host, sizeof(host), port, sizeof(port));
	if (o->connect == NULL)
		text_set(host, sizeof(host), o->host);	/* may be IPv6 without brackets */
	if (o->bind) {
		if (resolve(&to->local, &to->local_len, o->bind, NULL, AF_UNSPEC, err, err_cap) != 0)
			return STAGE_USAGE;
		family = to->local.ss_family;
	}
	if (resolve(&to->addr, &to->addr_len, host, port, family, err, err_cap) != 0)
		return STAGE_TCP;
	return STAGE_OK;
}

static int
identities_load(struct crowd *c, char *err, size_t err_cap)
{
	const struct options *o = &c->o;
	bool each = o->cert && (strstr(o->cert, "%d") || strstr(o->key, "%d"));
	char cert[512], key[512];
	unsigned i;

	c->id_count = each ? c->count : 1;
	c->ids = mem_alloc(sizeof(*c->ids) * c->id_count);
	for (i = 0; o->cert && i < c->id_count; i++) {
		text_expand(cert, sizeof(cert), o->cert, (unsigned)o->first + i);
		text_expand(key, sizeof(key), o->key, (unsigned)o->first + i);
		if (identity_load(&c->ids[i], cert, key, err, err_cap) != 0)
			return -1;
	}
	return 0;
}

/* ---- end of the run ---- */

static void
end_poll_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)revents;
	if (conn_lingering() == 0) {
		ev_timer_stop(loop, w);
		ev_break(loop, EVBREAK_ALL);
	}
}

static void
phone_done(struct run *run, struct phone *p)
{
	struct crowd *c = CONTAINER_OF(run, struct crowd, run);

	c->by_stage[p->facts.stage]++;
	if (p->facts.stage != STAGE_OK && c->first_failure == STAGE_OK)
		c->first_failure = p->facts.stage;
	if (--c->active == 0)
		ev_timer_start(run->loop, &c->end_poll);
}

static void
leave_cb(struct ev_loop *loop, ev_signal *w, int revents)
{
	struct crowd *c = w->data;
	unsigned i;

	(void)loop;
	(void)revents;
	for (i = 0; i < c->count; i++)
		phone_leave(&c->phones[i], "signal");
}

static void
drop_cb(struct ev_loop *loop, ev_signal *w, int revents)
{
	struct crowd *c = w->data;
	unsigned i;

	(void)loop;
	(void)revents;
	for (i = 0; i < c->count; i++)
		phone_drop(&c->phones[i]);
}

static void
deadline_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct crowd *c = CONTAINER_OF(w, struct crowd, deadline);
	unsigned i;

	(void)loop;
	(void)revents;
	for (i = 0; i < c->count; i++)
		phone_fail(&c->phones[i], STAGE_TIMEOUT, "not done within %ld s", c->o.deadline_s);
}

/* ---- start ---- */

static void
signals_start(struct crowd *c)
{
	struct { ev_signal *w; int number; void (*cb)(struct ev_loop *, ev_signal *, int); } table[] = {
		{ &c->term, SIGTERM, leave_cb }, { &c->intr, SIGINT, leave_cb }, { &c->usr1, SIGUSR1, drop_cb },
	};
	size_t i;

	signal(SIGPIPE, SIG_IGN);
	for (i = 0; i < ARRAY_LEN(table); i++) {
		ev_signal_init(table[i].w, table[i].cb, table[i].number);
		table[i].w->data = c;
		ev_signal_start(c->run.loop, table[i].w);
	}
}

/* Two sockets per phone, three while it changes connections. */
static void
files_raise(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static void
phones_start(struct crowd *c)
{
	unsigned i;

	c->phones = mem_alloc(sizeof(*c->phones) * c->count);
	for (i = 0; i < c->count; i++)
		phone_init(&c->phones[i], &c->run, (unsigned)c->o.first + i, &c->ids[i % c->id_count],
		    (double)i * (double)c->o.stagger_ms / 1000);
	ev_timer_init(&c->end_poll, end_poll_cb, 0., 0.01);
	ev_timer_init(&c->deadline, deadline_cb, (double)c->o.deadline_s, 0.);
	if (c->o.deadline_s > 0)
		ev_timer_start(c->run.loop, &c->deadline);
}

static enum stage
crowd_prepare(struct crowd *c, char *err, size_t err_cap)
{
	c->run.o = &c->o;
	c->run.done = phone_done;
	c->run.report = (struct report){ .json = c->o.json, .show_cookie = c->o.show_cookie, .start_us = clock_us(),
		.events = !c->o.quiet && (c->o.events || (!c->o.json && c->o.count == 1)) };
	c->count = c->active = (unsigned)c->o.count;
	files_raise();
	text_set(err, err_cap, "no event loop");
	if ((c->run.loop = ev_default_loop(EVFLAG_AUTO)) == NULL ||
	    tls_contexts_new(&c->run.tls, &c->o, err, err_cap) != 0 || identities_load(c, err, err_cap) != 0)
		return STAGE_USAGE;
	return endpoint_find(&c->run.to, &c->o, err, err_cap);
}

/* What no phone could even begin with; the summary tells it, too. */
static void
crowd_refuse(const struct crowd *c, enum stage stage, const char *err)
{
	struct facts f = { .phone = (unsigned)c->o.first, .stage = stage };

	fprintf(stderr, "phone: %s: %s\n", stage_name(stage), err);
	text_set(f.error, sizeof(f.error), err);
	if (c->o.json)
		report_summary(&c->run.report, &f, NULL);
}

static void
crowd_clear(struct crowd *c)
{
	unsigned i;

	for (i = 0; c->phones && i < c->count; i++)
		phone_clear(&c->phones[i]);
	for (i = 0; i < c->id_count; i++)
		identity_clear(&c->ids[i]);
	tls_contexts_free(&c->run.tls);
	free(c->phones);
	free(c->ids);
	if (c->run.loop)
		ev_loop_destroy(c->run.loop);
}

int
main(int argc, char **argv)
{
	static struct crowd c;
	enum stage stage;
	char err[300];
	int r;

	if ((r = options_parse(&c.o, argc, argv)) != 0)
		return r > 0 ? STAGE_OK : STAGE_USAGE;
	if ((stage = crowd_prepare(&c, err, sizeof(err))) != STAGE_OK) {
		crowd_refuse(&c, stage, err);
	} else {
		signals_start(&c);
		phones_start(&c);
		ev_run(c.run.loop, 0);
		if (c.count > 1)
			report_total(&c.run.report, c.count, c.by_stage);
		stage = c.first_failure;
	}
	crowd_clear(&c);
	return stage;
}
