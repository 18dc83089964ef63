/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Accounting: what a session's start, updates and end tell the servers (RFC 2866). */
#include <string.h>

#include "server/main/aaa.h"
#include "server/main/daemon.h"
#include "server/main/session.h"
#include "server/main/session_table.h"

#define WALK_S 60.0 /* how exact the hours of interim-accounting-update are */

enum { STATUS_START = 1, STATUS_STOP = 2, STATUS_INTERIM = 3 };    /* Acct-Status-Type */
enum { AUTHENTIC_RADIUS = 1, AUTHENTIC_LOCAL = 2 };                /* Acct-Authentic */

/* Acct-Terminate-Cause by enum end_reason; others are a NAS Error (9). */
static const uint8_t causes[END_COUNT] = {
	[END_USER_REQUESTED] = 1,
	[END_LOST_CARRIER] = 2,
	[END_DPD_FAILURE] = 2,
	[END_TRANSPORT_CLOSING] = 3,
	[END_IDLE_TIMEOUT] = 4,
	[END_MAX_TIME] = 5,
	[END_ADMIN_RESET] = 6,
	[END_ADMIN_SHUTDOWN] = 7,
	[END_PEER_RECONNECTED] = 18,
	[END_PROTOCOL_ERROR] = 17,
	[END_INTERNAL_ERROR] = 9,
	[END_PREEMPTED] = 13,
};

static ev_timer walk;

/* The group that hears of this session; NULL: none. */
static const struct cfg_aaa_server *
group_of(const struct session *s, struct cfg_group_resolved *out)
{
	const struct cfg_tunnel_group *tg = config_tunnel_group(daemon_.config, s->tunnel_group);

	if (tg == NULL)
		return NULL;
	config_tunnel_group_resolve(daemon_.config, tg, out);
	return out->accounting_group[0] != '\0' ? config_aaa_server(daemon_.config, out->accounting_group) : NULL;
}

static uint8_t
authentic(const struct session *s, const struct cfg_group_resolved *g)
{
	return (s->authentication & AUTH_AAA) != 0 && strncmp(g->authentication_group, "LOCAL", 5) != 0 ? AUTHENTIC_RADIUS :
	                                                                                              AUTHENTIC_LOCAL;
}

static void
record_send(struct session *s, uint8_t status, uint8_t cause)
{
	struct counters n = session_counters(s);
	struct cfg_group_resolved g;
	const struct cfg_aaa_server *group = group_of(s, &g);
	char id[SESSION_AUDIT_ID];
	struct ipc_aaa_record m = {
		.status = status,
		.session_id = session_audit_id(s, id),
		.user = s->user,
		.tunnel_group = s->tunnel_group,
		.peer = s->public_addr,
		.local = s->local_addr,
		.port = s->index << 12,
		.framed_ip = s->has_lease ? s->lease.ip : 0,
		.session_s = (uint32_t)(ev_now(daemon_.loop) - s->login_at),
		.in_bytes = n.rx_bytes,
		.out_bytes = n.tx_bytes,
		.in_packets = (uint32_t)n.rx_packets,
		.out_packets = (uint32_t)n.tx_packets,
		.cause = cause,
		.class = s->class,
	};

	if (group == NULL || !daemon_.aaa_ready)
		return;
	m.group = group->name;
	m.authentic = authentic(s, &g);
	if (ipc_send(&daemon_.aaa, MSG_aaa_record, &m) == 0)
		s->accounted_at = ev_now(daemon_.loop);
}

/* ---- updates ---- */

static bool
update_wanted(const struct session *s, double *hours)
{
	struct cfg_aaa_group_resolved r;
	struct cfg_group_resolved g;
	const struct cfg_aaa_server *group = group_of(s, &g);

	if (group == NULL)
		return false;
	config_aaa_group_resolve(group, &r);
	*hours = r.interim_hours;
	return r.interim;
}

static void
walk_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
	double hours;

	(void)w, (void)revents;
	for (struct session *s = session_first(); s != NULL; s = s->next) {
		if (s->accounted_at > 0 && update_wanted(s, &hours) && hours > 0 && ev_now(loop) - s->accounted_at >= hours * 3600)
			record_send(s, STATUS_INTERIM, 0);
	}
}

void
aaa_account_start(struct session *s)
{
	double hours;

	if (!ev_is_active(&walk)) {
		ev_timer_init(&walk, walk_cb, WALK_S, WALK_S);
		ev_timer_start(daemon_.loop, &walk);
		ev_unref(daemon_.loop);
	}
	if (s->accounted_at == 0)
		record_send(s, STATUS_START, 0);
	else if (update_wanted(s, &hours))
		record_send(s, STATUS_INTERIM, 0);
}

void
aaa_account_stop(struct session *s, enum end_reason reason)
{
	if (s->accounted_at > 0)
		record_send(s, STATUS_STOP, causes[reason] != 0 ? causes[reason] : causes[END_INTERNAL_ERROR]);
}
