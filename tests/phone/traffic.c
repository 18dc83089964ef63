/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Traffic of a phone: packets on both channels, DPD and keepalive, the echoes
 * and the DPD check that follow when the tunnel is up.
 */

#include "phone.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <openssl/rand.h>

#include "cstp.h"

#define UDP_ECHO_PORT 7		/* the phone echoes there, for tests from the inside */

bool
traffic_send(struct phone *p, enum channel channel, uint8_t type, const void *payload, size_t len)
{
	struct buf frame = { 0 };
	bool sent;

	if (p->muted)
		return false;
	if (channel == CHANNEL_DTLS) {
		sent = dtls_send(&p->dtls, type, payload, len);
	} else {
		cstp_frame_put(&frame, type, payload, len);
		sent = conn_send(&p->conn, frame.data, frame.len);
		buf_clear(&frame);
	}
	if (sent)
		liveness_sent(&p->live[channel], clock_ms());
	if (sent && type == CSTP_DATA)
		p->facts.channels[channel].data_sent++;
	return sent;
}

static void
packet_send(struct phone *p, enum channel channel, const struct inner *packet)
{
	static uint8_t out[INNER_HEADS + INNER_MAX];

	if (packet->len <= INNER_MAX - CSTP_HEAD)
		traffic_send(p, channel, CSTP_DATA, out, inner_put(out, packet));
}

/* ---- DPD and keepalive ---- */

static void
dpd_send(struct phone *p, enum channel channel)
{
	if (traffic_send(p, channel, CSTP_DPD_OUT, p->dpd_token, sizeof(p->dpd_token)))
		p->facts.channels[channel].dpd_sent++;
}

static void
keepalive_send(struct phone *p, enum channel channel)
{
	if (traffic_send(p, channel, CSTP_KEEPALIVE, NULL, 0))
		p->facts.channels[channel].keepalive_sent++;
}

/* Returns false when the phone, or the channel, is gone. */
static bool
liveness_apply(struct phone *p, enum channel channel, unsigned todo)
{
	if (todo & LIVENESS_PROBE)
		dpd_send(p, channel);
	if (todo & LIVENESS_KEEPALIVE)
		keepalive_send(p, channel);
	if (!(todo & LIVENESS_DEAD))
		return true;
	if (channel == CHANNEL_CSTP)
		phone_fail(p, STAGE_DPD, "nothing received over CSTP for %lld s",
		    (long long)p->live[channel].dpd_ms * 2 / 1000);
	else
		udp_lost(p, "no answer to DPD");
	return false;
}

static void
traffic_wake(struct phone *p)
{
	int64_t now_ms = clock_ms(), wake_ms = now_ms + 3600000;
	int i;

	for (i = CHANNEL_COUNT - 1; i >= 0 && !p->muted; i--)
		if (!liveness_apply(p, i, liveness_step(&p->live[i], now_ms, &wake_ms)) && p->state == PHONE_DONE)
			return;
	phone_timer(p, &p->wake_timer, (double)(wake_ms - now_ms) / 1000 + 0.001);
}

static void
wake_timer_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop;
	(void)revents;
	traffic_wake(CONTAINER_OF(w, struct phone, wake_timer));
}

void
traffic_channel_up(struct phone *p, enum channel channel)
{
	const struct tunnel *t = &p->tunnel;
	bool dtls = channel == CHANNEL_DTLS;
	long dpd_s = dtls ? t->dtls_dpd_s : t->cstp_dpd_s;

	if (!dtls)	/* the first channel of a tunnel */
		RAND_bytes(p->dpd_token, sizeof(p->dpd_token));
	liveness_start(&p->live[channel], p->run->o->keepalive_only ? 0 : dpd_s,
	    dtls ? t->dtls_keepalive_s : t->cstp_keepalive_s, clock_ms());
	ev_set_cb(&p->wake_timer, wake_timer_cb);
	traffic_wake(p);
}

/* ---- after the tunnel is up: echoes, then the DPD check ---- */

static void
dpd_check_step(struct phone *p)
{
	if (p->state != PHONE_DPD || p->dpd_wait[CHANNEL_DTLS] || p->dpd_wait[CHANNEL_CSTP])
		return;
	phone_timer(p, &p->stage_timer, -1);
	phone_event(p, "dpd-check", NULL);
	phone_round_end(p);
}

static void
dpd_check_start(struct phone *p)
{
	int i;

	p->state = PHONE_DPD;
	phone_timer(p, &p->stage_timer, (double)p->run->o->timeout_s);
	for (i = 0; i < CHANNEL_COUNT; i++) {
		p->dpd_wait[i] = p->run->o->dpd_check && p->live[i].on;
		if (p->dpd_wait[i])
			dpd_send(p, i);
	}
	dpd_check_step(p);
}

static void
echoes_report(struct phone *p)
{
	const struct channel_facts *c = p->facts.channels;

	if (p->run->o->target_count > 0)
		phone_event(p, "ping", KV_LIST(KN("dtls_sent", c[CHANNEL_DTLS].echo_sent),
		    KN("dtls_received", c[CHANNEL_DTLS].echo_received), KN("cstp_sent", c[CHANNEL_CSTP].echo_sent),
		    KN("cstp_received", c[CHANNEL_CSTP].echo_received)));
}

