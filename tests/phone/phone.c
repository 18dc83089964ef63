/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A phone: its way from the first TCP connection to the last packet.
 *
 *	state	waits for		then
 *	IDLE	its turn		TCP
 *	TCP	connection		TLS
 *	TLS	handshake		pin, host-id; HTTP with the step's request
 *	HTTP	answer to GET		rules for the two cookies; POST
 *		answer to POST		the webvpn cookie; new connection (TCP), step CONNECT
 *		answer to CONNECT	DTLS, or PING without DTLS
 *	DTLS	handshake, retries	PING
 *	PING	echoes			DPD
 *	DPD	answers (--dpd-check)	next round (--reconnect: TCP, step CONNECT), or HOLD
 *	HOLD	time, signal, server	DONE
 *
 * --resume starts at TCP with step CONNECT. Each state fails with the stage of
 * its own; in the last four the end of the connection is STAGE_ENDED.
 */

#include "phone.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cstp.h"
#include "http.h"

static void phone_open(struct phone *p, enum phone_step step);

void
phone_event(struct phone *p, const char *event, const struct kv *list)
{
	report_event(&p->run->report, &p->facts, event, list);
}

int64_t
phone_lap_us(struct phone *p)
{
	int64_t now_us = clock_us(), lap_us = now_us - p->mark_us;

	p->mark_us = now_us;
	return lap_us;
}

void
phone_timer(struct phone *p, ev_timer *timer, double seconds)
{
	struct ev_loop *loop = p->run->loop;

	ev_timer_stop(loop, timer);
	if (seconds < 0)
		return;
	/* The loop's idea of now may be old after much work in one turn. */
	ev_timer_set(timer, seconds + (ev_time() - ev_now(loop)), 0.);
	ev_timer_start(loop, timer);
}

void
phone_bad_packet(struct phone *p, const char *why)
{
	p->facts.bad_packets++;
	text_set(p->facts.bad_packet, sizeof(p->facts.bad_packet), why);
	phone_event(p, "bad-packet", KV_LIST(KS("reason", why)));
}

/* ---- ends ---- */

static void
phone_finish(struct phone *p, enum stage stage)
{
	phone_timer(p, &p->start_timer, -1);
	phone_timer(p, &p->stage_timer, -1);
	traffic_stop(p);
	p->state = PHONE_DONE;
	p->facts.stage = stage;
	p->facts.finished = true;
	report_summary(&p->run->report, &p->facts, p->cookie);
	p->run->done(p->run, p);
}

void
phone_fail(struct phone *p, enum stage stage, const char *fmt, ...)
{
	va_list ap;

	if (p->state == PHONE_DONE)
		return;
	va_start(ap, fmt);
	vsnprintf(p->facts.error, sizeof(p->facts.error), fmt, ap);
	va_end(ap);
	phone_event(p, "failed", KV_LIST(KS("stage", stage_name(stage)), KS("error", p->facts.error)));
	udp_stop(p, BYE_CLOSE);
	conn_close(&p->conn, BYE_CLOSE);
	phone_finish(p, stage);
}

/* Leave the tunnel, or whatever there is. */
static void
connection_leave(struct phone *p, enum bye how)
{
	static const char quit[] = "\xb0" "User quit";

	if (p->state >= PHONE_DTLS && how == BYE_DISCONNECT)
		traffic_send(p, CHANNEL_CSTP, CSTP_DISCONNECT, quit, sizeof(quit) - 1);
	else if (p->state >= PHONE_DTLS && how == BYE_EMPTY)
		traffic_send(p, CHANNEL_CSTP, CSTP_DISCONNECT, NULL, 0);
	udp_stop(p, how);
	traffic_stop(p);
	conn_close(&p->conn, how);
}

