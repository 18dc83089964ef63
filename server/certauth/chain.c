/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/certauth/chain.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "common/buf.h"
#include "common/err.h"
#include "server/certauth/cert_map.h"

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
		if (c->count++ == 0)
			c->leaf = (struct ipc_blob){ p, len };
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

/* ---- who vouches ---- */

/* Name and signature, not dates: two CAs of one name are told apart. */
static bool
issued_by(gnutls_x509_crt_t crt, gnutls_x509_crt_t ca)
{
	unsigned status = 0;

	if (gnutls_x509_crt_check_issuer(crt, ca) != 1)
		return false;
	return gnutls_x509_crt_verify(crt, &ca, 1, GNUTLS_VERIFY_ALLOW_SIGN_WITH_SHA1 | GNUTLS_VERIFY_DISABLE_TIME_CHECKS |
	    GNUTLS_VERIFY_DISABLE_TRUSTED_TIME_CHECKS | GNUTLS_VERIFY_DISABLE_CA_SIGN, &status) == 0 &&
	    (status & (GNUTLS_CERT_SIGNER_NOT_FOUND | GNUTLS_CERT_SIGNATURE_FAILURE)) == 0;
}

static const struct auth_trustpoint *
issuer_trustpoint(const struct auth_policy *p, gnutls_x509_crt_t crt)
{
	const struct auth_trustpoint *tp = p->trustpoints;
	gnutls_datum_t dn = { 0 };

	if (gnutls_x509_crt_get_raw_issuer_dn(crt, &dn) < 0)
		return NULL;
	while (tp != NULL && (tp->subject_len != dn.size || memcmp(tp->subject, dn.data, dn.size) != 0 ||
	    !issued_by(crt, tp->ca)))
		tp = tp->next;
	gnutls_free(dn.data);
	return tp;
}

static gnutls_x509_crt_t
issuer_sent(const struct chain *c, const struct chain_result *out)
{
	gnutls_x509_crt_t last = out->path[out->path_count - 1];

	for (unsigned i = 1; i < c->count; i++) {
		bool used = false;

		for (unsigned k = 0; k < out->path_count; k++)
			used = used || out->path[k] == c->crts[i]; /* a loop in the chain ends here */
		if (!used && issued_by(last, c->crts[i]))
			return c->crts[i];
	}
	return NULL;
}

/* From the leaf up to the first CA that a trustpoint holds. */
static void
path_build(const struct chain *c, const struct auth_policy *p, struct chain_result *out)
{
	gnutls_x509_crt_t next = c->crts[0];

	while (next != NULL && out->path_count < CHAIN_CERTS_MAX) {
		out->path[out->path_count++] = next;
		if ((out->by = issuer_trustpoint(p, next)) != NULL) {
			out->path[out->path_count++] = out->by->ca;
			return;
		}
		next = issuer_sent(c, out);
	}
	dn_text(out->path[out->path_count - 1], gnutls_x509_crt_get_issuer_dn3, out->missing);
}

/* A trustpoint may hold a client's very certificate. */
static bool
path_is_leaf(const struct chain *c, const struct auth_policy *p, struct chain_result *out)
{
	for (const struct auth_trustpoint *tp = p->trustpoints; tp != NULL; tp = tp->next) {
		if (c->leaf.len != tp->der.len || memcmp(c->leaf.data, tp->der.data, tp->der.len) != 0)
			continue;
		out->by = tp;
		out->path[0] = c->crts[0];
		out->path_count = 1;
		return true;
	}
	return false;
}

/* ---- refusals: each names the certificate, the trustpoint and the reason ---- */

