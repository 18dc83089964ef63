/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/worker/login_answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/worker/lab.h"
#include "server/worker/markup.h"
#include "server/worker/web.h"
#include "server/worker/worker.h"

/* Byte for byte as phones want them, and nothing more in this dialect (protocol.md 1.2). */
#define PHONE_ASK                                                                       \
	"Set-Cookie: webvpn=; expires=Thu, 01 Jan 1970 22:00:00 GMT; path=/; secure\r\n"    \
	"Set-Cookie: webvpnlogin=1; secure\r\n"                                             \
	"X-Transcend-Version: 1\r\n"

#define XML_HEADERS "Content-Type: text/xml; charset=utf-8\r\nX-Transcend-Version: 1\r\n"
#define XML_HEAD    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
#define LEGACY_PATH "/+webvpn+/index.html"

struct document {
	char *text;
	size_t len;
	FILE *f;
};

static void
document_open(struct document *d)
{
	d->text = NULL;
	d->f = open_memstream(&d->text, &d->len);
	if (d->f == NULL)
		abort();
	fputs(XML_HEAD, d->f);
}

static void
document_send(struct document *d, struct worker *w, const char *headers, bool close)
{
	fclose(d->f);
	web_answer(w, 200, "OK", headers, d->text, close);
	explicit_bzero(d->text, d->len);
	free(d->text);
}

/* ---- asking ---- */

static void
option(FILE *f, const struct tls_alias *a, bool selected)
{
	fprintf(f, "<option%s>", selected ? " selected=\"true\"" : "");
	markup_text(f, a->alias);
	fputs("</option>", f);
}

/* The groups to choose from, the one in force first: clients take the first for chosen (protocol.md 1.3). */
static void
group_list(FILE *f, const struct worker *w)
{
	const struct tls_alias *chosen = w->config->aliases;

	if (!w->config->list_groups || w->login.by_url || chosen == NULL)
		return;
	while (chosen != NULL && strcmp(chosen->tunnel_group, w->login.tunnel_group) != 0)
		chosen = chosen->next;
	fputs("<select name=\"group_list\" label=\"GROUP:\">", f);
	if (chosen != NULL)
		option(f, chosen, true);
	for (const struct tls_alias *a = w->config->aliases; a != NULL; a = a->next) {
		if (a != chosen)
			option(f, a, false);
	}
	fputs("</select>\n", f);
}

static void
form_fields(FILE *f, const struct worker *w, const char *user, const char *action)
{
	fputs("<form method=\"post\"", f);
	if (action != NULL) {
		fputs(" action=\"", f);
		markup_text(f, action);
		fputs("\"", f);
	}
	fputs(">\n", f);
	if (user[0] == '\0')
		fputs("<input type=\"text\" name=\"username\" label=\"Username:\"></input>\n", f);
	fputs("<input type=\"password\" name=\"password\" label=\"Password:\"></input>\n", f);
	group_list(f, w);
	fputs("</form>\n", f);
}

static void
form_xml(struct worker *w, const char *user, const char *error)
{
	struct document d;

	document_open(&d);
	fputs("<config-auth client=\"vpn\" type=\"auth-request\" aggregate-auth-version=\"2\">\n<opaque is-for=\"sg\"><tunnel-group>", d.f);
	markup_text(d.f, w->login.tunnel_group);
	fputs("</tunnel-group></opaque>\n<auth id=\"main\"><title>Login</title><message>Please enter your username and password."
	    "</message><banner></banner>\n", d.f);
	if (error != NULL) {
		fputs("<error id=\"88\" param1=\"\" param2=\"\">", d.f);
		markup_text(d.f, error);
		fputs("</error>\n", d.f);
	}
	form_fields(d.f, w, user, w->login.by_url ? w->login.path : NULL);
	fputs("</auth></config-auth>\n", d.f);
	document_send(&d, w, XML_HEADERS, !w->login.keep_alive);
}

/* The form of before aggregate authentication; the oldest clients want it bare. */
static void
form_legacy(struct worker *w, const char *user, const char *error)
{
	bool wrapped = w->login.family != CLIENT_OPENCONNECT_OLD;
	struct document d;

	document_open(&d);
	if (wrapped)
		fputs("<config-auth client=\"vpn\" type=\"auth-request\">\n", d.f);
	fputs("<auth id=\"main\"><title>Login</title><message>", d.f);
	markup_text(d.f, error != NULL ? error : "Please enter your username and password.");
	fputs("</message>\n", d.f);
	form_fields(d.f, w, user, LEGACY_PATH);
	fprintf(d.f, "</auth>%s\n", wrapped ? "</config-auth>" : "");
	document_send(&d, w, XML_HEADERS, !w->login.keep_alive);
}

void
answer_form(struct worker *w, const char *user, const char *error)
{
	if (w->login.dialect == DIALECT_PHONE && error == NULL)
		web_answer(w, 200, "OK", PHONE_ASK, NULL, !w->login.keep_alive);
	else if (w->login.dialect == DIALECT_PHONE)
		web_answer(w, 401, "Authentication failed", "", NULL, true);
	else if (w->login.dialect == DIALECT_XML)
		form_xml(w, user, error);
	else
		form_legacy(w, user, error);
}

