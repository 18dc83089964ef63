/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/main/exec_crypto.h"

#include <ctype.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/buf.h"
#include "common/mem.h"
#include "server/config/config.h"
#include "server/main/asalog.h"
#include "server/main/cli.h"
#include "server/main/daemon.h"
#include "server/main/identity.h"
#include "server/main/pem.h"
#include "server/main/request.h"

/* ---- what they share ---- */

static const struct cfg_trustpoint *
trustpoint_take(struct cli *c, const struct cmd_match *m, FILE *out)
{
	const char *name = cmd_str(m, "trustpoint");
	const struct cfg_trustpoint *tp = config_trustpoint(daemon_.config, name);

	if (tp == NULL)
		fprintf(out, "ERROR: Trustpoint %s is not configured. Use \"crypto ca trustpoint %s\" first.\n", name, name);
	snprintf(c->trustpoint, sizeof(c->trustpoint), "%s", name);
	return tp;
}

/* Put a certificate into a new snapshot and that in force. False: the trustpoint is gone. */
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
	daemon_config_swap(next);
	return true;
}

static bool
identity_keep(const char *trustpoint)
{
	const struct main_identity *id = main_identity_find(trustpoint);

	return id != NULL && certificate_keep(trustpoint, false, id->leaf, id->leaf_len);
}

static void
busy_end(struct cli *c, const char *text)
{
	c->busy = false;
	c->resume(c, text);
}

/* A command that takes a block has it even when it failed: those lines are no commands. */
static void
block_discard(struct cli *c, const char *text, size_t len, FILE *out)
{
	(void)c, (void)text, (void)len, (void)out;
}

/* ---- crypto ca enroll ---- */

static void
fqdn_get(const struct cfg_trustpoint *tp, char *out, size_t size)
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

static bool
is_host_name(const char *s)
{
	if (*s == '\0' || strlen(s) > 253)
		return false;
	for (; *s != '\0'; s++) {
		if (!isalnum((unsigned char)*s) && strchr(".-", *s) == NULL)
			return false;
	}
	return true;
}

/* The CN of "CN=gw.example,O=..." as typed. */
static void
cn_get(const char *subject, char *out, size_t size)
{
	out[0] = '\0';
	for (const char *p = subject; p != NULL; p = strchr(p, ',') != NULL ? strchr(p, ',') + 1 : NULL) {
		p += strspn(p, " ");
		if (strncasecmp(p, "CN=", 3) == 0) {
			snprintf(out, size, "%.*s", (int)strcspn(p + 3, ","), p + 3);
			return;
		}
	}
}

struct names { /* SAN entries, each once */
	char *text;
	size_t len;
	FILE *f;
};

static void
name_add(struct names *n, const char *host)
{
	char line[300];
	struct addr ip;

	if (addr_parse(host, 0, &ip))
		snprintf(line, sizeof(line), "IP:%s\n", host);
	else if (is_host_name(host))
		snprintf(line, sizeof(line), "DNS:%s\n", host);
	else
		return;
	fflush(n->f);
	for (const char *p = n->text; p != NULL && (p = strcasestr(p, line)) != NULL; p++) {
		if (p == n->text || p[-1] == '\n')
			return;
	}
	fputs(line, n->f);
}

/*
 * What phones check the host of their URL against (protocol.md 4.1): the CN if
 * it is a host name, every group-url's host, the FQDN, ip-address.
 */
static char *
names_make(const struct cfg_trustpoint *tp, const char *subject)
{
	struct names n = { 0 };
	char text[256];
	struct addr a;

	n.f = open_memstream(&n.text, &n.len);
	if (n.f == NULL)
		abort();
	cn_get(subject, text, sizeof(text));
	name_add(&n, text);
	fqdn_get(tp, text, sizeof(text));
	name_add(&n, text);
	for (const struct cfg_tunnel_group *tg = daemon_.config->tunnel_groups; tg != NULL; tg = tg->next) {
		for (const struct cfg_group_url *u = tg->urls; u != NULL; u = u->next)
			name_add(&n, u->host);
	}
	if (tp->has_ip_address) {
		a = addr_from_ip4(tp->ip_address, 0);
		name_add(&n, addr_ip_str(&a, text));
	}
	fclose(n.f);
	return n.text;
}

