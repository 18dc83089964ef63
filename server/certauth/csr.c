/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests to CAs that wait for their certificates; nothing in them is secret. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/err.h"
#include "common/log.h"
#include "common/mem.h"
#include "server/certauth/files.h"
#include "server/certauth/store.h"
#include "server/certauth/text.h"

#define CSR_PREFIX "request-"
#define CSR_LABEL  "CERTIFICATE REQUEST"

struct csr *
store_csr(struct store *st, const char *trustpoint)
{
	for (struct csr *c = st->csrs; c != NULL; c = c->next) {
		if (strcmp(c->trustpoint, trustpoint) == 0)
			return c;
	}
	return NULL;
}

static void
csr_unlink(struct store *st, const char *trustpoint)
{
	for (struct csr **at = &st->csrs; *at != NULL; at = &(*at)->next) {
		struct csr *c = *at;

		if (strcmp(c->trustpoint, trustpoint) != 0)
			continue;
		*at = c->next;
		gnutls_free(c->der.data);
		free(c->trustpoint);
		free(c);
		return;
	}
}

/* Takes der over. */
static void
csr_link(struct store *st, const char *trustpoint, gnutls_datum_t der)
{
	struct csr *c = xcalloc(1, sizeof(*c));

	csr_unlink(st, trustpoint);
	c->trustpoint = xstrdup(trustpoint);
	c->der = der;
	c->next = st->csrs;
	st->csrs = c;
}

int
store_csr_put(struct store *st, const char *trustpoint, const gnutls_datum_t *der)
{
	char file[FILES_NAME_SIZE];
	struct text text = { 0 };
	int r = text_add_pem(&text, CSR_LABEL, der);

	if (r == 0) {
		files_name(CSR_PREFIX, trustpoint, file);
		r = files_write(st->dir_fd, file, text.data, text.len);
	}
	text_free(&text);
	if (r == 0)
		csr_link(st, trustpoint, datum_copy(der));
	return r;
}

int
store_csr_remove(struct store *st, const char *trustpoint)
{
	char file[FILES_NAME_SIZE];

	if (store_csr(st, trustpoint) == NULL)
		return ERR_NOT_FOUND;
	files_name(CSR_PREFIX, trustpoint, file);
	unlinkat(st->dir_fd, file, 0);
	csr_unlink(st, trustpoint);
	return 0;
}

static void
csr_file(void *ctx, const char *file, const char *trustpoint)
{
	struct store *st = ctx;
	gnutls_datum_t text = { 0 }, der;

	if (files_read(st->dir_fd, file, &text) == 0 && gnutls_pem_base64_decode2(CSR_LABEL, &text, &der) == 0)
		csr_link(st, trustpoint, der);
	else
		log_err("certificate request of trustpoint %s: %s cannot be read", trustpoint, file);
	files_text_free(&text);
}

void
store_csrs_load(struct store *st)
{
	files_each(st->dir_fd, CSR_PREFIX, csr_file, st);
}

void
store_csrs_forget(struct store *st)
{
	while (st->csrs != NULL)
		csr_unlink(st, st->csrs->trustpoint);
}
