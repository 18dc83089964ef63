/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/main/session.h"

#include <gnutls/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/log.h"
#include "common/mem.h"
#include "server/main/aaa.h"
#include "server/main/asalog.h"
#include "server/main/conn.h"
#include "server/main/daemon.h"
#include "server/main/lab.h"
#include "server/main/listener.h"
#include "server/main/publish.h"
#include "server/main/session_address.h"
#include "server/main/session_policy.h"
#include "server/main/session_table.h"
#include "server/main/tally.h"
#include "server/main/wait.h"
#include "server/show/format.h"

#define PENDING_S        120   /* asa-reference 4.6, pending login */
#define BYE_GRACE_MAX_S  15
#define DTLS_FAILURES_MAX 3    /* protocol.md 4.3, rule 4 */

static struct session_totals totals;

/* ---- counting ---- */

static void
peak(unsigned now, unsigned *highest)
{
	if (now > *highest)
		*highest = now;
}

void
session_totals(struct session_totals *out)
{
	*out = totals;
}

void
session_totals_clear(void)
{
	totals.cumulative = totals.active + totals.waiting;
	totals.tls_cumulative = totals.tls_active;
	totals.dtls_cumulative = totals.dtls_active;
	totals.peak = totals.parent_peak = totals.active + totals.waiting;
	totals.tls_peak = totals.tls_active;
	totals.dtls_peak = totals.dtls_active;
}

struct counters
session_counters(const struct session *s)
{
	const volatile struct counters *now = &daemon_.counters[s->slot];

	return (struct counters){
		.rx_bytes = now->rx_bytes - s->base.rx_bytes,
		.tx_bytes = now->tx_bytes - s->base.tx_bytes,
		.rx_packets = now->rx_packets - s->base.rx_packets,
		.tx_packets = now->tx_packets - s->base.tx_packets,
		.rx_drops = now->rx_drops - s->base.rx_drops,
		.tx_drops = now->tx_drops - s->base.tx_drops,
		.dtls_rx_bytes = now->dtls_rx_bytes - s->base.dtls_rx_bytes,
		.dtls_tx_bytes = now->dtls_tx_bytes - s->base.dtls_tx_bytes,
		.dtls_rx_packets = now->dtls_rx_packets - s->base.dtls_rx_packets,
		.dtls_tx_packets = now->dtls_tx_packets - s->base.dtls_tx_packets,
		.dtls_rx_drops = now->dtls_rx_drops - s->base.dtls_rx_drops,
		.dtls_tx_drops = now->dtls_tx_drops - s->base.dtls_tx_drops,
		.udp_port = now->udp_port,
		.config_ms = now->config_ms,
		.registration_ms = now->registration_ms,
		.active_ms = now->active_ms,
	};
}

unsigned
session_home(const struct session *s)
{
	return s->slot % daemon_.host.forwarders;
}

/* ---- login ---- */

static void
timer_set(struct session *s, double seconds)
{
	ev_timer_stop(daemon_.loop, &s->timer);
	ev_timer_set(&s->timer, seconds, 0.0);
	ev_timer_start(daemon_.loop, &s->timer);
}

static void
timer_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct session *s = w->data;

	(void)loop;
	(void)revents;
	if (s->state == SESSION_PENDING)
		asalog(716052, NULL, s, NULL, NULL, NULL, NULL);
	session_finish(s, s->state == SESSION_WAITING ? s->waiting_end : END_IDLE_TIMEOUT);
}

static struct session *
session_make(struct conn *c, const struct ipc_verdict *v, uint32_t slot)
{
	struct mem *mem = mem_new(NULL);
	struct session *s = mem_alloc(mem, sizeof(*s));
	static uint64_t serial;

	s->mem = mem;
	s->serial = ++serial;
	s->slot = slot;
	s->index = session_index_take();
	s->forwarder_fd = -1;
	memcpy(s->cookie_hash, v->cookie_hash.data, sizeof(s->cookie_hash));
	s->user = mem_strdup(mem, v->user);
	s->tunnel_group = mem_strdup(mem, v->tunnel_group);
	s->group_policy = mem_strdup(mem, v->group_policy);
	s->class = (struct ipc_blob){ mem_dup(mem, v->class.data, v->class.len), v->class.len };
	s->authentication = v->authentication;
	s->login_time = time(NULL);
	s->login_at = ev_now(daemon_.loop);
	s->public_addr = c->peer;
	s->local_addr = c->local;
	s->end_text = "";
	memcpy(&s->base, (const void *)(uintptr_t)&daemon_.counters[slot], sizeof(s->base));
	return s;
}

