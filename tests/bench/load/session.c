/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A session of the load generator: its way in.
 *
 *	LOGIN	TLS, POST with the XML of OpenConnect, or GET and POST as phones do (offhook
 *		alone); the webvpn cookie
 *	CONNECT	a second connection (or the same): CONNECT, 200
 *	DTLS	resumption of a session made by hand
 *	UP	answers DPD, sends keepalives and packets
 *
 * Anything that goes wrong makes it FAILED; nothing is tried again.
 */

#include "session.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>

#include "tests/phone/cstp.h"
#include "tests/phone/http.h"
#include "traffic.h"

#define DATAGRAMS_PER_CALLBACK 64
#define BUFFER_BYTES (4 << 20)

static void session_open(struct session *s);

static void
timer_start(struct session *s, ev_timer *timer, double seconds)
{
	ev_timer_stop(s->load->loop, timer);
	ev_timer_set(timer, seconds + (ev_time() - ev_now(s->load->loop)), 0.);
	ev_timer_start(s->load->loop, timer);
}

/* ---- ends ---- */

static void
session_stop(struct session *s, enum bye how)
{
	struct ev_loop *loop = s->load->loop;

	ev_timer_stop(loop, &s->deadline);
	ev_timer_stop(loop, &s->wake);
	if (s->udp_fd >= 0)
		ev_io_stop(loop, &s->udp_io);
	if (s->udp_fd >= 0 && s->kind != KIND_TUNNEL)
		close(s->udp_fd);
	s->udp_fd = -1;
	record_free(s->record);
	s->record = NULL;
	/* OpenSSL knows nothing of the records sent since: no close_notify. */
	dtls_stop(&s->dtls, BYE_ABRUPT);
	conn_close(&s->conn, how);
}

static void session_fail(struct session *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void
session_fail(struct session *s, const char *fmt, ...)
{
	bool was_up = s->state == SESSION_UP;
	va_list ap;

	if (s->state == SESSION_FAILED || s->state == SESSION_LEFT)
		return;
	va_start(ap, fmt);
	vsnprintf(s->error, sizeof(s->error), fmt, ap);
	va_end(ap);
	s->state = SESSION_FAILED;
	session_stop(s, BYE_CLOSE);
	if (!was_up)
		s->load->session_settled(s->load, s);
}

static void
deadline_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
	static const char *const what[] = { "nothing", "login", "CONNECT", "DTLS", "nothing", "nothing", "nothing" };
	struct session *s = CONTAINER_OF(w, struct session, deadline);

	(void)loop;
	(void)revents;
	session_fail(s, "%s: not done in time", what[s->state]);
}

void
session_leave(struct session *s)
{
	static const char quit[] = "\xb0" "User quit";
	struct buf frame = { 0 };

	if (s->state == SESSION_UP && s->kind == KIND_TUNNEL) {
		cstp_frame_put(&frame, CSTP_DISCONNECT, quit, sizeof(quit) - 1);
		conn_send(&s->conn, frame.data, frame.len);
		buf_clear(&frame);
	}
	if (s->state != SESSION_FAILED)
		s->state = SESSION_LEFT;
	session_stop(s, BYE_CLOSE);
}

void
session_free(struct session *s)
{
	session_leave(s);
	identity_clear(&s->id);
	free(s);
}

/* ---- packets ---- */

/* TLS: what the buffer holds goes out with one call. The rest, if there is any, goes with the next. */
static void
cstp_flush(struct session *s)
{
	if (s->buffered)
		(void)!BIO_flush(SSL_get_wbio(s->conn.ssl));
}

static bool
channel_send(struct session *s, enum channel channel, uint8_t type, const void *payload, size_t len)
{
	static uint8_t content[1 + 16384], out[sizeof(content) + RECORD_ROOM];
	struct buf frame = { 0 };
	bool sent;

	if (channel == CHANNEL_CSTP) {
		cstp_frame_put(&frame, type, payload, len);
		sent = conn_send(&s->conn, frame.data, frame.len);
		buf_clear(&frame);
		if (!s->corked)
			cstp_flush(s);
	} else {
		content[0] = type;
		if (len > 0)
			memcpy(content + 1, payload, len);
		sent = send(s->udp_fd, out, record_seal(s->record, out, content, len + 1), 0) > 0;
	}
	if (sent)
		liveness_sent(&s->live[channel], clock_ms());
	return sent;
}

