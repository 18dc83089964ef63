/* SPDX-License-Identifier: GPL-2.0-or-later */
/* show ssl, show ssl ciphers (asa-reference 2.5). */
#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "server/main/daemon.h"
#include "server/main/identity.h"
#include "server/main/publish.h"
#include "server/main/session.h"
#include "server/main/x509.h"
#include "server/show/json.h"
#include "server/show/show.h"

static const char *const tls_words[] = { "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3" };

/* ---- the certificate of each binding ---- */

/* "RSA 2048 bits RSA-SHA256", "EC 256 bits ecdsa-with-SHA256" */
static void
kind_text(const struct main_identity *id, char *out, size_t size)
{
	gnutls_x509_crt_t crt = x509_load(id->leaf, id->leaf_len);
	bool rsa = id->key_algo == GNUTLS_PK_RSA;
	const char *digest = "?";

	if (crt != NULL) {
		digest = gnutls_digest_get_name(gnutls_sign_get_hash_algorithm(gnutls_x509_crt_get_signature_algorithm(crt)));
		gnutls_x509_crt_deinit(crt);
	}
	snprintf(out, size, rsa ? "RSA %u bits RSA-%s" : "EC %u bits ecdsa-with-%s", id->key_bits, digest != NULL ? digest : "?");
}

static void
binding_text(const char *nameif, const char *domain, const char *trustpoint, void *ctx)
{
	const struct main_identity *id = main_identity_find(trustpoint);
	char kind[80] = "no certificate";
	FILE *f = ctx;

	if (id != NULL)
		kind_text(id, kind, sizeof(kind));
	if (domain[0] != '\0')
		fprintf(f, "  Interface %s, domain %s: %s (%s)\n", nameif, domain, trustpoint, kind);
	else
		fprintf(f, "  Interface %s: %s (%s)\n", nameif, trustpoint, kind);
}

struct bound {
	const char *sha1;
	bool found;
};

static void
bound_by(const char *nameif, const char *domain, const char *trustpoint, void *ctx)
{
	const struct main_identity *id = main_identity_find(trustpoint);
	struct bound *b = ctx;

	(void)nameif, (void)domain;
	b->found = b->found || (id != NULL && strcasecmp(id->sha1, b->sha1) == 0);
}

/* Sessions that connected under a certificate that is no longer bound: they notice at their next login. */
static unsigned
sessions_elsewhere(void)
{
	unsigned n = 0;

	for (const struct session *s = session_first(); s != NULL; s = s->next) {
		struct bound b = { .sha1 = s->server_sha1 };

		if (s->server_sha1[0] == '\0')
			continue;
		bindings_each(daemon_.config, bound_by, &b);
		n += !b.found;
	}
	return n;
}

static void
binding_json(const char *nameif, const char *domain, const char *trustpoint, void *ctx)
{
	const struct main_identity *id = main_identity_find(trustpoint);
	struct json *j = ctx;
	char kind[80];

	json_object(j, NULL);
	json_str(j, "nameif", nameif);
	json_str(j, "domain", domain[0] != '\0' ? domain : NULL);
	json_str(j, "trustpoint", trustpoint);
	if (id != NULL)
		kind_text(id, kind, sizeof(kind));
	json_str(j, "certificate", id != NULL ? kind : NULL);
	json_str(j, "sha1", id != NULL ? id->sha1 : NULL);
	json_str(j, "sha256", id != NULL ? id->sha256 : NULL);
	json_end_object(j);
}

static void
ssl_json(FILE *f, enum suite_version min, enum suite_version max)
{
	struct json j = { .f = f };

	json_object(&j, NULL);
	json_str(&j, "minimum_version", tls_words[min]);
	json_str(&j, "maximum_version", tls_words[max]);
	json_array(&j, "trust_points");
	bindings_each(daemon_.config, binding_json, &j);
	json_end_array(&j);
	json_int(&j, "sessions_on_other_certificates", sessions_elsewhere());
	json_end_object(&j);
	fputc('\n', f);
}

