/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/worker/login.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/buf.h"
#include "common/mem.h"
#include "server/config/model.h"
#include "server/worker/config_auth.h"
#include "server/worker/form.h"
#include "server/worker/http.h"
#include "server/worker/login_answer.h"
#include "server/worker/page.h"
#include "server/worker/tls.h"
#include "server/worker/web.h"
#include "server/worker/worker.h"

#define PORT_HTTPS    443
#define DEFAULT_GROUP "DefaultWEBVPNGroup"

/* Where a login may be posted that does not repeat the group-url (protocol.md 1.2, 1.4). */
static const char *const login_paths[] = { "/", "/+webvpn+/index.html", "/svc" };

/* What a request brings, whatever its dialect; wiped after use. */
struct credentials {
	char user[129], password[257], group[129];
	char echoed[129]; /* the tunnel-group of the form that is answered */
	char access[513]; /* the URL that the user typed */
	bool given;
};

/* ---- which tunnel-group ---- */

/* "name[:port]" or "[v6]:port"; without port HTTPS's own, or ours: phones may leave it out. */
static void
host_split(const char *h, char host[256], uint16_t *port)
{
	struct in6_addr ip6;
	size_t len;

	host[0] = '\0';
	if (*h == '[') {
		h++;
		len = strcspn(h, "]");
	} else {
		len = strcspn(h, ":/");
	}
	if (len >= 256)
		return;
	memcpy(host, h, len);
	host[len] = '\0';
	if (inet_pton(AF_INET6, host, &ip6) == 1)
		inet_ntop(AF_INET6, &ip6, host, INET6_ADDRSTRLEN); /* the form that group URLs have */
	h += len + (h[len] == ']');
	if (*h == ':')
		*port = (uint16_t)strtoul(h + 1, NULL, 10);
}

/* The Host header; without one our own address. */
static void
request_host(const struct worker *w, const struct http_request *r, char host[256], uint16_t *port)
{
	const char *h = http_header(r, "Host");

	*port = w->local.port;
	if (h == NULL || *h == '\0')
		addr_ip_str(&w->local, host);
	else
		host_split(h, host, port);
}

static bool
group_by_url(struct worker *w, const char *host, uint16_t port, const char *path)
{
	const struct tls_group_url *url = tls_config_url(w->config, host, port, path);

	if (url == NULL && port == w->local.port)
		url = tls_config_url(w->config, host, PORT_HTTPS, path);
	if (url == NULL)
		return false;
	snprintf(w->login.tunnel_group, sizeof(w->login.tunnel_group), "%s", url->tunnel_group);
	w->login.by_url = true;
	return true;
}

/* The URL as the user typed it: AnyConnect posts to "/" whatever its path is (protocol.md 1.3). */
static bool
group_by_access(struct worker *w, const char *url)
{
	size_t scheme = strncasecmp(url, "https://", 8) == 0 ? 8 : 0, host_len = strcspn(url + scheme, "/?#");
	const char *from = url + scheme + host_len;
	char host[256], path[sizeof(w->login.path)];
	uint16_t port = PORT_HTTPS;

	if (url[0] == '\0')
		return false;
	host_split(url + scheme, host, &port);
	snprintf(path, sizeof(path), "%.*s", (int)strcspn(from, "?#"), from);
	if (path[0] != '/')
		strcpy(path, "/");
	if (!group_by_url(w, host, port, path))
		return false;
	strcpy(w->login.path, path); /* its form goes there */
	return true;
}

/* The only group that has URLs of this host. */
static bool
group_by_host(struct worker *w, const char *host)
{
	const struct tls_group_url *only = NULL;

	for (const struct tls_group_url *u = w->config->urls; u != NULL; u = u->next) {
		if (strcasecmp(u->host, host) != 0)
			continue;
		if (only != NULL && strcmp(only->tunnel_group, u->tunnel_group) != 0)
			return false;
		only = u;
	}
	if (only == NULL)
		return false;
	snprintf(w->login.tunnel_group, sizeof(w->login.tunnel_group), "%s", only->tunnel_group);
	w->login.by_url = true;
	return true;
}

/* An alias, or the name of a tunnel-group that has one: what else exists is nobody's business. */
static bool
group_by_choice(struct worker *w, const char *choice)
{
	const struct tls_alias *a = w->config->aliases;

	if (!w->config->list_groups || choice[0] == '\0')
		return false;
	while (a != NULL && strcmp(a->alias, choice) != 0 && strcmp(a->tunnel_group, choice) != 0)
		a = a->next;
	if (a == NULL)
		return false;
	snprintf(w->login.tunnel_group, sizeof(w->login.tunnel_group), "%s", a->tunnel_group);
	w->login.by_url = false;
	return true;
}

/*
 * The answer to a form may come on a connection of its own, to "/": it echoes
 * the form's tunnel-group. It is believed as a URL is: a group that anybody may name.
 */
