/* SPDX-License-Identifier: GPL-2.0-or-later */
/* show vpn-sessiondb, vpn-sessiondb logoff, clear vpn-sessiondb (asa-reference 2.3, 2.4). */
#include <stdio.h>
#include <string.h>

#include "server/main/cli.h"
#include "server/main/problem.h"
#include "server/main/session.h"
#include "server/main/wait.h"
#include "server/show/session_list.h"
#include "server/show/show.h"

/* A keyword and the filter it means; its value is the argument of this label. */
struct selector {
	const char *word;
	enum session_filter filter;
	const char *label;
	const char *text; /* of logoff's answer: "with name \"%s\"" */
};

static const struct selector filters[] = {
	{ "name", FILTER_NAME, "user", "with name" },
	{ "a-ipaddress", FILTER_ASSIGNED_IP, "aip", NULL },
	{ "p-ipaddress", FILTER_PUBLIC_IP, "pip", NULL },
	{ "p-ip-address", FILTER_PUBLIC_IP, "pip2", NULL },
	{ "ipaddress", FILTER_IP, "ip", "with IP address" },
	{ "a-ipversion", FILTER_ASSIGNED_VERSION, NULL, NULL },
	{ "p-ipversion", FILTER_PUBLIC_VERSION, NULL, NULL },
	{ "tunnel-group", FILTER_TUNNEL_GROUP, "group", "from tunnel group" },
	{ "protocol", FILTER_PROTOCOL, "protocol", "with protocol" },
	{ "encryption", FILTER_ENCRYPTION, "encryption", NULL },
	{ "inactive", FILTER_INACTIVE, NULL, NULL },
	{ "index", FILTER_INDEX, "index", "with index" },
};

static const struct {
	const char *word;
	enum session_sort sort;
} sorts[] = {
	{ "name", SORT_NAME }, { "a-ipaddress", SORT_ASSIGNED_IP }, { "p-ipaddress", SORT_PUBLIC_IP },
	{ "p-ip-address", SORT_PUBLIC_IP }, { "tunnel-group", SORT_TUNNEL_GROUP }, { "inactivity", SORT_INACTIVITY },
	{ "protocol", SORT_PROTOCOL }, { "encryption", SORT_ENCRYPTION },
};

/* Types of sessions that are never here. */
static const char *const other_types[] = {
	"webvpn", "l2l", "ra-ikev1-ipsec", "ra-ikev2-ipsec", "remote", "email-proxy", "vpn-lb", "failover", "ospfv3",
};

#define WAIT_DEFAULT_S 60

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static bool
is_other_type(const struct cmd_match *m)
{
	for (size_t i = 0; i < COUNT(other_types); i++) {
		if (cmd_word(m, other_types[i]))
			return true;
	}
	return false;
}

/* The first keyword at or behind `from` that is a selector. */
static const struct selector *
selector_find(const struct cmd_match *m, int from)
{
	for (int i = from; i < m->argc; i++) {
		for (size_t k = 0; m->args[i].keyword && k < COUNT(filters); k++) {
			if (strcmp(filters[k].word, m->args[i].label) == 0)
				return &filters[k];
		}
	}
	return NULL;
}

static void
query_filter(struct session_query *q, const struct cmd_match *m, const struct selector *s)
{
	const char *value = s->label != NULL ? cmd_str(m, s->label) : cmd_word(m, "v6") ? "v6" : "v4";

	q->filter = s->filter;
	snprintf(q->value, sizeof(q->value), "%s", value != NULL ? value : "");
}

static int
keyword_at(const struct cmd_match *m, const char *word)
{
	for (int i = 0; i < m->argc; i++) {
		if (m->args[i].keyword && strcmp(m->args[i].label, word) == 0)
			return i;
	}
	return -1;
}

static void
query_sort(struct session_query *q, const struct cmd_match *m)
{
	int at = keyword_at(m, "sort");

	for (size_t i = 0; at >= 0 && at + 1 < m->argc && i < COUNT(sorts); i++) {
		if (strcmp(sorts[i].word, m->args[at + 1].label) == 0)
			q->sort = sorts[i].sort;
	}
}

