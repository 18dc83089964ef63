/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/main/tun.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/route.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/ipc_msgs.h"
#include "common/log.h"
#include "common/mem.h"
#include "server/config/model.h"

#define TUN_MTU 1500
#ifndef TUN_F_USO4 /* younger than Debian's headers: Linux 6.2 */
#define TUN_F_USO4 0x20
#define TUN_F_USO6 0x40
#endif
/* The device's own address: link-local, so that it can never be one of a pool or of a site. */
#define TUN_ADDRESS 0xA9FE1101u /* 169.254.17.1 */
#define PREFIXES_MAX 64

typedef unsigned __int128 ip_number; /* an address of either family, as a number */

struct prefix {
	int family; /* AF_ */
	ip_number net;
	unsigned len;
	bool there; /* the route exists */
};

int
tun_open(const char *name, bool again)
{
	struct ifreq ifr = { 0 };
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		fatal("/dev/net/tun: %s; load the tun module, or set data_path = \"echo\" in offhookd.conf", strerror(errno));
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	/* what cannot be added to a device later is asked for now (design: the data path) */
	ifr.ifr_flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR | IFF_MULTI_QUEUE;
	if (ioctl(fd, TUNSETIFF, &ifr) == 0)
		return fd;
	if (errno == EINVAL && !again) { /* a persistent device made without multi_queue */
		ifr.ifr_flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR;
		if (ioctl(fd, TUNSETIFF, &ifr) == 0)
			return fd;
	}
	if (again)
		fatal("TUN device %s: %s; forwarders above 1 need one with as many queues (ip tuntap add ... multi_queue)",
		    name, strerror(errno));
	if (errno == EPERM)
		fatal("TUN device %s: %s; run as root or with CAP_NET_ADMIN, or give this user a device "
		    "(ip tuntap add %s mode tun user NAME multi_queue vnet_hdr), or set data_path = \"echo\" in offhookd.conf",
		    name, strerror(errno), name);
	fatal("TUN device %s: %s", name, strerror(errno));
}

unsigned
tun_offload(int fd, bool wanted)
{
	const unsigned tcp = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN, udp = TUN_F_USO4 | TUN_F_USO6;

	if (wanted && ioctl(fd, TUNSETOFFLOAD, tcp | udp) == 0)
		return TUN_OFFLOAD_TCP | TUN_OFFLOAD_UDP;
	if (wanted && ioctl(fd, TUNSETOFFLOAD, tcp) == 0)
		return TUN_OFFLOAD_TCP;
	ioctl(fd, TUNSETOFFLOAD, 0); /* a persistent device may have been another's */
	return 0;
}

static unsigned
bits_of(int family)
{
	return family == AF_INET ? 32 : 128;
}

/* The fewest prefixes that are exactly the range. */
static size_t
range_prefixes(int family, ip_number first, ip_number last, struct prefix *out)
{
	size_t n = 0;

	for (ip_number at = first; n < PREFIXES_MAX; at += (ip_number)1 << (bits_of(family) - out[n++].len)) {
		unsigned bits = 0;

		if (n > 0 && (at == 0 || at > last))
			break;
		while (bits < bits_of(family) && (at >> bits & 1) == 0 && last - at >= ((ip_number)2 << bits) - 1)
			bits++;
		out[n] = (struct prefix){ .family = family, .net = at, .len = bits_of(family) - bits };
	}
	return n;
}

/* The whole network of the mask when the range is all its hosts. */
static size_t
pool_prefixes(const struct cfg_pool *pool, struct prefix *out)
{
	uint32_t net = pool->first & pool->mask, broadcast = net | ~pool->mask;

	if (pool->first > net + 1 || pool->last < broadcast - 1 || pool->last > broadcast)
		return range_prefixes(AF_INET, pool->first, pool->last, out);
	out[0] = (struct prefix){ .family = AF_INET, .net = net, .len = (unsigned)__builtin_popcount(pool->mask) };
	return 1;
}

static ip_number
number_of(const uint8_t *bytes, size_t len)
{
	ip_number n = 0;

	for (size_t i = 0; i < len; i++)
		n = n << 8 | bytes[i];
	return n;
}