void
phone_leave(struct phone *p, const char *reason)
{
	if (p->state == PHONE_DONE)
		return;
	text_set(p->facts.end_reason, sizeof(p->facts.end_reason), reason);
	phone_event(p, "bye", KV_LIST(KS("how", bye_name(p->run->o->bye)), KS("reason", reason)));
	connection_leave(p, p->run->o->bye);
	phone_finish(p, STAGE_OK);
}

void
phone_drop(struct phone *p)
{
	if (p->state < PHONE_DTLS || p->state == PHONE_DONE)
		return;
	phone_event(p, "drop", KV_LIST(KS("how", bye_name(p->run->o->drop))));
	connection_leave(p, p->run->o->drop);
	p->facts.reconnects++;
	p->facts.dtls_up = false;
	phone_open(p, STEP_CONNECT);
}

/* ---- rounds and holding ---- */

static void
hold_start(struct phone *p)
{
	const struct options *o = p->run->o;
	double left_s;

	p->state = PHONE_HOLD;
	p->muted = o->mute;
	if (!p->hold_begun)
		p->hold_end_us = clock_us() + o->hold_s * 1000000;
	p->hold_begun = true;
	left_s = (double)(p->hold_end_us - clock_us()) / 1e6;
	if (o->hold_s >= 0 && left_s <= 0) {
		phone_leave(p, "done");
		return;
	}
	phone_event(p, "hold", KV_LIST(KN("seconds", o->hold_s)));
	phone_timer(p, &p->stage_timer, o->hold_s < 0 ? -1 : left_s);
}

void
phone_round_end(struct phone *p)
{
	if (p->rounds_left > 0) {
		p->rounds_left--;
		phone_drop(p);
	} else {
		hold_start(p);
	}
}

/* ---- requests ---- */

static void
request_get(struct phone *p, struct buf *out)
{
	const struct options *o = p->run->o;

	buf_addf(out, "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: %s\r\n\r\n", o->path, o->host, o->user_agent);
}

static void
form_field(struct phone *p, struct buf *body, const char *name, const char *value)
{
	char text[300];

	if (value == NULL)
		return;
	text_expand(text, sizeof(text), value, p->facts.phone);
	buf_addf(body, "%s%s=", body->len ? "&" : "", name);
	http_form_add(body, text);
}

static void
request_post(struct phone *p, struct buf *out)
{
	const struct options *o = p->run->o;
	struct buf body = { 0 };

	if (o->auth != 2) {
		form_field(p, &body, "username", o->user);
		form_field(p, &body, "password", o->password);
	}
	buf_addf(out, "POST %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: %s\r\n", o->path, o->host, o->user_agent);
	if (!o->forget_cookies)
		buf_addf(out, "Cookie: webvpnlogin=1\r\n");
	if (body.len > 0)
		buf_addf(out, "Content-Type: application/x-www-form-urlencoded\r\n");
	buf_addf(out, "Content-Length: %zu\r\n\r\n", body.len);
	buf_add(out, body.data, body.len);
	buf_clear(&body);
}

static void
request_connect(struct phone *p, struct buf *out)
{
	tunnel_request(&p->tunnel, p->run->o, p->cookie, p->facts.name, out);
}

static void
request_send(struct phone *p)
{
	static void (*const make[])(struct phone *, struct buf *) = {
		[STEP_GET] = request_get, [STEP_POST] = request_post, [STEP_CONNECT] = request_connect,
	};
	const struct options *o = p->run->o;
	struct buf out = { 0 };

	make[p->step](p, &out);
	p->state = PHONE_HTTP;
	phone_timer(p, &p->stage_timer, (double)(p->step == STEP_CONNECT ? o->fail_connect_s : o->timeout_s));
	conn_send(&p->conn, out.data, out.len);
	buf_clear(&out);
}

/* ---- answers ---- */

static enum stage
step_stage(enum phone_step step)
{
	static const enum stage stages[] = {
		[STEP_GET] = STAGE_HTTP, [STEP_POST] = STAGE_AUTH, [STEP_CONNECT] = STAGE_CONNECT,
	};

	return stages[step];
}

