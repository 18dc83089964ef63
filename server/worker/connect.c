/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/worker/connect.h"

#include <ctype.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/buf.h"
#include "common/mem.h"
#include "server/config/model.h"
#include "server/worker/http.h"
#include "server/worker/mtu.h"
#include "server/worker/tls.h"
#include "server/worker/tunnel.h"
#include "server/worker/web.h"
#include "server/worker/worker.h"

#define HEAD_BYTES       4096 /* of the answer to CONNECT, but for its split networks */
#define SPLIT_LINE_BYTES 64
#define LEASE_DURATION_S 1209600 /* protocol.md 1.7 */

static unsigned
header_number(const struct http_request *r, const char *name)
{
	const char *v = http_header(r, name);

	if (v == NULL || !isdigit((unsigned char)*v) || strspn(v, "0123456789") > 5)
		return 0;
	return (unsigned)strtoul(v, NULL, 10);
}

static void
hostname_take(struct connect *c, const char *name)
{
	size_t len = name == NULL ? 0 : strlen(name);

	if (len == 0 || len > 64)
		return;
	for (size_t i = 0; i < len; i++) {
		if (!isalnum((unsigned char)name[i]) && strchr("._-", name[i]) == NULL)
			return;
	}
	memcpy(c->hostname, name, len + 1);
}

static char *
copy_or_null(const char *s)
{
	return s == NULL ? NULL : xstrdup(s);
}

static bool
all_zero(const uint8_t *p, size_t n)
{
	uint8_t any = 0;

	while (n > 0)
		any |= p[--n];
	return any == 0;
}

static struct connect *
connect_parse(const struct http_request *r)
{
	struct connect *c = xcalloc(1, sizeof(*c));
	const char *master = http_header(r, "X-DTLS-Master-Secret");

	c->phone = client_family(http_header(r, "User-Agent")) == CLIENT_PHONE;
	hostname_take(c, http_header(r, "X-CSTP-Hostname"));
	c->wanted_mtu = header_number(r, "X-CSTP-MTU");
	c->base_mtu = header_number(r, "X-CSTP-Base-MTU");
	c->x_dtls = copy_or_null(http_header(r, "X-DTLS-CipherSuite"));
	c->x_dtls12 = copy_or_null(http_header(r, "X-DTLS12-CipherSuite"));
	c->has_master = master != NULL && hex_get(master, strlen(master), c->master, sizeof(c->master)) &&
	    !all_zero(c->master, sizeof(c->master));
	return c;
}

void
connect_free(struct connect *c)
{
	if (c == NULL)
		return;
	free(c->x_dtls);
	free(c->x_dtls12);
	explicit_bzero(c, sizeof(*c));
	free(c);
}

static bool
target_ok(const char *path)
{
	return strcasecmp(path, "/CSCOSSLC/tunnel") == 0 || strcasecmp(path, "CSCOSSLC/tunnel") == 0;
}

void
connect_handle(struct worker *w, const struct http_request *r)
{
	const char *agent = http_header(r, "User-Agent");
	struct ipc_session_ask ask = { 0 };
	char cookie[129], short_agent[256];

	if (!target_ok(r->path)) {
		worker_note(w, "CONNECT to %s refused", r->path);
		web_answer(w, 404, "Not Found", "", NULL, true);
		return;
	}
	if (!http_cookie(r, "webvpn", cookie, sizeof(cookie)) || cookie[0] == '\0') {
		worker_log(w, 722003, NULL, NULL);
		web_answer(w, 401, "Cookie is not acceptable", "", NULL, true);
		return;
	}
	connect_free(w->connect);
	w->connect = connect_parse(r);
	snprintf(short_agent, sizeof(short_agent), "%s", agent == NULL ? "" : agent);
	ask.cookie = cookie;
	ask.user_agent = short_agent;
	ask.hostname = w->connect->hostname;
	ask.trustpoint = w->choice.identity->trustpoint;
	ask.server_sha1 = w->choice.identity->sha1;
	ask.phone = w->connect->phone;
	ask.wants_dtls = w->connect->has_master && (w->connect->x_dtls != NULL || w->connect->x_dtls12 != NULL);
	ask.tls_suite = w->choice.suite->id;
	ask.tls_version = (uint8_t)w->choice.version;
	w->state = WORKER_GRANT;
	if (ipc_send(&w->main, MSG_session_ask, &ask) != 0)
		web_answer(w, 503, "Service Unavailable", "Retry-After: 5\r\n", NULL, true);
	explicit_bzero(cookie, sizeof(cookie));
}

void
connect_denied(struct worker *w, const struct ipc_session_deny *m)
{
	const char *text = m->status == 401 ? "Cookie is not acceptable" : m->status == 403 ? "Forbidden" : "Service Unavailable";
	char headers[300];

	if (w->state != WORKER_GRANT)
		return;
	w->state = WORKER_HTTP;
	snprintf(headers, sizeof(headers), "X-Reason: %s\r\n", m->reason);
	web_answer(w, m->status, text, headers, NULL, true);
}