bool
session_send(struct session *s, const uint8_t *packet, size_t len)
{
	if (s->kind == KIND_TUNNEL)
		return channel_send(s, s->record ? CHANNEL_DTLS : CHANNEL_CSTP, CSTP_DATA, packet, len);
	return send(s->udp_fd, packet, len, 0) > 0;
}

bool
session_send_batch(struct session *s, const uint8_t *packets, unsigned n, size_t len)
{
	static uint8_t out[65536 + RECORD_ROOM], content[1 + 16384];
	union {
		char space[CMSG_SPACE(sizeof(uint16_t))];
		struct cmsghdr align;
	} control = { 0 };
	struct iovec iov = { out, 0 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	uint16_t segment = (uint16_t)len;
	unsigned i;

	if (s->udp_fd < 0) {
		bool sent = true;

		s->corked = true;
		for (i = 0; i < n && sent; i++)
			sent = session_send(s, packets + i * len, len);
		s->corked = false;
		cstp_flush(s);
		return sent;
	}
	if (s->record) {
		content[0] = CSTP_DATA;
		for (i = 0; i < n; i++) {
			memcpy(content + 1, packets + i * len, len);
			segment = (uint16_t)record_seal(s->record, out + iov.iov_len, content, len + 1);
			iov.iov_len += segment;
		}
	} else {
		iov = (struct iovec){ (void *)(uintptr_t)packets, n * len };
	}
	c->cmsg_level = SOL_UDP;
	c->cmsg_type = UDP_SEGMENT;
	c->cmsg_len = CMSG_LEN(sizeof(segment));
	memcpy(CMSG_DATA(c), &segment, sizeof(segment));
	return sendmsg(s->udp_fd, &m, 0) > 0;
}

static void
packet_input(struct session *s, enum channel channel, uint8_t type, const uint8_t *payload, size_t len)
{
	liveness_received(&s->live[channel], clock_ms());
	if (type == CSTP_DATA)
		traffic_down(s, payload, len);
	else if (type == CSTP_DPD_OUT)
		channel_send(s, channel, CSTP_DPD_RESP, payload, len);
	else if (type == CSTP_DISCONNECT || type == CSTP_TERMINATE)
		session_fail(s, "ended by the server (%u)", type);
}

static void
datagram_input(struct session *s, const uint8_t *data, size_t len)
{
	static uint8_t content[65536];
	long n;

	if (s->kind != KIND_TUNNEL) {
		traffic_down(s, data, len);
	} else if ((n = record_open(s->record, content, data, len)) > 0) {
		packet_input(s, CHANNEL_DTLS, content[0], content + 1, (size_t)n - 1);
	} else {
		s->bad++;
	}
}

/* The server has not seen the end of our handshake and repeats its own: OpenSSL answers. */
static bool
handshake_input(struct session *s)
{
	uint8_t byte;

	if (s->kind != KIND_TUNNEL || recv(s->udp_fd, &byte, 1, MSG_PEEK) != 1 || byte == 23)
		return false;
	SSL_read(s->dtls.ssl, &byte, 1);
	return true;
}

static void
udp_cb(struct ev_loop *loop, ev_io *w, int revents)
{
	static uint8_t data[65536];
	struct session *s = CONTAINER_OF(w, struct session, udp_io);
	char control[64];
	struct iovec iov = { data, sizeof(data) };
	int i;

	(void)loop;
	(void)revents;
	for (i = 0; i < DATAGRAMS_PER_CALLBACK && s->udp_fd >= 0; i++) {
		struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };
		ssize_t n = recvmsg(s->udp_fd, &m, 0), at = 0, segment;
		struct cmsghdr *c;

		if (n <= 0)
			break;
		if (s->kind == KIND_TUNNEL && data[0] != 23) {
			/* rare enough to lose what OpenSSL would have liked to see; it comes again, and then is peeked */
			s->bad++;
			handshake_input(s);
			continue;
		}
		segment = n;
		for (c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
			if (c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_GRO) {
				int size;

				memcpy(&size, CMSG_DATA(c), sizeof(size));
				segment = size;
			}
		for (; at < n && s->udp_fd >= 0; at += segment)
			datagram_input(s, data + at, (size_t)(n - at < segment ? n - at : segment));
	}
	traffic_pump(s->load);
}

/* Many records in one call each way: OpenSSL reads ahead, and writes into a buffer. */
static void
cstp_batching(struct session *s)
{
	SSL *ssl = s->conn.ssl;
	int bytes = BUFFER_BYTES;
	BIO *buffer, *bio;

	if (s->buffered || ssl == NULL || (buffer = BIO_new(BIO_f_buffer())) == NULL)
		return;
	s->buffered = true;
	setsockopt(s->conn.fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
	setsockopt(s->conn.fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes));
	SSL_set_read_ahead(ssl, 1);
	BIO_set_write_buffer_size(buffer, 2 * SESSION_BATCH_MAX * 1500);
	bio = SSL_get_wbio(ssl);
	BIO_up_ref(bio);
	SSL_set0_wbio(ssl, BIO_push(buffer, bio));
}

void
session_batching(struct session *s)
{
	int one = 1, bytes = BUFFER_BYTES;

	if (s->udp_fd < 0) {
		cstp_batching(s);
		return;
	}
	setsockopt(s->udp_fd, SOL_UDP, UDP_GRO, &one, sizeof(one));
	setsockopt(s->udp_fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
	setsockopt(s->udp_fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes));
}

/* ---- staying ---- */

static void
wake(struct session *s)
{
	int64_t now_ms = clock_ms(), wake_ms = now_ms + 3600000;
	unsigned todo;
	int i;

	for (i = 0; i < CHANNEL_COUNT; i++) {
		todo = liveness_step(&s->live[i], now_ms, &wake_ms);
		if (todo & LIVENESS_DEAD) {
			session_fail(s, "no answer to DPD over %s", channel_name(i));
			return;
		}
		if (todo & LIVENESS_PROBE)
			channel_send(s, i, CSTP_DPD_OUT, NULL, 0);
		if (todo & LIVENESS_KEEPALIVE)
			channel_send(s, i, CSTP_KEEPALIVE, NULL, 0);
	}
	timer_start(s, &s->wake, (double)(wake_ms - now_ms) / 1000 + 0.001);
}

static void
wake_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop;
	(void)revents;
	wake(CONTAINER_OF(w, struct session, wake));
}