/* ---- show ---- */

static bool
list_more(struct cli *c, FILE *out)
{
	return session_list_write(c->more_state, out);
}

/* What does not fit is written as the reader takes it. */
static int
list_run(const struct session_query *q, void *context)
{
	struct session_list *list = session_list_new(q);

	if (session_list_write(list, out_of(context)))
		cli_continue(((struct cli_call *)context)->cli, list_more, list, session_list_free);
	else
		session_list_free(list);
	return 0;
}

static int
run_show_list(const struct cmd_match *m, void *context)
{
	struct session_query q = { .detail = cmd_word(m, "detail"), .full = cmd_word(m, "full"), .json = json_of(context) };
	int at = keyword_at(m, "filter");
	const struct selector *s;

	if (cmd_str(m, "index") != NULL) {
		q.filter = FILTER_INDEX;
		q.detail = true;
		snprintf(q.value, sizeof(q.value), "%s", cmd_str(m, "index"));
	} else if (at >= 0 && (s = selector_find(m, at)) != NULL) {
		query_filter(&q, m, s);
	}
	query_sort(&q, m);
	if (is_other_type(m)) { /* nobody has that index */
		q.filter = FILTER_INDEX;
		strcpy(q.value, "0");
	}
	return list_run(&q, context);
}

static int
run_show_inactive(const struct cmd_match *m, void *context)
{
	struct session_query q = { .filter = FILTER_INACTIVE, .json = json_of(context) };

	(void)m;
	return list_run(&q, context);
}

static int
run_show_phones(const struct cmd_match *m, void *context)
{
	struct session_query q = { .phones = true, .json = json_of(context) };
	const char *user = cmd_str(m, "user");

	if (user != NULL) {
		q.filter = FILTER_NAME;
		snprintf(q.value, sizeof(q.value), "%s", user);
	}
	return list_run(&q, context);
}

static int
run_show_problems(const struct cmd_match *m, void *context)
{
	(void)m;
	show_vpn_phone_problems(out_of(context), json_of(context));
	return 0;
}

static int
run_clear_problems(const struct cmd_match *m, void *context)
{
	(void)m, (void)context;
	problems_clear();
	return 0;
}

static int
run_show_summary(const struct cmd_match *m, void *context)
{
	(void)m;
	show_sessiondb_summary(out_of(context), json_of(context));
	return 0;
}

static int
run_show_ratio(const struct cmd_match *m, void *context)
{
	show_sessiondb_ratio(cmd_word(m, "protocol"), cmd_str(m, "group"), out_of(context), json_of(context));
	return 0;
}

static int
run_show_license(const struct cmd_match *m, void *context)
{
	(void)m;
	show_sessiondb_license(out_of(context), json_of(context));
	return 0;
}

/* ---- logoff ---- */

static void
logoff_now(struct cli *c, FILE *out)
{
	const struct session_query *q = &c->logoff;
	struct session *next;
	unsigned n = 0;

	for (struct session *s = session_first(); s != NULL && !c->logoff_nobody; s = next) {
		next = s->next;
		if (!session_query_fits(q, s))
			continue;
		n += s->state != SESSION_PENDING; /* a login that has had no tunnel is no session to the operator */
		session_finish(s, END_ADMIN_RESET);
	}
	for (size_t i = 0; i < COUNT(filters); i++) {
		if (filters[i].filter == q->filter && filters[i].text != NULL) {
			fprintf(out, "INFO: Number of sessions %s \"%s\" logged off : %u\n", filters[i].text, q->value, n);
			return;
		}
	}
	fprintf(out, "INFO: Number of sessions of type \"\" logged off : %u\n", n);
}

static void
logoff_answer(struct cli *c, const char *line, FILE *out)
{
	/* Enter confirms, as does yes; anything else does not */
	if (line[0] == '\0' || cli_is_yes(line))
		logoff_now(c, out);
}

