/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/worker/login.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "common/mem.h"
#include "server/config/model.h"
#include "server/worker/http.h"
#include "server/worker/tls.h"
#include "server/worker/web.h"
#include "server/worker/worker.h"

#define PORT_HTTPS 443

/* Byte for byte as phones want them, and nothing more in this dialect (protocol.md 1.2). */
#define PHONE_ASK                                                                       \
	"Set-Cookie: webvpn=; expires=Thu, 01 Jan 1970 22:00:00 GMT; path=/; secure\r\n"    \
	"Set-Cookie: webvpnlogin=1; secure\r\n"                                             \
	"X-Transcend-Version: 1\r\n"

#define XML_HEAD "Content-Type: text/xml; charset=utf-8\r\nX-Transcend-Version: 1\r\n"

#define BROWSER_PAGE                                                                          \
	"<!DOCTYPE html>\n<html><head><title>VPN</title></head><body>\n"                          \
	"<p>This is a gateway for VPN phones and AnyConnect clients. It offers nothing to a browser.</p>\n" \
	"</body></html>\n"

/* Where a phone may post its login when it does not repeat the group-url (protocol.md 1.2). */
static const char *const login_paths[] = { "/", "/+webvpn+/index.html", "/svc" };

/*
 * Host header "name[:port]" or "[v6]:port"; without one our own address. A
 * name without port means HTTPS's own, or ours: phones may leave it out.
 */
static void
request_host(const struct worker *w, const struct http_request *r, char host[256], uint16_t *port)
{
	const char *h = http_header(r, "Host");
	size_t len;

	*port = w->local.port;
	host[0] = '\0';
	if (h == NULL || *h == '\0') {
		addr_ip_str(&w->local, host);
		return;
	}
	if (*h == '[') {
		h++;
		len = strcspn(h, "]");
	} else {
		len = strcspn(h, ":");
	}
	if (len >= 256)
		return;
	memcpy(host, h, len);
	host[len] = '\0';
	h += len + (h[len] == ']');
	if (*h == ':')
		*port = (uint16_t)strtoul(h + 1, NULL, 10);
}

/* The tunnel-group of a request: its own group-url, else for a login path that of an earlier request here. */
static bool
tunnel_group_find(struct worker *w, const struct http_request *r)
{
	const struct tls_group_url *url;
	char host[256];
	uint16_t port;

	request_host(w, r, host, &port);
	url = tls_config_url(w->config, host, port, r->path);
	if (url == NULL && port == w->local.port)
		url = tls_config_url(w->config, host, PORT_HTTPS, r->path);
	if (url != NULL) {
		snprintf(w->login.tunnel_group, sizeof(w->login.tunnel_group), "%s", url->tunnel_group);
		return true;
	}
	for (size_t i = 0; i < sizeof(login_paths) / sizeof(login_paths[0]); i++) {
		if (strcmp(r->path, login_paths[i]) == 0 && w->login.tunnel_group[0] != '\0')
			return true;
	}
	if (w->config->default_group)
		snprintf(w->login.tunnel_group, sizeof(w->login.tunnel_group), "DefaultWEBVPNGroup");
	return w->config->default_group;
}

static void
refuse_unknown_url(struct worker *w, const struct http_request *r)
{
	char host[256];
	uint16_t port;

	request_host(w, r, host, &port);
	worker_note(w, "no group-url matches https://%s:%u%s", host, port, r->path);
	web_answer(w, 404, "Not Found", "", NULL, true);
}

void
login_get(struct worker *w, const struct http_request *r)
{
	w->login.family = client_family(http_header(r, "User-Agent"));
	if (tunnel_group_find(w, r)) {
		if (w->login.family == CLIENT_BROWSER)
			web_answer(w, 200, "OK", "Content-Type: text/html; charset=utf-8\r\n", BROWSER_PAGE, !r->keep_alive);
		else
			web_answer(w, 200, "OK", PHONE_ASK, NULL, !r->keep_alive);
		return;
	}
	if (strcmp(r->path, "/") == 0 && w->login.family == CLIENT_BROWSER) {
		web_answer(w, 200, "OK", "Content-Type: text/html; charset=utf-8\r\n", BROWSER_PAGE, !r->keep_alive);
		return;
	}
	refuse_unknown_url(w, r);
}

/* The body decides, not its Content-Type (protocol.md 1.3). */
static enum login_dialect
dialect_of(const struct worker *w, const struct http_request *r)
{
	size_t i = 0;

	while (i < r->body_len && strchr(" \t\r\n", r->body[i]) != NULL && r->body[i] != '\0')
		i++;
	if (i < r->body_len && r->body[i] == '<')
		return DIALECT_XML;
	if (http_header(r, "X-Aggregate-Auth") != NULL)
		return DIALECT_XML;
	return w->login.family == CLIENT_PHONE ? DIALECT_PHONE : DIALECT_PLAIN;
}

