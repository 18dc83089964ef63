/* SPDX-License-Identifier: GPL-2.0-or-later */
/* crypto ca import: the certificate that a CA issued, or key and certificates as PKCS#12. */
#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "common/mem.h"
#include "server/config/config.h"
#include "server/main/asalog.h"
#include "server/main/cli.h"
#include "server/main/daemon.h"
#include "server/main/exec_crypto.h"
#include "server/main/identity.h"
#include "server/main/keypair.h"
#include "server/main/pem.h"
#include "server/main/x509.h"

static void
block_discard(struct cli *c, const char *text, size_t len, FILE *out)
{
	(void)c, (void)text, (void)len, (void)out;
}

/* The issuer that came along becomes the trustpoint's CA certificate when it has none. */
static void
issuer_keep(const char *trustpoint, const struct ipc_blob *ca, bool replace, FILE *out)
{
	const struct cfg_trustpoint *tp = config_trustpoint(daemon_.config, trustpoint);
	gnutls_x509_crt_t crt;
	char why[200], name[X509_NAME_MAX];
	bool warns;

	if (ca->len == 0 || tp == NULL || (tp->ca.len > 0 && !replace))
		return;
	if (tp->ca.len == ca->len && memcmp(tp->ca.data, ca->data, ca->len) == 0)
		return;
	if ((crt = x509_load(ca->data, ca->len)) == NULL)
		return;
	warns = replace && tp->validation_usage == SETTING_UNSET; /* tp goes with its snapshot */
	x509_name_text(crt, X509_SUBJECT, name, sizeof(name));
	if (!x509_acceptable(crt, why, sizeof(why)))
		fprintf(out, "WARNING: the CA certificate of %s is not taken: %s\n", name, why);
	else if (!crypto_ca_keep(trustpoint, ca->data, ca->len))
		fprintf(out, "WARNING: the CA certificate of %s is not taken: trustpoint %s is gone\n", name, trustpoint);
	else if (warns)
		fprintf(out, "WARNING: CA certificates can be used to validate VPN connections,\n"
		    "by default.  Please adjust the validation-usage of this\ntrustpoint to limit the validation scope, if necessary.\n");
	else
		fprintf(out, "INFO: the CA certificate of trustpoint %s is now that of %s\n", trustpoint, name);
	gnutls_x509_crt_deinit(crt);
}

/* ---- certificate ---- */

static void
certificate_done(void *ctx, const struct ipc_auth_done *answer)
{
	struct cli *c = ctx;
	const struct main_identity *id;
	struct reply r;

	reply_open(&r);
	if (answer == NULL || answer->failed) {
		const char *why = answer == NULL ? CERTAUTH_DIED : answer->text;

		fprintf(r.f, "ERROR: Failed to parse or verify imported certificate for trustpoint %s: %s\n", c->trustpoint, why);
		asalog(717002, NULL, NULL, c->trustpoint, why, NULL, NULL);
	} else if (!crypto_identity_keep(c->trustpoint)) {
		fprintf(r.f, "ERROR: trustpoint %s was removed meanwhile\n", c->trustpoint);
	} else {
		fprintf(r.f, "INFO: Certificate successfully imported\n");
		asalog(717003, NULL, NULL, c->trustpoint, NULL, NULL, NULL);
		issuer_keep(c->trustpoint, &answer->ca, false, r.f);
		if ((id = main_identity_find(c->trustpoint)) != NULL)
			crypto_certificate_info(id->leaf, id->leaf_len, r.f);
		crypto_chain_info(c->trustpoint, r.f);
	}
	reply_send(&r, c);
}

