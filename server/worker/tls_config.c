/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/worker/tls_config.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/buf.h"
#include "common/log.h"
#include "server/worker/dh_group.h"
#include "server/worker/leaf.h"
#include "server/worker/tls_key.h"

#define CERTS_MAX 8

static void
priority_free(void *arg)
{
	gnutls_priority_deinit(arg);
}

static void
cred_free(void *arg)
{
	gnutls_certificate_free_credentials(arg);
}

static void
dh_free(void *arg)
{
	gnutls_dh_params_deinit(arg);
}

static void
crt_free(void *arg)
{
	gnutls_x509_crt_deinit(arg);
}

struct tls_config *
tls_config_new(const struct ipc_tls_begin *m)
{
	struct mem *mem = mem_new(NULL);
	struct tls_config *c = mem_alloc(mem, sizeof(*c));

	c->mem = mem;
	c->min_version = m->min_version <= SUITE_TLS13 ? m->min_version : SUITE_TLS10;
	c->max_version = m->max_version <= SUITE_TLS13 ? m->max_version : SUITE_TLS12;
	c->ask_certificate = m->ask_certificate;
	c->default_group = m->default_group != 0;
	c->list_groups = m->list_groups != 0;
	c->aliases_tail = &c->aliases;
	c->hostname = mem_strdup(mem, m->hostname);
	c->ecdh_group = m->ecdh_group;
	c->ecdh_only = m->ecdh_only != 0;
	if ((c->dh = dh_group_params(m->dh_group)) == NULL)
		fatal("no memory for the Diffie-Hellman group");
	mem_on_free(mem, dh_free, c->dh);
	c->bindings_tail = &c->bindings;
	c->urls_tail = &c->urls;
	return c;
}

void
tls_config_free(struct tls_config *c)
{
	if (c != NULL)
		mem_free(c->mem);
}

void
tls_config_add_suites(struct tls_config *c, const struct ipc_tls_suites *m)
{
	struct rd r = rd_init(m->suites.data, m->suites.len);
	struct suite_list *list;

	if (m->version >= SUITE_VERSIONS)
		return;
	list = &c->suites[m->version];
	while (rd_left(&r) >= 2 && list->count < SUITE_LIST_MAX) {
		const struct suite *s = suite_by_id(rd_u16(&r));

		if (s != NULL)
			list->suites[list->count++] = s;
	}
}

static unsigned
chain_import(const struct ipc_blob *chain, gnutls_pcert_st *certs)
{
	struct rd r = rd_init(chain->data, chain->len);
	unsigned n = 0;

	while (rd_left(&r) > 0 && n < CERTS_MAX) {
		uint32_t len = rd_u32(&r);
		const uint8_t *p = rd_bytes(&r, len);
		gnutls_datum_t der = { (unsigned char *)(uintptr_t)p, len };

		if (p == NULL || gnutls_pcert_import_x509_raw(&certs[n], &der, GNUTLS_X509_FMT_DER, 0) < 0)
			break;
		n++;
	}
	return n;
}

void
tls_config_add_identity(struct tls_config *c, const struct ipc_tls_identity *m)
{
	struct tls_identity *id = mem_alloc(c->mem, sizeof(*id));
	gnutls_pcert_st certs[CERTS_MAX];
	unsigned n = chain_import(&m->chain, certs);
	int r;

	id->trustpoint = mem_strdup(c->mem, m->trustpoint);
	id->subject = id->issuer = mem_strdup(c->mem, "");
	id->key_algo = (gnutls_pk_algorithm_t)m->key_algo;
	id->key_bits = m->key_bits;
	if (n == 0 || gnutls_certificate_allocate_credentials(&id->cred) < 0) {
		log_err("identity of trustpoint %s cannot be read", m->trustpoint);
		return;
	}
	leaf_read(c->mem, id, &certs[0]);
	mem_on_free(c->mem, cred_free, id->cred);
	gnutls_certificate_set_flags(id->cred, GNUTLS_CERTIFICATE_SKIP_KEY_CERT_MATCH);
	gnutls_certificate_set_dh_params(id->cred, c->dh);
	r = gnutls_certificate_set_key(id->cred, NULL, 0, certs, (int)n, tls_key_new(id));
	if (r < 0) {
		log_err("identity of trustpoint %s: %s", m->trustpoint, gnutls_strerror(r));
		return;
	}
	id->next = c->identities;
	c->identities = id;
}

