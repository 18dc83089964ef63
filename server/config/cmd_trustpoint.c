/* SPDX-License-Identifier: GPL-2.0-or-later */
/* crypto ca trustpoint (asa-reference 1.10). */
#include <stdlib.h>
#include <string.h>

#include "server/config/grammar.h"

#define OFF(field) offsetof(struct cfg_trustpoint, field)

static const char *const usages[] = { "ipsec-client", "ssl-client", "ssl-server" };
static const struct setting_words usage_words = { usages, COUNT(usages) };

WORDS(policy_words, "cdp", "static", "both");

static void *
trustpoint_object(struct config *cfg, const char *name)
{
	return object_trustpoint(cfg, name, false);
}

static int
trustpoint_enter(struct config_change *ch)
{
	const char *name = cmd_str(ch->m, "name");

	snprintf(ch->enter_name, sizeof(ch->enter_name), "%s", name);
	object_trustpoint(ch->cfg, name, true);
	return 0;
}

int
trustpoint_delete(struct config_change *ch, struct cfg_trustpoint *t)
{
	const char *user = reference_to(ch->cfg, INDEX_TRUSTPOINT, t->name);

	if (user != NULL)
		return change_error(ch, "name", "Trustpoint %s is in use by %s, cannot be deleted", t->name, user);
	kept_clear(ch->cfg, &t->kept);
	kept_clear(ch->cfg, &t->crl_kept);
	object_remove(ch->cfg, INDEX_TRUSTPOINT, t->name, t);
	return 0;
}

static int
trustpoint_remove(struct config_change *ch)
{
	const char *name = cmd_str(ch->m, "name");
	struct cfg_trustpoint *t = object_trustpoint(ch->cfg, name, false);

	if (t == NULL)
		return change_error(ch, "name", "Trustpoint %s does not exist", name);
	if (ch->report == NULL && (t->ca.len > 0 || t->identity.len > 0))
		change_warning(ch, "name", "Removing an enrolled trustpoint will destroy all\n"
		    "certificates received from the related Certificate Authority.");
	return trustpoint_delete(ch, t);
}

static int
enrollment_apply(struct config_change *ch)
{
	struct cfg_trustpoint *t = ch->object;
	const char *url = cmd_str(ch->m, "url");

	t->enrollment = ENROLL_UNSET;
	t->enrollment_pem = false;
	t->enrollment_url = NULL;
	if (ch->m->no)
		return 0;
	if (url != NULL) {
		t->enrollment = ENROLL_URL;
		t->enrollment_url = mem_strdup(ch->cfg->mem, url);
		change_warning(ch, "url", "enrollment by SCEP is not done here; use enrollment terminal");
		return 0;
	}
	t->enrollment = cmd_word(ch->m, "self") ? ENROLL_SELF : ENROLL_TERMINAL;
	t->enrollment_pem = cmd_word(ch->m, "pem");
	return 0;
}

static void
enrollment_print(struct config_printer *p, const struct command *row, const void *object)
{
	const struct cfg_trustpoint *t = object;

	(void)row;
	if (t->enrollment == ENROLL_SELF)
		printer_line(p, "enrollment self");
	else if (t->enrollment == ENROLL_TERMINAL)
		printer_line(p, "enrollment terminal%s", t->enrollment_pem ? " pem" : "");
	else if (t->enrollment == ENROLL_URL)
		printer_line(p, "enrollment url %s", t->enrollment_url);
}

static int
usage_apply(struct config_change *ch)
{
	struct cfg_trustpoint *t = ch->object;

	t->validation_usage = 0;
	return ch->m->no ? 0 : t_bits.parse(ch, ch->m->row, &t->validation_usage);
}