struct session *
session_login(struct conn *c, const struct ipc_verdict *said, const char **why)
{
	struct ipc_verdict verdict = *said, *v = &verdict;
	struct cfg_policy_attrs policy;
	struct session *s;
	uint32_t slot;

	v->group_policy = policy_name(v);
	policy_of_login(v, &policy);
	if ((*why = policy_refuses(c, v, &policy)) != NULL)
		return NULL;
	if (!policy_has_room(c, v) || !session_slot_take(daemon_.host.forwarders, &slot)) {
		*why = SESSION_NO_ROOM;
		return NULL;
	}
	s = session_make(c, v, slot);
	policy_keep(s, v, &policy);
	ev_init(&s->timer, timer_cb);
	s->timer.data = s;
	session_link(s);
	policy_make_room(s);
	timer_set(s, PENDING_S);
	wait_wake();
	asalog(v->authorized ? 113011 : 113009, c, s, NULL, NULL, NULL, NULL);
	policy_parameters_log(c, s, said);
	asalog(734001, c, s, NULL, NULL, NULL, NULL);
	asalog(113039, c, s, NULL, NULL, NULL, NULL);
	return s;
}

/* ---- CONNECT ---- */

static void
deny(struct conn *c, unsigned status, const char *reason)
{
	struct ipc_session_deny m = { .status = (uint16_t)status, .reason = reason };

	ipc_send(&c->chan, MSG_session_deny, &m);
}

static void
ask_remember(struct session *s, const struct ipc_session_ask *ask)
{
	snprintf(s->user_agent, sizeof(s->user_agent), "%s", ask->user_agent);
	snprintf(s->hostname, sizeof(s->hostname), "%s", ask->hostname);
	snprintf(s->trustpoint, sizeof(s->trustpoint), "%s", ask->trustpoint);
	s->phone = ask->phone;
	s->ip6_capable = ask->ip6 && !ask->phone;
	s->bye_grace_s = ask->bye_grace_s < BYE_GRACE_MAX_S ? ask->bye_grace_s : BYE_GRACE_MAX_S;
	snprintf(s->server_sha1, sizeof(s->server_sha1), "%s", ask->server_sha1);
}

static uint32_t
seconds_or_zero(int32_t value, int32_t unit_s)
{
	return value > 0 ? (uint32_t)value * (uint32_t)unit_s : 0;
}

static uint32_t
session_left(const struct session *s)
{
	double used = ev_now(daemon_.loop) - s->login_at;

	return used < s->session_s ? s->session_s - (uint32_t)used : 1;
}

/* deflate is one stream over a whole connection, and not offered (protocol.md 5). */
static bool
compression_allowed(const struct session *s)
{
	enum { DEFLATE = 1, LZS = 2 };
	static bool said;

	if (s->policy.ssl_compression == DEFLATE && !said) {
		said = true;
		log_warn("group-policy %s: anyconnect ssl compression deflate is not offered, lzs is what there is", s->group_policy);
	}
	return s->policy.ssl_compression == LZS;
}

