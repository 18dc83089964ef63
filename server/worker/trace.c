/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/worker/trace.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "server/worker/tls.h"

#define TEXT_MAX 7000 /* below the message's limit */

static void
trace_send(struct worker *w, unsigned level, const char *what, const char *text)
{
	struct ipc_worker_trace m = { .level = (uint8_t)level, .what = what, .text = text };

	ipc_send(&w->main, MSG_worker_trace, &m);
}

void
trace_say(struct worker *w, unsigned level, const char *what, const char *fmt, ...)
{
	char text[TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	trace_send(w, level, what, text);
}

/* ---- heads: lines with a tab in front, so that they are told from fields ---- */

struct head {
	char text[TEXT_MAX];
	size_t len;
};

static void __attribute__((format(printf, 2, 3)))
head_line(struct head *h, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (h->len + 3 >= sizeof(h->text))
		return;
	h->len += (size_t)snprintf(h->text + h->len, sizeof(h->text) - h->len, "%s\t", h->len > 0 ? "\n" : "");
	va_start(ap, fmt);
	n = vsnprintf(h->text + h->len, sizeof(h->text) - h->len, fmt, ap);
	va_end(ap);
	h->len = n < 0 || h->len + (size_t)n >= sizeof(h->text) ? sizeof(h->text) - 1 : h->len + (size_t)n;
}

/* Header lines whose value nobody may see; of cookies the names are shown. */
static bool
is_secret(const char *name)
{
	static const char *const names[] = { "Authorization", "Proxy-Authorization", "X-DTLS-Master-Secret", "X-DTLS-Session-ID",
		"X-AnyConnect-STRAP-Pubkey", "X-AnyConnect-STRAP-DH-Pubkey", "X-AnyConnect-Session-Token-Signature" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcasecmp(names[i], name) == 0)
			return true;
	}
	return false;
}

/* "webvpn=*****; webvpnlogin=1": values of more than a few characters could be cookies. */
static void
cookies_masked(const char *value, char *out, size_t size)
{
	size_t at = 0;

	out[0] = '\0';
	while (*value != '\0' && at + 1 < size) {
		size_t name = strcspn(value, "=;"), all = strcspn(value, ";");
		bool secret = all > name + 4 && strncasecmp(value, "webvpn", 6) == 0;

		at += (size_t)snprintf(out + at, size - at, "%.*s%s", (int)(secret ? name + 1 : all), value, secret ? "*****" : "");
		value += all;
		if (*value == ';' && at + 1 < size) {
			out[at++] = *value++;
			out[at] = '\0';
		}
	}
}

static void
header_line(struct head *h, const char *name, const char *value)
{
	char masked[1024];

	if (is_secret(name)) {
		head_line(h, "%s: *****", name);
	} else if (strcasecmp(name, "Cookie") == 0 || strcasecmp(name, "Set-Cookie") == 0) {
		cookies_masked(value, masked, sizeof(masked));
		head_line(h, "%s: %s", name, masked);
	} else {
		head_line(h, "%s: %s", name, value);
	}
}

void
trace_request(struct worker *w, const struct http_request *r)
{
	struct head h = { .len = 0 };

	if (w->trace < TRACE_HEAD)
		return;
	head_line(&h, "%s %s HTTP/1.%d", r->method, r->path, r->http10 ? 0 : 1);
	for (size_t i = 0; i < r->header_count; i++)
		header_line(&h, r->headers[i].name, r->headers[i].value);
	if (h.len + 40 < sizeof(h.text))
		snprintf(h.text + h.len, sizeof(h.text) - h.len, "\nbody_bytes=%zu", r->body_len);
	trace_send(w, TRACE_HEAD, "request", h.text);
	explicit_bzero(&h, sizeof(h));
}

/* The body is not shown: it may hold a session token. */
void
trace_answer(struct worker *w, const char *bytes, size_t len)
{
	struct head h = { .len = 0 };

	if (w->trace < TRACE_HEAD)
		return;
	while (len > 0) {
		const char *end = memchr(bytes, '\n', len), *colon;
		size_t n = end != NULL ? (size_t)(end - bytes) : len;
		char line[1024], *value;

		snprintf(line, sizeof(line), "%.*s", (int)(n > 0 && bytes[n - 1] == '\r' ? n - 1 : n), bytes);
		if (line[0] == '\0')
			break;
		if ((colon = strchr(line, ':')) == NULL || h.len == 0) {
			head_line(&h, "%s", line);
		} else {
			value = line + (colon - line);
			*value++ = '\0';
			header_line(&h, line, value + strspn(value, " "));
		}
		explicit_bzero(line, sizeof(line));
		bytes += end != NULL ? n + 1 : n;
		len -= end != NULL ? n + 1 : n;
	}
	trace_send(w, TRACE_HEAD, "answer", h.text);
	explicit_bzero(&h, sizeof(h));
}

/* ---- the hello ---- */

void
trace_hello(struct worker *w, const struct hello *h)
{
	char versions[64] = "", suites[5 * HELLO_SUITES_MAX] = "", extensions[5 * HELLO_EXTENSIONS_MAX] = "";
	size_t at = 0;

	if (w->trace < TRACE_CHOICE)
		return;
	for (unsigned v = SUITE_TLS10; v <= SUITE_TLS13; v++) {
		if (h->versions[v])
			at += (size_t)snprintf(versions + at, sizeof(versions) - at, "%s%s", at > 0 ? " " : "", tls_version_str(v));
	}
	at = 0;
	for (size_t i = 0; i < h->suite_count && at + 6 < sizeof(suites); i++)
		at += (size_t)snprintf(suites + at, sizeof(suites) - at, "%s%04X", i > 0 ? " " : "", h->suites[i]);
	at = 0;
	for (size_t i = 0; i < h->extension_count && at + 6 < sizeof(extensions); i++)
		at += (size_t)snprintf(extensions + at, sizeof(extensions) - at, "%s%04X", i > 0 ? " " : "", h->extensions[i]);
	trace_say(w, TRACE_CHOICE, "client-hello", "versions=%s\nsuites=%s\nextensions=%s\nserver_name=%s", versions, suites,
	    extensions, h->sni);
}
