/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A message's way: its level, its text, and the destinations that want it (asa-reference 1.14, 3.1). */
#include "server/main/asalog.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "common/log.h"
#include "server/config/model.h"
#include "server/main/asalog_table.h"
#include "server/main/conn.h"
#include "server/main/log_buffer.h"
#include "server/main/log_host.h"
#include "server/main/log_rate.h"
#include "server/main/problem.h"
#include "server/main/session.h"
#include "server/main/trace.h"

#define LINE_BYTES       2048
#define TRACE_MESSAGE    711001
#define FACILITY_DEFAULT 20
#define BUFFER_DEFAULT   4096

enum { INFORMATIONAL = 6 };

static struct {
	const struct cfg_logging *cfg;
	const char *hostname;
	char device_id[256]; /* "" none */
	bool to_host;        /* the host's own log: standard error, syslog */
	int32_t host_level;
	struct asalog_counts counts;
} settings = { .to_host = true, .host_level = INFORMATIONAL };

/* ---- settings ---- */

static void
device_id_set(const struct config *cfg)
{
	const struct cfg_logging *l = &cfg->logging;
	const struct cfg_interface *i;
	char ip[INET_ADDRSTRLEN];

	settings.device_id[0] = '\0';
	if (l->device_id == DEVICE_ID_HOSTNAME)
		snprintf(settings.device_id, sizeof(settings.device_id), "%s", settings.hostname);
	else if (l->device_id == DEVICE_ID_STRING)
		snprintf(settings.device_id, sizeof(settings.device_id), "%s", l->device_id_text);
	else if (l->device_id == DEVICE_ID_ADDRESS && (i = config_interface(cfg, l->device_id_text)) != NULL && i->has_addr)
		snprintf(settings.device_id, sizeof(settings.device_id), "%s", inet_ntop(AF_INET, &i->addr, ip, sizeof(ip)));
	else if (l->device_id == DEVICE_ID_CONTEXT)
		snprintf(settings.device_id, sizeof(settings.device_id), "system");
}

void
asalog_configure(const struct config *cfg, bool foreground)
{
	const struct cfg_logging *l = &cfg->logging;

	settings.cfg = l;
	settings.hostname = cfg->hostname != NULL ? cfg->hostname : "ciscoasa";
	device_id_set(cfg);
	/* in the foreground the screen is what was asked for: silent only when told so */
	settings.to_host = l->enable == SETTING_UNSET ? foreground : l->enable == 1;
	settings.host_level = l->to[LOG_CONSOLE].level >= 0 ? l->to[LOG_CONSOLE].level : INFORMATIONAL;
	log_buffer_size(l->buffer_size == SETTING_UNSET ? BUFFER_DEFAULT : (size_t)l->buffer_size);
	log_host_configure(l);
	log_rate_configure(cfg);
}

bool
asalog_allowed(unsigned number, enum asalog_from from)
{
	const struct asa_message *m = asa_message_find(number);

	return m != NULL && m->from == from;
}

struct asalog_counts
asalog_counts(void)
{
	return settings.counts;
}

/* "[no] logging message ID [level L]". False: switched off. */
static bool
severity_of(const struct asa_message *m, unsigned *severity)
{
	*severity = m->severity;
	for (const struct cfg_log_message *o = settings.cfg != NULL ? settings.cfg->messages : NULL; o != NULL; o = o->next) {
		if (o->id != m->number)
			continue;
		if (o->level != SETTING_UNSET)
			*severity = (unsigned)o->level;
		return !o->off;
	}
	return true;
}

static bool
list_holds(const char *list, unsigned number, const char *class, unsigned severity)
{
	for (const struct cfg_log_rule *r = settings.cfg->lists; r != NULL; r = r->next) {
		if (strcmp(r->list, list) != 0)
			continue;
		if (r->level < 0 ? number >= r->first && number <= r->last :
		    severity <= (unsigned)r->level && (r->class == NULL || strcasecmp(r->class, class) == 0))
			return true;
	}
	return false;
}

