/* SPDX-License-Identifier: GPL-2.0-or-later */
/* crypto key generate, crypto key zeroize (asa-reference 1.10). */
#include <gnutls/abstract.h>
#include <string.h>

#include "server/config/config.h"
#include "server/main/cli.h"
#include "server/main/daemon.h"
#include "server/main/exec_crypto.h"
#include "server/main/identity.h"
#include "server/main/keypair.h"
#include "server/main/x509.h"

#define MODULUS_DEFAULT 2048
#define CURVE_DEFAULT   384 /* as an ASA's */

/*
 * Between the lines of a dialogue c->trustpoint holds the label, and c->said
 * algorithm and size: "1 2048"; a label "" stands for all key pairs of the algorithm.
 */
static void
choice_put(struct cli *c, uint32_t algo, uint32_t bits, const char *label)
{
	snprintf(c->said, sizeof(c->said), "%u %u", algo, bits);
	snprintf(c->trustpoint, sizeof(c->trustpoint), "%s", label);
}

static void
choice_get(const struct cli *c, uint32_t *algo, uint32_t *bits)
{
	*algo = GNUTLS_PK_RSA;
	*bits = MODULUS_DEFAULT;
	(void)sscanf(c->said, "%u %u", algo, bits);
}

static const char *
default_label(bool ecdsa)
{
	return ecdsa ? KEYPAIR_ECDSA_DEFAULT : KEYPAIR_RSA_DEFAULT;
}

/* ---- generate ---- */

static void
certificates_info(const char *label, FILE *out)
{
	for (const struct cfg_trustpoint *tp = daemon_.config->trustpoints; tp != NULL; tp = tp->next) {
		if (strcmp(keypair_label(tp), label) == 0 && main_identity_find(tp->name) != NULL)
			fprintf(out, "INFO: trustpoint %s goes on with its certificate and the key of that until it is enrolled again\n", tp->name);
	}
}

static void
generate_done(void *ctx, const struct ipc_auth_done *answer)
{
	struct cli *c = ctx;
	struct reply r;

	reply_open(&r);
	if (answer == NULL || answer->failed)
		fprintf(r.f, "ERROR: key pair %s was not made: %s\n", c->trustpoint, answer == NULL ? CERTAUTH_DIED : answer->text);
	else
		certificates_info(c->trustpoint, r.f);
	reply_send(&r, c);
}

static void
generate_now(struct cli *c, FILE *out)
{
	struct ipc_key_make m = { .label = c->trustpoint };

	choice_get(c, &m.algo, &m.bits);
	m.request = request_new(generate_done, c);
	fprintf(out, "Keypair generation process begin. Please wait...\n");
	crypto_send(c, MSG_key_make, &m, m.request, out);
}

static void
generate_answer(struct cli *c, const char *line, FILE *out)
{
	if (cli_is_yes(line))
		generate_now(c, out);
}

static bool
modulus_get(const struct cmd_match *m, uint32_t *bits, FILE *out)
{
	static const uint32_t sizes[] = { 512, 768, 1024, 2048, 3072, 4096 };
	long long value = MODULUS_DEFAULT;
	bool known = false;

	cmd_int(m, "modulus", &value);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		known = known || value == sizes[i];
	*bits = (uint32_t)value;
	if (!known)
		fprintf(out, "ERROR: a modulus is 1024, 2048, 3072 or 4096 bits, not %lld\n", value);
	else if (value < 1024)
		fprintf(out, "ERROR: a modulus of %lld bits is refused: neither clients nor TLS libraries take it; use modulus 2048\n", value);
	else if (value < 2048)
		fprintf(out, "WARNING: a modulus of %lld bits is weak, and new clients refuse it; use modulus 2048\n", value);
	return known && value >= 1024;
}

