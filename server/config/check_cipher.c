/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cipher settings that would leave phones outside: warnings (asa-reference 4.8, protocol.md 4.3). */
#include "common/suite.h"
#include "server/config/grammar.h"

static const struct {
	enum tls_version_index index;
	enum suite_version version;
	const char *name;
} versions[] = {
	{ CIPHERS_TLS10, SUITE_TLS10, "tlsv1" },
	{ CIPHERS_TLS11, SUITE_TLS11, "tlsv1.1" },
	{ CIPHERS_TLS12, SUITE_TLS12, "tlsv1.2" },
	{ CIPHERS_TLS13, SUITE_TLS13, "tlsv1.3" },
	{ CIPHERS_DTLS10, SUITE_DTLS10, "dtlsv1" },
	{ CIPHERS_DTLS12, SUITE_DTLS12, "dtlsv1.2" },
};

static const char *const phone_suites[] = { "AES256-SHA", "AES128-SHA" };

static void
version_suites(const struct cfg_ssl *ssl, size_t v, struct suite_list *out)
{
	const struct cfg_cipher_setting *set = &ssl->ciphers[versions[v].index];

	if (set->level == NULL)
		set = &ssl->ciphers[CIPHERS_DEFAULT];
	suite_list_make(versions[v].version, set->level, set->custom, out);
}

/* Is the version at or above the minimum? */
static bool
version_used(const struct cfg_ssl *ssl, size_t v)
{
	int tls = ssl->server_version == SETTING_UNSET ? CIPHERS_TLS10 : ssl->server_version;
	int dtls = ssl->server_dtls_version == SETTING_UNSET ? CIPHERS_DTLS10 : ssl->server_dtls_version;

	return (int)versions[v].index >= (versions[v].index >= CIPHERS_DTLS10 ? dtls : tls);
}

static bool
dtls_wanted(const struct config *cfg)
{
	for (const struct cfg_webvpn_enable *e = cfg->webvpn.enables; e != NULL; e = e->next) {
		if (!e->tls_only)
			return true;
	}
	return false;
}

static const void *
version_key(const struct cfg_ssl *ssl, size_t v)
{
	const struct cfg_cipher_setting *set = &ssl->ciphers[versions[v].index];

	return set->level != NULL ? set : &ssl->ciphers[CIPHERS_DEFAULT];
}

void
check_ciphers(const struct config *cfg, struct config_report *r)
{
	bool tls[COUNT(phone_suites)] = { false }, common = false;
	struct suite_list list;

	if (cfg->webvpn.enables == NULL)
		return;
	for (size_t v = 0; v < COUNT(versions); v++) {
		bool dtls = versions[v].index >= CIPHERS_DTLS10;

		if (!version_used(&cfg->ssl, v))
			continue;
		version_suites(&cfg->ssl, v, &list);
		if (list.count == 0 && versions[v].index != CIPHERS_TLS13)
			FINDING(r, cfg, true, version_key(&cfg->ssl, v), "ssl cipher leaves no cipher suite for %s, nobody can use it",
			    versions[v].name);
		for (size_t i = 0; i < COUNT(phone_suites); i++) {
			bool has = suite_list_has(&list, suite_by_name(phone_suites[i]));

			/* phones know DTLS 1.0 only */
			common |= versions[v].index == CIPHERS_DTLS10 && has && tls[i];
			tls[i] |= !dtls && has;
		}
	}
	if (!common && dtls_wanted(cfg))
		FINDING(r, cfg, true, version_key(&cfg->ssl, 4),
		    "ssl cipher leaves TLS and DTLS no common cipher suite that phones know (AES256-SHA, AES128-SHA): "
		    "they get no DTLS");
}
