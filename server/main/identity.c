/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/main/identity.h"

#include <gnutls/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "common/log.h"
#include "common/mem.h"
#include "server/config/model.h"
#include "server/main/daemon.h"
#include "server/main/keypair.h"
#include "server/main/x509.h"

static struct main_identity *identities;

const struct main_identity *
main_identity_first(void)
{
	return identities;
}

const struct main_identity *
main_identity_find(const char *trustpoint)
{
	for (const struct main_identity *id = identities; id != NULL; id = id->next) {
		if (strcmp(id->trustpoint, trustpoint) == 0)
			return id;
	}
	return NULL;
}

static void
identity_free(struct main_identity *id)
{
	free(id->trustpoint);
	free(id->chain);
	free(id);
}

static void
identity_remove(const char *trustpoint)
{
	for (struct main_identity **at = &identities; *at != NULL; at = &(*at)->next) {
		struct main_identity *id = *at;

		if (strcmp(id->trustpoint, trustpoint) != 0)
			continue;
		*at = id->next;
		identity_free(id);
		return;
	}
}

void
main_identity_clear(void)
{
	while (identities != NULL)
		identity_remove(identities->trustpoint);
}

void
main_identity_set(const struct ipc_identity *m)
{
	struct main_identity *id;
	uint8_t digest[32];
	struct rd r;

	identity_remove(m->trustpoint);
	if (m->chain.len == 0)
		return;
	id = xcalloc(1, sizeof(*id));
	id->trustpoint = xstrdup(m->trustpoint);
	id->key_algo = m->key_algo;
	id->key_bits = m->key_bits;
	id->chain_len = m->chain.len;
	id->chain = xmalloc(m->chain.len);
	memcpy(id->chain, m->chain.data, m->chain.len);
	r = rd_init(id->chain, id->chain_len);
	id->leaf_len = rd_u32(&r);
	id->leaf = rd_bytes(&r, id->leaf_len);
	if (id->leaf == NULL) {
		identity_free(id);
		return;
	}
	gnutls_hash_fast(GNUTLS_DIG_SHA1, id->leaf, id->leaf_len, digest);
	hex_put(digest, 20, id->sha1);
	gnutls_hash_fast(GNUTLS_DIG_SHA256, id->leaf, id->leaf_len, digest);
	hex_put(digest, 32, id->sha256);
	id->configured = daemon_.config != NULL && config_trustpoint(daemon_.config, id->trustpoint) != NULL;
	id->next = identities;
	identities = id;
}

/* ---- trustpoints that came and went ---- */

static unsigned imports;
static bool reconcile_waits;

static void
forget(const char *trustpoint)
{
	struct ipc_forget m = { .trustpoint = trustpoint };

	log_info("trustpoint %s is removed; its private key is forgotten", trustpoint);
	ipc_send(&daemon_.certauth, MSG_forget, &m);
}

void
identity_reconcile(const struct config *cfg)
{
	if (imports > 0) {
		reconcile_waits = true;
		return;
	}
	for (struct main_identity *id = identities; id != NULL; id = id->next) {
		bool there = config_trustpoint(cfg, id->trustpoint) != NULL;

		if (!there && id->configured)
			forget(id->trustpoint);
		id->configured = there;
	}
	main_csr_reconcile(cfg);
}

void
identity_import_begin(void)
{
	imports++;
}

void
identity_import_end(void)
{
	if (--imports > 0 || !reconcile_waits)
		return;
	reconcile_waits = false;
	identity_reconcile(daemon_.config);
}

void
identity_missing_report(const struct config *cfg, FILE *f)
{
	for (const struct cfg_trustpoint *tp = cfg->trustpoints; tp != NULL; tp = tp->next) {
		const struct main_identity *id = main_identity_find(tp->name);

		if (tp->identity.len == 0)
			continue;
		if (id == NULL)
			fprintf(f, "trustpoint %s: its identity certificate is in the configuration, but its private key is not here: "
			    "import both with \"crypto ca import %s pkcs12\", or make new ones with \"crypto ca enroll %s\"\n",
			    tp->name, tp->name, tp->name);
		else if (id->leaf_len != tp->identity.len || memcmp(id->leaf, tp->identity.data, id->leaf_len) != 0)
			fprintf(f, "trustpoint %s: the private key here belongs to another certificate than the configuration's; "
			    "phones are shown the key's (SHA-1 %s)\n", tp->name, id->sha1);
	}
}

/* ---- the chain that is served ---- */

/* A CA certificate of the configuration that issued crt; the trustpoint's own is asked first. */
static const struct cfg_trustpoint *
issuer_find(const struct config *cfg, const char *own, gnutls_x509_crt_t crt, gnutls_x509_crt_t *issuer)
{
	for (int pass = 0; pass < 2; pass++) {
		for (const struct cfg_trustpoint *tp = cfg->trustpoints; tp != NULL; tp = tp->next) {
			if (tp->ca.len == 0 || (strcmp(tp->name, own) == 0) != (pass == 0))
				continue;
			if ((*issuer = x509_load(tp->ca.data, tp->ca.len)) == NULL)
				continue;
			if (x509_issued_by(crt, *issuer))
				return tp;
			gnutls_x509_crt_deinit(*issuer);
		}
	}
	return NULL;
}

/* The last certificate of a chain as messages carry it; NULL when there is none. *count is how many. */
static gnutls_x509_crt_t
chain_last(const uint8_t *chain, size_t len, unsigned *count)
{
	struct rd r = rd_init(chain, len);
	const uint8_t *der = NULL;
	uint32_t der_len = 0;

	for (*count = 0; rd_left(&r) > 0; ++*count) {
		der_len = rd_u32(&r);
		der = rd_bytes(&r, der_len);
	}
	return der == NULL ? NULL : x509_load(der, der_len);
}

size_t
identity_chain_complete(const struct config *cfg, const struct main_identity *id, uint8_t *out, size_t size,
    char *missing, size_t missing_size)
{
	enum { CERTS_MAX = 8 };
	struct wr w = wr_init(out, size);
	unsigned count;
	gnutls_x509_crt_t last = chain_last(id->chain, id->chain_len, &count), issuer;

	if (missing != NULL)
		missing[0] = '\0';
	wr_bytes(&w, id->chain, id->chain_len);
	while (last != NULL && !x509_same_issuer_and_subject(last) && count < CERTS_MAX && !w.bad) {
		const struct cfg_trustpoint *tp = issuer_find(cfg, id->trustpoint, last, &issuer);
		struct wr before = w;
		bool root;

		if (tp == NULL) {
			if (missing != NULL)
				x509_name_text(last, X509_ISSUER, missing, missing_size);
			break;
		}
		gnutls_x509_crt_deinit(last);
		last = issuer;
		if (memmem(out, (size_t)(w.p - out), tp->ca.data, tp->ca.len) != NULL)
			break; /* they issue each other */
		root = x509_same_issuer_and_subject(issuer);
		wr_u32(&w, (uint32_t)tp->ca.len);
		wr_bytes(&w, tp->ca.data, tp->ca.len);
		if (root && (w.bad || w.p - out > IDENTITY_CHAIN_ROOT_MAX || strcmp(tp->name, id->trustpoint) != 0))
			w = before;
		count++;
	}
	if (last != NULL)
		gnutls_x509_crt_deinit(last);
	return w.bad ? 0 : (size_t)(w.p - out);
}
