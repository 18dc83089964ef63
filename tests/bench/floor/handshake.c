/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A TLS handshake with nothing around it: TLS 1.2, ECDHE-RSA-AES256-GCM, RSA
 * 2048 on both sides, the client's certificate verified, in one process that
 * has done it before. CPU of the server's side alone.
 */

#include "floor.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <gnutls/gnutls.h>

#define PRIORITY "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+ECDHE-RSA:-CIPHER-ALL:+AES-256-GCM:-GROUP-ALL:+GROUP-SECP256R1"

/* One direction. */
struct pipe {
	uint8_t data[65536];
	size_t len;
};

struct side {
	gnutls_session_t session;
	struct pipe *in, *out;
};

static ssize_t
push(gnutls_transport_ptr_t p, const void *data, size_t len)
{
	struct side *s = p;

	if (s->out->len + len > sizeof(s->out->data))
		return -1;
	memcpy(s->out->data + s->out->len, data, len);
	s->out->len += len;
	return (ssize_t)len;
}

static ssize_t
pull(gnutls_transport_ptr_t p, void *data, size_t len)
{
	struct side *s = p;

	if (s->in->len == 0) {
		gnutls_transport_set_errno(s->session, EAGAIN);
		return -1;
	}
	if (len > s->in->len)
		len = s->in->len;
	memcpy(data, s->in->data, len);
	s->in->len -= len;
	memmove(s->in->data, s->in->data + len, s->in->len);
	return (ssize_t)len;
}

static int
ready(gnutls_transport_ptr_t p, unsigned ms)
{
	(void)ms;
	return ((struct side *)p)->in->len > 0;
}

static double
cpu_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void
side_init(struct side *s, unsigned flags, gnutls_priority_t priority, gnutls_certificate_credentials_t cred)
{
	gnutls_init(&s->session, flags | GNUTLS_NONBLOCK | GNUTLS_NO_TICKETS);
	gnutls_priority_set(s->session, priority);
	gnutls_credentials_set(s->session, GNUTLS_CRD_CERTIFICATE, cred);
	gnutls_transport_set_ptr(s->session, s);
	gnutls_transport_set_push_function(s->session, push);
	gnutls_transport_set_pull_function(s->session, pull);
	gnutls_transport_set_pull_timeout_function(s->session, ready);
}

/* CPU of the server's side in us, or below 0. */
static double
once(gnutls_priority_t priority, gnutls_certificate_credentials_t server_cred, gnutls_certificate_credentials_t client_cred)
{
	static struct pipe up, down;
	struct side server = { .in = &up, .out = &down }, client = { .in = &down, .out = &up };
	int s = GNUTLS_E_AGAIN, c = GNUTLS_E_AGAIN, turns;
	unsigned status = 1;
	double total = 0, start;

	up.len = down.len = 0;
	side_init(&client, GNUTLS_CLIENT, priority, client_cred);
	start = cpu_us();
	side_init(&server, GNUTLS_SERVER, priority, server_cred);
	gnutls_certificate_server_set_request(server.session, GNUTLS_CERT_REQUIRE);
	total += cpu_us() - start;
	for (turns = 0; turns < 20 && (s == GNUTLS_E_AGAIN || c == GNUTLS_E_AGAIN); turns++) {
		if (c == GNUTLS_E_AGAIN)
			c = gnutls_handshake(client.session);
		start = cpu_us();
		if (s == GNUTLS_E_AGAIN)
			s = gnutls_handshake(server.session);
		total += cpu_us() - start;
	}
	start = cpu_us();
	if (s == 0)
		s = gnutls_certificate_verify_peers2(server.session, &status);
	gnutls_deinit(server.session);
	total += cpu_us() - start;
	gnutls_deinit(client.session);
	return s == 0 && c == 0 && status == 0 ? total : -1;
}

int
floor_handshake(int argc, char **argv)
{
	gnutls_certificate_credentials_t server, client;
	gnutls_priority_t priority;
	char cert[512], key[512], ca[512];
	int i, count = atoi(argv[1]);
	double us, total = 0;

	(void)argc;
	gnutls_priority_init(&priority, PRIORITY, NULL);
	gnutls_certificate_allocate_credentials(&server);
	gnutls_certificate_allocate_credentials(&client);
	snprintf(cert, sizeof(cert), "%s/gateway.pem", argv[0]);
	snprintf(key, sizeof(key), "%s/gateway.key", argv[0]);
	snprintf(ca, sizeof(ca), "%s/mic-sha256-ca.pem", argv[0]);
	if (gnutls_certificate_set_x509_key_file(server, cert, key, GNUTLS_X509_FMT_PEM) < 0 ||
	    gnutls_certificate_set_x509_trust_file(server, ca, GNUTLS_X509_FMT_PEM) < 1)
		return 1;
	snprintf(cert, sizeof(cert), "%s/phone1.pem", argv[0]);
	snprintf(key, sizeof(key), "%s/phone1.key", argv[0]);
	if (gnutls_certificate_set_x509_key_file(client, cert, key, GNUTLS_X509_FMT_PEM) < 0)
		return 1;
	for (i = -5; i < count; i++) {	/* the first ones fill caches */
		if ((us = once(priority, server, client)) < 0) {
			fprintf(stderr, "floor: handshake failed\n");
			return 1;
		}
		total += i >= 0 ? us : 0;
	}
	printf("{\"handshakes\": %d, \"us\": %.1f}\n", count, total / count);
	return 0;
}
