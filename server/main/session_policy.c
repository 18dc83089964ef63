/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/main/session_policy.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/log.h"
#include "common/mem.h"
#include "server/main/asalog.h"
#include "server/main/conn.h"
#include "server/main/daemon.h"
#include "server/main/session_table.h"
#include "server/main/time_range.h"

#define SPLIT_NETS_MAX  1000 /* headers of an answer, one each */
#define SPLIT_NETS6_MAX 256
#define IDLE_DEFAULT_S  1800

enum { SPLIT_INCLUDE = 1 }; /* tunnelspecified */

static const struct cfg_user *
user_of(const struct ipc_verdict *v)
{
	return v->authorized ? config_user(daemon_.config, v->user) : NULL;
}

const char *
policy_name(const struct ipc_verdict *v)
{
	const struct cfg_tunnel_group *t = config_tunnel_group(daemon_.config, v->tunnel_group);
	struct cfg_group_resolved group;

	if (config_group_policy(daemon_.config, v->group_policy) != NULL || t == NULL)
		return v->group_policy;
	config_tunnel_group_resolve(daemon_.config, t, &group);
	log_warn("user %s is given group policy %s, which does not exist: %s of tunnel-group %s counts", v->user, v->group_policy,
	    group.default_group_policy, v->tunnel_group);
	return group.default_group_policy;
}

void
policy_of_login(const struct ipc_verdict *v, struct cfg_policy_attrs *out)
{
	config_policy_resolve(daemon_.config, user_of(v), v->group_policy, out);
	if (v->filter[0] != '\0')
		out->vpn_filter = (char *)(uintptr_t)v->filter;
}

static bool
named(const char *s)
{
	return s != NULL && s[0] != '\0';
}

/* "vpn-access-hours": a range that does not exist allows nobody, rather than everybody. */
static bool
hours_allow(const struct cfg_policy_attrs *p)
{
	const struct cfg_time_range *r;
	time_t now = time(NULL);
	struct tm tm;

	if (!named(p->vpn_access_hours))
		return true;
	r = config_time_range(daemon_.config, p->vpn_access_hours);
	return r != NULL && time_range_holds(r, localtime_r(&now, &tm));
}

const char *
policy_refuses(struct conn *c, const struct ipc_verdict *v, const struct cfg_policy_attrs *p)
{
	if (named(p->group_lock) && strcmp(p->group_lock, v->tunnel_group) != 0) {
		asalog(113040, c, NULL, v->group_policy, v->user, v->tunnel_group, p->group_lock);
		return "This connection is group locked";
	}
	if ((p->vpn_tunnel_protocol & PROTO_SSL_CLIENT) == 0) {
		asalog(716006, c, NULL, v->group_policy, v->user, NULL, NULL);
		asalog(722050, c, NULL, v->group_policy, v->user, NULL, NULL);
		return "Login denied, unauthorized connection mechanism";
	}
	if (!hours_allow(p)) {
		log_info("user %s may not connect now: vpn-access-hours %s of group policy %s", v->user, p->vpn_access_hours,
		    v->group_policy);
		return "Login denied, outside of the access hours";
	}
	if (p->vpn_simultaneous_logins == 0) {
		asalog(113038, c, NULL, v->group_policy, v->user, NULL, NULL);
		return "Login denied, no logins are allowed";
	}
	return NULL;
}

void
policy_parameters_log(const struct conn *c, const struct session *s, const struct ipc_verdict *said)
{
	static const char *const names[AAA_PARAMETERS_COUNT] = {
#define R(name, text) [AAA_PARAMETER_##name] = text,
		AAA_PARAMETERS(R)
#undef R
	};
	uint32_t invalid = said->invalid;

	if (config_group_policy(daemon_.config, said->group_policy) == NULL)
		invalid |= 1u << AAA_PARAMETER_GROUP_POLICY;
	if (said->filter[0] != '\0' && config_acl(daemon_.config, said->filter) == NULL)
		invalid |= 1u << AAA_PARAMETER_FILTER;
	for (unsigned i = 0; i < AAA_PARAMETERS_COUNT; i++) {
		if (invalid >> i & 1)
			asalog(113036, c, s, names[i], NULL, NULL, NULL);
	}
}