/* The answer that makes the worker a tunnel; s->dtls_id is new for each CONNECT (protocol.md 7, 15). */
static int
grant_send(struct conn *c, struct session *s, bool with_dtls, int worker_fd)
{
	const struct cfg_policy_attrs *p = &s->policy;
	uint8_t suites10[2 * SUITE_LIST_MAX], suites12[2 * SUITE_LIST_MAX];
	struct ipc_session_grant m = {
		.index = s->index,
		.address = session_address(s),
		.netmask = s->lease.mask,
		.address6 = s->ip6_capable ? session_address6(s) : (struct addr){ 0 },
		.prefix6 = s->lease6.prefix_len,
		.dns = { p->dns, p->dns_count > 0 ? (uint32_t)p->dns_count * 4 : 0 },
		.wins = { p->wins, p->wins_count > 0 ? (uint32_t)p->wins_count * 4 : 0 },
		.default_domain = p->default_domain,
		.split_dns = p->split_dns,
		.tunnel_all_dns = p->split_tunnel_all_dns == 1,
		.client_bypass = p->client_bypass_protocol == 1,
		.routing_ignore = p->routing_filtering_ignore == 1,
		.banner = p->banner,
		.rekey_s = p->rekey_method > 0 ? seconds_or_zero(p->rekey_min, 60) : 0,
		.session_alert_s = seconds_or_zero(p->session_alert_min, 60),
		.idle_s = s->idle_s,
		.session_s = s->session_s,
		.session_left_s = session_left(s),
		.dpd_client_s = seconds_or_zero(p->dpd_client_s, 1),
		.dpd_gateway_s = seconds_or_zero(p->dpd_gateway_s, 1),
		.keepalive_s = seconds_or_zero(p->keepalive_s, 1),
		.mtu_bytes = (uint32_t)p->mtu,
		.dtls10_suites = { suites10, 0 },
		.dtls12_suites = { suites12, 0 },
		.ssl_compression = compression_allowed(s),
		.dtls_compression = p->dtls_compression == 1,
		.split = (uint8_t)p->split_tunnel_policy,
		.split_nets = { s->split_nets, s->split_bytes },
		.fast_path = daemon_.host.fast_path && !daemon_.host.lab,
		.split6 = (uint8_t)p->ipv6_split_tunnel_policy,
		.split_nets6 = { s->split_nets6, s->split6_bytes },
	};

	if (with_dtls && !s->dtls_refused && p->ssl_dtls == 1 && listener_udp_port(c->nameif, &c->local, &m.udp_port)) {
		m.dtls_id = (struct ipc_blob){ s->dtls_id, sizeof(s->dtls_id) };
		m.dtls10_suites.len = tls_list_put(daemon_.config, SUITE_DTLS10, suites10);
		m.dtls12_suites.len = tls_list_put(daemon_.config, SUITE_DTLS12, suites12);
	}
	return ipc_send_fds(&c->chan, MSG_session_grant, &m, &worker_fd, 1);
}

static bool
session_allowed(struct conn *c, struct session *s)
{
	if (!daemon_.config->webvpn.anyconnect_enable) {
		asalog(113035, c, s, NULL, NULL, NULL, NULL);
		deny(c, 403, "AnyConnect is not enabled");
		return false;
	}
	return true;
}

/* Its first byte says whose it is: hellos come to its home at once (common/steer.h). False: no random numbers. */
static bool
dtls_id_draw(struct session *s)
{
	unsigned forwarders = daemon_.host.forwarders;

	do {
		if (getrandom(s->dtls_id, sizeof(s->dtls_id), 0) != sizeof(s->dtls_id))
			return false;
	} while (steer_home_of_id(s->dtls_id, forwarders) != session_home(s));
	return true;
}

void
session_connect(struct conn *c, const struct ipc_session_ask *ask)
{
	uint8_t hash[32];
	struct session *s;
	int pair[2];

	gnutls_hash_fast(GNUTLS_DIG_SHA256, ask->cookie, strlen(ask->cookie), hash);
	s = session_by_cookie(hash);
	if (s == NULL) {
		asalog(722003, c, NULL, NULL, NULL, NULL, NULL);
		deny(c, 401, "The session is unknown or has ended");
		return;
	}
	if (config_tunnel_group(daemon_.config, s->tunnel_group) == NULL ||
	    config_group_policy(daemon_.config, s->group_policy) == NULL) { /* removed meanwhile: their cookies are void */
		session_finish(s, END_ADMIN_RESET);
		deny(c, 401, "The session is unknown or has ended");
		return;
	}
	ask_remember(s, ask);
	asalog(722055, c, s, s->user_agent, NULL, NULL, NULL);
	if (!session_allowed(c, s))
		return;
	if (!session_address_get(s)) {
		deny(c, 503, "No address available for SVC connection");
		return;
	}
	if (!session_filter_get(s)) {
		deny(c, 503, "The filter of this session cannot be had");
		return;
	}
	if (ipc_pair(pair) != 0 || !dtls_id_draw(s)) {
		deny(c, 503, "Internal error");
		return;
	}
	s->tls_suite = suite_by_id(ask->tls_suite);
	s->tls_version = (enum suite_version)ask->tls_version;
	lab_connect(c, s);
	if (grant_send(c, s, ask->wants_dtls, pair[1]) != 0)
		close(pair[0]);
	else
		conn_grant(c, s, pair[0]);
	close(pair[1]);
}

void
session_logout(const char *cookie)
{
	uint8_t hash[32];
	struct session *s;

	gnutls_hash_fast(GNUTLS_DIG_SHA256, cookie, strlen(cookie), hash);
	if ((s = session_by_cookie(hash)) != NULL)
		session_finish(s, END_USER_REQUESTED);
}