void
tls_config_add_alias(struct tls_config *c, const struct ipc_tls_alias *m)
{
	struct tls_alias *a = mem_alloc(c->mem, sizeof(*a));

	a->alias = mem_strdup(c->mem, m->alias);
	a->tunnel_group = mem_strdup(c->mem, m->tunnel_group);
	*c->aliases_tail = a;
	c->aliases_tail = &a->next;
}

void
tls_config_add_binding(struct tls_config *c, const struct ipc_tls_binding *m)
{
	struct tls_binding *b = mem_alloc(c->mem, sizeof(*b));

	b->nameif = mem_strdup(c->mem, m->nameif);
	b->domain = mem_strdup(c->mem, m->domain);
	b->trustpoint = mem_strdup(c->mem, m->trustpoint);
	b->identity = c->identities;
	while (b->identity != NULL && strcmp(b->identity->trustpoint, m->trustpoint) != 0)
		b->identity = b->identity->next;
	*c->bindings_tail = b;
	c->bindings_tail = &b->next;
}

const char *
tls_config_bound(const struct tls_config *c, const char *nameif)
{
	for (const struct tls_binding *b = c->bindings; b != NULL; b = b->next) {
		if (strcmp(b->nameif, nameif) == 0)
			return b->trustpoint;
	}
	return "none";
}

void
tls_config_add_ca(struct tls_config *c, const struct ipc_tls_ca *m)
{
	gnutls_datum_t der = { (unsigned char *)(uintptr_t)m->der.data, m->der.len };
	gnutls_x509_crt_t crt, *grown;

	if (gnutls_x509_crt_init(&crt) < 0)
		return;
	if (gnutls_x509_crt_import(crt, &der, GNUTLS_X509_FMT_DER) < 0) {
		gnutls_x509_crt_deinit(crt);
		return;
	}
	mem_on_free(c->mem, crt_free, crt);
	grown = mem_alloc(c->mem, (c->ca_count + 1) * sizeof(*grown));
	if (c->ca_count > 0)
		memcpy(grown, c->cas, c->ca_count * sizeof(*grown));
	grown[c->ca_count++] = crt;
	c->cas = grown;
}

void
tls_config_add_group_url(struct tls_config *c, const struct ipc_tls_group_url *m)
{
	struct tls_group_url *u = mem_alloc(c->mem, sizeof(*u));

	u->host = mem_strdup(c->mem, m->host);
	u->path = mem_strdup(c->mem, m->path);
	u->tunnel_group = mem_strdup(c->mem, m->tunnel_group);
	u->port = m->port;
	u->authentication = m->authentication;
	*c->urls_tail = u;
	c->urls_tail = &u->next;
}

static const char *const version_words[SUITE_VERSIONS] = {
	[SUITE_TLS10] = "TLS1.0", [SUITE_TLS11] = "TLS1.1", [SUITE_TLS12] = "TLS1.2", [SUITE_TLS13] = "TLS1.3",
};

static const char *const kx_words[] = {
	[KX_RSA] = ":+RSA", [KX_DHE_RSA] = ":+DHE-RSA", [KX_ECDHE_RSA] = ":+ECDHE-RSA",
	[KX_ECDHE_ECDSA] = ":+ECDHE-ECDSA", [KX_ANY] = "",
};

/*
 * "ssl ecdh-group": that one alone, unset group19 before the others (in TLS 1.3
 * any, as the client guesses). With ECDSA the others must stay, since one of them
 * is the certificate's own curve.
 */
static void
groups_text(const struct tls_config *c, const struct suite *s, char *out, size_t size)
{
	static const char *const curves[] = { "SECP256R1", "SECP384R1", "SECP521R1" };
	const char *curve = curves[c->ecdh_group >= 19 && c->ecdh_group <= 21 ? c->ecdh_group - 19 : 0];

	if (s->kx == KX_RSA || s->kx == KX_DHE_RSA || (s->since == SUITE_TLS13 && !c->ecdh_only)) /* no retries for nothing */
		snprintf(out, size, ":+GROUP-ALL");
	else if (c->ecdh_only && s->kx != KX_ECDHE_ECDSA)
		snprintf(out, size, ":+GROUP-%s", curve);
	else
		snprintf(out, size, ":+GROUP-%s:+GROUP-ALL:%%SERVER_PRECEDENCE", curve);
}

