/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/main/publish.h"

#include <stdio.h>
#include <string.h>

#include "common/buf.h"
#include "common/log.h"
#include "server/config/model.h"
#include "server/main/daemon.h"
#include "server/main/identity.h"
#include "server/main/revocation.h"

static uint32_t generation;

static const enum tls_version_index setting_of[SUITE_VERSIONS] = {
	[SUITE_TLS10] = CIPHERS_TLS10, [SUITE_TLS11] = CIPHERS_TLS11, [SUITE_TLS12] = CIPHERS_TLS12,
	[SUITE_TLS13] = CIPHERS_TLS13, [SUITE_DTLS10] = CIPHERS_DTLS10, [SUITE_DTLS12] = CIPHERS_DTLS12,
};

static const struct cfg_cipher_setting *
setting_for(const struct config *cfg, enum suite_version version)
{
	const struct cfg_cipher_setting *c = &cfg->ssl.ciphers[setting_of[version]];

	return c->level != NULL ? c : &cfg->ssl.ciphers[CIPHERS_DEFAULT];
}

void
tls_list_make(const struct config *cfg, enum suite_version version, struct suite_list *out)
{
	const struct cfg_cipher_setting *c = setting_for(cfg, version);

	suite_list_make(version, c->level, c->custom, out);
}

bool
tls_list_is_custom(const struct config *cfg, enum suite_version version)
{
	return setting_for(cfg, version)->custom != NULL;
}

uint32_t
tls_list_put(const struct config *cfg, enum suite_version version, uint8_t *out)
{
	struct wr w = wr_init(out, 2 * SUITE_LIST_MAX);
	struct suite_list list;

	if (version == SUITE_DTLS10 && cfg->ssl.server_dtls_version == CIPHERS_DTLS12)
		return 0; /* below the minimum */
	tls_list_make(cfg, version, &list);
	for (size_t i = 0; i < list.count; i++)
		wr_u16(&w, list.suites[i]->id);
	return (uint32_t)(w.p - out);
}

void
bindings_each(const struct config *cfg, binding_fn fn, void *ctx)
{
	for (const struct cfg_webvpn_enable *e = cfg->webvpn.enables; e != NULL; e = e->next) {
		bool own = false;

		for (const struct cfg_ssl_trustpoint *t = cfg->ssl.trustpoints; t != NULL; t = t->next)
			own = own || (t->nameif != NULL && strcmp(t->nameif, e->nameif) == 0 && t->domain == NULL);
		for (const struct cfg_ssl_trustpoint *t = cfg->ssl.trustpoints; t != NULL; t = t->next) {
			bool here = t->nameif != NULL ? strcmp(t->nameif, e->nameif) == 0 : (t->domain != NULL || !own);

			if (here)
				fn(e->nameif, t->domain == NULL ? "" : t->domain, t->trustpoint, ctx);
		}
	}
}

static void
auth_binding_send(const char *nameif, const char *domain, const char *trustpoint, void *ctx)
{
	struct ipc_auth_binding m = { .nameif = nameif, .trustpoint = trustpoint };

	(void)domain, (void)ctx;
	ipc_send(&daemon_.certauth, MSG_auth_binding, &m);
}

static unsigned
usage_of(const struct cfg_trustpoint *tp)
{
	return tp->validation_usage == SETTING_UNSET ? USAGE_IPSEC_CLIENT | USAGE_SSL_CLIENT : (unsigned)tp->validation_usage;
}

static unsigned
authentication_of(const struct config *cfg, const struct cfg_tunnel_group *tg)
{
	struct cfg_group_resolved group;

	config_tunnel_group_resolve(cfg, tg, &group);
	return group.authentication;
}

static void
auth_trustpoint_send(const struct cfg_trustpoint *tp)
{
	char urls[4096];
	struct ipc_auth_trustpoint m = {
		.name = tp->name,
		.usage = usage_of(tp),
		.ca = { tp->ca.data, (uint32_t)tp->ca.len },
		.methods = { tp->revocation, sizeof(tp->revocation) },
		.flags = revocation_flags(tp),
		.ocsp_url = tp->ocsp_url != NULL ? tp->ocsp_url : "",
		.crl_policy = (uint8_t)(tp->crl_policy == SETTING_UNSET ? CRL_CDP : tp->crl_policy),
		.crl_cache_s = tp->crl_cache_min == SETTING_UNSET ? 0 : (uint32_t)tp->crl_cache_min * 60,
		.crl_urls = urls,
	};

	revocation_urls(tp, urls, sizeof(urls));
	ipc_send(&daemon_.certauth, MSG_auth_trustpoint, &m);
}

