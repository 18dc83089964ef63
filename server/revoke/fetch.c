/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/revoke/fetch.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/err.h"
#include "common/log.h"
#include "common/mem.h"

#define CONNECT_TIMEOUT_S 5L
#define TOTAL_TIMEOUT_S   60L
#define STALL_S           8L  /* below STALL_BYTES a second for so long: given up */
#define STALL_BYTES       100L
#define REDIRECTS_MAX     3L
#define OCSP_BYTES_MAX    (64u * 1024)
#define TRANSFERS_MAX     32L
#define FAILED_KEEP_S     15.0 /* a dead server costs one login in so many seconds a wait, not each */
#define FAILED_MAX        64

struct waiter {
	struct waiter *next;
	fetch_fn fn;
	void *ctx;
};

struct transfer {
	struct transfer *next;
	CURL *easy;
	char *url;
	bool post;
	struct curl_slist *headers;
	uint8_t *data, *body;
	size_t len, room, max;
	size_t too_large; /* that long, or longer; 0: it is not */
	struct waiter *waiters;
	char error[CURL_ERROR_SIZE];
};

struct later { /* an answer that is known already, given from the loop */
	ev_timer timer;
	fetch_fn fn;
	void *ctx;
	char why[256];
};

struct watch {
	ev_io io;
};

static struct {
	struct ev_loop *loop;
	CURLM *multi;
	ev_timer timer;
	struct transfer *transfers;
	struct {
		char *url;
		double until;
		char why[256];
	} failed[FAILED_MAX];
	unsigned failed_next;
} fetch;

/* ---- libcurl in libev ---- */

static void transfers_finish(void);

static void
socket_cb(struct ev_loop *loop, ev_io *w, int revents)
{
	int running, mask = (revents & EV_READ ? CURL_CSELECT_IN : 0) | (revents & EV_WRITE ? CURL_CSELECT_OUT : 0);

	(void)loop;
	curl_multi_socket_action(fetch.multi, w->fd, mask, &running);
	transfers_finish();
}

static void
timer_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
	int running;

	(void)loop, (void)w, (void)revents;
	curl_multi_socket_action(fetch.multi, CURL_SOCKET_TIMEOUT, 0, &running);
	transfers_finish();
}

static int
socket_want(CURL *easy, curl_socket_t fd, int what, void *userp, void *socketp)
{
	struct watch *w = socketp;

	(void)easy, (void)userp;
	if (what == CURL_POLL_REMOVE) {
		if (w != NULL)
			ev_io_stop(fetch.loop, &w->io);
		free(w);
		curl_multi_assign(fetch.multi, fd, NULL);
		return 0;
	}
	if (w == NULL) {
		w = xcalloc(1, sizeof(*w));
		ev_init(&w->io, socket_cb);
		curl_multi_assign(fetch.multi, fd, w);
	}
	ev_io_stop(fetch.loop, &w->io);
	ev_io_set(&w->io, fd, (what & CURL_POLL_IN ? EV_READ : 0) | (what & CURL_POLL_OUT ? EV_WRITE : 0));
	ev_io_start(fetch.loop, &w->io);
	return 0;
}

static int
timer_want(CURLM *multi, long ms, void *userp)
{
	(void)multi, (void)userp;
	ev_timer_stop(fetch.loop, &fetch.timer);
	if (ms >= 0) {
		ev_timer_set(&fetch.timer, (double)ms / 1000, 0.0);
		ev_timer_start(fetch.loop, &fetch.timer);
	}
	return 0;
}

int
fetch_init(struct ev_loop *loop)
{
	fetch.loop = loop;
	ev_init(&fetch.timer, timer_cb);
	if (curl_global_init(CURL_GLOBAL_NOTHING) != 0 || (fetch.multi = curl_multi_init()) == NULL)
		return ERR_SYSTEM;
	curl_multi_setopt(fetch.multi, CURLMOPT_SOCKETFUNCTION, socket_want);
	curl_multi_setopt(fetch.multi, CURLMOPT_TIMERFUNCTION, timer_want);
	curl_multi_setopt(fetch.multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, TRANSFERS_MAX);
	return 0;
}