static void
answer_get(struct phone *p, const struct http_answer *a)
{
	const char *location = http_header(a, "Location", 0), *rule;

	if (a->status != 200) {
		phone_fail(p, STAGE_HTTP, "GET: %d %s%s%s", a->status, a->reason, location ? ", Location: " : "",
		    location ? location : "");
		return;
	}
	if ((rule = http_login_rules(a)) != NULL) {
		phone_fail(p, STAGE_HTTP, "%s", rule);
		return;
	}
	p->step = STEP_POST;
	if (a->close) {
		conn_close(&p->conn, BYE_CLOSE);
		phone_open(p, STEP_POST);
	} else {
		request_send(p);
	}
}

static bool
cookie_save(const struct phone *p)
{
	char file[512];
	bool ok;
	int fd;

	if (p->run->o->cookie_file == NULL)
		return true;
	text_expand(file, sizeof(file), p->run->o->cookie_file, p->facts.phone);
	if ((fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)) < 0)
		return false;
	ok = dprintf(fd, "%s\n", p->cookie) > 0;
	return close(fd) == 0 && ok;
}

static bool
cookie_load(struct phone *p)
{
	char file[512];
	FILE *f;

	text_expand(file, sizeof(file), p->run->o->resume_file, p->facts.phone);
	if ((f = fopen(file, "re")) == NULL)
		return false;
	if (fgets(p->cookie, sizeof(p->cookie), f) == NULL)
		p->cookie[0] = '\0';
	p->cookie[strcspn(p->cookie, "\r\n")] = '\0';
	fclose(f);
	return p->cookie[0] != '\0';
}

static void
answer_post(struct phone *p, const struct http_answer *a)
{
	bool expires;

	if (a->status != 200) {
		phone_fail(p, STAGE_AUTH, "POST: %d %s", a->status, a->reason);
		return;
	}
	if (!http_cookie(a, "webvpn", p->cookie, sizeof(p->cookie), &expires) || p->cookie[0] == '\0' || expires) {
		p->cookie[0] = '\0';
		phone_fail(p, STAGE_AUTH, "POST: 200, but no webvpn cookie with a value");
		return;
	}
	p->facts.login_us = clock_us() - p->facts.start_us;
	text_set(p->facts.login_cipher, sizeof(p->facts.login_cipher), p->facts.tls_cipher);
	phone_event(p, "login", KV_LIST(KN("cookie_bytes", (long long)strlen(p->cookie))));
	if (!cookie_save(p)) {
		phone_fail(p, STAGE_USAGE, "cannot write the cookie to %s", p->run->o->cookie_file);
		return;
	}
	p->step = STEP_CONNECT;
	if (p->run->o->one_connection && !a->close) {
		request_send(p);
	} else {
		conn_close(&p->conn, BYE_CLOSE);
		phone_open(p, STEP_CONNECT);
	}
}

static void
answer_connect(struct phone *p, const struct http_answer *a)
{
	struct facts *f = &p->facts;
	char err[256];
	enum stage stage = tunnel_answer(&p->tunnel, p->run->o, a, f, err, sizeof(err));

	if (stage != STAGE_OK) {
		phone_fail(p, stage, "%s", err);
		return;
	}
	f->connect_us = phone_lap_us(p);
	phone_event(p, "connect", KV_LIST(KS("address", f->address), KS("netmask", f->netmask), KN("mtu", f->mtu),
	    KS("dtls", p->tunnel.dtls ? p->tunnel.dtls_cipher : "none"), KN("warnings", f->warning_count)));
	p->state = PHONE_DTLS;
	traffic_channel_up(p, CHANNEL_CSTP);
	if (p->tunnel.dtls)
		udp_start(p);
	else
		traffic_start(p);
}

