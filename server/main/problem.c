/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/main/problem.h"

#include <stdio.h>
#include <string.h>

#include "server/main/conn.h"
#include "server/main/session.h"

#define ROWS 256

const struct problem_text problem_texts[PROBLEMS] = {
	[PROBLEM_CIPHER] = { "cipher", "no TLS version or cipher in common",
	    "allow what the phone offers: ssl cipher VERSION custom \"AES256-SHA:AES128-SHA:...\", ssl server-version tlsv1" },
	[PROBLEM_NO_IDENTITY] = { "no-identity", "the trustpoint of the interface has no certificate",
	    "crypto ca enroll or crypto ca import pkcs12, or ssl trust-point with another one" },
	[PROBLEM_REFUSED_US] = { "certificate-refused", "the phone refuses the gateway's certificate",
	    "its hash is not in the phone's configuration: add it as phone-vpn-trust and reset the phone inside, or bind the "
	    "old trustpoint again with ssl trust-point" },
	[PROBLEM_URL] = { "url", "no group-url matches",
	    "tunnel-group ... webvpn-attributes / group-url exactly as in the phone's VPN gateway" },
	[PROBLEM_UNKNOWN_CA] = { "unknown-ca", "no trustpoint vouches for the phone's certificate",
	    "crypto ca authenticate with the CA of the phone (CAPF for LSC, Cisco Manufacturing CA for MIC)" },
	[PROBLEM_EXPIRED] = { "expired", "the phone's certificate or its CA has expired",
	    "a new LSC from CAPF, or match certificate MAP allow expired-certificate" },
	[PROBLEM_NOT_YET] = { "not-yet-valid", "the phone's certificate is not yet valid", "check the clock of this host" },
	[PROBLEM_REVOKED] = { "revoked", "the phone's certificate is revoked, or that cannot be checked",
	    "revocation-check of the trustpoint; \"none\" as the last method lets it in when no answer comes" },
	[PROBLEM_NO_CERTIFICATE] = { "no-certificate", "the client shows no certificate",
	    "install an LSC on the phone, or authentication aaa" },
	[PROBLEM_PASSWORD] = { "password", "wrong user or password", "check the credentials in the phone's VPN profile" },
	[PROBLEM_POLICY] = { "policy", "the group-policy refuses it",
	    "vpn-tunnel-protocol must hold ssl-client; vpn-simultaneous-logins, vpn-access-hours, group-lock" },
	[PROBLEM_POOL] = { "pool", "no address is free", "a larger ip local pool, or a shorter vpn-idle-timeout" },
	[PROBLEM_DTLS_CIPHER] = { "dtls-cipher", "TLS and DTLS have no cipher in common",
	    "the same suites in ssl cipher dtlsv1 as for TLS" },
	[PROBLEM_DTLS_NEVER] = { "dtls-never", "DTLS was offered and never came up",
	    "UDP port 443 must reach this host; as a test: anyconnect ssl dtls none" },
	[PROBLEM_DTLS_FAILS] = { "dtls-fails", "DTLS handshakes fail",
	    "compare ssl cipher dtlsv1 with the TLS cipher; as a test: anyconnect ssl dtls none" },
	[PROBLEM_NO_TFTP] = { "no-tftp", "connected, but no TFTP or configuration traffic",
	    "alternate TFTP in the phone, with the call manager's address; routing from the inside to the pool" },
};

static struct problem_row rows[ROWS];
uint64_t problem_counts[PROBLEMS];
static size_t count; /* rows in use; sorted by last */

static bool
same_source(const struct addr *a, const struct addr *b)
{
	return a->family == b->family && (a->family == 0 || addr_same_ip(a, b));
}

