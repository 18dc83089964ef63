/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A configuration's life, its objects and how they are found. */
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "server/config/grammar.h"

static void
tables_free(void *arg)
{
	struct config_tables *tables = arg;

	index_clear(&tables->index);
	free(tables->places);
}

static void
config_tails(struct config *cfg)
{
	struct config_tables *t = cfg->tables;

	t->interface_tail = &cfg->interfaces;
	t->pool_tail = &cfg->pools;
	t->pool6_tail = &cfg->ipv6_pools;
	t->policy_tail = &cfg->group_policies;
	t->group_tail = &cfg->tunnel_groups;
	t->trustpoint_tail = &cfg->trustpoints;
	t->user_tail = &cfg->users;
	t->acl_tail = &cfg->acls;
	t->object_tail = &cfg->objects;
	t->time_range_tail = &cfg->time_ranges;
	t->aaa_tail = &cfg->aaa_servers;
}

/* What an ASA has before anything is said; also "clear configure all". */
void
object_clear_all(struct config *cfg)
{
	struct mem *mem = cfg->mem;
	struct config_tables *tables = cfg->tables;

	index_clear(&tables->index);
	*cfg = (struct config){ .mem = mem, .tables = tables };
	config_tails(cfg);
	tables->ignored_first = NULL;
	tables->ignored_tail = &tables->ignored_first;
	tables->ignored_lines = 0;
	ssl_unset(cfg);
	cfg->session_limit = cfg->other_session_limit = SETTING_UNSET;
	cfg->addr_assign.reuse_delay_min = cfg->addr_assign.reuse_delay6_min = SETTING_UNSET;
	webvpn_unset(cfg);
	logging_unset(&cfg->logging);
	object_group_policy(cfg, "DfltGrpPolicy", true)->internal = true;
	object_tunnel_group(cfg, "DefaultRAGroup", true)->type = mem_strdup(mem, "remote-access");
	object_tunnel_group(cfg, "DefaultWEBVPNGroup", true)->type = mem_strdup(mem, "remote-access");
	object_tunnel_group(cfg, "DefaultL2LGroup", true)->type = mem_strdup(mem, "ipsec-l2l");
}

struct config *
config_new(void)
{
	struct mem *mem = mem_new(NULL);
	struct config *cfg = mem_alloc(mem, sizeof(*cfg));

	cfg->mem = mem;
	cfg->tables = mem_alloc(mem, sizeof(*cfg->tables));
	mem_on_free(mem, tables_free, cfg->tables);
	object_clear_all(cfg);
	return cfg;
}

void
config_free(struct config *cfg)
{
	if (cfg != NULL)
		mem_free(cfg->mem);
}

void
config_check_only(struct config *cfg)
{
	cfg->tables->check_only = true;
}

/* The printed text, with its secrets, holds all that a configuration says, so reading it is a copy. */
struct config *
config_clone(const struct config *cfg)
{
	struct config *copy = config_new();
	struct mem *mem = mem_new(NULL);
	struct config_report report;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (out == NULL)
		abort();
	config_print_body(cfg, out);
	fclose(out);
	config_report_init(&report, mem);
	if (read_text(copy, text, len, &report, false) != 0) {
		config_report_print(&report, "clone of the configuration", stderr);
		abort(); /* what we print must parse: a broken invariant of our own */
	}
	explicit_bzero(text, len);
	free(text);
	mem_free(mem);
	return copy;
}

/*
 * The object of that name: from the index, or made, appended and put there.
 * Expands to the start of each object_NOUN(): what follows it sets a new one up.
 */
#define OBJECT_FIND_OR_MAKE(o, cfg, kind, tail_, name_, value, make)          \
	do {                                                                  \
		(o) = index_get(&(cfg)->tables->index, kind, value);          \
		if ((o) != NULL || !(make))                                   \
			return o;                                             \
		(o) = mem_alloc((cfg)->mem, sizeof(*(o)));                    \
		(o)->name_ = mem_strdup((cfg)->mem, value);                   \
		*(cfg)->tables->tail_ = (o);                                  \
		(cfg)->tables->tail_ = &(o)->next;                            \
		index_put(&(cfg)->tables->index, kind, (o)->name_, o);        \
	} while (0)