static void
http_input(struct phone *p)
{
	static void (*const take[])(struct phone *, const struct http_answer *) = {
		[STEP_GET] = answer_get, [STEP_POST] = answer_post, [STEP_CONNECT] = answer_connect,
	};
	enum phone_step step = p->step;
	struct http_answer a;
	char err[160];
	int r;

	if ((r = http_answer_get(&p->conn.in, step == STEP_CONNECT, &a, err, sizeof(err))) == 0)
		return;
	if (r < 0) {
		phone_fail(p, step_stage(step), "%s", err);
		return;
	}
	take[step](p, &a);
	http_answer_clear(&a);
}

/* ---- the connection's events ---- */

/* OpenConnect wants one frame in each record (protocol.md 2.1). */
static void
odd_record(struct phone *p)
{
	p->facts.odd_records++;
	if (p->run->o->strict)
		phone_fail(p, STAGE_CSTP, "--strict: a TLS record is not one CSTP frame");
}

static void
cstp_input(struct phone *p)
{
	unsigned generation = p->conn.generation;
	struct cstp_frame frame;
	unsigned frames = 0;
	char hex[17];
	int n;

	while ((n = cstp_frame_get(p->conn.in.data, p->conn.in.len, &frame)) > 0) {
		traffic_input(p, CHANNEL_CSTP, frame.type, frame.payload, frame.len);
		if (p->conn.generation != generation)
			return;
		buf_consume(&p->conn.in, (size_t)n);
		frames++;
	}
	if (n == 0 && (frames != 1 || p->conn.in.len > 0))
		odd_record(p);
	if (n < 0) {
		hex_put(hex, p->conn.in.data, p->conn.in.len < 8 ? p->conn.in.len : 8);
		phone_fail(p, STAGE_CSTP, "no CSTP frame: %s", hex);
	}
}

static void
tls_done(struct phone *p)
{
	struct facts *f = &p->facts;
	SSL *ssl = p->conn.ssl;

	if (!tls_facts(ssl, f)) {
		phone_fail(p, STAGE_TLS, "the server sent no certificate");
		return;
	}
	f->tls_us = phone_lap_us(p);
	phone_event(p, "tls", KV_LIST(KS("version", f->tls_version), KS("cipher", f->tls_cipher),
	    KS("cert_sha1", f->cert_sha1), KS("cert_hash", f->cert_hash)));
	if (!tls_pin_ok(ssl, p->run->o))
		phone_fail(p, STAGE_PIN, "server certificate %s is not pinned", f->cert_hash);
	else if (p->run->o->host_id_check && !tls_host_ok(ssl, p->run->o->host))
		phone_fail(p, STAGE_HOSTID, "%s is neither CN nor SAN of the server certificate", p->run->o->host);
	else
		request_send(p);
}

static enum stage
state_stage(const struct phone *p)
{
	switch (p->state) {
	case PHONE_IDLE: case PHONE_TCP: return STAGE_TCP;
	case PHONE_TLS: return STAGE_TLS;
	case PHONE_HTTP: return step_stage(p->step);
	case PHONE_DTLS: return STAGE_DTLS;
	case PHONE_PING: return STAGE_PING;
	case PHONE_DPD: return STAGE_DPD;
	case PHONE_HOLD: case PHONE_DONE: break;
	}
	return STAGE_ENDED;
}

static void
connection_ended(struct phone *p, const char *why)
{
	if (p->state < PHONE_DTLS) {
		phone_fail(p, state_stage(p), "%s", why);
		return;
	}
	text_set(p->facts.end_reason, sizeof(p->facts.end_reason), why);
	phone_fail(p, STAGE_ENDED, "the server ended the connection: %s", why);
}

