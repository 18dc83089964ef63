/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lab: extensions for those who test clients (doc/lab.md); only with lab = true in the host file. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "server/main/cli.h"
#include "server/main/daemon.h"
#include "server/main/identity.h"
#include "server/main/lab.h"
#include "server/main/session.h"
#include "server/main/session_table.h"
#include "server/main/trace.h"

static bool
is_lab(FILE *out)
{
	if (!daemon_.host.lab)
		fprintf(out, "ERROR: this is no lab: set lab = true in the host file (offhookd.conf) and start again\n");
	return daemon_.host.lab;
}

/* Whom it is about: "user U", the user of "index N", "" for "next". False: said. */
static bool
user_of(const struct cmd_match *m, char user[129], FILE *out)
{
	const char *name = cmd_str(m, "user"), *index = cmd_str(m, "index");
	const struct session *s = session_first();

	user[0] = '\0';
	if (name != NULL)
		snprintf(user, 129, "%s", name);
	if (index == NULL)
		return true;
	while (s != NULL && s->index != (uint32_t)strtoul(index, NULL, 10))
		s = s->next;
	if (s == NULL)
		fprintf(out, "ERROR: there is no session with index %s\n", index);
	else
		snprintf(user, 129, "%s", s->user);
	return s != NULL;
}

static const struct {
	const char *word;
	enum lab_kind kind;
} kinds[] = {
	{ "redirect", LAB_REDIRECT }, { "silence", LAB_SILENCE }, { "half", LAB_HALF }, { "no-dtls", LAB_NO_DTLS },
	{ "dtls-suite", LAB_DTLS_SUITE }, { "dtls-session-id", LAB_DTLS_ID }, { "no-dpd", LAB_NO_DPD }, { "drop", LAB_DROP },
	{ "duplicate", LAB_DUPLICATE }, { "reorder", LAB_REORDER }, { "delay", LAB_DELAY }, { "rekey", LAB_REKEY },
	{ "401", LAB_STATUS }, { "403", LAB_STATUS }, { "503", LAB_STATUS },
};

static void
rule_read(const struct cmd_match *m, struct lab_rule *r)
{
	long long n;
	const char *text;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!cmd_word(m, kinds[i].word))
			continue;
		r->kind = kinds[i].kind;
		if (r->kind == LAB_STATUS)
			r->value = (unsigned)strtoul(kinds[i].word, NULL, 10);
	}
	r->when = cmd_word(m, "login-answer") ? LAB_AT_LOGIN : cmd_word(m, "connect-answer") || r->kind == LAB_NO_DTLS ||
	    r->kind == LAB_DTLS_SUITE || r->kind == LAB_DTLS_ID ? LAB_AT_CONNECT : LAB_IN_TUNNEL;
	if (r->kind == LAB_DROP)
		r->value = 100;
	if (cmd_int(m, "percent", &n) || cmd_int(m, "ms", &n))
		r->value = (unsigned)n;
	if (cmd_int(m, "for", &n))
		r->seconds = (unsigned)n;
	r->channel = cmd_word(m, "cstp") ? 1 : cmd_word(m, "dtls") ? 2 : cmd_word(m, "both") ? 3 : 0;
	if ((text = cmd_str(m, "reason")) != NULL || (text = cmd_str(m, "url")) != NULL || (text = cmd_str(m, "suite")) != NULL)
		snprintf(r->text, sizeof(r->text), "%s", text);
}

static int
run_rule(const struct cmd_match *m, void *context)
{
	FILE *out = out_of(context);
	struct lab_rule r = { .user = "" };

	if (!is_lab(out) || !user_of(m, r.user, out))
		return 0;
	rule_read(m, &r);
	if (!lab_add(&r))
		fprintf(out, "ERROR: too many rules: no lab all\n");
	return 0;
}

static int
run_trustpoint(const struct cmd_match *m, void *context)
{
	const char *name = cmd_str(m, "trustpoint");
	FILE *out = out_of(context);

	if (!is_lab(out))
		return 0;
	if (main_identity_find(name) == NULL)
		fprintf(out, "ERROR: trustpoint %s has no certificate\n", name);
	else
		lab_trustpoint_next(name);
	return 0;
}