static bool
is_network(const struct cfg_acl_rule *r, bool ip6)
{
	return r->kind != ACL_REMARK && r->permit && !r->inactive && r->src.match == ACL_NET && r->src.ip6 == ip6;
}

static bool
all_zero(const uint8_t *p, size_t n)
{
	while (n > 0 && p[n - 1] == 0)
		n--;
	return n == 0;
}

/* A list that permits all of a family: no network is named then, which means the same (protocol.md 1.7). */
static bool
split_is_all(const struct cfg_acl *acl, bool ip6)
{
	for (const struct cfg_acl_rule *r = acl->rules; r != NULL; r = r->next) {
		if (r->kind != ACL_REMARK && r->permit && !r->inactive &&
		    (r->src.match == ACL_ANY || r->src.match == (ip6 ? ACL_ANY6 : ACL_ANY4) ||
		        (is_network(r, ip6) && all_zero(r->src.mask, ip6 ? 16 : 4))))
			return true;
	}
	return false;
}

/* The networks that an access-list permits: of a standard one, or the source of an extended one. */
static void
split_keep(struct session *s)
{
	const char *name = s->policy.split_tunnel_network_list;
	const struct cfg_acl *acl = named(name) ? config_acl(daemon_.config, name) : NULL;
	uint32_t n = 0;

	if (s->policy.split_tunnel_policy == 0 || acl == NULL || (s->policy.split_tunnel_policy == SPLIT_INCLUDE && split_is_all(acl, false)))
		return;
	s->split_nets = mem_alloc(s->mem, SPLIT_NETS_MAX * 8);
	for (const struct cfg_acl_rule *r = acl->rules; r != NULL && n < SPLIT_NETS_MAX; r = r->next) {
		if (!is_network(r, false))
			continue;
		memcpy(s->split_nets + 8 * n, r->src.addr, 4);
		memcpy(s->split_nets + 8 * n + 4, r->src.mask, 4);
		n++;
	}
	s->split_bytes = 8 * n;
}

/* The list's IPv6 networks: those that a list of both families has (asa-reference 1.4). */
static void
split6_keep(struct session *s)
{
	const char *name = s->policy.split_tunnel_network_list;
	const struct cfg_acl *acl = named(name) ? config_acl(daemon_.config, name) : NULL;
	uint32_t n = 0;

	if (s->policy.ipv6_split_tunnel_policy <= 0 || acl == NULL || (s->policy.ipv6_split_tunnel_policy == SPLIT_INCLUDE && split_is_all(acl, true)))
		return;
	s->split_nets6 = mem_alloc(s->mem, SPLIT_NETS6_MAX * 17);
	for (const struct cfg_acl_rule *r = acl->rules; r != NULL && n < SPLIT_NETS6_MAX; r = r->next) {
		uint8_t *at = s->split_nets6 + 17 * n;

		if (!is_network(r, true))
			continue;
		memcpy(at, r->src.addr, 16);
		at[16] = 0;
		for (int i = 0; i < 16; i++)
			at[16] += (uint8_t)__builtin_popcount(r->src.mask[i]);
		n++;
	}
	s->split6_bytes = 17 * n;
}

/* A user's own address: the AAA server's word, else his record's. */
static void
framed_keep(struct session *s, const struct ipc_verdict *v)
{
	const struct cfg_user *user = user_of(v);

	if (daemon_.config->addr_assign.no_aaa)
		return;
	if (v->framed_ip != 0) {
		s->has_framed_ip = true;
		s->framed_ip = v->framed_ip;
		s->framed_mask = v->framed_mask != 0 ? v->framed_mask : 0xffffffffu;
	} else if (user != NULL && user->has_framed_ip) {
		s->has_framed_ip = true;
		s->framed_ip = ntohl(user->framed_ip.s_addr);
		s->framed_mask = ntohl(user->framed_mask.s_addr);
	}
}

/* What the AAA server says is in seconds, a policy in minutes. */
static uint32_t
limit_s(uint32_t said_s, int32_t policy_min, uint32_t otherwise_s)
{
	if (said_s > 0)
		return said_s;
	return policy_min > 0 ? (uint32_t)policy_min * 60 : otherwise_s;
}

