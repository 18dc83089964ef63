/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ssl: versions, cipher suites, and which trustpoint is served where (asa-reference 1.11). */
#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>

#include "common/suite_string.h"
#include "server/config/grammar.h"

#define OFF(field) offsetof(struct config, ssl.field)

static const char *const versions[CIPHERS_COUNT] = { "default", "tlsv1", "tlsv1.1", "tlsv1.2", "tlsv1.3", "dtlsv1",
	"dtlsv1.2" };

WORDS(dh_words, "group1", "group2", "group5", "group14", "group15", "group24");
WORDS(ecdh_words, "group19", "group20", "group21");

void
ssl_unset(struct config *cfg)
{
	cfg->ssl = (struct cfg_ssl){ .server_version = SETTING_UNSET, .server_dtls_version = SETTING_UNSET,
		.dh_group = SETTING_UNSET, .ecdh_group = SETTING_UNSET };
}

static int
version_index(const struct cmd_match *m, int from, int to)
{
	for (int i = from; i <= to; i++) {
		if (cmd_word(m, versions[i]))
			return i;
	}
	return -1;
}

static int
server_version_apply(struct config_change *ch)
{
	struct cfg_ssl *ssl = &ch->cfg->ssl;
	int tls = version_index(ch->m, CIPHERS_TLS10, CIPHERS_TLS13);
	int dtls = version_index(ch->m, CIPHERS_DTLS10, CIPHERS_DTLS12);

	if (ch->m->no) {
		ssl->server_version = ssl->server_dtls_version = SETTING_UNSET;
		return 0;
	}
	if (tls < 0) {
		if (strncmp(ch->m->args[2].label, "sslv3", 5) == 0)
			change_warning(ch, ch->m->args[2].label, "SSLv3 is not spoken here; the minimum is TLSv1");
		tls = CIPHERS_TLS10;
	}
	if (dtls == CIPHERS_DTLS12 && tls < CIPHERS_TLS12)
		return change_error(ch, "dtlsv1.2", "DTLSv1.2 as the minimum needs TLSv1.2 as the minimum TLS version");
	ssl->server_version = tls;
	ssl->server_dtls_version = dtls >= 0 ? dtls : SETTING_UNSET;
	return 0;
}

static void
server_version_print(struct config_printer *p, const struct command *row, const void *object)
{
	const struct cfg_ssl *ssl = &((const struct config *)object)->ssl;
	int tls = ssl->server_version == SETTING_UNSET ? CIPHERS_TLS10 : ssl->server_version;
	int dtls = ssl->server_dtls_version == SETTING_UNSET ? CIPHERS_DTLS10 : ssl->server_dtls_version;

	(void)row;
	if (p->all || (tls != CIPHERS_TLS10 && ssl->server_dtls_version != SETTING_UNSET) || dtls != CIPHERS_DTLS10)
		printer_line(p, "ssl server-version %s %s", versions[tls], versions[dtls]);
	else if (tls != CIPHERS_TLS10)
		printer_line(p, "ssl server-version %s", versions[tls]);
}

static void
cipher_custom(struct config_change *ch, struct cfg_cipher_setting *set, char *ciphers, const char *label)
{
	char refused[200];

	if (suite_string_refused(ciphers, refused, sizeof(refused)))
		change_warning(ch, label, "left out, since never spoken here: %s", refused);
	set->level = (char *)"custom";
	set->custom = ciphers;
}

static int
cipher_apply(struct config_change *ch)
{
	static const char *const levels[] = { "all", "low", "medium", "fips", "high" };
	struct cfg_cipher_setting *set = ch->cfg->ssl.ciphers;
	int version = version_index(ch->m, CIPHERS_DEFAULT, CIPHERS_COUNT - 1);

	set[version].level = set[version].custom = NULL;
	if (ch->m->no)
		return 0;
	change_place(ch, &set[version], "ciphers");
	if (cmd_word(ch->m, "custom")) {
		cipher_custom(ch, &set[version], mem_strdup(ch->cfg->mem, cmd_str(ch->m, "ciphers")), "ciphers");
		return 0;
	}
	for (size_t i = 0; i < COUNT(levels); i++) {
		if (cmd_word(ch->m, levels[i]))
			set[version].level = (char *)levels[i];
	}
	return 0;
}

static void
cipher_print(struct config_printer *p, const struct command *row, const void *object)
{
	const struct cfg_cipher_setting *set = ((const struct config *)object)->ssl.ciphers;

	(void)row;
	for (int i = 0; i < CIPHERS_COUNT; i++) {
		if (set[i].custom != NULL)
			printer_line(p, "ssl cipher %s custom \"%s\"", versions[i], set[i].custom);
		else if (set[i].level != NULL)
			printer_line(p, "ssl cipher %s %s", versions[i], set[i].level);
		else if (p->all)
			printer_line(p, "ssl cipher %s medium", versions[i]);
	}
}

