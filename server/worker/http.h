/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HTTP/1.x requests of AnyConnect clients, with the limits of protocol.md 1.5. Pure: bytes in, request out. */
#ifndef OFFHOOK_HTTP_H
#define OFFHOOK_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#define HTTP_HEAD_MAX    16384
#define HTTP_BODY_MAX    65536
#define HTTP_URL_MAX     512
#define HTTP_HEADERS_MAX 64

struct http_header {
	const char *name, *value; /* NUL-terminated in the buffer, value trimmed */
};

struct http_request {
	const char *method, *path; /* path without query */
	bool http10, keep_alive;
	size_t header_count;
	struct http_header headers[HTTP_HEADERS_MAX];
	const char *body;
	size_t body_len;
	size_t total; /* bytes of the buffer that this request took */
};

enum http_result {
	HTTP_MORE = 0,      /* not complete yet */
	HTTP_COMPLETE = 1,
	HTTP_BAD = 400,     /* otherwise the status to refuse with */
	HTTP_TOO_LONG_BODY = 413,
	HTTP_TOO_LONG_URL = 414,
	HTTP_TOO_LONG_HEAD = 431,
	HTTP_UNSUPPORTED = 501,
};

/*
 * Parse the request at the start of buf. On HTTP_COMPLETE the head has been
 * cut into strings in place and out points into buf; on HTTP_MORE buf is untouched.
 */
enum http_result http_parse(char *buf, size_t len, struct http_request *out);

/* First header of that name (case-insensitive), NULL when absent. */
const char *http_header(const struct http_request *r, const char *name);

/* Value of a cookie copied to out; false when absent or longer than size - 1. */
bool http_cookie(const struct http_request *r, const char *name, char *out, size_t size);

#endif