void
policy_keep(struct session *s, const struct ipc_verdict *v, const struct cfg_policy_attrs *from)
{
	int32_t default_idle = daemon_.config->webvpn.default_idle_s;
	struct cfg_policy_attrs *p = &s->policy;
	char **const strings[] = {
		&p->default_domain, &p->banner, &p->split_dns, &p->group_lock, &p->vpn_filter, &p->ipv6_vpn_filter,
		&p->vpn_access_hours, &p->split_tunnel_network_list, &p->gateway_fqdn, &p->dhcp_network_scope, &p->ask, &p->modules,
		&p->password_storage,
	};

	*p = *from;
	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
		*strings[i] = mem_strdup(s->mem, *strings[i]);
	for (int i = 0; i < CONFIG_MAX_POOLS; i++) {
		p->address_pools[i] = mem_strdup(s->mem, p->address_pools[i]);
		p->ipv6_address_pools[i] = mem_strdup(s->mem, p->ipv6_address_pools[i]);
	}
	s->idle_s = limit_s(v->idle_timeout_s, p->vpn_idle_timeout, default_idle > 0 ? (uint32_t)default_idle : IDLE_DEFAULT_S);
	s->session_s = limit_s(v->session_timeout_s, p->vpn_session_timeout, 0);
	split_keep(s);
	split6_keep(s);
	framed_keep(s, v);
}

/* ---- the limit of all ---- */

bool
policy_has_room(struct conn *c, const struct ipc_verdict *v)
{
	int32_t limit = daemon_.config->session_limit;
	struct session *old;
	char text[12];

	if (limit < 0 || session_count() < (unsigned)limit)
		return true;
	if ((old = session_waiting_longest()) != NULL) {
		asalog(716060, NULL, old, NULL, NULL, NULL, NULL);
		session_finish(old, END_PREEMPTED);
		return true;
	}
	snprintf(text, sizeof(text), "%d", limit);
	asalog(113029, c, NULL, v->group_policy, v->user, text, NULL);
	return false;
}

/* ---- others of the same user ---- */

/* When an active one last had a packet, loop time; none yet: its login. */
static double
active_at(const struct session *s)
{
	const volatile struct counters *n = &daemon_.counters[s->slot];
	double packet = (double)n->active_ms / 1000;

	return packet > s->login_at ? packet : s->login_at;
}

/* Should a, which is active, go rather than b: the longest idle, then the oldest (asa-reference 4.5). */
static bool
goes_first(const struct session *a, const struct session *b)
{
	double a_idle = active_at(a), b_idle = active_at(b);

	return a_idle < b_idle || (!(b_idle < a_idle) && a->login_at < b->login_at);
}

/* Who waits goes before who does not. The walk is no longer than a user may have sessions, and one. */
static struct session *
victim(const struct session *newest)
{
	struct session *worst = TAILQ_FIRST(&newest->of_user->waiting), *s;

	if (worst != NULL)
		return worst;
	TAILQ_FOREACH(s, &newest->of_user->sessions, user_link) {
		if (s != newest && (worst == NULL || goes_first(s, worst)))
			worst = s;
	}
	return worst;
}

static void
waiting_replace(struct session *newest)
{
	struct session *old = TAILQ_FIRST(&newest->of_user->waiting);

	if ((newest->authentication & AUTH_CERTIFICATE) == 0 || old == NULL)
		return;
	if (old->has_lease && !newest->has_framed_ip) { /* the phone is the same, its address too */
		newest->lease = old->lease;
		newest->has_lease = true;
		old->has_lease = false;
	}
	if (old->has_lease6) {
		newest->lease6 = old->lease6;
		newest->has_lease6 = true;
		old->has_lease6 = false;
	}
	session_finish(old, END_PREEMPTED);
}

void
policy_make_room(struct session *s)
{
	struct session *old;

	waiting_replace(s);
	while (s->policy.vpn_simultaneous_logins > 0 && s->of_user->count > (unsigned)s->policy.vpn_simultaneous_logins &&
	    (old = victim(s)) != NULL)
		session_finish(old, END_PREEMPTED);
}