/* ---- the tunnel's life ---- */

static void
forwarder_tell(const struct session *s)
{
	struct ipc_fwd_session m = {
		.slot = s->slot,
		.address = session_address(s),
		.address6 = session_address6(s),
		.mtu_bytes = s->mtu_bytes,
		.dtls_id = { s->dtls_id, sizeof(s->dtls_id) },
	};

	if (daemon_.forwarder_ready[session_home(s)])
		ipc_send_fds(&daemon_.forwarders[session_home(s)], MSG_fwd_session, &m, &s->forwarder_fd, 1);
}

static const char *
compression_text(enum compression kind)
{
	return kind == COMPRESSION_NONE ? "without" : "with";
}

static void
dtls_gone(struct conn *c, struct session *s)
{
	if (s->dtls_suite == NULL)
		return;
	asalog(722023, c, s, "UDP", compression_text(s->dtls_compression), NULL, NULL);
	s->dtls_suite = NULL;
	totals.dtls_active--;
	wait_wake();
}

void
session_bind(struct conn *c, unsigned mtu_bytes)
{
	struct session *s = c->session;

	if (s->forwarder_fd >= 0)
		close(s->forwarder_fd);
	s->forwarder_fd = c->grant_fd;
	c->grant_fd = -1;
	s->mtu_bytes = mtu_bytes >= 576 && mtu_bytes <= 16384 ? mtu_bytes : 1406;
	dtls_gone(c, s);
	forwarder_tell(s);
	/* the old worker's tunnel goes on until the new one has answered; one between them never did */
	if (s->conn_old == NULL)
		s->conn_old = s->conn;
	else if (s->conn != NULL)
		conn_close(s->conn, END_PEER_RECONNECTED);
	s->conn = c;
}

static void
state_active(struct session *s)
{
	bool first_time = s->tcp_tunnels == 0;

	ev_timer_stop(daemon_.loop, &s->timer);
	if (s->state == SESSION_WAITING)
		totals.waiting--;
	session_waiting_end(s);
	if (s->state != SESSION_ACTIVE) {
		totals.active++;
		totals.tls_active++;
	}
	s->state = SESSION_ACTIVE;
	s->tcp_tunnels++;
	totals.tls_cumulative++;
	if (first_time) {
		totals.cumulative++;
		tally_.sessions_started++;
	}
	peak(totals.active + totals.waiting, &totals.peak);
	peak(totals.tls_active, &totals.tls_peak);
}

/* The parent has 1, tunnels count on from there. */
static unsigned
tunnel_id_next(const struct session *s)
{
	return 1 + s->tcp_tunnels + s->udp_tunnels + 1;
}

void
session_up(struct conn *c, enum compression compression)
{
	struct session *s = c->session;
	struct conn *old = s->conn_old;
	char ip[ADDR_STR], ip6[ADDR_STR], old_ip[ADDR_STR];
	struct addr a = session_address(s), a6 = session_address6(s);
	bool waiting = s->state == SESSION_WAITING;

	s->conn_old = NULL;
	s->tls_tunnel_id = tunnel_id_next(s);
	addr_ip_str(&s->public_addr, old_ip);
	s->public_addr = c->peer;
	s->local_addr = c->local;
	if (s->tcp_tunnels == 0) {
		asalog(109201, c, s, addr_ip_str(&a, ip), NULL, NULL, NULL);
		asalog(722051, c, s, addr_ip_str(&a, ip), s->has_lease6 ? addr_ip_str(&a6, ip6) : "::", NULL, NULL);
		asalog(722033, c, s, "TCP", NULL, NULL, NULL);
	} else {
		asalog(waiting ? 722034 : 722032, c, s, "TCP", NULL, NULL, NULL);
	}
	s->compression = compression;
	asalog(722022, c, s, "TCP", compression_text(compression), NULL, NULL);
	if (waiting)
		asalog(716059, c, s, old_ip, NULL, NULL, NULL);
	state_active(s);
	aaa_account_start(s);
	wait_wake();
	if (old == NULL)
		return;
	asalog(722028, c, s, NULL, NULL, NULL, NULL);
	conn_close(old, END_PEER_RECONNECTED);
}

