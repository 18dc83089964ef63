/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/worker/tls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "common/mem.h"
#include "server/worker/tls_io.h"
#include "server/worker/tls_key.h"
#include "server/worker/trace.h"
#include "server/worker/worker.h"

const char *
tls_version_str(enum suite_version v)
{
	static const char *const texts[SUITE_VERSIONS] = {
		"TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3", "DTLSv1.0", "DTLSv1.2",
	};

	return v < SUITE_VERSIONS ? texts[v] : "TLS";
}

/* Why no suite was found, for message 725014's reason and the operator. */
static int
choice_refuse(struct worker *w, const struct hello *h, int why)
{
	char offered[240];
	size_t at = 0;

	w->refused = true;
	if (why == ERR_NOT_FOUND) {
		worker_log(w, 717023, tls_config_bound(w->config, w->nameif), "no identity certificate");
		return GNUTLS_E_NO_CIPHER_SUITES;
	}
	offered[0] = '\0';
	for (size_t i = 0; i < h->suite_count && at < sizeof(offered) - 8; i++)
		at += (size_t)snprintf(offered + at, sizeof(offered) - at, "%s%04X", i > 0 ? " " : "", h->suites[i]);
	worker_log(w, 725014, "SSL3_GET_CLIENT_HELLO", "no shared cipher");
	worker_note(w, "no TLS version and suite in common; the client offers %s", offered);
	return GNUTLS_E_NO_CIPHER_SUITES;
}

/*
 * Collect a handshake message for certauth; GnuTLS shows bodies, the header is put
 * back. Its type for a HelloRetryRequest is none of the wire, where that is a ServerHello.
 */
static void
transcript_add(struct worker *w, unsigned type, unsigned incoming, const gnutls_datum_t *msg)
{
	enum { HEAD = 5 };
	struct wr wr;

	if (w->transcript_len + HEAD + msg->size > IPC_TRANSCRIPT_MAX) {
		w->transcript_full = true;
		return;
	}
	w->transcript = xrealloc(w->transcript, w->transcript_len + HEAD + msg->size);
	wr = wr_init(w->transcript + w->transcript_len, HEAD + msg->size);
	wr_u8(&wr, incoming ? 1 : 0);
	wr_u8(&wr, (uint8_t)(type == GNUTLS_HANDSHAKE_HELLO_RETRY_REQUEST ? GNUTLS_HANDSHAKE_SERVER_HELLO : type));
	wr_uint(&wr, msg->size, 3);
	wr_bytes(&wr, msg->data, msg->size);
	w->transcript_len += HEAD + msg->size;
}

/* For main's messages about what the client proposes; what does not fit is left out. */
static void
suites_hex(const struct hello *h, char *out, size_t size)
{
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < h->suite_count && at + 5 <= size; i++)
		at += (size_t)snprintf(out + at, size - at, "%04X", h->suites[i]);
}

static void
skipped_log(void *ctx, const struct suite *s, const char *reason)
{
	worker_log(ctx, 725022, s->name, reason);
}

/* Before GnuTLS acts on the ClientHello: set exactly one version, suite and identity (protocol.md 6.2). */
static int
hello_choose(gnutls_session_t session, struct worker *w, const gnutls_datum_t *msg)
{
	char offered[512];
	struct hello h;
	int r;

	if (!hello_parse(msg->data, msg->size, &h))
		return GNUTLS_E_UNEXPECTED_PACKET_LENGTH;
	trace_hello(w, &h);
	tls_key_version(h.legacy_version);
	r = tls_config_choose(w->config, w->nameif, &h, w->lab_trustpoint, &w->choice);
	suites_hex(&h, offered, sizeof(offered));
	worker_log(w, 725001, r == 0 ? tls_version_str(w->choice.version) : "TLS", offered);
	tls_config_skipped(w->config, w->nameif, &h, w->lab_trustpoint, &w->choice, skipped_log, w);
	if (r != 0)
		return choice_refuse(w, &h, r);
	worker_log(w, 725016, w->choice.identity->trustpoint, NULL);
	worker_log(w, 725012, w->choice.suite->name, NULL);
	if (w->config->ask_certificate)
		worker_log(w, 725004, NULL, NULL);
	TRACE(w, TRACE_CHOICE, "tls-choice", "version=%s\ncipher=%s\ntrustpoint=%s", tls_version_str(w->choice.version),
	    w->choice.suite->name, w->choice.identity->trustpoint);
	if ((r = gnutls_priority_set(session, w->choice.priority)) < 0)
		return r;
	return gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, w->choice.identity->cred);
}

static int
handshake_hook(gnutls_session_t session, unsigned type, unsigned when, unsigned incoming, const gnutls_datum_t *msg)
{
	struct worker *w = gnutls_session_get_ptr(session);

	(void)when;
	if (type == GNUTLS_HANDSHAKE_CLIENT_HELLO_V2)
		return GNUTLS_E_UNSUPPORTED_VERSION_PACKET;
	if (w->handshake_done) /* TLS 1.3 goes on sending messages, older versions may not begin anew */
		return type == GNUTLS_HANDSHAKE_CLIENT_HELLO ? GNUTLS_E_UNSAFE_RENEGOTIATION_DENIED : 0;
	if (!w->transcript_full)
		transcript_add(w, type, incoming, msg);
	if (type != GNUTLS_HANDSHAKE_CLIENT_HELLO || !incoming || w->choice.suite != NULL)
		return 0; /* a second hello answers a HelloRetryRequest: all is chosen */
	return hello_choose(session, w, msg);
}