static void
conn_event_take(void *arg, enum conn_event event, const char *text)
{
	struct phone *p = arg;

	switch (event) {
	case CONN_EVENT_TCP:
		p->facts.tcp_us = phone_lap_us(p);
		p->state = PHONE_TLS;
		phone_event(p, "tcp", NULL);
		phone_timer(p, &p->stage_timer, (double)p->run->o->timeout_s);
		break;
	case CONN_EVENT_TLS:
		tls_done(p);
		break;
	case CONN_EVENT_INPUT:
		if (p->state == PHONE_HTTP) {
			http_input(p);
			if (p->state >= PHONE_DTLS && p->state < PHONE_DONE && p->conn.in.len > 0)
				odd_record(p);
		}
		if (p->state >= PHONE_DTLS && p->state < PHONE_DONE && p->conn.in.len > 0)
			cstp_input(p);
		break;
	case CONN_EVENT_END:
		connection_ended(p, text);
		break;
	}
}

static void
phone_open(struct phone *p, enum phone_step step)
{
	const struct options *o = p->run->o;
	char ciphers[1024];
	SSL *ssl;
	int error;

	p->step = step;
	p->state = PHONE_TCP;
	p->mark_us = clock_us();
	tls_narrow(ciphers, sizeof(ciphers), o->ciphers,
	    step == STEP_CONNECT && o->model->narrows && !o->no_narrow ? p->facts.login_cipher : "");
	phone_event(p, "open", KV_LIST(KS("for", step == STEP_CONNECT ? "CONNECT" : "login"), KS("ciphers", ciphers)));
	phone_timer(p, &p->stage_timer, (double)o->timeout_s);
	if ((ssl = tls_new(&p->run->tls, o, &p->id, ciphers)) == NULL)
		phone_fail(p, STAGE_TLS, "no TLS session could be made");
	else if ((error = conn_open(&p->conn, p->run->loop, &p->run->to, ssl, conn_event_take, p)) != 0)
		phone_fail(p, STAGE_TCP, "%s", strerror(error));
}

/* ---- timers, beginning and end ---- */

static void
stage_timer_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct phone *p = CONTAINER_OF(w, struct phone, stage_timer);
	const struct options *o = p->run->o;
	bool connecting = p->state == PHONE_DTLS || (p->state == PHONE_HTTP && p->step == STEP_CONNECT);

	(void)loop;
	(void)revents;
	if (p->state == PHONE_HOLD)
		phone_leave(p, "hold is over");
	else
		phone_fail(p, state_stage(p), "no answer within %ld s", connecting ? o->fail_connect_s : o->timeout_s);
}

static void
start_timer_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct phone *p = CONTAINER_OF(w, struct phone, start_timer);

	(void)loop;
	(void)revents;
	p->facts.start_us = clock_us();
	if (p->run->o->resume_file == NULL)
		phone_open(p, STEP_GET);
	else if (cookie_load(p))
		phone_open(p, STEP_CONNECT);
	else
		phone_fail(p, STAGE_USAGE, "no cookie in %s", p->run->o->resume_file);
}

void
phone_init(struct phone *p, struct run *run, unsigned number, const struct identity *id, double delay_s)
{
	*p = (struct phone){ .run = run, .id = *id };
	p->facts.phone = number;
	p->rounds_left = (unsigned)run->o->reconnects;
	if (run->o->name)
		text_expand(p->facts.name, sizeof(p->facts.name), run->o->name, number);
	else
		identity_name(id, number, p->facts.name, sizeof(p->facts.name));
	ev_init(&p->stage_timer, stage_timer_cb);
	ev_init(&p->wake_timer, NULL);
	ev_init(&p->ping_timer, NULL);
	ev_init(&p->dtls_timer, NULL);
	ev_timer_init(&p->start_timer, start_timer_cb, delay_s, 0.);
	ev_timer_start(run->loop, &p->start_timer);
}

void
phone_clear(struct phone *p)
{
	ping_clear(&p->ping);
	facts_clear(&p->facts);
	OPENSSL_cleanse(&p->tunnel, sizeof(p->tunnel));
	OPENSSL_cleanse(p->cookie, sizeof(p->cookie));
}
