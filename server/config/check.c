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

struct config_place
check_place(const struct config *cfg, const void *key)
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

static int
pool_order(const void *a, const void *b)
{
	const struct cfg_pool *const *x = a, *const *y = b;

	return (*x)->first < (*y)->first ? -1 : (*x)->first > (*y)->first;
}

static void
pool_overlap(const struct config *cfg, struct config_report *r, const struct cfg_pool *a, const struct cfg_pool *b)
{
	const struct cfg_pool *later = check_place(cfg, a).line > check_place(cfg, b).line ? a : b;
	const struct cfg_pool *other = later == a ? b : a;
	char first[INET_ADDRSTRLEN], last[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &(struct in_addr){ htonl(other->first) }, first, sizeof(first));
	inet_ntop(AF_INET, &(struct in_addr){ htonl(other->last) }, last, sizeof(last));
	FINDING(r, cfg, false, later, "Pool %s overlaps with pool %s (%s-%s)", later->name, other->name, first, last);
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
			FINDING(r, cfg, false, &a->addr, "Failed to apply IP address to interface %s, as the network overlaps with "
			    "interface %s. Two interfaces cannot be in the same subnet.", a->hw_name, b->hw_name);
			break;
		}
	}
}

/* --- object-groups must not hold themselves ------------------------------------------ */

#define NESTING_MAX 200

enum { MARK_NEW, MARK_OPEN, MARK_DONE };

static void
group_walk(const struct config *cfg, struct config_report *r, struct cfg_object *o, int depth)
{
	o->mark = MARK_OPEN;
	for (const struct cfg_kept *k = o->kept.first; k != NULL; k = k->next) {
		struct cfg_object *inner;

		if (k->refs[0].kind != INDEX_OBJECT || strncmp(k->line, "group-object ", 13) != 0)
			continue;
		inner = index_get(&cfg->tables->index, INDEX_OBJECT, k->refs[0].name);
		if (inner == NULL || inner->mark == MARK_DONE)
			continue;
		if (inner->mark != MARK_OPEN && depth == NESTING_MAX)
			FINDING(r, cfg, false, &k->refs[0], "object-groups are nested more than %d deep", NESTING_MAX);
		else if (inner->mark == MARK_OPEN)
			FINDING(r, cfg, false, &k->refs[0], "object-group (%s) would hold itself by way of %s", o->name,
			    inner->name);
		else
			group_walk(cfg, r, inner, depth + 1);
	}
	o->mark = MARK_DONE;
}

static void
check_groups(const struct config *cfg, struct config_report *r)
{
	for (struct cfg_object *o = cfg->objects; o != NULL; o = o->next)
		o->mark = MARK_NEW;
	for (struct cfg_object *o = cfg->objects; o != NULL; o = o->next) {
		if (o->group && o->mark == MARK_NEW)
			group_walk(cfg, r, o, 0);
	}
}

/* --- what else can be wrong ------------------------------------------------------------ */

static void
check_group_maps(const struct config *cfg, struct config_report *r)
{
	for (const struct cfg_group_map *g = cfg->webvpn.group_maps; g != NULL; g = g->next) {
		if (index_get(&cfg->tables->index, INDEX_CERT_MAP_NAME, g->map) != NULL &&
		    config_cert_map(cfg, g->map, g->seq) == NULL)
			FINDING(r, cfg, false, &g->map, "Certificate map %s %d does not exist", g->map, g->seq);
	}
}

static bool
log_list_exists(const struct cfg_logging *l, const char *name)
{
	for (const struct cfg_log_rule *rule = l->lists; rule != NULL; rule = rule->next) {
		if (strcmp(rule->list, name) == 0)
			return true;
	}
	return false;
}

static void
check_logging(const struct config *cfg, struct config_report *r)
{
	for (size_t i = 0; i < LOG_DESTINATIONS; i++) {
		const struct cfg_log_filter *f = &cfg->logging.to[i];

		if (f->list != NULL && !log_list_exists(&cfg->logging, f->list))
			FINDING(r, cfg, false, &f->list, "logging list %s does not exist", f->list);
	}
}

static void
check_users(const struct config *cfg, struct config_report *r)
{
	for (const struct cfg_user *u = cfg->users; u != NULL; u = u->next) {
		if (u->password_kind == PASSWORD_UNSET)
			FINDING(r, cfg, true, u, "username %s has no password", u->name);
	}
}

/* What a tunnel-group asks for and does not get. */
static void
check_tunnel_groups(const struct config *cfg, struct config_report *r)
{
	for (const struct cfg_tunnel_group *t = cfg->tunnel_groups; t != NULL; t = t->next) {
		if (t->authentication != SETTING_UNSET && (t->authentication & AUTH_MULTIPLE_CERTIFICATE) != 0)
			FINDING(r, cfg, true, t, "tunnel-group %s: of multiple-certificate one certificate is asked for and checked", t->name);
		if (t->username_from_certificate != NULL && strcmp(t->username_from_certificate, "use-script") == 0)
			FINDING(r, cfg, true, t, "tunnel-group %s: username-from-certificate use-script finds no user name, there are no "
			    "scripts here", t->name);
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
	check_references(cfg, r);
	check_group_maps(cfg, r);
	check_groups(cfg, r);
	check_logging(cfg, r);
	check_users(cfg, r);
	check_tunnel_groups(cfg, r);
	check_ciphers(cfg, r);
	return r->errors == errors ? 0 : ERR_CONFIG;
}