static const struct {
	const char *word;
	enum end_reason reason;
} ends[] = {
	{ "admin-reset", END_ADMIN_RESET }, { "idle-timeout", END_IDLE_TIMEOUT }, { "max-time", END_MAX_TIME },
	{ "preempted", END_PREEMPTED }, { "admin-shutdown", END_ADMIN_SHUTDOWN },
};

/* To each session of the user: end it, or forget its cookie. */
static int
run_session(const struct cmd_match *m, void *context)
{
	FILE *out = out_of(context);
	struct session *next;
	char user[129];
	unsigned n = 0;

	if (!is_lab(out) || !user_of(m, user, out))
		return 0;
	for (struct session *s = session_first(); s != NULL; s = next) {
		next = s->next;
		if (strcmp(s->user, user) != 0)
			continue;
		n++;
		if (cmd_word(m, "forget-cookie")) {
			session_unlink(s);
			(void)!getrandom(s->cookie_hash, sizeof(s->cookie_hash), 0);
			session_link(s);
			continue;
		}
		for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
			if (cmd_word(m, ends[i].word)) {
				session_finish(s, ends[i].reason);
				break;
			}
		}
	}
	if (n == 0)
		fprintf(out, "ERROR: user %s has no session\n", user);
	return 0;
}

static int
run_transcript(const struct cmd_match *m, void *context)
{
	const char *user = cmd_str(m, "user"), *path = cmd_str(m, "file");
	FILE *out = out_of(context);

	if (!is_lab(out))
		return 0;
	if (m->no) {
		if (!transcript_stop(user))
			fprintf(out, "ERROR: there is no transcript\n");
	} else if (transcript_start(user, path) != 0) {
		fprintf(out, "ERROR: %s: %s\n", path, errno != 0 ? strerror(errno) : "too many transcripts");
	}
	return 0;
}

static int
run_show(const struct cmd_match *m, void *context)
{
	(void)m;
	lab_list(out_of(context));
	transcript_list(out_of(context));
	return 0;
}

static int
run_clear(const struct cmd_match *m, void *context)
{
	(void)m, (void)context;
	lab_clear();
	transcript_stop(NULL);
	return 0;
}

#define WHO    "{user <user:word> | index <index:1-65535> | next}"
#define ANSWER "{401 [<reason:line>] | 403 [<reason:line>] | 503 [<reason:line>] | redirect <url:line> | silence | half}"

static const struct command rows[] = {
	{ .syntax = "lab " WHO " {login-answer | connect-answer} " ANSWER, .help = "(lab) Answer once like this", .run = run_rule },
	{ .syntax = "lab " WHO " {no-dtls | dtls-suite <suite:word> | dtls-session-id wrong | no-dpd}",
	    .help = "(lab) From the next CONNECT on", .run = run_rule },
	{ .syntax = "lab " WHO " {drop [<percent:1-100>] | duplicate | reorder | delay <ms:1-10000>} {cstp | dtls | both} "
	            "for <for:1-86400>", .help = "(lab) Spoil the tunnel for some seconds", .run = run_rule },
	{ .syntax = "lab {user <user:word> | index <index:1-65535>} rekey", .help = "(lab) Have the client open a new tunnel", .run = run_rule },
	{ .syntax = "lab {user <user:word> | index <index:1-65535>} {end {admin-reset | idle-timeout | max-time | preempted | "
	            "admin-shutdown} | forget-cookie}", .help = "(lab) End the session, or make its cookie unknown", .run = run_session },
	{ .syntax = "lab next trustpoint <trustpoint:name>", .help = "(lab) Serve this certificate to the next connection",
	    .run = run_trustpoint },
	{ .syntax = "lab transcript <user:word> <file:word>", .help = "(lab) Write all that a user's clients do, as JSON lines",
	    .run = run_transcript },
	{ .syntax = "lab transcript [<user:word>]", .help = "(lab) End the transcript", .flags = CMD_ONLY_NO, .run = run_transcript },
	{ .syntax = "lab all", .help = "(lab) Forget all rules and transcripts", .flags = CMD_ONLY_NO, .run = run_clear },
	{ .syntax = "show lab", .help = "(lab) Rules that wait or act", .run = run_show },
};

struct command_table exec_lab_table = COMMAND_TABLE("exec-lab", rows);