static void
session_up(struct session *s)
{
	const struct tunnel *t = &s->tunnel;

	s->state = SESSION_UP;
	s->ready_us = clock_us() - s->start_us;
	ev_timer_stop(s->load->loop, &s->deadline);
	liveness_start(&s->live[CHANNEL_CSTP], t->cstp_dpd_s, t->cstp_keepalive_s, clock_ms());
	if (s->record)
		liveness_start(&s->live[CHANNEL_DTLS], t->dtls_dpd_s, t->dtls_keepalive_s, clock_ms());
	wake(s);
	s->load->session_settled(s->load, s);
}

/* ---- DTLS ---- */

static void
dtls_event_cb(void *arg, enum dtls_event event, const void *data, size_t len)
{
	struct session *s = arg;

	(void)len;
	if (event == DTLS_EVENT_PACKET)
		return;
	if (event == DTLS_EVENT_END) {
		session_fail(s, "DTLS: %s", (const char *)data);
		return;
	}
	s->hellos_again += clock_us() - s->dtls_start_us > 1000000;	/* OpenSSL waits a second */
	s->record = record_new(s->load->cipher, s->dtls.ssl, s->tunnel.master);
	if (s->record == NULL) {
		session_fail(s, "DTLS: no keys");
		return;
	}
	ev_io_stop(s->load->loop, &s->dtls.io);
	s->dtls.generation++;	/* no more reading by OpenSSL */
	s->udp_fd = s->dtls.fd;
	ev_io_init(&s->udp_io, udp_cb, s->udp_fd, EV_READ);
	ev_io_start(s->load->loop, &s->udp_io);
	session_up(s);
}

