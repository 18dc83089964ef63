/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/certauth/enroll.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/buf.h"
#include "common/err.h"
#include "server/certauth/subject.h"

#define TEN_YEARS_S (10LL * 365 * 24 * 3600 + 2 * 24 * 3600)

int
enroll_fail(char text[ENROLL_TEXT_MAX], int code, const char *what, int gnutls_code)
{
	snprintf(text, ENROLL_TEXT_MAX, "%s%s%s", what, gnutls_code != 0 ? ": " : "",
	    gnutls_code != 0 ? gnutls_strerror(gnutls_code) : "");
	return code;
}

int
enroll_store_fail(char text[ENROLL_TEXT_MAX], int code)
{
	snprintf(text, ENROLL_TEXT_MAX, "certauth could not store it: %s", code == ERR_SYSTEM ? strerror(errno) : err_str(code));
	return code;
}

static int
san_append(gnutls_x509_crq_t crq, gnutls_x509_subject_alt_name_t type, const void *data, size_t len)
{
	return gnutls_x509_crq_set_subject_alt_name(crq, type, data, (unsigned)len, GNUTLS_FSAN_APPEND);
}

/* One line of `names`: "DNS:host", "EMAIL:address" or "IP:address". */
static int
name_add(gnutls_x509_crq_t crq, const char *line, size_t len)
{
	char value[256];
	struct addr ip;

	if (len > 4 && strncmp(line, "DNS:", 4) == 0)
		return san_append(crq, GNUTLS_SAN_DNSNAME, line + 4, len - 4);
	if (len > 6 && strncmp(line, "EMAIL:", 6) == 0)
		return san_append(crq, GNUTLS_SAN_RFC822NAME, line + 6, len - 6);
	if (len <= 3 || len >= sizeof(value) || strncmp(line, "IP:", 3) != 0)
		return 0;
	memcpy(value, line + 3, len - 3);
	value[len - 3] = '\0';
	if (!addr_parse(value, 0, &ip))
		return 0;
	return san_append(crq, GNUTLS_SAN_IPADDRESS, ip.ip, ip.family == 4 ? 4 : 16);
}

static int
names_add(gnutls_x509_crq_t crq, const char *names)
{
	while (*names != '\0') {
		size_t len = strcspn(names, "\n");
		int r = name_add(crq, names, len);

		if (r < 0)
			return r;
		names += len;
		names += *names == '\n';
	}
	return 0;
}

/* As DER, because GnuTLS's own function marks it critical, which an old client may not understand. */
static const uint8_t server_auth[] = { 0x30, 0x0a, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01 };

static int
request_fill(gnutls_x509_crq_t crq, gnutls_x509_privkey_t key, const struct ipc_enroll *ask, char *text)
{
	bool rsa = gnutls_x509_privkey_get_pk_algorithm(key) == GNUTLS_PK_RSA;
	unsigned usage = GNUTLS_KEY_DIGITAL_SIGNATURE | (rsa ? GNUTLS_KEY_KEY_ENCIPHERMENT : 0);
	int r;

	if ((r = subject_set(crq, ask->subject, ask->fqdn, ask->ip, ask->serial, text, ENROLL_TEXT_MAX)) != 0)
		return ERR_CERTIFICATE;
	if ((r = gnutls_x509_crq_set_version(crq, 1)) < 0 || (r = gnutls_x509_crq_set_key(crq, key)) < 0 ||
	    (r = names_add(crq, ask->names)) < 0 || (r = gnutls_x509_crq_set_key_usage(crq, usage)) < 0 ||
	    (r = gnutls_x509_crq_set_extension_by_oid(crq, GNUTLS_X509EXT_OID_EXTENDED_KEY_USAGE, (void *)(uintptr_t)server_auth, sizeof(server_auth), 0)) < 0 ||
	    (r = gnutls_x509_crq_sign2(crq, key, GNUTLS_DIG_SHA256, 0)) < 0)
		return enroll_fail(text, ERR_CERTIFICATE, "the request could not be made", r);
	return 0;
}