static struct nl_addr *
address_make(int family, ip_number ip, unsigned len)
{
	uint8_t bytes[16];
	size_t size = bits_of(family) / 8;
	struct nl_addr *a;

	for (size_t i = size; i-- > 0; ip >>= 8)
		bytes[i] = (uint8_t)ip;
	a = nl_addr_build(family, bytes, size);
	if (a != NULL)
		nl_addr_set_prefixlen(a, (int)len);
	return a;
}

static void
link_up(struct nl_sock *sock, int ifindex, const char *name)
{
	struct rtnl_link *change = rtnl_link_alloc(), *find = rtnl_link_alloc();
	int r;

	rtnl_link_set_ifindex(find, ifindex);
	rtnl_link_set_mtu(change, TUN_MTU);
	rtnl_link_set_flags(change, IFF_UP);
	r = rtnl_link_change(sock, find, change, 0);
	if (r < 0)
		log_warn("%s: cannot bring it up: %s", name, nl_geterror(r));
	rtnl_link_put(find);
	rtnl_link_put(change);
}

static void
address_add(struct nl_sock *sock, int ifindex, const char *name)
{
	struct rtnl_addr *addr = rtnl_addr_alloc();
	struct nl_addr *local = address_make(AF_INET, TUN_ADDRESS, 32);
	int r;

	rtnl_addr_set_ifindex(addr, ifindex);
	rtnl_addr_set_local(addr, local);
	rtnl_addr_set_scope(addr, RT_SCOPE_LINK);
	r = rtnl_addr_add(sock, addr, 0);
	if (r < 0 && r != -NLE_EXIST)
		log_warn("%s: cannot set its address: %s", name, nl_geterror(r));
	nl_addr_put(local);
	rtnl_addr_put(addr);
}

static struct rtnl_route *
route_make(int ifindex, const struct prefix *p, uint32_t source)
{
	struct rtnl_route *route = rtnl_route_alloc();
	struct rtnl_nexthop *hop = rtnl_route_nh_alloc();
	struct nl_addr *dst = address_make(p->family, p->net, p->len), *src = NULL;

	if (p->family == AF_INET && source != 0)
		src = address_make(AF_INET, source, 32);
	rtnl_route_set_dst(route, dst);
	rtnl_route_set_scope(route, p->family == AF_INET ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE);
	rtnl_route_set_protocol(route, RTPROT_STATIC);
	if (src != NULL)
		rtnl_route_set_pref_src(route, src);
	rtnl_route_nh_set_ifindex(hop, ifindex);
	rtnl_route_add_nexthop(route, hop);
	if (src != NULL)
		nl_addr_put(src);
	nl_addr_put(dst);
	return route;
}

static void
route_add(struct nl_sock *sock, int ifindex, const struct prefix *p, uint32_t source)
{
	struct rtnl_route *route = route_make(ifindex, p, source);
	char text[64];
	int r;

	/* never in place of another's: a pool may be the very network of an interface */
	r = rtnl_route_add(sock, route, NLM_F_EXCL);
	if (r < 0)
		log_err("cannot route %s to the TUN device: %s", nl_addr2str(rtnl_route_get_dst(route), text, sizeof(text)),
		    r == -NLE_EXIST ? "this host has another route to it" : nl_geterror(r));
	rtnl_route_put(route);
}

/* 0 for none */
static ip_number
address_number(struct nl_addr *a)
{
	return a == NULL ? 0 : number_of(nl_addr_get_binary_addr(a), nl_addr_get_len(a));
}

/* Is it one that route_add() made. */
static bool
route_is_ours(struct rtnl_route *route, int ifindex)
{
	return rtnl_route_get_nnexthops(route) == 1 &&
	    rtnl_route_nh_get_ifindex(rtnl_route_nexthop_n(route, 0)) == ifindex &&
	    rtnl_route_get_protocol(route) == RTPROT_STATIC && rtnl_route_get_table(route) == RT_TABLE_MAIN;
}