static void
dtls_open(struct session *s)
{
	struct load *load = s->load;
	struct endpoint to = load->to;
	const char *name = s->tunnel.dtls_cipher;
	struct dtls_session session = { s->tunnel.dtls12 ? DTLS1_2_VERSION : DTLS1_BAD_VER, name, name, s->tunnel.master,
		s->tunnel.session_id };
	char err[150];

	((struct sockaddr_in *)&to.addr)->sin_port = htons(s->tunnel.dtls_port);
	s->state = SESSION_DTLS;
	s->dtls_start_us = clock_us();
	if (dtls_start(&s->dtls, load->loop, s->tunnel.dtls12 ? load->tls.dtls12 : load->tls.dtls09, &to, &session,
	    dtls_event_cb, s, err, sizeof(err)) != 0)
		session_fail(s, "DTLS: %s", err);
}

/* ---- login and CONNECT ---- */

/* GET, then POST without a body: a phone with a certificate (protocol.md 1.2). */
static void
phone_login_send(struct session *s)
{
	const struct options *o = &s->load->o;
	struct buf out = { 0 };

	buf_addf(&out, "%s %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: %s\r\n%s\r\n", s->asked ? "POST" : "GET", o->path, o->host,
	    o->user_agent, s->asked ? "Cookie: webvpnlogin=1\r\nContent-Length: 0\r\n" : "");
	conn_send(&s->conn, out.data, out.len);
	buf_clear(&out);
}

static void
login_send(struct session *s)
{
	const struct options *o = &s->load->o;
	struct buf body = { 0 }, out = { 0 };

	if (s->load->phone) {
		phone_login_send(s);
		return;
	}

	buf_addf(&body, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<config-auth client=\"vpn\" type=\"init\" "
	    "aggregate-auth-version=\"2\"><version who=\"vpn\">v9.01</version><device-id>linux-64</device-id>"
	    "<group-access>https://%s%s</group-access></config-auth>\n", o->host, o->path);
	buf_addf(&out, "POST %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: %s\r\nX-Transcend-Version: 1\r\n"
	    "X-Aggregate-Auth: 1\r\nContent-Type: application/xml; charset=utf-8\r\nContent-Length: %zu\r\n\r\n",
	    o->path, o->host, o->user_agent, body.len);
	buf_add(&out, body.data, body.len);
	conn_send(&s->conn, out.data, out.len);
	buf_clear(&body);
	buf_clear(&out);
}

static void
connect_send(struct session *s)
{
	struct buf out = { 0 };
	char name[32];

	snprintf(name, sizeof(name), "load%u", s->number);
	tunnel_request(&s->tunnel, &s->load->o, s->cookie, name, &out);
	conn_send(&s->conn, out.data, out.len);
	buf_clear(&out);
}

static void
login_answer(struct session *s, const struct http_answer *a)
{
	bool expires;

	if (a->status != 200) {
		session_fail(s, "login: %d %s", a->status, a->reason);
		return;
	}
	if (s->load->phone && !s->asked) {
		s->asked = true;
		if (http_login_rules(a))
			session_fail(s, "login: %s", http_login_rules(a));
		else
			phone_login_send(s);
		return;
	}
	if (!http_cookie(a, "webvpn", s->cookie, sizeof(s->cookie), &expires) || s->cookie[0] == '\0') {
		session_fail(s, "login: no cookie");
		return;
	}
	s->state = SESSION_CONNECT;
	if (s->load->one_connection && !a->close) {
		connect_send(s);
	} else {
		conn_close(&s->conn, BYE_CLOSE);
		session_open(s);
	}
}

static void
connect_answer(struct session *s, const struct http_answer *a)
{
	static struct facts facts;
	char err[150];
	enum stage stage = tunnel_answer(&s->tunnel, &s->load->o, a, &facts, err, sizeof(err));

	facts_clear(&facts);
	facts = (struct facts){ 0 };
	if (stage != STAGE_OK) {
		session_fail(s, "%s", err);
		return;
	}
	s->addr = s->tunnel.addr;
	if (s->tunnel.dtls)
		dtls_open(s);
	else if (s->load->cipher)
		session_fail(s, "CONNECT: the server offers no DTLS");
	else
		session_up(s);
}