static int
refuse(struct chain_result *out, enum login_refusal why, gnutls_x509_crt_t crt, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

static int
refuse(struct chain_result *out, enum login_refusal why, gnutls_x509_crt_t crt, const char *fmt, ...)
{
	char subject[CHAIN_TEXT_MAX], serial[2 * 64 + 1], reason[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	out->why = why;
	dn_text(crt, gnutls_x509_crt_get_dn3, subject);
	serial_text(crt, serial);
	snprintf(out->text, sizeof(out->text), "Reason: %s, serial number: %s, subject name: %s%s%s", reason, serial, subject,
	    out->by != NULL ? ", trustpoint: " : "", out->by != NULL ? out->by->name : "");
	return ERR_CERTIFICATE;
}

static int
refuse_unknown(const struct chain *c, struct chain_result *out)
{
	out->why = LOGIN_UNKNOWN_CA;
	snprintf(out->text, sizeof(out->text),
	    "No suitable trustpoints found to validate certificate serial number: %s, subject name: %s, issuer name: %s",
	    c->serial, c->subject, c->issuer);
	return ERR_CERTIFICATE;
}

/* The library's reasons, first match wins: in order of what an operator must mend. */
static const struct {
	unsigned status;
	enum login_refusal why;
	const char *text;
} reasons[] = {
	{ GNUTLS_CERT_REVOKED, LOGIN_REVOKED, "certificate has been revoked" },
	{ GNUTLS_CERT_SIGNATURE_FAILURE, LOGIN_BAD_CERTIFICATE, "signature of the certificate is wrong" },
	{ GNUTLS_CERT_INSECURE_ALGORITHM, LOGIN_BAD_CERTIFICATE, "signature algorithm is not secure" },
	{ GNUTLS_CERT_SIGNER_NOT_CA, LOGIN_BAD_CERTIFICATE, "issuer is not a CA" },
	{ GNUTLS_CERT_PURPOSE_MISMATCH, LOGIN_BAD_CERTIFICATE, "extended key usage does not allow clientAuth" },
	{ GNUTLS_CERT_SIGNER_CONSTRAINTS_FAILURE, LOGIN_BAD_CERTIFICATE, "a constraint of the issuer is violated" },
	{ GNUTLS_CERT_NOT_ACTIVATED, LOGIN_NOT_YET, "certificate is not yet valid" },
	{ GNUTLS_CERT_EXPIRED, LOGIN_EXPIRED, "certificate has expired" },
};

static int
refuse_status(struct chain_result *out, unsigned status)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (status & reasons[i].status)
			return refuse(out, reasons[i].why, out->path[0], "%s", reasons[i].text);
	}
	return refuse(out, LOGIN_BAD_CERTIFICATE, out->path[0], "certificate is invalid");
}

/* match certificate MAP allow expired-certificate: of clients, never of a CA. */
static bool
may_be_expired(const struct auth_policy *p, const struct chain_result *out)
{
	return out->by != NULL && out->path[0] != out->by->ca &&
	    cert_exception(p, out->by, EXCEPTION_EXPIRED, out->path[0]) != NULL;
}

/* Dates and keys of the whole path, so that the one at fault is named. */
static int
path_check(const struct auth_policy *p, struct chain_result *out)
{
	time_t now = time(NULL);

	for (unsigned i = 0; i < out->path_count; i++) {
		gnutls_x509_crt_t crt = out->path[i];
		bool anchor = out->by != NULL && crt == out->by->ca;
		const char *whose = anchor ? "CA certificate" : "certificate";
		unsigned bits = 0;
		int algo = gnutls_x509_crt_get_pk_algorithm(crt, &bits);

		if (gnutls_x509_crt_get_expiration_time(crt) < now && !(i == 0 && may_be_expired(p, out)))
			return refuse(out, LOGIN_EXPIRED, crt, "%s has expired", whose);
		if (gnutls_x509_crt_get_activation_time(crt) > now)
			return refuse(out, LOGIN_NOT_YET, crt, "%s is not yet valid", whose);
		if (algo == GNUTLS_PK_RSA && bits < CHAIN_KEY_BITS_MIN)
			return refuse(out, LOGIN_BAD_CERTIFICATE, crt, "the RSA key of the %s has only %u bits", whose, bits);
		if (i == 0 && algo == GNUTLS_PK_RSA && bits > CHAIN_KEY_BITS_MAX) {
			out->key_bits = bits;
			return refuse(out, LOGIN_BAD_CERTIFICATE, crt, "the RSA key of the certificate has %u bits, at most %d are supported", bits,
			    CHAIN_KEY_BITS_MAX);
		}
		if (!anchor && out->by != NULL && (out->by->flags & TP_NO_WEAK_CRYPTO) != 0 &&
		    gnutls_sign_get_hash_algorithm(gnutls_x509_crt_get_signature_algorithm(crt)) == GNUTLS_DIG_SHA1)
			return refuse(out, LOGIN_BAD_CERTIFICATE, crt, "signature by SHA-1, which the trustpoint does not permit");
	}
	return 0;
}

/*
 * "no ca-check": the trustpoint's certificate need not be marked as a CA's.
 * Only for what it has signed itself: a phone's own certificate must never vouch for another.
 */
static bool
accepted_without_ca_check(const struct chain_result *out)
{
	unsigned status = 0;

	return out->by != NULL && (out->by->flags & TP_NO_CA_CHECK) != 0 && out->path_count == 2 &&
	    gnutls_x509_crt_verify(out->path[0], &out->path[1], 1, GNUTLS_VERIFY_ALLOW_SIGN_WITH_SHA1 |
	    GNUTLS_VERIFY_DISABLE_CA_SIGN, &status) == 0 && status == 0 &&
	    gnutls_x509_crt_check_key_purpose(out->path[0], GNUTLS_KP_TLS_WWW_CLIENT, 0) != 0;
}

