/* SPDX-License-Identifier: GPL-2.0-or-later */
/* show crypto ca trustpoints (asa-reference 2.5). */
#include <string.h>

#include "server/main/daemon.h"
#include "server/main/identity.h"
#include "server/main/keypair.h"
#include "server/main/x509.h"
#include "server/show/crypto.h"
#include "server/show/json.h"

static void
component_text(void *ctx, const char *tag, const char *value)
{
	fprintf((FILE *)ctx, "    %s=%s\n", tag, value);
}

static void
ca_text(FILE *f, const struct cfg_trustpoint *tp)
{
	gnutls_x509_crt_t crt = x509_load(tp->ca.data, tp->ca.len);
	char serial[2 * X509_SERIAL_MAX + 4];

	if (crt == NULL)
		return;
	x509_serial_text(crt, serial, sizeof(serial));
	fputs("    Subject Name: \n", f);
	x509_name_each(crt, X509_SUBJECT, component_text, f);
	fprintf(f, "          Serial Number: %s\n    Certificate configured.\n", serial);
	gnutls_x509_crt_deinit(crt);
}

/* Beyond what an ASA prints: what is served, and with which key. */
static void
extras_text(FILE *f, const struct cfg_trustpoint *tp, const struct main_identity *id)
{
	const struct main_keypair *pair = main_keypair_find(keypair_label(tp));
	char hash[29];

	if (main_csr_find(tp->name) != NULL)
		fputs("    Certificate request pending.\n", f);
	if (id == NULL && tp->identity.len > 0)
		fputs("    Identity certificate without its private key.\n", f);
	if (pair != NULL && (id != NULL || tp->keypair != NULL || main_csr_find(tp->name) != NULL))
		fprintf(f, "    Key pair: %s, %s %u bits\n", pair->label, keypair_algo_name(pair->algo), pair->bits);
	if (id == NULL)
		return;
	fputs("    Identity certificate:\n", f);
	x509_fingerprints_print("      ", id->leaf, id->leaf_len, f);
	x509_cert_hash(id->leaf, id->leaf_len, hash);
	fprintf(f, "      certHash (base64 SHA-1): %s\n", hash);
}

static void
trustpoint_text(FILE *f, const struct cfg_trustpoint *tp)
{
	const struct main_identity *id = main_identity_find(tp->name);

	fprintf(f, "Trustpoint %s:\n", tp->name);
	if (tp->enrollment == ENROLL_SELF)
		fputs("    Configured for self-signed certificate generation.\n", f);
	else if (tp->ca.len > 0)
		ca_text(f, tp);
	else
		fputs("    Not authenticated.\n", f);
	extras_text(f, tp, id);
}

static void
trustpoint_json(struct json *j, const struct cfg_trustpoint *tp)
{
	static const char *const enrollments[] = { NULL, "self", "terminal", "url" };
	const struct main_identity *id = main_identity_find(tp->name);
	char subject[X509_NAME_MAX], hash[29] = "";

	json_object(j, NULL);
	json_str(j, "name", tp->name);
	json_str(j, "enrollment", enrollments[tp->enrollment & 3]);
	json_bool(j, "authenticated", tp->ca.len > 0);
	x509_der_name_text(tp->ca.data, tp->ca.len, X509_SUBJECT, subject, sizeof(subject));
	json_str(j, "ca_subject", tp->ca.len > 0 ? subject : NULL);
	json_bool(j, "enrolled", id != NULL);
	json_bool(j, "request_pending", main_csr_find(tp->name) != NULL);
	json_bool(j, "key_missing", id == NULL && tp->identity.len > 0);
	json_str(j, "keypair", keypair_label(tp));
	json_str(j, "sha1", id != NULL ? id->sha1 : NULL);
	json_str(j, "sha256", id != NULL ? id->sha256 : NULL);
	if (id != NULL)
		x509_cert_hash(id->leaf, id->leaf_len, hash);
	json_str(j, "cert_hash", id != NULL ? hash : NULL);
	json_end_object(j);
}

void
show_crypto_trustpoints(const char *trustpoint, FILE *f, bool json)
{
	struct json j = { .f = f };
	bool first = true;

	if (trustpoint != NULL && config_trustpoint(daemon_.config, trustpoint) == NULL) {
		fprintf(f, "ERROR: Trustpoint %s is not configured\n", trustpoint);
		return;
	}
	if (json)
		json_list(&j, "trustpoints");
	for (const struct cfg_trustpoint *tp = daemon_.config->trustpoints; tp != NULL; tp = tp->next) {
		if (trustpoint != NULL && strcmp(tp->name, trustpoint) != 0)
			continue;
		if (json) {
			trustpoint_json(&j, tp);
			continue;
		}
		fputs(first ? "" : "\n", f);
		first = false;
		trustpoint_text(f, tp);
	}
	if (json)
		json_end_list(&j);
}
