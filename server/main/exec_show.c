/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Show commands that only read: the system, interfaces, webvpn, the saved configuration. */
#include <stdio.h>

#include "common/mem.h"
#include "server/config/config.h"
#include "server/main/cli.h"
#include "server/main/daemon.h"
#include "server/show/show.h"

/* run() of a row whose function writes text and JSON. */
#define SHOW(name)                                            \
	static int run_##name(const struct cmd_match *m, void *context) \
	{                                                     \
		(void)m;                                      \
		show_##name(out_of(context), json_of(context)); \
		return 0;                                     \
	}
SHOW(clock)
SHOW(version)
SHOW(memory)
SHOW(processes)
SHOW(conn_count)
SHOW(ip)
SHOW(nameif)
SHOW(interface_brief)
SHOW(webvpn_statistics)

static int
run_hostname(const struct cmd_match *m, void *context)
{
	(void)m;
	show_hostname(out_of(context));
	return 0;
}

static int
run_aliases(const struct cmd_match *m, void *context)
{
	show_webvpn_aliases(cmd_str(m, "group"), out_of(context), json_of(context));
	return 0;
}

static int
run_urls(const struct cmd_match *m, void *context)
{
	show_webvpn_urls(cmd_str(m, "group"), out_of(context), json_of(context));
	return 0;
}

static int
run_anyconnect(const struct cmd_match *m, void *context)
{
	(void)m;
	show_webvpn_anyconnect(out_of(context));
	return 0;
}

/* What would be in force after a start; secrets are not shown, as elsewhere. */
static int
run_startup(const struct cmd_match *m, void *context)
{
	struct mem *mem = mem_new(NULL);
	struct config *saved = config_new();
	struct config_report report;

	(void)m;
	config_report_init(&report, mem);
	if (config_read_file(saved, daemon_.startup_path, &report) == 0)
		config_print(saved, NULL, 0, out_of(context));
	else
		fprintf(out_of(context), "ERROR: %s has errors: offhookd --check -c %s\n", daemon_.startup_path, daemon_.startup_path);
	config_free(saved);
	mem_free(mem);
	return 0;
}

static const struct command rows[] = {
	{ .syntax = "show clock [detail]", .help = "The time", .run = run_clock },
	{ .syntax = "show hostname", .help = "The name of this gateway", .run = run_hostname },
	{ .syntax = "show version", .help = "Version, uptime and what is licensed", .run = run_version },
	{ .syntax = "show memory [detail]", .help = "Memory of the host", .run = run_memory },
	{ .syntax = "show processes [memory | cpu-usage]", .help = "The daemon's processes", .run = run_processes },
	{ .syntax = "show conn count", .help = "Connections of clients", .run = run_conn_count },
	{ .syntax = "show ip [address]", .help = "Addresses of the interfaces", .run = run_ip },
	{ .syntax = "show nameif", .help = "Names of the interfaces", .run = run_nameif },
	{ .syntax = "show interface ip brief", .help = "Interfaces in a table", .run = run_interface_brief },
	{ .syntax = "show webvpn group-alias [<group:name>]", .help = "Aliases of tunnel-groups", .run = run_aliases },
	{ .syntax = "show webvpn group-url [<group:name>]", .help = "URLs of tunnel-groups", .run = run_urls },
	{ .syntax = "show webvpn anyconnect", .help = "Client packages that the configuration names", .run = run_anyconnect },
	{ .syntax = "show webvpn statistics", .help = "Sessions since the start", .run = run_webvpn_statistics },
	{ .syntax = "show startup-config", .help = "The configuration as it was saved", .run = run_startup },
};

struct command_table exec_show_table = COMMAND_TABLE("exec-show", rows);
