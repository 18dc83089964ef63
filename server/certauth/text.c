/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/certauth/text.h"

#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "common/mem.h"

void
text_add(struct text *t, const void *data, size_t len)
{
	if (t->len + len > t->room) {
		size_t room = (t->len + len) * 2;
		char *more = xmalloc(room);

		if (t->len > 0)
			memcpy(more, t->data, t->len);
		if (t->data != NULL)
			explicit_bzero(t->data, t->len);
		free(t->data);
		t->data = more;
		t->room = room;
	}
	memcpy(t->data + t->len, data, len);
	t->len += len;
}

void
text_free(struct text *t)
{
	if (t->data != NULL)
		explicit_bzero(t->data, t->len);
	free(t->data);
}

int
text_add_key(struct text *t, gnutls_x509_privkey_t key)
{
	gnutls_datum_t pem;

	if (gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN, &pem) != 0)
		return ERR_KEY;
	text_add(t, pem.data, pem.size);
	explicit_bzero(pem.data, pem.size);
	gnutls_free(pem.data);
	return 0;
}

int
text_add_pem(struct text *t, const char *label, const gnutls_datum_t *der)
{
	gnutls_datum_t pem;

	if (gnutls_pem_base64_encode2(label, der, &pem) != 0)
		return ERR_NOMEM;
	text_add(t, pem.data, pem.size);
	gnutls_free(pem.data);
	return 0;
}

int
text_get_key(const gnutls_datum_t *text, gnutls_x509_privkey_t *key)
{
	if (gnutls_x509_privkey_init(key) != 0)
		return ERR_NOMEM;
	if (gnutls_x509_privkey_import2(*key, text, GNUTLS_X509_FMT_PEM, NULL, 0) == 0)
		return 0;
	gnutls_x509_privkey_deinit(*key);
	return ERR_KEY;
}

gnutls_datum_t
datum_copy(const gnutls_datum_t *from)
{
	gnutls_datum_t to = { gnutls_malloc(from->size), from->size };

	if (to.data == NULL)
		abort();
	memcpy(to.data, from->data, from->size);
	return to;
}

gnutls_x509_privkey_t
key_copy(gnutls_x509_privkey_t key)
{
	gnutls_x509_privkey_t copy;

	if (gnutls_x509_privkey_init(&copy) != 0)
		return NULL;
	if (gnutls_x509_privkey_cpy(copy, key) == 0)
		return copy;
	gnutls_x509_privkey_deinit(copy);
	return NULL;
}
