/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/worker/connect_answer.h"

#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/buf.h"
#include "common/mem.h"
#include "server/worker/compress.h"
#include "server/worker/connect.h"
#include "server/worker/lab.h"
#include "server/worker/tunnel.h"
#include "server/worker/worker.h"

#define HEAD_BYTES       (8192 + 3 * IPC_BANNER_MAX + 16 * IPC_SPLIT_DNS_MAX) /* but for split networks */
#define SPLIT_LINE_BYTES 96
#define LEASE_DURATION_S 1209600 /* protocol.md 1.7 */
#define MTU_IP6_MIN      1280    /* RFC 8200: below it there is no IPv6 */

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
lines_servers(struct text *t, const char *name, const struct ipc_blob *list)
{
	char ip[ADDR_STR];

	for (uint32_t i = 0; i + 4 <= list->len; i += 4) {
		struct addr a = { .family = 4 };

		memcpy(a.ip, (const uint8_t *)list->data + i, 4);
		line(t, "%s: %s", name, addr_ip_str(&a, ip));
	}
}

static void
lines_address(struct text *t, const struct ipc_session_grant *m, unsigned mtu_bytes)
{
	struct addr mask = addr_from_ip4((struct in_addr){ htonl(m->netmask) }, 0);
	char ip[ADDR_STR];

	line(t, "X-CSTP-Address: %s", addr_ip_str(&m->address, ip));
	line(t, "X-CSTP-Netmask: %s", addr_ip_str(&mask, ip));
	if (m->address6.family == 6 && mtu_bytes >= MTU_IP6_MIN)
		line(t, "X-CSTP-Address-IP6: %s/%u", addr_ip_str(&m->address6, ip), m->prefix6);
	lines_servers(t, "X-CSTP-DNS", &m->dns);
	lines_servers(t, "X-CSTP-NBNS", &m->wins);
	if (m->default_domain[0] != '\0')
		line(t, "X-CSTP-Default-Domain: %s", m->default_domain);
}

/* What phones have no use for: names, and the banner with all that is not plain text as %XX. */
static void
lines_names(struct text *t, const struct ipc_session_grant *m)
{
	char banner[3 * IPC_BANNER_MAX + 1], *out = banner;

	for (const char *at = m->split_dns; *at != '\0'; at += strspn(at, " ,")) {
		size_t len = strcspn(at, " ,");

		if (len > 0)
			line(t, "X-CSTP-Split-DNS: %.*s", (int)len, at);
		at += len;
	}
	for (const char *p = m->banner; *p != '\0'; p++) {
		if (*p == '%' || (unsigned char)*p < ' ' || *p == 0x7f)
			out += sprintf(out, "%%%02X", (unsigned char)*p);
		else
			*out++ = *p;
	}
	*out = '\0';
	if (banner[0] != '\0')
		line(t, "X-CSTP-Banner: %s", banner);
}

/* Networks of the split tunnel; a phone gets none (asa-reference 4.9). */
static void
lines_split(struct text *t, const struct ipc_session_grant *m, enum client_family family)
{
	const char *name = m->split == 1 ? "X-CSTP-Split-Include" : "X-CSTP-Split-Exclude";
	char ip[ADDR_STR], mask[ADDR_STR];

	for (uint32_t i = 0; m->split != 0 && i + 8 <= m->split_nets.len; i += 8) {
		struct addr net = { .family = 4 }, netmask = { .family = 4 };

		memcpy(net.ip, (const uint8_t *)m->split_nets.data + i, 4);
		memcpy(netmask.ip, (const uint8_t *)m->split_nets.data + i + 4, 4);
		line(t, "%s: %s/%s", name, addr_ip_str(&net, ip), addr_ip_str(&netmask, mask));
	}
	name = m->split6 == 1 ? "X-CSTP-Split-Include-IP6" : "X-CSTP-Split-Exclude-IP6";
	for (uint32_t i = 0; m->split6 != 0 && i + 17 <= m->split_nets6.len; i += 17) {
		struct addr net = { .family = 6 };

		memcpy(net.ip, (const uint8_t *)m->split_nets6.data + i, 16);
		line(t, "%s: %s/%u", name, addr_ip_str(&net, ip), ((const uint8_t *)m->split_nets6.data)[i + 16]);
	}
	if (m->split6 == 0 && m->address6.family == 6 && family == CLIENT_ANYCONNECT_IOS) /* without it iOS sends no IPv6 at all */
		line(t, "X-CSTP-Split-Include-IP6: 2000::/3");
}

static const char *
true_false(bool value)
{
	return value ? "true" : "false";
}

/* Both methods are a new tunnel, as on an ASA: nothing is ever negotiated anew inside of one. */
static void
lines_rekey(struct text *t, const char *channel, uint32_t seconds)
{
	if (seconds == 0) {
		line(t, "X-%s-Rekey-Method: none", channel);
		return;
	}
	line(t, "X-%s-Rekey-Time: %u", channel, seconds);
	line(t, "X-%s-Rekey-Method: new-tunnel", channel);
}

