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
#include "server/worker/compress.h"
#include "server/worker/connect_answer.h"
#include "server/worker/http.h"
#include "server/worker/lab.h"
#include "server/worker/mtu.h"
#include "server/worker/tls.h"
#include "server/worker/trace.h"
#include "server/worker/tunnel.h"
#include "server/worker/web.h"
#include "server/worker/worker.h"

#define BYE_GRACE_S 15     /* protocol.md 1.6: some say goodbye and come straight back */

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

/* protocol.md 1.7: it says that it can, and which families it wants; nothing means both. */
static bool
wants_ip6(const struct http_request *r)
{
	const char *full = http_header(r, "X-CSTP-Full-IPv6-Capability"), *types = http_header(r, "X-CSTP-Address-Type");

	return full != NULL && strcasecmp(full, "true") == 0 && (types == NULL || strcasestr(types, "IPv6") != NULL);
}

static struct connect *
connect_parse(const struct http_request *r)
{
	struct connect *c = xcalloc(1, sizeof(*c));
	const char *master = http_header(r, "X-DTLS-Master-Secret");

	c->family = client_family(http_header(r, "User-Agent"));
	c->phone = c->family == CLIENT_PHONE;
	hostname_take(c, http_header(r, "X-CSTP-Hostname"));
	c->wanted_mtu = header_number(r, "X-CSTP-MTU");
	c->base_mtu = header_number(r, "X-CSTP-Base-MTU");
	c->x_dtls = copy_or_null(http_header(r, "X-DTLS-CipherSuite"));
	c->x_dtls12 = copy_or_null(http_header(r, "X-DTLS12-CipherSuite"));
	c->cstp_encodings = copy_or_null(http_header(r, "X-CSTP-Accept-Encoding"));
	c->dtls_encodings = copy_or_null(http_header(r, "X-DTLS-Accept-Encoding"));
	c->ip6 = wants_ip6(r);
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
	free(c->cstp_encodings);
	free(c->dtls_encodings);
	explicit_bzero(c, sizeof(*c));
	free(c);
}

/* Could any name be chosen? PSK-NEGOTIATE needs no master secret. */
static bool
wants_dtls(const struct connect *c)
{
	return (c->has_master && (c->x_dtls != NULL || c->x_dtls12 != NULL)) ||
	    dtls_list_has(c->x_dtls, "PSK-NEGOTIATE") || dtls_list_has(c->x_dtls12, "PSK-NEGOTIATE");
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
	char cookie[129];

	if (!target_ok(r->path)) {
		worker_log(w, 722001, NULL, NULL);
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
	snprintf(w->connect->agent, sizeof(w->connect->agent), "%s", agent == NULL ? "" : agent);
	ask.cookie = cookie;
	ask.user_agent = w->connect->agent;
	ask.hostname = w->connect->hostname;
	ask.trustpoint = w->choice.identity->trustpoint;
	ask.server_sha1 = w->choice.identity->sha1;
	ask.phone = w->connect->phone;
	ask.wants_dtls = wants_dtls(w->connect);
	ask.ip6 = w->connect->ip6;
	if (w->connect->family == CLIENT_ANYCONNECT || w->connect->family == CLIENT_ANYCONNECT_IOS)
		ask.bye_grace_s = BYE_GRACE_S;
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

static void
no_dtls_say(struct worker *w, const struct dtls_offer *offer)
{
	char what[400];

	worker_log(w, 722043, NULL, NULL);
	snprintf(what, sizeof(what), "%.180s%s%.180s", offer->x_dtls ? offer->x_dtls : "",
	    offer->x_dtls12 ? " and for DTLS 1.2 " : "", offer->x_dtls12 ? offer->x_dtls12 : "");
	worker_note(w, "no DTLS: TLS used %s, the client offers %s", w->choice.suite->name, what);
}

/* protocol.md 3.4: the same key comes out on both sides of this TLS connection, and nowhere else. */
static bool
psk_derive(struct worker *w, struct dtls_keys *k)
{
	static const char label[] = "EXPORTER-openconnect-psk";

	return gnutls_prf_rfc5705(w->tls, sizeof(label) - 1, label, 0, NULL, DTLS_PSK_BYTES, (char *)k->secret) == 0 &&
	    dtls_psk_priority(&k->allowed12, k->priority, sizeof(k->priority));
}

/* What the handshakes of this tunnel need, malloc'ed; NULL: no DTLS. */
static struct dtls_keys *
dtls_pick(struct worker *w, const struct ipc_session_grant *m)
{
	const struct connect *c = w->connect;
	struct dtls_offer offer = {
		.x_dtls = c->x_dtls, .x_dtls12 = c->x_dtls12, .tls_suite = w->choice.suite, .phone = c->phone,
		.has_master = c->has_master,
	};
	const struct dtls_name *name;
	struct dtls_keys *k;

	if (m->dtls_id.len != DTLS_ID_BYTES)
		return NULL;
	suites_take(&offer.allowed10, &m->dtls10_suites);
	suites_take(&offer.allowed12, &m->dtls12_suites);
	name = dtls_choose(&offer);
	if (name == NULL) {
		no_dtls_say(w, &offer);
		return NULL;
	}
	k = xcalloc(1, sizeof(*k));
	k->name = name;
	memcpy(k->id, m->dtls_id.data, sizeof(k->id));
	memcpy(k->secret, c->master, sizeof(k->secret));
	if (!dtls_name_is_psk(name))
		return k;
	k->allowed12 = offer.allowed12;
	if (psk_derive(w, k))
		return k;
	explicit_bzero(k, sizeof(*k));
	free(k);
	return NULL;
}

void
connect_granted(struct worker *w, const struct ipc_session_grant *m, int forwarder_fd)
{
	struct connect *c = w->connect;
	struct tunnel_setup setup = { .phone = c->phone, .grant = m, .forwarder_fd = forwarder_fd };
	struct ipc_session_bind bind;
	size_t len;
	char *head;
	unsigned link = link_mtu(w, m);
	bool ip6 = w->peer.family == 6;

	if (lab_answers(w)) {
		close(forwarder_fd);
		connect_free(w->connect);
		w->connect = NULL;
		w->state = w->state == WORKER_GRANT ? WORKER_AUTH : w->state; /* nothing more is served here */
		return;
	}
	if (c->family == CLIENT_GENERIC || c->family == CLIENT_BROWSER)
		worker_log(w, 722053, c->agent, NULL);
	setup.dtls = lab_has(w, LAB_NO_DTLS, NULL) ? NULL : dtls_pick(w, m);
	TRACE(w, TRACE_CHOICE, "dtls-choice", "name=%s\nversion=%s", setup.dtls != NULL ? setup.dtls->name->name : "none",
	    setup.dtls != NULL ? tls_version_str(setup.dtls->name->version) : "none");
	setup.cstp_compression = compress_choose(c->cstp_encodings, m->ssl_compression);
	setup.dtls_compression = compress_choose(c->dtls_encodings, m->dtls_compression);
	setup.mtu_bytes = mtu_choose(setup.dtls != NULL ? suite_by_id(setup.dtls->name->suite) : NULL, m->mtu_bytes,
	    c->wanted_mtu, link, ip6);
	setup.udp_payload_bytes = mtu_udp_payload(link, ip6);
	bind.mtu_bytes = setup.mtu_bytes;
	ipc_send(&w->main, MSG_session_bind, &bind);
	head = connect_answer(w, &setup, link, &len);
	tunnel_start(w, &setup, head, len);
	free(head);
	connect_free(w->connect);
	w->connect = NULL;
}
