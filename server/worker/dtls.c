/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/worker/dtls.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "common/err.h"
#include "common/mem.h"

#define RETRANSMIT_MS 400
#define OWN_NUMBERS   16 /* of records, for a last flight that GnuTLS repeats after the hand-over (protocol.md 6.6) */

struct dtls {
	const struct dtls_keys *keys;
	gnutls_session_t session;
	gnutls_psk_server_credentials_t psk; /* of PSK-NEGOTIATE */
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

/* protocol.md 3.4: the identity says nothing, the id in the hello has named the session. */
static int
psk_key(gnutls_session_t session, const char *user, gnutls_datum_t *key)
{
	struct dtls *d = gnutls_session_get_ptr(session);

	(void)user;
	key->data = gnutls_malloc(DTLS_PSK_BYTES);
	if (key->data == NULL)
		return GNUTLS_E_MEMORY_ERROR;
	memcpy(key->data, d->keys->secret, DTLS_PSK_BYTES);
	key->size = DTLS_PSK_BYTES;
	return 0;
}

static int
psk_prepare(struct dtls *d)
{
	int r;

	if ((r = gnutls_psk_allocate_server_credentials(&d->psk)) < 0)
		return r;
	gnutls_psk_set_server_credentials_function(d->psk, psk_key);
	if ((r = gnutls_credentials_set(d->session, GNUTLS_CRD_PSK, d->psk)) < 0)
		return r;
	return gnutls_priority_set_direct(d->session, d->keys->priority, NULL);
}

/* No credentials at all: only the made-up session can be resumed (protocol.md 3.2). */
static int
resumption_prepare(struct dtls *d, uint16_t hello_version)
{
	const struct dtls_name *n = d->keys->name;
	gnutls_datum_t master = { (unsigned char *)(uintptr_t)d->keys->secret, DTLS_MASTER_BYTES };
	gnutls_datum_t id = { (unsigned char *)(uintptr_t)d->keys->id, DTLS_ID_BYTES };
	gnutls_protocol_t version = GNUTLS_DTLS1_2;
	gnutls_priority_t priority;
	int r;

	/* the names of X-DTLS-CipherSuite mean Cisco's 0.9; a client that says 1.0 in its hello has it */
	if (n->version == SUITE_DTLS10)
		version = hello_version == 0x0100 ? GNUTLS_DTLS0_9 : GNUTLS_DTLS1_0;
	if ((priority = dtls_name_priority(n, version)) == NULL)
		return GNUTLS_E_NO_PRIORITIES_WERE_SET;
	if ((r = gnutls_priority_set(d->session, priority)) < 0)
		return r;
	return gnutls_session_set_premaster(d->session, GNUTLS_SERVER, version, n->kx, n->cipher, n->mac, GNUTLS_COMP_NULL,
	    &master, &id);
}

struct dtls *
dtls_new(const struct dtls_keys *keys, uint16_t hello_version, uint8_t tag, unsigned payload_max, dtls_send_fn send,
    void *ctx)
{
	struct dtls *d = xcalloc(1, sizeof(*d));

	d->keys = keys;
	d->tag = tag;
	d->send = send;
	d->ctx = ctx;
	if (gnutls_init(&d->session, GNUTLS_SERVER | GNUTLS_DATAGRAM | GNUTLS_NONBLOCK | GNUTLS_NO_TICKETS) < 0 ||
	    (dtls_name_is_psk(keys->name) ? psk_prepare(d) : resumption_prepare(d, hello_version)) < 0) {
		dtls_free(d);
		return NULL;
	}
	gnutls_session_set_ptr(d->session, d);
	gnutls_transport_set_ptr(d->session, d);
	gnutls_transport_set_push_function(d->session, dtls_push);
	gnutls_transport_set_pull_function(d->session, dtls_pull);
	gnutls_transport_set_pull_timeout_function(d->session, dtls_pull_timeout);
	gnutls_dtls_set_timeouts(d->session, RETRANSMIT_MS, DTLS_HANDSHAKE_MS);
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
	if (d->psk != NULL)
		gnutls_psk_free_server_credentials(d->psk);
	free(d);
}

uint8_t
dtls_tag(const struct dtls *d)
{
	return d->tag;
}

void
dtls_tag_set(struct dtls *d, uint8_t tag)
{
	d->tag = tag;
}

void
dtls_payload_set(struct dtls *d, unsigned payload_max)
{
	gnutls_dtls_set_mtu(d->session, payload_max);
}

unsigned
dtls_room(const struct dtls *d)
{
	return gnutls_dtls_get_data_mtu(d->session);
}

const struct suite *
dtls_suite(const struct dtls *d)
{
	const char *cipher, *mac;

	if (!dtls_name_is_psk(d->keys->name))
		return suite_by_id(d->keys->name->suite);
	cipher = gnutls_cipher_get_name(gnutls_cipher_get(d->session));
	mac = gnutls_mac_get_name(gnutls_mac_get(d->session));
	return cipher == NULL || mac == NULL ? NULL : suite_psk(cipher, mac);
}

/* The priority string is a cross product, and may have let in a pair that "ssl cipher dtlsv1.2" has not. */
static bool
psk_suite_allowed(const struct dtls *d)
{
	const struct suite *got = dtls_suite(d);

	for (size_t i = 0; got != NULL && i < d->keys->allowed12.count; i++) {
		const struct suite *s = d->keys->allowed12.suites[i];

		if (strcmp(s->cipher, got->cipher) == 0 && strcmp(s->mac, got->mac) == 0)
			return true;
	}
	return false;
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
	if (r == 0 && dtls_name_is_psk(d->keys->name))
		d->error = psk_suite_allowed(d) ? 0 : GNUTLS_E_NO_CIPHER_SUITES;
	else if (r == 0 && !gnutls_session_is_resumed(d->session))
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

/* 0: such records are not made elsewhere. */
static enum record_cipher
record_cipher_of(gnutls_session_t s)
{
	gnutls_cipher_algorithm_t cipher = gnutls_cipher_get(s);
	gnutls_mac_algorithm_t mac = gnutls_mac_get(s);

	switch (cipher) {
	case GNUTLS_CIPHER_AES_128_CBC:
		return mac == GNUTLS_MAC_SHA1 ? RECORD_AES128_CBC_SHA1 : 0;
	case GNUTLS_CIPHER_AES_256_CBC:
		return mac == GNUTLS_MAC_SHA1 ? RECORD_AES256_CBC_SHA1 : 0;
	case GNUTLS_CIPHER_AES_128_GCM:
		return RECORD_AES128_GCM;
	case GNUTLS_CIPHER_AES_256_GCM:
		return RECORD_AES256_GCM;
	case GNUTLS_CIPHER_CHACHA20_POLY1305:
		return RECORD_CHACHA20_POLY1305;
	default:
		return 0;
	}
}

/* False: not of the sizes that the cipher has. */
static bool
side_export(gnutls_session_t s, unsigned read, const struct record_shape *shape, struct record_side *out)
{
	gnutls_datum_t mac, iv, key;
	uint8_t number[8];
	struct rd r = rd_init(number, sizeof(number));

	if (gnutls_record_get_state(s, read, &mac, &iv, &key, number) < 0 || key.size != shape->key_bytes ||
	    mac.size != shape->mac_bytes || iv.size < shape->iv_bytes)
		return false;
	if (mac.size > 0)
		memcpy(out->mac, mac.data, mac.size);
	if (shape->iv_bytes > 0)
		memcpy(out->iv, iv.data, shape->iv_bytes);
	memcpy(out->key, key.data, key.size);
	out->next = rd_u64(&r);
	return true;
}

bool
dtls_export(const struct dtls *d, struct record_keys *keys)
{
	static const uint16_t versions[] = { [0] = 0x0100, [1] = 0xfeff, [2] = 0xfefd };
	gnutls_protocol_t v = gnutls_protocol_get_version(d->session);
	const struct record_shape *shape;

	memset(keys, 0, sizeof(*keys));
	if ((keys->cipher = record_cipher_of(d->session)) == 0 || gnutls_session_etm_status(d->session) != 0)
		return false;
	keys->version = versions[v == GNUTLS_DTLS0_9 ? 0 : v == GNUTLS_DTLS1_0 ? 1 : 2];
	shape = &record_shapes[keys->cipher];
	if (!side_export(d->session, 1, shape, &keys->rx) || !side_export(d->session, 0, shape, &keys->tx))
		return false;
	keys->tx.next += OWN_NUMBERS;
	return true;
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
dtls_hello_get(const uint8_t *data, size_t len, struct dtls_hello *out)
{
	enum { HANDSHAKE = 22, CLIENT_HELLO = 1, BODY_MIN = 2 + DTLS_RANDOM_BYTES };
	struct rd r = rd_init(data, len), body;
	uint32_t length, offset, fragment;

	if (rd_u8(&r) != HANDSHAKE || rd_u16(&r) == 0 || rd_u64(&r) >> 48 != 0) /* of epoch 0 */
		return false;
	body = rd_sub(&r, rd_u16(&r));
	if (rd_u8(&body) != CLIENT_HELLO)
		return false;
	length = rd_u24(&body);
	rd_u16(&body);
	offset = rd_u24(&body);
	fragment = rd_u24(&body);
	if (body.bad || offset != 0 || fragment != length || rd_left(&body) < length || length < BODY_MIN)
		return false;
	out->version = rd_u16(&body);
	out->random = rd_bytes(&body, DTLS_RANDOM_BYTES);
	return out->random != NULL;
}
