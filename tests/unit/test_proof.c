/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Real handshakes between two GnuTLS sessions in memory; the server's hook collects what certauth gets. */
#include "tests/unit/certs_make.h"

#include <errno.h>

#include "common/err.h"
#include "server/certauth/proof.h"

struct pipe_end { /* bytes on their way to this side */
	uint8_t bytes[65536];
	size_t len;
};

struct endpoint {
	gnutls_session_t session;
	struct pipe_end in, *peer;
};

static struct test_cert server_cert = { .dn = "CN=gateway" };
static struct test_cert phone_cert = { .dn = "CN=CP-8841-SEP682C7B40B5CE" };
static struct test_cert stranger_cert = { .dn = "CN=stranger", .other_key = true };

static uint8_t transcript[IPC_TRANSCRIPT_MAX];
static struct wr collected;
static uint8_t drawn[HELLO_RANDOM_BYTES];

static ssize_t
push(gnutls_transport_ptr_t ptr, const void *data, size_t len)
{
	struct endpoint *e = ptr;

	assert_true(e->peer->len + len <= sizeof(e->peer->bytes));
	memcpy(e->peer->bytes + e->peer->len, data, len);
	e->peer->len += len;
	return (ssize_t)len;
}

static ssize_t
pull(gnutls_transport_ptr_t ptr, void *buf, size_t size)
{
	struct endpoint *e = ptr;
	size_t n = e->in.len < size ? e->in.len : size;

	if (n == 0) {
		gnutls_transport_set_errno(e->session, EAGAIN);
		return -1;
	}
	memcpy(buf, e->in.bytes, n);
	memmove(e->in.bytes, e->in.bytes + n, e->in.len - n);
	e->in.len -= n;
	return (ssize_t)n;
}

static int
collect(gnutls_session_t session, unsigned type, unsigned when, unsigned incoming, const gnutls_datum_t *msg)
{
	(void)session;
	(void)when;
	wr_u8(&collected, incoming ? 1 : 0);
	wr_u8(&collected, (uint8_t)(type == GNUTLS_HANDSHAKE_HELLO_RETRY_REQUEST ? GNUTLS_HANDSHAKE_SERVER_HELLO : type));
	wr_uint(&collected, msg->size, 3);
	wr_bytes(&collected, msg->data, msg->size);
	return 0;
}

static void
endpoint_start(struct endpoint *e, struct endpoint *peer, unsigned flags, const char *priority,
    gnutls_certificate_credentials_t cred)
{
	memset(&e->in, 0, sizeof(e->in));
	e->peer = &peer->in;
	assert_int_equal(gnutls_init(&e->session, flags | GNUTLS_NONBLOCK), 0);
	assert_int_equal(gnutls_priority_set_direct(e->session, priority, NULL), 0);
	gnutls_credentials_set(e->session, GNUTLS_CRD_CERTIFICATE, cred);
	gnutls_transport_set_ptr(e->session, e);
	gnutls_transport_set_push_function(e->session, push);
	gnutls_transport_set_pull_function(e->session, pull);
}

static gnutls_certificate_credentials_t
credentials(struct test_cert *cert)
{
	gnutls_certificate_credentials_t cred;

	assert_int_equal(gnutls_certificate_allocate_credentials(&cred), 0);
	if (cert != NULL)
		assert_int_equal(gnutls_certificate_set_x509_key(cred, &cert->crt, 1, cert->other_key ? test_other_key : test_key), 0);
	return cred;
}