static bool
group_by_echo(struct worker *w, const char *name)
{
	const struct tls_group_url *u = w->config->urls;
	const struct tls_alias *a = w->config->list_groups ? w->config->aliases : NULL;

	while (u != NULL && strcmp(u->tunnel_group, name) != 0)
		u = u->next;
	while (a != NULL && strcmp(a->tunnel_group, name) != 0)
		a = a->next;
	if (name[0] == '\0' || (u == NULL && a == NULL))
		return false;
	snprintf(w->login.tunnel_group, sizeof(w->login.tunnel_group), "%s", name);
	w->login.by_url = u != NULL && a == NULL;
	return true;
}

static bool
is_login_path(const char *path)
{
	for (size_t i = 0; i < sizeof(login_paths) / sizeof(login_paths[0]); i++) {
		if (strcmp(path, login_paths[i]) == 0)
			return true;
	}
	return false;
}

/*
 * asa-reference 4.1: the group-url, else what the user chose, else for a login
 * path the group of an earlier request here, else DefaultWEBVPNGroup. A phone whose
 * URL no group knows is told so, unless a certificate map may place it; what it
 * posts to a login path belongs to its host's group (protocol.md 1.2).
 */
static bool
tunnel_group_find(struct worker *w, const struct http_request *r, const struct credentials *c)
{
	bool login_path = is_login_path(r->path), phone_posts;
	char host[256];
	uint16_t port;

	phone_posts = login_path && w->login.dialect == DIALECT_PHONE && strcmp(r->method, "POST") == 0;
	request_host(w, r, host, &port);
	snprintf(w->login.path, sizeof(w->login.path), "%s", r->path);
	if (group_by_access(w, c->access) || group_by_url(w, host, port, r->path) || group_by_choice(w, c->group) ||
	    group_by_echo(w, c->echoed))
		return true;
	if (login_path && w->login.tunnel_group[0] != '\0')
		return true;
	if (phone_posts && group_by_host(w, host))
		return true;
	if (w->login.family == CLIENT_PHONE ? !w->config->default_group && !phone_posts :
	    w->login.dialect != DIALECT_XML && !login_path)
		return false;
	w->login.by_url = false;
	snprintf(w->login.tunnel_group, sizeof(w->login.tunnel_group), DEFAULT_GROUP);
	return true;
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

static void
auth_ask(struct worker *w, const struct credentials *c)
{
	struct ipc_auth_ask ask = {
		.tunnel_group = w->login.tunnel_group, .user = c->user, .password = c->password, .has_credentials = c->given,
	};

	if (!w->transcript_full && tls_has_certificate(w))
		ask.transcript = (struct ipc_blob){ w->transcript, (uint32_t)w->transcript_len };
	w->state = WORKER_AUTH;
	w->login.tried = c->given;
	w->login.have_cookie = w->login.have_session = false;
	if (ipc_send(&w->auth, MSG_auth_ask, &ask) != 0) {
		w->state = WORKER_HTTP;
		worker_note(w, "certauth is not to be reached");
		web_answer(w, 503, "Service Unavailable", "Retry-After: 5\r\n", NULL, true);
	}
}

/* ---- GET ---- */

static void
logout(struct worker *w, const struct http_request *r, const char *token)
{
	char cookie[129];

	if (token[0] == '\0' && http_cookie(r, "webvpn", cookie, sizeof(cookie)))
		token = cookie;
	if (token[0] != '\0')
		ipc_send(&w->main, MSG_session_logout, &(struct ipc_session_logout){ token });
	web_answer(w, 200, "OK", "", NULL, true);
}

void
login_get(struct worker *w, const struct http_request *r)
{
	bool known;

	w->login.family = client_family(http_header(r, "User-Agent"));
	w->login.dialect = w->login.family == CLIENT_PHONE ? DIALECT_PHONE : DIALECT_PLAIN;
	w->login.keep_alive = r->keep_alive;
	if (strcmp(r->path, "/logout") == 0) {
		logout(w, r, "");
		return;
	}
	if (w->login.family != CLIENT_PHONE && answer_file(w, r->path, r->keep_alive))
		return;
	if (w->login.family == CLIENT_BROWSER && strcmp(r->path, "/favicon.ico") == 0) { /* which no phone has got wrong */
		web_answer(w, 404, "Not Found", "", NULL, !r->keep_alive);
		return;
	}
	known = tunnel_group_find(w, r, &(struct credentials){ 0 });
	if (!known && (strcmp(r->path, "/") != 0 || w->login.family != CLIENT_BROWSER))
		refuse_unknown_url(w, r);
	else if (w->login.family == CLIENT_BROWSER)
		page_answer(w, !r->keep_alive);
	else if (w->login.dialect == DIALECT_PLAIN && tls_has_certificate(w))
		auth_ask(w, &(struct credentials){ 0 }); /* it may do */
	else
		answer_form(w, "", NULL);
}

/* ---- POST ---- */

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

/* A phone with nothing to send sends an empty password; from others that is one (protocol.md 7, 6). */
static void
credentials_from_form(const struct http_request *r, bool phone, struct credentials *out)
{
	bool password = form_get(r->body, r->body_len, "password", out->password, sizeof(out->password));

	/* "password only" of a phone: whose it is may be missing */
	if (!form_get(r->body, r->body_len, "username", out->user, sizeof(out->user)))
		out->user[0] = '\0';
	if (!form_get(r->body, r->body_len, "group_list", out->group, sizeof(out->group)))
		out->group[0] = '\0';
	out->given = password && (!phone || out->password[0] != '\0');
}

/* False: answered already. */
static bool
credentials_from_xml(struct worker *w, const struct http_request *r, struct credentials *out)
{
	struct config_auth x;

	if (r->body_len == 0) { /* a client may begin with nothing but the header */
		memset(out, 0, sizeof(*out));
		return true;
	}
	if (config_auth_parse(r->body, r->body_len, &x) != 0 || x.type == CONFIG_AUTH_OTHER) {
		worker_note(w, "a login document that cannot be read");
		web_answer(w, 400, "Bad Request", "", NULL, true);
		return false;
	}
	if (x.type == CONFIG_AUTH_LOGOUT) {
		logout(w, r, x.session_token);
		return false;
	}
	snprintf(out->user, sizeof(out->user), "%s", x.username);
	snprintf(out->password, sizeof(out->password), "%s", x.password);
	snprintf(out->group, sizeof(out->group), "%s", x.group_select);
	snprintf(out->echoed, sizeof(out->echoed), "%s", x.tunnel_group);
	snprintf(out->access, sizeof(out->access), "%s", x.group_access);
	w->login.may_have_cert = x.type == CONFIG_AUTH_INIT && !x.cert_fail;
	out->given = x.type == CONFIG_AUTH_REPLY && x.has_password; /* an empty one too: a RADIUS server may know it */
	explicit_bzero(&x, sizeof(x));
	return true;
}

/* Clients post a form as soon as another group is chosen from its list, with a password still to come. */
static bool
only_chooses(const struct worker *w, const struct credentials *c)
{
	return c->password[0] == '\0' && c->echoed[0] != '\0' && strcmp(c->echoed, w->login.tunnel_group) != 0;
}

void
login_post(struct worker *w, const struct http_request *r)
{
	struct credentials c = { 0 };

	w->login.family = client_family(http_header(r, "User-Agent"));
	w->login.dialect = dialect_of(w, r);
	w->login.may_have_cert = false;
	w->login.keep_alive = r->keep_alive;
	if (w->login.dialect != DIALECT_XML)
		credentials_from_form(r, w->login.dialect == DIALECT_PHONE, &c);
	else if (!credentials_from_xml(w, r, &c))
		return;
	if (!tunnel_group_find(w, r, &c)) {
		refuse_unknown_url(w, r);
	} else {
		c.given = c.given && !only_chooses(w, &c);
		auth_ask(w, &c);
	}
	explicit_bzero(&c, sizeof(c));
}

/* ---- what certauth and main say ---- */

static void
login_refused(struct worker *w, const char *reason)
{
	bool ask = false;

	w->state = WORKER_HTTP;
	if (strcmp(reason, "No certificate") == 0) {
		ask = w->login.may_have_cert;
		if (!ask) /* else it begins anew, with one or without */
			worker_log(w, 716039, w->login.tunnel_group, NULL);
		reason = "Certificate Validation Failure"; /* OpenConnect knows this text (protocol.md 1.3) */
	}
	if (w->login.tried) /* a password: another may be better */
		answer_form(w, "", reason);
	else
		answer_refused(w, reason, ask);
	web_resume(w);
}

static void
login_complete(struct worker *w)
{
	if (w->state != WORKER_AUTH || !w->login.have_cookie || !w->login.have_session)
		return;
	w->state = WORKER_HTTP;
	answer_complete(w);
	explicit_bzero(w->login.cookie, sizeof(w->login.cookie));
	free(w->login.banner);
	w->login.banner = NULL;
	web_resume(w);
}

void
login_auth_result(struct worker *w, const struct ipc_auth_result *m)
{
	if (w->state != WORKER_AUTH)
		return;
	switch (m->answer) {
	case AUTH_ACCEPTED:
		snprintf(w->login.cookie, sizeof(w->login.cookie), "%s", m->cookie);
		w->login.have_cookie = true;
		login_complete(w);
		break;
	case AUTH_WANTS_PASSWORD:
		w->state = WORKER_HTTP;
		/* a certificate map may have led elsewhere: the form is of that group */
		answer_form(w, m->user, NULL);
		web_resume(w);
		break;
	default:
		login_refused(w, m->reason);
		break;
	}
}

void
login_denied(struct worker *w, const struct ipc_login_no *m)
{
	if (w->state != WORKER_AUTH)
		return;
	explicit_bzero(w->login.cookie, sizeof(w->login.cookie));
	w->login.have_cookie = w->login.tried = false;
	login_refused(w, m->reason);
}

void
login_session(struct worker *w, const struct ipc_login_ok *m)
{
	w->login.index = m->index;
	w->login.have_session = true;
	free(w->login.banner);
	w->login.banner = m->banner[0] != '\0' ? xstrdup(m->banner) : NULL;
	login_complete(w);
}
