/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TLS as the phones do it: old versions, old suites, no tickets, no chain
 * validation. The server's certificate is trusted by its SHA-1 hash alone
 * (protocol.md 4.2).
 */

#include "tls.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

static SSL_CTX *
context_new(const SSL_METHOD *method, int min, int max, const struct options *o)
{
	SSL_CTX *ctx = SSL_CTX_new(method);

	if (ctx == NULL)
		return NULL;
	/* TLS 1.0 and SHA-1 certificates need level 0 in OpenSSL 3. */
	SSL_CTX_set_security_level(ctx, 0);
	SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET | SSL_OP_LEGACY_SERVER_CONNECT | SSL_OP_NO_COMPRESSION);
	if (!o->modern)
		SSL_CTX_set_options(ctx, SSL_OP_NO_EXTENDED_MASTER_SECRET | SSL_OP_NO_ENCRYPT_THEN_MAC);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, NULL);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_mode(ctx, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
	if (!SSL_CTX_set_min_proto_version(ctx, min) || !SSL_CTX_set_max_proto_version(ctx, max)) {
		SSL_CTX_free(ctx);
		return NULL;
	}
	return ctx;
}

int
tls_contexts_new(struct tls_contexts *t, const struct options *o, char *err, size_t err_cap)
{
	t->tls = context_new(TLS_client_method(), o->tls_min, o->tls_max, o);
	t->dtls09 = context_new(DTLS_client_method(), DTLS1_BAD_VER, DTLS1_BAD_VER, o);
	t->dtls12 = context_new(DTLS_client_method(), DTLS1_2_VERSION, DTLS1_2_VERSION, o);
	if (t->tls == NULL || t->dtls09 == NULL || t->dtls12 == NULL) {
		snprintf(err, err_cap, "this OpenSSL lacks a TLS or DTLS version: %s",
		    ERR_reason_error_string(ERR_get_error()));
		return -1;
	}
	SSL_CTX_set_options(t->dtls09, SSL_OP_CISCO_ANYCONNECT);
	if (SSL_CTX_set_cipher_list(t->tls, o->ciphers) != 1) {
		snprintf(err, err_cap, "cipher list \"%s\": %s", o->ciphers,
		    ERR_reason_error_string(ERR_get_error()));
		return -1;
	}
	return 0;
}

void
tls_contexts_free(struct tls_contexts *t)
{
	SSL_CTX_free(t->tls);
	SSL_CTX_free(t->dtls09);
	SSL_CTX_free(t->dtls12);
	*t = (struct tls_contexts){ 0 };
}

SSL *
tls_new(const struct tls_contexts *t, const struct options *o, const struct identity *id, const char *ciphers)
{
	SSL *ssl = SSL_new(t->tls);

	if (ssl == NULL)
		return NULL;
	SSL_set_connect_state(ssl);
	if (SSL_set_cipher_list(ssl, ciphers) != 1 ||
	    (id->cert && SSL_use_cert_and_key(ssl, id->cert, id->key, id->chain, 1) != 1) ||
	    (o->sni && SSL_set_tlsext_host_name(ssl, o->host) != 1)) {
		SSL_free(ssl);
		return NULL;
	}
	return ssl;
}

static bool
leaf_sha1(SSL *ssl, uint8_t *sha1)
{
	X509 *leaf = SSL_get0_peer_certificate(ssl);
	unsigned len = 20;

	return leaf && X509_digest(leaf, EVP_sha1(), sha1, &len) == 1;
}

bool
tls_facts(SSL *ssl, struct facts *f)
{
	uint8_t sha1[20];

	text_set(f->tls_version, sizeof(f->tls_version), SSL_get_version(ssl));
	text_set(f->tls_cipher, sizeof(f->tls_cipher), SSL_get_cipher_name(ssl));
	if (!leaf_sha1(ssl, sha1))
		return false;
	hex_put(f->cert_sha1, sha1, sizeof(sha1));
	EVP_EncodeBlock((unsigned char *)f->cert_hash, sha1, sizeof(sha1));
	return true;
}

bool
tls_pin_ok(SSL *ssl, const struct options *o)
{
	uint8_t sha1[20];
	unsigned i;

	if (o->pin_count == 0)
		return true;
	if (!leaf_sha1(ssl, sha1))
		return false;
	for (i = 0; i < o->pin_count; i++)
		if (memcmp(o->pins[i], sha1, sizeof(sha1)) == 0)
			return true;
	return false;
}

bool
tls_host_ok(SSL *ssl, const char *host)
{
	X509 *leaf = SSL_get0_peer_certificate(ssl);
	unsigned flags = X509_CHECK_FLAG_NO_WILDCARDS | X509_CHECK_FLAG_ALWAYS_CHECK_SUBJECT;

	if (leaf == NULL)
		return false;
	return X509_check_host(leaf, host, 0, flags, NULL) == 1 || X509_check_ip_asc(leaf, host, 0) == 1;
}

static bool
suite_is_ec(const char *name)
{
	return strncmp(name, "EC", 2) == 0 || strncmp(name, "TLS_", 4) == 0;
}

void
tls_narrow(char *out, size_t cap, const char *ciphers, const char *login_cipher)
{
	size_t at = 0, len;
	const char *p;

	out[0] = '\0';
	if (!suite_is_ec(login_cipher) && login_cipher[0]) {
		for (p = ciphers; *p; p += len + (p[len] == ':')) {
			len = strcspn(p, ":");
			if (!suite_is_ec(p) && at + len + 2 < cap)
				at += (size_t)snprintf(out + at, cap - at, "%s%.*s", at ? ":" : "", (int)len, p);
		}
	}
	if (at == 0)
		text_set(out, cap, ciphers);
}

void
tls_error_text(SSL *ssl, int ret, char *out, size_t cap)
{
	int code = SSL_get_error(ssl, ret), saved = errno;
	unsigned long e = ERR_peek_error();

	if (code == SSL_ERROR_ZERO_RETURN)
		text_set(out, cap, "closed with TLS close_notify");
	else if (e != 0 && ERR_GET_REASON(e) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
		text_set(out, cap, "TCP closed without close_notify");
	else if (e != 0)
		ERR_error_string_n(e, out, cap);
	else if (code == SSL_ERROR_SYSCALL && saved != 0)
		text_set(out, cap, strerror(saved));
	else
		text_set(out, cap, "closed");
	ERR_clear_error();
}
