/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/certauth/policy.h"

#include <string.h>

#include "common/log.h"
#include "server/certauth/password.h"

static void
crt_free(void *arg)
{
	gnutls_x509_crt_deinit(arg);
}

static void
list_free(void *arg)
{
	gnutls_x509_trust_list_deinit(arg, 0); /* the certificates are freed on their own */
}

struct auth_policy *
auth_policy_new(void)
{
	struct mem *mem = mem_new(NULL);
	struct auth_policy *p = mem_alloc(mem, sizeof(*p));

	p->mem = mem;
	p->group_maps_tail = &p->group_maps;
	p->rounds = PASSWORD_ROUNDS;
	if (gnutls_x509_trust_list_init(&p->list, 0) < 0)
		fatal("no memory for the trust list");
	return p;
}

void
auth_policy_free(struct auth_policy *p)
{
	if (p == NULL)
		return;
	mem_on_free(p->mem, list_free, p->list); /* newest first: before the certificates in it */
	mem_free(p->mem);
}

/*
 * Trustpoints may share a CA certificate. One in the list stands for all: with
 * GNUTLS_TL_NO_DUPLICATES GnuTLS 3.7.9 frees the older one, which is still ours.
 */
static bool
ca_listed(const struct auth_policy *p, gnutls_x509_crt_t crt)
{
	for (const struct auth_trustpoint *tp = p->trustpoints; tp != NULL; tp = tp->next) {
		if (gnutls_x509_crt_equals(tp->ca, crt))
			return true;
	}
	return false;
}

void
auth_policy_add_trustpoint(struct auth_policy *p, const struct ipc_auth_trustpoint *m)
{
	gnutls_datum_t der = { (unsigned char *)(uintptr_t)m->ca.data, m->ca.len };
	struct auth_trustpoint *tp;
	gnutls_x509_crt_t crt;
	int r;

	if (gnutls_x509_crt_init(&crt) < 0)
		fatal("no memory for a certificate");
	if ((r = gnutls_x509_crt_import(crt, &der, GNUTLS_X509_FMT_DER)) < 0) {
		log_err("CA certificate of trustpoint %s: %s", m->name, gnutls_strerror(r));
		gnutls_x509_crt_deinit(crt);
		return;
	}
	mem_on_free(p->mem, crt_free, crt);
	tp = mem_alloc(p->mem, sizeof(*tp));
	tp->name = mem_strdup(p->mem, m->name);
	tp->ca = crt;
	tp->der = (struct ipc_blob){ mem_dup(p->mem, m->ca.data, m->ca.len), m->ca.len };
	if (gnutls_x509_crt_get_raw_dn(crt, &der) >= 0) {
		tp->subject = mem_dup(p->mem, der.data, der.size);
		tp->subject_len = der.size;
		gnutls_free(der.data);
	}
	tp->flags = m->flags;
	for (uint32_t i = 0; i < m->methods.len && i < sizeof(tp->methods); i++)
		tp->methods[i] = ((const uint8_t *)m->methods.data)[i];
	tp->ocsp_url = mem_strdup(p->mem, m->ocsp_url != NULL ? m->ocsp_url : "");
	tp->crl_urls = mem_strdup(p->mem, m->crl_urls != NULL ? m->crl_urls : "");
	tp->crl_policy = m->crl_policy;
	tp->crl_cache_s = m->crl_cache_s;
	if (!ca_listed(p, crt))
		gnutls_x509_trust_list_add_cas(p->list, &crt, 1, 0);
	tp->next = p->trustpoints;
	p->trustpoints = tp;
}

void
auth_policy_add_exception(struct auth_policy *p, const struct ipc_auth_exception *m)
{
	struct auth_trustpoint *tp = p->trustpoints;
	struct auth_exception *e, **at;

	while (tp != NULL && strcmp(tp->name, m->trustpoint) != 0)
		tp = tp->next;
	if (tp == NULL || m->kind > EXCEPTION_CDP)
		return; /* one that vouches for nobody */
	e = mem_alloc(p->mem, sizeof(*e));
	e->kind = (enum cert_exception)m->kind;
	e->map = mem_strdup(p->mem, m->map);
	e->url = mem_strdup(p->mem, m->url);
	e->seq = m->seq;
	if (m->signer.len > 0)
		e->signer = (struct ipc_blob){ mem_dup(p->mem, m->signer.data, m->signer.len), m->signer.len };
	for (at = &tp->exceptions; *at != NULL && (*at)->seq <= e->seq;)
		at = &(*at)->next;
	e->next = *at;
	*at = e;
}