static void
auth_group_send(const struct config *cfg, const struct cfg_tunnel_group *tg)
{
	struct cfg_group_resolved group;
	struct ipc_auth_group m = { .name = tg->name };
	char tag[129];

	config_tunnel_group_resolve(cfg, tg, &group);
	m.group_policy = group.default_group_policy;
	m.authentication = (uint8_t)group.authentication;
	m.authorization_local = strcmp(group.authorization_group, "LOCAL") == 0;
	m.authorization_required = group.authorization_required;
	m.username_from = group.username_from_certificate;
	m.strip_realm = group.strip_realm;
	m.prefill = group.prefill;
	/* "TAG", "LOCAL", "TAG LOCAL" */
	snprintf(tag, sizeof(tag), "%.*s", (int)strcspn(group.authentication_group, " "), group.authentication_group);
	m.aaa_group = tag;
	m.aaa_fallback = strchr(group.authentication_group, ' ') != NULL;
	ipc_send(&daemon_.certauth, MSG_auth_group, &m);
}

static void
auth_maps_send(const struct config *cfg)
{
	for (const struct cfg_cert_map *map = cfg->cert_maps; map != NULL; map = map->next) {
		for (const struct cfg_cert_rule *r = map->rules; r != NULL; r = r->next) {
			struct ipc_auth_cert_rule m = {
				.map = map->name, .seq = (uint32_t)map->seq, .field = (uint8_t)r->field, .op = (uint8_t)r->op,
				.attr = r->attr != NULL ? r->attr : "", .value = r->value,
			};

			ipc_send(&daemon_.certauth, MSG_auth_cert_rule, &m);
		}
	}
	for (const struct cfg_group_map *g = cfg->webvpn.group_maps; g != NULL; g = g->next) {
		struct ipc_auth_group_map m = { .map = g->map, .seq = (uint32_t)g->seq, .tunnel_group = g->tunnel_group };

		ipc_send(&daemon_.certauth, MSG_auth_group_map, &m);
	}
}

static void
exception_send(const struct cfg_exception *e, void *ctx)
{
	const struct cfg_trustpoint *signer = e->signer != NULL ? config_trustpoint(daemon_.config, e->signer) : NULL;
	struct ipc_auth_exception m = {
		.trustpoint = ctx, .map = e->map, .kind = (uint8_t)e->kind, .seq = (uint32_t)e->seq,
		.url = e->url != NULL ? e->url : "",
	};

	if (signer != NULL)
		m.signer = (struct ipc_blob){ signer->ca.data, (uint32_t)signer->ca.len };
	ipc_send(&daemon_.certauth, MSG_auth_exception, &m);
}

static void
lab_bindings_send(const struct config *cfg)
{
	for (const struct cfg_webvpn_enable *e = cfg->webvpn.enables; e != NULL; e = e->next) {
		for (const struct main_identity *id = main_identity_first(); id != NULL; id = id->next)
			auth_binding_send(e->nameif, "", id->trustpoint, NULL);
	}
}

void
publish_certauth(const struct config *cfg)
{
	struct ipc_auth_begin begin = {
		.generation = ++generation, .prefer_group_url = cfg->webvpn.prefer_group_url,
		.max_fail = (uint8_t)config_local_max_fail(cfg),
	};
	struct ipc_auth_commit commit = { .generation = generation };

	ipc_send(&daemon_.certauth, MSG_auth_begin, &begin);
	for (const struct cfg_trustpoint *tp = cfg->trustpoints; tp != NULL; tp = tp->next) {
		if (tp->ca.len > 0)
			auth_trustpoint_send(tp);
	}
	for (const struct cfg_tunnel_group *tg = cfg->tunnel_groups; tg != NULL; tg = tg->next)
		auth_group_send(cfg, tg);
	auth_maps_send(cfg);
	for (const struct cfg_trustpoint *tp = cfg->trustpoints; tp != NULL; tp = tp->next)
		config_exceptions_each(tp, exception_send, tp->name);
	for (const struct cfg_user *u = cfg->users; u != NULL; u = u->next) {
		struct ipc_auth_user m = {
			.name = u->name, .group_policy = u->vpn_group_policy != NULL ? u->vpn_group_policy : "",
			.password_kind = (uint8_t)u->password_kind, .password = u->password,
			.service_type = (uint8_t)u->service_type,
		};

		ipc_send(&daemon_.certauth, MSG_auth_user, &m);
	}
	bindings_each(cfg, auth_binding_send, NULL);
	if (daemon_.host.lab) /* any trustpoint may be served once */
		lab_bindings_send(cfg);
	ipc_send(&daemon_.certauth, MSG_auth_commit, &commit);
}

static void
tls_binding_send(const char *nameif, const char *domain, const char *trustpoint, void *ctx)
{
	struct ipc_tls_binding m = { .nameif = nameif, .domain = domain, .trustpoint = trustpoint };

	(void)ctx;
	ipc_send(&daemon_.spawner, MSG_tls_binding, &m);
}

static void
urls_send(const struct config *cfg)
{
	for (const struct cfg_tunnel_group *tg = cfg->tunnel_groups; tg != NULL; tg = tg->next) {
		for (const struct cfg_group_url *u = tg->urls; u != NULL; u = u->next) {
			struct ipc_tls_group_url m = {
				.host = u->host, .port = u->port, .path = u->path, .tunnel_group = tg->name,
				.authentication = (uint8_t)authentication_of(cfg, tg),
			};

			if (u->enabled)
				ipc_send(&daemon_.spawner, MSG_tls_group_url, &m);
		}
	}
}

