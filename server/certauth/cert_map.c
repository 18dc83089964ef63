/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/certauth/cert_map.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/addr.h"
#include "common/buf.h"

#define VALUE_MAX 2048

/* Names of asa-reference 1.9 and what X.509 calls them. */
static const struct named_oid {
	const char *name, *oid;
} attrs[] = {
	{ "c", GNUTLS_OID_X520_COUNTRY_NAME },
	{ "cn", GNUTLS_OID_X520_COMMON_NAME },
	{ "dc", GNUTLS_OID_LDAP_DC },
	{ "dnq", "2.5.4.46" },
	{ "ea", GNUTLS_OID_PKCS9_EMAIL },
	{ "genq", "2.5.4.44" },
	{ "gn", GNUTLS_OID_X520_GIVEN_NAME },
	{ "i", GNUTLS_OID_X520_INITIALS },
	{ "ip", "1.3.6.1.4.1.42.2.11.2.1" },
	{ "l", GNUTLS_OID_X520_LOCALITY_NAME },
	{ "n", GNUTLS_OID_X520_NAME },
	{ "o", GNUTLS_OID_X520_ORGANIZATION_NAME },
	{ "ou", GNUTLS_OID_X520_ORGANIZATIONAL_UNIT_NAME },
	{ "ser", "2.5.4.5" },
	{ "sn", GNUTLS_OID_X520_SURNAME },
	{ "sp", GNUTLS_OID_X520_STATE_OR_PROVINCE_NAME },
	{ "st", GNUTLS_OID_X520_STATE_OR_PROVINCE_NAME },
	{ "t", GNUTLS_OID_X520_TITLE },
	{ "uid", GNUTLS_OID_LDAP_UID },
	{ "uname", "1.2.840.113549.1.9.2" },
}, usages[] = {
	{ "clientauth", GNUTLS_KP_TLS_WWW_CLIENT },
	{ "serverauth", GNUTLS_KP_TLS_WWW_SERVER },
	{ "codesigning", GNUTLS_KP_CODE_SIGNING },
	{ "emailprotection", GNUTLS_KP_EMAIL_PROTECTION },
	{ "timestamping", GNUTLS_KP_TIME_STAMPING },
	{ "ocspsigning", GNUTLS_KP_OCSP_SIGNING },
	{ "ipsecendsystem", "1.3.6.1.5.5.7.3.5" },
	{ "ipsectunnel", "1.3.6.1.5.5.7.3.6" },
	{ "ipsecuser", "1.3.6.1.5.5.7.3.7" },
};

/* The OID of a name; what is none of ours is taken as one. */
static const char *
oid_of(const struct named_oid *list, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (strcasecmp(list[i].name, name) == 0)
			return list[i].oid;
	}
	return name;
}

const char *
cert_attr_oid(const char *name)
{
	return oid_of(attrs, sizeof(attrs) / sizeof(attrs[0]), name);
}

/* One value against the rule, case-insensitive as on an ASA. */
static bool
value_fits(const struct auth_cert_rule *rule, const char *value)
{
	if (rule->op == CERT_EQ || rule->op == CERT_NE)
		return strcasecmp(value, rule->value) == 0;
	return strcasestr(value, rule->value) != NULL;
}

/* Blanks around the commas of a name are no part of it. */
static void
name_pack(const char *dn, char out[VALUE_MAX])
{
	size_t n = 0;

	for (; *dn != '\0' && n < VALUE_MAX - 1; dn++) {
		bool behind_comma = n > 0 && out[n - 1] == ',';

		if (*dn == ' ' && (behind_comma || dn[1 + strspn(dn + 1, " ")] == ','))
			continue;
		out[n++] = *dn;
	}
	out[n] = '\0';
}

static bool
whole_name_fits(const struct auth_cert_rule *rule, gnutls_x509_crt_t crt)
{
	int (*get)(gnutls_x509_crt_t, gnutls_datum_t *, unsigned) =
	    rule->field == CERT_ISSUER ? gnutls_x509_crt_get_issuer_dn3 : gnutls_x509_crt_get_dn3;
	char have[VALUE_MAX], want[VALUE_MAX], text[VALUE_MAX] = "";
	struct auth_cert_rule packed = *rule;
	gnutls_datum_t dn = { 0 };

	if (get(crt, &dn, 0) == 0)
		snprintf(text, sizeof(text), "%.*s", (int)dn.size, dn.data);
	gnutls_free(dn.data);
	name_pack(text, have);
	name_pack(rule->value, want);
	packed.value = want;
	return value_fits(&packed, have);
}

static bool
attr_fits(const struct auth_cert_rule *rule, gnutls_x509_crt_t crt)
{
	const char *oid = cert_attr_oid(rule->attr);
	char value[VALUE_MAX];

	for (unsigned i = 0;; i++) { /* several OU: one is enough */
		size_t size = sizeof(value);
		int r = rule->field == CERT_ISSUER ?
		    gnutls_x509_crt_get_issuer_dn_by_oid(crt, oid, i, 0, value, &size) :
		    gnutls_x509_crt_get_dn_by_oid(crt, oid, i, 0, value, &size);

		if (r == GNUTLS_E_SHORT_MEMORY_BUFFER)
			continue;
		if (r != 0)
			return false;
		if (value_fits(rule, value))
			return true;
	}
}