void
session_dtls_up(struct conn *c, const struct suite *suite, enum suite_version version, enum compression compression)
{
	struct session *s = c->session;

	s->dtls_failures = 0;
	s->dtls_heard = true;
	tally_.dtls_up++;
	s->dtls_compression = compression;
	s->dtls_tunnel_id = tunnel_id_next(s);
	if (s->udp_tunnels++ == 0)
		asalog(722033, c, s, "UDP", NULL, NULL, NULL);
	else
		asalog(s->dtls_suite != NULL ? 722032 : 722034, c, s, "UDP", NULL, NULL, NULL);
	asalog(722022, c, s, "UDP", compression_text(compression), NULL, NULL);
	if (s->dtls_suite == NULL)
		totals.dtls_active++;
	totals.dtls_cumulative++;
	peak(totals.dtls_active, &totals.dtls_peak);
	s->dtls_suite = suite;
	s->dtls_version = version;
	wait_wake();
}

void
session_dtls_down(struct conn *c)
{
	dtls_gone(c, c->session);
}

/* A phone would try for ever: after some failures CONNECT says nothing of DTLS any more (protocol.md 4.3, rule 4). */
void
session_dtls_failed(struct conn *c, bool heard)
{
	struct session *s = c->session;

	s->dtls_heard |= heard;
	tally_.dtls_failed++;
	dtls_gone(c, s);
	if (s->dtls_refused || ++s->dtls_failures < DTLS_FAILURES_MAX)
		return;
	s->dtls_refused = true;
	log_warn("%s, session %u of %s: DTLS has failed %u times and is not offered to it again",
	    addr_ip_str(&c->peer, (char[ADDR_STR]){ 0 }), s->index, s->user, s->dtls_failures);
}

static void
forwarder_forget(struct session *s)
{
	struct ipc_fwd_session_del m = { .slot = s->slot };

	if (s->forwarder_fd < 0)
		return;
	close(s->forwarder_fd);
	s->forwarder_fd = -1;
	if (daemon_.forwarder_ready[session_home(s)])
		ipc_send(&daemon_.forwarders[session_home(s)], MSG_fwd_session_del, &m);
}

static uint32_t
waiting_limit_s(const struct session *s)
{
	return s->session_s != 0 && session_left(s) < s->idle_s ? session_left(s) : s->idle_s;
}

/* A new worker died before it answered; the data path had moved to it, so the old one is of no use. */
static void
old_close(struct session *s)
{
	if (s->conn_old != NULL)
		conn_close(s->conn_old, END_PEER_RECONNECTED);
	s->conn_old = NULL;
}

/* What is said of the connections of a tunnel that ends. */
static void
tunnel_gone(struct conn *c, struct session *s, enum end_reason reason)
{
	switch (reason) {
	case END_DPD_FAILURE:
		asalog(722037, c, s, "DPD failure", NULL, NULL, NULL);
		break;
	case END_USER_REQUESTED:
		asalog(722037, c, s, "User requested", NULL, NULL, NULL);
		break;
	case END_IDLE_TIMEOUT:
	case END_MAX_TIME:
	case END_ADMIN_RESET:
	case END_ADMIN_SHUTDOWN:
		asalog(722038, c, s, end_reason_str(reason), NULL, NULL, NULL);
		break;
	default:
		asalog(722037, c, s, "Transport closing", NULL, NULL, NULL);
		break;
	}
	dtls_gone(c, s);
	asalog(722023, c, s, "TCP", compression_text(s->compression), NULL, NULL);
}

/* The tunnel is gone, the cookie and the address stay. */
static void
session_wait(struct conn *c, struct session *s, enum end_reason reason)
{
	tunnel_gone(c, s, reason);
	asalog(716058, c, s, NULL, NULL, NULL, NULL);
	if (reason == END_DPD_FAILURE)
		s->dpd_failures++;
	forwarder_forget(s);
	if (s->state == SESSION_ACTIVE) {
		totals.active--;
		totals.tls_active--;
		totals.waiting++;
	}
	s->state = SESSION_WAITING;
	s->waiting_since = ev_now(daemon_.loop);
	session_waiting_begin(s);
	s->conn = NULL;
	old_close(s);
	s->waiting_end = waiting_limit_s(s) < s->idle_s ? END_MAX_TIME : END_IDLE_TIMEOUT;
	timer_set(s, waiting_limit_s(s));
}

