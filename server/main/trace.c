/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/main/trace.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "common/err.h"
#include "common/log.h"
#include "common/mem.h"
#include "server/main/asalog.h"
#include "server/main/conn.h"
#include "server/main/daemon.h"
#include "server/main/session.h"
#include "server/show/format.h"
#include "server/show/json.h"

#define DEBUGS_MAX      16
#define TRANSCRIPTS_MAX 16
#define PENDING_MAX     64  /* events of a connection before its user is known */
#define LINE_MAX_       300 /* of a debug line; heads are cut into their lines before */

struct debug {
	bool on;
	enum debug_kind kind;
	char part[24];
	unsigned level;
	struct debug_filter filter;
};

struct transcript {
	char user[129];
	FILE *f;
	double since;
};

struct trace_line { /* kept until it is known whose it is */
	struct trace_line *next;
	double at;
	unsigned level;
	char what[33];
	char text[];
};

static struct debug debugs[DEBUGS_MAX];
static struct transcript transcripts[TRANSCRIPTS_MAX];

static const char *const kind_names[DEBUG_KINDS] = { "webvpn", "crypto ca", "aaa", "dap" };

/* ---- settings ---- */

static bool
is_unfiltered(const struct debug_filter *f)
{
	return f->user[0] == '\0' && f->mac[0] == '\0' && f->source.family == 0;
}

bool
debug_on(enum debug_kind kind, const char *part, unsigned level, const struct debug_filter *f)
{
	struct debug *spare = NULL;

	for (size_t i = 0; i < DEBUGS_MAX; i++) {
		struct debug *d = &debugs[i];

		if (d->on && d->kind == kind && strcmp(d->part, part) == 0 && memcmp(&d->filter, f, sizeof(*f)) == 0) {
			spare = d;
			break;
		}
		if (!d->on && spare == NULL)
			spare = d;
	}
	if (spare == NULL)
		return false;
	*spare = (struct debug){ .on = true, .kind = kind, .level = level, .filter = *f };
	snprintf(spare->part, sizeof(spare->part), "%s", part);
	conns_trace();
	return true;
}

void
debug_off(enum debug_kind kind, const char *part)
{
	for (size_t i = 0; i < DEBUGS_MAX; i++) {
		if (debugs[i].kind == kind && (part[0] == '\0' || strcmp(debugs[i].part, part) == 0))
			debugs[i].on = false;
	}
	conns_trace();
}

void
debug_off_all(void)
{
	for (size_t i = 0; i < DEBUGS_MAX; i++)
		debugs[i].on = false;
	conns_trace();
}

void
debug_list(FILE *f)
{
	for (size_t i = 0; i < DEBUGS_MAX; i++) {
		const struct debug *d = &debugs[i];
		char ip[ADDR_STR];

		if (!d->on)
			continue;
		fprintf(f, "debug %s%s%s enabled at level %u", kind_names[d->kind], d->part[0] != '\0' ? " " : "", d->part, d->level);
		if (d->filter.user[0] != '\0')
			fprintf(f, " (user %s)", d->filter.user);
		if (d->filter.mac[0] != '\0')
			fprintf(f, " (mac %s)", d->filter.mac);
		if (d->filter.source.family != 0)
			fprintf(f, " (source %s)", addr_ip_str(&d->filter.source, ip));
		fputc('\n', f);
	}
}

static bool
names_mac(const char *user, const char *mac)
{
	for (; *user != '\0'; user++) {
		if (strncasecmp(user, mac, 12) == 0)
			return true;
	}
	return false;
}

/* user NULL: not known. */
static bool
fits(const struct debug_filter *f, const char *user, const struct addr *source)
{
	if (f->source.family != 0 && (source == NULL || !addr_same_ip(&f->source, source)))
		return false;
	if (f->user[0] != '\0' && (user == NULL || strcmp(f->user, user) != 0))
		return false;
	return f->mac[0] == '\0' || (user != NULL && names_mac(user, f->mac));
}

unsigned
trace_level(const struct addr *source)
{
	unsigned level = 0;

	for (size_t i = 0; i < DEBUGS_MAX; i++) {
		const struct debug *d = &debugs[i];

		if (d->on && d->kind == DEBUG_WEBVPN && d->level > level &&
		    (d->filter.source.family == 0 || addr_same_ip(&d->filter.source, source)))
			level = d->level;
	}
	for (size_t i = 0; i < TRANSCRIPTS_MAX; i++) {
		if (transcripts[i].f != NULL)
			level = 255;
	}
	return level;
}