static bool
alt_name_fits(const struct auth_cert_rule *rule, gnutls_x509_crt_t crt)
{
	char value[VALUE_MAX];

	for (unsigned i = 0;; i++) {
		size_t size = sizeof(value) - 1;
		unsigned type;
		int r = gnutls_x509_crt_get_subject_alt_name2(crt, i, value, &size, &type, NULL);

		if (r == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE || (r < 0 && r != GNUTLS_E_SHORT_MEMORY_BUFFER))
			return false;
		if (r < 0)
			continue;
		if (type == GNUTLS_SAN_IPADDRESS) {
			struct addr ip = { .family = size == 4 ? 4 : 6 };
			char text[ADDR_STR];

			memcpy(ip.ip, value, size < sizeof(ip.ip) ? size : sizeof(ip.ip));
			snprintf(value, sizeof(value), "%s", addr_ip_str(&ip, text));
		} else {
			value[size] = '\0';
		}
		if (value_fits(rule, value))
			return true;
	}
}

static bool
usage_fits(const struct auth_cert_rule *rule, gnutls_x509_crt_t crt)
{
	const char *oid = oid_of(usages, sizeof(usages) / sizeof(usages[0]), rule->value);
	char value[VALUE_MAX];

	for (unsigned i = 0;; i++) {
		size_t size = sizeof(value);

		if (gnutls_x509_crt_get_key_purpose_oid(crt, i, value, &size, NULL) < 0)
			return false;
		if (rule->op == CERT_EQ || rule->op == CERT_NE ? strcmp(value, oid) == 0 : strstr(value, oid) != NULL)
			return true;
	}
}

/* "6ECC7A a5" and "0x6ecc7aa5" are one number; leading zeros do not count. */
static void
serial_pack(const char *text, char out[VALUE_MAX])
{
	size_t n = 0;

	if (strncasecmp(text, "0x", 2) == 0)
		text += 2;
	for (; *text != '\0' && n + 1 < VALUE_MAX; text++) {
		if (isxdigit((unsigned char)*text) && (n > 0 || *text != '0'))
			out[n++] = *text;
	}
	out[n] = '\0';
}

static bool
serial_fits(const struct auth_cert_rule *rule, gnutls_x509_crt_t crt)
{
	char want[VALUE_MAX], hex[2 * 64 + 1], have[VALUE_MAX];
	struct auth_cert_rule packed = *rule;
	uint8_t serial[64];
	size_t size = sizeof(serial);

	if (gnutls_x509_crt_get_serial(crt, serial, &size) < 0)
		return false;
	hex_put(serial, size, hex);
	serial_pack(hex, have);
	serial_pack(rule->value, want);
	packed.value = want;
	return value_fits(&packed, have);
}

static bool
rule_holds(const struct auth_cert_rule *rule, gnutls_x509_crt_t crt)
{
	bool fits;

	if (rule->field == CERT_ALT_SUBJECT)
		fits = alt_name_fits(rule, crt);
	else if (rule->field == CERT_EKU)
		fits = usage_fits(rule, crt);
	else if (rule->field == CERT_SERIAL)
		fits = serial_fits(rule, crt);
	else if (rule->attr[0] != '\0')
		fits = attr_fits(rule, crt);
	else
		fits = whole_name_fits(rule, crt);
	return rule->op == CERT_NE || rule->op == CERT_NC ? !fits : fits;
}

/* A map without rules fits nobody. */
static bool
map_holds(const struct auth_cert_map *map, gnutls_x509_crt_t crt)
{
	const struct auth_cert_rule *rule = map->rules;

	while (rule != NULL && rule_holds(rule, crt))
		rule = rule->next;
	return map->rules != NULL && rule == NULL;
}

const char *
cert_map_find(const struct auth_policy *p, gnutls_x509_crt_t crt)
{
	for (const struct auth_group_map *g = p->group_maps; g != NULL; g = g->next) {
		if (g->map != NULL && map_holds(g->map, crt))
			return g->tunnel_group;
	}
	return NULL;
}

bool
cert_map_fits(const struct auth_policy *p, const char *name, gnutls_x509_crt_t crt)
{
	for (const struct auth_cert_map *map = p->maps; map != NULL; map = map->next) {
		if (strcmp(map->name, name) == 0 && map_holds(map, crt))
			return true;
	}
	return false;
}

const struct auth_exception *
cert_exception(const struct auth_policy *p, const struct auth_trustpoint *tp, enum cert_exception kind,
    gnutls_x509_crt_t crt)
{
	for (const struct auth_exception *e = tp->exceptions; e != NULL; e = e->next) {
		if (e->kind == kind && cert_map_fits(p, e->map, crt))
			return e;
	}
	return NULL;
}
