/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/aaa/account.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/mem.h"
#include "server/aaa/exchange.h"
#include "server/aaa/groups.h"
#include "server/aaa/nas.h"

#define RECORDS_MAX   4096
#define RETRY_FIRST_S 10.0
#define RETRY_LAST_S  300.0
#define GIVE_UP_S     86400.0
#define STATUS_INTERIM 3

struct record {
	struct record *next, **at; /* at: the link that points here */
	struct ipc_aaa_record m;  /* its strings are this record's own */
	char *server;             /* simultaneous: for this server alone; NULL: any of the group */
	struct exchange *exchange;
	char asked[256];          /* whom the exchange asks */
	uint8_t class[AAA_CLASS_MAX];
	double since, delay;
	ev_timer again;
};

static struct ev_loop *loop_;
static struct record *records, **records_tail = &records;
static unsigned count, lost;

void
account_init(struct ev_loop *loop)
{
	loop_ = loop;
}

static void
record_free(struct record *r)
{
	ev_timer_stop(loop_, &r->again);
	if (r->exchange != NULL)
		exchange_cancel(r->exchange);
	*r->at = r->next;
	if (r->next != NULL)
		r->next->at = r->at;
	else
		records_tail = r->at;
	count--;
	free((char *)(uintptr_t)r->m.group);
	free((char *)(uintptr_t)r->m.session_id);
	free((char *)(uintptr_t)r->m.user);
	free((char *)(uintptr_t)r->m.tunnel_group);
	free(r->server);
	free(r);
}

/* ---- the request ---- */

static void
class_put(struct radius_request *q, const struct ipc_blob *class)
{
	struct rd r = rd_init(class->data, class->len);

	while (rd_left(&r) > 0) {
		size_t len = rd_u8(&r);
		const uint8_t *value = rd_bytes(&r, len);

		if (value != NULL)
			radius_put(q, CLASS, value, len);
	}
}

static void
counters_put(struct radius_request *q, const struct ipc_aaa_record *m)
{
	radius_put_u32(q, ACCT_SESSION_TIME, m->session_s);
	radius_put_u32(q, ACCT_INPUT_OCTETS, (uint32_t)m->in_bytes);
	radius_put_u32(q, ACCT_OUTPUT_OCTETS, (uint32_t)m->out_bytes);
	radius_put_u32(q, ACCT_INPUT_GIGAWORDS, (uint32_t)(m->in_bytes >> 32));
	radius_put_u32(q, ACCT_OUTPUT_GIGAWORDS, (uint32_t)(m->out_bytes >> 32));
	radius_put_u32(q, ACCT_INPUT_PACKETS, m->in_packets);
	radius_put_u32(q, ACCT_OUTPUT_PACKETS, m->out_packets);
}

static void
request_fill(void *ctx, struct radius_request *q, const struct sockaddr_storage *local)
{
	const struct record *r = ctx;
	const struct ipc_aaa_record *m = &r->m;
	char ip[ADDR_STR];

	radius_put_str(q, USER_NAME, m->user);
	nas_put(q, local, m->port);
	radius_put_u32(q, ACCT_STATUS_TYPE, m->status);
	radius_put_u32(q, ACCT_DELAY_TIME, (uint32_t)(ev_now(loop_) - r->since));
	radius_put_str(q, ACCT_SESSION_ID, m->session_id);
	radius_put_u32(q, ACCT_AUTHENTIC, m->authentic);
	if (m->framed_ip != 0)
		radius_put_u32(q, FRAMED_IP_ADDRESS, m->framed_ip);
	radius_put_str(q, CALLING_STATION_ID, addr_ip_str(&m->peer, ip));
	radius_put_str(q, TUNNEL_CLIENT_ENDPOINT, ip);
	radius_put_str(q, CALLED_STATION_ID, addr_ip_str(&m->local, ip));
	if (m->tunnel_group[0] != '\0')
		radius_put_asa(q, ASA_TUNNEL_GROUP, m->tunnel_group, strlen(m->tunnel_group));
	class_put(q, &m->class);
	if (m->status != 1)
		counters_put(q, m);
	if (m->cause != 0)
		radius_put_u32(q, ACCT_TERMINATE_CAUSE, m->cause);
}

/* ---- sending ---- */

