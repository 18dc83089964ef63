/* SPDX-License-Identifier: GPL-2.0-or-later */
/* logging (asa-reference 1.14). */
#include <stdlib.h>
#include <string.h>

#include "server/config/grammar.h"
#include "server/config/param.h"

#define OFF(field) offsetof(struct config, logging.field)
#define LEVELS "{<0-7> | emergencies | alerts | critical | errors | warnings | notifications | informational | debugging}"
#define DESTINATIONS "{console | monitor | buffered | trap | history | mail | asdm}"
#define SYSLOG_PORT 514
#define SYSLOG_TCP_PORT 1470

WORDS(levels, "emergencies", "alerts", "critical", "errors", "warnings", "notifications", "informational", "debugging");
WORDS(destinations, "console", "monitor", "buffered", "trap", "history", "mail", "asdm");

void
logging_unset(struct cfg_logging *l)
{
	memset(l, 0, sizeof(*l));
	l->enable = l->buffer_size = l->facility = SETTING_UNSET;
	for (size_t i = 0; i < LOG_DESTINATIONS; i++)
		l->to[i].level = SETTING_UNSET;
}

static struct cfg_logging *
logging_of(const struct config_change *ch)
{
	return &ch->cfg->logging;
}

/* The level of a match, by number or name; -1: none was given. */
static int32_t
match_level(const struct cmd_match *m, int from)
{
	for (int i = from; i < m->argc; i++) {
		long long number;
		int level = m->args[i].keyword ? words_find(&levels, m->args[i].label) : -1;

		if (level >= 0)
			return level;
		if (!m->args[i].keyword && m->args[i].value[1] == '\0' && param_number(m->args[i].value, &number))
			return (int32_t)number;
	}
	return -1;
}

/* --- where messages go ------------------------------------------------------------ */

static int
destination_apply(struct config_change *ch)
{
	int to = words_given(&destinations, ch->m);
	struct cfg_log_filter *f = &logging_of(ch)->to[to];

	*f = (struct cfg_log_filter){ .level = SETTING_UNSET };
	if (ch->m->no)
		return 0;
	f->list = mem_strdup(ch->cfg->mem, cmd_str(ch->m, "list"));
	if (f->list == NULL)
		f->level = match_level(ch->m, 2);
	else
		change_place(ch, &f->list, "list");
	if (to == LOG_HISTORY || to == LOG_MAIL || to == LOG_ASDM)
		change_no_effect(ch, NULL);
	return 0;
}

static void
destination_print(struct config_printer *p, const struct command *row, const void *object)
{
	const struct cfg_logging *l = &((const struct config *)object)->logging;
	char keyword[64];

	command_keyword(row, keyword, sizeof(keyword));
	for (size_t i = 0; i < LOG_DESTINATIONS; i++) {
		if (strcmp(keyword + strlen("logging "), destinations_list[i]) != 0)
			continue;
		if (l->to[i].list != NULL)
			printer_line(p, "%s list %s", keyword, quoted(l->to[i].list));
		else if (l->to[i].level != SETTING_UNSET)
			printer_line(p, "%s %s", keyword, levels_list[l->to[i].level]);
	}
}

