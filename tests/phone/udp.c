/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The DTLS channel of a phone: which session it resumes, where to, how often
 * it tries. The tries share --fail-connect-time, as the guide's log shows
 * ("conn timer expired", 30 s after CONNECT).
 */

#include "phone.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

static void udp_try(struct phone *p);

static double
try_seconds(const struct phone *p)
{
	return (double)p->run->o->fail_connect_s / (double)p->run->o->dtls_tries;
}

static double
pause_seconds(const struct phone *p)
{
	double quarter = try_seconds(p) / 4;

	return quarter < 1.0 ? quarter : 1.0;
}

static uint16_t
udp_port(const struct phone *p)
{
	const char *choice = p->run->o->dtls_port;

	if (strcmp(choice, "header") == 0)
		return p->tunnel.dtls_port;
	return strcmp(choice, "phone") == 0 ? 443 : (uint16_t)atoi(choice);
}

static void
port_set(struct endpoint *to, uint16_t port)
{
	if (to->addr.ss_family == AF_INET6)
		((struct sockaddr_in6 *)&to->addr)->sin6_port = htons(port);
	else
		((struct sockaddr_in *)&to->addr)->sin_port = htons(port);
}

/*
 * Old firmware stores the suite of its TLS connection in the session and offers
 * its whole list; newer firmware takes the name in the header for both.
 */
static void
session_of(const struct phone *p, struct dtls_session *s)
{
	const struct options *o = p->run->o;

	s->version = p->tunnel.dtls12 ? DTLS1_2_VERSION : DTLS1_BAD_VER;
	s->cipher = s->offered = p->tunnel.dtls_cipher;
	s->master = p->tunnel.master;
	s->id = p->tunnel.session_id;
	if (o->old_firmware) {
		s->cipher = p->facts.tls_cipher;
		s->offered = p->tunnel.dtls12 ? o->dtls12_ciphers : o->dtls_ciphers;
	}
}

static void
udp_give_up(struct phone *p, const char *why)
{
	phone_event(p, "dtls-failed", KV_LIST(KS("reason", why), KN("tries", p->dtls_tries)));
	if (!p->run->o->dtls_fallback)
		phone_fail(p, STAGE_DTLS, "SSL success DTLS fail: %s", why);
	else if (p->state == PHONE_DTLS)
		traffic_start(p);
}

static void
udp_failed(struct phone *p, const char *why)
{
	char text[256];

	text_set(text, sizeof(text), why);
	dtls_stop(&p->dtls, BYE_CLOSE);
	phone_event(p, "dtls-try-failed", KV_LIST(KS("reason", text), KN("try", p->dtls_tries)));
	if (p->dtls_reason[0] == '\0')
		text_set(p->dtls_reason, sizeof(p->dtls_reason), text);
	if (p->dtls_tries < (unsigned)p->run->o->dtls_tries)
		phone_timer(p, &p->dtls_timer, pause_seconds(p));
	else
		udp_give_up(p, p->dtls_reason);
}

static void
udp_up(struct phone *p)
{
	struct facts *f = &p->facts;

	phone_timer(p, &p->dtls_timer, -1);
	f->dtls_up = true;
	f->dtls_handshakes++;
	text_set(f->dtls_version, sizeof(f->dtls_version), SSL_get_version(p->dtls.ssl));
	text_set(f->dtls_cipher, sizeof(f->dtls_cipher), SSL_get_cipher_name(p->dtls.ssl));
	traffic_channel_up(p, CHANNEL_DTLS);
	if (p->state == PHONE_DTLS)
		f->dtls_us = phone_lap_us(p);
	phone_event(p, "dtls", KV_LIST(KS("version", f->dtls_version), KS("cipher", f->dtls_cipher),
	    KN("try", p->dtls_tries)));
	if (p->state == PHONE_DTLS)
		traffic_start(p);
}

static void
udp_event(void *arg, enum dtls_event event, const void *data, size_t len)
{
	struct phone *p = arg;
	const uint8_t *packet = data;

	if (event == DTLS_EVENT_UP)
		udp_up(p);
	else if (event == DTLS_EVENT_PACKET)
		traffic_input(p, CHANNEL_DTLS, packet[0], packet + 1, len - 1);
	else if (p->dtls.up)
		udp_lost(p, data);
	else
		udp_failed(p, data);
}

static void
udp_timer_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct phone *p = CONTAINER_OF(w, struct phone, dtls_timer);

	(void)loop;
	(void)revents;
	if (p->dtls.ssl)
		udp_failed(p, "handshake: no answer in time");
	else
		udp_try(p);
}

static void
udp_try(struct phone *p)
{
	struct run *run = p->run;
	struct endpoint to = run->to;
	struct dtls_session session;
	char err[200];

	p->dtls_tries++;
	p->facts.dtls_tries++;
	if (run->o->dtls_via) {
		memcpy(&to.addr, &run->o->via, sizeof(run->o->via));
		to.addr_len = sizeof(run->o->via);
		to.local_len = 0;
	} else {
		port_set(&to, udp_port(p));
	}
	session_of(p, &session);
	phone_event(p, "dtls-try", KV_LIST(KS("cipher", session.cipher), KS("offered", session.offered),
	    KN("port", udp_port(p)), KN("try", p->dtls_tries)));
	if (dtls_start(&p->dtls, run->loop, p->tunnel.dtls12 ? run->tls.dtls12 : run->tls.dtls09, &to, &session,
	    udp_event, p, err, sizeof(err)) != 0) {
		udp_give_up(p, err);
		return;
	}
	ev_set_cb(&p->dtls_timer, udp_timer_cb);
	phone_timer(p, &p->dtls_timer, try_seconds(p) - pause_seconds(p));
}

void
udp_start(struct phone *p)
{
	p->dtls_tries = 0;
	p->dtls_reason[0] = '\0';
	udp_try(p);
}

void
udp_lost(struct phone *p, const char *why)
{
	phone_event(p, "dtls-down", KV_LIST(KS("reason", why)));
	udp_stop(p, BYE_ABRUPT);
	p->facts.dtls_up = false;
	udp_start(p);
}

void
udp_stop(struct phone *p, enum bye how)
{
	phone_timer(p, &p->dtls_timer, -1);
	p->live[CHANNEL_DTLS].on = false;
	dtls_stop(&p->dtls, how);
}
