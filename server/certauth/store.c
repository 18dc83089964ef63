/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/certauth/store.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/err.h"
#include "common/log.h"
#include "common/mem.h"
#include "server/certauth/files.h"
#include "server/certauth/rsa.h"
#include "server/certauth/text.h"

#define IDENTITY_PREFIX "identity-"
#define SERIAL_FILE     "last-serial"

static void
identity_free(struct identity *id)
{
	for (unsigned i = 0; i < id->chain_count; i++)
		gnutls_free(id->chain[i].data);
	if (id->key != NULL)
		gnutls_privkey_deinit(id->key);
	rsa_key_free(id->rsa);
	free(id->trustpoint);
	free(id);
}

struct identity *
store_find(struct store *st, const char *trustpoint)
{
	for (struct identity *id = st->first; id != NULL; id = id->next) {
		if (strcmp(id->trustpoint, trustpoint) == 0)
			return id;
	}
	return NULL;
}

static void
store_unlink(struct store *st, struct identity *id)
{
	for (struct identity **at = &st->first; *at != NULL; at = &(*at)->next) {
		if (*at == id) {
			*at = id->next;
			identity_free(id);
			return;
		}
	}
}

static void
store_link(struct store *st, struct identity *id)
{
	struct identity *old = store_find(st, id->trustpoint);

	if (old != NULL)
		store_unlink(st, old);
	id->next = st->first;
	st->first = id;
}

/* Takes the key over, also on error. */
static struct identity *
identity_new(const char *trustpoint, gnutls_x509_privkey_t key, const gnutls_datum_t *chain, unsigned count)
{
	struct identity *id = xcalloc(1, sizeof(*id));
	unsigned bits = 0;

	id->trustpoint = xstrdup(trustpoint);
	if (gnutls_privkey_init(&id->key) != 0 ||
	    gnutls_privkey_import_x509(id->key, key, GNUTLS_PRIVKEY_IMPORT_AUTO_RELEASE) != 0) {
		gnutls_x509_privkey_deinit(key);
		identity_free(id);
		return NULL;
	}
	id->key_algo = gnutls_privkey_get_pk_algorithm(id->key, &bits);
	id->key_bits = bits;
	if (id->key_algo == GNUTLS_PK_RSA && (id->rsa = rsa_key_new(id->key)) == NULL) {
		identity_free(id);
		return NULL;
	}
	while (id->chain_count < count) {
		id->chain[id->chain_count] = datum_copy(&chain[id->chain_count]);
		id->chain_count++;
	}
	return id;
}

static int
chain_load(const gnutls_datum_t *text, gnutls_datum_t *chain, unsigned *count)
{
	gnutls_x509_crt_t *crts;
	unsigned n;
	int r = 0;

	if (gnutls_x509_crt_list_import2(&crts, &n, text, GNUTLS_X509_FMT_PEM, 0) < 0)
		return ERR_CERTIFICATE;
	*count = 0;
	for (unsigned i = 0; i < n; i++) {
		if (r == 0 && (i >= STORE_CHAIN_MAX || gnutls_x509_crt_export2(crts[i], GNUTLS_X509_FMT_DER, &chain[i]) != 0))
			r = ERR_CERTIFICATE;
		else if (r == 0)
			(*count)++;
		gnutls_x509_crt_deinit(crts[i]);
	}
	gnutls_free(crts);
	return r;
}

static int
identity_parse(struct store *st, const char *trustpoint, const gnutls_datum_t *text)
{
	gnutls_datum_t chain[STORE_CHAIN_MAX];
	gnutls_x509_privkey_t key;
	struct identity *id;
	unsigned count = 0;
	int r;

	if ((r = text_get_key(text, &key)) != 0)
		return r;
	r = chain_load(text, chain, &count);
	if (r != 0)
		gnutls_x509_privkey_deinit(key);
	else if ((id = identity_new(trustpoint, key, chain, count)) == NULL)
		r = ERR_KEY;
	else
		store_link(st, id);
	for (unsigned i = 0; i < count; i++)
		gnutls_free(chain[i].data);
	return r;
}

static int
identity_save(struct store *st, const char *trustpoint, gnutls_x509_privkey_t key, const gnutls_datum_t *chain, unsigned count)
{
	char file[FILES_NAME_SIZE];
	struct text text = { 0 };
	int r = text_add_key(&text, key);

	for (unsigned i = 0; i < count && r == 0; i++)
		r = text_add_pem(&text, "CERTIFICATE", &chain[i]);
	if (r == 0) {
		files_name(IDENTITY_PREFIX, trustpoint, file);
		r = files_write(st->dir_fd, file, text.data, text.len);
	}
	text_free(&text);
	return r;
}