static int
run_logoff(const struct cmd_match *m, void *context)
{
	struct cli *c = ((struct cli_call *)context)->cli;
	const struct selector *s = selector_find(m, 2);

	memset(&c->logoff, 0, sizeof(c->logoff));
	if (s != NULL)
		query_filter(&c->logoff, m, s);
	c->logoff_nobody = is_other_type(m);
	if (cmd_word(m, "noconfirm"))
		logoff_now(c, out_of(context));
	else
		cli_ask(c, "Do you want to logoff the VPN session(s)? [confirm]", logoff_answer);
	return 0;
}

static int
run_clear_statistics(const struct cmd_match *m, void *context)
{
	(void)context;
	if (!is_other_type(m))
		session_totals_clear();
	return 0;
}

static int
run_wait(const struct cmd_match *m, void *context)
{
	long long count = 1, timeout_s = WAIT_DEFAULT_S;
	int event = 0;

	while (event < WAIT_EVENTS - 1 && strcmp(m->args[1].label, wait_event_names[event]) != 0)
		event++;
	cmd_int(m, "count", &count);
	cmd_int(m, "timeout", &timeout_s);
	wait_start(((struct cli_call *)context)->cli, (enum wait_event)event, cmd_str(m, "user"), (unsigned)count, (double)timeout_s);
	return 0;
}

#define TYPES   "anyconnect | svc | webvpn | l2l | ra-ikev1-ipsec | ra-ikev2-ipsec | remote | email-proxy | vpn-lb | failover | ospfv3"
#define FILTERS "name <user:word> | a-ipaddress <aip:host> | p-ipaddress <pip:host> | ipaddress <ip:host> | " \
	"a-ipversion {v4 | v6} | p-ipversion {v4 | v6} | tunnel-group <group:name> | protocol <protocol:word> | " \
	"encryption <encryption:word> | inactive"
#define SORTS   "name | a-ipaddress | p-ipaddress | p-ip-address | tunnel-group | inactivity | protocol | encryption"

static const struct command rows[] = {
	{ .syntax = "show vpn-sessiondb [detail] [full] {" TYPES "} [filter {" FILTERS "}] [sort {" SORTS "}]",
	    .help = "VPN sessions of a type", .run = run_show_list },
	{ .syntax = "show vpn-sessiondb [detail] [full] index <index:1-65535>", .help = "One session", .run = run_show_list },
	{ .syntax = "show vpn-sessiondb inactive", .help = "Sessions that wait to resume", .run = run_show_inactive },
	{ .syntax = "show vpn-sessiondb [detail] [summary]", .help = "Summary of VPN sessions", .run = run_show_summary },
	{ .syntax = "show vpn-phone [name <user:word>]", .help = "(offhook) Phones: ciphers, certificate, DTLS failures, traffic",
	    .run = run_show_phones },
	{ .syntax = "show vpn-phone problems", .help = "(offhook) What fails for phones, and what helps", .run = run_show_problems },
	{ .syntax = "clear vpn-phone problems", .help = "(offhook) Forget them", .run = run_clear_problems },
	{ .syntax = "show vpn-sessiondb ratio {encryption | protocol} [filter <group:name>]", .help = "Shares of algorithms",
	    .run = run_show_ratio },
	{ .syntax = "show vpn-sessiondb license-summary", .help = "Limits of sessions", .run = run_show_license },
	{ .syntax = "vpn-sessiondb logoff {name <user:word> | index <index:1-65535> | ipaddress <ip:host> | "
	            "tunnel-group <group:name> | protocol <protocol:word> | anyconnect | svc | webvpn | l2l | ra-ikev1-ipsec | "
	            "email-proxy | all} [noconfirm]", .help = "End sessions", .run = run_logoff },
	{ .syntax = "wait {listening | login | session | dtls-up | dtls-down | resume | logoff} [user <user:word>] [count <1-65535>] "
	            "[timeout <1-86400>]", .help = "(offhook) Wait until it is so; the answer is JSON", .run = run_wait },
	{ .syntax = "clear vpn-sessiondb statistics {all | anyconnect | webvpn | l2l | ra-ikev1-ipsec | email-proxy}",
	    .help = "Reset cumulative and peak counts", .run = run_clear_statistics },
};

struct command_table exec_sessiondb_table = COMMAND_TABLE("exec-sessiondb", rows);
