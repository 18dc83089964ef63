/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/certauth/enroll.h"

#include <gnutls/pkcs12.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/buf.h"
#include "common/err.h"

#define TEN_YEARS_S (10LL * 365 * 24 * 3600 + 2 * 24 * 3600)
#define MODULUS_DEFAULT 2048

static int
fail(char *text, int code, const char *what, int gnutls_code)
{
	snprintf(text, ENROLL_TEXT_MAX, "%s%s%s", what, gnutls_code != 0 ? ": " : "",
	    gnutls_code != 0 ? gnutls_strerror(gnutls_code) : "");
	return code;
}

/* One line of `names`: "DNS:host" or "IP:address". */
static int
name_add(gnutls_x509_crt_t crt, const char *line, size_t len)
{
	char value[256];
	struct addr ip;

	if (len > 4 && len < sizeof(value) && strncmp(line, "DNS:", 4) == 0)
		return gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME, line + 4, (unsigned)len - 4, GNUTLS_FSAN_APPEND);
	if (len <= 3 || len >= sizeof(value) || strncmp(line, "IP:", 3) != 0)
		return 0;
	memcpy(value, line + 3, len - 3);
	value[len - 3] = '\0';
	if (!addr_parse(value, 0, &ip))
		return 0;
	return gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_IPADDRESS, ip.ip, ip.family == 4 ? 4 : 16, GNUTLS_FSAN_APPEND);
}

static int
names_add(gnutls_x509_crt_t crt, const char *names)
{
	while (*names != '\0') {
		size_t len = strcspn(names, "\n");
		int r = name_add(crt, names, len);

		if (r < 0)
			return r;
		names += len;
		names += *names == '\n';
	}
	return 0;
}

/* The ASA's habit: the time of making, in hex, is the serial number. */
static int
serial_set(gnutls_x509_crt_t crt, time_t now)
{
	uint8_t serial[5] = { 0 };
	struct wr w = wr_init(serial, sizeof(serial));

	wr_u8(&w, 0);
	wr_u32(&w, (uint32_t)now);
	return serial[1] < 0x80 ? gnutls_x509_crt_set_serial(crt, serial + 1, 4) : gnutls_x509_crt_set_serial(crt, serial, 5);
}

static int
certificate_fill(gnutls_x509_crt_t crt, gnutls_x509_privkey_t key, const struct ipc_enroll *ask)
{
	time_t now = time(NULL);
	const char *where;
	int r;

	if ((r = gnutls_x509_crt_set_version(crt, 3)) < 0 || (r = serial_set(crt, now)) < 0 ||
	    (r = gnutls_x509_crt_set_activation_time(crt, now)) < 0 ||
	    (r = gnutls_x509_crt_set_expiration_time(crt, now + TEN_YEARS_S)) < 0 ||
	    (r = gnutls_x509_crt_set_dn(crt, ask->subject, &where)) < 0 ||
	    (r = gnutls_x509_crt_set_key(crt, key)) < 0 ||
	    (r = gnutls_x509_crt_set_basic_constraints(crt, 0, -1)) < 0 ||
	    (r = gnutls_x509_crt_set_key_usage(crt, GNUTLS_KEY_DIGITAL_SIGNATURE | GNUTLS_KEY_KEY_ENCIPHERMENT)) < 0 ||
	    (r = gnutls_x509_crt_set_key_purpose_oid(crt, GNUTLS_KP_TLS_WWW_SERVER, 0)) < 0)
		return r;
	if ((r = names_add(crt, ask->names)) < 0)
		return r;
	return gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256, 0);
}

int
enroll_self(struct store *st, const struct ipc_enroll *ask, char text[ENROLL_TEXT_MAX])
{
	gnutls_x509_privkey_t key = NULL;
	gnutls_x509_crt_t crt = NULL;
	gnutls_datum_t der = { 0 };
	int r, result = ERR_KEY;

	if ((r = gnutls_x509_privkey_init(&key)) < 0 || (r = gnutls_x509_crt_init(&crt)) < 0) {
		result = fail(text, ERR_NOMEM, "no memory", r);
	} else if ((r = gnutls_x509_privkey_generate(key, GNUTLS_PK_RSA, ask->bits != 0 ? ask->bits : MODULUS_DEFAULT, 0)) < 0) {
		result = fail(text, ERR_KEY, "key generation failed", r);
	} else if ((r = certificate_fill(crt, key, ask)) < 0 || (r = gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &der)) < 0) {
		result = fail(text, ERR_CERTIFICATE, "certificate could not be made", r);
	} else if ((result = store_put(st, ask->trustpoint, key, &der, 1)) != 0) {
		fail(text, result, "identity could not be stored", 0);
	}
	gnutls_free(der.data);
	if (crt != NULL)
		gnutls_x509_crt_deinit(crt);
	if (key != NULL)
		gnutls_x509_privkey_deinit(key);
	return result;
}