/* ---- debug lines ---- */

static void
debug_write(const char *line)
{
	const struct cfg_logging *l = &daemon_.config->logging;

	if (l->enable == 1 && l->debug_trace)
		asalog(711001, NULL, NULL, line, NULL, NULL, NULL);
	else
		log_info("%s", line);
}

/* "webvpn 172.16.1.10/51234: what: a=b, c=d"; each line of a head is one of its own. */
static void
event_debug(const struct conn *c, const char *what, const char *text)
{
	char line[LINE_MAX_], start[80], ip[ADDR_STR];
	size_t at, head;

	snprintf(start, sizeof(start), "webvpn %s/%u: %s", addr_ip_str(&c->peer, ip), c->peer.port, what);
	at = head = (size_t)snprintf(line, sizeof(line), "%s", start);
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");

		if (*text == '\t') {
			char own[LINE_MAX_];

			snprintf(own, sizeof(own), "%s: %.*s", start, (int)(len - 1 < 200 ? len - 1 : 200), text + 1);
			debug_write(own);
		} else if (at < sizeof(line)) {
			at += (size_t)snprintf(line + at, sizeof(line) - at, "%s%.*s", at == head ? ": " : ", ", (int)len, text);
		}
		text += len;
		text += *text == '\n';
	}
	if (at > head || strcmp(what, "request") != 0)
		debug_write(line);
}

/* Is one of the debugs for this event? */
static bool
event_is_wanted(const char *user, const struct addr *source, unsigned level, bool *maybe)
{
	bool wanted = false;

	for (size_t i = 0; i < DEBUGS_MAX; i++) {
		const struct debug *d = &debugs[i];

		if (!d->on || d->kind != DEBUG_WEBVPN || d->level < level)
			continue;
		wanted = wanted || fits(&d->filter, user, source);
		if (user == NULL && !is_unfiltered(&d->filter))
			*maybe = true; /* once we know who it is */
	}
	return wanted;
}

/* ---- transcripts ---- */

int
transcript_start(const char *user, const char *path)
{
	struct transcript *t = NULL;
	int fd;

	transcript_stop(user);
	for (size_t i = 0; i < TRANSCRIPTS_MAX && t == NULL; i++) {
		if (transcripts[i].f == NULL)
			t = &transcripts[i];
	}
	if (t == NULL)
		return ERR_LONG;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || (t->f = fdopen(fd, "w")) == NULL)
		return ERR_SYSTEM;
	setvbuf(t->f, NULL, _IOLBF, 0);
	snprintf(t->user, sizeof(t->user), "%s", user);
	t->since = ev_now(daemon_.loop);
	conns_trace();
	return 0;
}

bool
transcript_stop(const char *user)
{
	bool any = false;

	for (size_t i = 0; i < TRANSCRIPTS_MAX; i++) {
		struct transcript *t = &transcripts[i];

		if (t->f == NULL || (user != NULL && strcmp(t->user, user) != 0))
			continue;
		fclose(t->f);
		t->f = NULL;
		any = true;
	}
	conns_trace();
	return any;
}

void
transcript_list(FILE *f)
{
	for (size_t i = 0; i < TRANSCRIPTS_MAX; i++) {
		if (transcripts[i].f != NULL)
			fprintf(f, "transcript of user %s\n", transcripts[i].user);
	}
}

static void
text_json(struct json *j, const char *text)
{
	bool head = false;

	for (const char *p = text; *p != '\0'; p += strcspn(p, "\n"), p += *p == '\n') {
		char line[1200], *value;

		snprintf(line, sizeof(line), "%.*s", (int)strcspn(p, "\n"), p);
		if (line[0] == '\t') {
			if (!head)
				json_array(j, "head");
			head = true;
			json_str(j, NULL, line + 1);
			continue;
		}
		if (head) {
			json_end_array(j);
			head = false;
		}
		if ((value = strchr(line, '=')) != NULL) {
			*value++ = '\0';
			json_str(j, line, value);
		}
	}
	if (head)
		json_end_array(j);
}

