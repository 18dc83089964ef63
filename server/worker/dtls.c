/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/worker/dtls.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/err.h"
#include "common/log.h"
#include "common/mem.h"

/* Each switch was needed against a real client: protocol.md 3.2. */
#define FAKE_RESUMPTION ":+COMP-NULL:+SIGN-ALL:%NO_SESSION_HASH:%NO_ETM:%DISABLE_SAFE_RENEGOTIATION"
#define P09(cipher, kx) "NONE:+VERS-DTLS0.9:+" cipher ":+SHA1:+" kx FAKE_RESUMPTION
#define P12(cipher, mac, kx) "NONE:+VERS-DTLS1.2:+" cipher ":+" mac ":+" kx ":+GROUP-ALL" FAKE_RESUMPTION

#define RETRANSMIT_MS 400
#define HANDSHAKE_MS  60000

static const struct dtls_name names[] = {
	{ true, "AES256-GCM-SHA384", 0x009D, SUITE_DTLS12, GNUTLS_KX_RSA, GNUTLS_CIPHER_AES_256_GCM, GNUTLS_MAC_AEAD, P12("AES-256-GCM", "AEAD", "RSA"), 90 },
	{ true, "ECDHE-RSA-AES256-GCM-SHA384", 0xC030, SUITE_DTLS12, GNUTLS_KX_ECDHE_RSA, GNUTLS_CIPHER_AES_256_GCM, GNUTLS_MAC_AEAD, P12("AES-256-GCM", "AEAD", "ECDHE-RSA"), 80 },
	{ true, "ECDHE-RSA-AES128-GCM-SHA256", 0xC02F, SUITE_DTLS12, GNUTLS_KX_ECDHE_RSA, GNUTLS_CIPHER_AES_128_GCM, GNUTLS_MAC_AEAD, P12("AES-128-GCM", "AEAD", "ECDHE-RSA"), 70 },
	{ true, "DHE-RSA-AES256-GCM-SHA384", 0x009F, SUITE_DTLS12, GNUTLS_KX_DHE_RSA, GNUTLS_CIPHER_AES_256_GCM, GNUTLS_MAC_AEAD, P12("AES-256-GCM", "AEAD", "DHE-RSA"), 60 },
	{ true, "DHE-RSA-AES128-GCM-SHA256", 0x009E, SUITE_DTLS12, GNUTLS_KX_DHE_RSA, GNUTLS_CIPHER_AES_128_GCM, GNUTLS_MAC_AEAD, P12("AES-128-GCM", "AEAD", "DHE-RSA"), 60 },
	{ true, "AES128-GCM-SHA256", 0x009C, SUITE_DTLS12, GNUTLS_KX_RSA, GNUTLS_CIPHER_AES_128_GCM, GNUTLS_MAC_AEAD, P12("AES-128-GCM", "AEAD", "RSA"), 50 },
	{ true, "AES256-SHA256", 0x003D, SUITE_DTLS12, GNUTLS_KX_RSA, GNUTLS_CIPHER_AES_256_CBC, GNUTLS_MAC_SHA256, P12("AES-256-CBC", "SHA256", "RSA"), 20 },
	{ true, "AES128-SHA256", 0x003C, SUITE_DTLS12, GNUTLS_KX_RSA, GNUTLS_CIPHER_AES_128_CBC, GNUTLS_MAC_SHA256, P12("AES-128-CBC", "SHA256", "RSA"), 20 },
	{ true, "AES256-SHA", 0x0035, SUITE_DTLS12, GNUTLS_KX_RSA, GNUTLS_CIPHER_AES_256_CBC, GNUTLS_MAC_SHA1, P12("AES-256-CBC", "SHA1", "RSA"), 20 },
	{ true, "AES128-SHA", 0x002F, SUITE_DTLS12, GNUTLS_KX_RSA, GNUTLS_CIPHER_AES_128_CBC, GNUTLS_MAC_SHA1, P12("AES-128-CBC", "SHA1", "RSA"), 20 },
	{ false, "OC-DTLS1_2-AES256-GCM", 0x009D, SUITE_DTLS12, GNUTLS_KX_RSA, GNUTLS_CIPHER_AES_256_GCM, GNUTLS_MAC_AEAD, P12("AES-256-GCM", "AEAD", "RSA"), 90 },
	{ false, "OC-DTLS1_2-AES128-GCM", 0x009C, SUITE_DTLS12, GNUTLS_KX_RSA, GNUTLS_CIPHER_AES_128_GCM, GNUTLS_MAC_AEAD, P12("AES-128-GCM", "AEAD", "RSA"), 80 },
	{ false, "AES256-SHA", 0x0035, SUITE_DTLS10, GNUTLS_KX_RSA, GNUTLS_CIPHER_AES_256_CBC, GNUTLS_MAC_SHA1, P09("AES-256-CBC", "RSA"), 60 },
	{ false, "AES128-SHA", 0x002F, SUITE_DTLS10, GNUTLS_KX_RSA, GNUTLS_CIPHER_AES_128_CBC, GNUTLS_MAC_SHA1, P09("AES-128-CBC", "RSA"), 50 },
	{ false, "DHE-RSA-AES256-SHA", 0x0039, SUITE_DTLS10, GNUTLS_KX_DHE_RSA, GNUTLS_CIPHER_AES_256_CBC, GNUTLS_MAC_SHA1, P09("AES-256-CBC", "DHE-RSA"), 40 },
	{ false, "DHE-RSA-AES128-SHA", 0x0033, SUITE_DTLS10, GNUTLS_KX_DHE_RSA, GNUTLS_CIPHER_AES_128_CBC, GNUTLS_MAC_SHA1, P09("AES-128-CBC", "DHE-RSA"), 30 },
	{ false, "DES-CBC3-SHA", 0x000A, SUITE_DTLS10, GNUTLS_KX_RSA, GNUTLS_CIPHER_3DES_CBC, GNUTLS_MAC_SHA1, P09("3DES-CBC", "RSA"), 1 },
};

