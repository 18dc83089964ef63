/* SPDX-License-Identifier: GPL-2.0-or-later */
/* debug, no debug, undebug, show debug (asa-reference 2.4); with filters of our own. */
#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>

#include "server/main/cli.h"
#include "server/main/trace.h"

#define LEVEL_DEFAULT 1

/* The words behind "debug", and the kind and part they mean. */
static const struct {
	const char *word;
	enum debug_kind kind;
	bool is_part;
} words[] = {
	{ "webvpn", DEBUG_WEBVPN, false }, { "anyconnect", DEBUG_WEBVPN, true }, { "svc", DEBUG_WEBVPN, true },
	{ "ca", DEBUG_CRYPTO_CA, false }, { "messages", DEBUG_CRYPTO_CA, true }, { "transactions", DEBUG_CRYPTO_CA, true },
	{ "aaa", DEBUG_AAA, false }, { "authentication", DEBUG_AAA, true }, { "authorization", DEBUG_AAA, true },
	{ "accounting", DEBUG_AAA, true }, { "common", DEBUG_AAA, true }, { "dap", DEBUG_DAP, false },
	{ "trace", DEBUG_DAP, true }, { "errors", DEBUG_DAP, true },
};

static const char *
kind_of(const struct cmd_match *m, enum debug_kind *kind)
{
	const char *part = "";

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!cmd_word(m, words[i].word))
			continue;
		*kind = words[i].kind;
		if (words[i].is_part)
			part = words[i].word;
	}
	return strcmp(part, "svc") == 0 ? "anyconnect" : part;
}

/* "68:2c:7b:40:b5:ce", "682c.7b40.b5ce", "SEP682C7B40B5CE": twelve digits of it. False: they are not. */
static bool
mac_read(const char *text, char out[13])
{
	size_t n = 0;

	if (strncasecmp(text, "SEP", 3) == 0)
		text += 3;
	for (; *text != '\0'; text++) {
		if (strchr(":.-", *text) != NULL)
			continue;
		if (!isxdigit((unsigned char)*text) || n == 12)
			return false;
		out[n++] = (char)toupper((unsigned char)*text);
	}
	out[n] = '\0';
	return n == 12;
}

static bool
filter_read(const struct cmd_match *m, struct debug_filter *f, FILE *out)
{
	const char *user = cmd_str(m, "user"), *mac = cmd_str(m, "mac"), *source = cmd_str(m, "source");

	memset(f, 0, sizeof(*f));
	if (user != NULL)
		snprintf(f->user, sizeof(f->user), "%s", user);
	if (mac != NULL && !mac_read(mac, f->mac)) {
		fprintf(out, "ERROR: %s is no MAC address\n", mac);
		return false;
	}
	if (source == NULL)
		return true;
	if (inet_pton(AF_INET, source, f->source.ip) == 1)
		f->source.family = 4;
	else if (inet_pton(AF_INET6, source, f->source.ip) == 1)
		f->source.family = 6;
	else
		fprintf(out, "ERROR: %s is no IP address\n", source);
	return f->source.family != 0;
}

static int
run_undebug(const struct cmd_match *m, void *context)
{
	enum debug_kind kind = DEBUG_WEBVPN;
	const char *part = kind_of(m, &kind);

	(void)context;
	if (cmd_word(m, "all"))
		debug_off_all();
	else
		debug_off(kind, part);
	return 0;
}

static int
run_debug(const struct cmd_match *m, void *context)
{
	FILE *out = out_of(context);
	enum debug_kind kind = DEBUG_WEBVPN;
	const char *part = kind_of(m, &kind);
	long long level = LEVEL_DEFAULT;
	struct debug_filter f;

	if (m->no)
		return run_undebug(m, context);
	cmd_int(m, "level", &level);
	if (!filter_read(m, &f, out))
		return 0;
	if (!debug_on(kind, part, (unsigned)level, &f)) {
		fprintf(out, "ERROR: too many debugs: undebug all\n");
		return 0;
	}
	fprintf(out, "INFO: ");
	for (int i = 0; i < m->argc && m->args[i].keyword; i++) {
		if (strcmp(m->args[i].label, "user") == 0 || strcmp(m->args[i].label, "mac") == 0 || strcmp(m->args[i].label, "source") == 0)
			break;
		fprintf(out, "%s ", m->args[i].label);
	}
	fprintf(out, "enabled at level %lld.\n", level);
	return 0;
}

static int
run_show_debug(const struct cmd_match *m, void *context)
{
	(void)m;
	debug_list(out_of(context));
	return 0;
}

#define FILTER   "[<level:1-255>] [user <user:word>] [mac <mac:word>] [source <source:host>]"
#define SUBJECTS "{webvpn [anyconnect | svc] | crypto ca [messages | transactions] | " \
	"aaa [authentication | authorization | accounting | common] | dap [trace | errors]}"

static const struct command rows[] = {
	{ .syntax = "debug " SUBJECTS " " FILTER, .help = "Tell what happens; (offhook) of one user, phone or source",
	    .flags = CMD_NO, .run = run_debug },
	{ .syntax = "debug all", .help = "Stop telling", .flags = CMD_ONLY_NO, .run = run_undebug },
	{ .syntax = "undebug {all | " SUBJECTS "} [<level:1-255>]", .help = "Stop telling", .run = run_undebug },
	{ .syntax = "show debug", .help = "What is being told", .run = run_show_debug },
};

struct command_table exec_debug_table = COMMAND_TABLE("exec-debug", rows);