struct cfg_interface *
object_interface(struct config *cfg, const char *hw_name, bool make)
{
	struct cfg_interface *i;

	OBJECT_FIND_OR_MAKE(i, cfg, INDEX_HW, interface_tail, hw_name, hw_name, make);
	i->security_level = SETTING_UNSET;
	return i;
}

struct cfg_group_policy *
object_group_policy(struct config *cfg, const char *name, bool make)
{
	struct cfg_group_policy *g;

	OBJECT_FIND_OR_MAKE(g, cfg, INDEX_POLICY, policy_tail, name, name, make);
	policy_attrs_unset(&g->attrs);
	return g;
}

struct cfg_tunnel_group *
object_tunnel_group(struct config *cfg, const char *name, bool make)
{
	struct cfg_tunnel_group *t;

	OBJECT_FIND_OR_MAKE(t, cfg, INDEX_GROUP, group_tail, name, name, make);
	tunnel_group_unset(cfg, t);
	return t;
}

struct cfg_trustpoint *
object_trustpoint(struct config *cfg, const char *name, bool make)
{
	struct cfg_trustpoint *t;

	OBJECT_FIND_OR_MAKE(t, cfg, INDEX_TRUSTPOINT, trustpoint_tail, name, name, make);
	t->validation_usage = t->crl_policy = t->crl_cache_min = SETTING_UNSET;
	return t;
}

struct cfg_user *
object_user(struct config *cfg, const char *name, bool make)
{
	struct cfg_user *u;

	OBJECT_FIND_OR_MAKE(u, cfg, INDEX_USER, user_tail, name, name, make);
	u->privilege = SETTING_UNSET;
	policy_attrs_unset(&u->attrs);
	return u;
}

struct cfg_acl *
object_acl(struct config *cfg, const char *name, bool make)
{
	struct cfg_acl *a;

	OBJECT_FIND_OR_MAKE(a, cfg, INDEX_ACL, acl_tail, name, name, make);
	a->tail = &a->rules;
	return a;
}

struct cfg_object *
object_object(struct config *cfg, const char *name, bool make)
{
	struct cfg_object *o;

	OBJECT_FIND_OR_MAKE(o, cfg, INDEX_OBJECT, object_tail, name, name, make);
	return o;
}

struct cfg_time_range *
object_time_range(struct config *cfg, const char *name, bool make)
{
	struct cfg_time_range *t;

	OBJECT_FIND_OR_MAKE(t, cfg, INDEX_TIME_RANGE, time_range_tail, name, name, make);
	return t;
}

struct cfg_aaa_server *
object_aaa_server(struct config *cfg, const char *name, bool make)
{
	struct cfg_aaa_server *s;

	OBJECT_FIND_OR_MAKE(s, cfg, INDEX_AAA, aaa_tail, name, name, make);
	return s;
}

struct cfg_ipv6_pool *
object_ipv6_pool(struct config *cfg, const char *name, bool make)
{
	struct cfg_ipv6_pool *p;

	OBJECT_FIND_OR_MAKE(p, cfg, INDEX_POOL6, pool6_tail, name, name, make);
	return p;
}

struct cfg_pool *
object_pool_new(struct config *cfg, const char *name)
{
	struct cfg_pool *p;

	OBJECT_FIND_OR_MAKE(p, cfg, INDEX_POOL, pool_tail, name, name, true);
	return p;
}

#define OBJECT_UNLINK(type, head, tail, object)                                        \
	do {                                                                           \
		for (type **at_ = &(head); *at_ != NULL; at_ = &(*at_)->next) {        \
			if (*at_ != (object))                                          \
				continue;                                              \
			*at_ = (*at_)->next;                                           \
			if (*at_ == NULL)                                              \
				(tail) = at_;                                          \
			break;                                                         \
		}                                                                      \
	} while (0)

