/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A private key that is in certauth, as GnuTLS wants one (protocol.md 6.3). */
#ifndef OFFHOOK_TLS_KEY_H
#define OFFHOOK_TLS_KEY_H

#include <gnutls/abstract.h>

/* Behind a thousand phones at once certauth is late, not gone: as long as a client waits for a handshake. */
#define CERTAUTH_WAIT_MS 25000

struct ipc_chan;
struct tls_identity;

/* The key of an identity; it lives as long as the credentials that take it. Ends the process when out of memory. */
gnutls_privkey_t tls_key_new(struct tls_identity *id);

/* The channel to certauth that key operations of this process use (one worker, one connection). */
void tls_key_use(struct ipc_chan *certauth);

/* What version the ClientHello has, in its wire form: a premaster secret must repeat it (RFC 5246 7.4.7.1). */
void tls_key_version(unsigned wire);

#endif
