/* SPDX-License-Identifier: GPL-2.0-or-later */
/* show vpn-sessiondb (asa-reference 2.1, 2.3). */
#include <ev.h>
#include <stdio.h>
#include <string.h>

#include "server/main/daemon.h"
#include "server/main/session.h"
#include "server/main/session_address.h"
#include "server/main/session_table.h"
#include "server/show/format.h"
#include "server/show/json.h"
#include "server/show/show.h"

#define CAPACITY 5000 /* "Device Total VPN Capacity" until a limit can be configured */
#define RULE "---------------------------------------------------------------------------\n"

struct view { /* a session as both writers need it */
	const struct session *s;
	struct counters counters;
	long duration_s, inactivity_s;
	bool tls, dtls;
	const char *parent_encryption, *parent_hashing;
	char assigned[ADDR_STR], assigned6[ADDR_STR], public[ADDR_STR], audit[SESSION_AUDIT_ID];
};

static void
view_make(const struct session *s, struct view *v)
{
	double now = ev_now(daemon_.loop);
	struct addr assigned = session_address(s), assigned6 = session_address6(s);

	memset(v, 0, sizeof(*v));
	v->s = s;
	v->counters = session_counters(s);
	v->duration_s = (long)(now - s->login_at);
	v->inactivity_s = s->state == SESSION_WAITING ? (long)(now - s->waiting_since) : 0;
	v->tls = s->state == SESSION_ACTIVE;
	v->dtls = v->tls && s->dtls_suite != NULL;
	/* phones show the TLS cipher for the parent too, desktop clients none */
	v->parent_encryption = v->tls && s->phone ? s->tls_suite->encryption : "none";
	v->parent_hashing = v->tls && s->phone ? s->tls_suite->hashing : "none";
	addr_ip_str(&assigned, v->assigned);
	addr_ip_str(&assigned6, v->assigned6);
	addr_ip_str(&s->public_addr, v->public);
	session_audit_id(s, v->audit);
}

static const char *
license(const struct session *s)
{
	return s->phone ? "AnyConnect Premium, AnyConnect for Cisco VPN Phone" : "AnyConnect Premium";
}

static void
algorithms(const struct view *v, bool hashing, char *out, size_t size)
{
	const struct session *s = v->s;
	int n = snprintf(out, size, "AnyConnect-Parent: (1)%s", hashing ? v->parent_hashing : v->parent_encryption);

	if (v->tls)
		n += snprintf(out + n, size - (size_t)n, "  SSL-Tunnel: (1)%s", hashing ? s->tls_suite->hashing : s->tls_suite->encryption);
	if (v->dtls)
		snprintf(out + n, size - (size_t)n, "  DTLS-Tunnel: (1)%s", hashing ? s->dtls_suite->hashing : s->dtls_suite->encryption);
}

static void
session_text(FILE *f, const struct view *v)
{
	const struct session *s = v->s;
	char a[200], b[40];

	snprintf(b, sizeof(b), "%u", s->index);
	format_row(f, "Username", s->user, "Index", b);
	if (s->has_lease)
		format_row(f, "Assigned IP", v->assigned, "Public IP", v->public);
	else
		format_row(f, "Public IP", v->public, NULL, NULL);
	if (s->has_lease6)
		fprintf(f, "Assigned IPv6: %s\n", v->assigned6);
	snprintf(a, sizeof(a), "AnyConnect-Parent%s%s", v->tls ? " SSL-Tunnel" : "", v->dtls ? " DTLS-Tunnel" : "");
	format_row(f, "Protocol", a, NULL, NULL);
	format_row(f, "License", license(s), NULL, NULL);
	algorithms(v, false, a, sizeof(a));
	format_row(f, "Encryption", a, NULL, NULL);
	algorithms(v, true, a, sizeof(a));
	format_row(f, "Hashing", a, NULL, NULL);
	snprintf(a, sizeof(a), "%llu", (unsigned long long)v->counters.tx_bytes);
	snprintf(b, sizeof(b), "%llu", (unsigned long long)v->counters.rx_bytes);
	format_row(f, "Bytes Tx", a, "Bytes Rx", b);
	format_row(f, "Group Policy", s->group_policy, "Tunnel Group", s->tunnel_group);
	format_time(s->login_time, a, sizeof(a));
	format_row(f, "Login Time", a, NULL, NULL);
	format_duration(v->duration_s, a, sizeof(a));
	format_row(f, "Duration", a, NULL, NULL);
	format_duration(v->inactivity_s, a, sizeof(a));
	format_row(f, "Inactivity", a, NULL, NULL);
	format_row(f, "VLAN Mapping", "N/A", "VLAN", "none");
	format_row(f, "Audt Sess ID", v->audit, NULL, NULL);
	fprintf(f, "%-13s: %-23s\n", "Security Grp", "none");
}