static void
event_transcribe(const struct conn *c, const char *user, double at, const char *what, const char *text)
{
	for (size_t i = 0; i < TRANSCRIPTS_MAX; i++) {
		struct transcript *t = &transcripts[i];
		struct json j = { .f = t->f };
		char ip[ADDR_STR];

		if (t->f == NULL || strcmp(t->user, user) != 0)
			continue;
		json_object(&j, NULL);
		json_int(&j, "t_ms", (int64_t)((at - t->since) * 1000));
		json_str(&j, "event", what);
		json_str(&j, "source", addr_ip_str(&c->peer, ip));
		json_int(&j, "port", c->peer.port);
		text_json(&j, text);
		json_end_object(&j);
		fputc('\n', t->f);
	}
}

/* ---- events ---- */

static void
event_give(struct conn *c, double at, unsigned level, const char *what, const char *text)
{
	const struct session *s = conn_session(c);
	const char *user = s != NULL ? s->user : NULL;
	bool maybe = false;

	if (event_is_wanted(user, &c->peer, level, &maybe))
		event_debug(c, what, text);
	if (user != NULL)
		event_transcribe(c, user, at, what, text);
}

static void
event_keep(struct conn *c, const struct ipc_worker_trace *m)
{
	struct trace_line *l, **at = &c->traced;
	unsigned n = 0;

	for (; *at != NULL; at = &(*at)->next)
		n++;
	if (n >= PENDING_MAX)
		return;
	l = xcalloc(1, sizeof(*l) + strlen(m->text) + 1);
	l->at = ev_now(daemon_.loop);
	l->level = m->level;
	snprintf(l->what, sizeof(l->what), "%s", m->what);
	strcpy(l->text, m->text);
	*at = l;
}

static bool
is_transcribed(void)
{
	for (size_t i = 0; i < TRANSCRIPTS_MAX; i++) {
		if (transcripts[i].f != NULL)
			return true;
	}
	return false;
}

void
trace_take(struct conn *c, const struct ipc_worker_trace *m)
{
	bool maybe = is_transcribed();

	if (conn_session(c) != NULL) {
		event_give(c, ev_now(daemon_.loop), m->level, m->what, m->text);
		return;
	}
	if (event_is_wanted(NULL, &c->peer, m->level, &maybe))
		event_debug(c, m->what, m->text);
	if (maybe)
		event_keep(c, m);
}

/* Those that were told already, to a debug without a user, are not told again. */
void
trace_known(struct conn *c)
{
	const struct session *s = conn_session(c);
	struct trace_line *l;

	while ((l = c->traced) != NULL) {
		bool maybe = false, told = event_is_wanted(NULL, &c->peer, l->level, &maybe);

		c->traced = l->next;
		if (!told && s != NULL && event_is_wanted(s->user, &c->peer, l->level, &maybe))
			event_debug(c, l->what, l->text);
		if (s != NULL)
			event_transcribe(c, s->user, l->at, l->what, l->text);
		free(l);
	}
}

void
trace_over(struct conn *c)
{
	struct trace_line *l;

	while ((l = c->traced) != NULL) {
		c->traced = l->next;
		free(l);
	}
}

/* ---- crypto ca and aaa: messages of the catalogue, whatever their destinations ---- */

bool
trace_wants_messages(void)
{
	for (size_t i = 0; i < DEBUGS_MAX; i++) {
		if (debugs[i].on && debugs[i].kind != DEBUG_WEBVPN)
			return true;
	}
	return false;
}

static bool
is_of_kind(enum debug_kind kind, unsigned number)
{
	switch (kind) {
	case DEBUG_CRYPTO_CA:
		return number / 1000 == 717;
	case DEBUG_AAA:
		return number / 1000 == 113 || number / 1000 == 109;
	case DEBUG_DAP:
		return number / 1000 == 734;
	default:
		return false;
	}
}

void
trace_message(unsigned number, const struct conn *c, const struct session *s, const char *text)
{
	const struct addr *source = c != NULL ? &c->peer : s != NULL ? &s->public_addr : NULL;

	for (size_t i = 0; i < DEBUGS_MAX; i++) {
		const struct debug *d = &debugs[i];
		char line[1200];

		if (!d->on || !is_of_kind(d->kind, number) || !fits(&d->filter, s != NULL ? s->user : NULL, source))
			continue;
		snprintf(line, sizeof(line), "%s: %s", d->kind == DEBUG_CRYPTO_CA ? "CRYPTO_PKI" : d->kind == DEBUG_AAA ? "AAA" : "DAP_TRACE",
		    text);
		debug_write(line);
		return;
	}
}
