/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/main/exec_crypto.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/mem.h"
#include "server/config/config.h"
#include "server/main/cli.h"
#include "server/main/daemon.h"
#include "server/main/identity.h"
#include "server/main/x509.h"
#include "server/show/crypto.h"

const struct cfg_trustpoint *
crypto_trustpoint(struct cli *c, const struct cmd_match *m, FILE *out)
{
	const char *name = cmd_str(m, "trustpoint");
	const struct cfg_trustpoint *tp = config_trustpoint(daemon_.config, name);

	if (tp == NULL)
		fprintf(out, "ERROR: Trustpoint %s is not configured. Use \"crypto ca trustpoint %s\" first.\n", name, name);
	snprintf(c->trustpoint, sizeof(c->trustpoint), "%s", name);
	return tp;
}

static bool
certificate_keep(const char *trustpoint, bool ca, const void *der, size_t len)
{
	struct config *next = config_clone(daemon_.config);
	int r = ca ? config_trustpoint_set_ca(next, trustpoint, der, len) :
	    config_trustpoint_set_identity(next, trustpoint, der, len);

	if (r != 0) {
		config_free(next);
		return false;
	}
	daemon_config_swap(next, NULL);
	return true;
}

bool
crypto_ca_keep(const char *trustpoint, const void *der, size_t len)
{
	return certificate_keep(trustpoint, true, der, len);
}

bool
crypto_identity_keep(const char *trustpoint)
{
	const struct main_identity *id = main_identity_find(trustpoint);

	return id != NULL && certificate_keep(trustpoint, false, id->leaf, id->leaf_len);
}

void
crypto_fqdn(const struct cfg_trustpoint *tp, char *out, size_t size)
{
	const struct config *cfg = daemon_.config;

	out[0] = '\0';
	if (tp->fqdn != NULL) {
		if (strcasecmp(tp->fqdn, "none") != 0)
			snprintf(out, size, "%s", tp->fqdn);
	} else if (cfg->domain_name != NULL) {
		snprintf(out, size, "%s.%s", cfg->hostname != NULL ? cfg->hostname : "ciscoasa", cfg->domain_name);
	}
}

void
crypto_certificate_info(const uint8_t *der, size_t len, FILE *out)
{
	char hash[29];

	x509_fingerprints_print("INFO: ", der, len, out);
	x509_cert_hash(der, len, hash);
	fprintf(out, "INFO: certHash of the phones' configuration: %s\n", hash);
}

void
crypto_chain_info(const char *trustpoint, FILE *out)
{
	static uint8_t chain[IPC_CHAIN_MAX];
	const struct main_identity *id = main_identity_find(trustpoint);
	char missing[X509_NAME_MAX];

	if (id == NULL)
		return;
	identity_chain_complete(daemon_.config, id, chain, sizeof(chain), missing, sizeof(missing));
	if (missing[0] != '\0')
		fprintf(out, "WARNING: the certificate of its issuer is in no trustpoint, so the chain that clients get ends before it:\n"
		    "WARNING:   %s\nWARNING: give it with \"crypto ca authenticate %s\"\n", missing, trustpoint);
}

bool
crypto_passphrase(struct cli *c, const struct cmd_match *m, FILE *out)
{
	const char *passphrase = cmd_str(m, "passphrase");

	if (strlen(passphrase) >= sizeof(c->passphrase)) {
		fprintf(out, "ERROR: a passphrase has at most %zu characters\n", sizeof(c->passphrase) - 1);
		return false;
	}
	snprintf(c->passphrase, sizeof(c->passphrase), "%s", passphrase);
	return true;
}

bool
crypto_send(struct cli *c, enum ipc_id id, const void *msg, uint32_t request, FILE *out)
{
	if (ipc_send(&daemon_.certauth, id, msg) == 0) {
		c->busy = true;
		return true;
	}
	request_drop(request);
	fprintf(out, "ERROR: certauth is not to be reached; try again\n");
	return false;
}

void
crypto_orphan(const char *trustpoint, const struct ipc_auth_done *answer)
{
	if (answer != NULL && !answer->failed && answer->result.len == 0)
		crypto_identity_keep(trustpoint);
}

void
reply_open(struct reply *r)
{
	*r = (struct reply){ 0 };
	r->f = open_memstream(&r->text, &r->len);
	if (r->f == NULL)
		abort();
}

void
reply_send(struct reply *r, struct cli *c)
{
	fclose(r->f);
	c->busy = false;
	c->resume(c, r->text);
	free(r->text);
}

/* ---- show ---- */

static int
run_show_certificates(const struct cmd_match *m, void *context)
{
	show_crypto_certificates(cmd_str(m, "trustpoint"), out_of(context), json_of(context));
	return 0;
}

static int
run_show_trustpoints(const struct cmd_match *m, void *context)
{
	show_crypto_trustpoints(cmd_str(m, "trustpoint"), out_of(context), json_of(context));
	return 0;
}

static int
run_show_keys(const struct cmd_match *m, void *context)
{
	show_crypto_keys(cmd_word(m, "ecdsa"), out_of(context), json_of(context));
	return 0;
}

static const struct command crypto_rows[] = {
	{ .syntax = "crypto key generate rsa [general-keys | usage-keys] [label <label:name>] [modulus <modulus:256-16384>] [noconfirm]",
	  .help = "Make an RSA key pair", .run = run_key_generate },
	{ .syntax = "crypto key generate ecdsa [label <label:name>] [elliptic-curve {256 | 384 | 521}] [noconfirm]",
	  .help = "Make an ECDSA key pair", .run = run_key_generate },
	{ .syntax = "crypto key zeroize {rsa | ecdsa} [label <label:name> | default] [noconfirm]",
	  .help = "Remove key pairs and what was certified with them", .run = run_key_zeroize },
	{ .syntax = "crypto ca enroll <trustpoint:name> [noconfirm]", .help = "Make the identity certificate, or the request for it", .run = run_enroll },
	{ .syntax = "crypto ca authenticate <trustpoint:name> [fingerprint <fingerprint:word>] [nointeractive] [allow-untrusted-connection]",
	  .help = "Get the CA certificate, pasted", .run = run_authenticate },
	{ .syntax = "crypto ca authenticate <trustpoint:name> nointeractive fingerprint <fingerprint:word> [allow-untrusted-connection]",
	  .help = "Get the CA certificate, pasted", .run = run_authenticate },
	{ .syntax = "crypto ca import <trustpoint:name> pkcs12 <passphrase:secret> [nointeractive]",
	  .help = "Import key and certificate, pasted", .run = run_import_p12 },
	{ .syntax = "crypto ca import <trustpoint:name> certificate [nointeractive]",
	  .help = "Import the certificate that a CA issued, pasted", .run = run_import_certificate },
	{ .syntax = "crypto ca export <trustpoint:name> identity-certificate", .help = "Print the identity certificate as PEM", .run = run_export_certificate },
	{ .syntax = "crypto ca export <trustpoint:name> pkcs12 <passphrase:secret>", .help = "Print key and certificates as PKCS#12", .run = run_export_p12 },
	{ .syntax = "show crypto ca certificates [<trustpoint:name>]", .help = "Certificates of the trustpoints", .run = run_show_certificates },
	{ .syntax = "show crypto ca trustpoints [<trustpoint:name>]", .help = "Trustpoints and their state", .run = run_show_trustpoints },
	{ .syntax = "show crypto key mypubkey {rsa | ecdsa}", .help = "Public keys of the key pairs", .run = run_show_keys },
};

struct command_table exec_crypto_table = COMMAND_TABLE("exec-crypto", crypto_rows);