static void
usage_print(struct config_printer *p, const struct command *row, const void *object)
{
	static const char *const texts[] = { "", " ipsec-client", " ssl-client", " ipsec-client ssl-client", " ssl-server",
		" ipsec-client ssl-server", " ssl-client ssl-server", " ipsec-client ssl-client ssl-server" };
	const struct cfg_trustpoint *t = object;

	(void)row;
	if (t->validation_usage == 0)
		printer_line(p, "no validation-usage");
	else if (t->validation_usage != SETTING_UNSET)
		printer_line(p, "validation-usage%s", texts[t->validation_usage & 7]);
	else if (p->all)
		printer_line(p, "validation-usage%s", texts[USAGE_IPSEC_CLIENT | USAGE_SSL_CLIENT]);
}

/* "client-types", "support-user-cert-validation": what came before validation-usage. */
static int
old_usage_apply(struct config_change *ch)
{
	struct cfg_trustpoint *t = ch->object;
	bool types = cmd_word(ch->m, "client-types");
	int32_t usage = 0;

	if (!types || cmd_word(ch->m, "ipsec"))
		usage |= USAGE_IPSEC_CLIENT;
	if (!types || cmd_word(ch->m, "ssl"))
		usage |= USAGE_SSL_CLIENT;
	t->validation_usage = !ch->m->no ? usage : types ? SETTING_UNSET : 0;
	return 0;
}

static const char *const revocations[] = { "", "none", "crl", "ocsp" };

static int
revocation_apply(struct config_change *ch)
{
	struct cfg_trustpoint *t = ch->object;
	const struct cmd_match *m = ch->m;

	memset(t->revocation, REVOKE_END, sizeof(t->revocation));
	for (int i = 1; !m->no && i < m->argc; i++) {
		for (int k = 1; k < i; k++) {
			if (strcmp(m->args[i].label, m->args[k].label) == 0)
				return change_error(ch, m->args[i].label, "%s stands twice", m->args[i].label);
		}
		if (i > 1 && strcmp(m->args[i - 1].label, "none") == 0)
			return change_error(ch, m->args[i].label, "nothing can follow none");
		for (uint8_t r = REVOKE_NONE; r <= REVOKE_OCSP; r++) {
			if (strcmp(m->args[i].label, revocations[r]) == 0)
				t->revocation[i - 1] = r;
		}
	}
	return 0;
}

/* "crl required": what came before revocation-check. */
static int
old_crl_apply(struct config_change *ch)
{
	struct cfg_trustpoint *t = ch->object;

	memset(t->revocation, REVOKE_END, sizeof(t->revocation));
	if (ch->m->no)
		return 0;
	t->revocation[0] = cmd_word(ch->m, "nocheck") ? REVOKE_NONE : REVOKE_CRL;
	if (cmd_word(ch->m, "optional"))
		t->revocation[1] = REVOKE_NONE;
	return 0;
}

static void
revocation_print(struct config_printer *p, const struct command *row, const void *object)
{
	const struct cfg_trustpoint *t = object;
	char text[40] = "";

	(void)row;
	for (int i = 0; i < 3 && t->revocation[i] != REVOKE_END; i++)
		strcat(strcat(text, " "), revocations[t->revocation[i]]);
	if (text[0] != '\0' && (p->all || strcmp(text, " none") != 0))
		printer_line(p, "revocation-check%s", text);
	else if (p->all)
		printer_line(p, "revocation-check none");
}

static int
crl_enter(struct config_change *ch)
{
	snprintf(ch->enter_name, sizeof(ch->enter_name), "%s", ch->name);
	return 0;
}

/* An ASA always prints this line. */
static void
crl_print(struct config_printer *p, const struct command *row, const void *object)
{
	(void)row;
	printer_open(p, "crl configure");
	printer_header(p);
	printer_rows(p, &mode_crl, object);
	printer_close(p);
}

/* What is on unless "no" says otherwise: only that is printed. */
static int
off_apply(struct config_change *ch)
{
	*(bool *)((char *)ch->object + ch->m->row->offset) = ch->m->no;
	return 0;
}

static void
off_print(struct config_printer *p, const struct command *row, const void *object)
{
	bool off = *(const bool *)((const char *)object + row->offset);

	if (off || p->all)
		printer_line(p, "%s%s", off ? "no " : "", row->syntax);
}