void
auth_policy_add_group(struct auth_policy *p, const struct ipc_auth_group *m)
{
	struct auth_group *g = mem_alloc(p->mem, sizeof(*g));

	g->name = mem_strdup(p->mem, m->name);
	g->group_policy = mem_strdup(p->mem, m->group_policy);
	g->authentication = m->authentication;
	g->authorization_local = m->authorization_local != 0;
	g->authorization_required = m->authorization_required != 0;
	g->username_from = mem_strdup(p->mem, m->username_from);
	g->strip_realm = m->strip_realm != 0;
	g->prefill = m->prefill != 0;
	g->aaa_group = mem_strdup(p->mem, m->aaa_group);
	g->aaa_fallback = m->aaa_fallback != 0;
	g->next = p->groups;
	p->groups = g;
}

void
auth_policy_add_binding(struct auth_policy *p, const struct ipc_auth_binding *m)
{
	struct auth_binding *b = mem_alloc(p->mem, sizeof(*b));

	b->nameif = mem_strdup(p->mem, m->nameif);
	b->trustpoint = mem_strdup(p->mem, m->trustpoint);
	b->next = p->bindings;
	p->bindings = b;
}

/* ---- certificate maps ---- */

static struct auth_cert_map *
cert_map(struct auth_policy *p, const char *name, uint32_t seq)
{
	struct auth_cert_map *map = p->maps;

	while (map != NULL && (map->seq != seq || strcmp(map->name, name) != 0))
		map = map->next;
	return map;
}

void
auth_policy_add_cert_rule(struct auth_policy *p, const struct ipc_auth_cert_rule *m)
{
	struct auth_cert_map *map = cert_map(p, m->map, m->seq);
	struct auth_cert_rule *rule = mem_alloc(p->mem, sizeof(*rule));

	if (map == NULL) {
		map = mem_alloc(p->mem, sizeof(*map));
		map->name = mem_strdup(p->mem, m->map);
		map->seq = m->seq;
		map->next = p->maps;
		p->maps = map;
	}
	rule->field = m->field;
	rule->op = m->op;
	rule->attr = mem_strdup(p->mem, m->attr);
	rule->value = mem_strdup(p->mem, m->value);
	rule->next = map->rules;
	map->rules = rule;
}

void
auth_policy_add_group_map(struct auth_policy *p, const struct ipc_auth_group_map *m)
{
	struct auth_group_map *g = mem_alloc(p->mem, sizeof(*g));

	g->map = cert_map(p, m->map, m->seq);
	g->tunnel_group = mem_strdup(p->mem, m->tunnel_group);
	*p->group_maps_tail = g;
	p->group_maps_tail = &g->next;
}

/* ---- users: ten thousand are looked up at each login ---- */

static size_t
user_slot(const struct auth_policy *p, const char *name)
{
	size_t h = 5381;

	for (const char *c = name; *c != '\0'; c++)
		h = h * 33 + (unsigned char)*c;
	return h % p->user_room;
}

static void
users_grow(struct auth_policy *p)
{
	struct auth_user **old = p->users;
	size_t old_room = p->user_room;

	p->user_room = old_room == 0 ? 64 : old_room * 4;
	p->users = mem_alloc(p->mem, p->user_room * sizeof(struct auth_user *));
	for (size_t i = 0; i < old_room; i++) {
		for (struct auth_user *u = old[i], *next; u != NULL; u = next) {
			size_t at = user_slot(p, u->name);

			next = u->next;
			u->next = p->users[at];
			p->users[at] = u;
		}
	}
}

void
auth_policy_add_user(struct auth_policy *p, const struct ipc_auth_user *m)
{
	struct auth_user *u = mem_alloc(p->mem, sizeof(*u));
	unsigned rounds;
	size_t at;

	if (p->user_count == p->user_room)
		users_grow(p);
	u->name = mem_strdup(p->mem, m->name);
	u->group_policy = mem_strdup(p->mem, m->group_policy);
	u->password_kind = m->password_kind;
	u->password = mem_strdup(p->mem, m->password);
	mem_own_secret(p->mem, u->password, strlen(u->password));
	u->service_type = m->service_type;
	rounds = password_rounds(u->password_kind, u->password);
	if (rounds > p->rounds)
		p->rounds = rounds;
	at = user_slot(p, u->name);
	u->next = p->users[at];
	p->users[at] = u;
	p->user_count++;
}

const struct auth_user *
auth_policy_user(const struct auth_policy *p, const char *name)
{
	const struct auth_user *u = p->user_room > 0 ? p->users[user_slot(p, name)] : NULL;

	while (u != NULL && strcmp(u->name, name) != 0)
		u = u->next;
	return u;
}

const struct auth_group *
auth_policy_group(const struct auth_policy *p, const char *name)
{
	for (const struct auth_group *g = p->groups; g != NULL; g = g->next) {
		if (strcmp(g->name, name) == 0)
			return g;
	}
	return NULL;
}

bool
auth_policy_bound(const struct auth_policy *p, const char *nameif, const char *trustpoint)
{
	for (const struct auth_binding *b = p->bindings; b != NULL; b = b->next) {
		if (strcmp(b->nameif, nameif) == 0 && strcmp(b->trustpoint, trustpoint) == 0)
			return true;
	}
	return false;
}
