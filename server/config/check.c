/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checks across objects: what is named must exist, pools and networks must not overlap. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "server/config/grammar.h"

static int
place_order(const void *a, const void *b)
{
	const struct config_place *x = a, *y = b;

	if (x->key != y->key)
		return (uintptr_t)x->key < (uintptr_t)y->key ? -1 : 1;
	return x->line - y->line;
}

/* Where the thing at key was last said; line 0 when unknown. */
static struct config_place
place_of(const struct config *cfg, const void *key)
{
	const struct config_tables *t = cfg->tables;
	size_t low = 0, high = t->place_count;

	while (low < high) { /* the first place behind the key's last */
		size_t mid = (low + high) / 2;

		if ((uintptr_t)t->places[mid].key <= (uintptr_t)key)
			low = mid + 1;
		else
			high = mid;
	}
	if (low > 0 && t->places[low - 1].key == key)
		return t->places[low - 1];
	return (struct config_place){ 0 };
}

#define FINDING(report, cfg, key, ...)                                                     \
	do {                                                                               \
		struct config_place at_ = place_of(cfg, key);                              \
		report_add(report, cfg, false, at_.line, at_.column, __VA_ARGS__);         \
	} while (0)

static void
check_pool_names(const struct config *cfg, struct config_report *r, char *const *names, int32_t count)
{
	for (int i = 0; i < count; i++) {
		if (config_pool(cfg, names[i]) == NULL)
			FINDING(r, cfg, &names[i], "Address pool %s does not exist", names[i]);
	}
}

static void
check_policies(const struct config *cfg, struct config_report *r)
{
	for (const struct cfg_group_policy *g = cfg->group_policies; g != NULL; g = g->next)
		check_pool_names(cfg, r, g->attrs.address_pools, g->attrs.address_pools_count);
	for (const struct cfg_tunnel_group *t = cfg->tunnel_groups; t != NULL; t = t->next) {
		check_pool_names(cfg, r, t->address_pools, t->address_pools_count);
		if (t->default_group_policy != NULL && config_group_policy(cfg, t->default_group_policy) == NULL)
			FINDING(r, cfg, &t->default_group_policy, "Group policy %s does not exist", t->default_group_policy);
	}
}

static void
check_interface_names(const struct config *cfg, struct config_report *r)
{
	for (const struct cfg_webvpn_enable *e = cfg->webvpn.enables; e != NULL; e = e->next) {
		if (config_interface(cfg, e->nameif) == NULL)
			FINDING(r, cfg, e, "Interface %s does not exist", e->nameif);
	}
	for (const struct cfg_ssl_trustpoint *t = cfg->ssl.trustpoints; t != NULL; t = t->next) {
		if (config_trustpoint(cfg, t->trustpoint) == NULL)
			FINDING(r, cfg, &t->trustpoint, "Trustpoint %s does not exist", t->trustpoint);
		if (t->nameif != NULL && config_interface(cfg, t->nameif) == NULL)
			FINDING(r, cfg, &t->nameif, "Interface %s does not exist", t->nameif);
	}
}

static int
pool_order(const void *a, const void *b)
{
	const struct cfg_pool *const *x = a, *const *y = b;

	return (*x)->first < (*y)->first ? -1 : (*x)->first > (*y)->first;
}

static void
pool_overlap(const struct config *cfg, struct config_report *r, const struct cfg_pool *a, const struct cfg_pool *b)
{
	const struct cfg_pool *later = place_of(cfg, a).line > place_of(cfg, b).line ? a : b;
	const struct cfg_pool *other = later == a ? b : a;
	char first[INET_ADDRSTRLEN], last[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &(struct in_addr){ htonl(other->first) }, first, sizeof(first));
	inet_ntop(AF_INET, &(struct in_addr){ htonl(other->last) }, last, sizeof(last));
	FINDING(r, cfg, later, "Pool %s overlaps with pool %s (%s-%s)", later->name, other->name, first, last);
}

/* Sorted by first address, a pool overlaps if it begins before the highest end so far. */
static void
check_pools(const struct config *cfg, struct config_report *r)
{
	const struct cfg_pool **sorted, *highest = NULL;
	size_t count = 0, n = 0;

	for (const struct cfg_pool *p = cfg->pools; p != NULL; p = p->next)
		count++;
	sorted = xcalloc(count, sizeof(*sorted));
	for (const struct cfg_pool *p = cfg->pools; p != NULL; p = p->next)
		sorted[n++] = p;
	qsort(sorted, count, sizeof(*sorted), pool_order);
	for (n = 0; n < count; n++) {
		if (highest != NULL && sorted[n]->first <= highest->last)
			pool_overlap(cfg, r, highest, sorted[n]);
		if (highest == NULL || sorted[n]->last > highest->last)
			highest = sorted[n];
	}
	free(sorted);
}

static bool
same_network(const struct cfg_interface *a, const struct cfg_interface *b)
{
	in_addr_t mask = a->mask.s_addr & b->mask.s_addr;

	return (a->addr.s_addr & mask) == (b->addr.s_addr & mask);
}

/* Interfaces are few: an ASA has at most about a thousand. */
static void
check_networks(const struct config *cfg, struct config_report *r)
{
	for (const struct cfg_interface *a = cfg->interfaces; a != NULL; a = a->next) {
		for (const struct cfg_interface *b = cfg->interfaces; a->has_addr && b != a; b = b->next) {
			if (!b->has_addr || !same_network(a, b))
				continue;
			FINDING(r, cfg, &a->addr, "Failed to apply IP address to interface %s, as the network overlaps with "
			    "interface %s. Two interfaces cannot be in the same subnet.", a->hw_name, b->hw_name);
			break;
		}
	}
}

int
config_check(const struct config *cfg, struct config_report *r)
{
	int errors = r->errors;

	if (cfg->tables->place_count > 0)
		qsort(cfg->tables->places, cfg->tables->place_count, sizeof(*cfg->tables->places), place_order);
	check_networks(cfg, r);
	check_pools(cfg, r);
	check_policies(cfg, r);
	check_interface_names(cfg, r);
	return r->errors == errors ? 0 : ERR_CONFIG;
}

static bool
names_hold(char *const *names, int32_t count, const char *name)
{
	for (int i = 0; i < count; i++) {
		if (strcmp(names[i], name) == 0)
			return true;
	}
	return false;
}

const char *
reference_to(const struct config *cfg, char kind, const char *name)
{
	for (const struct cfg_group_policy *g = cfg->group_policies; kind == INDEX_POOL && g != NULL; g = g->next) {
		if (names_hold(g->attrs.address_pools, g->attrs.address_pools_count, name))
			return "address-pools";
	}
	for (const struct cfg_tunnel_group *t = cfg->tunnel_groups; t != NULL; t = t->next) {
		if (kind == INDEX_POOL && names_hold(t->address_pools, t->address_pools_count, name))
			return "address-pool";
		if (kind == INDEX_POLICY && t->default_group_policy != NULL && strcmp(t->default_group_policy, name) == 0)
			return "default-group-policy";
	}
	for (const struct cfg_ssl_trustpoint *t = cfg->ssl.trustpoints; kind == INDEX_TRUSTPOINT && t != NULL; t = t->next) {
		if (strcmp(t->trustpoint, name) == 0)
			return "ssl trust-point";
	}
	return NULL;
}