static void
session_json(struct json *j, const struct view *v)
{
	const struct session *s = v->s;
	char t[40];

	json_object(j, NULL);
	json_str(j, "username", s->user);
	json_int(j, "index", s->index);
	json_str(j, "state", s->state == SESSION_ACTIVE ? "active" : "waiting");
	json_str(j, "assigned_ip", s->has_lease ? v->assigned : NULL);
	json_str(j, "assigned_ipv6", s->has_lease6 ? v->assigned6 : NULL);
	json_str(j, "public_ip", v->public);
	json_int(j, "public_port", s->public_addr.port);
	json_str(j, "group_policy", s->group_policy);
	json_str(j, "tunnel_group", s->tunnel_group);
	json_bool(j, "phone", s->phone);
	json_str(j, "client", s->user_agent);
	json_str(j, "hostname", s->hostname);
	json_str(j, "license", license(s));
	json_str(j, "server_trustpoint", s->trustpoint);
	json_str(j, "server_certificate_sha1", s->server_sha1);
	json_str(j, "tls_version", v->tls ? (const char *[]){ "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3" }[s->tls_version & 3] : NULL);
	json_str(j, "tls_cipher", v->tls ? s->tls_suite->name : NULL);
	json_str(j, "dtls_version", !v->dtls ? NULL : s->dtls_version == SUITE_DTLS12 ? "DTLSv1.2" : "DTLSv1.0");
	json_str(j, "dtls_cipher", v->dtls ? s->dtls_suite->name : NULL);
	json_int(j, "mtu", s->mtu_bytes);
	json_int(j, "bytes_tx", (int64_t)v->counters.tx_bytes);
	json_int(j, "bytes_rx", (int64_t)v->counters.rx_bytes);
	json_int(j, "packets_tx", (int64_t)v->counters.tx_packets);
	json_int(j, "packets_rx", (int64_t)v->counters.rx_packets);
	json_int(j, "drops_tx", (int64_t)v->counters.tx_drops);
	json_int(j, "drops_rx", (int64_t)v->counters.rx_drops);
	format_rfc3339(s->login_time, t, sizeof(t));
	json_str(j, "login_time", t);
	json_int(j, "duration_s", v->duration_s);
	json_int(j, "inactivity_s", v->inactivity_s);
	json_str(j, "audit_session_id", v->audit);
	json_end_object(j);
}

/* Logins that have had no tunnel yet are not listed. */
static const struct session *
next_listed(const struct session *s)
{
	while (s != NULL && s->state == SESSION_PENDING)
		s = s->next;
	return s;
}

void
show_sessiondb_anyconnect(FILE *f, bool json)
{
	const struct session *s = next_listed(session_first());
	struct json j = { .f = f };
	struct view v;

	if (json) {
		json_object(&j, NULL);
		json_str(&j, "session_type", "AnyConnect");
		json_array(&j, "sessions");
		for (; s != NULL; s = next_listed(s->next)) {
			view_make(s, &v);
			session_json(&j, &v);
		}
		json_end_array(&j);
		json_end_object(&j);
		fputc('\n', f);
		return;
	}
	if (s == NULL) {
		fputs("INFO: There are presently no active sessions of the type specified\n", f);
		return;
	}
	fputs("Session Type: AnyConnect\n", f);
	for (; s != NULL; s = next_listed(s->next)) {
		view_make(s, &v);
		fputc('\n', f);
		session_text(f, &v);
	}
}

