/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands about AAA: trying a password, who is locked out, how servers do. */
#include <stdio.h>
#include <string.h>

#include "server/main/aaa.h"
#include "server/main/cli.h"
#include "server/main/daemon.h"
#include "server/main/request.h"
#include "server/show/show.h"

static int
run_show_server(const struct cmd_match *m, void *context)
{
	show_aaa_server(cmd_str(m, "tag"), out_of(context), json_of(context));
	return 0;
}

static int
run_show_local(const struct cmd_match *m, void *context)
{
	show_aaa_local_user(cmd_word(m, "locked"), out_of(context), json_of(context));
	return 0;
}

/* ---- test aaa-server ---- */

static void
test_done(void *ctx, const struct ipc_auth_done *answer)
{
	struct cli *c = ctx;
	char text[700] = "INFO: Authentication Successful\n";

	if (answer == NULL)
		snprintf(text, sizeof(text), "ERROR: Authentication Server not responding: certauth died\n");
	else if (answer->failed == AAA_TEST_SILENT)
		snprintf(text, sizeof(text), "ERROR: Authentication Server not responding: %s\n", answer->text);
	else if (answer->failed)
		snprintf(text, sizeof(text), "ERROR: Authentication Rejected: %s\n", answer->text);
	c->busy = false;
	c->resume(c, text);
}

/* Is there such a group, which the helper can ask? */
static bool
group_good(const char *tag, FILE *out)
{
	const struct cfg_aaa_server *g = config_aaa_server(daemon_.config, tag);

	if (strcmp(tag, "LOCAL") == 0)
		return true;
	if (g == NULL)
		fprintf(out, "ERROR: aaa-server group %s does not exist\n", tag);
	else if (strcmp(g->protocol, "radius") != 0)
		fprintf(out, "ERROR: aaa-server group %s: protocol %s has no effect here\n", tag, g->protocol);
	else if (g->hosts == NULL)
		fprintf(out, "ERROR: aaa-server group %s has no server\n", tag);
	return g != NULL && strcmp(g->protocol, "radius") == 0 && g->hosts != NULL;
}

/* As an ASA says it; the first server of several is named. */
static void
attempt_say(const char *tag, const char *host, FILE *out)
{
	const struct cfg_aaa_server *g = config_aaa_server(daemon_.config, tag);
	const struct cfg_aaa_host *h = g != NULL ? g->hosts : NULL;
	struct cfg_aaa_host_resolved r;

	while (h != NULL && host[0] != '\0' && strcmp(h->address, host) != 0)
		h = h->next;
	if (h == NULL)
		return;
	config_aaa_host_resolve(h, &r);
	explicit_bzero(r.key, sizeof(r.key));
	fprintf(out, "INFO: Attempting Authentication test to IP address (%s) (timeout: %d seconds)\n", h->address, r.timeout_s);
}

static int
run_test(const struct cmd_match *m, void *context)
{
	struct cli *c = ((struct cli_call *)context)->cli;
	const char *host = cmd_str(m, "host");
	struct ipc_auth_test test = {
		.group = cmd_str(m, "tag"), .host = host != NULL ? host : "", .user = cmd_str(m, "username"),
		.password = cmd_str(m, "password"),
	};

	if (!group_good(test.group, out_of(context)))
		return 0;
	attempt_say(test.group, test.host, out_of(context));
	test.request = request_new(test_done, c);
	if (ipc_send(&daemon_.certauth, MSG_auth_test, &test) == 0) {
		c->busy = true;
		return 0;
	}
	request_drop(test.request);
	fprintf(out_of(context), "ERROR: certauth is not there, or the name or password is too long\n");
	return 0;
}

/* ---- clear ---- */

static int
run_unlock(const struct cmd_match *m, void *context)
{
	const struct cli *c = ((struct cli_call *)context)->cli;
	const char *user = cmd_str(m, "username");
	struct ipc_auth_unlock unlock = { .user = user != NULL ? user : "", .admin = c->user != NULL ? c->user : "" };

	if (user != NULL && config_user(daemon_.config, user) == NULL)
		fprintf(out_of(context), "ERROR: username %s does not exist\n", user);
	else
		ipc_send(&daemon_.certauth, MSG_auth_unlock, &unlock);
	return 0;
}

static int
run_clear_statistics(const struct cmd_match *m, void *context)
{
	const char *tag = cmd_str(m, "tag");

	if (tag != NULL && config_aaa_server(daemon_.config, tag) == NULL)
		fprintf(out_of(context), "ERROR: aaa-server group %s does not exist\n", tag);
	else
		aaa_stats_clear(tag);
	return 0;
}

static const struct command rows[] = {
	{ .syntax = "show aaa-server [<tag:name>]", .help = "Servers, their state and counts", .run = run_show_server },
	{ .syntax = "show aaa local user [locked]", .help = "Local users who failed to log in", .run = run_show_local },
	{ .syntax = "test aaa-server authentication <tag:name> [host <host>] username <username:word> password <password:secret>",
	  .help = "Try a user name and a password", .run = run_test },
	{ .syntax = "clear aaa local user {lockout | fail-attempts} {username <username:word> | all}",
	  .help = "Let users in again who are locked out", .run = run_unlock },
	{ .syntax = "clear aaa-server statistics [<tag:name>]", .help = "Set the counts of servers to zero", .run = run_clear_statistics },
};

struct command_table exec_aaa_table = COMMAND_TABLE("exec-aaa", rows);