int
run_key_generate(const struct cmd_match *m, void *context)
{
	struct cli *c = ((struct cli_call *)context)->cli;
	FILE *out = ((struct cli_call *)context)->out;
	bool ecdsa = cmd_word(m, "ecdsa");
	const char *label = cmd_str(m, "label") != NULL ? cmd_str(m, "label") : default_label(ecdsa);
	const struct main_keypair *old = main_keypair_find(label);
	uint32_t bits = cmd_word(m, "256") ? 256 : cmd_word(m, "521") ? 521 : CURVE_DEFAULT;
	char question[400];

	if (!ecdsa && !modulus_get(m, &bits, out))
		return 0;
	if (cmd_word(m, "usage-keys"))
		fprintf(out, "INFO: one general purpose key pair is made in place of two\n");
	choice_put(c, ecdsa ? GNUTLS_PK_ECDSA : GNUTLS_PK_RSA, bits, label);
	fprintf(out, "INFO: The name for the keys will be: %s\n", label);
	if (old == NULL || cmd_word(m, "noconfirm")) {
		generate_now(c, out);
		return 0;
	}
	fprintf(out, "WARNING: You already have %s keys defined named %s.\n\n", keypair_algo_name(old->algo), label);
	snprintf(question, sizeof(question), "Do you really want to replace them? [yes/no]: ");
	cli_ask(c, question, generate_answer);
	return 0;
}

/* ---- zeroize ---- */

/* Trustpoints that the removal may concern, one per line; false when there are too many. */
static bool
trustpoints_list(const char *label, char *out, size_t size)
{
	size_t used = 0;

	out[0] = '\0';
	for (const struct cfg_trustpoint *tp = daemon_.config->trustpoints; tp != NULL; tp = tp->next) {
		if (label[0] != '\0' && strcmp(keypair_label(tp), label) != 0)
			continue;
		if (used + strlen(tp->name) + 2 > size)
			return false;
		used += (size_t)snprintf(out + used, size - used, "%s\n", tp->name);
	}
	return true;
}

/* Was the trustpoint's certificate made with the keys that were removed. */
static bool
concerned(const struct cfg_trustpoint *tp, uint32_t algo, const char *label)
{
	gnutls_x509_crt_t crt;
	bool same;

	if (tp->identity.len == 0 || main_identity_find(tp->name) != NULL)
		return false;
	if (label[0] != '\0')
		return strcmp(keypair_label(tp), label) == 0;
	if ((crt = x509_load(tp->identity.data, tp->identity.len)) == NULL)
		return false;
	same = gnutls_x509_crt_get_pk_algorithm(crt, NULL) == (int)algo;
	gnutls_x509_crt_deinit(crt);
	return same;
}

/* Certificates whose identities went with the keys are no use in the configuration. */
static void
certificates_drop(const struct cli *c, FILE *out)
{
	uint32_t algo, bits;
	struct config *next = config_clone(daemon_.config);
	unsigned n = 0;

	choice_get(c, &algo, &bits);
	for (const struct cfg_trustpoint *tp = daemon_.config->trustpoints; tp != NULL; tp = tp->next) {
		if (!concerned(tp, algo, c->trustpoint))
			continue;
		config_trustpoint_set_identity(next, tp->name, NULL, 0);
		fprintf(out, "INFO: the certificate of trustpoint %s is removed\n", tp->name);
		n++;
	}
	if (n > 0)
		daemon_config_swap(next, NULL);
	else
		config_free(next);
}

static void
zeroize_done(void *ctx, const struct ipc_auth_done *answer)
{
	struct cli *c = ctx;
	struct reply r;

	reply_open(&r);
	if (answer == NULL || answer->failed)
		fprintf(r.f, "ERROR: the keys were not removed: %s\n", answer == NULL ? CERTAUTH_DIED : answer->text);
	else
		certificates_drop(c, r.f);
	reply_send(&r, c);
}

static void
zeroize_now(struct cli *c, FILE *out)
{
	static char trustpoints[32768];
	struct ipc_key_zeroize m = { .label = c->trustpoint, .trustpoints = trustpoints };
	uint32_t bits;

	choice_get(c, &m.algo, &bits);
	if (!trustpoints_list(c->trustpoint, trustpoints, sizeof(trustpoints))) {
		fprintf(out, "ERROR: too many trustpoints use key pair %s\n", c->trustpoint);
		return;
	}
	m.request = request_new(zeroize_done, c);
	crypto_send(c, MSG_key_zeroize, &m, m.request, out);
}