void
answer_refused(struct worker *w, const char *reason, bool ask)
{
	struct document d;

	if (w->login.dialect != DIALECT_XML) {
		web_answer(w, 401, "Authentication failed", "", NULL, true);
		return;
	}
	document_open(&d);
	fprintf(d.f, "<config-auth client=\"vpn\" type=\"auth-request\" aggregate-auth-version=\"2\">%s"
	    "<auth id=\"main\"><title>Login</title><error id=\"88\" param1=\"\" param2=\"\">",
	    ask ? "<client-cert-request></client-cert-request>\n" : "");
	markup_text(d.f, reason);
	fputs("</error></auth></config-auth>\n", d.f);
	document_send(&d, w, XML_HEADERS, true);
}

/* ---- logged in ---- */

static void
complete_plain(struct worker *w)
{
	bool phone = w->login.dialect == DIALECT_PHONE, keep = w->login.keep_alive;
	char headers[512];

	snprintf(headers, sizeof(headers), "%sSet-Cookie: webvpn=%s; secure\r\nX-Transcend-Version: 1\r\n%s",
	    phone && keep ? "Connection: Keep-Alive\r\n" : "", w->login.cookie, phone ? "" : "Content-Type: text/xml; charset=utf-8\r\n");
	web_answer(w, 200, "OK", headers, phone ? NULL :
	    XML_HEAD "<auth id=\"success\"><title>SSL VPN Service</title><message>Success</message></auth>\n", !keep);
	explicit_bzero(headers, sizeof(headers));
}

static void
complete_xml(struct worker *w)
{
	const char *sha1 = w->choice.identity->sha1;
	char headers[1024];
	struct document d;

	snprintf(headers, sizeof(headers), XML_HEADERS
	    "Set-Cookie: webvpn=%s; path=/; Secure; HttpOnly\r\n"
	    "Set-Cookie: webvpnc=bu:/&p:t&iu:1/&sh:%s; path=/; Secure\r\n", w->login.cookie, sha1);
	document_open(&d);
	fprintf(d.f, "<config-auth client=\"vpn\" type=\"complete\" aggregate-auth-version=\"2\">"
	    "<session-id>%u</session-id><session-token>%s</session-token><auth id=\"success\">", w->login.index, w->login.cookie);
	if (w->login.banner != NULL && w->login.banner[0] != '\0') {
		fputs("<banner>", d.f);
		markup_text(d.f, w->login.banner);
		fputs("</banner>", d.f);
	}
	fprintf(d.f, "<message id=\"0\" param1=\"\" param2=\"\"></message></auth>"
	    "<config client=\"vpn\" type=\"private\"><vpn-base-config><server-cert-hash>%s</server-cert-hash>"
	    "</vpn-base-config></config></config-auth>\n", sha1);
	document_send(&d, w, headers, !w->login.keep_alive);
	explicit_bzero(headers, sizeof(headers));
}

void
answer_complete(struct worker *w)
{
	if (lab_answers(w))
		return;
	if (w->login.dialect == DIALECT_XML)
		complete_xml(w);
	else
		complete_plain(w);
}

/* ---- files ---- */

#define EMPTY_MANIFEST XML_HEAD "<vpn rev=\"1.0\">\n</vpn>\n"
#define TYPE_XML       "Content-Type: text/xml; charset=utf-8\r\n"
#define TYPE_TEXT      "Content-Type: text/plain\r\n"
#define TYPE_SCRIPT    "Content-Type: application/x-shellscript\r\n"

/* A path that ends in '*' stands for all that begin so. */
static const struct {
	const char *path, *headers, *body;
} files[] = {
	{ "/1/index.html", "Content-Type: text/html; charset=utf-8\r\n", "<html></html>\n" },
	{ "/1/binaries/update.txt", TYPE_TEXT, "0,0,0000\n" },
	{ "/1/VPNManifest.xml", TYPE_XML, EMPTY_MANIFEST },
	{ "/VPNManifest.xml", TYPE_XML, EMPTY_MANIFEST },
	{ "/1/binaries/vpndownloader.sh", TYPE_SCRIPT, "#!/bin/sh\nexit 0\n" },
	{ "/1/*", TYPE_TEXT, "" }, /* one for each platform, and new ones (protocol.md 7, 12) */
	{ "/+CSCOT+/*", TYPE_XML, EMPTY_MANIFEST },
};

bool
answer_file(struct worker *w, const char *path, bool keep_alive)
{
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		size_t len = strcspn(files[i].path, "*");

		if (strncmp(path, files[i].path, len) != 0 || (files[i].path[len] == '\0' && path[len] != '\0'))
			continue;
		web_answer(w, 200, "OK", files[i].headers, files[i].body, !keep_alive);
		return true;
	}
	return false;
}
