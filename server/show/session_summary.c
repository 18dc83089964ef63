/* SPDX-License-Identifier: GPL-2.0-or-later */
/* show vpn-sessiondb summary, ratio and license-summary (asa-reference 2.3). */
#include <string.h>

#include "server/main/daemon.h"
#include "server/show/session_view.h"
#include "server/show/show.h"

#define RULE "---------------------------------------------------------------------------\n"

unsigned
show_capacity(void)
{
	int32_t limit = daemon_.config->session_limit;

	return limit >= 0 ? (unsigned)limit : CAPACITY_DEFAULT;
}

static unsigned
percent(unsigned part, unsigned whole)
{
	return whole > 0 ? (part * 100 + whole / 2) / whole : 0;
}

/* ---- summary ---- */

static void
summary_json(FILE *f, const struct session_totals *t)
{
	struct json j = { .f = f };

	json_object(&j, NULL);
	json_int(&j, "active", t->active);
	json_int(&j, "inactive", t->waiting);
	json_int(&j, "cumulative", (int64_t)t->cumulative);
	json_int(&j, "peak_concurrent", t->peak);
	json_int(&j, "capacity", show_capacity());
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

static void
tunnels_text(FILE *f, const struct session_totals *t, unsigned parents)
{
	fputs("\n" RULE "Tunnels Summary\n" RULE, f);
	fprintf(f, "%31sActive : Cumulative : Peak Concurrent   \n", "");
	fprintf(f, "%29s----------------------------------------------\n", "");
	tunnels_row(f, "AnyConnect-Parent", parents, t->cumulative, t->peak);
	tunnels_row(f, "SSL-Tunnel", t->tls_active, t->tls_cumulative, t->tls_peak);
	if (t->dtls_cumulative > 0)
		tunnels_row(f, "DTLS-Tunnel", t->dtls_active, t->dtls_cumulative, t->dtls_peak);
	fputs(RULE, f);
	fprintf(f, "%-29s: %6u : %10llu\n", "Totals", parents + t->tls_active + t->dtls_active,
	    (unsigned long long)(t->cumulative + t->tls_cumulative + t->dtls_cumulative));
	fputs(RULE, f);
}

void
show_sessiondb_summary(FILE *f, bool json)
{
	static const char *const rows[] = { "AnyConnect Client", "  SSL/TLS/DTLS" };
	struct session_totals t;
	unsigned total;

	session_totals(&t);
	if (json) {
		summary_json(f, &t);
		return;
	}
	total = t.active + t.waiting;
	fputs(RULE "VPN Session Summary                                                        \n" RULE, f);
	if (t.cumulative == 0) {
		fputs("INFO: There are presently no active sessions\n", f);
	} else {
		fprintf(f, "%31sActive : Cumulative : Peak Concur : Inactive\n", "");
		fprintf(f, "%29s----------------------------------------------\n", "");
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
			fprintf(f, "%-29s: %6u : %10llu : %11u : %8u\n", rows[i], t.active, (unsigned long long)t.cumulative, t.peak,
			    t.waiting);
	}
	fputs(RULE, f);
	fprintf(f, "%-29s: %6u             Total Cumulative : %6llu\n", "Total Active and Inactive", total,
	    (unsigned long long)t.cumulative);
	fprintf(f, "%-29s: %6u\n", "Device Total VPN Capacity", show_capacity());
	fprintf(f, "%-29s: %5u%%\n", "Device Load", percent(total, show_capacity()));
	fputs(RULE, f);
	if (t.cumulative > 0)
		tunnels_text(f, &t, total);
}

/* ---- ratio ---- */

static const char *const encryptions[] = {
	"none", "DES", "3DES", "RC4", "AES128", "AES192", "AES256", "AES-GCM-128", "AES-GCM-192", "AES-GCM-256",
};
static const char *const protocols[] = {
	"IKEv1", "IKEv2", "IPsec", "IPsecLAN2LAN", "IPsecLAN2LANOverNatT", "IPsecOverNatT", "IPsecOverTCP", "IPsecOverUDP",
	"L2TPOverIPsec", "L2TPOverIPsecOverNatT", "Clientless", "Port-Forwarding", "IMAP4S", "POP3S", "SMTPS", "AnyConnect-Parent",
	"SSL-Tunnel", "DTLS-Tunnel",
};

struct tally {
	const char *const *names;
	size_t count;
	unsigned n[32], total;
};

static void
tally_add(struct tally *t, const char *name)
{
	for (size_t i = 0; i < t->count; i++) {
		if (strcmp(t->names[i], name) == 0)
			t->n[i]++;
	}
	t->total++;
}

/* Of a session's tunnels the one that carries its packets counts for its encryption. */
static void
tally_session(struct tally *t, const struct session *s, bool by_protocol)
{
	struct session_view v;
	enum view_tunnel last = VIEW_PARENT;

	session_view_make(s, &v);
	for (int i = 0; i < VIEW_TUNNELS; i++) {
		if (!v.up[i])
			continue;
		last = (enum view_tunnel)i;
		if (by_protocol)
			tally_add(t, view_tunnel_names[i]);
	}
	if (!by_protocol)
		tally_add(t, last == VIEW_PARENT ? "none" : v.algorithms[last].encryption);
}

static void
ratio_json(FILE *f, const struct tally *t, bool by_protocol, const char *group, unsigned sessions)
{
	struct json j = { .f = f };

	json_object(&j, NULL);
	json_str(&j, "filter_group", group);
	json_int(&j, "active_sessions", sessions);
	json_object(&j, by_protocol ? "protocol" : "encryption");
	for (size_t i = 0; i < t->count; i++)
		json_int(&j, t->names[i], t->n[i]);
	json_end_object(&j);
	json_end_object(&j);
	fputc('\n', f);
}

void
show_sessiondb_ratio(bool by_protocol, const char *group, FILE *f, bool json)
{
	struct tally t = { .names = by_protocol ? protocols : encryptions,
		.count = by_protocol ? sizeof(protocols) / sizeof(protocols[0]) : sizeof(encryptions) / sizeof(encryptions[0]) };
	struct session_totals totals;
	unsigned sessions = 0;

	session_totals(&totals);
	for (const struct session *s = session_first(); s != NULL; s = s->next) {
		if (s->state == SESSION_PENDING || (group != NULL && strcmp(s->tunnel_group, group) != 0))
			continue;
		sessions++;
		tally_session(&t, s, by_protocol);
	}
	if (json) {
		ratio_json(f, &t, by_protocol, group, sessions);
		return;
	}
	fprintf(f, "%-21s: %s\n%-21s: %u\n%-21s: %llu\n\n", "Filter Group", group != NULL ? group : "All", "Total Active Sessions",
	    sessions, "Cumulative Sessions", (unsigned long long)totals.cumulative);
	fprintf(f, "%-25s%-15s%s\n", by_protocol ? "Protocol" : "Encryption", "Sessions", "Percent");
	for (size_t i = 0; i < t.count; i++)
		fprintf(f, "%-25s%8u%13u%%\n", t.names[i], t.n[i], percent(t.n[i], t.total));
	if (by_protocol)
		fprintf(f, "%-25s%8u%13u%%\n", "Totals", t.total, t.total > 0 ? 100 : 0);
}

/* ---- license-summary ---- */

static void
license_json(FILE *f, const struct session_totals *t, unsigned phones)
{
	struct json j = { .f = f };

	json_object(&j, NULL);
	json_int(&j, "limit", show_capacity());
	json_int(&j, "in_use", t->active + t->waiting);
	json_int(&j, "peak", t->peak);
	json_int(&j, "phones_in_use", phones);
	json_bool(&j, "cisco_vpn_phone", true);
	json_end_object(&j);
	fputc('\n', f);
}

void
show_sessiondb_license(FILE *f, bool json)
{
	struct session_totals t;
	unsigned used, phones = 0, limit = show_capacity();

	session_totals(&t);
	used = t.active + t.waiting;
	for (const struct session *s = session_first(); s != NULL; s = s->next)
		phones += s->state != SESSION_PENDING && s->phone;
	if (json) {
		license_json(f, &t, phones);
		return;
	}
	fputs(RULE "VPN Licenses and Configured Limits Summary\n" RULE, f);
	fprintf(f, "%37sStatus : Capacity : Installed :  Limit\n%34s-----------------------------------------\n", "", "");
	fprintf(f, "%-33s:  ENABLED : %8u : %9u : %6s\n", "AnyConnect Premium", limit, limit, "NONE");
	fprintf(f, "%-33s: DISABLED : %8u : %9u : %6s\n", "AnyConnect Essentials", limit, 0, "NONE");
	fprintf(f, "%-33s:  ENABLED : %8u : %9u : %6s\n", "Other VPN (Available by Default)", limit, limit, "NONE");
	fputs("Shared License Server            : DISABLED\n"
	      "Shared License Participant       : DISABLED\n"
	      "AnyConnect for Mobile            :  ENABLED(Requires Premium or Essentials)\n"
	      "Advanced Endpoint Assessment     :  ENABLED(Requires Premium)\n"
	      "AnyConnect for Cisco VPN Phone   :  ENABLED\n"
	      "VPN-3DES-AES                     :  ENABLED\n"
	      "VPN-DES                          :  ENABLED\n" RULE "\n" RULE "VPN Licenses Usage Summary\n" RULE, f);
	fprintf(f, "%26sLocal : Shared :   All  :   Peak :  Eff.  :\n%25sIn Use : In Use : In Use : In Use :  Limit : Usage\n", "", "");
	fprintf(f, "%23s----------------------------------------------------\n", "");
	fprintf(f, "%-23s: %6u : %6u : %6u : %6u : %6u : %5u%%\n", "AnyConnect Premium", used, 0, used, t.peak, limit,
	    percent(used, limit));
	fprintf(f, "%-23s:%24s: %6u : %6u %11u%%\n", "  AnyConnect Client", "", used, t.peak, percent(used, limit));
	fprintf(f, "%-23s:%24s: %6u : %6u %11u%%\n", "    AnyConnect Mobile", "", 0, 0, 0);
	fprintf(f, "%-23s:%24s: %6u : %6u %11u%%\n", "    Cisco VPN Phone", "", phones, phones, percent(phones, limit));
	fprintf(f, "%-23s:%24s: %6u : %6u %11u%%\n", "  Clientless VPN", "", 0, 0, 0);
	fprintf(f, "%-23s: %6u :%8s: %6u : %6u : %6u : %5u%%\n" RULE, "Other VPN", 0, "", 0, 0, limit, 0);
}
