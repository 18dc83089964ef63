/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/main/asalog.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/log.h"
#include "server/config/model.h"
#include "server/main/conn.h"
#include "server/main/session.h"

enum { FROM_WORKER = 1, FROM_CERTAUTH = 2 };

#define GUI "Group <$G> User <$U> IP <$P> "

static const struct asa_message {
	unsigned number, severity, from;
	const char *text;
} messages[] = {
	{ 111008, 5, 0, "User '$1' executed the '$2' command." },
	{ 111009, 7, 0, "User '$1' executed cmd: $2" },
	{ 111010, 5, 0, "User '$1', running 'CLI' from IP 0.0.0.0, executed '$2'" },
	{ 113003, 6, FROM_CERTAUTH, "AAA group policy for user $1 is being set to $2" },
	{ 113009, 6, 0, "AAA retrieved default group policy ($G) for user = $U" },
	{ 113015, 6, FROM_CERTAUTH, "AAA user authentication Rejected : reason = $1 : local database : user = $2 : user IP = $P" },
	{ 113019, 4, 0, "Group = $T, Username = $U, IP = $P, Session disconnected. Session Type: $1, Duration: $2, Bytes xmt: $3, Bytes rcv: $4, Reason: $R" },
	{ 113025, 5, FROM_CERTAUTH, "Group $1: $2 Could not authenticate ssl-client connection from $P" },
	{ 113040, 4, 0, "Group <$1> User <$2> IP <$P> Terminating the VPN connection attempt from $3. Reason: This connection is group locked to $4." },
	{ 113039, 6, 0, GUI "AnyConnect parent session started." },
	{ 716002, 6, 0, GUI "WebVPN session terminated: $1." },
	{ 716006, 6, 0, GUI "WebVPN session not allowed. WebVPN protocol is disabled for this user." },
	{ 716039, 6, FROM_WORKER, "Group <$1> User <*****> IP <$P> Authentication: rejected, Session Type: WebVPN." },
	{ 716052, 4, 0, GUI "Pending session terminated." },
	{ 716058, 6, 0, "Group <$T> User <$U> IP <$P> AnyConnect session lost connection. Waiting to resume." },
	{ 716059, 6, 0, "Group <$T> User <$U> IP <$1> AnyConnect session resumed connection from IP <$P>." },
	{ 717009, 3, FROM_CERTAUTH, "Certificate validation failed. $1." },
	{ 717022, 6, FROM_CERTAUTH, "Certificate was successfully validated. serial number: $1, subject name:  $2." },
	{ 717023, 3, FROM_WORKER, "SSL failed to set device certificate for trustpoint $1. Reason: $2." },
	{ 717025, 7, FROM_CERTAUTH, "Validating certificate chain containing $1 certificate(s)." },
	{ 717027, 3, FROM_CERTAUTH, "Certificate chain failed validation. $1." },
	{ 717028, 6, FROM_CERTAUTH, "Certificate chain was successfully validated with $1." },
	{ 717029, 7, FROM_CERTAUTH, "Identified client certificate within certificate chain. serial number: $1, subject name: $2." },
	{ 717030, 7, FROM_CERTAUTH, "Found a suitable trustpoint $1 to validate certificate." },
	{ 717031, 4, FROM_CERTAUTH, "Failed to find a suitable trustpoint for the issuer: $1 Reason: $2" },
	{ 717036, 7, FROM_CERTAUTH, "Looking for a tunnel group match based on certificate maps for peer certificate with serial number: $1, subject name: $2, issuer_name: $3." },
	{ 717037, 4, FROM_CERTAUTH, "Tunnel group search using certificate maps failed for peer certificate: serial number: $1, subject name: $2, issuer_name: $3." },
	{ 717038, 7, FROM_CERTAUTH, "Tunnel group match found. Tunnel Group: $1, Peer certificate: serial number: $2, subject name: $3, issuer_name: $4." },
	{ 722003, 4, FROM_WORKER, "IP <$P> Error authenticating SVC connect request." },
	{ 722012, 5, FROM_WORKER, GUI "SVC Message: 16/NOTICE: $1." },
	{ 722015, 4, FROM_WORKER, GUI "Unknown SVC frame type: $1" },
	{ 722017, 4, FROM_WORKER, GUI "Bad SVC framing: $1, reserved: $2" },
	{ 722020, 3, 0, "TunnelGroup <$T> GroupPolicy <$G> User <$U> IP <$P> No address available for SVC connection" },
	{ 722022, 6, 0, GUI "$1 SVC connection established without compression" },
	{ 722023, 6, 0, GUI "$1 SVC connection terminated without compression" },
	{ 722029, 7, 0, GUI "SVC Session Termination: Conns: $1, DPD Conns: $2, Comp resets: 0, Dcmp resets: 0." },
	{ 722030, 7, 0, GUI "SVC Session Termination: In: $1 (+0) bytes, $2 (+0) packets, $3 drops." },
	{ 722031, 7, 0, GUI "SVC Session Termination: Out: $1 (+0) bytes, $2 (+0) packets, $3 drops." },
	{ 722032, 5, 0, GUI "New $1 SVC connection replacing old connection." },
	{ 722033, 5, 0, GUI "First $1 SVC connection established for SVC session." },
	{ 722034, 5, 0, GUI "New $1 SVC connection, no existing connection." },
	{ 722037, 4, 0, GUI "SVC closing connection: $1." },
	{ 722043, 5, FROM_WORKER, GUI "DTLS disabled: unable to negotiate cipher" },
	{ 722050, 4, 0, GUI "Session terminated: SVC not enabled for the user" },
	{ 722051, 6, 0, GUI "IPv4 Address <$1> IPv6 address <::> assigned to session" },
	{ 722055, 6, 0, GUI "Client Type: $1" },
	{ 725001, 6, FROM_WORKER, "Starting SSL handshake with client $C for $1 session" },
	{ 725002, 6, FROM_WORKER, "Device completed SSL handshake with client $C for $1 session" },
	{ 725006, 6, FROM_WORKER, "Device failed SSL handshake with client $C" },
	{ 725007, 6, FROM_WORKER, "SSL session with client $C terminated" },
	{ 725012, 7, FROM_WORKER, "Device chooses cipher $1 for the SSL session with client $C" },
	{ 725014, 7, FROM_WORKER, "SSL lib error. Function: $1 Reason: $2" },
	{ 725015, 3, FROM_CERTAUTH, "Error verifying client certificate. Public key size in client certificate ($1 bits) exceeds the maximum supported key size of 4096 bits" },
	{ 725016, 6, FROM_WORKER, "Device selects trust-point $1 for client $C" },
	{ 725017, 7, FROM_WORKER, "No certificates received during the handshake with client $C for $1 session" },
	{ 725025, 6, 0, "SSL Pre-auth connection rate limit hit high watermark" },
	{ 734001, 6, 0, "DAP: User $U, Addr $P, Connection AnyConnect: The following DAP records were selected for this connection: DfltAccessPolicy" },
	{ 737006, 6, 0, "IPAA: Session=$S, Local pool request succeeded for tunnel-group '$T'" },
	{ 737007, 5, 0, "IPAA: Session=$S, Local pool request failed for tunnel-group '$T'" },
	{ 737012, 4, 0, "IPAA: Session=$S, Address assignment failed" },
	{ 737013, 4, 0, "IPAA: Session=$S, Error freeing address $1, not found" },
	{ 737016, 6, 0, "IPAA: Session=$S, Freeing local pool $1 address $2" },
	{ 737019, 4, 0, "IPAA: Session=$S, Unable to get address from group-policy or tunnel-group local pools" },
	{ 737026, 6, 0, "IPAA: Session=$S, Client assigned $2 from local pool $1" },
};

