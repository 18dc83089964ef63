/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/certauth/chain.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "common/buf.h"
#include "common/err.h"

/* ASA writes tags in lower case: "CN=x,O=y" becomes "cn=x,o=y". */
static void
dn_lower_tags(char *dn)
{
	bool in_tag = true;

	for (char *p = dn; *p != '\0'; p++) {
		if (*p == '=')
			in_tag = false;
		else if (*p == ',' && (p == dn || p[-1] != '\\'))
			in_tag = true;
		else if (in_tag)
			*p = (char)tolower((unsigned char)*p);
	}
}

static void
dn_text(gnutls_x509_crt_t crt, int (*get)(gnutls_x509_crt_t, gnutls_datum_t *, unsigned), char out[CHAIN_TEXT_MAX])
{
	gnutls_datum_t dn = { 0 };

	out[0] = '\0';
	if (get(crt, &dn, 0) == 0)
		snprintf(out, CHAIN_TEXT_MAX, "%.*s", (int)dn.size, dn.data);
	gnutls_free(dn.data);
	dn_lower_tags(out);
}

static void
serial_text(gnutls_x509_crt_t crt, char out[2 * 64 + 1])
{
	uint8_t serial[64];
	size_t size = sizeof(serial);

	const uint8_t *p = serial;

	if (gnutls_x509_crt_get_serial(crt, serial, &size) < 0)
		size = 0;
	while (size > 1 && *p == 0) { /* the sign byte of DER is no part of the number */
		p++;
		size--;
	}
	hex_put(p, size, out);
	for (char *c = out; *c != '\0'; c++)
		*c = (char)toupper((unsigned char)*c);
}

int
chain_get(struct chain *c, const struct ipc_blob *bytes)
{
	struct rd r = rd_init(bytes->data, bytes->len);

	memset(c, 0, sizeof(*c));
	while (rd_left(&r) > 0) {
		uint32_t len = rd_u32(&r);
		const uint8_t *p = rd_bytes(&r, len);
		gnutls_datum_t der = { (unsigned char *)(uintptr_t)p, len };

		if (p == NULL || len == 0)
			return ERR_CERTIFICATE;
		if (c->count == CHAIN_CERTS_MAX)
			return ERR_LONG;
		if (gnutls_x509_crt_init(&c->crts[c->count]) < 0)
			return ERR_NOMEM;
		c->count++;
		if (gnutls_x509_crt_import(c->crts[c->count - 1], &der, GNUTLS_X509_FMT_DER) < 0)
			return ERR_CERTIFICATE;
	}
	if (c->count > 0) {
		serial_text(c->crts[0], c->serial);
		dn_text(c->crts[0], gnutls_x509_crt_get_dn3, c->subject);
		dn_text(c->crts[0], gnutls_x509_crt_get_issuer_dn3, c->issuer);
	}
	return 0;
}

void
chain_clear(struct chain *c)
{
	for (unsigned i = 0; i < c->count; i++)
		gnutls_x509_crt_deinit(c->crts[i]);
	c->count = 0;
}

static const struct auth_trustpoint *
chain_trustpoint(const struct chain *c, const struct auth_policy *p)
{
	for (unsigned i = 0; i < c->count; i++) {
		for (const struct auth_trustpoint *tp = p->trustpoints; tp != NULL; tp = tp->next) {
			if (gnutls_x509_crt_check_issuer(c->crts[i], tp->ca) == 1 ||
			    gnutls_x509_crt_equals(c->crts[i], tp->ca))
				return tp;
		}
	}
	return NULL;
}

/* First match wins: the reasons in order of what an operator must mend. */
static const struct {
	unsigned status;
	const char *text;
} reasons[] = {
	{ GNUTLS_CERT_REVOKED, "certificate has been revoked" },
	{ GNUTLS_CERT_NOT_ACTIVATED, "certificate is not yet valid" },
	{ GNUTLS_CERT_EXPIRED, "certificate has expired" },
	{ GNUTLS_CERT_SIGNATURE_FAILURE, "signature of the certificate is wrong" },
	{ GNUTLS_CERT_INSECURE_ALGORITHM, "signature algorithm is not secure" },
	{ GNUTLS_CERT_SIGNER_NOT_CA, "issuer is not a CA" },
	{ GNUTLS_CERT_PURPOSE_MISMATCH, "extended key usage does not allow clientAuth" },
	{ GNUTLS_CERT_SIGNER_CONSTRAINTS_FAILURE, "a constraint of the issuer is violated" },
};

static void
refusal_text(const struct chain *c, unsigned status, char text[CHAIN_TEXT_MAX * 3])
{
	const char *why = "certificate is invalid";

	if (status & GNUTLS_CERT_SIGNER_NOT_FOUND) {
		snprintf(text, CHAIN_TEXT_MAX * 3,
		    "No suitable trustpoints found to validate certificate serial number: %s, subject name: %s, issuer name: %s",
		    c->serial, c->subject, c->issuer);
		return;
	}
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (status & reasons[i].status) {
			why = reasons[i].text;
			break;
		}
	}
	snprintf(text, CHAIN_TEXT_MAX * 3, "Reason: %s, serial number: %s, subject name: %s", why, c->serial, c->subject);
}

int
chain_verify(const struct chain *c, const struct auth_policy *p, const struct auth_trustpoint **by,
    char text[CHAIN_TEXT_MAX * 3])
{
	gnutls_typed_vdata_st purpose = {
		.type = GNUTLS_DT_KEY_PURPOSE_OID,
		.data = (unsigned char *)(uintptr_t)GNUTLS_KP_TLS_WWW_CLIENT,
	};
	gnutls_x509_crt_t crts[CHAIN_CERTS_MAX];
	unsigned status = 0;

	memcpy(crts, c->crts, sizeof(crts));
	if (gnutls_x509_trust_list_verify_crt2(p->list, crts, c->count, &purpose, 1,
	    GNUTLS_VERIFY_ALLOW_SIGN_WITH_SHA1 | GNUTLS_VERIFY_ALLOW_UNSORTED_CHAIN, &status, NULL) < 0)
		status = GNUTLS_CERT_INVALID;
	if (status == 0 && (*by = chain_trustpoint(c, p)) != NULL)
		return 0;
	if (status == 0)
		status = GNUTLS_CERT_SIGNER_NOT_FOUND;
	refusal_text(c, status, text);
	return ERR_CERTIFICATE;
}

int
chain_user(const struct chain *c, char user[CHAIN_USER_MAX])
{
	static const char *const oids[] = { GNUTLS_OID_X520_COMMON_NAME, GNUTLS_OID_X520_ORGANIZATIONAL_UNIT_NAME };

	for (size_t i = 0; i < 2; i++) {
		size_t size = CHAIN_USER_MAX;
		int r = gnutls_x509_crt_get_dn_by_oid(c->crts[0], oids[i], 0, 0, user, &size);

		if (r == GNUTLS_E_SHORT_MEMORY_BUFFER)
			return ERR_LONG; /* protocol.md 7, 48: never cut a name */
		if (r != 0 || size == 0)
			continue;
		for (size_t k = 0; k < size; k++) {
			if ((unsigned char)user[k] < ' ' || user[k] == 0x7f)
				return ERR_NOT_FOUND; /* a name that could spoof a line of output */
		}
		return 0;
	}
	return ERR_NOT_FOUND;
}