static void
echoes_step(struct phone *p)
{
	int64_t now_us = clock_us(), wake_us = 0;
	enum ping_todo todo;
	enum channel channel;
	struct inner packet;

	while ((todo = ping_step(&p->ping, now_us, &packet, &channel, &wake_us)) == PING_SEND)
		packet_send(p, channel, &packet);
	if (todo == PING_WAIT) {
		phone_timer(p, &p->ping_timer, (double)(wake_us - now_us) / 1e6);
		return;
	}
	phone_timer(p, &p->ping_timer, -1);
	echoes_report(p);
	if (p->ping.error[0])
		phone_fail(p, STAGE_PING, "%s", p->ping.error);
	else
		dpd_check_start(p);
}

static void
ping_timer_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop;
	(void)revents;
	echoes_step(CONTAINER_OF(w, struct phone, ping_timer));
}

void
traffic_start(struct phone *p)
{
	const struct options *o = p->run->o;

	phone_timer(p, &p->stage_timer, -1);
	if (!p->dtls.up && (o->channel == CHOOSE_DTLS || o->channel == CHOOSE_BOTH || o->require_dtls)) {
		phone_fail(p, STAGE_DTLS, "the server offers no DTLS");
		return;
	}
	if (p->facts.ready_us == 0)
		p->facts.ready_us = clock_us() - p->facts.start_us;
	p->state = PHONE_PING;
	ev_set_cb(&p->ping_timer, ping_timer_cb);
	ping_start(&p->ping, o, &p->facts, p->tunnel.addr, p->dtls.up);
	echoes_step(p);
}

void
traffic_stop(struct phone *p)
{
	p->live[CHANNEL_DTLS].on = p->live[CHANNEL_CSTP].on = false;
	p->dpd_wait[CHANNEL_DTLS] = p->dpd_wait[CHANNEL_CSTP] = false;
	phone_timer(p, &p->wake_timer, -1);
	phone_timer(p, &p->ping_timer, -1);
}

/* ---- what comes in ---- */

static void
answer_echo(struct phone *p, const struct inner *request)
{
	struct inner answer = *request;

	answer.src = request->dst;
	answer.dst = request->src;
	if (request->kind == INNER_UDP) {
		answer.src_port = request->dst_port;
		answer.dst_port = request->src_port;
	} else {
		answer.kind = INNER_ECHO_REPLY;
	}
	packet_send(p, p->dtls.up ? CHANNEL_DTLS : CHANNEL_CSTP, &answer);
}

static void
data_input(struct phone *p, enum channel channel, const uint8_t *payload, size_t len)
{
	struct inner packet;
	const char *wrong = inner_get(&packet, payload, len);

	p->facts.channels[channel].data_received++;
	if (wrong == NULL && packet.dst.s_addr != p->tunnel.addr.s_addr)
		wrong = "packet for another address";
	if (wrong != NULL)
		phone_bad_packet(p, wrong);
	else if (packet.kind == INNER_ECHO_REQUEST || (packet.kind == INNER_UDP && packet.dst_port == UDP_ECHO_PORT))
		answer_echo(p, &packet);
	else if (ping_input(&p->ping, &packet, channel, clock_us()) && p->state == PHONE_PING)
		echoes_step(p);
}

static void
dpd_request_input(struct phone *p, enum channel channel, const uint8_t *payload, size_t len)
{
	if (!traffic_send(p, channel, CSTP_DPD_RESP, payload, len))
		return;
	p->facts.channels[channel].dpd_received++;
	phone_event(p, "dpd-answered", KV_LIST(KS("channel", channel_name(channel)), KN("bytes", (long long)len)));
}

static void
dpd_answer_input(struct phone *p, enum channel channel, const uint8_t *payload, size_t len)
{
	if (len != sizeof(p->dpd_token) || memcmp(payload, p->dpd_token, len) != 0) {
		phone_bad_packet(p, "answer to DPD has another payload");
		if (p->state == PHONE_DPD)
			phone_fail(p, STAGE_DPD, "answer over %s has another payload, %zu bytes", channel_name(channel),
			    len);
		return;
	}
	p->facts.channels[channel].dpd_answered++;
	p->dpd_wait[channel] = false;
	dpd_check_step(p);
}

/* Reason byte and text, printable. */
static void
end_input(struct phone *p, const char *what, const uint8_t *payload, size_t len)
{
	char text[160];
	size_t i, n = 0;

	for (i = 1; i < len && n + 1 < sizeof(text); i++)
		text[n++] = isprint(payload[i]) ? (char)payload[i] : '.';
	text[n] = '\0';
	if (len > 0)
		snprintf(p->facts.end_reason, sizeof(p->facts.end_reason), "%s %02X %s", what, payload[0], text);
	else
		snprintf(p->facts.end_reason, sizeof(p->facts.end_reason), "%s", what);
	phone_fail(p, STAGE_ENDED, "%s from the server", p->facts.end_reason);
}

void
traffic_input(struct phone *p, enum channel channel, uint8_t type, const uint8_t *payload, size_t len)
{
	char text[40];

	liveness_received(&p->live[channel], clock_ms());
	switch (type) {
	case CSTP_DATA:
		data_input(p, channel, payload, len);
		break;
	case CSTP_DPD_OUT:
		dpd_request_input(p, channel, payload, len);
		break;
	case CSTP_DPD_RESP:
		dpd_answer_input(p, channel, payload, len);
		break;
	case CSTP_KEEPALIVE:
		p->facts.channels[channel].keepalive_received++;
		break;
	case CSTP_DISCONNECT:
		end_input(p, "DISCONNECT", payload, len);
		break;
	case CSTP_TERMINATE:
		end_input(p, "TERMINATE", payload, len);
		break;
	default:
		snprintf(text, sizeof(text), "type %u on %s", type, channel_name(channel));
		phone_bad_packet(p, text);
	}
}
