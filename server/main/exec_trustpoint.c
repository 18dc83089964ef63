/* SPDX-License-Identifier: GPL-2.0-or-later */
/* no crypto ca trustpoint: what goes with an enrolled trustpoint cannot be had back, so an operator is asked. */
#include <string.h>

#include "server/config/config.h"
#include "server/main/cli.h"
#include "server/main/daemon.h"
#include "server/main/exec_crypto.h"
#include "server/main/identity.h"

static void
remove_answer(struct cli *c, const char *line, FILE *out)
{
	char name[sizeof(c->trustpoint)], text[sizeof(c->trustpoint) + 64];

	if (!cli_is_yes(line))
		return;
	snprintf(name, sizeof(name), "%s", c->trustpoint);
	snprintf(text, sizeof(text), "no crypto ca trustpoint \"%s\" noconfirm", name);
	cli_line(c, text, out);
	if (config_trustpoint(daemon_.config, name) == NULL)
		fprintf(out, "INFO: Be sure to ask the CA administrator to revoke your certificates.\n");
}

bool
crypto_removal_asks(struct cli *c, const struct cmd_match *m, FILE *out)
{
	const char *name = cmd_str(m, "name");
	const struct cfg_trustpoint *tp;

	if (!m->no || cmd_word(m, "noconfirm") || strncmp(m->row->syntax, "crypto ca trustpoint ", 21) != 0 || name == NULL)
		return false;
	tp = config_trustpoint(daemon_.config, name);
	if (tp == NULL || (tp->ca.len == 0 && tp->identity.len == 0 && main_identity_find(name) == NULL))
		return false; /* nothing would be lost */
	snprintf(c->trustpoint, sizeof(c->trustpoint), "%s", name);
	fprintf(out, "WARNING: Removing an enrolled trustpoint will destroy all\n"
	    "certificates received from the related Certificate Authority.\n\n");
	cli_ask(c, "Are you sure you want to do this? [yes/no]: ", remove_answer);
	return true;
}