/* One suite in one version (protocol.md 6.2: a string is a cross product, so one each). */
static gnutls_priority_t
priority_make(struct tls_config *c, enum suite_version version, const struct suite *s)
{
	gnutls_priority_t p;
	char text[220], groups[64];

	groups_text(c, s, groups, sizeof(groups));
	snprintf(text, sizeof(text), "NONE:+VERS-%s:+%s:+%s%s:+COMP-NULL:+SIGN-ALL%s",
	    version_words[version], s->cipher, s->mac, kx_words[s->kx], groups);
	if (gnutls_priority_init(&p, text, NULL) < 0) {
		log_warn("suite %s is not to be had in %s", s->name, version_words[version]);
		return NULL;
	}
	mem_on_free(c->mem, priority_free, p);
	return p;
}

void
tls_config_finish(struct tls_config *c)
{
	for (unsigned v = c->min_version; v <= c->max_version; v++) {
		for (size_t i = 0; i < c->suites[v].count; i++)
			c->priorities[v][i] = priority_make(c, v, c->suites[v].suites[i]);
	}
	if (gnutls_priority_init(&c->start, "NORMAL:+VERS-TLS1.0:+VERS-TLS1.1:+SHA256", NULL) < 0)
		fatal("GnuTLS refuses its own priorities");
	mem_on_free(c->mem, priority_free, c->start);
	for (struct tls_identity *id = c->identities; id != NULL && c->ca_count > 0; id = id->next)
		gnutls_certificate_set_x509_trust(id->cred, c->cas, (int)c->ca_count);
}

static bool
identity_serves(const struct tls_identity *id, const struct suite *s)
{
	bool rsa = id->key_algo == GNUTLS_PK_RSA;

	switch (s->kx) {
	case KX_RSA:
		return rsa && id->key_encipherment;
	case KX_DHE_RSA:
	case KX_ECDHE_RSA:
		return rsa;
	case KX_ECDHE_ECDSA:
		return id->key_algo == GNUTLS_PK_ECDSA;
	case KX_ANY:
		return true;
	case KX_PSK: /* of DTLS only */
		break;
	}
	return false;
}

/* Of two that could, the RSA one: it is what phones are set up with (asa-reference 4.7). */
static struct tls_identity *
identity_better(struct tls_identity *a, struct tls_identity *b)
{
	if (a == NULL || (a->key_algo != GNUTLS_PK_RSA && b->key_algo == GNUTLS_PK_RSA))
		return b;
	return a;
}

/*
 * The identity that serves this suite here: those bound to the name the
 * client asked for, else those bound to the interface. Never another one
 * (the trap of CSCuu02848, asa-reference 4.7).
 */
static struct tls_identity *
identity_find(const struct tls_config *c, const char *nameif, const char *sni, const struct suite *s)
{
	struct tls_identity *named = NULL, *any = NULL;
	bool by_name = false;

	for (const struct tls_binding *b = c->bindings; b != NULL; b = b->next) {
		bool fits = b->identity != NULL && (s == NULL || identity_serves(b->identity, s));

		if (strcmp(b->nameif, nameif) != 0)
			continue;
		if (b->domain[0] != '\0' && sni[0] != '\0' && strcasecmp(b->domain, sni) == 0) {
			by_name = true;
			if (fits)
				named = identity_better(named, b->identity);
		} else if (b->domain[0] == '\0' && fits) {
			any = identity_better(any, b->identity);
		}
	}
	return by_name ? named : any;
}

/* A trustpoint's own, bound or not: for a lab only, certauth refuses its key elsewhere. */
static struct tls_identity *
identity_named(const struct tls_config *c, const char *trustpoint, const struct suite *s)
{
	for (struct tls_identity *id = c->identities; id != NULL; id = id->next) {
		if (strcmp(id->trustpoint, trustpoint) == 0)
			return s == NULL || identity_serves(id, s) ? id : NULL;
	}
	return NULL;
}