static int
crl_url_apply(struct config_change *ch)
{
	struct cfg_trustpoint *t = ch->object;
	long long n;

	cmd_int(ch->m, "n", &n);
	t->crl_urls[n - 1] = ch->m->no ? NULL : mem_strdup(ch->cfg->mem, cmd_str(ch->m, "url"));
	return 0;
}

static void
crl_url_print(struct config_printer *p, const struct command *row, const void *object)
{
	const struct cfg_trustpoint *t = object;

	(void)row;
	for (size_t i = 0; i < COUNT(t->crl_urls); i++) {
		if (t->crl_urls[i] != NULL)
			printer_line(p, "url %zu %s", i + 1, t->crl_urls[i]);
	}
}

static int
weak_apply(struct config_change *ch)
{
	ch->cfg->permit_weak_crypto = !ch->m->no;
	return 0;
}

static void
weak_print(struct config_printer *p, const struct command *row, const void *object)
{
	(void)row;
	if (((const struct config *)object)->permit_weak_crypto)
		printer_line(p, "crypto ca permit-weak-crypto");
}

static void *
trustpool_object(struct config *cfg, const char *name)
{
	(void)name;
	return cfg;
}

static int
trustpool_enter(struct config_change *ch)
{
	if (ch->m->no)
		kept_clear(ch->cfg, &ch->cfg->trustpool);
	ch->cfg->trustpool_policy = !ch->m->no;
	return 0;
}

static void
trustpool_print(struct config_printer *p, const struct command *row, const void *object)
{
	const struct config *cfg = object;

	(void)row;
	printer_open(p, "crypto ca trustpool policy");
	if (cfg->trustpool_policy)
		printer_header(p);
	printer_rows(p, &mode_trustpool, cfg);
	printer_close(p);
}

#define OFF_SWITCH(syntax_, field_, help_)                                                                             \
	{ .syntax = syntax_, .help = help_, .flags = CMD_NO, .apply = off_apply, .print = off_print, .offset = OFF(field_) }

/* Kept lines that act: config_exceptions_each() reads them again. */
#define EXCEPTION(syntax_, help_)                                                                                      \
	{ .syntax = "match certificate <certmap:name> " syntax_, .help = help_, .flags = CMD_NO | CMD_MULTI,           \
	    .apply = kept_apply, .print = kept_acting_print, .offset = OFF(kept) }

