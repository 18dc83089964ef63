/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PHONE_HTTP_H
#define PHONE_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "bytes.h"

#define HTTP_HEADERS_MAX 100
#define HTTP_HEAD_MAX 16384

struct http_header {
	const char *name, *value;
};

/* One answer; the texts point into head, which it owns. */
struct http_answer {
	char *head;
	int status;
	const char *reason;
	bool close;			/* Connection: close */
	struct http_header headers[HTTP_HEADERS_MAX];
	unsigned header_count;
};

/*
 * Take one answer from the front of in, head and body (no_body: head only).
 * Strict as an unknown parser may be: HTTP/1.1, CRLF, no folding, no chunks.
 * Returns 1 and fills *a, 0 if more bytes are needed, -1 and a text in err.
 */
int http_answer_get(struct buf *in, bool no_body, struct http_answer *a, char *err, size_t err_cap);
void http_answer_clear(struct http_answer *a);

/* The n-th value of a header, name in any case; NULL when there is none. */
const char *http_header(const struct http_answer *a, const char *name, unsigned n);

/*
 * Find a cookie that the answer sets. Returns false if there is none; *value
 * gets a copy of at most cap - 1 bytes, *expires whether it has that attribute.
 * Of several with that name, one with a value wins, as in a browser the last.
 */
bool http_cookie(const struct http_answer *a, const char *name, char *value, size_t cap, bool *expires);

/*
 * The phone's two rules for the answer to its GET: webvpn with an expires
 * attribute, and webvpnlogin with a value. NULL when both hold, else which one
 * does not.
 */
const char *http_login_rules(const struct http_answer *a);

/* Append text percent-encoded for a form. */
void http_form_add(struct buf *out, const char *text);

#endif