static void record_send(struct record *r, struct aaa_server *s);

static void
record_later(struct record *r)
{
	if (ev_now(loop_) - r->since > GIVE_UP_S) {
		log_warn("an accounting record of %s is given up after a day", r->m.user);
		record_free(r);
		return;
	}
	ev_timer_set(&r->again, r->delay, 0.0);
	ev_timer_start(loop_, &r->again);
	r->delay = r->delay * 2 < RETRY_LAST_S ? r->delay * 2 : RETRY_LAST_S;
}

/* The next server behind the one that was silent. Logins decide who is FAILED: another port may well answer. */
static struct aaa_server *
server_after(const struct aaa_group *g, const char *name)
{
	struct aaa_server *s = g != NULL ? g->servers : NULL;

	while (s != NULL && strcmp(s->name, name) != 0)
		s = s->next;
	s = s != NULL ? s->next : NULL;
	while (s != NULL && s->failed)
		s = s->next;
	return s;
}

static void
exchange_done(void *ctx, const uint8_t *reply, size_t len)
{
	struct record *r = ctx;
	struct aaa_server *next = NULL;

	(void)len;
	r->exchange = NULL;
	if (reply != NULL) {
		record_free(r);
		return;
	}
	if (r->server == NULL)
		next = server_after(groups_find(r->m.group), r->asked);
	if (next != NULL)
		record_send(r, next);
	else
		record_later(r);
}

static void
record_send(struct record *r, struct aaa_server *s)
{
	snprintf(r->asked, sizeof(r->asked), "%s", s->name);
	r->exchange = exchange_start(s, ACCOUNTING_REQUEST, request_fill, exchange_done, r);
	if (r->exchange == NULL)
		record_later(r);
}

/* The one it is for; else the first that is ACTIVE, or when none is, the first. */
static struct aaa_server *
server_for(const struct record *r, const struct aaa_group *g)
{
	struct aaa_server *s = g->servers;

	while (s != NULL && (r->server != NULL ? strcmp(s->name, r->server) != 0 : s->failed))
		s = s->next;
	return s != NULL || r->server != NULL ? s : g->servers;
}

static void
record_try(struct record *r)
{
	struct aaa_group *g = groups_find(r->m.group);
	struct aaa_server *s = g != NULL ? server_for(r, g) : NULL;

	if (s != NULL)
		record_send(r, s);
	else /* the group is gone from the configuration, or the server from the group */
		record_free(r);
}

static void
again_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop, (void)revents;
	record_try(w->data);
}

/* ---- new ones ---- */

/* Room for one more: the oldest interim record goes, else the oldest. */
static void
room_make(void)
{
	struct record *r = records;

	if (count < RECORDS_MAX)
		return;
	while (r != NULL && r->m.status != STATUS_INTERIM)
		r = r->next;
	record_free(r != NULL ? r : records);
	if (lost++ % 1000 == 0)
		log_err("accounting records are lost: no server takes them (%u so far)", lost);
}

static void
record_new(const struct ipc_aaa_record *m, const char *server)
{
	struct record *r;

	room_make();
	r = xcalloc(1, sizeof(*r));
	r->m = *m;
	r->m.group = xstrdup(m->group);
	r->m.session_id = xstrdup(m->session_id);
	r->m.user = xstrdup(m->user);
	r->m.tunnel_group = xstrdup(m->tunnel_group);
	if (m->class.len > 0)
		memcpy(r->class, m->class.data, m->class.len);
	r->m.class.data = r->class;
	r->server = server != NULL ? xstrdup(server) : NULL;
	r->since = ev_now(loop_);
	r->delay = RETRY_FIRST_S;
	ev_init(&r->again, again_cb);
	r->again.data = r;
	r->at = records_tail;
	*records_tail = r;
	records_tail = &r->next;
	count++;
	record_try(r);
}

void
account_add(const struct ipc_aaa_record *m)
{
	const struct aaa_group *g = groups_find(m->group);

	if (g == NULL)
		return;
	if (!g->simultaneous) {
		record_new(m, NULL);
		return;
	}
	for (const struct aaa_server *s = g->servers; s != NULL; s = s->next)
		record_new(m, s->name);
}

bool
account_pending(void)
{
	return count > 0;
}
