/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/worker/config_auth.h"

#include <expat.h>
#include <string.h>
#include <strings.h>

#include "common/err.h"

#define DEPTH_MAX    12
#define ELEMENTS_MAX 256
#define TEXT_MAX     600

struct reader {
	XML_Parser parser;
	struct config_auth *out;
	int depth, elements;
	int auth_depth; /* of the <auth> that we are in, 0 none */
	char text[TEXT_MAX + 1];
	size_t text_len;
	bool bad;
};

static void
refuse(struct reader *r)
{
	r->bad = true;
	XML_StopParser(r->parser, XML_FALSE);
}

static void XMLCALL
doctype(void *ctx, const XML_Char *name, const XML_Char *sysid, const XML_Char *pubid, int internal)
{
	(void)name, (void)sysid, (void)pubid, (void)internal;
	refuse(ctx);
}

static enum config_auth_type
type_of(const XML_Char **attributes)
{
	for (; attributes[0] != NULL; attributes += 2) {
		if (strcasecmp(attributes[0], "type") != 0)
			continue;
		if (strcasecmp(attributes[1], "init") == 0)
			return CONFIG_AUTH_INIT;
		if (strcasecmp(attributes[1], "auth-reply") == 0)
			return CONFIG_AUTH_REPLY;
		if (strcasecmp(attributes[1], "logout") == 0)
			return CONFIG_AUTH_LOGOUT;
	}
	return CONFIG_AUTH_OTHER;
}

static void XMLCALL
element_start(void *ctx, const XML_Char *name, const XML_Char **attributes)
{
	struct reader *r = ctx;

	if (++r->depth > DEPTH_MAX || ++r->elements > ELEMENTS_MAX) {
		refuse(r);
		return;
	}
	if (r->depth == 1) {
		if (strcasecmp(name, "config-auth") != 0)
			refuse(r);
		r->out->type = type_of(attributes);
	}
	if (r->auth_depth == 0 && strcasecmp(name, "auth") == 0)
		r->auth_depth = r->depth;
	r->text_len = 0;
}

static void XMLCALL
text(void *ctx, const XML_Char *bytes, int len)
{
	struct reader *r = ctx;

	if (r->text_len + (size_t)len > TEXT_MAX) {
		r->text_len = TEXT_MAX + 1; /* too long for anything that we take */
		return;
	}
	memcpy(r->text + r->text_len, bytes, (size_t)len);
	r->text_len += (size_t)len;
}

/* The element's text into a field; one that does not fit is refused, never cut. */
static void
field_set(struct reader *r, char *field, size_t size)
{
	if (r->text_len >= size) {
		refuse(r);
		return;
	}
	memcpy(field, r->text, r->text_len);
	field[r->text_len] = '\0';
}

/* Inside <auth> an element per form field; the rest stands under the root. */
static void
element_take(struct reader *r, const XML_Char *name)
{
	struct config_auth *o = r->out;

	if (r->auth_depth > 0 && strcasecmp(name, "username") == 0) {
		field_set(r, o->username, sizeof(o->username));
		o->has_username = true;
	} else if (r->auth_depth > 0 && strcasecmp(name, "password") == 0) {
		field_set(r, o->password, sizeof(o->password));
		o->has_password = true;
	} else if (strcasecmp(name, "group-select") == 0 || strcasecmp(name, "group_list") == 0) {
		field_set(r, o->group_select, sizeof(o->group_select));
	} else if (strcasecmp(name, "tunnel-group") == 0) {
		field_set(r, o->tunnel_group, sizeof(o->tunnel_group));
	} else if (strcasecmp(name, "group-access") == 0) {
		field_set(r, o->group_access, sizeof(o->group_access));
	} else if (strcasecmp(name, "client-cert-fail") == 0) {
		o->cert_fail = true;
	} else if (strcasecmp(name, "session-token") == 0) {
		field_set(r, o->session_token, sizeof(o->session_token));
	}
}

static void XMLCALL
element_end(void *ctx, const XML_Char *name)
{
	struct reader *r = ctx;

	element_take(r, name);
	if (r->depth == r->auth_depth)
		r->auth_depth = 0;
	r->depth--;
	r->text_len = 0;
}

int
config_auth_parse(const char *body, size_t len, struct config_auth *out)
{
	struct reader r = { .parser = XML_ParserCreate("UTF-8"), .out = out };
	bool good;

	memset(out, 0, sizeof(*out));
	out->type = CONFIG_AUTH_OTHER;
	if (r.parser == NULL)
		return ERR_NOMEM;
	XML_SetUserData(r.parser, &r);
	XML_SetElementHandler(r.parser, element_start, element_end);
	XML_SetCharacterDataHandler(r.parser, text);
	XML_SetStartDoctypeDeclHandler(r.parser, doctype);
	good = XML_Parse(r.parser, body, (int)len, XML_TRUE) == XML_STATUS_OK && !r.bad;
	XML_ParserFree(r.parser);
	explicit_bzero(r.text, sizeof(r.text));
	return good ? 0 : ERR_INVALID;
}