static int
timestamp_apply(struct config_change *ch)
{
	logging_of(ch)->timestamp = !ch->m->no;
	logging_of(ch)->timestamp_rfc5424 = !ch->m->no && cmd_word(ch->m, "rfc5424");
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

static int
hide_apply(struct config_change *ch)
{
	logging_of(ch)->no_hide_username = ch->m->no;
	return 0;
}

static void
hide_print(struct config_printer *p, const struct command *row, const void *object)
{
	(void)row;
	if (((const struct config *)object)->logging.no_hide_username)
		printer_line(p, "no logging hide username");
	else if (p->all)
		printer_line(p, "logging hide username");
}

static int
device_id_apply(struct config_change *ch)
{
	struct cfg_logging *l = logging_of(ch);
	const char *text = cmd_str(ch->m, "string");

	l->device_id = DEVICE_ID_UNSET;
	l->device_id_text = NULL;
	if (ch->m->no)
		return 0;
	if (cmd_word(ch->m, "string")) {
		l->device_id = DEVICE_ID_STRING;
	} else if (cmd_word(ch->m, "ipaddress")) {
		l->device_id = DEVICE_ID_ADDRESS;
		text = cmd_str(ch->m, "ifname");
	} else {
		l->device_id = cmd_word(ch->m, "hostname") ? DEVICE_ID_HOSTNAME : DEVICE_ID_CONTEXT;
	}
	l->device_id_text = mem_strdup(ch->cfg->mem, text);
	change_place(ch, &l->device_id_text, "ifname");
	return 0;
}

static void
device_id_print(struct config_printer *p, const struct command *row, const void *object)
{
	const struct cfg_logging *l = &((const struct config *)object)->logging;

	(void)row;
	if (l->device_id == DEVICE_ID_HOSTNAME || l->device_id == DEVICE_ID_CONTEXT)
		printer_line(p, "logging device-id %s", l->device_id == DEVICE_ID_HOSTNAME ? "hostname" : "context-name");
	else if (l->device_id == DEVICE_ID_ADDRESS)
		printer_line(p, "logging device-id ipaddress %s", quoted(l->device_id_text));
	else if (l->device_id == DEVICE_ID_STRING)
		printer_line(p, "logging device-id string %s", quoted(l->device_id_text));
}

/* --- servers ------------------------------------------------------------------------ */

static bool
host_port(const char *text, struct cfg_log_host *h)
{
	long long port;

	if (strncmp(text, "tcp/", 4) != 0 && strncmp(text, "udp/", 4) != 0 && strncmp(text, "6/", 2) != 0 &&
	    strncmp(text, "17/", 3) != 0)
		return false;
	h->tcp = text[0] == 't' || text[0] == '6';
	if (!param_number(strchr(text, '/') + 1, &port) || port < 1025 || port > 65535) {
		if (!(port == SYSLOG_PORT && !h->tcp))
			return false;
	}
	h->port = (uint16_t)port;
	return true;
}

static int
host_apply(struct config_change *ch)
{
	const char *nameif = cmd_str(ch->m, "ifname"), *address = cmd_str(ch->m, "address"), *port = cmd_str(ch->m, "port");
	struct cfg_log_host **at = &logging_of(ch)->hosts, *h, new = { .port = SYSLOG_PORT };

	while (*at != NULL && (strcmp((*at)->nameif, nameif) != 0 || strcmp((*at)->address, address) != 0))
		at = &(*at)->next;
	if (ch->m->no) {
		if (*at == NULL)
			return change_error(ch, "address", "logging host %s %s does not exist", nameif, address);
		*at = (*at)->next;
		return 0;
	}
	if (port != NULL && !host_port(port, &new))
		return change_error(ch, "port", "not a port: udp/514, udp/1025-65535 or tcp/1025-65535");
	if (*at == NULL)
		*at = mem_alloc(ch->cfg->mem, sizeof(**at));
	h = *at;
	new.next = h->next;
	*h = new;
	h->nameif = mem_strdup(ch->cfg->mem, nameif);
	h->address = mem_strdup(ch->cfg->mem, address);
	h->emblem = cmd_word(ch->m, "emblem");
	h->secure = cmd_word(ch->m, "secure");
	change_place(ch, h, "ifname");
	if (h->secure && !h->tcp)
		return change_error(ch, "secure", "secure needs tcp");
	return 0;
}

static void
host_print(struct config_printer *p, const struct command *row, const void *object)
{
	(void)row;
	for (const struct cfg_log_host *h = ((const struct config *)object)->logging.hosts; h != NULL; h = h->next) {
		char port[16] = "";

		if (h->tcp || h->port != SYSLOG_PORT)
			snprintf(port, sizeof(port), " %s/%u", h->tcp ? "tcp" : "udp", (unsigned)h->port);
		printer_line(p, "logging host %s %s%s%s%s", quoted(h->nameif), h->address, port, h->emblem ? " format emblem" : "",
		    h->secure ? " secure" : "");
	}
}

/* --- single messages, classes, lists -------------------------------------------------- */

static int
message_apply(struct config_change *ch)
{
	struct cfg_log_message **at = &logging_of(ch)->messages;
	bool level = cmd_word(ch->m, "level");
	long long id;

	cmd_int(ch->m, "id", &id);
	while (*at != NULL && (*at)->id < id)
		at = &(*at)->next;
	if (*at == NULL || (*at)->id != id) {
		struct cfg_log_message *m = mem_alloc(ch->cfg->mem, sizeof(*m));

		*m = (struct cfg_log_message){ .next = *at, .id = (uint32_t)id, .level = SETTING_UNSET };
		*at = m;
	}
	if (level)
		(*at)->level = ch->m->no ? SETTING_UNSET : match_level(ch->m, 3);
	else
		(*at)->off = ch->m->no;
	if (!(*at)->off && (*at)->level == SETTING_UNSET)
		*at = (*at)->next;
	return 0;
}

static void
message_print(struct config_printer *p, const struct command *row, const void *object)
{
	(void)row;
	for (const struct cfg_log_message *m = ((const struct config *)object)->logging.messages; m != NULL; m = m->next) {
		if (m->level != SETTING_UNSET)
			printer_line(p, "logging message %u level %s", m->id, levels_list[m->level]);
		if (m->off)
			printer_line(p, "no logging message %u", m->id);
	}
}

static int
class_apply(struct config_change *ch)
{
	struct cfg_log_class **at = &logging_of(ch)->classes;
	const char *class = ch->m->args[2].label;

	/* "logging class auth buffered errors trap alerts" says it for several */
	for (int i = 3; i < ch->m->argc; i++) {
		int to = words_find(&destinations, ch->m->args[i].label);
		int32_t level;

		if (to < 0 || !ch->m->args[i].keyword)
			continue;
		level = match_level(ch->m, i + 1);
		for (at = &logging_of(ch)->classes; *at != NULL; at = &(*at)->next) {
			if (strcmp((*at)->class, class) == 0 && (int)(*at)->destination == to)
				break;
		}
		if (ch->m->no) {
			if (*at != NULL)
				*at = (*at)->next;
			continue;
		}
		if (*at == NULL)
			*at = mem_alloc(ch->cfg->mem, sizeof(**at));
		(*at)->class = mem_strdup(ch->cfg->mem, class);
		(*at)->destination = (enum log_destination)to;
		(*at)->level = level;
	}
	return 0;
}

static void
class_print(struct config_printer *p, const struct command *row, const void *object)
{
	(void)row;
	for (const struct cfg_log_class *c = ((const struct config *)object)->logging.classes; c != NULL; c = c->next)
		printer_line(p, "logging class %s %s %s", c->class, destinations_list[c->destination], levels_list[c->level]);
}

static int
list_apply(struct config_change *ch)
{
	struct cfg_log_rule **at = &logging_of(ch)->lists, rule = { .level = -1 };
	const char *range = cmd_str(ch->m, "range"), *dash;
	const char *name = cmd_str(ch->m, "name");
	bool whole = ch->m->argc == 3;

	if (range != NULL) {
		rule.first = rule.last = (uint32_t)strtoul(range, NULL, 10);
		if ((dash = strchr(range, '-')) != NULL)
			rule.last = (uint32_t)strtoul(dash + 1, NULL, 10);
		if (rule.first > rule.last)
			return change_error(ch, "range", "the range of messages ends before it begins");
	} else if (!whole) {
		rule.level = match_level(ch->m, 4);
		for (int i = 4; i + 1 < ch->m->argc; i++) {
			if (strcmp(ch->m->args[i].label, "class") == 0)
				rule.class = mem_strdup(ch->cfg->mem, ch->m->args[i + 1].label);
		}
	}
	while (*at != NULL) {
		struct cfg_log_rule *r = *at;
		bool same = strcmp(r->list, name) == 0 && (whole || (r->level == rule.level && r->first == rule.first &&
		    r->last == rule.last && (r->class == NULL ? rule.class == NULL :
		    rule.class != NULL && strcmp(r->class, rule.class) == 0)));

		if (same && ch->m->no) {
			*at = r->next;
			continue;
		}
		if (same)
			return 0;
		at = &r->next;
	}
	if (ch->m->no)
		return 0;
	rule.list = mem_strdup(ch->cfg->mem, name);
	*at = mem_dup(ch->cfg->mem, &rule, sizeof(rule));
	return 0;
}

static void
list_print(struct config_printer *p, const struct command *row, const void *object)
{
	(void)row;
	for (const struct cfg_log_rule *r = ((const struct config *)object)->logging.lists; r != NULL; r = r->next) {
		if (r->level >= 0)
			printer_line(p, "logging list %s level %s%s%s", quoted(r->list), levels_list[r->level],
			    r->class != NULL ? " class " : "", r->class != NULL ? r->class : "");
		else if (r->last != r->first)
			printer_line(p, "logging list %s message %u-%u", quoted(r->list), r->first, r->last);
		else
			printer_line(p, "logging list %s message %u", quoted(r->list), r->first);
	}
}

#define CLASSES                                                                                                        \
	"{auth | bridge | ca | citrix | config | csd | dap | eap | eapoudp | eigrp | email | ha | ids | ip | ipaa | nac | "  \
	"nacpolicy | nacsettings | np | ospf | rip | rm | rule-engine | session | snmp | ssl | svc | sys | tag-switching | " \
	"vm | vpdn | vpn | vpnc | vpnfo | vpnlb | webfo | webvpn}"
#define DESTINATION(word, help_)                                                                                       \
	{ .syntax = "logging " word " {" LEVELS " | [list] <list:list>}", .help = help_, .flags = CMD_NO,                \
	    .apply = destination_apply, .print = destination_print }
/* Ways out that are not here. */
#define NO_DESTINATION(word, help_)                                                                                    \
	{ .syntax = "logging " word " {" LEVELS " | [list] <list:list>}", .help = help_, .cls = CMD_KEPT, .flags = CMD_NO, \
	    .apply = destination_apply, .print = destination_print }
#define ONE(syntax_, type_, field_, dflt_, help_)                                                                      \
	{ .syntax = syntax_, .help = help_, .flags = CMD_NO, .type = &type_, .offset = OFF(field_), .dflt = dflt_ }

static const struct command global[] = {
	ONE("logging enable", t_on, enable, NULL, "Enable logging"),
	{ .syntax = "logging timestamp [rfc5424]", .help = "Time stamps in messages", .flags = CMD_NO,
	    .apply = timestamp_apply, .print = timestamp_print },
	KEPT("logging standby", "Logging of the standby unit"),
	ONE("logging emblem", t_flag, emblem, NULL, "EMBLEM format"),
	{ .syntax = "logging list <name> {level " LEVELS " [class " CLASSES "] | message <range:messages>}",
	    .help = "Lists of messages", .flags = CMD_NO, .no_args = 1, .apply = list_apply, .print = list_print },
	ONE("logging buffer-size <4096-1048576>", t_int, buffer_size, "4096", "Bytes of the buffer"),
	KEPT("logging asdm-buffer-size <100-512>", "Messages of the ASDM buffer"),
	DESTINATION("console", "Messages on standard error"),
	NO_DESTINATION("monitor", "Messages on terminals"),
	DESTINATION("buffered", "Messages in the buffer"),
	DESTINATION("trap", "Messages to syslog servers"),
	NO_DESTINATION("history", "Messages to SNMP"),
	NO_DESTINATION("asdm", "Messages to ASDM"),
	NO_DESTINATION("mail", "Messages by mail"),
	KEPT("logging from-address <word>", "Sender of mails"),
	KEPT("logging flow-export-syslogs {enable | disable}", "Messages that NetFlow repeats"),
	KEPT_EACH("logging recipient-address <word> [level " LEVELS "]", 1, "Receiver of mails"),
	ONE("logging facility <16-23>", t_int, facility, "20", "Syslog facility"),
	KEPT("logging queue <0-8192>", "Length of the queue"),
	{ .syntax = "logging device-id {hostname | context-name | cluster-id | ipaddress <ifname:name> | string <string:name>}",
	    .help = "Name of this device in messages", .flags = CMD_NO, .apply = device_id_apply, .print = device_id_print },
	{ .syntax = "logging host <ifname:name> <address:address> [<port:word>] [format emblem] [secure]",
	    .help = "Syslog server", .flags = CMD_NO, .no_args = 2, .apply = host_apply, .print = host_print },
	ONE("logging debug-trace [persistent]", t_flag, debug_trace, NULL, "Debug output as messages"),
	ONE("logging permit-hostdown", t_flag, permit_hostdown, NULL, "Go on when a TCP syslog server is down"),
	KEPT("logging flash-bufferwrap", "Save the buffer to flash"),
	KEPT("logging ftp-bufferwrap", "Save the buffer by FTP"),
	KEPT("logging ftp-server <host> <word> <user:word> <password:secret>", "Where the buffer is saved"),
	{ .syntax = "logging hide username", .help = "Hide unknown user names", .flags = CMD_NO, .apply = hide_apply,
	    .print = hide_print },
	{ .syntax = "logging rate-limit {unlimited | <number:1-2147483647> [<interval:1-2147483647>]} "
	            "{level " LEVELS " | message <id:100000-999999>}",
	    .help = "Limit the rate of messages", .flags = CMD_NO | CMD_MULTI, .no_args = 1, .apply = kept_apply,
	    .print = kept_acting_print, .offset = offsetof(struct config, kept) },
	{ .syntax = "logging class " CLASSES " {" DESTINATIONS " " LEVELS "}...", .help = "Messages of a class",
	    .flags = CMD_NO, .no_args = 2, .apply = class_apply, .print = class_print },
	{ .syntax = "logging message <id:100000-999999> [level " LEVELS "]", .help = "Level of a message; no: never",
	    .flags = CMD_NO, .no_args = 1, .apply = message_apply, .print = message_print },
	{ .syntax = "logging message <id:100000-999999> standby", .help = "Not used here", .cls = CMD_IGNORED,
	    .flags = CMD_NO },
	IGNORED("logging {flash-maximum-allocation | flash-minimum-free | savelog | trustpoint} [<line>]"),
};

struct command_table logging_global = COMMAND_TABLE("logging", global);

void
config_rate_limits_each(const struct config *cfg, void (*fn)(const struct cfg_rate_limit *, void *), void *ctx)
{
	struct command_table *table = &logging_global;
	static struct cmd_match m; /* large */
	struct cmd_error error;

	for (const struct cfg_kept *k = cfg->kept.first; k != NULL; k = k->next) {
		struct cfg_rate_limit r = { .level = -1 };
		long long number = 0, interval_s = 1, id = 0;

		if (strncmp(k->line, "logging rate-limit ", 19) != 0 || command_match(&table, 1, k->line, &m, &error) != 0)
			continue;
		cmd_int(&m, "number", &number); /* unlimited: 0 */
		cmd_int(&m, "interval", &interval_s);
		if (cmd_int(&m, "id", &id))
			r.message = (unsigned)id;
		for (int i = 0; i < m.argc; i++) {
			if (m.args[i].keyword && strcmp(m.args[i].label, "level") == 0)
				r.level = match_level(&m, i + 1);
		}
		r.number = (unsigned)number;
		r.interval_s = (unsigned)interval_s;
		fn(&r, ctx);
	}
}
