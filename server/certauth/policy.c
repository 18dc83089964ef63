/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/certauth/policy.h"

#include <string.h>

#include "common/log.h"

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
	tp->next = p->trustpoints;
	p->trustpoints = tp;
	gnutls_x509_trust_list_add_cas(p->list, &crt, 1, GNUTLS_TL_NO_DUPLICATES);
}

void
auth_policy_add_group(struct auth_policy *p, const struct ipc_auth_group *m)
{
	struct auth_group *g = mem_alloc(p->mem, sizeof(*g));

	g->name = mem_strdup(p->mem, m->name);
	g->group_policy = mem_strdup(p->mem, m->group_policy);
	g->authentication = m->authentication;
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
