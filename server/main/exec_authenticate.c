/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * crypto ca authenticate: the CA certificate of a trustpoint, pasted. A
 * trustpoint holds one; of a bundle the issuing CA is taken, which is the one
 * that issued none of the others, and the rest is named.
 */
#include <gnutls/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "common/buf.h"
#include "common/mem.h"
#include "server/config/config.h"
#include "server/main/cli.h"
#include "server/main/daemon.h"
#include "server/main/exec_crypto.h"
#include "server/main/pem.h"
#include "server/main/x509.h"

struct bundle {
	struct pem_list list;
	gnutls_x509_crt_t crt[PEM_ITEMS_MAX];
	bool ca[PEM_ITEMS_MAX];
	size_t loaded;
};

/* A command that takes a block has it even when it failed: those lines are no commands. */
static void
block_discard(struct cli *c, const char *text, size_t len, FILE *out)
{
	(void)c, (void)text, (void)len, (void)out;
}

static void
bundle_clear(struct bundle *b)
{
	for (size_t i = 0; i < b->loaded; i++)
		gnutls_x509_crt_deinit(b->crt[i]);
	pem_list_clear(&b->list);
}

static void
subject_of(gnutls_x509_crt_t crt, char out[X509_NAME_MAX])
{
	x509_name_text(crt, X509_SUBJECT, out, X509_NAME_MAX);
}

/* False, and out says what is wrong. */
static bool
bundle_get(struct bundle *b, const char *text, size_t len, FILE *out)
{
	const char *why;

	if (pem_get_all(text, len, &b->list, &why) != 0) {
		fprintf(out, "ERROR: that is no base64 encoded certificate: %s\n", why);
		return false;
	}
	for (; b->loaded < b->list.count; b->loaded++) {
		size_t der_len = b->list.item[b->loaded].len;

		if (der_len > X509_DER_MAX) {
			fprintf(out, "ERROR: the certificate is too large: %zu bytes, at most %d are taken\n", der_len, X509_DER_MAX);
			return false;
		}
		b->crt[b->loaded] = x509_load(b->list.item[b->loaded].der, der_len);
		if (b->crt[b->loaded] == NULL) {
			fprintf(out, "ERROR: Failed to parse or verify imported certificate: it is not a certificate, or it is cut short\n");
			return false;
		}
	}
	return true;
}

/* ---- which one ---- */

/* Nothing but the extension tells; version 1 roots and some old CAs lack it: those are taken when self-signed, or with "no ca-check". */
static void
bundle_mark(struct bundle *b, bool no_check)
{
	for (size_t i = 0; i < b->loaded; i++) {
		int ca = x509_is_ca(b->crt[i]);

		b->ca[i] = ca > 0 || no_check || (ca < 0 && (x509_same_issuer_and_subject(b->crt[i]) || b->loaded == 1));
	}
}

/* Did it issue another CA of the bundle. */
static bool
issued_a_ca(const struct bundle *b, size_t at)
{
	for (size_t i = 0; i < b->loaded; i++) {
		if (i != at && b->ca[i] && x509_issued_by(b->crt[i], b->crt[at]))
			return true;
	}
	return false;
}

static bool
fingerprint_fits(const char *wanted, const unsigned char *der, size_t len)
{
	static const gnutls_digest_algorithm_t all[] = { GNUTLS_DIG_MD5, GNUTLS_DIG_SHA1, GNUTLS_DIG_SHA256 };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		uint8_t digest[64];
		char hex[129];

		if (gnutls_hash_fast(all[i], der, len, digest) < 0)
			continue;
		hex_put(digest, gnutls_hash_get_len(all[i]), hex);
		if (strcasecmp(hex, wanted) == 0)
			return true;
	}
	return false;
}

static int
chosen_by_fingerprint(const struct bundle *b, const char *wanted, FILE *out)
{
	for (size_t i = 0; i < b->loaded; i++) {
		if (fingerprint_fits(wanted, b->list.item[i].der, b->list.item[i].len))
			return (int)i;
	}
	fprintf(out, "ERROR: the certificate's fingerprint is not %s:\n", wanted);
	for (size_t i = 0; i < b->loaded; i++)
		x509_fingerprints_print("  ", b->list.item[i].der, b->list.item[i].len, out);
	return -1;
}

