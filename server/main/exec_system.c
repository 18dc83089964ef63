/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands about logging, ssl, revocation lists, and the configuration as a whole. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "server/main/cli.h"
#include "server/main/daemon.h"
#include "server/main/exec_crypto.h"
#include "server/main/log_buffer.h"
#include "server/main/reload.h"
#include "server/main/request.h"
#include "server/main/revocation.h"
#include "server/show/show.h"

static int
run_show_logging(const struct cmd_match *m, void *context)
{
	(void)m;
	show_logging(out_of(context));
	return 0;
}

static int
run_clear_logging(const struct cmd_match *m, void *context)
{
	(void)m, (void)context;
	log_buffer_clear();
	return 0;
}

static int
run_show_ssl(const struct cmd_match *m, void *context)
{
	(void)m;
	show_ssl(out_of(context), json_of(context));
	return 0;
}

static int
run_show_ssl_ciphers(const struct cmd_match *m, void *context)
{
	static const char *const levels[] = { "all", "low", "medium", "fips", "high" };
	const char *level = NULL;

	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		if (cmd_word(m, levels[i]))
			level = levels[i];
	}
	show_ssl_ciphers(level, out_of(context), json_of(context));
	return 0;
}

static int
run_show_access_list(const struct cmd_match *m, void *context)
{
	show_access_list(cmd_str(m, "name"), out_of(context), json_of(context));
	return 0;
}

static int
run_show_phone_xml(const struct cmd_match *m, void *context)
{
	show_vpn_phone_xml(cmd_str(m, "group"), out_of(context));
	return 0;
}

static int
run_show_crls(const struct cmd_match *m, void *context)
{
	show_crypto_crls(cmd_str(m, "trustpoint"), out_of(context), json_of(context));
	return 0;
}

static int
run_clear_crls(const struct cmd_match *m, void *context)
{
	struct ipc_revoke_clear clear = { .trustpoint = cmd_str(m, "trustpoint") };

	(void)context;
	if (clear.trustpoint == NULL)
		clear.trustpoint = "";
	if (daemon_.revoker_ready)
		ipc_send(&daemon_.revoker, MSG_revoke_clear, &clear);
	return 0;
}

static void
crl_request_done(void *ctx, const struct ipc_auth_done *answer)
{
	struct cli *c = ctx;
	char text[700] = "";

	if (answer == NULL)
		snprintf(text, sizeof(text), "ERROR: CRL request failed\n");
	else if (answer->failed)
		snprintf(text, sizeof(text), "ERROR: CRL request failed: %s\n", answer->text);
	else
		snprintf(text, sizeof(text), "CRL received\n");
	c->busy = false;
	c->resume(c, text);
}

static int
run_crl_request(const struct cmd_match *m, void *context)
{
	struct cli *c = ((struct cli_call *)context)->cli;
	const struct cfg_trustpoint *tp = crypto_trustpoint(c, m, out_of(context));

	if (tp == NULL)
		return 0;
	if (tp->ca.len == 0) {
		fprintf(out_of(context), "ERROR: trustpoint %s has no CA certificate\n", tp->name);
		return 0;
	}
	if (revocation_fetch(tp, request_new(crl_request_done, c))) {
		c->busy = true;
		return 0;
	}
	request_cancel(c);
	fprintf(out_of(context), "ERROR: no trustpoint has \"revocation-check crl\" or \"ocsp\": CRLs are not fetched\n");
	return 0;
}

/* Files of an ASA's disk stand beside the startup-config. */
static void
file_path(const char *name, char *out, size_t size)
{
	const char *slash = strrchr(daemon_.startup_path, '/');
	size_t disk = strncmp(name, "disk0:", 6) == 0 || strncmp(name, "flash:", 6) == 0 ? 6 : 0;

	name += disk;
	if (disk > 0 || name[0] != '/')
		snprintf(out, size, "%.*s/%s", slash != NULL ? (int)(slash - daemon_.startup_path) : 1,
		    slash != NULL ? daemon_.startup_path : ".", name + strspn(name, "/"));
	else
		snprintf(out, size, "%s", name);
}

static int
run_replace(const struct cmd_match *m, void *context)
{
	char path[PATH_MAX];

	file_path(cmd_str(m, "file"), path, sizeof(path));
	reload_file(path, out_of(context));
	return 0;
}

static const struct command rows[] = {
	{ .syntax = "show logging", .help = "Logging settings and the buffer", .run = run_show_logging },
	{ .syntax = "clear logging buffer", .help = "Empty the logging buffer", .run = run_clear_logging },
	{ .syntax = "show vpn-phone xml <group:name>", .help = "(offhook) The <vpnGroup> of a phone's SEPMAC.cnf.xml", .run = run_show_phone_xml },
	{ .syntax = "show access-list [<name>]", .help = "Access lists and how often their rules were met", .run = run_show_access_list },
	{ .syntax = "show ssl", .help = "Versions and certificates in use, and by how many sessions no longer", .run = run_show_ssl },
	{ .syntax = "show ssl ciphers [all | low | medium | fips | high]", .help = "Cipher suites in force, or of a level", .run = run_show_ssl_ciphers },
	{ .syntax = "show crypto ca crls [trustpoint <trustpoint:name>]", .help = "Revocation lists in the cache", .run = run_show_crls },
	{ .syntax = "clear crypto ca crls [trustpoint <trustpoint:name>]", .help = "Forget fetched revocation lists and OCSP answers", .run = run_clear_crls },
	{ .syntax = "crypto ca crl request <trustpoint:name>", .help = "Fetch the CRL of a trustpoint now", .run = run_crl_request },
	{ .syntax = "configure replace <file:word>", .help = "Put a file in the place of the whole configuration", .run = run_replace },
};

struct command_table exec_system_table = COMMAND_TABLE("exec-system", rows);
