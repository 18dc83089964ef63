/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/aaa/ask.h"

#include <stdlib.h>
#include <string.h>

#include "common/mem.h"
#include "server/aaa/exchange.h"
#include "server/aaa/groups.h"
#include "server/aaa/nas.h"
#include "server/aaa/reply.h"

struct ask {
	struct ask *next;
	uint32_t request;
	char *user, *password;
	struct addr peer;
	bool fallback;
	bool one;              /* "host A": this server and no other */
	struct aaa_server *server;
	unsigned attempts;     /* of this server */
	struct exchange *exchange;
};

static struct ev_loop *loop_;
static const struct ask_events *events;
static struct ask *asks;

static void ask_server(struct ask *q);

void
ask_init(struct ev_loop *loop, const struct ask_events *told)
{
	loop_ = loop;
	events = told;
}

static void
ask_free(struct ask *q)
{
	for (struct ask **at = &asks; *at != NULL; at = &(*at)->next) {
		if (*at != q)
			continue;
		*at = q->next;
		break;
	}
	explicit_bzero(q->password, strlen(q->password));
	free(q->user);
	free(q->password);
	free(q);
}

static void
ask_answer(struct ask *q, enum aaa_outcome outcome, const struct radius_reply *r)
{
	static const struct radius_reply nothing;
	const struct radius_reply *said = r != NULL ? r : &nothing;
	struct ipc_aaa_answer a = {
		.request = q->request,
		.outcome = (uint8_t)outcome,
		.server = q->server != NULL ? q->server->name : "",
		.group_policy = said->group_policy,
		.filter = said->filter,
		.message = said->message,
		.framed_ip = said->framed_ip,
		.framed_mask = said->framed_mask,
		.session_timeout_s = said->session_timeout_s,
		.idle_timeout_s = said->idle_timeout_s,
		.class = { said->class, said->class_len },
		.invalid = said->invalid,
	};

	events->answer(&a);
	ask_free(q);
}

static void
changed(struct aaa_server *s)
{
	events->log(s->failed ? 113022 : 113023, s->name, s->group->name);
}

static void
request_fill(void *ctx, struct radius_request *r, const struct sockaddr_storage *local)
{
	const struct ask *q = ctx;
	struct addr us = addr_from_sockaddr(local);
	char text[ADDR_STR];

	radius_put_str(r, USER_NAME, q->user);
	radius_put_password(r, q->password);
	nas_put(r, local, q->request);
	radius_put_str(r, CALLED_STATION_ID, addr_ip_str(&us, text));
	if (q->peer.family != 0) {
		radius_put_str(r, CALLING_STATION_ID, addr_ip_str(&q->peer, text));
		radius_put_str(r, TUNNEL_CLIENT_ENDPOINT, text);
	}
}

/* The server is silent: again, or the next one. */
static void
server_gave_up(struct ask *q)
{
	struct aaa_server *s = q->server;

	server_silent(s, ev_now(loop_), changed);
	q->attempts++;
	if (s->failed || q->attempts >= s->group->max_failed || q->one) {
		events->log(113014, s->name, q->user);
		q->server = q->one || s->next == NULL ? NULL : group_pick(s->group, s->next, q->fallback, ev_now(loop_), changed);
		q->attempts = 0;
	}
	ask_server(q);
}

static void
exchange_done(void *ctx, const uint8_t *reply, size_t len)
{
	struct ask *q = ctx;
	struct radius_reply said;

	q->exchange = NULL;
	if (reply == NULL) {
		server_gave_up(q);
		return;
	}
	server_answered(q->server, changed);
	radius_reply_read(reply, len, &said);
	ask_answer(q, reply[0] == ACCESS_ACCEPT ? AAA_ACCEPTED : reply[0] == ACCESS_REJECT ? AAA_REJECTED : AAA_CHALLENGED,
	    &said);
}

static void
ask_server(struct ask *q)
{
	if (q->server != NULL)
		q->exchange = exchange_start(q->server, ACCESS_REQUEST, request_fill, exchange_done, q);
	if (q->exchange == NULL)
		ask_answer(q, q->server != NULL ? AAA_BUSY : AAA_DEAD, NULL);
}

static struct aaa_server *
server_named(struct aaa_group *g, const char *host)
{
	struct aaa_server *s = g->servers;

	while (s != NULL && strcmp(s->name, host) != 0)
		s = s->next;
	return s;
}

void
ask_start(const struct ipc_aaa_ask *m)
{
	struct aaa_group *g = groups_find(m->group);
	struct ask *q = xcalloc(1, sizeof(*q));

	q->request = m->request;
	q->user = xstrdup(m->user);
	q->password = xstrdup(m->password);
	q->peer = m->peer;
	q->fallback = m->fallback != 0;
	q->one = m->host[0] != '\0';
	q->next = asks;
	asks = q;
	if (g != NULL)
		q->server = q->one ? server_named(g, m->host) : group_pick(g, NULL, q->fallback, ev_now(loop_), changed);
	if (g == NULL || (q->one && q->server == NULL))
		ask_answer(q, AAA_UNKNOWN, NULL);
	else if (strlen(q->password) > RADIUS_PASSWORD_MAX || strlen(q->user) > RADIUS_VALUE_MAX)
		ask_answer(q, AAA_REJECTED, NULL); /* no server can have such a one */
	else
		ask_server(q);
}

static void
ask_cancel(struct ask *q)
{
	if (q->exchange != NULL)
		exchange_cancel(q->exchange);
	q->exchange = NULL;
}

void
ask_drop(uint32_t request)
{
	struct ask *q = asks;

	while (q != NULL && q->request != request)
		q = q->next;
	if (q == NULL)
		return;
	ask_cancel(q);
	ask_free(q);
}

void
ask_drop_all(void)
{
	while (asks != NULL)
		ask_drop(asks->request);
}