static void
summary_json(FILE *f, const struct session_totals *t)
{
	struct json j = { .f = f };

	json_object(&j, NULL);
	json_int(&j, "active", t->active);
	json_int(&j, "inactive", t->waiting);
	json_int(&j, "cumulative", (int64_t)t->cumulative);
	json_int(&j, "peak_concurrent", t->peak);
	json_int(&j, "capacity", CAPACITY);
	json_object(&j, "tunnels");
	json_int(&j, "ssl_active", t->tls_active);
	json_int(&j, "ssl_cumulative", (int64_t)t->tls_cumulative);
	json_int(&j, "ssl_peak_concurrent", t->tls_peak);
	json_int(&j, "dtls_active", t->dtls_active);
	json_int(&j, "dtls_cumulative", (int64_t)t->dtls_cumulative);
	json_int(&j, "dtls_peak_concurrent", t->dtls_peak);
	json_end_object(&j);
	json_end_object(&j);
	fputc('\n', f);
}

static void
tunnels_row(FILE *f, const char *name, unsigned active, uint64_t cumulative, unsigned peak)
{
	fprintf(f, "%-29s: %6u : %10llu : %15u\n", name, active, (unsigned long long)cumulative, peak);
}

void
show_sessiondb_summary(FILE *f, bool json)
{
	struct session_totals t;
	unsigned total, parents;

	session_totals(&t);
	if (json) {
		summary_json(f, &t);
		return;
	}
	total = t.active + t.waiting;
	parents = total;
	fputs(RULE "VPN Session Summary                                                        \n" RULE, f);
	if (t.cumulative == 0)
		fputs("INFO: There are presently no active sessions\n", f);
	else {
		fprintf(f, "%31sActive : Cumulative : Peak Concur : Inactive\n", "");
		fprintf(f, "%29s----------------------------------------------\n", "");
		fprintf(f, "%-29s: %6u : %10llu : %11u : %8u\n", "AnyConnect Client", t.active, (unsigned long long)t.cumulative, t.peak, t.waiting);
		fprintf(f, "%-29s: %6u : %10llu : %11u : %8u\n", "  SSL/TLS/DTLS", t.active, (unsigned long long)t.cumulative, t.peak, t.waiting);
	}
	fputs(RULE, f);
	fprintf(f, "%-29s: %6u             Total Cumulative : %6llu\n", "Total Active and Inactive", total, (unsigned long long)t.cumulative);
	fprintf(f, "%-29s: %6u\n", "Device Total VPN Capacity", CAPACITY);
	fprintf(f, "%-29s: %5u%%\n", "Device Load", (total * 100 + CAPACITY / 2) / CAPACITY);
	fputs(RULE, f);
	if (t.cumulative == 0)
		return;
	fputs("\n" RULE "Tunnels Summary\n" RULE, f);
	fprintf(f, "%31sActive : Cumulative : Peak Concurrent   \n", "");
	fprintf(f, "%29s----------------------------------------------\n", "");
	tunnels_row(f, "AnyConnect-Parent", parents, t.cumulative, t.peak);
	tunnels_row(f, "SSL-Tunnel", t.tls_active, t.tls_cumulative, t.tls_peak);
	if (t.dtls_cumulative > 0)
		tunnels_row(f, "DTLS-Tunnel", t.dtls_active, t.dtls_cumulative, t.dtls_peak);
	fputs(RULE, f);
	fprintf(f, "%-29s: %6u : %10llu\n", "Totals", parents + t.tls_active + t.dtls_active,
	    (unsigned long long)(t.cumulative + t.tls_cumulative + t.dtls_cumulative));
	fputs(RULE, f);
}
