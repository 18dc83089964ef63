/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/main/identity.h"

#include <gnutls/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "common/mem.h"

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
	id->next = identities;
	identities = id;
}
