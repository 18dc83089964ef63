/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/main/pem.h"

#include <ctype.h>
#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "common/mem.h"

#define BEGIN "-----BEGIN "
#define END   "-----END "
#define DASHES "-----"

/* The base64 characters of [text, end) without what stands between them; NULL: something else is there. */
static char *
squeeze(const char *text, const char *end, size_t *len)
{
	char *out = xmalloc((size_t)(end - text) + 1);

	*len = 0;
	for (; text < end; text++) {
		if (isspace((unsigned char)*text))
			continue;
		if (*text == '\0' || (!isalnum((unsigned char)*text) && strchr("+/=", *text) == NULL)) {
			explicit_bzero(out, *len);
			free(out);
			return NULL;
		}
		out[(*len)++] = *text;
	}
	out[*len] = '\0';
	return out;
}

static int
base64_get(const char *text, const char *end, unsigned char **out, size_t *out_len)
{
	gnutls_datum_t in, decoded;
	char *base64;
	size_t n;
	int r;

	base64 = squeeze(text, end, &n);
	if (base64 == NULL || n == 0) {
		free(base64);
		return ERR_INVALID;
	}
	in = (gnutls_datum_t){ (unsigned char *)base64, (unsigned)n };
	r = gnutls_base64_decode2(&in, &decoded);
	explicit_bzero(base64, n);
	free(base64);
	if (r < 0)
		return ERR_INVALID;
	if (decoded.size == 0) {
		gnutls_free(decoded.data);
		return ERR_INVALID;
	}
	*out = xmalloc(decoded.size);
	memcpy(*out, decoded.data, decoded.size);
	*out_len = decoded.size;
	explicit_bzero(decoded.data, decoded.size);
	gnutls_free(decoded.data);
	return 0;
}

struct block { /* an armoured one */
	const char *label, *label_end; /* "CERTIFICATE" */
	const char *body, *body_end;
	const char *next;              /* behind its last line */
};

enum found { FOUND, NONE, BROKEN };

static const char *
find(const char *from, const char *end, const char *what)
{
	return from == NULL ? NULL : memmem(from, (size_t)(end - from), what, strlen(what));
}

static enum found
block_next(const char *at, const char *end, struct block *b)
{
	const char *begin = find(at, end, BEGIN), *stop;

	if (begin == NULL)
		return NONE;
	b->label = begin + strlen(BEGIN);
	b->label_end = find(b->label, end, DASHES);
	if (b->label_end == NULL)
		return BROKEN;
	b->body = b->label_end + strlen(DASHES);
	b->body_end = find(b->body, end, END);
	if (b->body_end == NULL)
		return BROKEN;
	stop = find(b->body_end + strlen(END), end, DASHES);
	b->next = stop == NULL ? end : stop + strlen(DASHES);
	return FOUND;
}

int
pem_get(const char *text, size_t len, unsigned char **out, size_t *out_len)
{
	struct block b;

	switch (block_next(text, text + len, &b)) {
	case FOUND:
		return base64_get(b.body, b.body_end, out, out_len);
	case NONE:
		return base64_get(text, text + len, out, out_len);
	default:
		return ERR_INVALID;
	}
}

static bool
list_holds(const struct pem_list *list, const unsigned char *der, size_t len)
{
	for (size_t i = 0; i < list->count; i++) {
		if (list->item[i].len == len && memcmp(list->item[i].der, der, len) == 0)
			return true;
	}
	return false;
}

static int
list_add(struct pem_list *list, const char *text, const char *end, const char **why)
{
	unsigned char *der;
	size_t len;

	*why = "the text is not base64";
	if (base64_get(text, end, &der, &len) != 0)
		return ERR_INVALID;
	if (list_holds(list, der, len)) {
		free(der);
		return 0;
	}
	*why = "there are too many certificates";
	if (list->count == PEM_ITEMS_MAX) {
		free(der);
		return ERR_INVALID;
	}
	list->item[list->count].der = der;
	list->item[list->count++].len = len;
	return 0;
}

int
pem_get_all(const char *text, size_t len, struct pem_list *list, const char **why)
{
	const char *at = text, *end = text + len;
	enum found found;
	struct block b;
	int r;

	list->count = 0;
	while ((found = block_next(at, end, &b)) == FOUND) {
		*why = "there is a block that is no certificate; paste certificates only, and never a private key";
		if (memmem(b.label, (size_t)(b.label_end - b.label), "CERTIFICATE", 11) == NULL ||
		    memmem(b.label, (size_t)(b.label_end - b.label), "REQUEST", 7) != NULL)
			return ERR_INVALID;
		if ((r = list_add(list, b.body, b.body_end, why)) != 0)
			return r;
		at = b.next;
	}
	*why = "the text is cut short: a line BEGIN has no END";
	if (found == BROKEN)
		return ERR_INVALID;
	return list->count > 0 ? 0 : list_add(list, text, end, why);
}

void
pem_list_clear(struct pem_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->item[i].der);
	list->count = 0;
}

void
pem_put(const char *label, const unsigned char *der, size_t len, FILE *f)
{
	gnutls_datum_t in = { (unsigned char *)(uintptr_t)der, (unsigned)len }, out;

	if (gnutls_pem_base64_encode2(label, &in, &out) < 0)
		return;
	fwrite(out.data, 1, out.size, f);
	gnutls_free(out.data);
}
