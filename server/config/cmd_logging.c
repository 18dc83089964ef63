/* SPDX-License-Identifier: GPL-2.0-or-later */
/* logging (asa-reference 1.14). */
#include <string.h>

#include "server/config/grammar.h"

#define OFF(field) offsetof(struct config, logging.field)
#define LEVELS "{<0-7> | emergencies | alerts | critical | errors | warnings | notifications | informational | debugging}"

static const char *const levels[] = { "emergencies", "alerts", "critical", "errors", "warnings", "notifications",
	"informational", "debugging" };
static const struct setting_words level_words = { levels, COUNT(levels) };

void
logging_unset(struct cfg_logging *l)
{
	memset(l, 0, sizeof(*l));
	l->enable = l->buffer_size = l->facility = SETTING_UNSET;
	for (size_t i = 0; i < LOG_DESTINATIONS; i++)
		l->to[i].level = SETTING_UNSET;
}

static int
timestamp_apply(struct config_change *ch)
{
	ch->cfg->logging.timestamp = !ch->m->no;
	ch->cfg->logging.timestamp_rfc5424 = !ch->m->no && cmd_word(ch->m, "rfc5424");
	return 0;
}

static void
timestamp_print(struct config_printer *p, const struct command *row, const void *object)
{
	const struct cfg_logging *l = &((const struct config *)object)->logging;

	(void)row;
	if (l->timestamp)
		printer_line(p, "logging timestamp%s", l->timestamp_rfc5424 ? " rfc5424" : "");
}

#define KEPT(syntax_, help_) { .syntax = syntax_, .help = help_, .cls = CMD_KEPT, .flags = CMD_NO }
#define KEPT_MULTI(syntax_, help_) { .syntax = syntax_, .help = help_, .cls = CMD_KEPT, .flags = CMD_NO | CMD_MULTI }

static const struct command global[] = {
	{ .syntax = "logging enable", .help = "Enable logging", .flags = CMD_NO, .type = &t_on, .offset = OFF(enable) },
	{ .syntax = "logging timestamp [rfc5424]", .help = "Time stamps in messages", .flags = CMD_NO,
	    .apply = timestamp_apply, .print = timestamp_print },
	KEPT("logging standby", "Logging of the standby unit"),
	KEPT("logging emblem", "EMBLEM format"),
	KEPT_MULTI("logging list <name> <line>", "Lists of messages"),
	KEPT("logging buffer-size <4096-1048576>", "Size of the buffer"),
	{ .syntax = "logging console " LEVELS, .help = "Messages on standard error", .flags = CMD_NO, .type = &t_enum,
	    .offset = OFF(to[LOG_CONSOLE].level), .arg = &level_words },
	KEPT("logging console list <name>", "Messages on standard error"),
	KEPT("logging monitor {" LEVELS " | list <name>}", "Messages on terminals"),
	KEPT("logging buffered {" LEVELS " | list <name>}", "Messages in the buffer"),
	KEPT("logging trap {" LEVELS " | list <name>}", "Messages to syslog servers"),
	KEPT("logging history {" LEVELS " | list <name>}", "Messages to SNMP"),
	KEPT("logging asdm {" LEVELS " | list <name>}", "Messages to ASDM"),
	KEPT("logging mail {" LEVELS " | list <name>}", "Messages by mail"),
	KEPT("logging asdm-buffer-size <100-512>", "Size of the ASDM buffer"),
	KEPT("logging from-address <word>", "Sender of mails"),
	KEPT_MULTI("logging recipient-address <word> [level " LEVELS "]", "Receiver of mails"),
	KEPT("logging facility <0-23>", "Syslog facility"),
	KEPT("logging queue <0-8192>", "Length of the queue"),
	KEPT("logging device-id {hostname | context-name | cluster-id | ipaddress <name> | string <line>}",
	    "Name of this device in messages"),
	KEPT_MULTI("logging host <name> <word> [<line>]", "Syslog server"),
	KEPT("logging debug-trace [persistent]", "Debug output as messages"),
	KEPT("logging permit-hostdown", "Go on when a TCP syslog server is down"),
	KEPT("logging flash-bufferwrap", "Save the buffer to flash"),
	KEPT("logging ftp-bufferwrap", "Save the buffer by FTP"),
	KEPT("logging hide username", "Hide unknown user names"),
	KEPT_MULTI("logging rate-limit <line>", "Limit the rate of messages"),
	KEPT_MULTI("logging class <name> <line>", "Messages of a class"),
	KEPT_MULTI("logging message <word> [level " LEVELS "]", "Level of a message"),
	{ .syntax = "logging {flash-maximum-allocation | flash-minimum-free | savelog | trustpoint | ftp-server} [<line>]",
	    .help = "Not used here", .cls = CMD_IGNORED, .flags = CMD_NO },
};

struct command_table logging_global = COMMAND_TABLE("logging", global);

void
print_logging(struct config_printer *p, const char *name)
{
	(void)name;
	printer_rows(p, &logging_global, p->cfg, &p->cfg->kept);
}