/* Before 9.3: the same suites for every version; an ASA turns it into "ssl cipher default custom" as well. */
static int
encryption_apply(struct config_change *ch)
{
	static const struct {
		const char *word, *name;
	} suites[] = {
		{ "3des-sha1", "DES-CBC3-SHA" }, { "des-sha1", "DES-CBC-SHA" }, { "rc4-md5", "RC4-MD5" }, { "rc4-sha1", "RC4-SHA" },
		{ "aes128-sha1", "AES128-SHA" }, { "aes256-sha1", "AES256-SHA" }, { "dhe-aes128-sha1", "DHE-RSA-AES128-SHA" },
		{ "dhe-aes256-sha1", "DHE-RSA-AES256-SHA" }, { "null-sha1", "NULL-SHA" },
	};
	struct cfg_cipher_setting *set = &ch->cfg->ssl.ciphers[CIPHERS_DEFAULT];
	char *list = mem_strdup(ch->cfg->mem, "");

	set->level = set->custom = NULL;
	if (ch->m->no)
		return 0;
	for (int i = ch->m->leading; i < ch->m->argc; i++) {
		for (size_t k = 0; k < COUNT(suites); k++) {
			if (strcmp(ch->m->args[i].label, suites[k].word) == 0)
				list = mem_printf(ch->cfg->mem, "%s%s%s", list, list[0] != '\0' ? ":" : "", suites[k].name);
		}
	}
	change_place(ch, set, NULL);
	cipher_custom(ch, set, list, NULL);
	return 0;
}

/* Any client takes a larger group than it asked for, so a weak one is not worth its risk. */
static int
dh_group_apply(struct config_change *ch)
{
	int group = words_given(&dh_words, ch->m);

	ch->cfg->ssl.dh_group = ch->m->no ? SETTING_UNSET : group;
	if (!ch->m->no && group != DH_GROUP14 && group != DH_GROUP15)
		change_warning(ch, dh_words_list[group], "%s is too weak; group14 serves instead", dh_words_list[group]);
	return 0;
}

static void
dh_group_print(struct config_printer *p, const struct command *row, const void *object)
{
	int32_t group = ((const struct config *)object)->ssl.dh_group;

	(void)row;
	if (group != SETTING_UNSET || p->all)
		printer_line(p, "ssl dh-group %s", dh_words_list[group != SETTING_UNSET ? group : DH_GROUP14]);
}

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* "no ssl trust-point [NAME [IFNAME]]": all entries that fit what was given. */
static int
trustpoint_unbind(struct config_change *ch, const char *name, const char *nameif, const char *domain)
{
	struct cfg_ssl_trustpoint **at = &ch->cfg->ssl.trustpoints;
	bool found = false;

	while (*at != NULL) {
		struct cfg_ssl_trustpoint *t = *at;

		if ((name != NULL && strcmp(t->trustpoint, name) != 0) || (nameif != NULL && !same_text(t->nameif, nameif)) ||
		    (domain != NULL && !same_text(t->domain, domain))) {
			at = &t->next;
			continue;
		}
		*at = t->next;
		found = true;
	}
	if (!found && name != NULL)
		return change_error(ch, "name", "trust-point %s is not bound there", name);
	return 0;
}

/* Does the trustpoint's certificate hold an elliptic curve key? Without a certificate it counts as RSA. */
static bool
trustpoint_is_ec(const struct config *cfg, const char *name)
{
	const struct cfg_trustpoint *t = config_trustpoint(cfg, name);
	gnutls_x509_crt_t crt;
	gnutls_datum_t der;
	bool ec = false;

	if (t == NULL || t->identity.len == 0 || gnutls_x509_crt_init(&crt) != 0)
		return false;
	der = (gnutls_datum_t){ (unsigned char *)t->identity.data, (unsigned)t->identity.len };
	if (gnutls_x509_crt_import(crt, &der, GNUTLS_X509_FMT_DER) == 0)
		ec = gnutls_x509_crt_get_pk_algorithm(crt, NULL) == GNUTLS_PK_ECDSA;
	gnutls_x509_crt_deinit(crt);
	return ec;
}

/*
 * One RSA and one ECDSA trustpoint may serve the same place: a new one takes
 * that of its own kind away. The same trustpoint again changes nothing.
 */
static struct cfg_ssl_trustpoint **
binding_at(struct config *cfg, const char *name, const char *nameif, const char *domain)
{
	struct cfg_ssl_trustpoint **at, **same_kind = NULL;
	bool ec = trustpoint_is_ec(cfg, name);

	for (at = &cfg->ssl.trustpoints; *at != NULL; at = &(*at)->next) {
		if (!same_text((*at)->nameif, nameif) || !same_text((*at)->domain, domain))
			continue;
		if (strcmp((*at)->trustpoint, name) == 0)
			return at;
		if (same_kind == NULL && trustpoint_is_ec(cfg, (*at)->trustpoint) == ec)
			same_kind = at;
	}
	return same_kind != NULL ? same_kind : at;
}

/* One that does not exist is another error. */
static bool
has_identity(const struct config *cfg, const char *name)
{
	const struct cfg_trustpoint *t = config_trustpoint(cfg, name);

	return t == NULL || t->identity.len > 0;
}