static void
enroll_done(void *ctx, const struct ipc_auth_done *answer)
{
	struct cli *c = ctx;
	char text[900];

	if (answer == NULL)
		snprintf(text, sizeof(text), "ERROR: certauth died; try again\n");
	else if (answer->failed)
		snprintf(text, sizeof(text), "ERROR: enrollment failed for trustpoint %s: %s\n", c->trustpoint, answer->text);
	else if (!identity_keep(c->trustpoint))
		snprintf(text, sizeof(text), "ERROR: trustpoint %s was removed meanwhile\n", c->trustpoint);
	else
		text[0] = '\0';
	busy_end(c, text);
}

static void
enroll_now(struct cli *c, FILE *out)
{
	const struct cfg_trustpoint *tp = config_trustpoint(daemon_.config, c->trustpoint);
	char fqdn[256], subject[1024];
	struct ipc_enroll m = { .trustpoint = c->trustpoint };
	char *names;

	if (tp == NULL) {
		fprintf(out, "ERROR: trustpoint %s was removed meanwhile\n", c->trustpoint);
		return;
	}
	fqdn_get(tp, fqdn, sizeof(fqdn));
	if (tp->subject_name != NULL)
		snprintf(subject, sizeof(subject), "%s", tp->subject_name);
	else
		snprintf(subject, sizeof(subject), "CN=%s", fqdn[0] != '\0' ? fqdn :
		    daemon_.config->hostname != NULL ? daemon_.config->hostname : "ciscoasa");
	names = names_make(tp, subject);
	m.subject = subject;
	m.names = names;
	m.request = request_new(enroll_done, c);
	if (ipc_send(&daemon_.certauth, MSG_enroll, &m) == 0) {
		c->busy = true;
	} else {
		request_cancel(c);
		fprintf(out, "ERROR: certauth is not to be reached; try again\n");
	}
	free(names);
}

static void
enroll_generate_answer(struct cli *c, const char *line, FILE *out)
{
	if (cli_is_yes(line))
		enroll_now(c, out);
}

static void
enroll_serial_answer(struct cli *c, const char *line, FILE *out)
{
	(void)line; /* a gateway in software has no serial number to include */
	(void)out;
	cli_ask(c, "Generate Self-Signed Certificate? [yes/no]: ", enroll_generate_answer);
}

static int
run_enroll(const struct cmd_match *m, void *context)
{
	struct cli *c = ((struct cli_call *)context)->cli;
	FILE *out = ((struct cli_call *)context)->out;
	const struct cfg_trustpoint *tp = trustpoint_take(c, m, out);
	char fqdn[256];

	if (tp == NULL)
		return 0;
	if (tp->enrollment != ENROLL_SELF) {
		fprintf(out, "ERROR: trustpoint %s has no \"enrollment self\"; other enrollment is not done here\n", tp->name);
		return 0;
	}
	if (cmd_word(m, "noconfirm")) {
		enroll_now(c, out);
		return 0;
	}
	fqdn_get(tp, fqdn, sizeof(fqdn));
	if (fqdn[0] != '\0')
		fprintf(out, "%% The fully-qualified domain name in the certificate will be: %s\n", fqdn);
	cli_ask(c, "% Include the device serial number in the subject name? [yes/no]: ", enroll_serial_answer);
	return 0;
}

/* ---- crypto ca authenticate ---- */

static bool
ca_check(const unsigned char *der, size_t len, FILE *out)
{
	gnutls_datum_t d = { (unsigned char *)(uintptr_t)der, (unsigned)len };
	unsigned critical;
	gnutls_x509_crt_t crt;
	bool ok = false;
	int r, ca;

	if (len > IPC_DER_MAX || gnutls_x509_crt_init(&crt) < 0) {
		fprintf(out, "ERROR: the certificate is too large\n");
		return false;
	}
	if ((r = gnutls_x509_crt_import(crt, &d, GNUTLS_X509_FMT_DER)) < 0)
		fprintf(out, "ERROR: Failed to parse or verify imported certificate: %s\n", gnutls_strerror(r));
	else if ((ca = gnutls_x509_crt_get_ca_status(crt, &critical)) == 0)
		fprintf(out, "ERROR: the certificate is not a CA certificate\n");
	else
		ok = true;
	/* without the extension (version 1 roots, some old CAs) it may be one */
	if (ok && ca < 0 && gnutls_x509_crt_check_issuer(crt, crt) != 1)
		fprintf(out, "WARNING: nothing in the certificate says that it is a CA's\n");
	gnutls_x509_crt_deinit(crt);
	return ok;
}