static int
chosen_by_place(const struct bundle *b, FILE *out)
{
	size_t cas = 0, lowest = 0;
	char name[X509_NAME_MAX];
	int chosen = -1;

	for (size_t i = 0; i < b->loaded; i++) {
		cas += b->ca[i];
		if (b->ca[i] && !issued_a_ca(b, i)) {
			lowest++;
			chosen = (int)i;
		}
	}
	if (lowest == 1)
		return chosen;
	if (cas == 0) {
		subject_of(b->crt[0], name);
		fprintf(out, "ERROR: the certificate of %s is not a CA certificate. \"crypto ca authenticate\" takes the authority's; "
		    "a certificate that it issued for this device goes to \"crypto ca import ... certificate\"\n", name);
	} else if (lowest == 0) {
		fprintf(out, "ERROR: the CA certificates issue each other, so none of them is the issuing one: paste one of them\n");
	} else {
		fprintf(out, "ERROR: the text holds CA certificates of %zu chains; paste those of one, and make a trustpoint for each:\n", lowest);
		for (size_t i = 0; i < b->loaded; i++) {
			subject_of(b->crt[i], name);
			fprintf(out, "  %s\n", name);
		}
	}
	return -1;
}

/* What else stood in the paste, and how to use it. */
static void
rest_print(const struct bundle *b, size_t chosen, const char *trustpoint, FILE *out)
{
	char name[X509_NAME_MAX];
	unsigned n = 0;

	if (b->loaded == 1)
		return;
	for (size_t i = 0; i < b->loaded; i++) {
		if (i == chosen)
			continue;
		subject_of(b->crt[i], name);
		n += b->ca[i];
		if (b->ca[i])
			fprintf(out, "INFO: not used, as a trustpoint holds one CA certificate: %s\n"
			    "INFO:   for it: \"crypto ca trustpoint %s-%u\", \"enrollment terminal\", \"crypto ca authenticate %s-%u\"\n",
			    name, trustpoint, n, trustpoint, n);
		else
			fprintf(out, "INFO: not used, as it is no CA certificate: %s\n", name);
	}
	subject_of(b->crt[chosen], name);
	fprintf(out, "INFO: taken, as it is the issuing CA: %s\n", name);
}

/* ---- is it good ---- */

static void
dates_warn(gnutls_x509_crt_t crt, FILE *out)
{
	time_t now = time(NULL);

	if (gnutls_x509_crt_get_expiration_time(crt) < now)
		fprintf(out, "WARNING: the CA certificate has expired: nothing that it issued will be accepted\n");
	else if (gnutls_x509_crt_get_activation_time(crt) > now)
		fprintf(out, "WARNING: the CA certificate is not valid yet\n");
}

static bool
ca_check(gnutls_x509_crt_t crt, FILE *out)
{
	char why[200], name[X509_NAME_MAX];

	if (!x509_acceptable(crt, why, sizeof(why))) {
		subject_of(crt, name);
		fprintf(out, "ERROR: the certificate of %s is refused: %s\n", name, why);
		return false;
	}
	if (x509_is_ca(crt) <= 0)
		fprintf(out, "WARNING: nothing in the certificate says that it is a CA's\n");
	dates_warn(crt, out);
	return true;
}

/* ---- taking it ---- */

static void
ca_take(struct cli *c, FILE *out)
{
	gnutls_x509_crt_t crt = x509_load(c->der, c->der_len);
	bool subordinate = crt != NULL && !x509_same_issuer_and_subject(crt);

	if (crt != NULL)
		gnutls_x509_crt_deinit(crt);
	if (!crypto_ca_keep(c->trustpoint, c->der, c->der_len)) {
		fprintf(out, "ERROR: trustpoint %s was removed meanwhile\n", c->trustpoint);
		return;
	}
	fputc('\n', out);
	if (subordinate)
		fprintf(out, "Trustpoint '%s' is a subordinate CA and holds a non self-signed certificate.\n\n", c->trustpoint);
	fprintf(out, "Trustpoint CA certificate accepted.\n\n%% Certificate successfully imported\n");
}

static void
replace_answer(struct cli *c, const char *line, FILE *out)
{
	if (cli_is_yes(line))
		ca_take(c, out);
	else
		fprintf(out, "%% Certificate not accepted\n");
}

