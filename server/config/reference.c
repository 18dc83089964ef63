/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of objects that others hold: one walk over all of them, for the check
 * that they exist and for the refusal to remove what is in use.
 *
 * What decides who may come in or what passes must exist; so must what the
 * gateway itself needs. What only shapes the client or has no effect here is a
 * warning: an ASA takes such lines before the object is there.
 */
#include <stdio.h>
#include <string.h>

#include "server/config/grammar.h"

struct reference {
	char kind; /* of what is named */
	const char *name;
	const void *key;   /* for the place in the file */
	bool needed;       /* missing: error, else warning */
	const char *what;  /* "address-pools" */
	const char *owner; /* "group-policy", NULL: none */
	const char *owner_name;
};

/*
 * A tunnel-group and its group-policy may name each other. So this one does
 * not hold the tunnel-group back; without it the lock lets nobody in.
 */
static const char group_lock[] = "group-lock";

typedef bool (*reference_fn)(void *context, const struct reference *);

struct walk {
	reference_fn fn;
	void *context;
	const char *owner, *owner_name;
	bool stopped; /* fn said enough */
};

static void
visit(struct walk *w, char kind, const char *name, const void *key, bool needed, const char *what)
{
	const struct reference r = { kind, name, key, needed, what, w->owner, w->owner_name };

	if (!w->stopped && name != NULL && *name != '\0')
		w->stopped = w->fn(w->context, &r);
}

static void
visit_kept(struct walk *w, const struct cfg_kept_list *list)
{
	for (const struct cfg_kept *k = list->first; k != NULL && !w->stopped; k = k->next) {
		for (size_t i = 0; i < COUNT(k->refs) && k->refs[i].kind != 0; i++)
			visit(w, k->refs[i].kind, k->refs[i].name, &k->refs[i], k->refs[i].kind == INDEX_OBJECT,
			    k->shown != NULL ? k->shown : k->line);
	}
}

static void
visit_pools(struct walk *w, char kind, char *const *names, int32_t count, bool needed, const char *what)
{
	for (int i = 0; i < count; i++)
		visit(w, kind, names[i], &names[i], needed, what);
}

static void
visit_attrs(struct walk *w, const struct cfg_policy_attrs *a)
{
	visit_pools(w, INDEX_POOL, a->address_pools, a->address_pools_count, true, "address-pools");
	visit_pools(w, INDEX_POOL6, a->ipv6_address_pools, a->ipv6_address_pools_count, false, "ipv6-address-pools");
	visit(w, INDEX_ACL, a->vpn_filter, &a->vpn_filter, true, "vpn-filter");
	visit(w, INDEX_ACL, a->ipv6_vpn_filter, &a->ipv6_vpn_filter, true, "ipv6-vpn-filter");
	visit(w, INDEX_ACL, a->split_tunnel_network_list, &a->split_tunnel_network_list, false, "split-tunnel-network-list");
	visit(w, INDEX_TIME_RANGE, a->vpn_access_hours, &a->vpn_access_hours, true, "vpn-access-hours");
	visit(w, INDEX_GROUP, a->group_lock, &a->group_lock, false, group_lock);
}

static void
visit_policies(struct walk *w, const struct config *cfg)
{
	w->owner = "group-policy";
	for (const struct cfg_group_policy *g = cfg->group_policies; g != NULL && !w->stopped; g = g->next) {
		w->owner_name = g->name;
		visit(w, INDEX_AAA, g->server_group, &g->server_group, false, "server-group");
		visit_attrs(w, &g->attrs);
		visit_kept(w, &g->kept);
		visit_kept(w, &g->webvpn_kept);
	}
	w->owner = "username";
	for (const struct cfg_user *u = cfg->users; u != NULL && !w->stopped; u = u->next) {
		w->owner_name = u->name;
		visit(w, INDEX_POLICY, u->vpn_group_policy, &u->vpn_group_policy, true, "vpn-group-policy");
		visit_attrs(w, &u->attrs);
	}
}