static bool
list_has(const char *list, const char *name)
{
	size_t name_len = strlen(name);

	for (const char *p = list; p != NULL && *p != '\0';) {
		size_t len = strcspn(p, ":\r\n ");

		if (len == name_len && strncasecmp(p, name, len) == 0)
			return true;
		p += len;
		p += strspn(p, ":\r\n ");
	}
	return false;
}

/* Offered and allowed: 0; else the row's preference, above 100 when it matches the TLS connection. */
static unsigned
name_rank(const struct dtls_offer *o, const struct dtls_name *n)
{
	const struct suite *s = suite_by_id(n->suite);
	bool same;

	if (!list_has(n->x_dtls12 ? o->x_dtls12 : o->x_dtls, n->name))
		return 0;
	if (!suite_list_has(n->version == SUITE_DTLS12 ? &o->allowed12 : &o->allowed10, s))
		return 0;
	if (o->phone) {
		if (s != o->tls_suite)
			return 0;
		return n->x_dtls12 ? 1 : 2;
	}
	same = o->tls_suite != NULL && strcmp(s->cipher, o->tls_suite->cipher) == 0 && strcmp(s->mac, o->tls_suite->mac) == 0;
	return n->preference + (same ? 100 : 0) + (n->x_dtls12 ? 1000 : 0);
}

const struct dtls_name *
dtls_choose(const struct dtls_offer *o)
{
	const struct dtls_name *best = NULL;
	unsigned best_rank = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		unsigned rank = name_rank(o, &names[i]);

		if (rank > best_rank) {
			best_rank = rank;
			best = &names[i];
		}
	}
	return best;
}

struct dtls {
	gnutls_session_t session;
	uint8_t tag;
	dtls_send_fn send;
	void *ctx;
	const uint8_t *pending;
	size_t pending_len;
	int error;
};

static ssize_t
dtls_push(gnutls_transport_ptr_t ptr, const void *data, size_t len)
{
	struct dtls *d = ptr;

	d->send(d->ctx, d->tag, data, len);
	return (ssize_t)len;
}

static ssize_t
dtls_pull(gnutls_transport_ptr_t ptr, void *buf, size_t size)
{
	struct dtls *d = ptr;
	size_t len = d->pending_len < size ? d->pending_len : size;

	if (d->pending == NULL) {
		gnutls_transport_set_errno(d->session, EAGAIN);
		return -1;
	}
	memcpy(buf, d->pending, len);
	d->pending = NULL;
	return (ssize_t)len;
}

/* Must tell the truth: protocol.md 3.3, else lost flights are never sent again. */
static int
dtls_pull_timeout(gnutls_transport_ptr_t ptr, unsigned ms)
{
	struct dtls *d = ptr;

	(void)ms;
	return d->pending != NULL;
}

