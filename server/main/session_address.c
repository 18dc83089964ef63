/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/main/session_address.h"

#include <arpa/inet.h>
#include <string.h>

#include "server/main/asalog.h"
#include "server/main/daemon.h"
#include "server/main/filter.h"
#include "server/main/lease.h"
#include "server/main/tun.h"

struct addr
session_address(const struct session *s)
{
	return addr_from_ip4((struct in_addr){ htonl(s->lease.ip) }, 0);
}

struct addr
session_address6(const struct session *s)
{
	struct addr a = { .family = s->has_lease6 ? 6 : 0 };

	if (s->has_lease6)
		memcpy(a.ip, &s->lease6.ip, sizeof(a.ip));
	return a;
}

static void
lease_from(struct session *s, char *const *pools, int32_t n)
{
	for (int32_t i = 0; i < n && !s->has_lease && !daemon_.config->addr_assign.no_local; i++) {
		const struct cfg_pool *pool = config_pool(daemon_.config, pools[i]);

		s->has_lease = pool != NULL && lease_take(pool, s->user, ev_now(daemon_.loop), &s->lease) == 0;
	}
}

static void
lease6_from(struct session *s, char *const *pools, int32_t n)
{
	for (int32_t i = 0; i < n && !s->has_lease6 && !daemon_.config->addr_assign.no_local6; i++) {
		const struct cfg_ipv6_pool *pool = config_ipv6_pool(daemon_.config, pools[i]);

		s->has_lease6 = pool != NULL && lease6_take(pool, s->user, ev_now(daemon_.loop), &s->lease6) == 0;
	}
}

static void
lease_log_failed(const struct session *s)
{
	static const unsigned numbers[] = { 737007, 737019, 737012, 722020 };

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		asalog(numbers[i], NULL, s, NULL, NULL, NULL, NULL);
}

static void
lease_log_got(const struct session *s, const char *pool, const struct addr *a)
{
	char ip[ADDR_STR];

	addr_ip_str(a, ip);
	asalog(737200, NULL, s, pool, ip, NULL, NULL);
	asalog(737006, NULL, s, NULL, NULL, NULL, NULL);
	asalog(737026, NULL, s, pool, ip, NULL, NULL);
}

/* ip: one of the pool, or of none (""); known: it was given out. */
static void
lease_log_back(const struct session *s, bool known, const char *pool, const char *ip)
{
	asalog(known ? 737016 : 737013, NULL, s, pool, ip, NULL, NULL);
	if (known && pool[0] != '\0')
		asalog(737201, NULL, s, pool, ip, NULL, NULL);
}

/* Is it a user's own, of no pool. */
static bool
lease_needs_route(const struct session *s)
{
	return s->has_lease && s->lease.pool[0] == '\0' && daemon_.tun_fds[0] >= 0;
}

/* A user's own address; when another session has it, the pools serve. */
static bool
lease_fixed(struct session *s)
{
	struct addr a = addr_from_ip4((struct in_addr){ htonl(s->framed_ip) }, 0);
	char ip[ADDR_STR];

	if (!s->has_framed_ip)
		return false;
	if (lease_take_fixed(s->framed_ip, s->framed_mask, &s->lease) != 0) {
		asalog(737033, NULL, s, addr_ip_str(&a, ip), NULL, NULL, NULL);
		return false;
	}
	s->has_lease = true;
	if (lease_needs_route(s))
		tun_host_add(daemon_.host.tun_device, daemon_.config, s->lease.ip);
	return true;
}

static bool
address4_get(struct session *s, const struct cfg_group_resolved *group)
{
	struct addr a;

	if (s->has_lease || lease_fixed(s))
		return true;
	if (s->policy.address_pools_count > 0)
		lease_from(s, s->policy.address_pools, s->policy.address_pools_count);
	else
		lease_from(s, group->address_pools, group->address_pools_count);
	if (!s->has_lease) {
		lease_log_failed(s);
		return false;
	}
	a = session_address(s);
	lease_log_got(s, s->lease.pool, &a);
	return true;
}

/* Without one the session has IPv4 only. */
static void
address6_get(struct session *s, const struct cfg_group_resolved *group)
{
	bool own = s->policy.ipv6_address_pools_count > 0;
	int count = own ? s->policy.ipv6_address_pools_count : group->ipv6_address_pools_count;
	struct addr a;

	if (!s->ip6_capable || s->has_lease6 || count == 0)
		return;
	lease6_from(s, own ? s->policy.ipv6_address_pools : group->ipv6_address_pools, count);
	if (s->has_lease6) {
		a = session_address6(s);
		lease_log_got(s, s->lease6.pool, &a);
	} else {
		asalog(722041, NULL, s, NULL, NULL, NULL, NULL);
	}
}

bool
session_address_get(struct session *s)
{
	const struct cfg_tunnel_group *tg = config_tunnel_group(daemon_.config, s->tunnel_group);
	struct cfg_group_resolved group = { 0 };

	if (tg != NULL)
		config_tunnel_group_resolve(daemon_.config, tg, &group);
	if (!address4_get(s, &group))
		return false;
	address6_get(s, &group);
	return true;
}

static bool
named(const char *name)
{
	return name != NULL && name[0] != '\0';
}

bool
session_filter_get(struct session *s)
{
	const char *acl = s->policy.vpn_filter, *acl6 = named(s->policy.ipv6_vpn_filter) ? s->policy.ipv6_vpn_filter : acl;

	if (named(acl) && !s->filtered && !(s->filtered = filter_add(acl, s->lease.ip)))
		return false;
	if (named(acl6) && s->has_lease6 && !s->filtered6)
		s->filtered6 = filter6_add(acl6, &s->lease6.ip);
	return s->filtered6 || !named(acl6) || !s->has_lease6;
}

void
session_address_return(struct session *s)
{
	struct addr a = session_address(s), a6 = session_address6(s);
	double now = ev_now(daemon_.loop);
	char ip[ADDR_STR];

	if (s->filtered)
		filter_remove(s->lease.ip);
	if (s->filtered6)
		filter6_remove(&s->lease6.ip);
	if (lease_needs_route(s))
		tun_host_remove(daemon_.host.tun_device, daemon_.config, s->lease.ip);
	if (s->has_lease)
		lease_log_back(s, lease_return(&s->lease, now), s->lease.pool, addr_ip_str(&a, ip));
	if (s->has_lease6)
		lease_log_back(s, lease6_return(&s->lease6, now), s->lease6.pool, addr_ip_str(&a6, ip));
	s->filtered = s->filtered6 = s->has_lease = s->has_lease6 = false;
}