static void
lines_timers(struct text *t, const struct ipc_session_grant *m, bool phone)
{
	line(t, "X-CSTP-Lease-Duration: %u", LEASE_DURATION_S);
	line_seconds(t, "X-CSTP-Session-Timeout", m->session_s);
	if (m->session_s != 0)
		line(t, "X-CSTP-Session-Timeout-Remaining: %u", m->session_left_s);
	if (m->session_alert_s != 0 && !phone)
		line(t, "X-CSTP-Session-Timeout-Alert-Interval: %u", m->session_alert_s);
	line_seconds(t, "X-CSTP-Idle-Timeout", m->idle_s);
	line_seconds(t, "X-CSTP-Disconnected-Timeout", m->idle_s);
	line(t, "X-CSTP-Keep: true");
	line(t, "X-CSTP-Tunnel-All-DNS: %s", true_false(m->tunnel_all_dns));
	if (m->dpd_client_s != 0)
		line(t, "X-CSTP-DPD: %u", m->dpd_client_s);
	if (m->keepalive_s != 0)
		line(t, "X-CSTP-Keepalive: %u", m->keepalive_s);
	line(t, "X-CSTP-MSIE-Proxy-Lockdown: true");
	line(t, "X-CSTP-Smartcard-Removal-Disconnect: true");
	lines_rekey(t, "CSTP", m->rekey_s);
}

/* Not one X-DTLS line without DTLS: protocol.md 1.7. */
static void
lines_dtls(struct text *t, const struct worker *w, const struct ipc_session_grant *m, const struct tunnel_setup *setup)
{
	const struct dtls_name *name = setup->dtls->name;
	const char *encoding = compress_name(setup->dtls_compression);
	char id[2 * DTLS_ID_BYTES + 1];
	uint8_t bytes[DTLS_ID_BYTES];
	const char *suite = name->name;

	memcpy(bytes, m->dtls_id.data, sizeof(bytes));
	if (lab_has(w, LAB_DTLS_ID, NULL))
		bytes[0] ^= 0xff;
	hex_put(bytes, sizeof(bytes), id);
	lab_has(w, LAB_DTLS_SUITE, &suite);
	line(t, "%s: %s", dtls_name_is_psk(name) ? "X-DTLS-App-ID" : "X-DTLS-Session-ID", id);
	line(t, "X-DTLS-Port: %u", m->udp_port);
	if (m->keepalive_s != 0)
		line(t, "X-DTLS-Keepalive: %u", m->keepalive_s);
	if (m->dpd_client_s != 0)
		line(t, "X-DTLS-DPD: %u", m->dpd_client_s);
	if (m->rekey_s != 0)
		lines_rekey(t, "DTLS", m->rekey_s + 10); /* after the new tunnel has had its chance */
	line(t, "%s: %s", name->x_dtls12 ? "X-DTLS12-CipherSuite" : "X-DTLS-CipherSuite", suite);
	if (encoding != NULL)
		line(t, "X-DTLS-Content-Encoding: %s", encoding);
	if (!dtls_name_is_psk(name)) /* there the client reckons from X-CSTP-Base-MTU and the suite it gets */
		line(t, "X-DTLS-MTU: %u", setup->mtu_bytes);
}

char *
connect_answer(const struct worker *w, const struct tunnel_setup *setup, unsigned link_mtu, size_t *len)
{
	const struct ipc_session_grant *m = setup->grant;
	const char *encoding = compress_name(setup->cstp_compression);
	size_t size = HEAD_BYTES + (m->split_nets.len / 8 + m->split_nets6.len / 17) * SPLIT_LINE_BYTES;
	char *head = xmalloc(size);
	struct text t = { head, head + size };
	bool phone = setup->phone;

	line(&t, "HTTP/1.1 200 CONNECTED");
	line(&t, "X-CSTP-Version: 1");
	line(&t, "X-CSTP-Server-Name: offhook");
	lines_address(&t, m, setup->mtu_bytes);
	if (!phone) {
		lines_split(&t, m, w->connect->family);
		lines_names(&t, m);
	}
	line(&t, "X-CSTP-Hostname: %s", w->config->hostname);
	lines_timers(&t, m, phone);
	if (encoding != NULL)
		line(&t, "X-CSTP-Content-Encoding: %s", encoding);
	if (setup->dtls != NULL)
		lines_dtls(&t, w, m, setup);
	line(&t, "X-CSTP-MTU: %u", setup->mtu_bytes);
	if (!phone && w->connect->base_mtu != 0)
		line(&t, "X-CSTP-Base-MTU: %u", link_mtu);
	line(&t, "X-CSTP-Routing-Filtering-Ignore: %s", true_false(m->routing_ignore));
	line(&t, "X-CSTP-Quarantine: false");
	line(&t, "X-CSTP-Disable-Always-On-VPN: false");
	line(&t, "X-CSTP-Client-Bypass-Protocol: %s", true_false(m->client_bypass));
	line(&t, "X-CSTP-TCP-Keepalive: true");
	line(&t, "X-CSTP-License: accept");
	line(&t, "%s", "");
	*len = (size_t)(t.p - head);
	return head;
}