/* "TAG", "TAG LOCAL", "none" */
static void
visit_servers(struct walk *w, char *const *field, bool needed, const char *what)
{
	char tag[CONFIG_NAME_MAX + 1];

	if (*field == NULL || strcmp(*field, "none") == 0)
		return;
	snprintf(tag, sizeof(tag), "%.*s", (int)strcspn(*field, " "), *field);
	visit(w, INDEX_AAA, tag, field, needed, what);
}

static void
visit_tunnel_groups(struct walk *w, const struct config *cfg)
{
	w->owner = "tunnel-group";
	for (const struct cfg_tunnel_group *t = cfg->tunnel_groups; t != NULL && !w->stopped; t = t->next) {
		w->owner_name = t->name;
		visit_pools(w, INDEX_POOL, t->address_pools, t->address_pools_count, true, "address-pool");
		visit_pools(w, INDEX_POOL6, t->ipv6_address_pools, t->ipv6_address_pools_count, false, "ipv6-address-pool");
		visit(w, INDEX_POLICY, t->default_group_policy, &t->default_group_policy, true, "default-group-policy");
		visit_servers(w, &t->authorization_group, true, "authorization-server-group");
		visit_servers(w, &t->authentication_group, true, "authentication-server-group");
		visit_servers(w, &t->accounting_group, false, "accounting-server-group");
		visit_kept(w, &t->general_kept);
		visit_kept(w, &t->ipsec_kept);
	}
}

static void
visit_rule(struct walk *w, const struct cfg_acl_rule *r)
{
	visit(w, INDEX_OBJECT, r->protocol_name, &r->protocol_name, true, "service");
	for (int i = 0; i < 2; i++) {
		const struct acl_address *a = i == 0 ? &r->src : &r->dst;
		const struct acl_ports *p = i == 0 ? &r->src_ports : &r->dst_ports;
		bool object = a->match == ACL_OBJECT || a->match == ACL_OBJECT_GROUP;

		visit(w, object ? INDEX_OBJECT : INDEX_NAMEIF, a->name, &a->name, object, "address");
		visit(w, INDEX_OBJECT, p->name, &p->name, true, "ports");
	}
	visit(w, INDEX_OBJECT, r->icmp_group, &r->icmp_group, true, "messages");
	visit(w, INDEX_TIME_RANGE, r->time_range, &r->time_range, true, "time-range");
}

static void
visit_acls(struct walk *w, const struct config *cfg)
{
	w->owner = "access-list";
	for (const struct cfg_acl *a = cfg->acls; a != NULL; a = a->next) {
		w->owner_name = a->name;
		for (const struct cfg_acl_rule *r = a->rules; r != NULL && !w->stopped; r = r->next)
			visit_rule(w, r);
	}
	for (const struct cfg_object *o = cfg->objects; o != NULL && !w->stopped; o = o->next) {
		w->owner = o->group ? "object-group" : "object";
		w->owner_name = o->name;
		visit_kept(w, &o->kept);
	}
}

static void
visit_webvpn(struct walk *w, const struct config *cfg)
{
	for (const struct cfg_webvpn_enable *e = cfg->webvpn.enables; e != NULL; e = e->next)
		visit(w, INDEX_NAMEIF, e->nameif, e, true, "webvpn enable");
	for (const struct cfg_group_map *g = cfg->webvpn.group_maps; g != NULL; g = g->next) {
		visit(w, INDEX_CERT_MAP_NAME, g->map, &g->map, true, "certificate-group-map");
		visit(w, INDEX_GROUP, g->tunnel_group, &g->tunnel_group, true, "certificate-group-map");
	}
	for (const struct cfg_ssl_trustpoint *t = cfg->ssl.trustpoints; t != NULL; t = t->next) {
		visit(w, INDEX_TRUSTPOINT, t->trustpoint, &t->trustpoint, true, "ssl trust-point");
		visit(w, INDEX_NAMEIF, t->nameif, &t->nameif, true, "ssl trust-point");
	}
}