/* Each certificate is one that may be used, before certauth sees it. */
static bool
certificates_check(const struct pem_list *list, FILE *out)
{
	char why[200], name[X509_NAME_MAX];

	for (size_t i = 0; i < list->count; i++) {
		gnutls_x509_crt_t crt = x509_load(list->item[i].der, list->item[i].len);
		bool ok;

		if (crt == NULL) {
			fprintf(out, "ERROR: Failed to parse or verify imported certificate: it is %s\n",
			    list->item[i].len > X509_DER_MAX ? "too large" : "not a certificate, or it is cut short");
			return false;
		}
		ok = x509_acceptable(crt, why, sizeof(why));
		x509_name_text(crt, X509_SUBJECT, name, sizeof(name));
		if (!ok)
			fprintf(out, "ERROR: the certificate of %s is refused: %s\n", name, why);
		else if (gnutls_x509_crt_get_expiration_time(crt) < time(NULL))
			fprintf(out, "WARNING: the certificate of %s has expired\n", name);
		gnutls_x509_crt_deinit(crt);
		if (!ok)
			return false;
	}
	return true;
}

static void
certificates_send(struct cli *c, const struct cfg_trustpoint *tp, const struct pem_list *list, FILE *out)
{
	uint8_t *certs = xmalloc(IPC_CHAIN_MAX);
	struct wr w = wr_init(certs, IPC_CHAIN_MAX);
	struct ipc_import_crt m = { .trustpoint = c->trustpoint, .keypair = keypair_label(tp) };

	for (size_t i = 0; i < list->count; i++) {
		wr_u32(&w, (uint32_t)list->item[i].len);
		wr_bytes(&w, list->item[i].der, list->item[i].len);
	}
	if (w.bad) {
		fprintf(out, "ERROR: the certificates are too large: more than %d bytes\n", IPC_CHAIN_MAX);
	} else {
		m.certs = (struct ipc_blob){ certs, (uint32_t)(w.p - certs) };
		m.request = request_new_named(certificate_done, c, crypto_orphan, c->trustpoint);
		crypto_send(c, MSG_import_crt, &m, m.request, out);
	}
	free(certs);
}

static void
certificate_block(struct cli *c, const char *text, size_t len, FILE *out)
{
	const struct cfg_trustpoint *tp = config_trustpoint(daemon_.config, c->trustpoint);
	struct pem_list list;
	const char *why;

	if (tp == NULL) {
		fprintf(out, "ERROR: trustpoint %s was removed meanwhile\n", c->trustpoint);
		return;
	}
	if (pem_get_all(text, len, &list, &why) != 0)
		fprintf(out, "ERROR: that is no base64 encoded certificate: %s\n", why);
	else if (certificates_check(&list, out))
		certificates_send(c, tp, &list, out);
	pem_list_clear(&list);
}

int
run_import_certificate(const struct cmd_match *m, void *context)
{
	struct cli *c = ((struct cli_call *)context)->cli;
	FILE *out = ((struct cli_call *)context)->out;
	const struct cfg_trustpoint *tp = crypto_trustpoint(c, m, out);
	char fqdn[256];

	if (tp == NULL) {
		cli_want_block(c, block_discard);
		return 0;
	}
	crypto_fqdn(tp, fqdn, sizeof(fqdn));
	if (fqdn[0] != '\0')
		fprintf(out, "%% The fully-qualified domain name in the certificate will be: %s\n\n", fqdn);
	fprintf(out, "Enter the base 64 encoded certificate.\nEnd with the word \"quit\" on a line by itself\n\n");
	cli_want_block(c, certificate_block);
	return 0;
}

/* ---- pkcs12 ---- */

/* As on an ASA, the import makes the trustpoint when there is none, and names its key pair. */
static bool
trustpoint_make(const char *name, FILE *out)
{
	static struct config_line line; /* large; one command at a time */
	struct config *next = config_clone(daemon_.config);
	bool is_new = config_trustpoint(next, name) == NULL, ok = true;
	struct config_cursor cursor;
	struct cmd_error error;
	char text[3][300];

	snprintf(text[0], sizeof(text[0]), "crypto ca trustpoint \"%s\"", name);
	snprintf(text[1], sizeof(text[1]), "keypair \"%s\"", name);
	snprintf(text[2], sizeof(text[2]), "enrollment terminal");
	config_cursor_init(&cursor);
	for (size_t i = 0; i < (is_new ? 3 : 2) && ok; i++) {
		ok = config_match(next, &cursor, text[i], NULL, 0, &line, &error) == 0 && config_apply(next, &cursor, &line, out) == 0;
	}
	config_cursor_clear(&cursor);
	if (ok)
		daemon_config_swap(next, NULL);
	else
		config_free(next);
	return ok;
}

