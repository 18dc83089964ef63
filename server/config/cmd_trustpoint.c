/* SPDX-License-Identifier: GPL-2.0-or-later */
/* crypto ca trustpoint (asa-reference 1.10). */
#include <stdlib.h>
#include <string.h>

#include "server/config/grammar.h"

#define OFF(field) offsetof(struct cfg_trustpoint, field)

static const char *const usages[] = { "ipsec-client", "ssl-client", "ssl-server" };
static const struct setting_words usage_words = { usages, COUNT(usages) };

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

static int
trustpoint_remove(struct config_change *ch)
{
	const char *name = cmd_str(ch->m, "name"), *user;
	struct cfg_trustpoint *t = object_trustpoint(ch->cfg, name, false);

	if (t == NULL)
		return change_error(ch, "name", "Trustpoint %s does not exist", name);
	if ((user = reference_to(ch->cfg, INDEX_TRUSTPOINT, name)) != NULL)
		return change_error(ch, "name", "Trustpoint %s is in use by \"%s\", cannot be deleted", name, user);
	object_remove(ch->cfg, INDEX_TRUSTPOINT, name, t);
	return 0;
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

static const char *const revocations[] = { "", "none", "crl", "ocsp" };

static int
revocation_apply(struct config_change *ch)
{
	struct cfg_trustpoint *t = ch->object;
	const struct cmd_match *m = ch->m;

	memset(t->revocation, REVOKE_END, sizeof(t->revocation));
	for (int i = 1; !m->no && i < m->argc; i++) {
		for (uint8_t r = REVOKE_NONE; r <= REVOKE_OCSP; r++) {
			if (strcmp(m->args[i].label, revocations[r]) == 0)
				t->revocation[i - 1] = r;
		}
	}
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

static struct command_table crl_rows;

/* An ASA always prints this line. */
static void
crl_print(struct config_printer *p, const struct command *row, const void *object)
{
	const struct cfg_trustpoint *t = object;

	(void)row;
	printer_open(p, "crl configure");
	printer_header(p);
	printer_rows(p, &crl_rows, t, &t->crl_kept);
	printer_close(p);
}

#define KEPT(syntax_, help_) { .syntax = syntax_, .help = help_, .cls = CMD_KEPT, .flags = CMD_NO }

static const struct command rows[] = {
	{ .syntax = "revocation-check {none | crl | ocsp} [none | crl | ocsp] [none | crl | ocsp]",
	    .help = "How revocation is checked", .flags = CMD_NO, .apply = revocation_apply, .print = revocation_print },
	{ .syntax = "enrollment {self | terminal [pem] | url <url>}", .help = "How the certificate is got",
	    .flags = CMD_NO, .apply = enrollment_apply, .print = enrollment_print },
	KEPT("enrollment retry period <1-60>", "Minutes between polls of an SCEP server"),
	KEPT("enrollment retry count <0-100>", "Polls of an SCEP server"),
	KEPT("enrollment protocol <line>", "Enrolment protocol"),
	{ .syntax = "fqdn {none | <name>}", .help = "Fully qualified domain name in the certificate", .flags = CMD_NO,
	    .type = &t_string, .offset = OFF(fqdn) },
	KEPT("email {none | <name>}", "E-mail address in the certificate"),
	{ .syntax = "subject-name <line>", .help = "X.500 name in the certificate", .flags = CMD_NO, .type = &t_line,
	    .offset = OFF(subject_name) },
	KEPT("serial-number [none]", "Device serial number in the certificate"),
	{ .syntax = "ip-address <ip>", .help = "IP address in the certificate", .flags = CMD_NO, .type = &t_ip,
	    .offset = OFF(has_ip_address) },
	KEPT("ip-address none", "No IP address in the certificate"),
	{ .syntax = "keypair <name> [<modulus:512-4096>]", .help = "Key pair to certify", .flags = CMD_NO,
	    .type = &t_string, .offset = OFF(keypair) },
	{ .syntax = "validation-usage {ipsec-client | ssl-client | ssl-server}...",
	    .help = "What certificates this CA may vouch for", .flags = CMD_NO, .apply = usage_apply,
	    .print = usage_print, .arg = &usage_words },
	KEPT("id-usage {ssl-ipsec | code-signer}...", "What our own certificate is for"),
	KEPT("ca-check", "Demand the CA flag"),
	KEPT("accept-subordinates", "Accept subordinate CAs from peers"),
	KEPT("client-types {ipsec | ssl}...", "Old form of validation-usage"),
	KEPT("support-user-cert-validation", "Old form of validation-usage"),
	KEPT("ocsp url <url>", "OCSP responder"),
	KEPT("ocsp disable-nonce", "OCSP without nonce"),
	KEPT("ocsp interface <name>", "Interface to the OCSP responder"),
	{ .syntax = "match certificate <line>", .help = "OCSP override by certificate map", .cls = CMD_KEPT,
	    .flags = CMD_NO | CMD_MULTI },
	KEPT("auto-enroll [<line>]", "Renew by SCEP"),
	KEPT("proxy-ldc-issuer", "Issuer of TLS proxy certificates"),
	KEPT("crl {required | optional | nocheck}", "Old form of revocation-check"),
	KEPT("default {enrollment | crl | validation-usage}", "Default settings"),
	{ .syntax = "password <secret>", .help = "Challenge phrase", .cls = CMD_IGNORED, .flags = CMD_NO },
	{ .syntax = "crl configure", .help = "CRL settings", .apply = crl_enter, .print = crl_print, .enter = &mode_crl },
};

struct command_table trustpoint_rows = COMMAND_TABLE("crypto ca trustpoint", rows);

static const struct command crl[] = {
	KEPT("policy {cdp | static | both}", "Where CRLs come from"),
	{ .syntax = "url <1-5> <url:word>", .help = "Static CRL address", .cls = CMD_KEPT, .flags = CMD_NO | CMD_MULTI },
	KEPT("protocol http", "Fetch CRLs by HTTP"),
	KEPT("protocol ldap", "Fetch CRLs by LDAP"),
	KEPT("protocol scep", "Fetch CRLs by SCEP"),
	KEPT("cache-time <1-1440>", "Minutes that a CRL is kept"),
	KEPT("enforcenextupdate", "Demand a next update in CRLs"),
	KEPT("ldap-defaults <line>", "LDAP server"),
	{ .syntax = "{ldap-dn | default} [<line>]", .help = "Not used here", .cls = CMD_IGNORED, .flags = CMD_NO },
};

static struct command_table crl_rows = COMMAND_TABLE("crl configure", crl);

static const struct command global[] = {
	{ .syntax = "crypto ca trustpoint <name>", .help = "Define a trustpoint", .apply = trustpoint_enter,
	    .enter = &mode_trustpoint },
	{ .syntax = "crypto ca trustpoint <name> [noconfirm]", .help = "Remove a trustpoint", .flags = CMD_ONLY_NO,
	    .apply = trustpoint_remove },
};

struct command_table trustpoint_global = COMMAND_TABLE("crypto ca trustpoint", global);

const struct config_mode mode_trustpoint = { "config-ca-trustpoint", &trustpoint_rows, trustpoint_object, OFF(kept),
	false };
const struct config_mode mode_crl = { "config-ca-crl", &crl_rows, trustpoint_object, OFF(crl_kept), false };

void
print_trustpoints(struct config_printer *p, const char *name)
{
	for (const struct cfg_trustpoint *t = p->cfg->trustpoints; t != NULL; t = t->next) {
		if (name != NULL && strcmp(t->name, name) != 0)
			continue;
		printer_open(p, "crypto ca trustpoint %s", quoted(t->name));
		printer_rows(p, &trustpoint_rows, t, &t->kept);
		printer_close(p);
	}
}
