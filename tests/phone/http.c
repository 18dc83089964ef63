/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HTTP answers, as far as a phone reads them; cookies; form encoding. */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE	/* memmem */
#endif

#include "http.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int
http_error(char *err, size_t err_cap, const char *what, const char *text)
{
	snprintf(err, err_cap, "HTTP: %s: \"%.80s\"", what, text);
	return -1;
}

const char *
http_header(const struct http_answer *a, const char *name, unsigned n)
{
	unsigned i;

	for (i = 0; i < a->header_count; i++)
		if (strcasecmp(a->headers[i].name, name) == 0 && n-- == 0)
			return a->headers[i].value;
	return NULL;
}

/* line is zero ended and has no CRLF. */
static int
status_line(struct http_answer *a, char *line, char *err, size_t err_cap)
{
	if (strncmp(line, "HTTP/1.1 ", 9) != 0 || !isdigit((unsigned char)line[9]) ||
	    !isdigit((unsigned char)line[10]) || !isdigit((unsigned char)line[11]) ||
	    (line[12] != ' ' && line[12] != '\0'))
		return http_error(err, err_cap, "no status line", line);
	a->status = atoi(line + 9);
	a->reason = line[12] ? line + 13 : line + 12;
	return 0;
}

static int
header_line(struct http_answer *a, char *line, char *err, size_t err_cap)
{
	char *colon = strchr(line, ':');

	if (colon == NULL || colon == line || isspace((unsigned char)*line))
		return http_error(err, err_cap, "no header line", line);
	if (a->header_count == HTTP_HEADERS_MAX)
		return http_error(err, err_cap, "too many headers", line);
	*colon++ = '\0';
	if (*colon == ' ')
		colon++;
	a->headers[a->header_count].name = line;
	a->headers[a->header_count++].value = colon;
	return 0;
}

/* Split a->head into lines, each ended by CRLF. */
static int
head_split(struct http_answer *a, char *err, size_t err_cap)
{
	char *line = a->head, *end;
	bool first = true;
	int r;

	while ((end = strchr(line, '\n')) != NULL) {
		if (end == line || end[-1] != '\r')
			return http_error(err, err_cap, "line ends without CR", line);
		end[-1] = '\0';
		if (*line == '\0')
			return 0;
		r = first ? status_line(a, line, err, err_cap) : header_line(a, line, err, err_cap);
		if (r != 0)
			return r;
		first = false;
		line = end + 1;
	}
	return http_error(err, err_cap, "zero byte in the head", a->head);
}

static int
body_len(struct http_answer *a, size_t *len, char *err, size_t err_cap)
{
	const char *text = http_header(a, "Content-Length", 0), *v;

	*len = 0;
	if (a->status < 200)
		return http_error(err, err_cap, "interim answer", a->reason);
	if (http_header(a, "Transfer-Encoding", 0))
		return http_error(err, err_cap, "a phone reads no Transfer-Encoding", "");
	if ((v = http_header(a, "Content-Encoding", 0)) != NULL)
		return http_error(err, err_cap, "a phone reads no Content-Encoding", v);
	if (text == NULL)
		return 0;
	if (*text == '\0' || strspn(text, "0123456789") != strlen(text) || strlen(text) > 6)
		return http_error(err, err_cap, "Content-Length", text);
	*len = (size_t)atol(text);
	return 0;
}

int
http_answer_get(struct buf *in, bool no_body, struct http_answer *a, char *err, size_t err_cap)
{
	const uint8_t *end = in->len ? memmem(in->data, in->len, "\r\n\r\n", 4) : NULL;
	size_t head_len, len = 0;
	const char *v;

	*a = (struct http_answer){ 0 };
	if (end == NULL)
		return in->len > HTTP_HEAD_MAX ? http_error(err, err_cap, "head longer than 16 KiB", "") : 0;
	head_len = (size_t)(end - in->data) + 4;
	a->head = mem_alloc(head_len + 1);
	memcpy(a->head, in->data, head_len);
	if (head_split(a, err, err_cap) != 0 || body_len(a, &len, err, err_cap) != 0)
		goto fail;
	if (no_body && a->status == 200)
		len = 0;
	if (in->len < head_len + len) {
		http_answer_clear(a);
		return 0;
	}
	v = http_header(a, "Connection", 0);
	a->close = v && strcasecmp(v, "close") == 0;
	buf_consume(in, head_len + len);
	return 1;
fail:
	http_answer_clear(a);
	return -1;
}

void
http_answer_clear(struct http_answer *a)
{
	free(a->head);
	*a = (struct http_answer){ 0 };
}

/* Has the Set-Cookie line an attribute of this name after its value? */
static bool
cookie_has(const char *line, const char *attribute)
{
	size_t len = strlen(attribute);

	while ((line = strchr(line, ';')) != NULL) {
		line++;
		line += strspn(line, " ");
		if (strncasecmp(line, attribute, len) == 0 && strchr("=; ", line[len]))
			return true;
	}
	return false;
}

bool
http_cookie(const struct http_answer *a, const char *name, char *value, size_t cap, bool *expires)
{
	size_t name_len = strlen(name), len;
	bool found = false;
	const char *line;
	unsigned i;

	for (i = 0; (line = http_header(a, "Set-Cookie", i)) != NULL; i++) {
		if (strncmp(line, name, name_len) != 0 || line[name_len] != '=')
			continue;
		line += name_len + 1;
		len = strcspn(line, ";");
		if ((found && len == 0) || len >= cap)
			continue;
		memcpy(value, line, len);
		value[len] = '\0';
		*expires = cookie_has(line, "expires");
		found = true;
	}
	return found;
}

const char *
http_login_rules(const struct http_answer *a)
{
	char value[1024];
	bool expires;

	if (!http_cookie(a, "webvpn", value, sizeof(value), &expires))
		return "answer to GET sets no webvpn cookie";
	if (!expires)
		return "webvpn cookie of the GET has no expires attribute";
	if (!http_cookie(a, "webvpnlogin", value, sizeof(value), &expires))
		return "answer to GET sets no webvpnlogin cookie";
	if (value[0] == '\0')
		return "webvpnlogin cookie is empty";
	return NULL;
}

void
http_form_add(struct buf *out, const char *text)
{
	unsigned char c;

	for (; (c = (unsigned char)*text) != 0; text++) {
		if (isalnum(c) || strchr("-._", c))
			buf_add(out, text, 1);
		else
			buf_addf(out, "%%%02X", c);
	}
}