static void
aliases_send(const struct config *cfg)
{
	for (const struct cfg_tunnel_group *tg = cfg->tunnel_groups; tg != NULL; tg = tg->next) {
		for (const struct cfg_group_alias *a = tg->aliases; a != NULL; a = a->next) {
			struct ipc_tls_alias m = { .alias = a->name, .tunnel_group = tg->name };

			if (a->enabled)
				ipc_send(&daemon_.spawner, MSG_tls_alias, &m);
		}
	}
}

static bool
asks_certificate(const struct config *cfg)
{
	if (cfg->webvpn.group_maps != NULL) /* a certificate may lead anywhere (asa-reference 4.1) */
		return true;
	for (const struct cfg_webvpn_enable *e = cfg->webvpn.enables; e != NULL; e = e->next) {
		if (config_certificate_port(cfg, e->nameif) != 0)
			return true;
	}
	for (const struct cfg_tunnel_group *tg = cfg->tunnel_groups; tg != NULL; tg = tg->next) {
		if ((authentication_of(cfg, tg) & (AUTH_CERTIFICATE | AUTH_MULTIPLE_CERTIFICATE)) != 0)
			return true;
	}
	return false;
}

void
tls_versions(const struct config *cfg, enum suite_version *min, enum suite_version *max)
{
	int32_t v = cfg->ssl.server_version;

	*min = v == CIPHERS_TLS11 ? SUITE_TLS11 : v == CIPHERS_TLS12 ? SUITE_TLS12 : v == CIPHERS_TLS13 ? SUITE_TLS13 : SUITE_TLS10;
	/* off until asked for: protocol.md 7, trap 8 */
	*max = v == CIPHERS_TLS13 || cfg->ssl.ciphers[CIPHERS_TLS13].level != NULL ? SUITE_TLS13 : SUITE_TLS12;
}

static void
identity_send(const struct config *cfg, const struct main_identity *id)
{
	static uint8_t chain[IPC_CHAIN_MAX];
	size_t len = identity_chain_complete(cfg, id, chain, sizeof(chain), NULL, 0);
	struct ipc_tls_identity m = {
		.trustpoint = id->trustpoint, .key_algo = id->key_algo, .key_bits = id->key_bits,
		.chain = { chain, (uint32_t)len },
	};

	if (len == 0) /* what completes it does not fit */
		m.chain = (struct ipc_blob){ id->chain, id->chain_len };
	ipc_send(&daemon_.spawner, MSG_tls_identity, &m);
}

void
publish_spawner(const struct config *cfg)
{
	struct ipc_tls_begin begin = {
		.generation = ++generation,
		.ask_certificate = asks_certificate(cfg),
		.hostname = cfg->hostname != NULL ? cfg->hostname : "ciscoasa",
		.default_group = cfg->webvpn.group_maps != NULL,
		.list_groups = cfg->webvpn.list_groups,
		.dh_group = cfg->ssl.dh_group == DH_GROUP15 ? 15 : 14,
		.ecdh_group = (uint8_t)(19 + (cfg->ssl.ecdh_group == SETTING_UNSET ? 0 : cfg->ssl.ecdh_group)),
		.ecdh_only = cfg->ssl.ecdh_group != SETTING_UNSET,
	};
	struct ipc_tls_commit commit = { .generation = generation };
	enum suite_version min, max;

	tls_versions(cfg, &min, &max);
	begin.min_version = (uint8_t)min;
	begin.max_version = (uint8_t)max;
	ipc_send(&daemon_.spawner, MSG_tls_begin, &begin);
	for (unsigned v = SUITE_TLS10; v <= SUITE_DTLS10; v++) { /* DTLS too: a phone's TLS suite must match one */
		uint8_t ids[2 * SUITE_LIST_MAX];
		struct ipc_tls_suites m = { .version = (uint8_t)v, .suites = { ids, tls_list_put(cfg, v, ids) } };

		ipc_send(&daemon_.spawner, MSG_tls_suites, &m);
	}
	for (const struct main_identity *id = main_identity_first(); id != NULL; id = id->next)
		identity_send(cfg, id);
	bindings_each(cfg, tls_binding_send, NULL);
	for (const struct cfg_trustpoint *tp = cfg->trustpoints; tp != NULL; tp = tp->next) {
		struct ipc_tls_ca m = { .der = { tp->ca.data, (uint32_t)tp->ca.len } };

		if (tp->ca.len > 0 && (usage_of(tp) & USAGE_SSL_CLIENT) != 0)
			ipc_send(&daemon_.spawner, MSG_tls_ca, &m);
	}
	urls_send(cfg);
	aliases_send(cfg);
	ipc_send(&daemon_.spawner, MSG_tls_commit, &commit);
}
