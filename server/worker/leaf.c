/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/worker/leaf.h"

#include <gnutls/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "common/mem.h"
#include "server/worker/tls_config.h"

#define OID_UNSTRUCTURED_NAME "1.2.840.113549.1.9.2" /* which an ASA puts into its certificates */

enum { TAG_UTF8 = 12, TAG_NUMERIC = 18, TAG_PRINTABLE = 19, TAG_IA5 = 22 };

static void
value_put(FILE *f, const gnutls_x509_ava_st *a)
{
	bool text = a->value_tag == TAG_UTF8 || a->value_tag == TAG_NUMERIC || a->value_tag == TAG_PRINTABLE || a->value_tag == TAG_IA5;

	if (!text)
		fputc('#', f);
	for (unsigned i = 0; i < a->value.size; i++) {
		if (text)
			fputc(a->value.data[i] != '\0' ? a->value.data[i] : '?', f);
		else
			fprintf(f, "%02x", a->value.data[i]);
	}
}

/* The most specific first: "CN=gw.example,O=Lab". */
static char *
name_text(struct mem *mem, gnutls_x509_dn_t dn)
{
	gnutls_x509_ava_st a;
	char *text, *copy, before = '\0';
	int count = 0;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (f == NULL)
		abort();
	while (gnutls_x509_dn_get_rdn_ava(dn, count, 0, &a) >= 0)
		count++;
	while (count-- > 0) {
		for (int i = 0; gnutls_x509_dn_get_rdn_ava(dn, count, i, &a) >= 0; i++) {
			char oid[128];
			const char *name;

			snprintf(oid, sizeof(oid), "%.*s", (int)a.oid.size, a.oid.data);
			name = strcmp(oid, OID_UNSTRUCTURED_NAME) == 0 ? "unstructuredName" : gnutls_x509_dn_oid_name(oid, 0);

			if (before != '\0')
				fputc(before, f);
			fprintf(f, "%s=", name != NULL ? name : oid);
			value_put(f, &a);
			before = '+';
		}
		before = ',';
	}
	fclose(f);
	copy = mem_strdup(mem, text);
	free(text);
	return copy;
}

static void
digest_hex(gnutls_x509_crt_t crt, gnutls_digest_algorithm_t algorithm, char *out)
{
	uint8_t digest[32];
	size_t size = sizeof(digest);

	if (gnutls_x509_crt_get_fingerprint(crt, algorithm, digest, &size) == 0)
		hex_put(digest, size, out);
}

void
leaf_read(struct mem *mem, struct tls_identity *id, const gnutls_pcert_st *leaf)
{
	gnutls_x509_crt_t crt;
	gnutls_x509_dn_t dn;
	unsigned usage, critical;

	if (gnutls_pcert_export_x509((gnutls_pcert_st *)(uintptr_t)leaf, &crt) < 0)
		return;
	/* a certificate without the extension may be used for anything */
	id->key_encipherment = gnutls_x509_crt_get_key_usage(crt, &usage, &critical) < 0 ||
	    (usage & GNUTLS_KEY_KEY_ENCIPHERMENT) != 0;
	digest_hex(crt, GNUTLS_DIG_SHA1, id->sha1);
	digest_hex(crt, GNUTLS_DIG_SHA256, id->sha256);
	if (gnutls_x509_crt_get_subject(crt, &dn) == 0)
		id->subject = name_text(mem, dn);
	if (gnutls_x509_crt_get_issuer(crt, &dn) == 0)
		id->issuer = name_text(mem, dn);
	id->not_before = gnutls_x509_crt_get_activation_time(crt);
	id->not_after = gnutls_x509_crt_get_expiration_time(crt);
	gnutls_x509_crt_deinit(crt);
}