static void
identical_keys_warn(const char *label, FILE *out)
{
	const struct main_keypair *own = main_keypair_find(label);

	for (const struct main_keypair *k = own != NULL ? main_keypair_first() : NULL; k != NULL; k = k->next) {
		if (k != own && k->public_len == own->public_len && memcmp(k->public, own->public, own->public_len) == 0)
			fprintf(out, "WARNING: Identical public key already exists as %s\n", k->label);
	}
}

static void
p12_report(struct cli *c, const struct ipc_auth_done *answer, FILE *out)
{
	const struct main_identity *id;

	identical_keys_warn(c->trustpoint, out);
	if (!trustpoint_make(c->trustpoint, out) || !crypto_identity_keep(c->trustpoint)) {
		fprintf(out, "ERROR: trustpoint %s could not be configured\n", c->trustpoint);
		return;
	}
	issuer_keep(c->trustpoint, &answer->ca, true, out);
	fprintf(out, "INFO: Import PKCS12 operation completed successfully\n");
	if ((id = main_identity_find(c->trustpoint)) != NULL)
		crypto_certificate_info(id->leaf, id->leaf_len, out);
	crypto_chain_info(c->trustpoint, out);
}

static void
p12_done(void *ctx, const struct ipc_auth_done *answer)
{
	struct cli *c = ctx;
	struct reply r;

	reply_open(&r);
	if (answer == NULL || answer->failed)
		fprintf(r.f, "ERROR: Import PKCS12 operation failed: %s\n", answer == NULL ? CERTAUTH_DIED : answer->text);
	else
		p12_report(c, answer, r.f);
	asalog(answer == NULL || answer->failed ? 717006 : 717007, NULL, NULL, c->trustpoint, NULL, NULL, NULL);
	explicit_bzero(c->passphrase, sizeof(c->passphrase));
	identity_import_end();
	reply_send(&r, c);
}

static void
p12_orphan(const char *trustpoint, const struct ipc_auth_done *answer)
{
	if (answer != NULL && !answer->failed) {
		FILE *nobody = fopen("/dev/null", "we");

		if (nobody != NULL && trustpoint_make(trustpoint, nobody))
			crypto_orphan(trustpoint, answer);
		if (nobody != NULL)
			fclose(nobody);
	}
	identity_import_end();
}

static void
p12_block(struct cli *c, const char *text, size_t len, FILE *out)
{
	struct ipc_import_p12 m = { .trustpoint = c->trustpoint, .passphrase = c->passphrase };

	if (pem_get(text, len, &c->der, &c->der_len) != 0) {
		fprintf(out, "ERROR: Import PKCS12 operation failed: the text is not base64\n");
		return;
	}
	if (c->der_len > IPC_P12_MAX) {
		fprintf(out, "ERROR: Import PKCS12 operation failed: the file is too large\n");
		return;
	}
	m.p12 = (struct ipc_blob){ c->der, (uint32_t)c->der_len };
	m.request = request_new_named(p12_done, c, p12_orphan, c->trustpoint);
	if (crypto_send(c, MSG_import_p12, &m, m.request, out))
		identity_import_begin();
	explicit_bzero(c->der, c->der_len);
}

int
run_import_p12(const struct cmd_match *m, void *context)
{
	struct cli *c = ((struct cli_call *)context)->cli;
	FILE *out = ((struct cli_call *)context)->out;

	snprintf(c->trustpoint, sizeof(c->trustpoint), "%s", cmd_str(m, "trustpoint"));
	if (!crypto_passphrase(c, m, out)) {
		cli_want_block(c, block_discard);
		return 0;
	}
	fprintf(out, "Enter the base 64 encoded pkcs12.\nEnd with the word \"quit\" on a line by itself:\n");
	cli_want_block(c, p12_block);
	return 0;
}