static void
visit_global(struct walk *w, const struct config *cfg)
{
	const struct cfg_logging *l = &cfg->logging;

	w->owner = w->owner_name = NULL;
	visit_webvpn(w, cfg);
	for (const struct cfg_log_host *h = l->hosts; h != NULL; h = h->next)
		visit(w, INDEX_NAMEIF, h->nameif, h, false, "logging host");
	if (l->device_id == DEVICE_ID_ADDRESS)
		visit(w, INDEX_NAMEIF, l->device_id_text, &l->device_id_text, false, "logging device-id");
	visit_kept(w, &cfg->kept);
	visit_kept(w, &cfg->load_balancing);
	for (const struct cfg_block *b = cfg->dns_groups; b != NULL; b = b->next)
		visit_kept(w, &b->kept);
	for (const struct cfg_aaa_server *s = cfg->aaa_servers; s != NULL; s = s->next) {
		for (const struct cfg_aaa_host *h = s->hosts; h != NULL; h = h->next)
			visit(w, INDEX_NAMEIF, h->nameif, h, false, "aaa-server host");
	}
	w->owner = "crypto ca trustpoint";
	for (const struct cfg_trustpoint *t = cfg->trustpoints; t != NULL; t = t->next) {
		w->owner_name = t->name;
		visit_kept(w, &t->kept);
	}
}

static void
references_each(const struct config *cfg, reference_fn fn, void *context)
{
	struct walk w = { .fn = fn, .context = context };

	visit_policies(&w, cfg);
	visit_tunnel_groups(&w, cfg);
	visit_acls(&w, cfg);
	visit_global(&w, cfg);
}

/* --- do they exist? -------------------------------------------------------------------- */

/* What stands before and behind the name in the error. */
static const struct {
	char kind;
	const char *before, *behind;
} kinds[] = {
	{ INDEX_POOL, "Address pool ", "" },
	{ INDEX_POOL6, "IPv6 address pool ", "" },
	{ INDEX_POLICY, "Group policy ", "" },
	{ INDEX_GROUP, "Tunnel group ", "" },
	{ INDEX_TRUSTPOINT, "Trustpoint ", "" },
	{ INDEX_NAMEIF, "Interface ", "" },
	{ INDEX_ACL, "access-list <", ">" },
	{ INDEX_TIME_RANGE, "time-range ", "" },
	{ INDEX_OBJECT, "object (", ")" },
	{ INDEX_CERT_MAP_NAME, "Certificate map ", "" },
	{ INDEX_AAA, "aaa-server group ", "" },
};

struct existence {
	const struct config *cfg;
	struct config_report *report;
};

static bool
reference_exists(void *context, const struct reference *r)
{
	struct existence *e = context;

	if (index_get(&e->cfg->tables->index, r->kind, r->name) != NULL)
		return false;
	if (r->kind == INDEX_AAA && strcmp(r->name, "LOCAL") == 0)
		return false;
	for (size_t i = 0; i < COUNT(kinds); i++) {
		if (kinds[i].kind == r->kind)
			FINDING(e->report, e->cfg, !r->needed, r->key, "%s%s%s does not exist", kinds[i].before, r->name,
			    kinds[i].behind);
	}
	return false;
}

void
check_references(const struct config *cfg, struct config_report *report)
{
	struct existence e = { cfg, report };

	references_each(cfg, reference_exists, &e);
}

/* --- who names it? ------------------------------------------------------------------------ */

struct search {
	char kind;
	const char *name;
	char text[3 * CONFIG_NAME_MAX];
};

static bool
reference_matches(void *context, const struct reference *r)
{
	struct search *s = context;

	if (r->kind != s->kind || strcmp(r->name, s->name) != 0 || r->what == group_lock)
		return false;
	if (r->owner != NULL)
		snprintf(s->text, sizeof(s->text), "%s %s (%s)", r->owner, r->owner_name, r->what);
	else
		snprintf(s->text, sizeof(s->text), "\"%s\"", r->what);
	return true;
}

const char *
reference_to(const struct config *cfg, char kind, const char *name)
{
	static struct search s;

	s.kind = kind;
	s.name = name;
	s.text[0] = '\0';
	references_each(cfg, reference_matches, &s);
	return s.text[0] != '\0' ? s.text : NULL;
}
