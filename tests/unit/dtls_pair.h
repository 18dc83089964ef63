/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A worker's DTLS side and a GnuTLS client, both in this process, joined by two queues of datagrams. */
#ifndef OFFHOOK_DTLS_PAIR_H
#define OFFHOOK_DTLS_PAIR_H

#include "tests/unit/unit.h"

#include <stdio.h>
#include <unistd.h>

#include "common/err.h"
#include "server/worker/dtls.h"

static struct dtls_offer offer;

static void
offer_set(bool phone, const char *tls, const char *x_dtls, const char *x_dtls12)
{
	offer = (struct dtls_offer){
		.x_dtls = x_dtls, .x_dtls12 = x_dtls12, .tls_suite = suite_by_name(tls), .phone = phone, .has_master = true,
	};
	assert_non_null(offer.tls_suite);
	suite_list_make(SUITE_DTLS10, "medium", NULL, &offer.allowed10);
	suite_list_make(SUITE_DTLS12, "medium", NULL, &offer.allowed12);
}

#define QUEUE 64

static struct queue {
	struct {
		uint8_t bytes[2000];
		size_t len;
	} d[QUEUE];
	unsigned first, count;
} to_client, to_server;

static uint8_t master[DTLS_MASTER_BYTES], id[DTLS_ID_BYTES];
static struct dtls_keys keys; /* the server's */
static unsigned sent_tag;

static void
queue_put(struct queue *q, const void *data, size_t len)
{
	assert_true(q->count < QUEUE && len <= sizeof(q->d[0].bytes));
	memcpy(q->d[(q->first + q->count) % QUEUE].bytes, data, len);
	q->d[(q->first + q->count++) % QUEUE].len = len;
}

static ssize_t
queue_get(struct queue *q, void *out, size_t size)
{
	size_t len;

	if (q->count == 0)
		return -1;
	len = q->d[q->first].len;
	assert_true(len <= size);
	memcpy(out, q->d[q->first].bytes, len);
	q->first = (q->first + 1) % QUEUE;
	q->count--;
	return (ssize_t)len;
}

static void
server_send(void *ctx, uint8_t tag, const void *data, size_t len)
{
	assert_ptr_equal(ctx, &offer);
	sent_tag = tag;
	queue_put(&to_client, data, len);
}

static gnutls_session_t client;

static ssize_t
client_push(gnutls_transport_ptr_t p, const void *data, size_t len)
{
	(void)p;
	queue_put(&to_server, data, len);
	return (ssize_t)len;
}

static ssize_t
client_pull(gnutls_transport_ptr_t p, void *data, size_t size)
{
	ssize_t n = queue_get(&to_client, data, size);

	(void)p;
	if (n < 0)
		gnutls_transport_set_errno(client, 11); /* EAGAIN */
	return n;
}

static int
client_pull_timeout(gnutls_transport_ptr_t p, unsigned ms)
{
	(void)p, (void)ms;
	return to_client.count > 0;
}

static gnutls_psk_client_credentials_t client_psk;

static void
client_new(void)
{
	memset(&to_client, 0, sizeof(to_client));
	memset(&to_server, 0, sizeof(to_server));
	assert_true(gnutls_init(&client, GNUTLS_CLIENT | GNUTLS_DATAGRAM | GNUTLS_NONBLOCK) == 0);
	gnutls_transport_set_push_function(client, client_push);
	gnutls_transport_set_pull_function(client, client_pull);
	gnutls_transport_set_pull_timeout_function(client, client_pull_timeout);
	gnutls_dtls_set_timeouts(client, 1000, 60000);
	gnutls_dtls_set_mtu(client, 1400);
}

static uint16_t wire_version; /* of the hello; 0x0100 for the names of X-DTLS-CipherSuite, unless a test wants 1.0 */

static void
client_start(const struct dtls_name *n, const uint8_t *with_master, const uint8_t *with_id)
{
	gnutls_protocol_t version = n->version == SUITE_DTLS12 ? GNUTLS_DTLS1_2 : wire_version == 0xfeff ? GNUTLS_DTLS1_0 : GNUTLS_DTLS0_9;
	gnutls_datum_t m = { (uint8_t *)(uintptr_t)with_master, DTLS_MASTER_BYTES }, i = { (uint8_t *)(uintptr_t)with_id, DTLS_ID_BYTES };
	char priority[DTLS_PRIORITY_BYTES];

	snprintf(priority, sizeof(priority), "NONE:+VERS-%s:%s",
	    version == GNUTLS_DTLS1_2 ? "DTLS1.2" : version == GNUTLS_DTLS1_0 ? "DTLS1.0" : "DTLS0.9", n->priority);
	client_new();
	assert_true(gnutls_priority_set_direct(client, priority, NULL) == 0);
	assert_true(gnutls_session_set_premaster(client, GNUTLS_CLIENT, version, n->kx, n->cipher, n->mac, GNUTLS_COMP_NULL, &m, &i) == 0);
}

