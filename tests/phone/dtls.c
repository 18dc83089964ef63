/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The UDP channel: DTLS 0.9 (OpenSSL's DTLS1_BAD_VER) or 1.2, as the
 * resumption of a session made by hand.
 *
 *	stopped --dtls_start--> handshake --Finished--> up
 *	any --dtls_stop--> stopped
 */

#include "dtls.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/time.h>
#include <openssl/err.h>

#include "bytes.h"
#include "cstp.h"
#include "tls.h"

#define RECORDS_PER_CALLBACK 64
#define DTLS_MTU 1400		/* of handshake messages; data is not cut */

static void
dtls_end(struct dtls *d, const char *text)
{
	d->event(d->arg, DTLS_EVENT_END, text, strlen(text));
}

static void
dtls_end_ssl(struct dtls *d, int ret)
{
	char text[256];

	tls_error_text(d->ssl, ret, text, sizeof(text));
	dtls_end(d, text);
}

static void
timer_set(struct dtls *d)
{
	struct timeval left;

	ev_timer_stop(d->loop, &d->timer);
	if (!DTLSv1_get_timeout(d->ssl, &left))
		return;
	ev_timer_set(&d->timer, (double)left.tv_sec + (double)left.tv_usec / 1e6 + 0.001, 0.);
	ev_timer_start(d->loop, &d->timer);
}

static bool
want_again(const struct dtls *d, int ret)
{
	int code = SSL_get_error(d->ssl, ret);

	return code == SSL_ERROR_WANT_READ || code == SSL_ERROR_WANT_WRITE;
}

static void
dtls_handshake(struct dtls *d)
{
	int n;

	ERR_clear_error();
	errno = 0;
	if ((n = SSL_do_handshake(d->ssl)) != 1) {
		if (want_again(d, n))
			timer_set(d);
		else
			dtls_end_ssl(d, n);
		return;
	}
	ev_timer_stop(d->loop, &d->timer);
	if (!SSL_session_reused(d->ssl)) {
		dtls_end(d, "full handshake instead of a resumption");
		return;
	}
	d->up = true;
	d->event(d->arg, DTLS_EVENT_UP, NULL, 0);
}

static void
dtls_read(struct dtls *d)
{
	static uint8_t record[16384 + 1];
	unsigned generation = d->generation;
	int i, n;

	for (i = 0; i < RECORDS_PER_CALLBACK; i++) {
		ERR_clear_error();
		errno = 0;
		n = SSL_read(d->ssl, record, sizeof(record));
		if (n > 0) {
			d->event(d->arg, DTLS_EVENT_PACKET, record, (size_t)n);
			if (d->generation != generation)
				return;
			continue;
		}
		/* ICMP errors come up as ECONNREFUSED and the like: DPD decides. */
		if (!want_again(d, n) && SSL_get_error(d->ssl, n) != SSL_ERROR_SYSCALL)
			dtls_end_ssl(d, n);
		return;
	}
}

static void
dtls_io_cb(struct ev_loop *loop, ev_io *w, int revents)
{
	struct dtls *d = CONTAINER_OF(w, struct dtls, io);
	unsigned generation = d->generation;

	(void)loop;
	(void)revents;
	if (!d->up)
		dtls_handshake(d);
	if (d->generation == generation && d->up)
		dtls_read(d);
}

static void
dtls_timer_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct dtls *d = CONTAINER_OF(w, struct dtls, timer);

	(void)loop;
	(void)revents;
	ERR_clear_error();
	if (DTLSv1_handle_timeout(d->ssl) < 0)
		dtls_end(d, "handshake: too many retransmissions");
	else
		timer_set(d);
}

/* The cipher as OpenSSL's constant, or NULL when this version cannot have it. */
static const SSL_CIPHER *
cipher_find(SSL *ssl, int version, const char *name)
{
	STACK_OF(SSL_CIPHER) *list;
	const SSL_CIPHER *cipher;
	int i;

	if (SSL_set_cipher_list(ssl, name) != 1)
		return NULL;
	list = SSL_get_ciphers(ssl);
	for (i = 0; i < sk_SSL_CIPHER_num(list); i++) {
		cipher = sk_SSL_CIPHER_value(list, i);
		if (strcmp(SSL_CIPHER_get_name(cipher), name) != 0)
			continue;
		if (version == DTLS1_BAD_VER && strcmp(SSL_CIPHER_get_version(cipher), "TLSv1.2") == 0)
			return NULL;
		return cipher;
	}
	return NULL;
}