static void
groups_text(const struct cfg_ssl *ssl, FILE *f)
{
	static const unsigned curve_bits[ECDH_GROUPS] = { 256, 384, 521 };
	unsigned curve = ssl->ecdh_group == SETTING_UNSET ? ECDH_GROUP19 : (unsigned)ssl->ecdh_group;

	fprintf(f, "SSL DH Group: %s\n", ssl->dh_group == DH_GROUP15 ? "group15 (3072-bit modulus)" : "group14 (2048-bit modulus)");
	fprintf(f, "SSL ECDH Group: group%u (%u-bit EC)\n", 19 + curve, curve_bits[curve]);
}

static void
certificate_text(const struct config *cfg, FILE *f)
{
	bool any = false;

	for (const struct cfg_webvpn_enable *e = cfg->webvpn.enables; e != NULL; e = e->next) {
		unsigned port = config_certificate_port(cfg, e->nameif);

		if (port != 0)
			fprintf(f, "Certificate authentication is enabled on interface %s, port %u\n", e->nameif, port);
		any = any || port != 0;
	}
	if (!any)
		fprintf(f, "Certificate authentication is not enabled\n");
}

void
show_ssl(FILE *f, bool json)
{
	enum suite_version min, max;

	tls_versions(daemon_.config, &min, &max);
	if (json) {
		ssl_json(f, min, max);
		return;
	}
	fprintf(f, "Accept connections using %s or greater and negotiate to %s or greater\n", tls_words[min], tls_words[min]);
	fprintf(f, "Start connections using %s and negotiate to %s or greater\n", tls_words[min], tls_words[min]);
	groups_text(&daemon_.config->ssl, f);
	fprintf(f, "\nSSL trust-points:\n");
	bindings_each(daemon_.config, binding_text, f);
	certificate_text(daemon_.config, f);
	fprintf(f, "Sessions on a certificate other than the bound one: %u\n", sessions_elsewhere());
}

/* ---- show ssl ciphers ---- */

static const struct {
	enum suite_version version;
	enum tls_version_index setting;
	const char *word;
} versions[] = {
	{ SUITE_TLS10, CIPHERS_TLS10, "tlsv1" },
	{ SUITE_TLS11, CIPHERS_TLS11, "tlsv1.1" },
	{ SUITE_TLS12, CIPHERS_TLS12, "tlsv1.2" },
	{ SUITE_TLS13, CIPHERS_TLS13, "tlsv1.3" },
	{ SUITE_DTLS10, CIPHERS_DTLS10, "dtlsv1" },
	{ SUITE_DTLS12, CIPHERS_DTLS12, "dtlsv1.2" },
};

static void
list_text(FILE *f, const struct suite_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		fprintf(f, "  %s\n", list->suites[i]->name);
}

static const char *
level_of(size_t i)
{
	const struct cfg_ssl *ssl = &daemon_.config->ssl;
	const struct cfg_cipher_setting *c = &ssl->ciphers[versions[i].setting];

	if (c->level == NULL)
		c = &ssl->ciphers[CIPHERS_DEFAULT];
	return c->level != NULL ? c->level : "medium";
}

static void
ciphers_json(FILE *f)
{
	struct json j = { .f = f };
	struct suite_list list;

	json_list(&j, "versions");
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		tls_list_make(daemon_.config, versions[i].version, &list);
		json_object(&j, NULL);
		json_str(&j, "version", versions[i].word);
		json_str(&j, "level", level_of(i));
		json_array(&j, "ciphers");
		for (size_t k = 0; k < list.count; k++)
			json_str(&j, NULL, list.suites[k]->name);
		json_end_array(&j);
		json_end_object(&j);
	}
	json_end_list(&j);
}

void
show_ssl_ciphers(const char *level, FILE *f, bool json)
{
	struct suite_list list;

	if (json && level == NULL) {
		ciphers_json(f);
		return;
	}
	if (level != NULL) {
		fprintf(f, "These are the ciphers for the given cipher level; not all ciphers are\nsupported by all versions of SSL/TLS.\n");
		fprintf(f, "These names can be used to create a custom cipher list\n");
		suite_list_make(SUITE_TLS12, level, NULL, &list);
		list_text(f, &list);
		return;
	}
	fprintf(f, "Current cipher configuration:\n");
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		fprintf(f, "%s (%s):\n", versions[i].word, level_of(i));
		tls_list_make(daemon_.config, versions[i].version, &list);
		list_text(f, &list);
	}
}
