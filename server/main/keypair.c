/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/main/keypair.h"

#include <gnutls/gnutls.h>
#include <stdlib.h>
#include <string.h>

#include "common/mem.h"
#include "server/config/model.h"
#include "server/main/daemon.h"

static struct main_keypair *keypairs;
static struct main_csr *csrs;

const struct main_keypair *
main_keypair_first(void)
{
	return keypairs;
}

const struct main_keypair *
main_keypair_find(const char *label)
{
	for (const struct main_keypair *k = keypairs; k != NULL; k = k->next) {
		if (strcmp(k->label, label) == 0)
			return k;
	}
	return NULL;
}

const struct main_csr *
main_csr_find(const char *trustpoint)
{
	for (const struct main_csr *c = csrs; c != NULL; c = c->next) {
		if (strcmp(c->trustpoint, trustpoint) == 0)
			return c;
	}
	return NULL;
}

static void
keypair_remove(const char *label)
{
	for (struct main_keypair **at = &keypairs; *at != NULL; at = &(*at)->next) {
		struct main_keypair *k = *at;

		if (strcmp(k->label, label) != 0)
			continue;
		*at = k->next;
		free(k->label);
		free(k->public);
		free(k);
		return;
	}
}

static void
csr_remove(const char *trustpoint)
{
	for (struct main_csr **at = &csrs; *at != NULL; at = &(*at)->next) {
		struct main_csr *c = *at;

		if (strcmp(c->trustpoint, trustpoint) != 0)
			continue;
		*at = c->next;
		free(c->trustpoint);
		free(c->der);
		free(c);
		return;
	}
}

static uint8_t *
blob_copy(const struct ipc_blob *b)
{
	uint8_t *p = xmalloc(b->len);

	memcpy(p, b->data, b->len);
	return p;
}

void
main_keypair_set(const struct ipc_key_info *m)
{
	struct main_keypair *k, **at = &keypairs;

	keypair_remove(m->label);
	if (m->public.len == 0)
		return;
	k = xcalloc(1, sizeof(*k));
	k->label = xstrdup(m->label);
	k->algo = m->algo;
	k->bits = m->bits;
	k->made = m->made;
	k->public = blob_copy(&m->public);
	k->public_len = m->public.len;
	while (*at != NULL && strcmp((*at)->label, k->label) < 0)
		at = &(*at)->next;
	k->next = *at;
	*at = k;
}

void
main_csr_set(const struct ipc_csr_pending *m)
{
	struct main_csr *c;

	csr_remove(m->trustpoint);
	if (m->csr.len == 0)
		return;
	c = xcalloc(1, sizeof(*c));
	c->trustpoint = xstrdup(m->trustpoint);
	c->der = blob_copy(&m->csr);
	c->len = m->csr.len;
	c->configured = daemon_.config != NULL && config_trustpoint(daemon_.config, c->trustpoint) != NULL;
	c->next = csrs;
	csrs = c;
}

void
main_csr_reconcile(const struct config *cfg)
{
	for (struct main_csr *c = csrs; c != NULL; c = c->next) {
		struct ipc_forget m = { .trustpoint = c->trustpoint };
		bool there = config_trustpoint(cfg, c->trustpoint) != NULL;

		if (!there && c->configured)
			ipc_send(&daemon_.certauth, MSG_forget, &m);
		c->configured = there;
	}
}

void
main_keypair_clear(void)
{
	while (keypairs != NULL)
		keypair_remove(keypairs->label);
	while (csrs != NULL)
		csr_remove(csrs->trustpoint);
}

const char *
keypair_label(const struct cfg_trustpoint *tp)
{
	return tp->keypair != NULL ? tp->keypair : KEYPAIR_RSA_DEFAULT;
}

const char *
keypair_algo_name(uint32_t algo)
{
	return algo == GNUTLS_PK_RSA ? "RSA" : "ECDSA";
}