static bool
session_set(SSL *ssl, const struct dtls_session *s, const SSL_CIPHER *cipher)
{
	SSL_SESSION *session = SSL_SESSION_new();
	bool ok;

	ok = session && SSL_SESSION_set_protocol_version(session, s->version) &&
	    SSL_SESSION_set_cipher(session, cipher) &&
	    SSL_SESSION_set1_master_key(session, s->master, 48) &&
	    SSL_SESSION_set1_id(session, s->id, 32) && SSL_set_session(ssl, session) == 1;
	SSL_SESSION_free(session);	/* the SSL holds it, too */
	return ok;
}

static SSL *
ssl_make(SSL_CTX *ctx, const struct dtls_session *s, char *err, size_t err_cap)
{
	SSL *ssl = SSL_new(ctx);
	const SSL_CIPHER *cipher;

	if (ssl == NULL)
		return NULL;
	SSL_set_ciphersuites(ssl, "");
	SSL_set_connect_state(ssl);
	if ((cipher = cipher_find(ssl, s->version, s->cipher)) == NULL) {
		snprintf(err, err_cap, "cipher %s is not possible in DTLS %s", s->cipher,
		    s->version == DTLS1_BAD_VER ? "0.9" : "1.2");
	} else if (SSL_set_cipher_list(ssl, s->offered) != 1 || !session_set(ssl, s, cipher)) {
		snprintf(err, err_cap, "cipher list \"%s\": %s", s->offered, ERR_reason_error_string(ERR_get_error()));
	} else {
		return ssl;
	}
	SSL_free(ssl);
	return NULL;
}

static int
udp_socket(const struct endpoint *to)
{
	int fd = socket(to->addr.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if ((to->local_len && bind(fd, (const struct sockaddr *)&to->local, to->local_len) != 0) ||
	    connect(fd, (const struct sockaddr *)&to->addr, to->addr_len) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static void
bio_set(SSL *ssl, int fd, const struct endpoint *to)
{
	BIO *bio = BIO_new_dgram(fd, BIO_NOCLOSE);
	struct sockaddr_storage peer = to->addr;

	BIO_ctrl(bio, BIO_CTRL_DGRAM_SET_CONNECTED, 0, &peer);
	SSL_set_bio(ssl, bio, bio);
	SSL_set_options(ssl, SSL_OP_NO_QUERY_MTU);
	SSL_set_mtu(ssl, DTLS_MTU);
}

int
dtls_start(struct dtls *d, struct ev_loop *loop, SSL_CTX *ctx, const struct endpoint *to,
    const struct dtls_session *session, dtls_event_fn *event, void *arg, char *err, size_t err_cap)
{
	text_set(err, err_cap, "no memory for DTLS");
	if ((d->ssl = ssl_make(ctx, session, err, err_cap)) == NULL)
		return -1;
	if ((d->fd = udp_socket(to)) < 0) {
		snprintf(err, err_cap, "UDP socket: %s", strerror(errno));
		SSL_free(d->ssl);
		d->ssl = NULL;
		return -1;
	}
	d->loop = loop;
	d->up = false;
	d->generation++;
	d->event = event;
	d->arg = arg;
	bio_set(d->ssl, d->fd, to);
	ev_init(&d->timer, dtls_timer_cb);
	ev_io_init(&d->io, dtls_io_cb, d->fd, EV_READ);
	ev_io_start(loop, &d->io);
	/* The first step is made from the loop, so that no event comes before we return. */
	ev_feed_event(loop, &d->io, EV_READ);
	return 0;
}

bool
dtls_send(struct dtls *d, uint8_t type, const void *payload, size_t len)
{
	static uint8_t packet[1 + 16384];

	if (d->ssl == NULL || !d->up || len > sizeof(packet) - 1)
		return false;
	packet[0] = type;
	if (len > 0)
		memcpy(packet + 1, payload, len);
	ERR_clear_error();
	return SSL_write(d->ssl, packet, (int)len + 1) > 0;
}

void
dtls_stop(struct dtls *d, enum bye how)
{
	if (d->ssl == NULL)
		return;
	ev_io_stop(d->loop, &d->io);
	ev_timer_stop(d->loop, &d->timer);
	if (d->up && how != BYE_ABRUPT && how != BYE_VANISH)
		SSL_shutdown(d->ssl);
	ERR_clear_error();
	SSL_free(d->ssl);
	d->ssl = NULL;
	d->up = false;
	d->generation++;
	if (how != BYE_VANISH)
		close(d->fd);
}
