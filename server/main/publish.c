/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/main/publish.h"

#include <string.h>

#include "common/buf.h"
#include "common/log.h"
#include "server/config/model.h"
#include "server/main/daemon.h"
#include "server/main/identity.h"

static uint32_t generation;

static const enum tls_version_index setting_of[SUITE_VERSIONS] = {
	[SUITE_TLS10] = CIPHERS_TLS10, [SUITE_TLS11] = CIPHERS_TLS11, [SUITE_TLS12] = CIPHERS_TLS12,
	[SUITE_TLS13] = CIPHERS_TLS13, [SUITE_DTLS10] = CIPHERS_DTLS10, [SUITE_DTLS12] = CIPHERS_DTLS12,
};

uint32_t
tls_list_put(const struct config *cfg, enum suite_version version, uint8_t *out)
{
	const struct cfg_cipher_setting *c = &cfg->ssl.ciphers[setting_of[version]];
	struct wr w = wr_init(out, 2 * SUITE_LIST_MAX);
	struct suite_list list;

	if (c->level == NULL)
		c = &cfg->ssl.ciphers[CIPHERS_DEFAULT];
	suite_list_make(version, c->level, c->custom, &list);
	for (size_t i = 0; i < list.count; i++)
		wr_u16(&w, list.suites[i]->id);
	return (uint32_t)(w.p - out);
}

/*
 * The trustpoints that "ssl trust-point" binds to an interface: those that name
 * it, and with no such one those for all interfaces. fn gets the domain ("" for none) too.
 */
static void
bindings_walk(const struct config *cfg, void (*fn)(const char *nameif, const char *domain, const char *trustpoint))
{
	for (const struct cfg_webvpn_enable *e = cfg->webvpn.enables; e != NULL; e = e->next) {
		bool own = false;

		for (const struct cfg_ssl_trustpoint *t = cfg->ssl.trustpoints; t != NULL; t = t->next)
			own = own || (t->nameif != NULL && strcmp(t->nameif, e->nameif) == 0 && t->domain == NULL);
		for (const struct cfg_ssl_trustpoint *t = cfg->ssl.trustpoints; t != NULL; t = t->next) {
			bool here = t->nameif != NULL ? strcmp(t->nameif, e->nameif) == 0 : (t->domain != NULL || !own);

			if (here)
				fn(e->nameif, t->domain == NULL ? "" : t->domain, t->trustpoint);
		}
	}
}

static void
auth_binding_send(const char *nameif, const char *domain, const char *trustpoint)
{
	struct ipc_auth_binding m = { .nameif = nameif, .trustpoint = trustpoint };

	(void)domain;
	ipc_send(&daemon_.certauth, MSG_auth_binding, &m);
}

static unsigned
usage_of(const struct cfg_trustpoint *tp)
{
	return tp->validation_usage == SETTING_UNSET ? USAGE_IPSEC_CLIENT | USAGE_SSL_CLIENT : (unsigned)tp->validation_usage;
}

static unsigned
authentication_of(const struct cfg_tunnel_group *tg)
{
	return tg->authentication == SETTING_UNSET ? AUTH_AAA : (unsigned)tg->authentication;
}

void
publish_certauth(const struct config *cfg)
{
	struct ipc_auth_begin begin = { .generation = ++generation };
	struct ipc_auth_commit commit = { .generation = generation };

	ipc_send(&daemon_.certauth, MSG_auth_begin, &begin);
	for (const struct cfg_trustpoint *tp = cfg->trustpoints; tp != NULL; tp = tp->next) {
		struct ipc_auth_trustpoint m = {
			.name = tp->name, .usage = usage_of(tp), .ca = { tp->ca.data, (uint32_t)tp->ca.len },
		};

		if (tp->ca.len > 0)
			ipc_send(&daemon_.certauth, MSG_auth_trustpoint, &m);
	}
	for (const struct cfg_tunnel_group *tg = cfg->tunnel_groups; tg != NULL; tg = tg->next) {
		struct ipc_auth_group m = {
			.name = tg->name,
			.group_policy = tg->default_group_policy != NULL ? tg->default_group_policy : "DfltGrpPolicy",
			.authentication = (uint8_t)authentication_of(tg),
		};

		ipc_send(&daemon_.certauth, MSG_auth_group, &m);
	}
	bindings_walk(cfg, auth_binding_send);
	ipc_send(&daemon_.certauth, MSG_auth_commit, &commit);
}