/* ---- servers that failed ---- */

static const char *
failed_why(const char *url)
{
	for (size_t i = 0; i < FAILED_MAX; i++) {
		if (fetch.failed[i].url != NULL && fetch.failed[i].until > ev_now(fetch.loop) &&
		    strcmp(fetch.failed[i].url, url) == 0)
			return fetch.failed[i].why;
	}
	return NULL;
}

static void
failed_note(const char *url, const char *why)
{
	unsigned at = fetch.failed_next++ % FAILED_MAX;

	free(fetch.failed[at].url);
	fetch.failed[at].url = xstrdup(url);
	fetch.failed[at].until = ev_now(fetch.loop) + FAILED_KEEP_S;
	snprintf(fetch.failed[at].why, sizeof(fetch.failed[at].why), "%s", why);
}

void
fetch_forget_failures(void)
{
	for (size_t i = 0; i < FAILED_MAX; i++)
		fetch.failed[i].until = 0;
}

static void
later_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct later *l = w->data;

	(void)loop, (void)revents;
	l->fn(l->ctx, NULL, 0, l->why);
	free(l);
}

static void
answer_later(fetch_fn fn, void *ctx, const char *why)
{
	struct later *l = xcalloc(1, sizeof(*l));

	l->fn = fn;
	l->ctx = ctx;
	snprintf(l->why, sizeof(l->why), "%s", why);
	ev_timer_init(&l->timer, later_cb, 0.0, 0.0);
	l->timer.data = l;
	ev_timer_start(fetch.loop, &l->timer);
}

/* ---- transfers ---- */

static size_t
data_cb(char *bytes, size_t one, size_t n, void *userp)
{
	struct transfer *t = userp;
	curl_off_t told = 0;

	(void)one;
	if (t->len == 0) /* what a server says that it will send need not come first */
		curl_easy_getinfo(t->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &told);
	if (told > (curl_off_t)t->max || t->len + n > t->max) {
		t->too_large = told > 0 ? (size_t)told : t->len + n;
		return 0;
	}
	if (t->len + n > t->room) {
		t->room = (t->len + n) * 2;
		t->data = xrealloc(t->data, t->room);
	}
	memcpy(t->data + t->len, bytes, n);
	t->len += n;
	return n;
}

static void
transfer_free(struct transfer *t)
{
	for (struct transfer **at = &fetch.transfers; *at != NULL; at = &(*at)->next) {
		if (*at == t) {
			*at = t->next;
			break;
		}
	}
	curl_multi_remove_handle(fetch.multi, t->easy);
	curl_easy_cleanup(t->easy);
	curl_slist_free_all(t->headers);
	free(t->url);
	free(t->data);
	free(t->body);
	free(t);
}

static void
transfer_end(struct transfer *t, CURLcode result)
{
	char why[256] = "";
	long status = 0;
	struct waiter *next;

	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	if (t->too_large > 0)
		snprintf(why, sizeof(why), "the answer is larger than %zu bytes", t->max);
	else if (result != CURLE_OK)
		snprintf(why, sizeof(why), "%s", t->error[0] != '\0' ? t->error : curl_easy_strerror(result));
	else if (status != 200)
		snprintf(why, sizeof(why), "HTTP status %ld", status);
	else if (t->len == 0)
		snprintf(why, sizeof(why), "an empty answer");
	if (why[0] != '\0')
		failed_note(t->url, why);
	for (struct waiter *w = t->waiters; w != NULL; w = next) {
		next = w->next;
		w->fn(w->ctx, why[0] == '\0' ? t->data : NULL, why[0] == '\0' ? t->len : t->too_large, why);
		free(w);
	}
	transfer_free(t);
}

