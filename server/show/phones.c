/* SPDX-License-Identifier: GPL-2.0-or-later */
/* show vpn-phone, show vpn-phone problems: extensions of offhook. */
#include "server/show/phones.h"

#include <string.h>
#include <strings.h>

#include "server/main/daemon.h"
#include "server/main/problem.h"
#include "server/show/format.h"
#include "server/show/show.h"

#define PATIENCE_S 60 /* a phone has its configuration long before */

/* "CP-8841-SEP682C7B40B5CE": model and MAC address; "" where the name is no phone's. */
static void
phone_name(const char *user, char model[16], char mac[13])
{
	const char *sep = strstr(user, "SEP");
	size_t len;

	model[0] = mac[0] = '\0';
	if (sep == NULL || strlen(sep) < 15 || strspn(sep + 3, "0123456789ABCDEFabcdef") < 12)
		return;
	snprintf(mac, 13, "%.12s", sep + 3);
	len = (size_t)(sep - user);
	while (len > 0 && user[len - 1] == '-')
		len--;
	snprintf(model, 16, "%.*s", (int)(len < 15 ? len : 15), user);
}

static void
ago(uint64_t ms, const struct session *s, char out[24])
{
	double then = (double)ms / 1000;

	if (then < s->login_at)
		snprintf(out, 24, "never");
	else
		format_duration((long)(ev_now(daemon_.loop) - then), out, 24);
}

void
phone_heading(FILE *f)
{
	fprintf(f, "%-12s%-14s%-7s%-16s%-9s%-24s%-24s%-24s%-5s%-9s%-8s%s\n", "Model", "MAC", "Index", "Assigned IP", "State", "TLS",
	    "DTLS", "Certificate", "Fail", "RTT ms", "Config", "Registration");
}

void
phone_text(const struct session_view *v, FILE *f)
{
	const struct session *s = v->s;
	char model[16], mac[13], tls[40] = "-", dtls[40] = "-", rtt[16] = "-", registration[24];

	phone_name(s->user, model, mac);
	if (v->up[VIEW_TLS])
		snprintf(tls, sizeof(tls), "%s", s->tls_suite->name);
	if (v->up[VIEW_DTLS])
		snprintf(dtls, sizeof(dtls), "%s", s->dtls_suite->name);
	if (s->rtt_us > 0 && v->up[VIEW_TLS])
		snprintf(rtt, sizeof(rtt), "%.1f", (double)s->rtt_us / 1000);
	ago(v->counters.registration_ms, s, registration);
	fprintf(f, "%-12s%-14s%-7u%-16s%-9s%-24s%-24s%-24s%-5u%-9s%-8s%s\n", model[0] != '\0' ? model : "?", mac[0] != '\0' ? mac : "?",
	    s->index, s->has_lease ? v->assigned : "-", s->state == SESSION_ACTIVE ? "active" : "waiting", tls, dtls, s->trustpoint,
	    s->dtls_failures, rtt, (double)v->counters.config_ms / 1000 >= s->login_at ? "seen" : "none", registration);
}

void
phone_json(const struct session_view *v, struct json *j)
{
	const struct session *s = v->s;
	char model[16], mac[13], t[40];

	phone_name(s->user, model, mac);
	json_object(j, NULL);
	json_str(j, "username", s->user);
	json_str(j, "model", model[0] != '\0' ? model : NULL);
	json_str(j, "mac", mac[0] != '\0' ? mac : NULL);
	json_int(j, "index", s->index);
	json_str(j, "state", s->state == SESSION_ACTIVE ? "active" : "waiting");
	json_str(j, "assigned_ip", s->has_lease ? v->assigned : NULL);
	json_str(j, "tls_cipher", v->up[VIEW_TLS] ? s->tls_suite->name : NULL);
	json_str(j, "dtls_cipher", v->up[VIEW_DTLS] ? s->dtls_suite->name : NULL);
	json_str(j, "server_trustpoint", s->trustpoint);
	json_str(j, "server_certificate_sha1", s->server_sha1);
	json_int(j, "dtls_failures", s->dtls_failures);
	json_int(j, "rtt_us", s->rtt_us);
	json_bool(j, "configuration_traffic", (double)v->counters.config_ms / 1000 >= s->login_at);
	format_rfc3339((time_t)(v->counters.registration_ms / 1000), t, sizeof(t));
	json_str(j, "registration_traffic", (double)v->counters.registration_ms / 1000 >= s->login_at ? t : NULL);
	json_end_object(j);
}