/* Note wanted prefixes that have their route already; remove routes of ours that nobody wants. */
static void
routes_sweep(struct nl_sock *sock, int ifindex, int family, struct prefix *wanted, size_t count, uint32_t source)
{
	struct nl_cache *cache;

	if (rtnl_route_alloc_cache(sock, family, 0, &cache) < 0)
		return;
	for (struct nl_object *o = nl_cache_get_first(cache); o != NULL; o = nl_cache_get_next(o)) {
		struct rtnl_route *route = (struct rtnl_route *)o;
		struct nl_addr *dst = rtnl_route_get_dst(route);
		bool keep = false, same = family != AF_INET || address_number(rtnl_route_get_pref_src(route)) == source;

		if (!route_is_ours(route, ifindex))
			continue;
		for (size_t i = 0; i < count && same; i++) {
			if (wanted[i].family == family && wanted[i].net == address_number(dst) &&
			    wanted[i].len == nl_addr_get_prefixlen(dst))
				keep = wanted[i].there = true;
		}
		if (!keep)
			rtnl_route_delete(sock, route, 0);
	}
	nl_cache_free(cache);
}

/*
 * The address this host speaks to clients from: the highest-security
 * interface's, if this host has it.
 */
static uint32_t
inside_address(struct nl_sock *sock, const struct config *cfg)
{
	const struct cfg_interface *best = NULL;
	struct nl_cache *cache;
	bool here = false;

	for (const struct cfg_interface *i = cfg->interfaces; i != NULL; i = i->next) {
		int32_t level = i->security_level == SETTING_UNSET ? 0 : i->security_level;
		int32_t best_level = best == NULL || best->security_level == SETTING_UNSET ? 0 : best->security_level;

		if (i->has_addr && i->nameif != NULL && (best == NULL || level > best_level || strcmp(i->nameif, "inside") == 0))
			best = i;
	}
	if (best == NULL || rtnl_addr_alloc_cache(sock, &cache) < 0)
		return 0;
	for (struct nl_object *o = nl_cache_get_first(cache); o != NULL && !here; o = nl_cache_get_next(o)) {
		struct nl_addr *local = rtnl_addr_get_local((struct rtnl_addr *)o);

		here = local != NULL && nl_addr_get_len(local) == 4 && memcmp(nl_addr_get_binary_addr(local), &best->addr, 4) == 0;
	}
	nl_cache_free(cache);
	return here ? ntohl(best->addr.s_addr) : 0;
}

static bool
prefixes_hold(const struct prefix *list, size_t n, uint32_t ip)
{
	for (size_t i = 0; i < n; i++) {
		if (((ip ^ (uint32_t)list[i].net) & (uint32_t)(0xffffffffULL << (32 - list[i].len))) == 0)
			return true;
	}
	return false;
}

/* IPv4 of the configuration: pools, and users' own addresses that are in none. */
static size_t
config_prefixes(const struct config *cfg, struct prefix **out)
{
	size_t n = 0;

	*out = NULL;
	for (const struct cfg_pool *p = cfg->pools; p != NULL; p = p->next) {
		*out = xrealloc(*out, (n + PREFIXES_MAX) * sizeof(**out));
		n += pool_prefixes(p, *out + n);
	}
	for (const struct cfg_user *u = cfg->users; u != NULL; u = u->next) {
		if (!u->has_framed_ip || prefixes_hold(*out, n, ntohl(u->framed_ip.s_addr)))
			continue;
		*out = xrealloc(*out, (n + 1) * sizeof(**out));
		(*out)[n++] = (struct prefix){ .family = AF_INET, .net = ntohl(u->framed_ip.s_addr), .len = 32 };
	}
	return n;
}

static struct host { /* an address of a session that an AAA server has named */
	struct host *next;
	uint32_t ip;
} *hosts;

static size_t
all_prefixes(const struct config *cfg, struct prefix **out)
{
	size_t n = config_prefixes(cfg, out);

	for (const struct host *h = hosts; h != NULL; h = h->next) {
		if (prefixes_hold(*out, n, h->ip))
			continue;
		*out = xrealloc(*out, (n + 1) * sizeof(**out));
		(*out)[n++] = (struct prefix){ .family = AF_INET, .net = h->ip, .len = 32 };
	}
	for (const struct cfg_ipv6_pool *p = cfg->ipv6_pools; p != NULL; p = p->next) {
		ip_number first = number_of(p->first.s6_addr, 16);

		*out = xrealloc(*out, (n + PREFIXES_MAX) * sizeof(**out));
		n += range_prefixes(AF_INET6, first, first + (unsigned)p->count - 1, *out + n);
	}
	return n;
}