static void
transfers_finish(void)
{
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(fetch.multi, &left)) != NULL) {
		struct transfer *t;
		CURLcode result = m->data.result;

		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &t);
		transfer_end(t, result);
	}
}

static void
waiter_add(struct transfer *t, fetch_fn fn, void *ctx)
{
	struct waiter *w = xcalloc(1, sizeof(*w));

	w->fn = fn;
	w->ctx = ctx;
	w->next = t->waiters;
	t->waiters = w;
}

static struct transfer *
transfer_new(const char *url, size_t max)
{
	struct transfer *t = xcalloc(1, sizeof(*t));

	t->easy = curl_easy_init();
	if (t->easy == NULL)
		fatal("no memory for a transfer");
	t->url = xstrdup(url);
	t->max = max;
	curl_easy_setopt(t->easy, CURLOPT_URL, url);
	curl_easy_setopt(t->easy, CURLOPT_PRIVATE, t);
	curl_easy_setopt(t->easy, CURLOPT_ERRORBUFFER, t->error);
	curl_easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, data_cb);
	curl_easy_setopt(t->easy, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(t->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(t->easy, CURLOPT_PROXY, "");
	curl_easy_setopt(t->easy, CURLOPT_PROTOCOLS_STR, "http");
	curl_easy_setopt(t->easy, CURLOPT_REDIR_PROTOCOLS_STR, "http");
	curl_easy_setopt(t->easy, CURLOPT_FOLLOWLOCATION, 1L);
	curl_easy_setopt(t->easy, CURLOPT_MAXREDIRS, REDIRECTS_MAX);
	curl_easy_setopt(t->easy, CURLOPT_CONNECTTIMEOUT, CONNECT_TIMEOUT_S);
	curl_easy_setopt(t->easy, CURLOPT_TIMEOUT, TOTAL_TIMEOUT_S);
	curl_easy_setopt(t->easy, CURLOPT_LOW_SPEED_LIMIT, STALL_BYTES);
	curl_easy_setopt(t->easy, CURLOPT_LOW_SPEED_TIME, STALL_S);
	curl_easy_setopt(t->easy, CURLOPT_USERAGENT, "offhook");
	t->next = fetch.transfers;
	fetch.transfers = t;
	return t;
}

void
fetch_get(const char *url, size_t max_bytes, fetch_fn fn, void *ctx)
{
	const char *why = failed_why(url);
	struct transfer *t = fetch.transfers;

	if (strncasecmp(url, "http://", 7) != 0)
		why = "only http is spoken here";
	if (why != NULL) {
		answer_later(fn, ctx, why);
		return;
	}
	while (t != NULL && (t->post || strcmp(t->url, url) != 0))
		t = t->next;
	if (t == NULL) {
		t = transfer_new(url, max_bytes);
		waiter_add(t, fn, ctx);
		curl_multi_add_handle(fetch.multi, t->easy);
	} else {
		waiter_add(t, fn, ctx);
	}
}

void
fetch_ocsp(const char *url, const uint8_t *request, size_t len, fetch_fn fn, void *ctx)
{
	const char *why = strncasecmp(url, "http://", 7) != 0 ? "only http is spoken here" : failed_why(url);
	struct transfer *t;

	if (why != NULL) {
		answer_later(fn, ctx, why);
		return;
	}
	t = transfer_new(url, OCSP_BYTES_MAX);
	t->post = true;
	t->body = xmalloc(len);
	memcpy(t->body, request, len);
	t->headers = curl_slist_append(NULL, "Content-Type: application/ocsp-request");
	t->headers = curl_slist_append(t->headers, "Accept: application/ocsp-response");
	t->headers = curl_slist_append(t->headers, "Expect:");
	curl_easy_setopt(t->easy, CURLOPT_POSTFIELDS, t->body);
	curl_easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE, (long)len);
	curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers);
	waiter_add(t, fn, ctx);
	curl_multi_add_handle(fetch.multi, t->easy);
}