static const struct command rows[] = {
	{ .syntax = "revocation-check {none | crl | ocsp} [none | crl | ocsp] [none | crl | ocsp]",
	    .help = "How revocation is checked", .flags = CMD_NO, .apply = revocation_apply, .print = revocation_print },
	{ .syntax = "enrollment {self | terminal [pem] | url <url>}", .help = "How the certificate is got",
	    .flags = CMD_NO, .apply = enrollment_apply, .print = enrollment_print },
	KEPT("enrollment retry period <1-60>", "Minutes between polls of an SCEP server"),
	KEPT("enrollment retry count <0-100>", "Polls of an SCEP server"),
	KEPT("enrollment protocol <line>", "Enrolment protocol"),
	KEPT("enrollment interface <ifname:name>", "Interface to the CA"),
	{ .syntax = "fqdn {none | <name>}", .help = "Fully qualified domain name in the certificate", .flags = CMD_NO,
	    .type = &t_string, .offset = OFF(fqdn) },
	{ .syntax = "email {none | <name>}", .help = "E-mail address in the certificate", .flags = CMD_NO, .type = &t_string,
	    .offset = OFF(email) },
	{ .syntax = "subject-name <line>", .help = "X.500 name in the certificate", .flags = CMD_NO, .type = &t_line,
	    .offset = OFF(subject_name) },
	{ .syntax = "serial-number", .help = "Device serial number in the certificate", .flags = CMD_NO, .type = &t_flag,
	    .offset = OFF(serial_number) },
	{ .syntax = "ip-address <ip>", .help = "IP address in the certificate", .flags = CMD_NO, .type = &t_ip,
	    .offset = OFF(has_ip_address) },
	KEPT("ip-address none", "No IP address in the certificate"),
	{ .syntax = "keypair <name> [<modulus:512-4096>]", .help = "Key pair to certify", .flags = CMD_NO,
	    .type = &t_string, .offset = OFF(keypair) },
	{ .syntax = "validation-usage {ipsec-client | ssl-client | ssl-server}...",
	    .help = "What certificates this CA may vouch for", .flags = CMD_NO, .apply = usage_apply,
	    .print = usage_print, .arg = &usage_words },
	KEPT("id-usage {ssl-ipsec | code-signer}...", "What our own certificate is for"),
	OFF_SWITCH("ca-check", no_ca_check, "Demand that a CA certificate is marked as one"),
	OFF_SWITCH("permit-weak-crypto", no_weak_crypto, "(offhook) accept SHA-1 signatures below this CA"),
	OFF_SWITCH("accept-subordinates", no_subordinates, "Accept subordinate CAs from peers"),
	{ .syntax = "client-types {ipsec | ssl}...", .help = "Old form of validation-usage", .flags = CMD_NO | CMD_ALIAS,
	    .apply = old_usage_apply },
	{ .syntax = "support-user-cert-validation", .help = "Old form of validation-usage", .flags = CMD_NO | CMD_ALIAS,
	    .apply = old_usage_apply },
	{ .syntax = "ocsp url <url>", .help = "OCSP responder instead of the certificate's own", .flags = CMD_NO,
	    .type = &t_string, .offset = OFF(ocsp_url) },
	{ .syntax = "ocsp disable-nonce", .help = "OCSP without nonce", .flags = CMD_NO, .type = &t_flag,
	    .offset = OFF(ocsp_no_nonce) },
	KEPT("ocsp interface <ifname:name>", "Interface to the OCSP responder"),
	EXCEPTION("override {ocsp [trustpoint <trustpoint:name>] <seq:1-10000> url <url> | cdp <cdpseq:1-10000> url <curl:url>}",
	    "OCSP or CRL by certificate map"),
	EXCEPTION("{allow expired-certificate | skip revocation-check}", "Exceptions by certificate map"),
	KEPT("auto-enroll [<1-100>] [regenerate]", "Renew by SCEP"),
	KEPT("proxy-ldc-issuer", "Issuer of TLS proxy certificates"),
	{ .syntax = "crl {required | optional | nocheck}", .help = "Old form of revocation-check", .flags = CMD_NO | CMD_ALIAS,
	    .apply = old_crl_apply },
	KEPT("default {enrollment | crl | validation-usage}", "Default settings"),
	KEPT("password <password:secret>", "Challenge phrase of SCEP"),
	{ .syntax = "crl configure", .help = "CRL settings", .apply = crl_enter, .print = crl_print, .enter = &mode_crl },
};

static struct command_table trustpoint_rows = COMMAND_TABLE("crypto ca trustpoint", rows);

static const struct command crl[] = {
	{ .syntax = "policy {cdp | static | both}", .help = "Where CRLs come from", .flags = CMD_NO, .type = &t_enum,
	    .offset = OFF(crl_policy), .dflt = "cdp", .arg = &policy_words },
	{ .syntax = "url <n:1-5> <url:fileurl>", .help = "Static CRL address, in order", .flags = CMD_NO, .no_args = 1,
	    .apply = crl_url_apply, .print = crl_url_print },
	KEPT("protocol http", "Fetch CRLs by HTTP"),
	KEPT("protocol ldap", "Fetch CRLs by LDAP"),
	KEPT("protocol scep", "Fetch CRLs by SCEP"),
	{ .syntax = "cache-time <1-1440>", .help = "Minutes that a CRL is kept", .flags = CMD_NO, .type = &t_int,
	    .offset = OFF(crl_cache_min), .dflt = "60" },
	OFF_SWITCH("enforcenextupdate", crl_no_next_update, "Demand a next update in CRLs"),
	KEPT("ldap-defaults <word> [<1-65535>]", "LDAP server"),
	KEPT("ldap-dn <word> <password:secret>", "Login to the LDAP server"),
	KEPT("default", "Default settings"),
};