struct p12_parts {
	gnutls_x509_privkey_t key;
	gnutls_x509_crt_t *chain, *extra;
	unsigned chain_count, extra_count;
};

static void
p12_parts_clear(struct p12_parts *p)
{
	if (p->key != NULL)
		gnutls_x509_privkey_deinit(p->key);
	for (unsigned i = 0; i < p->chain_count; i++)
		gnutls_x509_crt_deinit(p->chain[i]);
	for (unsigned i = 0; i < p->extra_count; i++)
		gnutls_x509_crt_deinit(p->extra[i]);
	gnutls_free(p->chain);
	gnutls_free(p->extra);
}

static int
p12_open(const struct ipc_import_p12 *ask, struct p12_parts *parts, char *text)
{
	gnutls_datum_t der = { (unsigned char *)(uintptr_t)ask->p12.data, ask->p12.len };
	gnutls_pkcs12_t p12;
	int r, result = 0;

	if (gnutls_pkcs12_init(&p12) < 0)
		return fail(text, ERR_NOMEM, "no memory", 0);
	if ((r = gnutls_pkcs12_import(p12, &der, GNUTLS_X509_FMT_DER, 0)) < 0)
		result = fail(text, ERR_CERTIFICATE, "not a PKCS#12 file", 0);
	else if ((r = gnutls_pkcs12_verify_mac(p12, ask->passphrase)) < 0)
		result = fail(text, ERR_PASSWORD, "wrong passphrase, or the file is damaged", 0);
	else if ((r = gnutls_pkcs12_simple_parse(p12, ask->passphrase, &parts->key, &parts->chain,
	    &parts->chain_count, &parts->extra, &parts->extra_count, NULL, 0)) < 0)
		result = fail(text, ERR_CERTIFICATE, "the file cannot be read", r);
	else if (parts->key == NULL || parts->chain_count == 0)
		result = fail(text, ERR_KEY, "the file holds no private key with its certificate", 0);
	gnutls_pkcs12_deinit(p12);
	return result;
}

/* The issuer of the leaf: next in the chain, or among the other certificates. */
static gnutls_x509_crt_t
p12_issuer(const struct p12_parts *p)
{
	if (p->chain_count > 1)
		return p->chain[1];
	for (unsigned i = 0; i < p->extra_count; i++) {
		if (gnutls_x509_crt_check_issuer(p->chain[0], p->extra[i]) == 1)
			return p->extra[i];
	}
	return NULL;
}

/*
 * CA certificates that do not chain up from the leaf in the file are left
 * out: what is served is the leaf and its intermediates (protocol.md 4.4).
 */
static int
p12_store(struct store *st, const char *trustpoint, const struct p12_parts *p, char *text)
{
	gnutls_datum_t chain[STORE_CHAIN_MAX];
	unsigned count = 0;
	int r = 0;

	if (p->chain_count > STORE_CHAIN_MAX)
		return fail(text, ERR_LONG, "the certificate chain is too long", 0);
	for (; count < p->chain_count && r == 0; count++) {
		if (gnutls_x509_crt_export2(p->chain[count], GNUTLS_X509_FMT_DER, &chain[count]) < 0) {
			r = fail(text, ERR_CERTIFICATE, "a certificate cannot be read", 0);
			break;
		}
	}
	if (r == 0 && (r = store_put(st, trustpoint, p->key, chain, count)) != 0)
		fail(text, r, "identity could not be stored", 0);
	for (unsigned i = 0; i < count; i++)
		gnutls_free(chain[i].data);
	return r;
}

int
import_p12(struct store *st, const struct ipc_import_p12 *ask, gnutls_datum_t *ca, char text[ENROLL_TEXT_MAX])
{
	struct p12_parts parts = { 0 };
	gnutls_x509_crt_t issuer;
	int r;

	if ((r = p12_open(ask, &parts, text)) == 0 && (r = p12_store(st, ask->trustpoint, &parts, text)) == 0) {
		issuer = p12_issuer(&parts);
		if (issuer != NULL)
			gnutls_x509_crt_export2(issuer, GNUTLS_X509_FMT_DER, ca);
	}
	p12_parts_clear(&parts);
	return r;
}