/* The memory stays with the arena; the next clone is without it. */
void
object_remove(struct config *cfg, char kind, const char *name, void *object)
{
	struct config_tables *t = cfg->tables;

	index_remove(&t->index, kind, name);
	switch (kind) {
	case INDEX_HW:
		OBJECT_UNLINK(struct cfg_interface, cfg->interfaces, t->interface_tail, object);
		break;
	case INDEX_POOL:
		OBJECT_UNLINK(struct cfg_pool, cfg->pools, t->pool_tail, object);
		break;
	case INDEX_POOL6:
		OBJECT_UNLINK(struct cfg_ipv6_pool, cfg->ipv6_pools, t->pool6_tail, object);
		break;
	case INDEX_POLICY:
		OBJECT_UNLINK(struct cfg_group_policy, cfg->group_policies, t->policy_tail, object);
		break;
	case INDEX_GROUP:
		OBJECT_UNLINK(struct cfg_tunnel_group, cfg->tunnel_groups, t->group_tail, object);
		break;
	case INDEX_TRUSTPOINT:
		OBJECT_UNLINK(struct cfg_trustpoint, cfg->trustpoints, t->trustpoint_tail, object);
		break;
	case INDEX_USER:
		OBJECT_UNLINK(struct cfg_user, cfg->users, t->user_tail, object);
		break;
	case INDEX_ACL:
		OBJECT_UNLINK(struct cfg_acl, cfg->acls, t->acl_tail, object);
		break;
	case INDEX_OBJECT:
		OBJECT_UNLINK(struct cfg_object, cfg->objects, t->object_tail, object);
		break;
	case INDEX_TIME_RANGE:
		OBJECT_UNLINK(struct cfg_time_range, cfg->time_ranges, t->time_range_tail, object);
		break;
	case INDEX_AAA:
		OBJECT_UNLINK(struct cfg_aaa_server, cfg->aaa_servers, t->aaa_tail, object);
		break;
	}
}

#define LOOKUP(type, noun, kind)                                          \
	type *                                                            \
	config_##noun(const struct config *cfg, const char *name)         \
	{                                                                 \
		return index_get(&cfg->tables->index, kind, name);        \
	}

LOOKUP(struct cfg_interface, interface, INDEX_NAMEIF)
LOOKUP(struct cfg_pool, pool, INDEX_POOL)
LOOKUP(struct cfg_ipv6_pool, ipv6_pool, INDEX_POOL6)
LOOKUP(struct cfg_group_policy, group_policy, INDEX_POLICY)
LOOKUP(struct cfg_tunnel_group, tunnel_group, INDEX_GROUP)
LOOKUP(struct cfg_trustpoint, trustpoint, INDEX_TRUSTPOINT)
LOOKUP(struct cfg_user, user, INDEX_USER)
LOOKUP(struct cfg_acl, acl, INDEX_ACL)
LOOKUP(struct cfg_time_range, time_range, INDEX_TIME_RANGE)
LOOKUP(struct cfg_aaa_server, aaa_server, INDEX_AAA)

static int
trustpoint_set(struct config *cfg, const char *name, size_t offset, const uint8_t *der, size_t len)
{
	struct cfg_trustpoint *tp = config_trustpoint(cfg, name);
	struct cfg_blob *blob;

	if (tp == NULL)
		return ERR_NOT_FOUND;
	if (der != NULL && !chain_certificate_fits(der, len))
		return ERR_CERTIFICATE;
	blob = (struct cfg_blob *)((char *)tp + offset);
	blob->data = der != NULL ? mem_dup(cfg->mem, der, len) : NULL;
	blob->len = der != NULL ? len : 0;
	return 0;
}

int
config_trustpoint_set_ca(struct config *cfg, const char *trustpoint, const uint8_t *der, size_t len)
{
	return trustpoint_set(cfg, trustpoint, offsetof(struct cfg_trustpoint, ca), der, len);
}

int
config_trustpoint_set_identity(struct config *cfg, const char *trustpoint, const uint8_t *der, size_t len)
{
	return trustpoint_set(cfg, trustpoint, offsetof(struct cfg_trustpoint, identity), der, len);
}