/* certauth draws it, so that a handshake can be told from a recorded one. */
static int
random_take(struct worker *w)
{
	union ipc_any msg;
	gnutls_datum_t random;
	int r;

	if ((r = ipc_wait(&w->auth, MSG_hello_random, CERTAUTH_WAIT_MS, &msg)) != 0)
		return r;
	random.data = (unsigned char *)(uintptr_t)msg.hello_random.random.data;
	random.size = msg.hello_random.random.len;
	gnutls_handshake_set_random(w->tls, &random);
	return 0;
}

/*
 * No tickets, no session cache: a resumed session shows no client certificate
 * and proves no key, so that certauth, which checks the handshake itself, would
 * have nothing to check (protocol.md 6.5). A phone logs in anew by its cookie.
 */
int
tls_start(struct worker *w)
{
	if (gnutls_init(&w->tls, GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL | GNUTLS_NO_TICKETS) < 0)
		return ERR_NOMEM;
	gnutls_session_set_ptr(w->tls, w);
	if (gnutls_priority_set(w->tls, w->config->start) < 0)
		return ERR_NOMEM;
	if (w->config->identities != NULL)
		gnutls_credentials_set(w->tls, GNUTLS_CRD_CERTIFICATE, w->config->identities->cred);
	if (w->config->ask_certificate)
		gnutls_certificate_server_set_request(w->tls, GNUTLS_CERT_REQUEST);
	gnutls_handshake_set_hook_function(w->tls, GNUTLS_HANDSHAKE_ANY, GNUTLS_HOOK_PRE, handshake_hook);
	gnutls_handshake_set_max_packet_length(w->tls, 64 * 1024);
	tls_io_use(w->tls, w->tcp_fd);
	tls_key_use(&w->auth);
	return random_take(w);
}

int
tls_handshake(struct worker *w)
{
	int r;

	do {
		r = gnutls_handshake(w->tls);
	} while (r < 0 && r != GNUTLS_E_AGAIN && !gnutls_error_is_fatal(r));
	if (tls_io_flush() == ERR_AGAIN)
		ev_io_start(w->loop, &w->tcp_wr);
	if (r == GNUTLS_E_AGAIN)
		return ERR_AGAIN;
	if (r < 0) {
		if (!w->heard)
			return ERR_DENIED; /* a health probe: protocol.md 7, 44 */
		worker_log(w, 725006, NULL, NULL);
		if (!w->refused)
			worker_log(w, 725014, "SSL_ACCEPT", gnutls_strerror(r));
		TRACE(w, TRACE_FAIL, "tls-failed", "reason=%s%s%s", gnutls_strerror(r),
		    r == GNUTLS_E_FATAL_ALERT_RECEIVED ? "\nalert=" : "",
		    r == GNUTLS_E_FATAL_ALERT_RECEIVED ? gnutls_alert_get_name(gnutls_alert_get(w->tls)) : "");
		gnutls_alert_send_appropriate(w->tls, r);
		return ERR_DENIED;
	}
	w->handshake_done = true;
	TRACE(w, TRACE_STEP, "tls-up", "version=%s\ncipher=%s\nclient_certificate=%s", tls_version_str(w->choice.version),
	    w->choice.suite->name, tls_has_certificate(w) ? "yes" : "no");
	if (w->config->ask_certificate && !tls_has_certificate(w))
		worker_log(w, 725017, tls_version_str(w->choice.version), NULL);
	worker_log(w, 725002, tls_version_str(w->choice.version), NULL);
	return 0;
}

int
tls_receive(struct worker *w, void *buf, size_t size)
{
	for (;;) {
		ssize_t n = gnutls_record_recv(w->tls, buf, size);

		if (n > 0)
			return (int)n;
		if (n == GNUTLS_E_AGAIN)
			return ERR_AGAIN;
		if (n == GNUTLS_E_REHANDSHAKE) { /* not offered: say so and go on */
			gnutls_alert_send(w->tls, GNUTLS_AL_WARNING, GNUTLS_A_NO_RENEGOTIATION);
			continue;
		}
		if (n == 0 || gnutls_error_is_fatal((int)n))
			return ERR_CLOSED;
	}
}

int
tls_queue(struct worker *w, const void *data, size_t len)
{
	ssize_t n;

	do {
		n = gnutls_record_send(w->tls, data, len);
	} while (n == GNUTLS_E_INTERRUPTED);
	w->tls_record_waits = n == GNUTLS_E_AGAIN;
	if (n == GNUTLS_E_AGAIN)
		return ERR_AGAIN;
	return n == (ssize_t)len ? 0 : ERR_CLOSED;
}

int
tls_send(struct worker *w, const void *data, size_t len)
{
	int r = tls_queue(w, data, len);

	return r == 0 ? tls_io_flush() : r;
}

int
tls_flush(struct worker *w)
{
	int r;

	while ((r = tls_io_flush()) == 0 && w->tls_record_waits) {
		ssize_t n = gnutls_record_send(w->tls, NULL, 0); /* the one that waits */

		w->tls_record_waits = n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED;
		if (n < 0 && !w->tls_record_waits)
			return ERR_CLOSED;
	}
	return r;
}

bool
tls_pending(struct worker *w)
{
	return tls_io_pending() || gnutls_record_check_pending(w->tls) > 0;
}

bool
tls_has_certificate(struct worker *w)
{
	unsigned count = 0;

	return gnutls_certificate_get_peers(w->tls, &count) != NULL && count > 0;
}

void
tls_transcript_free(struct worker *w)
{
	free(w->transcript);
	w->transcript = NULL;
	w->transcript_len = 0;
}