static void
ca_accept(struct cli *c, FILE *out)
{
	if (!certificate_keep(c->trustpoint, true, c->der, c->der_len)) {
		fprintf(out, "ERROR: trustpoint %s was removed meanwhile\n", c->trustpoint);
		return;
	}
	fprintf(out, "\nTrustpoint CA certificate accepted.\n\n%% Certificate successfully imported\n");
}

static void
authenticate_answer(struct cli *c, const char *line, FILE *out)
{
	if (cli_is_yes(line))
		ca_accept(c, out);
	else
		fprintf(out, "%% Certificate not accepted\n");
}

static void
fingerprint_print(const char *name, gnutls_digest_algorithm_t algorithm, const unsigned char *der, size_t len, FILE *out)
{
	uint8_t digest[64];
	unsigned size = gnutls_hash_get_len(algorithm);

	if (gnutls_hash_fast(algorithm, der, len, digest) < 0)
		return;
	fprintf(out, "%s", name);
	for (unsigned i = 0; i < size; i++)
		fprintf(out, "%s%02x", i > 0 && i % 4 == 0 ? " " : "", digest[i]);
	fputc('\n', out);
}

static bool
fingerprint_matches(const char *wanted, const unsigned char *der, size_t len)
{
	static const gnutls_digest_algorithm_t all[] = { GNUTLS_DIG_MD5, GNUTLS_DIG_SHA1, GNUTLS_DIG_SHA256 };

	for (size_t i = 0; i < 3; i++) {
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

/* selector holds what the command line said: "nointeractive" and a fingerprint. */
static void
authenticate_block(struct cli *c, const char *text, size_t len, FILE *out)
{
	bool asks = strncmp(c->selector, "ask", 3) == 0;
	const char *wanted = strchr(c->selector, ' ') + 1;

	if (pem_get(text, len, &c->der, &c->der_len) != 0) {
		fprintf(out, "ERROR: the text is not a base64 encoded certificate\n");
		return;
	}
	if (!ca_check(c->der, c->der_len, out))
		return;
	if (wanted[0] != '\0') {
		if (!fingerprint_matches(wanted, c->der, c->der_len)) {
			fprintf(out, "ERROR: the certificate's fingerprint is another one\n");
			return;
		}
		asks = false;
	}
	fprintf(out, "\nINFO: Certificate has the following attributes:\n");
	fingerprint_print("Fingerprint:     ", GNUTLS_DIG_MD5, c->der, c->der_len, out);
	if (asks)
		cli_ask(c, "Do you accept this certificate? [yes/no]: ", authenticate_answer);
	else
		ca_accept(c, out);
}

static int
run_authenticate(const struct cmd_match *m, void *context)
{
	struct cli *c = ((struct cli_call *)context)->cli;
	FILE *out = ((struct cli_call *)context)->out;
	const char *fingerprint = cmd_str(m, "fingerprint");

	if (trustpoint_take(c, m, out) == NULL) {
		cli_want_block(c, block_discard);
		return 0;
	}
	snprintf(c->selector, sizeof(c->selector), "%s %s", cmd_word(m, "nointeractive") ? "no" : "ask",
	    fingerprint != NULL ? fingerprint : "");
	fprintf(out, "Enter the base 64 encoded CA certificate.\nEnd with the word \"quit\" on a line by itself\n\n");
	cli_want_block(c, authenticate_block);
	return 0;
}

/* ---- crypto ca import pkcs12 ---- */

static void
import_done(void *ctx, const struct ipc_auth_done *answer)
{
	struct cli *c = ctx;
	char text[900];

	if (answer == NULL) {
		snprintf(text, sizeof(text), "ERROR: certauth died; try again\n");
	} else if (answer->failed) {
		snprintf(text, sizeof(text), "ERROR: Import PKCS12 operation failed: %s\n", answer->text);
	} else if (!identity_keep(c->trustpoint)) {
		snprintf(text, sizeof(text), "ERROR: trustpoint %s was removed meanwhile\n", c->trustpoint);
	} else {
		if (answer->ca.len > 0)
			certificate_keep(c->trustpoint, true, answer->ca.data, answer->ca.len);
		snprintf(text, sizeof(text), "INFO: Import PKCS12 operation completed successfully\n");
	}
	busy_end(c, text);
}

/* As on an ASA, the import makes the trustpoint when there is none. */
static bool
trustpoint_make(const char *name, FILE *out)
{
	static const char *const lines[] = { NULL, "enrollment terminal" };
	static struct config_line line;
	struct config *next = config_clone(daemon_.config);
	struct config_cursor cursor;
	struct cmd_error error;
	char first[300];
	bool ok = true;

	config_cursor_init(&cursor);
	snprintf(first, sizeof(first), "crypto ca trustpoint \"%s\"", name);
	for (size_t i = 0; i < 2 && ok; i++) {
		ok = config_match(&cursor, i == 0 ? first : lines[i], NULL, 0, &line, &error) == 0 &&
		    config_apply(next, &cursor, &line, out) == 0;
	}
	config_cursor_clear(&cursor);
	if (ok)
		daemon_config_swap(next);
	else
		config_free(next);
	return ok;
}

static void
import_block(struct cli *c, const char *text, size_t len, FILE *out)
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
	if (config_trustpoint(daemon_.config, c->trustpoint) == NULL && !trustpoint_make(c->trustpoint, out))
		return;
	m.p12 = (struct ipc_blob){ c->der, (uint32_t)c->der_len };
	m.request = request_new(import_done, c);
	if (ipc_send(&daemon_.certauth, MSG_import_p12, &m) == 0) {
		c->busy = true;
	} else {
		request_cancel(c);
		fprintf(out, "ERROR: certauth is not to be reached; try again\n");
	}
	explicit_bzero(c->der, c->der_len);
}

static int
run_import(const struct cmd_match *m, void *context)
{
	struct cli *c = ((struct cli_call *)context)->cli;
	FILE *out = ((struct cli_call *)context)->out;
	const char *passphrase = cmd_str(m, "passphrase");

	snprintf(c->trustpoint, sizeof(c->trustpoint), "%s", cmd_str(m, "trustpoint"));
	snprintf(c->passphrase, sizeof(c->passphrase), "%s", passphrase);
	fprintf(out, "Enter the base 64 encoded pkcs12.\nEnd with the word \"quit\" on a line by itself:\n");
	cli_want_block(c, import_block);
	return 0;
}

/* ---- crypto ca export ---- */

static int
run_export(const struct cmd_match *m, void *context)
{
	struct cli *c = ((struct cli_call *)context)->cli;
	FILE *out = ((struct cli_call *)context)->out;
	const struct main_identity *id;

	if (trustpoint_take(c, m, out) == NULL)
		return 0;
	id = main_identity_find(c->trustpoint);
	if (id == NULL) {
		fprintf(out, "ERROR: trustpoint %s has no identity certificate\n", c->trustpoint);
		return 0;
	}
	fprintf(out, "The PEM encoded identity certificate follows:\n");
	pem_put("CERTIFICATE", id->leaf, id->leaf_len, out);
	return 0;
}

/* ---- crypto ca import certificate ---- */

static void
import_certificate_block(struct cli *c, const char *text, size_t len, FILE *out)
{
	(void)text, (void)len;
	fprintf(out, "ERROR: trustpoint %s has no certificate request outstanding\n", c->trustpoint);
}

static int
run_import_certificate(const struct cmd_match *m, void *context)
{
	struct cli *c = ((struct cli_call *)context)->cli;
	FILE *out = ((struct cli_call *)context)->out;

	if (trustpoint_take(c, m, out) == NULL) {
		cli_want_block(c, block_discard);
		return 0;
	}
	fprintf(out, "Enter the base 64 encoded certificate.\nEnd with the word \"quit\" on a line by itself\n\n");
	cli_want_block(c, import_certificate_block);
	return 0;
}

static const struct command crypto_rows[] = {
	{ .syntax = "crypto ca enroll <trustpoint:name> [noconfirm]", .help = "Make the identity certificate", .run = run_enroll },
	{ .syntax = "crypto ca authenticate <trustpoint:name> [fingerprint <fingerprint:word>] [nointeractive] [allow-untrusted-connection]",
	  .help = "Get the CA certificate, pasted", .run = run_authenticate },
	{ .syntax = "crypto ca import <trustpoint:name> pkcs12 <passphrase:secret> [nointeractive]",
	  .help = "Import key and certificate, pasted", .run = run_import },
	{ .syntax = "crypto ca import <trustpoint:name> certificate [nointeractive]",
	  .help = "Import the certificate that a CA issued, pasted", .run = run_import_certificate },
	{ .syntax = "crypto ca export <trustpoint:name> identity-certificate", .help = "Print the identity certificate as PEM", .run = run_export },
};

struct command_table exec_crypto_table = COMMAND_TABLE("exec-crypto", crypto_rows);