/* One handshake; the transcript is what a worker would hand over. */
static struct ipc_blob
handshake_between(const char *server_priority, const char *client_priority, struct test_cert *client)
{
	static struct endpoint a, b;
	gnutls_certificate_credentials_t server_cred = credentials(&server_cert), client_cred = credentials(client);
	gnutls_datum_t random = { drawn, sizeof(drawn) };
	int r = GNUTLS_E_AGAIN, q = GNUTLS_E_AGAIN;

	collected = wr_init(transcript, sizeof(transcript));
	endpoint_start(&a, &b, GNUTLS_SERVER | GNUTLS_NO_TICKETS, server_priority, server_cred);
	endpoint_start(&b, &a, GNUTLS_CLIENT, client_priority, client_cred);
	gnutls_certificate_server_set_request(a.session, GNUTLS_CERT_REQUEST);
	gnutls_handshake_set_random(a.session, &random);
	gnutls_handshake_set_hook_function(a.session, GNUTLS_HANDSHAKE_ANY, GNUTLS_HOOK_PRE, collect);
	for (int i = 0; i < 20 && (r != 0 || q != 0); i++) {
		if (q != 0)
			q = gnutls_handshake(b.session);
		if (r != 0)
			r = gnutls_handshake(a.session);
	}
	assert_int_equal(r, 0);
	assert_int_equal(q, 0);
	gnutls_deinit(a.session);
	gnutls_deinit(b.session);
	gnutls_certificate_free_credentials(server_cred);
	gnutls_certificate_free_credentials(client_cred);
	return (struct ipc_blob){ transcript, (uint32_t)(collected.p - transcript) };
}

static struct ipc_blob
handshake(const char *priority, struct test_cert *client)
{
	return handshake_between(priority, priority, client);
}

static int
check(const struct ipc_blob *t, const uint8_t *random)
{
	static uint8_t chain[IPC_TRANSCRIPT_MAX];
	const char *why;
	size_t len;
	uint8_t *copy = exact(t->data, t->len);
	int r = proof_check(&(struct ipc_blob){ copy, t->len }, random, chain, sizeof(chain), &len, &why);

	if (r == 0) {
		assert_int_equal(len, 4 + phone_cert.der.size);
		assert_memory_equal(chain + 4, phone_cert.der.data, phone_cert.der.size);
	}
	free(copy);
	return r;
}

#define V(version, kx) "NONE:+VERS-" version ":+AES-256-CBC:+AES-256-GCM:+SHA1:+AEAD:" kx "+COMP-NULL:+SIGN-ALL:+GROUP-ALL"
static const char *const priorities[] = {
	V("TLS1.0", "+RSA:"), V("TLS1.1", "+RSA:"), V("TLS1.2", "+RSA:"), V("TLS1.0", "+ECDHE-RSA:"),
	V("TLS1.2", "+ECDHE-RSA:"), V("TLS1.3", ""),
};

T(a_client_that_holds_its_key_is_believed_in_every_version)
{
	UNUSED;
	for (size_t i = 0; i < COUNT(priorities); i++) {
		struct ipc_blob t = handshake(priorities[i], &phone_cert);

		assert_int_equal(check(&t, drawn), 0);
	}
}

/* TLS 1.3: the client guesses a group that the server does not take, and says hello twice. */
T(a_handshake_with_a_retry_is_believed)
{
	struct ipc_blob t = handshake_between("NONE:+VERS-TLS1.3:+AES-256-GCM:+AEAD:+SIGN-ALL:+GROUP-SECP256R1",
	    "NONE:+VERS-TLS1.3:+AES-256-GCM:+AEAD:+SIGN-ALL:+GROUP-X25519:+GROUP-SECP256R1:%DISABLE_TLS13_COMPAT_MODE", &phone_cert);

	UNUSED;
	assert_int_equal(check(&t, drawn), 0);
	t = handshake_between("NONE:+VERS-TLS1.3:+AES-128-GCM:+AEAD:+SIGN-ALL:+GROUP-SECP384R1",
	    "NONE:+VERS-TLS1.3:+AES-128-GCM:+AEAD:+SIGN-ALL:+GROUP-X25519:+GROUP-SECP384R1", &phone_cert);
	assert_int_equal(check(&t, drawn), 0);
}

T(a_recorded_handshake_is_refused)
{
	uint8_t another[HELLO_RANDOM_BYTES] = { 1 };

	UNUSED;
	for (size_t i = 0; i < COUNT(priorities); i++) {
		struct ipc_blob t = handshake(priorities[i], &phone_cert);

		assert_int_equal(check(&t, another), ERR_DENIED);
	}
}