/* ---- problems ---- */

struct problems_out {
	FILE *f;
	struct json *j; /* NULL: text */
	unsigned count;
};

static void
row_json(const struct problem_row *r, struct json *j)
{
	char ip[ADDR_STR], t[40];

	json_object(j, NULL);
	json_str(j, "problem", problem_texts[r->what].name);
	json_str(j, "title", problem_texts[r->what].title);
	json_str(j, "source", r->source.family != 0 ? addr_ip_str(&r->source, ip) : NULL);
	json_str(j, "who", r->who[0] != '\0' ? r->who : NULL);
	json_int(j, "count", r->count);
	format_rfc3339(r->last, t, sizeof(t));
	json_str(j, "last", t);
	json_str(j, "detail", r->detail[0] != '\0' ? r->detail : NULL);
	json_str(j, "remedy", problem_texts[r->what].remedy);
	json_end_object(j);
}

static void
row_write(const struct problem_row *r, void *ctx)
{
	struct problems_out *o = ctx;
	char ip[ADDR_STR], at[40];

	o->count++;
	if (o->j != NULL) {
		row_json(r, o->j);
		return;
	}
	format_time(r->last, at, sizeof(at));
	fprintf(o->f, "%s%s: %s%s%s\n", o->count > 1 ? "\n" : "", r->source.family != 0 ? addr_ip_str(&r->source, ip) : "this gateway",
	    problem_texts[r->what].title, r->who[0] != '\0' ? ": " : "", r->who);
	fprintf(o->f, "  Seen   : %u time%s, last %s\n", r->count, r->count == 1 ? "" : "s", at);
	if (r->detail[0] != '\0')
		fprintf(o->f, "  Detail : %s\n", r->detail);
	fprintf(o->f, "  Remedy : %s\n", problem_texts[r->what].remedy);
}

static void
session_problem(const struct session *s, enum problem what, struct problems_out *o)
{
	struct problem_row r = { .what = what, .source = s->public_addr, .count = 1, .first = s->login_time, .last = time(NULL) };

	snprintf(r.who, sizeof(r.who), "%s", s->user);
	row_write(&r, o);
}

/* What is to be seen in the sessions of phones that are there. */
static void
sessions_check(struct problems_out *o)
{
	for (const struct session *s = session_first(); s != NULL; s = s->next) {
		struct counters n = session_counters(s);

		if (!s->phone || s->state != SESSION_ACTIVE)
			continue;
		if (s->dtls_failures > 0)
			session_problem(s, s->dtls_heard ? PROBLEM_DTLS_FAILS : PROBLEM_DTLS_NEVER, o);
		if (ev_now(daemon_.loop) - s->login_at >= PATIENCE_S && (double)n.config_ms / 1000 < s->login_at)
			session_problem(s, PROBLEM_NO_TFTP, o);
	}
}

void
show_vpn_phone_problems(FILE *f, bool json)
{
	struct json j = { .f = f };
	struct problems_out o = { f, json ? &j : NULL, 0 };

	if (json)
		json_list(&j, "problems");
	problems_each(row_write, &o);
	sessions_check(&o);
	if (json) {
		json_end_list(&j);
	} else if (o.count == 0) {
		fprintf(f, "INFO: no problems of phones have been seen\n");
	}
}
