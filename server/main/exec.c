/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exec commands: show, logoff, write, configure. */
#include <stdlib.h>
#include <string.h>

#include "server/config/command.h"
#include "server/config/config.h"
#include "server/main/cli.h"
#include "server/main/daemon.h"
#include "server/main/exec_crypto.h"
#include "server/main/startup.h"
#include "server/show/show.h"

static int
run_show_pool(const struct cmd_match *m, void *context)
{
	show_ip_local_pool(cmd_str(m, "name"), out_of(context), ((struct cli_call *)context)->cli->json);
	return 0;
}

static int
run_show_running(const struct cmd_match *m, void *context)
{
	const char *section = cmd_str(m, "section");
	FILE *out = out_of(context);

	if (section != NULL && !config_section_known(section)) {
		fprintf(out, "ERROR: no such part of the configuration: %s\n", section);
		return 0;
	}
	config_print(daemon_.config, section, cmd_word(m, "all"), out);
	return 0;
}

static int
run_write(const struct cmd_match *m, void *context)
{
	(void)m;
	startup_save(out_of(context));
	return 0;
}

static int
run_configure(const struct cmd_match *m, void *context)
{
	struct cli *c = ((struct cli_call *)context)->cli;

	(void)m;
	c->configuring = true;
	return 0;
}

static int
run_exit(const struct cmd_match *m, void *context)
{
	(void)m;
	((struct cli_call *)context)->cli->left = true;
	return 0;
}

static int
run_enable(const struct cmd_match *m, void *context)
{
	struct cli *c = ((struct cli_call *)context)->cli;

	(void)m;
	if (c->read_only)
		fputs("ERROR: Command authorization failed\n", out_of(context));
	else
		c->privileged = true;
	return 0;
}

static int
run_disable(const struct cmd_match *m, void *context)
{
	(void)m;
	((struct cli_call *)context)->cli->privileged = false;
	return 0;
}

static int
run_pager(const struct cmd_match *m, void *context)
{
	long long lines = 0;

	cmd_int(m, "lines", &lines);
	((struct cli_call *)context)->cli->pager_lines = (int)lines;
	return 0;
}

static int
run_show_pager(const struct cmd_match *m, void *context)
{
	int lines = ((struct cli_call *)context)->cli->pager_lines;

	(void)m;
	if (lines > 0)
		fprintf(out_of(context), "pager lines %d\n", lines);
	else
		fprintf(out_of(context), "no pager\n");
	return 0;
}

static int
run_show_terminal(const struct cmd_match *m, void *context)
{
	(void)m;
	fprintf(out_of(context), "\nWidth = 80, no monitor\nterminal interactive\n");
	return 0;
}

static const struct command exec_rows[] = {
	{ .syntax = "show ip local pool <name>", .help = "An address pool and its use", .run = run_show_pool },
	{ .syntax = "show running-config [all]", .help = "The configuration in force", .run = run_show_running },
	{ .syntax = "show running-config [all] <section:line>", .help = "A part of the configuration in force", .run = run_show_running },
	{ .syntax = "write [memory]", .help = "Save the configuration as startup-config", .run = run_write },
	{ .syntax = "copy running-config startup-config", .help = "Save the configuration as startup-config", .run = run_write },
	{ .syntax = "configure terminal", .help = "Change the configuration", .run = run_configure },
	{ .syntax = "enable", .help = "Turn on privileged commands", .run = run_enable },
	{ .syntax = "disable", .help = "Turn off privileged commands", .run = run_disable },
	{ .syntax = "terminal pager [lines] <lines:0-2147483647>", .help = "Lines of a page, 0: no pages", .run = run_pager },
	{ .syntax = "terminal no pager", .help = "No pages", .run = run_pager },
	{ .syntax = "show pager", .help = "Lines of a page", .run = run_show_pager },
	{ .syntax = "show terminal", .help = "Terminal settings", .run = run_show_terminal },
	{ .syntax = "exit", .help = "Leave", .run = run_exit },
	{ .syntax = "quit", .help = "Leave", .run = run_exit },
	{ .syntax = "logout", .help = "Leave", .run = run_exit },
};

static struct command_table exec_table = COMMAND_TABLE("exec", exec_rows);

struct command_table *const cli_tables[] = { &exec_table, &exec_sessiondb_table, &exec_show_table, &exec_debug_table, &exec_lab_table, &exec_crypto_table, &exec_system_table, &exec_aaa_table };
const size_t cli_table_count = sizeof(cli_tables) / sizeof(cli_tables[0]);