static void
http_input(struct session *s)
{
	bool login = s->state == SESSION_LOGIN;
	struct http_answer a;
	char err[160];
	int r;

	if ((r = http_answer_get(&s->conn.in, !login, &a, err, sizeof(err))) == 0)
		return;
	if (r < 0) {
		session_fail(s, "%s: %.150s", login ? "login" : "CONNECT", err);
		return;
	}
	if (login)
		login_answer(s, &a);
	else
		connect_answer(s, &a);
	http_answer_clear(&a);
}

static void
cstp_input(struct session *s)
{
	unsigned generation = s->conn.generation;
	struct cstp_frame frame;
	int n;

	while ((n = cstp_frame_get(s->conn.in.data, s->conn.in.len, &frame)) > 0) {
		packet_input(s, CHANNEL_CSTP, frame.type, frame.payload, frame.len);
		if (s->conn.generation != generation)
			return;
		buf_consume(&s->conn.in, (size_t)n);
	}
	if (n < 0)
		session_fail(s, "no CSTP frame");
	traffic_pump(s->load);
}

static void
syns_count(struct session *s)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	if (getsockopt(s->conn.fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0)
		s->syns_again += info.tcpi_total_retrans;
}

static void
conn_event_cb(void *arg, enum conn_event event, const char *text)
{
	struct session *s = arg;

	switch (event) {
	case CONN_EVENT_TCP:
		syns_count(s);
		break;
	case CONN_EVENT_TLS:
		if (s->state == SESSION_LOGIN)
			login_send(s);
		else
			connect_send(s);
		break;
	case CONN_EVENT_INPUT:
		if (s->state == SESSION_LOGIN || s->state == SESSION_CONNECT)
			http_input(s);
		if ((s->state == SESSION_DTLS || s->state == SESSION_UP) && s->conn.in.len > 0)
			cstp_input(s);
		break;
	case CONN_EVENT_END:
		session_fail(s, "%s: %s", s->state == SESSION_LOGIN ? "login" : s->state == SESSION_CONNECT ? "CONNECT" : "tunnel",
		    text);
		break;
	}
}

static void
session_open(struct session *s)
{
	struct load *load = s->load;
	SSL *ssl = tls_new(&load->tls, &load->o, &s->id, load->o.ciphers);
	int error;

	if (ssl == NULL)
		session_fail(s, "no TLS session could be made");
	else if ((error = conn_open(&s->conn, load->loop, &load->to, ssl, conn_event_cb, s)) != 0)
		session_fail(s, "TCP: %s", strerror(error));
}

/* ---- beginning ---- */

struct session *
session_new(struct load *load, enum session_kind kind, unsigned number)
{
	struct session *s = mem_alloc(sizeof(*s));

	s->load = load;
	s->kind = kind;
	s->number = number;
	s->udp_fd = -1;
	ev_timer_init(&s->deadline, deadline_cb, 0., 0.);
	ev_timer_init(&s->wake, wake_cb, 0., 0.);
	return s;
}

int
session_identity(struct session *s)
{
	char cert[512], key[512], err[200];

	if (s->load->issuer.key)
		return issuer_make(&s->load->issuer, s->number, &s->id);
	if (s->load->o.cert == NULL)
		return 0;
	text_expand(cert, sizeof(cert), s->load->o.cert, s->number);
	text_expand(key, sizeof(key), s->load->o.key, s->number);
	return identity_load(&s->id, cert, key, err, sizeof(err));
}

void
session_start(struct session *s)
{
	s->start_us = clock_us();
	s->state = SESSION_LOGIN;
	timer_start(s, &s->deadline, (double)s->load->timeout_s);
	session_open(s);
}

int
session_start_plain(struct session *s, struct in_addr addr, const struct sockaddr_in *to)
{
	struct sockaddr_in local = { .sin_family = AF_INET, .sin_port = htons(s->kind == KIND_DIRECT ? TRAFFIC_PORT : 0) };

	s->addr = addr;
	if ((s->udp_fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) < 0)
		return -1;
	if (bind(s->udp_fd, (struct sockaddr *)&local, sizeof(local)) != 0 ||
	    connect(s->udp_fd, (const struct sockaddr *)to, sizeof(*to)) != 0)
		return -1;
	ev_io_init(&s->udp_io, udp_cb, s->udp_fd, EV_READ);
	ev_io_start(s->load->loop, &s->udp_io);
	s->state = SESSION_UP;
	return 0;
}
