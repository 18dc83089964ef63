/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/main/lab.h"

#include <string.h>

#include "server/main/conn.h"
#include "server/main/daemon.h"
#include "server/main/session.h"

#define RULES_MAX 64

static struct lab_rule rules[RULES_MAX];
static unsigned count;
static char trustpoint[129];

static const char *const kind_names[LAB_KINDS] = {
	[LAB_STATUS] = "status", [LAB_REDIRECT] = "redirect", [LAB_SILENCE] = "silence", [LAB_HALF] = "half",
	[LAB_NO_DTLS] = "no-dtls", [LAB_DTLS_SUITE] = "dtls-suite", [LAB_DTLS_ID] = "dtls-session-id wrong", [LAB_NO_DPD] = "no-dpd",
	[LAB_DROP] = "drop", [LAB_DUPLICATE] = "duplicate", [LAB_REORDER] = "reorder", [LAB_DELAY] = "delay", [LAB_REKEY] = "rekey",
};

static bool
is_over(const struct lab_rule *r)
{
	return r->until > 0 && ev_now(daemon_.loop) >= r->until;
}

static void
rule_remove(unsigned i)
{
	memmove(&rules[i], &rules[i + 1], (count - i - 1) * sizeof(rules[0]));
	count--;
}

static void
expire(void)
{
	for (unsigned i = 0; i < count;) {
		if (is_over(&rules[i]))
			rule_remove(i);
		else
			i++;
	}
}

static void
rule_send(struct conn *c, const struct lab_rule *r)
{
	struct ipc_lab m = { .kind = (uint8_t)r->kind, .channel = (uint8_t)r->channel, .value = r->value, .text = r->text };

	if (r->until > 0)
		m.seconds = (uint32_t)(r->until - ev_now(daemon_.loop)) + 1;
	ipc_send(&c->chan, MSG_lab, &m);
}

static void
tunnels_tell(const struct lab_rule *r)
{
	for (struct session *s = session_first(); s != NULL; s = s->next) {
		if (s->conn != NULL && strcmp(s->user, r->user) == 0)
			rule_send(s->conn, r);
	}
}

bool
lab_add(const struct lab_rule *r)
{
	struct lab_rule *own;

	expire();
	if (r->kind == LAB_REKEY) {
		tunnels_tell(r);
		return true;
	}
	if (count == RULES_MAX)
		return false;
	own = &rules[count++];
	*own = *r;
	own->until = r->seconds > 0 ? ev_now(daemon_.loop) + r->seconds : 0;
	if (r->when == LAB_IN_TUNNEL && r->user[0] != '\0')
		tunnels_tell(own);
	return true;
}

void
lab_clear(void)
{
	for (unsigned i = 0; i < count; i++) {
		struct lab_rule off = rules[i];

		off.value = UINT32_MAX; /* which takes it back */
		if (off.when == LAB_IN_TUNNEL)
			tunnels_tell(&off);
	}
	count = 0;
	trustpoint[0] = '\0';
}

void
lab_list(FILE *f)
{
	static const char *const whens[] = { "login-answer ", "connect-answer ", "" };
	static const char *const channels[] = { "", " cstp", " dtls", " cstp and dtls" };

	expire();
	for (unsigned i = 0; i < count; i++) {
		const struct lab_rule *r = &rules[i];

		fprintf(f, "%s%s %s%s%s", r->user[0] != '\0' ? "user " : "", r->user[0] != '\0' ? r->user : "next", whens[r->when],
		    kind_names[r->kind], channels[r->channel & 3]);
		if (r->kind == LAB_STATUS || r->kind == LAB_DROP || r->kind == LAB_DELAY)
			fprintf(f, " %u", r->value);
		if (r->text[0] != '\0')
			fprintf(f, " %s", r->text);
		if (r->until > 0)
			fprintf(f, ", %.0f s left", r->until - ev_now(daemon_.loop));
		fputc('\n', f);
	}
	if (trustpoint[0] != '\0')
		fprintf(f, "next trustpoint %s\n", trustpoint);
}

void
lab_trustpoint_next(const char *name)
{
	snprintf(trustpoint, sizeof(trustpoint), "%s", name);
}

const char *
lab_trustpoint_take(void)
{
	static char taken[sizeof(trustpoint)];

	strcpy(taken, trustpoint);
	trustpoint[0] = '\0';
	return taken;
}

/* Rules of one answer are used up by it, and what the next client is to get by that client; the others stay. */
static void
due_send(struct conn *c, const struct session *s, enum lab_when first, enum lab_when last)
{
	expire();
	for (unsigned i = 0; i < count;) {
		const struct lab_rule *r = &rules[i];
		bool fits = r->when >= first && r->when <= last && (r->user[0] == '\0' || strcmp(r->user, s->user) == 0);

		if (fits)
			rule_send(c, r);
		if (fits && (r->when == LAB_AT_LOGIN || (r->when == LAB_AT_CONNECT && r->kind <= LAB_HALF) || r->user[0] == '\0'))
			rule_remove(i);
		else
			i++;
	}
}

void
lab_login(struct conn *c, const struct session *s)
{
	if (count > 0)
		due_send(c, s, LAB_AT_LOGIN, LAB_AT_LOGIN);
}

void
lab_connect(struct conn *c, const struct session *s)
{
	if (count > 0)
		due_send(c, s, LAB_AT_CONNECT, LAB_IN_TUNNEL);
}