/* A socket and the device's index; false, and the log says why. */
static bool
link_find(const char *name, struct nl_sock **sock, int *ifindex)
{
	struct nl_cache *links;

	*sock = nl_socket_alloc();
	if (*sock == NULL || nl_connect(*sock, NETLINK_ROUTE) < 0 || rtnl_link_alloc_cache(*sock, AF_UNSPEC, &links) < 0) {
		log_err("netlink is not to be had: no address and routes for %s", name);
		nl_socket_free(*sock);
		return false;
	}
	*ifindex = rtnl_link_name2i(links, name);
	nl_cache_free(links);
	if (*ifindex != 0)
		return true;
	log_err("TUN device %s is gone", name);
	nl_socket_free(*sock);
	return false;
}

void
tun_configure(const char *name, const struct config *cfg)
{
	struct prefix *prefixes;
	struct nl_sock *sock;
	uint32_t source;
	size_t n;
	int ifindex;

	if (!link_find(name, &sock, &ifindex))
		return;
	source = inside_address(sock, cfg);
	n = all_prefixes(cfg, &prefixes);
	link_up(sock, ifindex, name);
	address_add(sock, ifindex, name);
	routes_sweep(sock, ifindex, AF_INET, prefixes, n, source);
	routes_sweep(sock, ifindex, AF_INET6, prefixes, n, source);
	for (size_t i = 0; i < n; i++) {
		if (!prefixes[i].there)
			route_add(sock, ifindex, &prefixes[i], source);
	}
	free(prefixes);
	nl_socket_free(sock);
}

static bool
config_routes(const struct config *cfg, uint32_t ip)
{
	struct prefix *prefixes;
	size_t n = config_prefixes(cfg, &prefixes);
	bool holds = prefixes_hold(prefixes, n, ip);

	free(prefixes);
	return holds;
}

void
tun_host_add(const char *name, const struct config *cfg, uint32_t ip)
{
	struct prefix p = { .family = AF_INET, .net = ip, .len = 32 };
	struct host *h = xcalloc(1, sizeof(*h));
	struct nl_sock *sock;
	int ifindex;

	h->ip = ip;
	h->next = hosts;
	hosts = h;
	if (config_routes(cfg, ip) || !link_find(name, &sock, &ifindex))
		return;
	route_add(sock, ifindex, &p, inside_address(sock, cfg));
	nl_socket_free(sock);
}

void
tun_host_remove(const char *name, const struct config *cfg, uint32_t ip)
{
	struct prefix p = { .family = AF_INET, .net = ip, .len = 32 };
	struct host **at = &hosts, *h;
	struct rtnl_route *route;
	struct nl_sock *sock;
	int ifindex;

	while (*at != NULL && (*at)->ip != ip)
		at = &(*at)->next;
	if ((h = *at) == NULL)
		return;
	*at = h->next;
	free(h);
	if (config_routes(cfg, ip) || !link_find(name, &sock, &ifindex))
		return;
	route = route_make(ifindex, &p, 0);
	rtnl_route_delete(sock, route, 0);
	rtnl_route_put(route);
	nl_socket_free(sock);
}

static bool
is_off(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char c = '1';

	if (fd < 0)
		return false;
	(void)!read(fd, &c, 1);
	close(fd);
	return c == '0';
}

void
tun_check_forwarding(const struct config *cfg)
{
	if (is_off("/proc/sys/net/ipv4/ip_forward"))
		log_warn("IP forwarding is off: phones reach this host only (sysctl -w net.ipv4.ip_forward=1)");
	if (cfg->ipv6_pools != NULL && is_off("/proc/sys/net/ipv6/conf/all/forwarding"))
		log_warn("IPv6 forwarding is off: clients reach this host only (sysctl -w net.ipv6.conf.all.forwarding=1)");
}