struct dtls *
dtls_new(const struct dtls_name *name, const uint8_t master[DTLS_MASTER_BYTES],
    const uint8_t id[DTLS_ID_BYTES], uint8_t tag, unsigned payload_max, dtls_send_fn send, void *ctx)
{
	gnutls_protocol_t version = name->version == SUITE_DTLS12 ? GNUTLS_DTLS1_2 : GNUTLS_DTLS0_9;
	gnutls_datum_t master_datum = { (unsigned char *)(uintptr_t)master, DTLS_MASTER_BYTES };
	gnutls_datum_t id_datum = { (unsigned char *)(uintptr_t)id, DTLS_ID_BYTES };
	struct dtls *d = xcalloc(1, sizeof(*d));

	d->tag = tag;
	d->send = send;
	d->ctx = ctx;
	/* no credentials at all: only the made-up session can be resumed (protocol.md 3.2) */
	if (gnutls_init(&d->session, GNUTLS_SERVER | GNUTLS_DATAGRAM | GNUTLS_NONBLOCK | GNUTLS_NO_TICKETS) < 0 ||
	    gnutls_priority_set_direct(d->session, name->priority, NULL) < 0 ||
	    gnutls_session_set_premaster(d->session, GNUTLS_SERVER, version, name->kx, name->cipher, name->mac,
	    GNUTLS_COMP_NULL, &master_datum, &id_datum) < 0) {
		dtls_free(d);
		return NULL;
	}
	gnutls_transport_set_ptr(d->session, d);
	gnutls_transport_set_push_function(d->session, dtls_push);
	gnutls_transport_set_pull_function(d->session, dtls_pull);
	gnutls_transport_set_pull_timeout_function(d->session, dtls_pull_timeout);
	gnutls_dtls_set_timeouts(d->session, RETRANSMIT_MS, HANDSHAKE_MS);
	gnutls_dtls_set_mtu(d->session, payload_max);
	return d;
}

void
dtls_free(struct dtls *d)
{
	if (d == NULL)
		return;
	if (d->session != NULL)
		gnutls_deinit(d->session);
	free(d);
}

uint8_t
dtls_tag(const struct dtls *d)
{
	return d->tag;
}

/*
 * Nothing but whole records. GnuTLS keeps the beginning of a record and waits
 * for its rest in the next datagrams, which are lost to it: one forged
 * datagram would cost 16 KB of good ones.
 */
static bool
datagram_whole(const uint8_t *data, size_t len)
{
	enum { HEAD = 13, LENGTH = 11 };

	while (len >= HEAD) {
		size_t record = HEAD + ((size_t)data[LENGTH] << 8 | data[LENGTH + 1]);

		if (record > len)
			return false;
		data += record;
		len -= record;
	}
	return len == 0;
}

void
dtls_feed(struct dtls *d, const void *data, size_t len)
{
	d->pending = datagram_whole(data, len) ? data : NULL;
	d->pending_len = len;
}

int
dtls_handshake(struct dtls *d)
{
	int r;

	do {
		r = gnutls_handshake(d->session);
	} while (r < 0 && r != GNUTLS_E_AGAIN && r != GNUTLS_E_INTERRUPTED && !gnutls_error_is_fatal(r));
	d->pending = r == 0 ? d->pending : NULL;
	if (r == GNUTLS_E_AGAIN || r == GNUTLS_E_INTERRUPTED)
		return ERR_AGAIN;
	d->error = r;
	if (r == 0 && !gnutls_session_is_resumed(d->session))
		d->error = GNUTLS_E_SESSION_EOF;
	return d->error == 0 ? 0 : ERR_DENIED;
}

unsigned
dtls_timeout_ms(const struct dtls *d)
{
	return gnutls_dtls_get_timeout(d->session);
}

const char *
dtls_error(const struct dtls *d)
{
	return gnutls_strerror(d->error);
}

int
dtls_receive(struct dtls *d, void *buf, size_t size)
{
	for (;;) {
		ssize_t n = gnutls_record_recv(d->session, buf, size);

		if (n > 0)
			return (int)n;
		if (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED) {
			d->pending = NULL;
			return ERR_AGAIN;
		}
		if (n == 0 || gnutls_error_is_fatal((int)n)) {
			d->error = n == 0 ? GNUTLS_E_SESSION_EOF : (int)n;
			return ERR_CLOSED;
		}
	}
}

int
dtls_send(struct dtls *d, const void *data, size_t len)
{
	ssize_t n = gnutls_record_send(d->session, data, len);

	if (n == GNUTLS_E_LARGE_PACKET)
		return ERR_LONG;
	return n < 0 ? ERR_CLOSED : 0;
}

bool
dtls_is_hello(const uint8_t *data, size_t len, const uint8_t **random)
{
	enum { TYPE = 0, HANDSHAKE = 22, MESSAGE = 13, CLIENT_HELLO = 1, RANDOM = 27, RANDOM_END = 59 };

	if (len < RANDOM_END || data[TYPE] != HANDSHAKE || data[MESSAGE] != CLIENT_HELLO)
		return false;
	*random = data + RANDOM;
	return true;
}