static void
tls_binding_send(const char *nameif, const char *domain, const char *trustpoint)
{
	struct ipc_tls_binding m = { .nameif = nameif, .domain = domain, .trustpoint = trustpoint };

	ipc_send(&daemon_.spawner, MSG_tls_binding, &m);
}

static void
urls_send(const struct config *cfg)
{
	for (const struct cfg_tunnel_group *tg = cfg->tunnel_groups; tg != NULL; tg = tg->next) {
		for (const struct cfg_group_url *u = tg->urls; u != NULL; u = u->next) {
			struct ipc_tls_group_url m = {
				.host = u->host, .port = u->port, .path = u->path, .tunnel_group = tg->name,
				.authentication = (uint8_t)authentication_of(tg),
			};

			if (u->enabled)
				ipc_send(&daemon_.spawner, MSG_tls_group_url, &m);
		}
	}
}

static bool
asks_certificate(const struct config *cfg)
{
	for (const struct cfg_tunnel_group *tg = cfg->tunnel_groups; tg != NULL; tg = tg->next) {
		if ((authentication_of(tg) & (AUTH_CERTIFICATE | AUTH_MULTIPLE_CERTIFICATE)) != 0)
			return true;
	}
	return false;
}

static void
versions_get(const struct config *cfg, uint8_t *min, uint8_t *max)
{
	int32_t v = cfg->ssl.server_version;

	*min = v == CIPHERS_TLS11 ? SUITE_TLS11 : v == CIPHERS_TLS12 ? SUITE_TLS12 : v == CIPHERS_TLS13 ? SUITE_TLS13 : SUITE_TLS10;
	/* off until asked for: protocol.md 7, trap 8 */
	*max = v == CIPHERS_TLS13 || cfg->ssl.ciphers[CIPHERS_TLS13].level != NULL ? SUITE_TLS13 : SUITE_TLS12;
}

void
publish_spawner(const struct config *cfg)
{
	struct ipc_tls_begin begin = {
		.generation = ++generation,
		.ask_certificate = asks_certificate(cfg),
		.hostname = cfg->hostname != NULL ? cfg->hostname : "ciscoasa",
	};
	struct ipc_tls_commit commit = { .generation = generation };

	versions_get(cfg, &begin.min_version, &begin.max_version);
	ipc_send(&daemon_.spawner, MSG_tls_begin, &begin);
	for (unsigned v = SUITE_TLS10; v <= SUITE_DTLS10; v++) { /* DTLS too: a phone's TLS suite must match one */
		uint8_t ids[2 * SUITE_LIST_MAX];
		struct ipc_tls_suites m = { .version = (uint8_t)v, .suites = { ids, tls_list_put(cfg, v, ids) } };

		ipc_send(&daemon_.spawner, MSG_tls_suites, &m);
	}
	for (const struct main_identity *id = main_identity_first(); id != NULL; id = id->next) {
		struct ipc_tls_identity m = {
			.trustpoint = id->trustpoint, .key_algo = id->key_algo, .key_bits = id->key_bits,
			.chain = { id->chain, id->chain_len },
		};

		ipc_send(&daemon_.spawner, MSG_tls_identity, &m);
	}
	bindings_walk(cfg, tls_binding_send);
	for (const struct cfg_trustpoint *tp = cfg->trustpoints; tp != NULL; tp = tp->next) {
		struct ipc_tls_ca m = { .der = { tp->ca.data, (uint32_t)tp->ca.len } };

		if (tp->ca.len > 0 && (usage_of(tp) & USAGE_SSL_CLIENT) != 0)
			ipc_send(&daemon_.spawner, MSG_tls_ca, &m);
	}
	urls_send(cfg);
	ipc_send(&daemon_.spawner, MSG_tls_commit, &commit);
}

static void
binding_warn(const char *nameif, const char *domain, const char *trustpoint)
{
	(void)domain;
	if (main_identity_find(trustpoint) == NULL)
		log_warn("trust-point %s of interface %s has no identity certificate: handshakes fail until "
		    "\"crypto ca enroll %s\" or \"crypto ca import %s pkcs12\"", trustpoint, nameif, trustpoint, trustpoint);
}

void
publish_warnings(const struct config *cfg)
{
	if (cfg->webvpn.enables != NULL && cfg->ssl.trustpoints == NULL)
		log_warn("no \"ssl trust-point\": there is no certificate to present, handshakes fail");
	bindings_walk(cfg, binding_warn);
}