/* Who would serve a suite. */
static struct tls_identity *
identity_for(const struct tls_config *c, const char *nameif, const struct hello *h, const char *trustpoint, const struct suite *s)
{
	return trustpoint[0] != '\0' ? identity_named(c, trustpoint, s) : identity_find(c, nameif, h->sni, s);
}

static bool
suite_try(const struct tls_config *c, const char *nameif, const struct hello *h, const char *trustpoint, size_t i,
    struct tls_choice *out)
{
	const struct suite *s = c->suites[out->version].suites[i];
	gnutls_priority_t priority = c->priorities[out->version][i];

	if (priority == NULL || !hello_offers(h, s->id))
		return false;
	if ((out->identity = identity_for(c, nameif, h, trustpoint, s)) == NULL)
		return false;
	out->suite = s;
	out->priority = priority;
	return true;
}

static bool
suite_choose(const struct tls_config *c, const char *nameif, const struct hello *h, const char *trustpoint,
    struct tls_choice *out)
{
	static const uint16_t phone_order[] = { 0x0035, 0x002F };
	const struct suite_list *list = &c->suites[out->version];

	/* first those that "ssl cipher dtlsv1" has too, then any */
	for (size_t k = 0; hello_phone_like(h) && k < 4; k++) {
		const struct suite *want = suite_by_id(phone_order[k % 2]);

		if (k < 2 && !suite_list_has(&c->suites[SUITE_DTLS10], want))
			continue;
		for (size_t i = 0; i < list->count; i++) {
			if (list->suites[i] == want && suite_try(c, nameif, h, trustpoint, i, out))
				return true;
		}
	}
	/* an ECDSA certificate is only for those who can do nothing else */
	for (int ecdsa = 0; ecdsa < 2; ecdsa++) {
		for (size_t i = 0; i < list->count; i++) {
			if ((list->suites[i]->kx == KX_ECDHE_ECDSA) == (ecdsa == 1) && suite_try(c, nameif, h, trustpoint, i, out))
				return true;
		}
	}
	return false;
}

int
tls_config_choose(const struct tls_config *c, const char *nameif, const struct hello *h, const char *trustpoint,
    struct tls_choice *out)
{
	if (identity_for(c, nameif, h, trustpoint, NULL) == NULL)
		return ERR_NOT_FOUND;
	for (unsigned v = c->max_version + 1; v-- > c->min_version;) {
		if (!h->versions[v])
			continue;
		out->version = (enum suite_version)v;
		return suite_choose(c, nameif, h, trustpoint, out) ? 0 : ERR_UNSUPPORTED;
	}
	return ERR_UNSUPPORTED;
}

void
tls_config_skipped(const struct tls_config *c, const char *nameif, const struct hello *h, const char *trustpoint,
    const struct tls_choice *choice, void (*fn)(void *ctx, const struct suite *s, const char *reason), void *ctx)
{
	const struct suite_list *list = &c->suites[choice->version];
	const char *bound = trustpoint[0] != '\0' ? trustpoint : tls_config_bound(c, nameif);

	for (size_t i = 0; h->versions[choice->version] && i < list->count && list->suites[i] != choice->suite; i++) {
		const struct suite *s = list->suites[i];
		char reason[200];

		if (!hello_offers(h, s->id))
			continue;
		if (c->priorities[choice->version][i] == NULL)
			snprintf(reason, sizeof(reason), "Not supported by protocol version");
		else if (identity_for(c, nameif, h, trustpoint, s) != NULL)
			continue;
		else
			snprintf(reason, sizeof(reason), "%s not compatible with trust-point <%s>",
			    s->kx == KX_ECDHE_ECDSA ? "Ephemeral EC key is" : "Key exchange is", bound);
		fn(ctx, s, reason);
	}
}

static bool
path_equal(const char *want, const char *got)
{
	size_t len = strlen(got);

	if (len > 1 && got[len - 1] == '/')
		len--;
	return strlen(want) == len && strncmp(want, got, len) == 0;
}

const struct tls_group_url *
tls_config_url(const struct tls_config *c, const char *host, uint16_t port, const char *path)
{
	for (const struct tls_group_url *u = c->urls; u != NULL; u = u->next) {
		if (strcasecmp(u->host, host) == 0 && (u->port == 0 || u->port == port) && path_equal(u->path, path))
			return u;
	}
	return NULL;
}