/* The path's MTU: what the client knows of its link, what the kernel knows of the TCP path, our interface. */
static unsigned
link_mtu(const struct worker *w, const struct ipc_session_grant *m)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);
	unsigned mtu = m->link_mtu_bytes != 0 ? m->link_mtu_bytes : 1500;

	if (w->connect->base_mtu >= MTU_FLOOR && w->connect->base_mtu < mtu)
		mtu = w->connect->base_mtu;
	if (getsockopt(w->tcp_fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0 && info.tcpi_pmtu >= MTU_FLOOR &&
	    info.tcpi_pmtu < mtu)
		mtu = info.tcpi_pmtu;
	return mtu;
}

static void
suites_take(struct suite_list *list, const struct ipc_blob *ids)
{
	struct rd r = rd_init(ids->data, ids->len);

	list->count = 0;
	while (rd_left(&r) >= 2 && list->count < SUITE_LIST_MAX) {
		const struct suite *s = suite_by_id(rd_u16(&r));

		if (s != NULL)
			list->suites[list->count++] = s;
	}
}

static const struct dtls_name *
dtls_pick(struct worker *w, const struct ipc_session_grant *m)
{
	struct dtls_offer offer = {
		.x_dtls = w->connect->x_dtls,
		.x_dtls12 = w->connect->x_dtls12,
		.tls_suite = w->choice.suite,
		.phone = w->connect->phone,
	};
	const struct dtls_name *name;
	char what[400];

	if (!w->connect->has_master || m->dtls_id.len != DTLS_ID_BYTES)
		return NULL;
	suites_take(&offer.allowed10, &m->dtls10_suites);
	suites_take(&offer.allowed12, &m->dtls12_suites);
	name = dtls_choose(&offer);
	if (name == NULL) {
		worker_log(w, 722043, NULL, NULL);
		snprintf(what, sizeof(what), "%.180s%s%.180s", offer.x_dtls ? offer.x_dtls : "",
		    offer.x_dtls12 ? " and for DTLS 1.2 " : "", offer.x_dtls12 ? offer.x_dtls12 : "");
		worker_note(w, "no DTLS: TLS used %s, the client offers %s", w->choice.suite->name, what);
	}
	return name;
}

struct text { /* the growing head of the answer */
	char *p, *end;
};

static void __attribute__((format(printf, 2, 3)))
line(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(t->p, (size_t)(t->end - t->p), fmt, ap);
	va_end(ap);
	if (n > 0)
		t->p += n < t->end - t->p ? n : t->end - t->p - 1;
	n = snprintf(t->p, (size_t)(t->end - t->p), "\r\n");
	if (n > 0 && n < t->end - t->p)
		t->p += n;
}

/* Seconds, or "none" for 0. */
static void
line_seconds(struct text *t, const char *name, uint32_t seconds)
{
	if (seconds == 0)
		line(t, "%s: none", name);
	else
		line(t, "%s: %u", name, seconds);
}

static void
lines_address(struct text *t, const struct ipc_session_grant *m)
{
	struct addr mask = addr_from_ip4((struct in_addr){ htonl(m->netmask) }, 0);
	char ip[ADDR_STR];

	line(t, "X-CSTP-Address: %s", addr_ip_str(&m->address, ip));
	line(t, "X-CSTP-Netmask: %s", addr_ip_str(&mask, ip));
	for (uint32_t i = 0; i + 4 <= m->dns.len; i += 4) {
		struct addr dns = { .family = 4 };

		memcpy(dns.ip, (const uint8_t *)m->dns.data + i, 4);
		line(t, "X-CSTP-DNS: %s", addr_ip_str(&dns, ip));
	}
	if (m->default_domain[0] != '\0')
		line(t, "X-CSTP-Default-Domain: %s", m->default_domain);
}

/* Networks of the split tunnel; a phone gets none (asa-reference 4.9). */
static void
lines_split(struct text *t, const struct ipc_session_grant *m)
{
	const char *name = m->split == 1 ? "X-CSTP-Split-Include" : "X-CSTP-Split-Exclude";
	char ip[ADDR_STR], mask[ADDR_STR];

	for (uint32_t i = 0; m->split != 0 && i + 8 <= m->split_nets.len; i += 8) {
		struct addr net = { .family = 4 }, netmask = { .family = 4 };

		memcpy(net.ip, (const uint8_t *)m->split_nets.data + i, 4);
		memcpy(netmask.ip, (const uint8_t *)m->split_nets.data + i + 4, 4);
		line(t, "%s: %s/%s", name, addr_ip_str(&net, ip), addr_ip_str(&netmask, mask));
	}
}