void
problem_note(enum problem what, const struct addr *source, const char *who, const char *detail)
{
	struct addr from = source != NULL ? *source : (struct addr){ 0 };
	struct problem_row row = { .what = what, .source = from, .first = time(NULL) };
	size_t i = 0;

	problem_counts[what]++;
	from.port = 0;
	while (i < count && (rows[i].what != what || !same_source(&rows[i].source, &from) || strcmp(rows[i].who, who) != 0))
		i++;
	if (i < count)
		row = rows[i];
	else if (count < ROWS)
		count++;
	else
		i = 0; /* the oldest */
	memmove(&rows[i], &rows[i + 1], (count - i - 1) * sizeof(rows[0]));
	row.count++;
	row.last = time(NULL);
	snprintf(row.who, sizeof(row.who), "%s", who);
	snprintf(row.detail, sizeof(row.detail), "%s", detail);
	rows[count - 1] = row;
}

/* ---- from messages ---- */

static enum problem
validation_problem(const char *reason)
{
	static const struct {
		const char *words;
		enum problem what;
	} reasons[] = {
		{ "No suitable trustpoints", PROBLEM_UNKNOWN_CA }, { "has expired", PROBLEM_EXPIRED },
		{ "not yet valid", PROBLEM_NOT_YET }, { "revo", PROBLEM_REVOKED },
	};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (strstr(reason, reasons[i].words) != NULL)
			return reasons[i].what;
	}
	return PROBLEM_UNKNOWN_CA;
}

/* "subject name: cn=X,..." of a refusal, else "". */
static const char *
subject_of(const char *reason, char out[129])
{
	const char *p = strstr(reason, "subject name: "), *end;

	out[0] = '\0';
	if (p == NULL)
		return out;
	p += 14;
	end = strstr(p, ", issuer name");
	if (end == NULL)
		end = strstr(p, ", trustpoint");
	snprintf(out, 129, "%.*s", end != NULL ? (int)(end - p) : (int)strlen(p), p);
	return out;
}

/* Number, and which argument says more; -1: none. */
static const struct {
	unsigned number;
	enum problem what;
	int detail;
} messages[] = {
	{ 717023, PROBLEM_NO_IDENTITY, 0 }, { 716006, PROBLEM_POLICY, -1 }, { 113038, PROBLEM_POLICY, -1 },
	{ 113040, PROBLEM_POLICY, 3 }, { 722020, PROBLEM_POOL, -1 }, { 737019, PROBLEM_POOL, -1 },
	{ 722043, PROBLEM_DTLS_CIPHER, -1 }, { 113015, PROBLEM_PASSWORD, -1 }, { 113005, PROBLEM_PASSWORD, -1 },
	{ 716039, PROBLEM_NO_CERTIFICATE, -1 },
};

/* Arguments may be missing. */
static const char *
text(const char *arg)
{
	return arg != NULL ? arg : "";
}

void
problem_of_message(unsigned number, const struct conn *c, const struct session *s, const char *const args[4])
{
	const struct session *of = s != NULL ? s : c != NULL ? conn_session(c) : NULL;
	const struct addr *source = c != NULL ? &c->peer : s != NULL ? &s->public_addr : NULL;
	const char *who = of != NULL ? of->user : "";
	char subject[129];

	switch (number) {
	case 717027:
		problem_note(validation_problem(text(args[0])), source, subject_of(text(args[0]), subject), text(args[0]));
		return;
	case 725014: /* function, reason */
		if (strstr(text(args[1]), "no shared cipher") != NULL)
			problem_note(PROBLEM_CIPHER, source, who, text(args[1]));
		else if (strstr(text(args[1]), "fatal alert") != NULL)
			problem_note(PROBLEM_REFUSED_US, source, who, text(args[1]));
		return;
	case 725007:
		if (strcmp(text(args[0]), "unused") == 0)
			problem_note(PROBLEM_REFUSED_US, source, who, "it left right behind the handshake, without a request");
		return;
	default:
		break;
	}
	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		if (messages[i].number == number)
			problem_note(messages[i].what, source, who, messages[i].detail >= 0 ? text(args[messages[i].detail]) : "");
	}
}

void
problems_each(void (*fn)(const struct problem_row *, void *), void *ctx)
{
	for (size_t i = 0; i < count; i++)
		fn(&rows[i], ctx);
}

void
problems_clear(void)
{
	count = 0;
}