/* Some AnyConnects say goodbye and come straight back (protocol.md 1.6): the goodbye counts if they do not. */
static bool
bye_waits(struct conn *c, struct session *s, enum end_reason reason)
{
	if (reason != END_USER_REQUESTED || s->bye_grace_s == 0)
		return false;
	session_wait(c, s, reason);
	s->waiting_end = reason;
	timer_set(s, s->bye_grace_s);
	return true;
}

void
session_tunnel_end(struct conn *c, enum end_reason reason)
{
	struct session *s = c->session;

	conn_belong(c, NULL, NULL);
	if (s->conn_old == c)
		s->conn_old = NULL;
	if (s->conn != c)
		return; /* replaced already, or never bound */
	if (s->state == SESSION_PENDING && s->tcp_tunnels == 0) {
		/* bound but never up: the login waits for another CONNECT */
		s->conn = NULL;
		dtls_gone(c, s);
		forwarder_forget(s);
		old_close(s);
		return;
	}
	switch (reason) {
	case END_LOST_CARRIER:
	case END_DPD_FAILURE:
	case END_TRANSPORT_CLOSING:
	case END_PROTOCOL_ERROR:
	case END_INTERNAL_ERROR:
	case END_PEER_RECONNECTED:
		session_wait(c, s, reason);
		break;
	default:
		if (bye_waits(c, s, reason))
			break;
		s->conn = NULL;
		session_finish(s, reason);
		break;
	}
}

static void
end_log(struct session *s, enum end_reason reason)
{
	struct counters n = session_counters(s);
	char duration[40], tx[24], rx[24], packets[24], drops[24], conns[12], dpds[12], ip[ADDR_STR];

	s->end_text = end_reason_str(reason);
	format_duration((long)(ev_now(daemon_.loop) - s->login_at), duration, sizeof(duration));
	snprintf(tx, sizeof(tx), "%llu", (unsigned long long)n.tx_bytes);
	snprintf(rx, sizeof(rx), "%llu", (unsigned long long)n.rx_bytes);
	snprintf(conns, sizeof(conns), "%u", s->tcp_tunnels + s->udp_tunnels);
	snprintf(dpds, sizeof(dpds), "%u", s->dpd_failures);
	asalog(722029, NULL, s, conns, dpds, NULL, NULL);
	snprintf(packets, sizeof(packets), "%llu", (unsigned long long)n.rx_packets);
	snprintf(drops, sizeof(drops), "%llu", (unsigned long long)n.rx_drops);
	asalog(722030, NULL, s, rx, packets, drops, NULL);
	snprintf(packets, sizeof(packets), "%llu", (unsigned long long)n.tx_packets);
	snprintf(drops, sizeof(drops), "%llu", (unsigned long long)n.tx_drops);
	asalog(722031, NULL, s, tx, packets, drops, NULL);
	if (s->tcp_tunnels > 0) {
		struct addr a = session_address(s);

		asalog(109210, NULL, s, addr_ip_str(&a, ip), NULL, NULL, NULL);
	}
	session_address_return(s);
	asalog(716002, NULL, s, s->end_text, NULL, NULL, NULL);
	asalog(113019, NULL, s, s->tcp_tunnels > 0 ? "SSL" : "AnyConnect-Parent", duration, tx, rx);
}

void
session_finish(struct session *s, enum end_reason reason)
{
	struct conn *c = s->conn, *old = s->conn_old;

	if (s->state == SESSION_ACTIVE) {
		tunnel_gone(c, s, reason);
		totals.active--;
		totals.tls_active--;
	} else if (s->state == SESSION_WAITING) {
		totals.waiting--;
	}
	ev_timer_stop(daemon_.loop, &s->timer);
	aaa_account_stop(s, reason);
	tally_.sessions_ended[reason] += s->tcp_tunnels > 0;
	end_log(s, reason);
	if (c != NULL)
		conn_close(c, reason);
	if (old != NULL)
		conn_close(old, END_PEER_RECONNECTED);
	conn_forget_session(s);
	forwarder_forget(s);
	wait_session_ended(s, s->end_text);
	session_unlink(s);
	mem_free(s->mem);
}

void
session_forwarder_new(unsigned forwarder)
{
	struct ipc_forwarder_new m = { 0 };

	for (struct session *s = session_first(); s != NULL; s = s->next) {
		if (s->forwarder_fd < 0 || session_home(s) != forwarder)
			continue;
		if (s->conn != NULL)
			ipc_send(&s->conn->chan, MSG_forwarder_new, &m);
		forwarder_tell(s);
	}
}