static int
request_make(gnutls_x509_privkey_t key, const struct ipc_enroll *ask, gnutls_x509_crq_t *crq, char *text)
{
	int r;

	if (gnutls_x509_crq_init(crq) < 0)
		return enroll_fail(text, ERR_NOMEM, "no memory", 0);
	if ((r = request_fill(*crq, key, ask, text)) != 0)
		gnutls_x509_crq_deinit(*crq);
	return r;
}

int
enroll_request(gnutls_x509_privkey_t key, const struct ipc_enroll *ask, gnutls_datum_t *der, char text[ENROLL_TEXT_MAX])
{
	gnutls_x509_crq_t crq;
	int r = request_make(key, ask, &crq, text);

	if (r != 0)
		return r;
	if (gnutls_x509_crq_export2(crq, GNUTLS_X509_FMT_DER, der) < 0)
		r = enroll_fail(text, ERR_CERTIFICATE, "the request could not be made", 0);
	gnutls_x509_crq_deinit(crq);
	return r;
}

/* The ASA's habit: the time of making, in hex, is the serial number; positive, without leading zeros. */
static int
serial_set(gnutls_x509_crt_t crt, uint64_t serial)
{
	uint8_t bytes[9];
	struct wr w = wr_init(bytes, sizeof(bytes));
	size_t from = 0;

	wr_u8(&w, 0);
	wr_u64(&w, serial);
	while (from < sizeof(bytes) - 1 && bytes[from] == 0 && bytes[from + 1] < 0x80)
		from++;
	return gnutls_x509_crt_set_serial(crt, bytes + from, sizeof(bytes) - from);
}

static int
certificate_fill(gnutls_x509_crt_t crt, gnutls_x509_crq_t crq, gnutls_x509_privkey_t key, time_t now, uint64_t serial)
{
	int r;

	if ((r = gnutls_x509_crt_set_version(crt, 3)) < 0 || (r = serial_set(crt, serial)) < 0 ||
	    (r = gnutls_x509_crt_set_activation_time(crt, now)) < 0 ||
	    (r = gnutls_x509_crt_set_expiration_time(crt, now + TEN_YEARS_S)) < 0 ||
	    (r = gnutls_x509_crt_set_crq(crt, crq)) < 0 ||
	    (r = gnutls_x509_crt_set_basic_constraints(crt, 0, -1)) < 0 ||
	    (r = gnutls_x509_crt_set_crq_extensions(crt, crq)) < 0)
		return r;
	return gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256, 0);
}

static int
certificate_make(gnutls_x509_crq_t crq, gnutls_x509_privkey_t key, uint64_t serial, gnutls_datum_t *der)
{
	gnutls_x509_crt_t crt;
	int r = gnutls_x509_crt_init(&crt);

	if (r < 0)
		return r;
	if ((r = certificate_fill(crt, crq, key, time(NULL), serial)) >= 0)
		r = gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, der);
	gnutls_x509_crt_deinit(crt);
	return r;
}

int
enroll_self(struct store *st, gnutls_x509_privkey_t key, const struct ipc_enroll *ask, char text[ENROLL_TEXT_MAX])
{
	gnutls_datum_t der = { 0 };
	gnutls_x509_crq_t crq;
	uint64_t serial;
	int r, result = request_make(key, ask, &crq, text);

	if (result != 0)
		return result;
	if (store_serial_next(st, (uint64_t)time(NULL), &serial) != 0) {
		result = enroll_store_fail(text, ERR_SYSTEM);
	} else if ((r = certificate_make(crq, key, serial, &der)) < 0) {
		result = enroll_fail(text, ERR_CERTIFICATE, "the certificate could not be made", r);
	} else if ((result = store_put(st, ask->trustpoint, key, &der, 1)) != 0) {
		enroll_store_fail(text, result);
	}
	gnutls_free(der.data);
	gnutls_x509_crq_deinit(crq);
	return result;
}
