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

#define IDENTITY_PREFIX "identity-"
#define KEY_PREFIX      "key-"
#define CSR_PREFIX      "request-"
#define SERIAL_FILE     "last-serial"
#define KEY_HEAD        "made %llu\n" /* the line before the key's PEM, seconds since 1970 */

/* ---- text of files ---- */

struct text { /* grows, and is wiped */
	char *data;
	size_t len, room;
};

static void
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

static void
text_free(struct text *t)
{
	if (t->data != NULL)
		explicit_bzero(t->data, t->len);
	free(t->data);
}

static int
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

static int
text_add_pem(struct text *t, const char *label, const gnutls_datum_t *der)
{
	gnutls_datum_t pem;

	if (gnutls_pem_base64_encode2(label, der, &pem) != 0)
		return ERR_NOMEM;
	text_add(t, pem.data, pem.size);
	gnutls_free(pem.data);
	return 0;
}

static int
key_load(const gnutls_datum_t *text, gnutls_x509_privkey_t *key)
{
	if (gnutls_x509_privkey_init(key) != 0)
		return ERR_NOMEM;
	if (gnutls_x509_privkey_import2(*key, text, GNUTLS_X509_FMT_PEM, NULL, 0) == 0)
		return 0;
	gnutls_x509_privkey_deinit(*key);
	return ERR_KEY;
}

static gnutls_datum_t
datum_copy(const gnutls_datum_t *from)
{
	gnutls_datum_t to = { gnutls_malloc(from->size), from->size };

	if (to.data == NULL)
		abort();
	memcpy(to.data, from->data, from->size);
	return to;
}

/* ---- identities ---- */

static void
identity_free(struct identity *id)
{
	for (unsigned i = 0; i < id->chain_count; i++)
		gnutls_free(id->chain[i].data);
	if (id->key != NULL)
		gnutls_privkey_deinit(id->key);
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

	if ((r = key_load(text, &key)) != 0)
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

static gnutls_x509_privkey_t
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

/* ---- key pairs ---- */

static void
keypair_free(struct keypair *k)
{
	if (k->key != NULL)
		gnutls_x509_privkey_deinit(k->key);
	free(k->label);
	free(k);
}

struct keypair *
store_keypair(struct store *st, const char *label)
{
	for (struct keypair *k = st->keypairs; k != NULL; k = k->next) {
		if (strcmp(k->label, label) == 0)
			return k;
	}
	return NULL;
}

static void
keypair_unlink(struct store *st, const char *label)
{
	for (struct keypair **at = &st->keypairs; *at != NULL; at = &(*at)->next) {
		struct keypair *k = *at;

		if (strcmp(k->label, label) == 0) {
			*at = k->next;
			keypair_free(k);
			return;
		}
	}
}

/* Takes the key over. */
static void
keypair_link(struct store *st, const char *label, gnutls_x509_privkey_t key, uint64_t made)
{
	struct keypair *k = xcalloc(1, sizeof(*k));

	keypair_unlink(st, label);
	k->label = xstrdup(label);
	k->key = key;
	k->made = made;
	k->algo = gnutls_x509_privkey_get_pk_algorithm2(key, &k->bits);
	if (k->algo == GNUTLS_PK_ECDSA && k->bits == 528)
		k->bits = 521; /* GnuTLS counts whole bytes */
	k->next = st->keypairs;
	st->keypairs = k;
}

int
store_keypair_put(struct store *st, const char *label, gnutls_x509_privkey_t key, uint64_t made)
{
	gnutls_x509_privkey_t copy = key_copy(key);
	char file[FILES_NAME_SIZE], head[40];
	struct text text = { 0 };
	int r;

	if (copy == NULL)
		return ERR_KEY;
	snprintf(head, sizeof(head), KEY_HEAD, (unsigned long long)made);
	text_add(&text, head, strlen(head));
	if ((r = text_add_key(&text, key)) == 0) {
		files_name(KEY_PREFIX, label, file);
		r = files_write(st->dir_fd, file, text.data, text.len);
	}
	text_free(&text);
	if (r == 0)
		keypair_link(st, label, copy, made);
	else
		gnutls_x509_privkey_deinit(copy);
	return r;
}

int
store_keypair_remove(struct store *st, const char *label)
{
	char file[FILES_NAME_SIZE];

	if (store_keypair(st, label) == NULL)
		return ERR_NOT_FOUND;
	files_name(KEY_PREFIX, label, file);
	files_wipe(st->dir_fd, file);
	keypair_unlink(st, label);
	return 0;
}

/* ---- requests to CAs ---- */

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
	int r = text_add_pem(&text, "CERTIFICATE REQUEST", der);

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

static void
keypair_file(void *ctx, const char *file, const char *label)
{
	struct store *st = ctx;
	gnutls_x509_privkey_t key;
	gnutls_datum_t text = { 0 };
	unsigned long long made = 0;
	int r = files_read(st->dir_fd, file, &text);

	if (r == 0)
		r = key_load(&text, &key);
	if (r == 0) {
		(void)sscanf((char *)text.data, KEY_HEAD, &made);
		keypair_link(st, label, key, made);
	} else {
		log_err("key pair %s: %s: %s", label, file, err_str(r));
	}
	files_text_free(&text);
}

static void
csr_file(void *ctx, const char *file, const char *trustpoint)
{
	struct store *st = ctx;
	gnutls_datum_t text = { 0 }, der;

	if (files_read(st->dir_fd, file, &text) == 0 && gnutls_pem_base64_decode2("CERTIFICATE REQUEST", &text, &der) == 0)
		csr_link(st, trustpoint, der);
	else
		log_err("certificate request of trustpoint %s: %s cannot be read", trustpoint, file);
	files_text_free(&text);
}

int
store_open(struct store *st, const char *dir)
{
	*st = (struct store){ .dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
	if (st->dir_fd < 0 || files_each(st->dir_fd, IDENTITY_PREFIX, identity_file, st) != 0)
		return ERR_SYSTEM;
	files_each(st->dir_fd, KEY_PREFIX, keypair_file, st);
	files_each(st->dir_fd, CSR_PREFIX, csr_file, st);
	return 0;
}

void
store_close(struct store *st)
{
	while (st->first != NULL)
		store_unlink(st, st->first);
	while (st->keypairs != NULL)
		keypair_unlink(st, st->keypairs->label);
	while (st->csrs != NULL)
		csr_unlink(st, st->csrs->trustpoint);
	close(st->dir_fd);
}
