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
	index_clear(&tables->ignored);
	free(tables->places);
}

struct config *
config_new(void)
{
	struct mem *mem = mem_new(NULL);
	struct config *cfg = mem_alloc(mem, sizeof(*cfg));

	cfg->mem = mem;
	cfg->tables = mem_alloc(mem, sizeof(*cfg->tables));
	mem_on_free(mem, tables_free, cfg->tables);
	cfg->tables->interface_tail = &cfg->interfaces;
	cfg->tables->pool_tail = &cfg->pools;
	cfg->tables->policy_tail = &cfg->group_policies;
	cfg->tables->group_tail = &cfg->tunnel_groups;
	cfg->tables->trustpoint_tail = &cfg->trustpoints;
	cfg->tables->ignored_tail = &cfg->tables->ignored_first;
	cfg->ssl.server_version = cfg->ssl.server_dtls_version = SETTING_UNSET;
	cfg->webvpn.port = cfg->webvpn.dtls_port = SETTING_UNSET;
	logging_unset(&cfg->logging);
	object_group_policy(cfg, "DfltGrpPolicy", true)->internal = true;
	object_tunnel_group(cfg, "DefaultRAGroup", true)->type = mem_strdup(mem, "remote-access");
	object_tunnel_group(cfg, "DefaultWEBVPNGroup", true)->type = mem_strdup(mem, "remote-access");
	object_tunnel_group(cfg, "DefaultL2LGroup", true)->type = mem_strdup(mem, "ipsec-l2l");
	return cfg;
}

void
config_free(struct config *cfg)
{
	if (cfg != NULL)
		mem_free(cfg->mem);
}

/* The printed text holds all that a configuration says, so reading it is a copy. */
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
	config_print(cfg, NULL, false, out);
	fclose(out);
	config_report_init(&report, mem);
	if (read_text(copy, text, len, &report, false) != 0) {
		config_report_print(&report, "clone of the configuration", stderr);
		abort(); /* what we print must parse: a broken invariant of our own */
	}
	free(text);
	mem_free(mem);
	return copy;
}

#define OBJECT_APPEND(cfg, tail, object) (*(cfg)->tables->tail = (object), (cfg)->tables->tail = &(object)->next)

struct cfg_interface *
object_interface(struct config *cfg, const char *hw_name, bool make)
{
	struct cfg_interface *i = index_get(&cfg->tables->index, INDEX_HW, hw_name);

	if (i != NULL || !make)
		return i;
	i = mem_alloc(cfg->mem, sizeof(*i));
	i->hw_name = mem_strdup(cfg->mem, hw_name);
	i->security_level = SETTING_UNSET;
	OBJECT_APPEND(cfg, interface_tail, i);
	index_put(&cfg->tables->index, INDEX_HW, i->hw_name, i);
	return i;
}

void
policy_attrs_unset(struct cfg_policy_attrs *a)
{
	a->vpn_tunnel_protocol = a->split_tunnel_policy = a->vpn_idle_timeout = SETTING_UNSET;
	a->vpn_session_timeout = a->vpn_simultaneous_logins = a->address_pools_count = SETTING_UNSET;
	a->dns_count = a->ssl_dtls = a->mtu = a->keepalive_s = SETTING_UNSET;
	a->dpd_gateway_s = a->dpd_client_s = SETTING_UNSET;
	a->default_domain = a->vpn_filter = a->split_tunnel_network_list = a->vpn_access_hours = a->group_lock = NULL;
}

struct cfg_group_policy *
object_group_policy(struct config *cfg, const char *name, bool make)
{
	struct cfg_group_policy *g = index_get(&cfg->tables->index, INDEX_POLICY, name);

	if (g != NULL || !make)
		return g;
	g = mem_alloc(cfg->mem, sizeof(*g));
	g->name = mem_strdup(cfg->mem, name);
	policy_attrs_unset(&g->attrs);
	OBJECT_APPEND(cfg, policy_tail, g);
	index_put(&cfg->tables->index, INDEX_POLICY, g->name, g);
	return g;
}

struct cfg_tunnel_group *
object_tunnel_group(struct config *cfg, const char *name, bool make)
{
	struct cfg_tunnel_group *t = index_get(&cfg->tables->index, INDEX_GROUP, name);

	if (t != NULL || !make)
		return t;
	t = mem_alloc(cfg->mem, sizeof(*t));
	t->name = mem_strdup(cfg->mem, name);
	t->address_pools_count = t->authentication = t->authorization_required = SETTING_UNSET;
	OBJECT_APPEND(cfg, group_tail, t);
	index_put(&cfg->tables->index, INDEX_GROUP, t->name, t);
	return t;
}

struct cfg_trustpoint *
object_trustpoint(struct config *cfg, const char *name, bool make)
{
	struct cfg_trustpoint *t = index_get(&cfg->tables->index, INDEX_TRUSTPOINT, name);

	if (t != NULL || !make)
		return t;
	t = mem_alloc(cfg->mem, sizeof(*t));
	t->name = mem_strdup(cfg->mem, name);
	t->validation_usage = t->crl_policy = t->crl_cache_min = SETTING_UNSET;
	OBJECT_APPEND(cfg, trustpoint_tail, t);
	index_put(&cfg->tables->index, INDEX_TRUSTPOINT, t->name, t);
	return t;
}

struct cfg_pool *
object_pool_new(struct config *cfg, const char *name)
{
	struct cfg_pool *p = mem_alloc(cfg->mem, sizeof(*p));

	p->name = mem_strdup(cfg->mem, name);
	OBJECT_APPEND(cfg, pool_tail, p);
	index_put(&cfg->tables->index, INDEX_POOL, p->name, p);
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
	if (kind == INDEX_HW)
		OBJECT_UNLINK(struct cfg_interface, cfg->interfaces, t->interface_tail, object);
	else if (kind == INDEX_POOL)
		OBJECT_UNLINK(struct cfg_pool, cfg->pools, t->pool_tail, object);
	else if (kind == INDEX_POLICY)
		OBJECT_UNLINK(struct cfg_group_policy, cfg->group_policies, t->policy_tail, object);
	else if (kind == INDEX_GROUP)
		OBJECT_UNLINK(struct cfg_tunnel_group, cfg->tunnel_groups, t->group_tail, object);
	else if (kind == INDEX_TRUSTPOINT)
		OBJECT_UNLINK(struct cfg_trustpoint, cfg->trustpoints, t->trustpoint_tail, object);
}

struct cfg_interface *
config_interface(const struct config *cfg, const char *nameif)
{
	return index_get(&cfg->tables->index, INDEX_NAMEIF, nameif);
}

struct cfg_pool *
config_pool(const struct config *cfg, const char *name)
{
	return index_get(&cfg->tables->index, INDEX_POOL, name);
}

struct cfg_group_policy *
config_group_policy(const struct config *cfg, const char *name)
{
	return index_get(&cfg->tables->index, INDEX_POLICY, name);
}

struct cfg_tunnel_group *
config_tunnel_group(const struct config *cfg, const char *name)
{
	return index_get(&cfg->tables->index, INDEX_GROUP, name);
}

struct cfg_trustpoint *
config_trustpoint(const struct config *cfg, const char *name)
{
	return index_get(&cfg->tables->index, INDEX_TRUSTPOINT, name);
}

struct cfg_user *
config_user(const struct config *cfg, const char *name)
{
	return index_get(&cfg->tables->index, INDEX_USER, name);
}

struct cfg_acl *
config_acl(const struct config *cfg, const char *name)
{
	return index_get(&cfg->tables->index, INDEX_ACL, name);
}

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