static void
lines_timers(struct text *t, const struct ipc_session_grant *m)
{
	line(t, "X-CSTP-Lease-Duration: %u", LEASE_DURATION_S);
	line_seconds(t, "X-CSTP-Session-Timeout", m->session_s);
	if (m->session_s != 0)
		line(t, "X-CSTP-Session-Timeout-Remaining: %u", m->session_left_s);
	line_seconds(t, "X-CSTP-Idle-Timeout", m->idle_s);
	line_seconds(t, "X-CSTP-Disconnected-Timeout", m->idle_s);
	line(t, "X-CSTP-Keep: true");
	line(t, "X-CSTP-Tunnel-All-DNS: false");
	if (m->dpd_client_s != 0)
		line(t, "X-CSTP-DPD: %u", m->dpd_client_s);
	if (m->keepalive_s != 0)
		line(t, "X-CSTP-Keepalive: %u", m->keepalive_s);
	line(t, "X-CSTP-MSIE-Proxy-Lockdown: true");
	line(t, "X-CSTP-Smartcard-Removal-Disconnect: true");
	line(t, "X-CSTP-Rekey-Method: none");
}

static void
lines_dtls(struct text *t, const struct ipc_session_grant *m, const struct dtls_name *dtls)
{
	char id[2 * DTLS_ID_BYTES + 1];

	if (dtls == NULL)
		return; /* not one X-DTLS line then: protocol.md 1.7 */
	hex_put(m->dtls_id.data, DTLS_ID_BYTES, id);
	line(t, "X-DTLS-Session-ID: %s", id);
	line(t, "X-DTLS-Port: %u", m->udp_port);
	if (m->keepalive_s != 0)
		line(t, "X-DTLS-Keepalive: %u", m->keepalive_s);
	if (m->dpd_client_s != 0)
		line(t, "X-DTLS-DPD: %u", m->dpd_client_s);
	line(t, "%s: %s", dtls->x_dtls12 ? "X-DTLS12-CipherSuite" : "X-DTLS-CipherSuite", dtls->name);
}

static size_t
answer_make(struct worker *w, const struct ipc_session_grant *m, const struct dtls_name *dtls, unsigned mtu, char *out, size_t size)
{
	struct text t = { out, out + size };

	line(&t, "HTTP/1.1 200 CONNECTED");
	line(&t, "X-CSTP-Version: 1");
	line(&t, "X-CSTP-Server-Name: offhook");
	lines_address(&t, m);
	if (!w->connect->phone)
		lines_split(&t, m);
	line(&t, "X-CSTP-Hostname: %s", w->config->hostname);
	lines_timers(&t, m);
	lines_dtls(&t, m, dtls);
	line(&t, "X-CSTP-MTU: %u", mtu);
	if (dtls != NULL)
		line(&t, "X-DTLS-MTU: %u", mtu);
	if (!w->connect->phone && w->connect->base_mtu != 0)
		line(&t, "X-CSTP-Base-MTU: %u", link_mtu(w, m));
	line(&t, "X-CSTP-Routing-Filtering-Ignore: false");
	line(&t, "X-CSTP-Quarantine: false");
	line(&t, "X-CSTP-Disable-Always-On-VPN: false");
	line(&t, "X-CSTP-Client-Bypass-Protocol: false");
	line(&t, "X-CSTP-TCP-Keepalive: true");
	line(&t, "X-CSTP-License: accept");
	line(&t, "%s", "");
	return (size_t)(t.p - out);
}

void
connect_granted(struct worker *w, const struct ipc_session_grant *m, int forwarder_fd)
{
	const struct dtls_name *dtls;
	struct tunnel_setup setup = { 0 };
	struct ipc_session_bind bind;
	size_t len, size = HEAD_BYTES + m->split_nets.len / 8 * SPLIT_LINE_BYTES;
	char *head = xmalloc(size);
	unsigned link, mtu;

	dtls = dtls_pick(w, m);
	link = link_mtu(w, m);
	mtu = mtu_choose(dtls != NULL ? suite_by_id(dtls->suite) : NULL, m->mtu_bytes, w->connect->wanted_mtu, link,
	    w->peer.family == 6);
	bind.mtu_bytes = mtu;
	ipc_send(&w->main, MSG_session_bind, &bind);

	setup.phone = w->connect->phone;
	setup.mtu_bytes = mtu;
	setup.udp_payload_bytes = link - (w->peer.family == 6 ? 48 : 28);
	setup.grant = m;
	setup.forwarder_fd = forwarder_fd;
	setup.dtls = dtls;
	setup.master = w->connect->master;
	len = answer_make(w, m, dtls, mtu, head, size);
	tunnel_start(w, &setup, head, len);
	free(head);
	connect_free(w->connect);
	w->connect = NULL;
}