static void
login_refuse(struct worker *w, const char *reason)
{
	char *body;

	w->state = WORKER_HTTP;
	if (w->login.dialect != DIALECT_XML) {
		web_answer(w, 401, "Authentication failed", "", NULL, true);
		return;
	}
	if (asprintf(&body, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<config-auth client=\"vpn\" type=\"auth-request\" aggregate-auth-version=\"2\">"
	    "<auth id=\"main\"><title>Login</title><error id=\"88\" param1=\"\" param2=\"\">%s</error></auth></config-auth>\n",
	    reason) < 0)
		abort();
	web_answer(w, 200, "OK", XML_HEAD, body, true);
	free(body);
}

void
login_post(struct worker *w, const struct http_request *r)
{
	struct ipc_auth_ask ask = { 0 };

	w->login.family = client_family(http_header(r, "User-Agent"));
	w->login.dialect = dialect_of(w, r);
	w->login.keep_alive = r->keep_alive;
	if (!tunnel_group_find(w, r)) {
		refuse_unknown_url(w, r);
		return;
	}
	ask.tunnel_group = w->login.tunnel_group;
	ask.transcript = (struct ipc_blob){ w->transcript, w->transcript_full ? 0 : (uint32_t)w->transcript_len };
	w->state = WORKER_AUTH;
	w->login.have_cookie = w->login.have_session = false;
	if (!tls_has_certificate(w)) {
		worker_log(w, 716039, w->login.tunnel_group, NULL);
		login_refuse(w, "Certificate Validation Failure");
	} else if (ipc_send(&w->auth, MSG_auth_ask, &ask) != 0) {
		worker_note(w, "certauth is not to be reached");
		web_answer(w, 503, "Service Unavailable", "Retry-After: 5\r\n", NULL, true);
	}
}

static void
answer_phone(struct worker *w)
{
	char headers[256];

	snprintf(headers, sizeof(headers), "Connection: Keep-Alive\r\nSet-Cookie: webvpn=%s; secure\r\nX-Transcend-Version: 1\r\n",
	    w->login.cookie);
	web_answer(w, 200, "OK", headers, NULL, false);
	explicit_bzero(headers, sizeof(headers));
}

static void
answer_xml(struct worker *w)
{
	const char *sha1 = w->choice.identity->sha1;
	char headers[1024], *body;

	snprintf(headers, sizeof(headers), XML_HEAD
	    "Set-Cookie: webvpn=%s; path=/; Secure; HttpOnly\r\n"
	    "Set-Cookie: webvpnc=bu:/&p:t&iu:1/&sh:%s; path=/; Secure\r\n", w->login.cookie, sha1);
	if (asprintf(&body, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<config-auth client=\"vpn\" type=\"complete\" aggregate-auth-version=\"2\">"
	    "<session-id>%u</session-id><session-token>%s</session-token>"
	    "<auth id=\"success\"><message id=\"0\" param1=\"\" param2=\"\"></message></auth>"
	    "<config client=\"vpn\" type=\"private\"><vpn-base-config><server-cert-hash>%s</server-cert-hash>"
	    "</vpn-base-config></config></config-auth>\n", w->login.index, w->login.cookie, sha1) < 0)
		abort();
	web_answer(w, 200, "OK", headers, body, !w->login.keep_alive);
	explicit_bzero(body, strlen(body));
	explicit_bzero(headers, sizeof(headers));
	free(body);
}

static void
login_complete(struct worker *w)
{
	if (w->state != WORKER_AUTH || !w->login.have_cookie || !w->login.have_session)
		return;
	w->state = WORKER_HTTP;
	if (w->login.dialect == DIALECT_XML)
		answer_xml(w);
	else
		answer_phone(w);
	explicit_bzero(w->login.cookie, sizeof(w->login.cookie));
	web_resume(w);
}

void
login_auth_result(struct worker *w, const struct ipc_auth_result *m)
{
	if (w->state != WORKER_AUTH)
		return;
	if (!m->accepted) {
		login_refuse(w, m->reason);
		return;
	}
	snprintf(w->login.cookie, sizeof(w->login.cookie), "%s", m->cookie);
	w->login.have_cookie = true;
	login_complete(w);
}

void
login_denied(struct worker *w, const struct ipc_login_no *m)
{
	if (w->state != WORKER_AUTH)
		return;
	explicit_bzero(w->login.cookie, sizeof(w->login.cookie));
	w->login.have_cookie = false;
	login_refuse(w, m->reason);
}

void
login_session(struct worker *w, const struct ipc_login_ok *m)
{
	w->login.index = m->index;
	w->login.have_session = true;
	login_complete(w);
}