static void
zeroize_answer(struct cli *c, const char *line, FILE *out)
{
	if (cli_is_yes(line))
		zeroize_now(c, out);
}

/* Is the certificate one of this very key: its trustpoint's key pair may have been made anew since. */
static bool
certifies(const struct main_identity *id, const struct main_keypair *k)
{
	gnutls_x509_crt_t crt = x509_load(id->leaf, id->leaf_len);
	gnutls_pubkey_t public = NULL;
	gnutls_datum_t der = { 0 };
	bool same;

	same = crt != NULL && gnutls_pubkey_init(&public) >= 0 && gnutls_pubkey_import_x509(public, crt, 0) >= 0 &&
	    gnutls_pubkey_export2(public, GNUTLS_X509_FMT_DER, &der) >= 0 && der.size == k->public_len &&
	    memcmp(der.data, k->public, der.size) == 0;
	gnutls_free(der.data);
	if (public != NULL)
		gnutls_pubkey_deinit(public);
	if (crt != NULL)
		gnutls_x509_crt_deinit(crt);
	return same;
}

/* Interfaces whose phones would be shown nothing. */
static void
bindings_warn(uint32_t algo, const char *label, FILE *out)
{
	const struct main_keypair *k = main_keypair_find(label);

	for (const struct cfg_ssl_trustpoint *t = daemon_.config->ssl.trustpoints; t != NULL; t = t->next) {
		const struct cfg_trustpoint *tp = config_trustpoint(daemon_.config, t->trustpoint);
		const struct main_identity *id = main_identity_find(t->trustpoint);

		if (tp == NULL || id == NULL)
			continue;
		if (k != NULL ? strcmp(keypair_label(tp), label) != 0 || !certifies(id, k) : id->key_algo != algo)
			continue;
		fprintf(out, "WARNING: clients are shown the certificate of trustpoint %s%s%s: without it their handshakes fail.\n",
		    t->trustpoint, t->nameif != NULL ? " on " : "", t->nameif != NULL ? t->nameif : "");
	}
}

static bool
any_of(uint32_t algo)
{
	for (const struct main_keypair *k = main_keypair_first(); k != NULL; k = k->next) {
		if (k->algo == algo)
			return true;
	}
	for (const struct main_identity *id = main_identity_first(); id != NULL; id = id->next) {
		if (id->key_algo == algo)
			return true;
	}
	return false;
}

static bool
keys_exist(uint32_t algo, const char *label, FILE *out)
{
	const struct main_keypair *k = main_keypair_find(label);

	if (label[0] == '\0' ? any_of(algo) : k != NULL && k->algo == algo)
		return true;
	if (label[0] == '\0')
		fprintf(out, "ERROR: there are no %s key pairs\n", keypair_algo_name(algo));
	else
		fprintf(out, "ERROR: there is no %s key pair named %s\n", keypair_algo_name(algo), label);
	return false;
}

int
run_key_zeroize(const struct cmd_match *m, void *context)
{
	struct cli *c = ((struct cli_call *)context)->cli;
	FILE *out = ((struct cli_call *)context)->out;
	bool ecdsa = cmd_word(m, "ecdsa");
	uint32_t algo = ecdsa ? GNUTLS_PK_ECDSA : GNUTLS_PK_RSA;
	const char *label = cmd_word(m, "default") ? default_label(ecdsa) : cmd_str(m, "label");

	if (label == NULL)
		label = "";
	if (!keys_exist(algo, label, out))
		return 0;
	choice_put(c, algo, 0, label);
	if (label[0] == '\0')
		fprintf(out, "WARNING: All %s keys will be removed.\n", keypair_algo_name(algo));
	else
		fprintf(out, "WARNING: Keys to be removed are named '%s'.\n", label);
	fprintf(out, "WARNING: All device certs issued using these keys will also be removed.\n");
	bindings_warn(algo, label, out);
	if (cmd_word(m, "noconfirm")) {
		zeroize_now(c, out);
		return 0;
	}
	fputc('\n', out);
	cli_ask(c, "Do you really want to remove these keys? [yes/no]: ", zeroize_answer);
	return 0;
}
