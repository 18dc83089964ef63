/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/show/session_view.h"

#include <stdarg.h>
#include <string.h>

#include "server/main/daemon.h"
#include "server/main/session_address.h"
#include "server/show/format.h"

#define PORT_DTLS 443

const char *const view_tunnel_names[VIEW_TUNNELS] = { "AnyConnect-Parent", "SSL-Tunnel", "DTLS-Tunnel" };

/* A phone's keepalives hold its idle timeout off, other clients' packets do (protocol.md 2.4). */
static long
idle_of(const struct session *s, const struct counters *n, double now)
{
	double last = (double)n->active_ms / 1000;

	if (s->state == SESSION_WAITING)
		return (long)(now - s->waiting_since);
	if (s->phone)
		return 0;
	return (long)(now - (last > s->login_at ? last : s->login_at));
}

static void
algorithm_set(struct session_view *v, enum view_tunnel t, const struct suite *suite)
{
	v->algorithms[t].encryption = suite != NULL ? suite->encryption : "none";
	v->algorithms[t].hashing = suite != NULL ? suite->hashing : "none";
}

void
session_view_make(const struct session *s, struct session_view *v)
{
	double now = ev_now(daemon_.loop);
	struct addr assigned = session_address(s), assigned6 = session_address6(s);

	memset(v, 0, sizeof(*v));
	v->s = s;
	v->counters = session_counters(s);
	v->duration_s = (long)(now - s->login_at);
	v->inactivity_s = s->state == SESSION_WAITING ? (long)(now - s->waiting_since) : 0;
	v->idle_s = idle_of(s, &v->counters, now);
	v->up[VIEW_PARENT] = true;
	v->up[VIEW_TLS] = s->state == SESSION_ACTIVE;
	v->up[VIEW_DTLS] = v->up[VIEW_TLS] && s->dtls_suite != NULL;
	/* phones show the TLS cipher for the parent too, desktop clients none */
	algorithm_set(v, VIEW_PARENT, v->up[VIEW_TLS] && s->phone ? s->tls_suite : NULL);
	algorithm_set(v, VIEW_TLS, s->tls_suite);
	algorithm_set(v, VIEW_DTLS, s->dtls_suite);
	addr_ip_str(&assigned, v->assigned);
	addr_ip_str(&assigned6, v->assigned6);
	addr_ip_str(&s->public_addr, v->public);
	session_audit_id(s, v->audit);
}

/* ---- text ---- */

static const char *
license(const struct session *s)
{
	return s->phone ? "AnyConnect Premium, AnyConnect for Cisco VPN Phone" : "AnyConnect Premium";
}

static const char *
number(unsigned long long n, char out[24])
{
	snprintf(out, 24, "%llu", n);
	return out;
}

static const char *
protocols(const struct session_view *v, char *out, size_t size)
{
	int n = 0;

	for (int t = 0; t < VIEW_TUNNELS; t++) {
		if (v->up[t])
			n += snprintf(out + n, size - (size_t)n, "%s%s", n > 0 ? " " : "", view_tunnel_names[t]);
	}
	return out;
}

static const char *
algorithms(const struct session_view *v, bool hashing, char *out, size_t size)
{
	int n = 0;

	for (int t = 0; t < VIEW_TUNNELS; t++) {
		if (v->up[t])
			n += snprintf(out + n, size - (size_t)n, "%s%s: (1)%s", n > 0 ? "  " : "", view_tunnel_names[t],
			    hashing ? v->algorithms[t].hashing : v->algorithms[t].encryption);
	}
	return out;
}

static void
counters_rows(const struct counters *n, FILE *f, const char *indent, bool packets)
{
	char a[24], b[24];

	fputs(indent, f);
	format_row(f, "Bytes Tx", number(n->tx_bytes, a), "Bytes Rx", number(n->rx_bytes, b));
	if (!packets)
		return;
	fputs(indent, f);
	format_row(f, "Pkts Tx", number(n->tx_packets, a), "Pkts Rx", number(n->rx_packets, b));
	fputs(indent, f);
	format_row(f, "Pkts Tx Drop", number(n->tx_drops, a), "Pkts Rx Drop", number(n->rx_drops, b));
}

