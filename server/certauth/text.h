/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text of a file while it is put together or read: PEM of keys and certificates; wiped. */
#ifndef OFFHOOK_TEXT_H
#define OFFHOOK_TEXT_H

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stddef.h>

struct text { /* grows; starts as { 0 } */
	char *data;
	size_t len, room;
};

void text_add(struct text *t, const void *data, size_t len);
int text_add_key(struct text *t, gnutls_x509_privkey_t key);                             /* 0, ERR_KEY */
int text_add_pem(struct text *t, const char *label, const gnutls_datum_t *der); /* 0, ERR_NOMEM */
void text_free(struct text *t);

/* The key of a text, for gnutls_x509_privkey_deinit(). 0, ERR_KEY. */
int text_get_key(const gnutls_datum_t *text, gnutls_x509_privkey_t *key);

/* Copies, as GnuTLS frees them. key_copy() gives NULL without memory. */
gnutls_datum_t datum_copy(const gnutls_datum_t *from);
gnutls_x509_privkey_t key_copy(gnutls_x509_privkey_t key);

#endif