/* What a class is given counts for its messages, whatever the destination's level. */
static bool
wants(enum log_destination to, unsigned number, unsigned severity)
{
	const char *class = asa_message_class(number);
	const struct cfg_log_filter *f;

	if (settings.cfg == NULL || settings.cfg->enable != 1)
		return false;
	for (const struct cfg_log_class *c = settings.cfg->classes; c != NULL; c = c->next) {
		if (c->destination == to && strcasecmp(c->class, class) == 0)
			return severity <= (unsigned)c->level;
	}
	f = &settings.cfg->to[to];
	if (f->list != NULL)
		return list_holds(f->list, number, class, severity);
	return f->level >= 0 && severity <= (unsigned)f->level;
}

static bool
host_wants(unsigned number, unsigned severity)
{
	if (settings.cfg != NULL && settings.cfg->enable == 1 && settings.cfg->to[LOG_CONSOLE].list != NULL)
		return wants(LOG_CONSOLE, number, severity);
	return settings.to_host && severity <= (unsigned)settings.host_level;
}

/* ---- text ---- */

static const char *
or_empty(const char *s)
{
	return s == NULL ? "" : s;
}

/* The value of $X; tmp has room for addresses. */
static const char *
value_of(char what, const struct conn *c, const struct session *s, const char *const *args, char *tmp, size_t size)
{
	char peer[ADDR_STR], local[ADDR_STR];
	time_t now = time(NULL);
	struct tm tm;

	switch (what) {
	case 'G':
		return s != NULL ? s->group_policy : "DfltGrpPolicy";
	case 'T':
		return s != NULL ? s->tunnel_group : "DefaultWEBVPNGroup";
	case 'U':
		return s != NULL ? s->user : "unknown";
	case 'P':
		if (c == NULL && s == NULL && args[3] != NULL && args[3][0] != '\0')
			return args[3];
		return addr_ip_str(c != NULL ? &c->peer : s != NULL ? &s->public_addr : &(struct addr){ 0 }, tmp);
	case 'R':
		return s != NULL ? s->end_text : "";
	case 'S':
		snprintf(tmp, size, "0x%08x", s != NULL ? s->index << 12 : 0);
		return tmp;
	case 'C':
		if (c == NULL)
			return "";
		snprintf(tmp, size, "%s:%s/%u to %s/%u", c->nameif, addr_ip_str(&c->peer, peer), c->peer.port,
		    addr_ip_str(&c->local, local), c->local.port);
		return tmp;
	case 'D':
		strftime(tmp, size, "%H:%M:%S UTC %b %d %Y", gmtime_r(&now, &tm));
		return tmp;
	case 'H':
		if (settings.cfg == NULL || !settings.cfg->no_hide_username)
			return "*****";
		return args[1] != NULL && args[1][0] != '\0' ? args[1] : "unknown";
	default:
		return what >= '1' && what <= '4' ? or_empty(args[what - '1']) : "";
	}
}

/* What stands before "%ASA-": time stamp and device id. */
static size_t
head_put(char *out, size_t size)
{
	const struct cfg_logging *l = settings.cfg;
	const char *id = settings.device_id;
	time_t now = time(NULL);
	struct tm tm;
	size_t at = 0;

	out[0] = '\0';
	if (l != NULL && l->timestamp)
		at = strftime(out, size, l->timestamp_rfc5424 ? "%Y-%m-%dT%H:%M:%SZ" : "%b %d %Y %H:%M:%S", gmtime_r(&now, &tm));
	if (id[0] != '\0')
		at += (size_t)snprintf(out + at, size - at, "%s%s : ", at > 0 ? " " : "", id);
	else if (at > 0)
		at += (size_t)snprintf(out + at, size - at, ": ");
	return at;
}