int
chain_verify(const struct chain *c, const struct auth_policy *p, struct chain_result *out)
{
	gnutls_typed_vdata_st purpose = {
		.type = GNUTLS_DT_KEY_PURPOSE_OID,
		.data = (unsigned char *)(uintptr_t)GNUTLS_KP_TLS_WWW_CLIENT,
	};
	unsigned status = 0, flags = GNUTLS_VERIFY_ALLOW_SIGN_WITH_SHA1 | GNUTLS_VERIFY_ALLOW_UNSORTED_CHAIN;
	gnutls_x509_crt_t crts[CHAIN_CERTS_MAX];

	memset(out, 0, sizeof(*out));
	if (c->count == 0)
		return refuse_unknown(c, out);
	if (!path_is_leaf(c, p, out))
		path_build(c, p, out);
	if (out->by == NULL)
		return refuse_unknown(c, out);
	if (out->path_count > 2 && (out->by->flags & TP_NO_SUBORDINATES) != 0)
		return refuse(out, LOGIN_BAD_CERTIFICATE, out->path[1], "the trustpoint does not accept subordinate CAs from clients");
	if (path_check(p, out) != 0)
		return ERR_CERTIFICATE;
	if (may_be_expired(p, out)) /* path_check() has looked at the other dates */
		flags |= GNUTLS_VERIFY_DISABLE_TIME_CHECKS;
	memcpy(crts, c->crts, sizeof(crts));
	if (gnutls_x509_trust_list_verify_crt2(p->list, crts, c->count, &purpose, 1, flags, &status, NULL) < 0)
		status = GNUTLS_CERT_INVALID;
	if (status == 0 || accepted_without_ca_check(out))
		return 0;
	return refuse_status(out, status);
}

#define OID_UPN "1.3.6.1.4.1.311.20.2.3" /* user principal name, of Microsoft */

/* A name that could spoof a line of output is none. */
static int
name_check(const char *name, size_t size)
{
	for (size_t k = 0; k < size; k++) {
		if ((unsigned char)name[k] < ' ' || name[k] == 0x7f)
			return ERR_NOT_FOUND;
	}
	return size > 0 ? 0 : ERR_NOT_FOUND;
}

/* A UTF8String among the alternative names; GnuTLS 3.7 gives its text, older ones its DER. */
static int
user_upn(gnutls_x509_crt_t crt, char user[CHAIN_USER_MAX])
{
	enum { UTF8_STRING = 0x0c, DER_HEAD = 2 };

	for (unsigned i = 0;; i++) {
		char oid[64] = "";
		uint8_t data[CHAIN_USER_MAX + DER_HEAD], *text = data;
		size_t oid_size = sizeof(oid), size = sizeof(data);

		if (gnutls_x509_crt_get_subject_alt_othername_oid(crt, i, oid, &oid_size) == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
			return ERR_NOT_FOUND;
		if (strcmp(oid, OID_UPN) != 0)
			continue;
		if (gnutls_x509_crt_get_subject_alt_name(crt, i, data, &size, NULL) < 0)
			return ERR_LONG;
		if (size > DER_HEAD && data[0] == UTF8_STRING && data[1] == size - DER_HEAD) {
			text += DER_HEAD;
			size -= DER_HEAD;
		}
		if (size >= CHAIN_USER_MAX)
			return ERR_LONG;
		memcpy(user, text, size);
		user[size] = '\0';
		return name_check(user, size);
	}
}

static int
user_field(const struct chain *c, const char *field, char user[CHAIN_USER_MAX])
{
	size_t size = CHAIN_USER_MAX;
	int r;

	if (strcasecmp(field, "UPN") == 0)
		return user_upn(c->crts[0], user);
	r = gnutls_x509_crt_get_dn_by_oid(c->crts[0], cert_attr_oid(field), 0, 0, user, &size);
	if (r == GNUTLS_E_SHORT_MEMORY_BUFFER)
		return ERR_LONG; /* protocol.md 7, 48: never cut a name */
	return r == 0 ? name_check(user, size) : ERR_NOT_FOUND;
}

int
chain_user(const struct chain *c, const char *fields, char user[CHAIN_USER_MAX])
{
	char field[16];
	int n, r;

	if (strcasecmp(fields, "use-entire-name") == 0) {
		if (strlen(c->subject) >= CHAIN_USER_MAX)
			return ERR_LONG;
		strcpy(user, c->subject);
		return name_check(user, strlen(user));
	}
	for (; sscanf(fields, "%15s%n", field, &n) == 1; fields += n) {
		if ((r = user_field(c, field, user)) != ERR_NOT_FOUND)
			return r;
	}
	return ERR_NOT_FOUND;
}
