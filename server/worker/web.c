/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/worker/web.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/mem.h"
#include "server/worker/connect.h"
#include "server/worker/http.h"
#include "server/worker/login.h"
#include "server/worker/tls.h"
#include "server/worker/trace.h"
#include "server/worker/worker.h"

#define REQUESTS_MAX 16 /* protocol.md 1.5 */
#define IN_MAX       (HTTP_HEAD_MAX + HTTP_BODY_MAX + 4)
#define IN_STEP      4096

void
web_writable(struct worker *w)
{
	int r = tls_flush(w);

	if (r == ERR_AGAIN)
		return;
	ev_io_stop(w->loop, &w->tcp_wr);
	w->out_blocked = false;
	if (r != 0 || w->state == WORKER_CLOSING)
		worker_exit(w);
	web_resume(w);
}

void
web_send(struct worker *w, const char *bytes, size_t len, bool close)
{
	int r;

	trace_answer(w, bytes, len);
	r = tls_send(w, bytes, len);
	if (close)
		w->state = WORKER_CLOSING;
	if (r == ERR_AGAIN) {
		w->out_blocked = true;
		ev_io_start(w->loop, &w->tcp_wr);
		return;
	}
	if (r != 0 || close)
		worker_exit(w);
}

void
web_answer(struct worker *w, int status, const char *text, const char *headers, const char *body, bool close)
{
	size_t body_len = body == NULL ? 0 : strlen(body);
	char *out;
	int len;

	len = asprintf(&out, "HTTP/1.1 %d %s\r\n%sContent-Length: %zu\r\n%s\r\n%s", status, text, headers, body_len,
	    close ? "Connection: close\r\n" : "", body == NULL ? "" : body);
	if (len < 0)
		abort();
	web_send(w, out, (size_t)len, close);
	explicit_bzero(out, (size_t)len);
	free(out);
}

static const struct {
	enum http_result result;
	const char *text;
} refusals[] = {
	{ HTTP_BAD, "Bad Request" },
	{ HTTP_TOO_LONG_BODY, "Content Too Large" },
	{ HTTP_TOO_LONG_URL, "URI Too Long" },
	{ HTTP_TOO_LONG_HEAD, "Request Header Fields Too Large" },
	{ HTTP_UNSUPPORTED, "Not Implemented" },
};

static void
web_refuse(struct worker *w, enum http_result r)
{
	const char *text = "Bad Request";

	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		if (refusals[i].result == r)
			text = refusals[i].text;
	}
	worker_note(w, "HTTP request refused: %d %s", (int)r, text);
	web_answer(w, (int)r, text, "", NULL, true);
}

static void
web_route(struct worker *w, const struct http_request *r)
{
	if (strcmp(r->method, "CONNECT") == 0)
		connect_handle(w, r);
	else if (strcmp(r->method, "GET") == 0)
		login_get(w, r);
	else if (strcmp(r->method, "POST") == 0)
		login_post(w, r);
	else
		web_answer(w, 405, "Method Not Allowed", "Allow: GET, POST, CONNECT\r\n", NULL, true);
}

/* Serve complete requests while the connection is in state HTTP. */
static void
web_serve(struct worker *w)
{
	while (w->state == WORKER_HTTP && !w->out_blocked && w->in_len > 0) {
		struct http_request req;
		enum http_result r = http_parse(w->in, w->in_len, &req);
		size_t total;

		if (r == HTTP_MORE)
			return;
		if (r != HTTP_COMPLETE || ++w->requests > REQUESTS_MAX) {
			web_refuse(w, r == HTTP_COMPLETE ? HTTP_BAD : r);
			return;
		}
		total = req.total;
		trace_request(w, &req);
		web_route(w, &req);
		explicit_bzero(w->in, total); /* passwords and cookies */
		memmove(w->in, w->in + total, w->in_len - total);
		w->in_len -= total;
	}
}

void
web_resume(struct worker *w)
{
	if (w->state == WORKER_HTTP)
		web_serve(w);
}

static bool
web_grow(struct worker *w)
{
	if (w->in_len < w->in_cap)
		return true;
	if (w->in_cap >= IN_MAX)
		return false;
	w->in_cap += IN_STEP;
	w->in = xrealloc(w->in, w->in_cap);
	return true;
}

void
web_readable(struct worker *w)
{
	for (;;) {
		int n;

		if (!web_grow(w)) {
			/* a client that pipelines while it waits for an answer */
			web_refuse(w, HTTP_TOO_LONG_HEAD);
			return;
		}
		n = tls_receive(w, w->in + w->in_len, w->in_cap - w->in_len);
		if (n == ERR_AGAIN)
			return;
		if (n < 0)
			worker_exit(w);
		w->in_len += (size_t)n;
		web_serve(w);
		if (w->state == WORKER_TUNNEL)
			return;
	}
}