static struct command_table crl_rows = COMMAND_TABLE("crl configure", crl);

static const struct command trustpool[] = {
	KEPT("auto-import [time <time:seconds>] [url <url> | default]", "Load the bundle of CAs each day"),
	KEPT("revocation-check {none | crl | ocsp}...", "How revocation is checked"),
	KEPT("crl cache-time <1-1440>", "Minutes that a CRL is kept"),
	KEPT("crl enforcenextupdate", "Demand a next update in CRLs"),
	KEPT_MULTI("match certificate <certmap:name> {allow expired-certificate | skip revocation-check | override <line>}",
	    "Exceptions by certificate map"),
	KEPT("cabundle-url <url>", "Where the bundle is"),
};

static struct command_table trustpool_rows = COMMAND_TABLE("crypto ca trustpool policy", trustpool);

static const struct command global[] = {
	{ .syntax = "crypto ca trustpoint <name>", .help = "Define a trustpoint", .apply = trustpoint_enter,
	    .enter = &mode_trustpoint },
	{ .syntax = "crypto ca trustpoint <name> [noconfirm]", .help = "Remove a trustpoint", .flags = CMD_ONLY_NO,
	    .apply = trustpoint_remove },
	{ .syntax = "crypto ca trustpool policy", .help = "Rules for the bundle of CAs", .cls = CMD_KEPT, .flags = CMD_NO,
	    .apply = trustpool_enter, .print = trustpool_print, .enter = &mode_trustpool },
	{ .syntax = "crypto ca permit-weak-crypto", .help = "Weak keys and signatures everywhere; here each trustpoint says it",
	    .cls = CMD_KEPT, .flags = CMD_NO, .apply = weak_apply, .print = weak_print },
};

struct command_table trustpoint_global = COMMAND_TABLE("crypto ca trustpoint", global);

const struct config_mode mode_trustpoint = { .name = "config-ca-trustpoint", .table = &trustpoint_rows,
	.object = trustpoint_object, .kept = OFF(kept) };
const struct config_mode mode_crl = { .name = "config-ca-crl", .table = &crl_rows, .object = trustpoint_object,
	.kept = OFF(crl_kept) };
const struct config_mode mode_trustpool = { .name = "config-ca-trustpool", .table = &trustpool_rows,
	.object = trustpool_object, .kept = offsetof(struct config, trustpool), .said = true };

void
config_exceptions_each(const struct cfg_trustpoint *t, void (*fn)(const struct cfg_exception *, void *), void *ctx)
{
	struct command_table *table = &trustpoint_rows;
	static struct cmd_match m; /* large */
	struct cmd_error error;

	for (const struct cfg_kept *k = t->kept.first; k != NULL; k = k->next) {
		struct cfg_exception e = { 0 };
		long long seq = 0;

		if (strncmp(k->line, "match certificate ", 18) != 0 || command_match(&table, 1, k->line, &m, &error) != 0)
			continue;
		e.kind = cmd_word(&m, "allow") ? EXCEPTION_EXPIRED : cmd_word(&m, "skip") ? EXCEPTION_NO_REVOCATION :
		    cmd_word(&m, "ocsp") ? EXCEPTION_OCSP : EXCEPTION_CDP;
		e.map = cmd_str(&m, "certmap");
		e.url = cmd_str(&m, e.kind == EXCEPTION_OCSP ? "url" : "curl");
		e.signer = cmd_str(&m, "trustpoint");
		cmd_int(&m, e.kind == EXCEPTION_OCSP ? "seq" : "cdpseq", &seq);
		e.seq = (int)seq;
		fn(&e, ctx);
	}
}

void
print_trustpoints(struct config_printer *p, const char *name)
{
	for (const struct cfg_trustpoint *t = p->cfg->trustpoints; t != NULL; t = t->next) {
		if (name != NULL && strcmp(t->name, name) != 0)
			continue;
		printer_open(p, "crypto ca trustpoint %s", quoted(t->name));
		printer_rows(p, &mode_trustpoint, t);
		printer_close(p);
	}
}
