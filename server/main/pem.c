/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/main/pem.h"

#include <ctype.h>
#include <gnutls/gnutls.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "common/mem.h"

/* The base64 characters of [text, end) without what stands between them; NULL: something else is there. */
static char *
squeeze(const char *text, const char *end, size_t *len)
{
	char *out = xmalloc((size_t)(end - text) + 1);

	*len = 0;
	for (; text < end; text++) {
		if (isspace((unsigned char)*text))
			continue;
		if (!isalnum((unsigned char)*text) && strchr("+/=", *text) == NULL) {
			free(out);
			return NULL;
		}
		out[(*len)++] = *text;
	}
	out[*len] = '\0';
	return out;
}

int
pem_get(const char *text, size_t len, unsigned char **out, size_t *out_len)
{
	const char *end = text + len, *begin = memmem(text, len, "-----BEGIN ", 11), *stop;
	gnutls_datum_t in, decoded;
	char *base64;
	size_t n;
	int r;

	if (begin != NULL) {
		begin = memmem(begin + 11, (size_t)(end - begin - 11), "-----", 5);
		if (begin == NULL)
			return ERR_INVALID;
		begin += 5;
		stop = memmem(begin, (size_t)(end - begin), "-----END ", 9);
		if (stop == NULL)
			return ERR_INVALID;
		text = begin;
		end = stop;
	}
	base64 = squeeze(text, end, &n);
	if (base64 == NULL || n == 0) {
		free(base64);
		return ERR_INVALID;
	}
	in = (gnutls_datum_t){ (unsigned char *)base64, (unsigned)n };
	r = gnutls_base64_decode2(&in, &decoded);
	explicit_bzero(base64, n);
	free(base64);
	if (r < 0 || decoded.size == 0)
		return ERR_INVALID;
	*out = xmalloc(decoded.size);
	memcpy(*out, decoded.data, decoded.size);
	*out_len = decoded.size;
	explicit_bzero(decoded.data, decoded.size);
	gnutls_free(decoded.data);
	return 0;
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