/* As OpenConnect does it: the app id is the session id of the hello. */
static void
client_start_psk(const uint8_t *key, const char *ciphers)
{
	gnutls_datum_t k = { (uint8_t *)(uintptr_t)key, DTLS_PSK_BYTES }, i = { id, DTLS_ID_BYTES };
	char priority[DTLS_PRIORITY_BYTES];

	client_new();
	snprintf(priority, sizeof(priority), "NORMAL:-VERS-ALL:+VERS-DTLS1.2:-KX-ALL:+PSK%s", ciphers);
	assert_true(gnutls_priority_set_direct(client, priority, NULL) == 0);
	assert_true(gnutls_psk_allocate_client_credentials(&client_psk) == 0);
	assert_true(gnutls_psk_set_client_credentials(client_psk, "psk", &k, GNUTLS_PSK_KEY_RAW) == 0);
	assert_true(gnutls_credentials_set(client, GNUTLS_CRD_PSK, client_psk) == 0);
	gnutls_session_set_id(client, &i);
}

static int patience = 400; /* steps, of 5 ms when nothing happens */

/* Both sides until they are done or stuck. lose: the server's n-th datagram (from 1) is lost once. */
static int
handshake(struct dtls *server, unsigned lose, int *client_result)
{
	static uint8_t bytes[2000];
	int s = ERR_AGAIN, c = GNUTLS_E_AGAIN;
	unsigned sent = 0;

	for (int i = 0; i < patience && (s == ERR_AGAIN || c == GNUTLS_E_AGAIN); i++) {
		unsigned before;
		ssize_t n;

		if (c == GNUTLS_E_AGAIN)
			c = gnutls_handshake(client);
		n = queue_get(&to_server, bytes, sizeof(bytes));
		if (s != ERR_AGAIN)
			continue;
		if (n < 0 && c != 0 && c != GNUTLS_E_AGAIN)
			break; /* the client has given up */
		before = to_client.count;
		if (n > 0) {
			dtls_feed(server, bytes, (size_t)n);
			s = dtls_handshake(server);
		} else if (c == GNUTLS_E_AGAIN && to_client.count == 0) {
			usleep(5000);
			if (dtls_timeout_ms(server) == 0)
				s = dtls_handshake(server);
		}
		for (; before < to_client.count; before++) {
			if (++sent == lose) { /* drop the one just put there */
				for (unsigned k = before; k + 1 < to_client.count; k++)
					to_client.d[(to_client.first + k) % QUEUE] = to_client.d[(to_client.first + k + 1) % QUEUE];
				to_client.count--;
			}
		}
	}
	*client_result = c;
	return s;
}

static struct dtls *
server_new(const struct dtls_name *n)
{
	uint16_t version = n->version == SUITE_DTLS12 ? 0xfefd : wire_version;
	struct dtls *d;

	keys = (struct dtls_keys){ .name = n };
	memcpy(keys.secret, master, sizeof(master));
	memcpy(keys.id, id, sizeof(id));
	if (dtls_name_is_psk(n)) {
		keys.allowed12 = offer.allowed12;
		assert_true(dtls_psk_priority(&keys.allowed12, keys.priority, sizeof(keys.priority)));
	}
	d = dtls_new(&keys, version, 3, 1400, server_send, &offer);
	assert_non_null(d);
	assert_int_equal(dtls_tag(d), 3);
	return d;
}

static const struct dtls_name *
by_name(bool x12, const char *name)
{
	const struct dtls_name *n;

	offer_set(false, "AES256-SHA", x12 ? NULL : name, x12 ? name : NULL);
	suite_list_make(SUITE_DTLS10, "all", NULL, &offer.allowed10);
	suite_list_make(SUITE_DTLS12, "all", NULL, &offer.allowed12);
	n = dtls_choose(&offer);
	assert_non_null(n);
	assert_string_equal(n->name, name);
	return n;
}

#endif