static void
block(const struct session_view *v, FILE *f, bool packets)
{
	const struct session *s = v->s;
	char a[200], b[24];

	format_row(f, "Username", s->user, "Index", number(s->index, b));
	if (s->has_lease)
		format_row(f, "Assigned IP", v->assigned, "Public IP", v->public);
	else
		format_row(f, "Public IP", v->public, NULL, NULL);
	if (s->has_lease6)
		fprintf(f, "Assigned IPv6: %s\n", v->assigned6);
	format_row(f, "Protocol", protocols(v, a, sizeof(a)), NULL, NULL);
	format_row(f, "License", license(s), NULL, NULL);
	format_row(f, "Encryption", algorithms(v, false, a, sizeof(a)), NULL, NULL);
	format_row(f, "Hashing", algorithms(v, true, a, sizeof(a)), NULL, NULL);
	counters_rows(&v->counters, f, "", packets);
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

void
session_view_text(const struct session_view *v, FILE *f)
{
	block(v, f, false);
}

/* ---- the tunnels one by one ---- */

static const char *
auth_mode(const struct session *s)
{
	bool certificate = (s->authentication & AUTH_CERTIFICATE) != 0, aaa = (s->authentication & AUTH_AAA) != 0;

	return certificate && aaa ? "Certificate and userPassword" : aaa ? "userPassword" : "Certificate";
}

static struct counters
tunnel_counters(const struct session_view *v, enum view_tunnel t)
{
	const struct counters *n = &v->counters;

	if (t == VIEW_PARENT)
		return (struct counters){ 0 };
	if (t == VIEW_DTLS)
		return (struct counters){ .rx_bytes = n->dtls_rx_bytes, .tx_bytes = n->dtls_tx_bytes,
			.rx_packets = n->dtls_rx_packets, .tx_packets = n->dtls_tx_packets, .rx_drops = n->dtls_rx_drops,
			.tx_drops = n->dtls_tx_drops };
	return (struct counters){ .rx_bytes = n->rx_bytes - n->dtls_rx_bytes, .tx_bytes = n->tx_bytes - n->dtls_tx_bytes,
		.rx_packets = n->rx_packets - n->dtls_rx_packets, .tx_packets = n->tx_packets - n->dtls_tx_packets,
		.rx_drops = n->rx_drops - n->dtls_rx_drops, .tx_drops = n->tx_drops - n->dtls_tx_drops };
}

static unsigned
tunnel_number(const struct session *s, enum view_tunnel t)
{
	return t == VIEW_PARENT ? 1 : t == VIEW_TLS ? s->tls_tunnel_id : s->dtls_tunnel_id;
}

static const char *
encapsulation(const struct session *s, enum view_tunnel t)
{
	static const char *const tls[] = { "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3" };

	if (t == VIEW_DTLS)
		return s->dtls_version == SUITE_DTLS12 ? "DTLSv1.2" : "DTLSv1.0";
	return tls[s->tls_version & 3];
}

static unsigned
dtls_port(void)
{
	int32_t port = daemon_.config->webvpn.dtls_port;

	return port == SETTING_UNSET ? PORT_DTLS : (unsigned)port;
}

/* Rows of two fields fill up from the left: "Encapsulation" and a port, the next port and "Auth Mode". */
static void
ports_rows(const struct session_view *v, enum view_tunnel t, FILE *f)
{
	const struct session *s = v->s;
	char src[24], dst[24];

	number(t == VIEW_DTLS ? v->counters.udp_port : s->public_addr.port, src);
	number(t == VIEW_DTLS ? dtls_port() : s->local_addr.port, dst);
	if (t == VIEW_PARENT) {
		fputs("  ", f);
		format_row(f, "TCP Src Port", src, "TCP Dst Port", dst);
		fputs("  ", f);
		format_row(f, "Auth Mode", auth_mode(s), NULL, NULL);
		return;
	}
	fputs("  ", f);
	format_row(f, "Encapsulation", encapsulation(s, t), t == VIEW_DTLS ? "UDP Src Port" : "TCP Src Port", src);
	fputs("  ", f);
	format_row(f, t == VIEW_DTLS ? "UDP Dst Port" : "TCP Dst Port", dst, "Auth Mode", auth_mode(s));
}

static void
timeout_row(FILE *f, const char *out_label, const char *left_label, int32_t minutes, long gone_s)
{
	char out[40], left[40];
	long rest = (long)minutes * 60 - gone_s;

	if (minutes < 0)
		return;
	snprintf(out, sizeof(out), "%d Minutes", minutes);
	snprintf(left, sizeof(left), "%ld Minutes", rest > 0 ? (rest - 1) / 60 : 0);
	fputs("  ", f);
	format_row(f, out_label, out, left_label, left);
}

static void
tunnel_block(const struct session_view *v, enum view_tunnel t, FILE *f)
{
	static const char *const client_types[VIEW_TUNNELS] = { "AnyConnect", "SSL VPN Client", "DTLS VPN Client" };
	const struct session *s = v->s;
	const struct suite *suite = t == VIEW_DTLS ? s->dtls_suite : s->tls_suite;
	struct counters n = tunnel_counters(v, t);
	char id[32];

	snprintf(id, sizeof(id), "%u.%u", s->index, tunnel_number(s, t));
	fprintf(f, "\n%s:\n  ", view_tunnel_names[t]);
	format_row(f, "Tunnel ID", id, NULL, NULL);
	fputs("  ", f);
	if (t != VIEW_PARENT && s->has_lease)
		format_row(f, "Assigned IP", v->assigned, "Public IP", v->public);
	else
		format_row(f, "Public IP", v->public, NULL, NULL);
	if (t != VIEW_PARENT && s->has_lease6)
		fprintf(f, "  Assigned IPv6: %s\n", v->assigned6);
	fputs("  ", f);
	format_row(f, "Encryption", v->algorithms[t].encryption, "Hashing", v->algorithms[t].hashing);
	if (t != VIEW_PARENT)
		fprintf(f, "  %-13s: %s\n", "Ciphersuite", suite->name);
	ports_rows(v, t, f);
	timeout_row(f, "Idle Time Out", "Idle TO Left", s->policy.vpn_idle_timeout, v->idle_s);
	timeout_row(f, "Conn Time Out", "Conn TO Left", s->policy.vpn_session_timeout, v->duration_s);
	fprintf(f, "  %-13s: %s\n  %-13s: %s\n", "Client Type", client_types[t], "Client Ver", s->user_agent);
	counters_rows(&n, f, "  ", true);
	if (t != VIEW_PARENT && s->policy.vpn_filter != NULL && s->policy.vpn_filter[0] != '\0')
		fprintf(f, "  %-13s: %s\n", "Filter Name", s->policy.vpn_filter);
}

void
session_view_detail(const struct session_view *v, FILE *f)
{
	block(v, f, true);
	fputc('\n', f);
	for (int t = 0; t < VIEW_TUNNELS; t++) {
		if (v->up[t])
			fprintf(f, "%s Tunnels: 1\n", view_tunnel_names[t]);
	}
	for (int t = 0; t < VIEW_TUNNELS; t++) {
		if (v->up[t])
			tunnel_block(v, (enum view_tunnel)t, f);
	}
}

/* ---- one line ---- */

static void __attribute__((format(printf, 3, 4)))
field(FILE *f, const char *name, const char *fmt, ...)
{
	va_list ap;

	fprintf(f, "; %s: ", name);
	va_start(ap, fmt);
	vfprintf(f, fmt, ap);
	va_end(ap);
}

void
session_view_full(const struct session_view *v, FILE *f)
{
	const struct session *s = v->s;
	const struct counters *n = &v->counters;
	char a[200];

	fprintf(f, "Session Type: AnyConnect");
	field(f, "Username", "%s", s->user);
	field(f, "Index", "%u", s->index);
	field(f, "Assigned IP", "%s", s->has_lease ? v->assigned : "N/A");
	if (s->has_lease6)
		field(f, "Assigned IPv6", "%s", v->assigned6);
	field(f, "Public IP", "%s", v->public);
	field(f, "Protocol", "%s", protocols(v, a, sizeof(a)));
	field(f, "License", "%s", license(s));
	field(f, "Encryption", "%s", algorithms(v, false, a, sizeof(a)));
	field(f, "Hashing", "%s", algorithms(v, true, a, sizeof(a)));
	field(f, "Bytes Tx", "%llu", (unsigned long long)n->tx_bytes);
	field(f, "Bytes Rx", "%llu", (unsigned long long)n->rx_bytes);
	field(f, "Pkts Tx", "%llu", (unsigned long long)n->tx_packets);
	field(f, "Pkts Rx", "%llu", (unsigned long long)n->rx_packets);
	field(f, "Pkts Tx Drop", "%llu", (unsigned long long)n->tx_drops);
	field(f, "Pkts Rx Drop", "%llu", (unsigned long long)n->rx_drops);
	field(f, "Group Policy", "%s", s->group_policy);
	field(f, "Tunnel Group", "%s", s->tunnel_group);
	format_time(s->login_time, a, sizeof(a));
	field(f, "Login Time", "%s", a);
	format_duration(v->duration_s, a, sizeof(a));
	field(f, "Duration", "%s", a);
	format_duration(v->inactivity_s, a, sizeof(a));
	field(f, "Inactivity", "%s", a);
	field(f, "Client Ver", "%s", s->user_agent);
	field(f, "Audt Sess ID", "%s", v->audit);
	fputc('\n', f);
}

/* ---- JSON ---- */

static void
tunnels_json(const struct session_view *v, struct json *j)
{
	const struct session *s = v->s;

	json_array(j, "tunnels");
	for (int t = VIEW_TLS; t < VIEW_TUNNELS; t++) {
		struct counters n = tunnel_counters(v, (enum view_tunnel)t);

		if (!v->up[t])
			continue;
		json_object(j, NULL);
		json_str(j, "tunnel", view_tunnel_names[t]);
		json_int(j, "id", tunnel_number(s, (enum view_tunnel)t));
		json_str(j, "version", encapsulation(s, (enum view_tunnel)t));
		json_str(j, "cipher", t == VIEW_DTLS ? s->dtls_suite->name : s->tls_suite->name);
		json_int(j, "public_port", t == VIEW_DTLS ? (int64_t)v->counters.udp_port : s->public_addr.port);
		json_int(j, "bytes_tx", (int64_t)n.tx_bytes);
		json_int(j, "bytes_rx", (int64_t)n.rx_bytes);
		json_int(j, "packets_tx", (int64_t)n.tx_packets);
		json_int(j, "packets_rx", (int64_t)n.rx_packets);
		json_int(j, "drops_tx", (int64_t)n.tx_drops);
		json_int(j, "drops_rx", (int64_t)n.rx_drops);
		json_end_object(j);
	}
	json_end_array(j);
}

void
session_view_json(const struct session_view *v, struct json *j)
{
	const struct session *s = v->s;
	bool tls = v->up[VIEW_TLS], dtls = v->up[VIEW_DTLS];
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
	json_str(j, "auth_mode", auth_mode(s));
	json_bool(j, "phone", s->phone);
	json_str(j, "client", s->user_agent);
	json_str(j, "hostname", s->hostname);
	json_str(j, "license", license(s));
	json_str(j, "server_trustpoint", s->trustpoint);
	json_str(j, "server_certificate_sha1", s->server_sha1);
	json_str(j, "tls_version", tls ? encapsulation(s, VIEW_TLS) : NULL);
	json_str(j, "tls_cipher", tls ? s->tls_suite->name : NULL);
	json_str(j, "dtls_version", dtls ? encapsulation(s, VIEW_DTLS) : NULL);
	json_str(j, "dtls_cipher", dtls ? s->dtls_suite->name : NULL);
	json_int(j, "mtu", s->mtu_bytes);
	json_int(j, "bytes_tx", (int64_t)v->counters.tx_bytes);
	json_int(j, "bytes_rx", (int64_t)v->counters.rx_bytes);
	json_int(j, "packets_tx", (int64_t)v->counters.tx_packets);
	json_int(j, "packets_rx", (int64_t)v->counters.rx_packets);
	json_int(j, "drops_tx", (int64_t)v->counters.tx_drops);
	json_int(j, "drops_rx", (int64_t)v->counters.rx_drops);
	tunnels_json(v, j);
	format_rfc3339(s->login_time, t, sizeof(t));
	json_str(j, "login_time", t);
	json_int(j, "duration_s", v->duration_s);
	json_int(j, "inactivity_s", v->inactivity_s);
	json_int(j, "idle_s", v->idle_s);
	json_str(j, "audit_session_id", v->audit);
	json_end_object(j);
}