static struct {
	bool enabled, timestamp;
	unsigned level;
} settings = { true, false, 6 };

void
asalog_configure(const struct config *cfg, bool foreground)
{
	enum { INFORMATIONAL = 6 };

	/* in the foreground the screen is what was asked for: silent only when told so */
	settings.enabled = cfg->logging.enable == SETTING_UNSET ? foreground : cfg->logging.enable == 1;
	settings.timestamp = cfg->logging.timestamp;
	settings.level = cfg->logging.to[LOG_CONSOLE].level >= 0 ? (unsigned)cfg->logging.to[LOG_CONSOLE].level : INFORMATIONAL;
}

static const struct asa_message *
message_find(unsigned number)
{
	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		if (messages[i].number == number)
			return &messages[i];
	}
	return NULL;
}

bool
asalog_from_worker(unsigned number)
{
	const struct asa_message *m = message_find(number);

	return m != NULL && m->from == FROM_WORKER;
}

bool
asalog_from_certauth(unsigned number)
{
	const struct asa_message *m = message_find(number);

	return m != NULL && m->from == FROM_CERTAUTH;
}

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

	switch (what) {
	case 'G':
		return s != NULL ? s->group_policy : "DfltGrpPolicy";
	case 'T':
		return s != NULL ? s->tunnel_group : "DefaultWEBVPNGroup";
	case 'U':
		return s != NULL ? s->user : "unknown";
	case 'P':
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
	default:
		return what >= '1' && what <= '4' ? or_empty(args[what - '1']) : "";
	}
}

static size_t
timestamp_put(char *out, size_t size)
{
	time_t now = time(NULL);
	struct tm tm;

	return strftime(out, size, "%b %d %Y %H:%M:%S: ", gmtime_r(&now, &tm));
}

void
asalog(unsigned number, const struct conn *c, const struct session *s, const char *arg1, const char *arg2,
    const char *arg3, const char *arg4)
{
	const char *const args[] = { arg1, arg2, arg3, arg4 };
	const struct asa_message *m = message_find(number);
	char line[2048], tmp[256];
	size_t at = 0;

	if (m == NULL || !settings.enabled || m->severity > settings.level)
		return;
	if (s == NULL && c != NULL)
		s = conn_session(c);
	if (settings.timestamp)
		at = timestamp_put(line, sizeof(line));
	at += (size_t)snprintf(line + at, sizeof(line) - at, "%%ASA-%u-%u: ", m->severity, m->number);
	for (const char *p = m->text; *p != '\0' && at < sizeof(line) - 1; p++) {
		const char *value;
		size_t len;

		if (*p != '$') {
			line[at++] = *p;
			continue;
		}
		value = value_of(*++p, c, s, args, tmp, sizeof(tmp));
		len = strnlen(value, sizeof(line) - 1 - at);
		memcpy(line + at, value, len);
		at += len;
	}
	line[at] = '\0';
	log_raw((int)m->severity, line);
}