/* An older one is replaced only when that is said. */
static void
accept_answer(struct cli *c, const char *line, FILE *out)
{
	const struct cfg_trustpoint *tp = config_trustpoint(daemon_.config, c->trustpoint);
	char name[X509_NAME_MAX];

	if (!cli_is_yes(line)) {
		fprintf(out, "%% Certificate not accepted\n");
		return;
	}
	if (tp == NULL || tp->ca.len == 0 || (tp->ca.len == c->der_len && memcmp(tp->ca.data, c->der, c->der_len) == 0)) {
		ca_take(c, out);
		return;
	}
	x509_der_name_text(tp->ca.data, tp->ca.len, X509_SUBJECT, name, sizeof(name));
	fprintf(out, "WARNING: Trustpoint %s already has a CA certificate, of %s\n", tp->name, name);
	cli_ask(c, "Do you want to replace it? [yes/no]: ", replace_answer);
}

static void
attributes_print(gnutls_x509_crt_t crt, const struct cli *c, FILE *out)
{
	char name[X509_NAME_MAX];

	fprintf(out, "\nINFO: Certificate has the following attributes:\n");
	x509_digest_print("Fingerprint:     ", GNUTLS_DIG_MD5, c->der, c->der_len, out);
	x509_fingerprints_print("", c->der, c->der_len, out);
	subject_of(crt, name);
	fprintf(out, "Subject:         %s\n", name);
	x509_name_text(crt, X509_ISSUER, name, sizeof(name));
	fprintf(out, "Issuer:          %s\n", name);
}

/* Digits only: fingerprints are written with ':' or ' ' between them as well. */
static void
fingerprint_normal(char *text)
{
	char *to = text;

	for (const char *p = text; *p != '\0'; p++) {
		if (strchr(":- ", *p) == NULL)
			*to++ = *p;
	}
	*to = '\0';
}

/* said holds what the command line said: "ask" or "no", and a fingerprint. */
static void
bundle_use(struct cli *c, struct bundle *b, FILE *out)
{
	const struct cfg_trustpoint *tp = config_trustpoint(daemon_.config, c->trustpoint);
	char *wanted = strchr(c->said, ' ') + 1;
	bool asks = strncmp(c->said, "ask", 3) == 0 && wanted[0] == '\0';
	int chosen;

	fingerprint_normal(wanted);
	bundle_mark(b, tp != NULL && tp->no_ca_check);
	chosen = wanted[0] != '\0' ? chosen_by_fingerprint(b, wanted, out) : chosen_by_place(b, out);
	if (chosen >= 0 && !b->ca[chosen]) { /* the fingerprint is a leaf's */
		b->loaded > 1 ? (void)fprintf(out, "ERROR: that fingerprint is no CA certificate's\n") : (void)chosen_by_place(b, out);
		chosen = -1;
	}
	if (chosen < 0 || !ca_check(b->crt[chosen], out))
		return;
	rest_print(b, (size_t)chosen, c->trustpoint, out);
	c->der_len = b->list.item[chosen].len;
	c->der = xmalloc(c->der_len);
	memcpy(c->der, b->list.item[chosen].der, c->der_len);
	attributes_print(b->crt[chosen], c, out);
	if (asks)
		cli_ask(c, "Do you accept this certificate? [yes/no]: ", accept_answer);
	else
		ca_take(c, out);
}

static void
authenticate_block(struct cli *c, const char *text, size_t len, FILE *out)
{
	struct bundle b = { .loaded = 0 };

	if (bundle_get(&b, text, len, out))
		bundle_use(c, &b, out);
	bundle_clear(&b);
}

int
run_authenticate(const struct cmd_match *m, void *context)
{
	struct cli *c = ((struct cli_call *)context)->cli;
	FILE *out = ((struct cli_call *)context)->out;
	const char *fingerprint = cmd_str(m, "fingerprint");

	if (crypto_trustpoint(c, m, out) == NULL) {
		cli_want_block(c, block_discard);
		return 0;
	}
	snprintf(c->said, sizeof(c->said), "%s %s", cmd_word(m, "nointeractive") ? "no" : "ask",
	    fingerprint != NULL ? fingerprint : "");
	fprintf(out, "Enter the base 64 encoded CA certificate.\nEnd with the word \"quit\" on a line by itself\n\n");
	cli_want_block(c, authenticate_block);
	return 0;
}