/* The stranger's handshake with the phone's certificate in place of its own: both have the same length here. */
T(another_phones_certificate_without_its_key_is_refused)
{
	UNUSED;
	for (size_t i = 0; i < COUNT(priorities); i++) {
		struct ipc_blob t = handshake(priorities[i], &stranger_cert);
		uint8_t *at = memmem(transcript, t.len, stranger_cert.der.data, stranger_cert.der.size);
		static uint8_t out[IPC_TRANSCRIPT_MAX];
		struct wr w = wr_init(out, sizeof(out));
		struct rd r = rd_init(t.data, t.len);

		assert_non_null(at);
		/* rebuild, message by message, with lengths that fit */
		while (rd_left(&r) > 0) {
			uint8_t direction = rd_u8(&r), type = rd_u8(&r);
			struct rd body = rd_sub(&r, rd_u24(&r));
			size_t head = type == 11 && direction == 1 ? (size_t)(at - body.p) : 0, size = rd_left(&body);
			long more = (long)phone_cert.der.size - (long)stranger_cert.der.size;

			wr_u8(&w, direction);
			wr_u8(&w, type);
			if (type != 11 || direction != 1) {
				wr_uint(&w, size, 3);
				wr_bytes(&w, body.p, size);
				continue;
			}
			wr_uint(&w, size + (size_t)more, 3);
			wr_bytes(&w, body.p, head - 6);
			wr_uint(&w, (uint64_t)(((unsigned)at[-6] << 16 | (unsigned)at[-5] << 8 | at[-4]) + more), 3);
			wr_uint(&w, phone_cert.der.size, 3);
			wr_bytes(&w, phone_cert.der.data, phone_cert.der.size);
			wr_bytes(&w, at + stranger_cert.der.size, size - head - stranger_cert.der.size);
		}
		assert_int_equal(check(&(struct ipc_blob){ out, (uint32_t)(w.p - out) }, drawn), ERR_DENIED);
	}
}

T(a_client_without_certificate_is_not_found)
{
	UNUSED;
	for (size_t i = 0; i < COUNT(priorities); i++) {
		struct ipc_blob t = handshake(priorities[i], NULL);

		assert_int_equal(check(&t, drawn), ERR_NOT_FOUND);
	}
}

T(a_handshake_cut_off_anywhere_is_refused)
{
	struct ipc_blob t = handshake(priorities[2], &phone_cert);
	uint32_t verify_end = t.len;

	UNUSED;
	/* what follows CertificateVerify (Finished) does not matter */
	while (verify_end > 0 && check(&(struct ipc_blob){ t.data, verify_end }, drawn) == 0)
		verify_end--;
	for (uint32_t len = 0; len < verify_end; len += 7)
		assert_int_not_equal(check(&(struct ipc_blob){ t.data, len }, drawn), 0);
}

/* Each message counts: its type, its length, its bytes. (The direction is not part of it.) */
T(a_changed_byte_is_refused)
{
	struct ipc_blob t = handshake(priorities[4], &phone_cert);
	struct rd r = rd_init(t.data, t.len);
	bool verified = false;

	UNUSED;
	while (!verified) {
		uint8_t direction = rd_u8(&r);
		size_t at = (size_t)(r.p - transcript), end;
		uint8_t type = rd_u8(&r);

		rd_sub(&r, rd_u24(&r));
		end = (size_t)(r.p - transcript);
		verified = direction == 1 && type == 15;
		for (size_t i = at; i < end; i += 13) {
			transcript[i] ^= 0x40;
			assert_int_not_equal(check(&t, drawn), 0);
			transcript[i] ^= 0x40;
		}
	}
	assert_int_equal(check(&t, drawn), 0);
}

static int
setup(void **state)
{
	(void)state;
	test_keys_make();
	test_cert_make(&server_cert);
	test_cert_make(&phone_cert);
	test_cert_make(&stranger_cert);
	memset(drawn, 0x5a, sizeof(drawn));
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_client_that_holds_its_key_is_believed_in_every_version),
		cmocka_unit_test(a_handshake_with_a_retry_is_believed),
		cmocka_unit_test(a_recorded_handshake_is_refused),
		cmocka_unit_test(another_phones_certificate_without_its_key_is_refused),
		cmocka_unit_test(a_client_without_certificate_is_not_found),
		cmocka_unit_test(a_handshake_cut_off_anywhere_is_refused),
		cmocka_unit_test(a_changed_byte_is_refused),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