static void
body_put(char *line, size_t at, size_t size, const struct asa_message *m, const struct conn *c, const struct session *s,
    const char *const *args)
{
	char tmp[256];

	for (const char *p = m->text; *p != '\0' && at < size - 1; p++) {
		const char *value;
		size_t len;

		if (*p != '$') {
			line[at++] = *p;
			continue;
		}
		value = value_of(*++p, c, s, args, tmp, sizeof(tmp));
		len = strnlen(value, size - 1 - at);
		for (size_t i = 0; i < len; i++)
			line[at++] = (unsigned char)value[i] < ' ' || value[i] == 0x7f ? '?' : value[i];
	}
	line[at] = '\0';
}

bool
asalog_wanted(unsigned number)
{
	const struct asa_message *m = asa_message_find(number);
	unsigned severity;

	if (m == NULL)
		return false;
	if (trace_wants_messages())
		return true;
	return severity_of(m, &severity) && (host_wants(number, severity) || wants(LOG_BUFFERED, number, severity) ||
	                                        (wants(LOG_TRAP, number, severity) && log_host_any()));
}

/* The journal gets what the line says as fields, too. */
static void
host_log(unsigned severity, const struct asa_message *m, const struct conn *c, const struct session *s, const char *line)
{
	char id[16], peer[ADDR_STR], number[16];
	const struct log_field fields[] = {
		{ "ASA_MESSAGE", id },
		{ "ASA_CLASS", asa_message_class(m->number) },
		{ "OFFHOOK_USER", s != NULL ? s->user : NULL },
		{ "OFFHOOK_PEER", c != NULL ? addr_ip_str(&c->peer, peer) : s != NULL ? addr_ip_str(&s->public_addr, peer) : NULL },
		{ "OFFHOOK_TUNNEL_GROUP", s != NULL ? s->tunnel_group : NULL },
		{ "OFFHOOK_GROUP_POLICY", s != NULL ? s->group_policy : NULL },
		{ "OFFHOOK_SESSION", s != NULL ? number : NULL },
		{ NULL, NULL },
	};

	snprintf(id, sizeof(id), "%u", m->number);
	snprintf(number, sizeof(number), "%u", s != NULL ? s->index : 0);
	log_raw((int)severity, line, fields);
}

void
asalog(unsigned number, const struct conn *c, const struct session *s, const char *arg1, const char *arg2,
    const char *arg3, const char *arg4)
{
	const char *const args[] = { arg1, arg2, arg3, arg4 };
	const struct asa_message *m = asa_message_find(number);
	bool host, buffer, trap;
	char line[LINE_BYTES];
	unsigned severity;
	size_t at;

	if (m == NULL)
		return;
	problem_of_message(number, c, s, args);
	if (trace_wants_messages() && number != TRACE_MESSAGE) {
		body_put(line, 0, sizeof(line), m, c, s != NULL || c == NULL ? s : conn_session(c), args);
		trace_message(number, c, s != NULL || c == NULL ? s : conn_session(c), line);
	}
	if (!severity_of(m, &severity) || !log_rate_allows(number, severity))
		return;
	host = host_wants(number, severity);
	buffer = wants(LOG_BUFFERED, number, severity);
	trap = wants(LOG_TRAP, number, severity) && log_host_any();
	if (!host && !buffer && !trap)
		return;
	if (s == NULL && c != NULL)
		s = conn_session(c);
	at = head_put(line, sizeof(line));
	at += (size_t)snprintf(line + at, sizeof(line) - at, "%%ASA-%u-%u: ", severity, m->number);
	body_put(line, at, sizeof(line), m, c, s, args);
	if (host)
		host_log(severity, m, c, s, line);
	if (buffer) {
		settings.counts.buffered++;
		log_buffer_put(line);
	}
	if (trap) {
		int32_t facility = settings.cfg->facility == SETTING_UNSET ? FACILITY_DEFAULT : settings.cfg->facility;

		settings.counts.trap++;
		log_host_send((unsigned)facility * 8 + severity, line);
	}
}
