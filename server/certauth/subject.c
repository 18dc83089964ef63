/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/certauth/subject.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/buf.h"
#include "common/err.h"

#define COMPONENTS_MAX 32
#define VALUE_MAX      256

#define OID_UNSTRUCTURED_NAME    "1.2.840.113549.1.9.2" /* the ASA's "hostname=" */
#define OID_UNSTRUCTURED_ADDRESS "1.2.840.113549.1.9.8" /* "ipaddress=" */
#define OID_SERIAL_NUMBER        "2.5.4.5"

static const struct attribute {
	const char *name, *oid;
} attributes[] = {
	{ "CN", GNUTLS_OID_X520_COMMON_NAME },
	{ "OU", GNUTLS_OID_X520_ORGANIZATIONAL_UNIT_NAME },
	{ "O", GNUTLS_OID_X520_ORGANIZATION_NAME },
	{ "L", GNUTLS_OID_X520_LOCALITY_NAME },
	{ "ST", GNUTLS_OID_X520_STATE_OR_PROVINCE_NAME },
	{ "SP", GNUTLS_OID_X520_STATE_OR_PROVINCE_NAME },
	{ "C", GNUTLS_OID_X520_COUNTRY_NAME },
	{ "DC", GNUTLS_OID_LDAP_DC },
	{ "SER", OID_SERIAL_NUMBER },
	{ "SERIALNUMBER", OID_SERIAL_NUMBER },
	{ "EA", GNUTLS_OID_PKCS9_EMAIL },
	{ "E", GNUTLS_OID_PKCS9_EMAIL },
	{ "EMAIL", GNUTLS_OID_PKCS9_EMAIL },
	{ "T", GNUTLS_OID_X520_TITLE },
	{ "TITLE", GNUTLS_OID_X520_TITLE },
	{ "N", GNUTLS_OID_X520_NAME },
	{ "I", GNUTLS_OID_X520_INITIALS },
	{ "SN", GNUTLS_OID_X520_SURNAME },
	{ "GN", GNUTLS_OID_X520_GIVEN_NAME },
	{ "GENQ", GNUTLS_OID_X520_GENERATION_QUALIFIER },
	{ "DNQ", GNUTLS_OID_X520_DN_QUALIFIER },
	{ "UID", GNUTLS_OID_LDAP_UID },
};

struct component {
	const char *oid;
	char value[VALUE_MAX];
	size_t len;
};

/* The attribute before '='; NULL with a text. */
static const char *
attribute_oid(const char *name, size_t len, char *text, size_t size)
{
	while (len > 0 && name[len - 1] == ' ')
		len--;
	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
		if (strlen(attributes[i].name) == len && strncasecmp(attributes[i].name, name, len) == 0)
			return attributes[i].oid;
	}
	snprintf(text, size, "subject-name: \"%.*s\" is no attribute of a name; known are CN, OU, O, L, ST, C, DC, SER, EA", (int)len, name);
	return NULL;
}

/* The value up to a ',' or ';' that is neither quoted nor behind a backslash. Returns where it ends; NULL: too long, or an open quote. */
static const char *
value_take(const char *p, struct component *c)
{
	bool quoted = false;

	c->len = 0;
	p += strspn(p, " ");
	for (; *p != '\0' && (quoted || (*p != ',' && *p != ';')); p++) {
		if (*p == '"') {
			quoted = !quoted;
			continue;
		}
		if (*p == '\\' && p[1] != '\0')
			p++;
		if (c->len == VALUE_MAX - 1)
			return NULL;
		c->value[c->len++] = *p;
	}
	while (!quoted && c->len > 0 && c->value[c->len - 1] == ' ')
		c->len--;
	c->value[c->len] = '\0';
	return quoted ? NULL : p;
}

static int
components_take(const char *p, struct component *list, size_t *count, char *text, size_t size)
{
	*count = 0;
	for (;;) {
		const char *equals = strchr(p, '='), *name = p + strspn(p, " ");
		struct component *c = &list[*count];

		if (equals == NULL || *count == COMPONENTS_MAX) {
			snprintf(text, size, "subject-name: \"%.60s\": %s", name, equals == NULL ? "expected ATTRIBUTE=VALUE" : "too many components");
			return ERR_INVALID;
		}
		if ((c->oid = attribute_oid(name, (size_t)(equals - name), text, size)) == NULL)
			return ERR_INVALID;
		if ((p = value_take(equals + 1, c)) == NULL || c->len == 0) {
			snprintf(text, size, "subject-name: the value behind \"%.*s\" is %s", (int)(equals + 1 - name), name,
			    p == NULL ? "too long, or its quote is open" : "empty");
			return ERR_INVALID;
		}
		++*count;
		if (*p == '\0')
			return 0;
		p++;
	}
}

static int
component_set(gnutls_x509_crq_t crq, const struct component *c, char *text, size_t size)
{
	int r = gnutls_x509_crq_set_dn_by_oid(crq, c->oid, 0, c->value, (unsigned)c->len);

	if (r >= 0)
		return 0;
	snprintf(text, size, "subject-name: \"%s\" is not allowed in the name: %s", c->value, gnutls_strerror(r));
	return ERR_INVALID;
}

/* PKCS#9 attributes that GnuTLS does not write by itself: a DER string of the given tag. */
static int
pkcs9_set(gnutls_x509_crq_t crq, const char *oid, uint8_t tag, const char *value, char *text, size_t size)
{
	size_t len = strlen(value);
	uint8_t der[VALUE_MAX + 4];
	struct wr w = wr_init(der, sizeof(der));

	if (len == 0)
		return 0;
	wr_u8(&w, tag);
	if (len > 127)
		wr_u8(&w, 0x81);
	wr_u8(&w, (uint8_t)len);
	wr_bytes(&w, value, len);
	if (len <= 255 && !w.bad && gnutls_x509_crq_set_dn_by_oid(crq, oid, 1, der, (unsigned)(w.p - der)) >= 0)
		return 0;
	snprintf(text, size, "\"%.60s\" is not allowed in the name", value);
	return ERR_INVALID;
}

int
subject_set(gnutls_x509_crq_t crq, const char *subject, const char *fqdn, const char *ip, const char *serial,
    char *text, size_t size)
{
	enum { PRINTABLE_STRING = 0x13, IA5_STRING = 0x16 };
	struct component list[COMPONENTS_MAX + 1];
	size_t count;
	int r;

	if ((r = components_take(subject, list, &count, text, size)) != 0 ||
	    (r = pkcs9_set(crq, OID_SERIAL_NUMBER, PRINTABLE_STRING, serial, text, size)) != 0 ||
	    (r = pkcs9_set(crq, OID_UNSTRUCTURED_ADDRESS, PRINTABLE_STRING, ip, text, size)) != 0 ||
	    (r = pkcs9_set(crq, OID_UNSTRUCTURED_NAME, IA5_STRING, fqdn, text, size)) != 0)
		return r;
	while (count > 0 && r == 0)
		r = component_set(crq, &list[--count], text, size);
	return r;
}