int
store_put(struct store *st, const char *trustpoint, gnutls_x509_privkey_t key,
    const gnutls_datum_t *chain, unsigned count)
{
	gnutls_x509_privkey_t copy;
	struct identity *id;
	int r;

	if (count == 0 || count > STORE_CHAIN_MAX)
		return ERR_LONG;
	if ((copy = key_copy(key)) == NULL || (id = identity_new(trustpoint, copy, chain, count)) == NULL)
		return ERR_KEY;
	if ((r = identity_save(st, trustpoint, key, chain, count)) != 0) {
		identity_free(id);
		return r;
	}
	store_link(st, id);
	return 0;
}

int
store_remove(struct store *st, const char *trustpoint)
{
	struct identity *id = store_find(st, trustpoint);
	char file[FILES_NAME_SIZE];

	if (id == NULL)
		return ERR_NOT_FOUND;
	files_name(IDENTITY_PREFIX, trustpoint, file);
	files_wipe(st->dir_fd, file);
	store_unlink(st, id);
	return 0;
}

size_t
identity_chain_put(const struct identity *id, void *out, size_t size)
{
	struct wr w = wr_init(out, size);

	for (unsigned i = 0; i < id->chain_count; i++) {
		wr_u32(&w, id->chain[i].size);
		wr_bytes(&w, id->chain[i].data, id->chain[i].size);
	}
	return w.bad ? 0 : (size_t)(w.p - (uint8_t *)out);
}

gnutls_x509_privkey_t
identity_key_copy(const struct identity *id)
{
	gnutls_x509_privkey_t key;

	return gnutls_privkey_export_x509(id->key, &key) == 0 ? key : NULL;
}

/* ---- does a key belong to something ---- */

#define KEY_ID_BYTES 32

static bool
key_id(gnutls_x509_privkey_t key, uint8_t out[KEY_ID_BYTES])
{
	size_t size = KEY_ID_BYTES;

	return gnutls_x509_privkey_get_key_id(key, GNUTLS_KEYID_USE_SHA256, out, &size) == 0;
}

bool
key_fits_certificate(gnutls_x509_privkey_t key, const gnutls_datum_t *der)
{
	uint8_t a[KEY_ID_BYTES], b[KEY_ID_BYTES];
	size_t size = sizeof(b);
	gnutls_x509_crt_t crt;
	bool ok;

	if (gnutls_x509_crt_init(&crt) != 0)
		return false;
	ok = gnutls_x509_crt_import(crt, der, GNUTLS_X509_FMT_DER) == 0 && key_id(key, a) &&
	    gnutls_x509_crt_get_key_id(crt, GNUTLS_KEYID_USE_SHA256, b, &size) == 0 && memcmp(a, b, sizeof(a)) == 0;
	gnutls_x509_crt_deinit(crt);
	return ok;
}

bool
key_is_of_identity(gnutls_x509_privkey_t key, const struct identity *id)
{
	return key_fits_certificate(key, &id->chain[0]);
}

/* ---- serial numbers ---- */

int
store_serial_next(struct store *st, uint64_t now, uint64_t *serial)
{
	char line[32];
	gnutls_datum_t text;
	uint64_t last = 0;

	if (files_read(st->dir_fd, SERIAL_FILE, &text) == 0) {
		last = strtoull((char *)text.data, NULL, 16);
		files_text_free(&text);
	}
	*serial = now > last ? now : last + 1;
	snprintf(line, sizeof(line), "%llx\n", (unsigned long long)*serial);
	return files_write(st->dir_fd, SERIAL_FILE, line, strlen(line));
}

/* ---- at start ---- */

static void
identity_file(void *ctx, const char *file, const char *trustpoint)
{
	struct store *st = ctx;
	gnutls_datum_t text = { 0 };
	int r = files_read(st->dir_fd, file, &text);

	if (r == 0)
		r = identity_parse(st, trustpoint, &text);
	if (r != 0)
		log_err("identity of trustpoint %s: %s: %s", trustpoint, file, err_str(r));
	files_text_free(&text);
}

int
store_open(struct store *st, const char *dir)
{
	*st = (struct store){ .dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
	if (st->dir_fd < 0 || files_each(st->dir_fd, IDENTITY_PREFIX, identity_file, st) != 0)
		return ERR_SYSTEM;
	store_keypairs_load(st);
	store_csrs_load(st);
	return 0;
}

void
store_close(struct store *st)
{
	while (st->first != NULL)
		store_unlink(st, st->first);
	store_keypairs_forget(st);
	store_csrs_forget(st);
	close(st->dir_fd);
}