static int
trustpoint_apply(struct config_change *ch)
{
	const char *name = cmd_str(ch->m, "name"), *nameif = cmd_str(ch->m, "ifname"), *domain = cmd_str(ch->m, "fqdn");
	struct cfg_ssl_trustpoint **at;

	if (ch->m->no)
		return trustpoint_unbind(ch, name, nameif, domain);
	at = binding_at(ch->cfg, name, nameif, domain);
	/* by hand, a certificate that is served shall not go for none */
	if (ch->report == NULL && *at != NULL && !has_identity(ch->cfg, name) && has_identity(ch->cfg, (*at)->trustpoint))
		return change_error(ch, "name", "Trustpoint %s is not enrolled. Please enroll it and try again.", name);
	if (*at == NULL) {
		*at = mem_alloc(ch->cfg->mem, sizeof(**at));
		(*at)->nameif = mem_strdup(ch->cfg->mem, nameif);
		(*at)->domain = mem_strdup(ch->cfg->mem, domain);
	}
	(*at)->trustpoint = mem_strdup(ch->cfg->mem, name);
	change_place(ch, &(*at)->trustpoint, "name");
	change_place(ch, &(*at)->nameif, "ifname");
	return 0;
}

static void
trustpoint_print(struct config_printer *p, const struct command *row, const void *object)
{
	const struct cfg_ssl *ssl = &((const struct config *)object)->ssl;

	(void)row;
	for (const struct cfg_ssl_trustpoint *t = ssl->trustpoints; t != NULL; t = t->next) {
		if (t->domain != NULL)
			printer_line(p, "ssl trust-point %s domain %s", quoted(t->trustpoint), quoted(t->domain));
		else if (t->nameif != NULL)
			printer_line(p, "ssl trust-point %s %s", quoted(t->trustpoint), quoted(t->nameif));
		else
			printer_line(p, "ssl trust-point %s", quoted(t->trustpoint));
	}
}

static const struct command global[] = {
	{ .syntax = "ssl server-version {any | sslv3 | sslv3-only | tlsv1 | tlsv1-only | tlsv1.1 | tlsv1.2 | tlsv1.3} "
	            "[dtlsv1 | dtlsv1.2]",
	    .help = "Minimum version that we accept", .flags = CMD_NO, .apply = server_version_apply,
	    .print = server_version_print },
	KEPT("ssl client-version {any | sslv3 | sslv3-only | tlsv1 | tlsv1-only | tlsv1.1 | tlsv1.2 | tlsv1.3}",
	    "Version that we use as a client"),
	{ .syntax = "ssl cipher {default | dtlsv1 | dtlsv1.2 | tlsv1 | tlsv1.1 | tlsv1.2 | tlsv1.3} "
	            "{all | low | medium | fips | high | custom <ciphers>}",
	    .help = "Cipher suites of a version", .flags = CMD_NO, .no_args = 1, .apply = cipher_apply,
	    .print = cipher_print },
	{ .syntax = "ssl dh-group {group1 | group2 | group5 | group14 | group15 | group24}", .help = "Diffie-Hellman group",
	    .flags = CMD_NO, .apply = dh_group_apply, .print = dh_group_print },
	{ .syntax = "ssl ecdh-group {group19 | group20 | group21}", .help = "Elliptic curve group", .flags = CMD_NO | CMD_INHERIT,
	    .type = &t_enum, .offset = OFF(ecdh_group), .dflt = "group19", .arg = &ecdh_words },
	{ .syntax = "ssl encryption {3des-sha1 | des-sha1 | rc4-md5 | rc4-sha1 | aes128-sha1 | aes256-sha1 | dhe-aes128-sha1 | "
	            "dhe-aes256-sha1 | null-sha1}...",
	    .help = "Cipher suites as before 9.3", .flags = CMD_NO | CMD_ALIAS, .apply = encryption_apply },
	{ .syntax = "ssl trust-point <name> [<ifname:name> | domain <fqdn:name>]",
	    .help = "Certificate served on an interface", .flags = CMD_NO, .apply = trustpoint_apply,
	    .print = trustpoint_print },
	KEPT_EACH("ssl trust-point <trustpoint:name> <ifname:name> vpnlb-ip", 3, "Certificate of the load-balancing address"),
	{ .syntax = "ssl certificate-authentication interface <ifname:name> port <1-65535>",
	    .help = "Ask for client certificates", .flags = CMD_NO | CMD_MULTI, .apply = kept_apply,
	    .print = kept_acting_print, .offset = offsetof(struct config, kept) },
	KEPT("ssl certificate-authentication fca-timeout <1-120>", "Time for the certificate"),
};

struct command_table ssl_global = COMMAND_TABLE("ssl", global);

unsigned
config_certificate_port(const struct config *cfg, const char *nameif)
{
	for (const struct cfg_kept *k = cfg->kept.first; k != NULL; k = k->next) {
		char name[128];
		unsigned port;

		if (sscanf(k->line, "ssl certificate-authentication interface %127s port %u", name, &port) == 2 &&
		    strcmp(name, nameif) == 0)
			return port;
	}
	return 0;
}
