/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/worker/http.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* End of the head (just behind the empty line), or 0. Lines may end in LF alone. */
static size_t
head_end(const char *buf, size_t len)
{
	for (size_t i = 0; i + 1 < len; i++) {
		if (buf[i] != '\n')
			continue;
		if (buf[i + 1] == '\n')
			return i + 2;
		if (i + 2 < len && buf[i + 1] == '\r' && buf[i + 2] == '\n')
			return i + 3;
	}
	return 0;
}

/* Cut the next line out of [*p, end): NUL at its end, *p behind it. */
static char *
line_cut(char **p, char *end)
{
	char *line = *p, *nl = memchr(line, '\n', (size_t)(end - line));

	*p = nl + 1;
	if (nl > line && nl[-1] == '\r')
		nl--;
	*nl = '\0';
	return line;
}

static bool
token_valid(const char *s)
{
	if (*s == '\0')
		return false;
	for (; *s != '\0'; s++) {
		if (!isalnum((unsigned char)*s) && strchr("!#$%&'*+-.^_`|~", *s) == NULL)
			return false;
	}
	return true;
}

static enum http_result
request_line_parse(char *line, struct http_request *out)
{
	char *path = strchr(line, ' '), *version;

	if (path == NULL)
		return HTTP_BAD;
	*path++ = '\0';
	version = strchr(path, ' ');
	if (version == NULL || !token_valid(line))
		return HTTP_BAD;
	*version++ = '\0';
	if (strcmp(version, "HTTP/1.1") != 0 && strcmp(version, "HTTP/1.0") != 0)
		return HTTP_BAD;
	if (strlen(path) > HTTP_URL_MAX)
		return HTTP_TOO_LONG_URL;
	for (const char *p = path; *p != '\0'; p++) {
		if ((unsigned char)*p <= ' ' || *p == 0x7f)
			return HTTP_BAD;
	}
	path[strcspn(path, "?#")] = '\0';
	out->method = line;
	out->path = path;
	out->http10 = strcmp(version, "HTTP/1.0") == 0;
	out->keep_alive = !out->http10;
	return HTTP_COMPLETE;
}

static enum http_result
header_parse(char *line, struct http_request *out)
{
	char *value = strchr(line, ':'), *end;

	if (value == NULL || out->header_count == HTTP_HEADERS_MAX)
		return value == NULL ? HTTP_BAD : HTTP_TOO_LONG_HEAD;
	*value++ = '\0';
	if (!token_valid(line))
		return HTTP_BAD;
	value += strspn(value, " \t");
	for (end = value + strlen(value); end > value && isspace((unsigned char)end[-1]); end--)
		;
	*end = '\0';
	for (const char *p = value; *p != '\0'; p++) {
		if ((unsigned char)*p < ' ' && *p != '\t')
			return HTTP_BAD;
	}
	out->headers[out->header_count++] = (struct http_header){ line, value };
	return HTTP_COMPLETE;
}

/* Content-Length of an uncut head, so that HTTP_MORE leaves the buffer untouched. -1: refuse. */
static long
body_length(const char *buf, size_t head)
{
	static const char name[] = "content-length:";
	const char *p = buf, *end = buf + head;
	long found = -1;

	while ((p = memchr(p, '\n', (size_t)(end - p))) != NULL && ++p < end) {
		if ((size_t)(end - p) > sizeof(name) && strncasecmp(p, name, sizeof(name) - 1) == 0) {
			const char *digits = p + sizeof(name) - 1 + strspn(p + sizeof(name) - 1, " \t");
			size_t count = strspn(digits, "0123456789"), blanks = strspn(digits + count, " \t\r");

			if (count == 0 || count > 9 || digits[count + blanks] != '\n')
				return -1;
			if (found >= 0 && found != strtol(digits, NULL, 10))
				return -1; /* two of them that differ */
			found = strtol(digits, NULL, 10);
		}
	}
	return found < 0 ? 0 : found;
}

enum http_result
http_parse(char *buf, size_t len, struct http_request *out)
{
	size_t start = 0, head;
	enum http_result r;
	char *p, *end;
	long body;

	while (start < len && (buf[start] == '\r' || buf[start] == '\n'))
		start++; /* RFC 9112 2.2: blank lines before a request */
	head = head_end(buf + start, len - start);
	if ((head == 0 ? len - start : head) > HTTP_HEAD_MAX)
		return HTTP_TOO_LONG_HEAD;
	if (head == 0)
		return HTTP_MORE;
	if (memchr(buf + start, '\0', head) != NULL)
		return HTTP_BAD;
	body = body_length(buf + start, head);
	if (body < 0)
		return HTTP_BAD;
	if (body > HTTP_BODY_MAX)
		return HTTP_TOO_LONG_BODY;
	if (len - start - head < (size_t)body)
		return HTTP_MORE;

	memset(out, 0, sizeof(*out));
	p = buf + start;
	end = p + head;
	if ((r = request_line_parse(line_cut(&p, end), out)) != HTTP_COMPLETE)
		return r;
	while (p < end) {
		char *line = line_cut(&p, end);

		if (*line == '\0')
			break;
		if ((r = header_parse(line, out)) != HTTP_COMPLETE)
			return r;
	}
	if (http_header(out, "Transfer-Encoding") != NULL)
		return HTTP_UNSUPPORTED;
	if (http_header(out, "Connection") != NULL)
		out->keep_alive = strcasecmp(http_header(out, "Connection"), "close") != 0 &&
		    (out->keep_alive || strcasecmp(http_header(out, "Connection"), "keep-alive") == 0);
	out->body = buf + start + head;
	out->body_len = (size_t)body;
	out->total = start + head + (size_t)body;
	return HTTP_COMPLETE;
}

const char *
http_header(const struct http_request *r, const char *name)
{
	for (size_t i = 0; i < r->header_count; i++) {
		if (strcasecmp(r->headers[i].name, name) == 0)
			return r->headers[i].value;
	}
	return NULL;
}

/* One header line "a=1; b=2". */
static bool
cookie_find(const char *line, const char *name, char *out, size_t size)
{
	size_t name_len = strlen(name);

	while (*line != '\0') {
		size_t len;

		line += strspn(line, " \t;");
		len = strcspn(line, ";");
		if (len > name_len && strncmp(line, name, name_len) == 0 && line[name_len] == '=') {
			size_t value_len = len - name_len - 1;

			while (value_len > 0 && isspace((unsigned char)line[name_len + value_len]))
				value_len--;
			if (value_len >= size)
				return false;
			memcpy(out, line + name_len + 1, value_len);
			out[value_len] = '\0';
			return true;
		}
		line += len;
	}
	return false;
}

bool
http_cookie(const struct http_request *r, const char *name, char *out, size_t size)
{
	for (size_t i = 0; i < r->header_count; i++) {
		if (strcasecmp(r->headers[i].name, "Cookie") == 0 && cookie_find(r->headers[i].value, name, out, size))
			return true;
	}
	return false;
}
