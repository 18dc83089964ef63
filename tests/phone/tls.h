/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PHONE_TLS_H
#define PHONE_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <openssl/ssl.h>

#include "identity.h"
#include "options.h"
#include "report.h"

/* The contexts that all phones share. */
struct tls_contexts {
	SSL_CTX *tls, *dtls09, *dtls12;
};

/* Returns 0, or -1 and a text in err (a cipher list OpenSSL refuses). */
int tls_contexts_new(struct tls_contexts *t, const struct options *o, char *err, size_t err_cap);
void tls_contexts_free(struct tls_contexts *t);

/* An SSL for one TCP connection: cipher list and identity of this phone. NULL on error. */
SSL *tls_new(const struct tls_contexts *t, const struct options *o, const struct identity *id, const char *ciphers);

/* Fill version, cipher and certificate hashes. Returns false when the server sent no certificate. */
bool tls_facts(SSL *ssl, struct facts *f);

/* Is the leaf one of the pinned? True when nothing is pinned. */
bool tls_pin_ok(SSL *ssl, const struct options *o);

/* Is host CN or SAN of the leaf? No wildcards, as the phones. */
bool tls_host_ok(SSL *ssl, const char *host);

/*
 * What the phone offers on its tunnel connection: after a login with a suite
 * without EC only such suites, else the whole list.
 */
void tls_narrow(char *out, size_t cap, const char *ciphers, const char *login_cipher);

/* One line on why an SSL call returned ret; empties the error queue. */
void tls_error_text(SSL *ssl, int ret, char *out, size_t cap);

#endif
