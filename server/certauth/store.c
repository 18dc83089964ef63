/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/certauth/store.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/err.h"
#include "common/log.h"
#include "common/mem.h"

#define FILE_PREFIX "identity-"
#define FILE_SUFFIX ".pem"
#define FILE_BYTES_MAX (256 * 1024)
#define NAME_BYTES_MAX 512

/* A trustpoint's name may hold any character; a file's name here holds letters, digits, '-' and '_' and %XX. */
static void
file_name(const char *trustpoint, char *out)
{
	char *p = out + sprintf(out, FILE_PREFIX);

	for (; *trustpoint != '\0' && p < out + NAME_BYTES_MAX - 16; trustpoint++) {
		unsigned char c = (unsigned char)*trustpoint;

		if (isalnum(c) || c == '-' || c == '_')
			*p++ = (char)c;
		else
			p += sprintf(p, "%%%02X", c);
	}
	strcpy(p, FILE_SUFFIX);
}

/* The trustpoint of a file name, to be freed; NULL when it is no identity's. */
static char *
file_trustpoint(const char *name)
{
	size_t len = strlen(name), head = strlen(FILE_PREFIX), tail = strlen(FILE_SUFFIX);
	char *out, *p;

	if (len <= head + tail || strncmp(name, FILE_PREFIX, head) != 0 || strcmp(name + len - tail, FILE_SUFFIX) != 0)
		return NULL;
	p = out = xmalloc(len);
	for (const char *s = name + head; s < name + len - tail; s++) {
		uint8_t byte;

		if (*s == '%' && hex_get(s + 1, 2, &byte, 1)) {
			*p++ = (char)byte;
			s += 2;
		} else {
			*p++ = *s;
		}
	}
	*p = '\0';
	return out;
}

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
	for (unsigned i = 0; i < count; i++) {
		gnutls_datum_t *d = &id->chain[i];

		d->data = gnutls_malloc(chain[i].size);
		if (d->data == NULL)
			abort();
		memcpy(d->data, chain[i].data, chain[i].size);
		d->size = chain[i].size;
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
file_parse(struct store *st, const char *trustpoint, const gnutls_datum_t *text)
{
	gnutls_datum_t chain[STORE_CHAIN_MAX];
	gnutls_x509_privkey_t key;
	struct identity *id;
	unsigned count = 0;
	int r;

	if (gnutls_x509_privkey_init(&key) != 0)
		return ERR_NOMEM;
	if (gnutls_x509_privkey_import2(key, text, GNUTLS_X509_FMT_PEM, NULL, 0) != 0) {
		gnutls_x509_privkey_deinit(key);
		return ERR_KEY;
	}
	r = chain_load(text, chain, &count);
	if (r != 0) {
		gnutls_x509_privkey_deinit(key);
	} else if ((id = identity_new(trustpoint, key, chain, count)) == NULL) {
		r = ERR_KEY;
	} else {
		store_link(st, id);
	}
	for (unsigned i = 0; i < count; i++)
		gnutls_free(chain[i].data);
	return r;
}

static int
file_load(struct store *st, const char *name, const char *trustpoint)
{
	int fd = openat(st->dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	gnutls_datum_t text = { .data = xmalloc(FILE_BYTES_MAX + 1) };
	ssize_t n;
	int r = ERR_SYSTEM;

	if (fd >= 0 && (n = read(fd, text.data, FILE_BYTES_MAX)) > 0) {
		text.data[n] = '\0';
		text.size = (unsigned)n;
		r = file_parse(st, trustpoint, &text);
		explicit_bzero(text.data, (size_t)n);
	}
	if (fd >= 0)
		close(fd);
	free(text.data);
	return r;
}

int
store_open(struct store *st, const char *dir)
{
	struct dirent *e;
	DIR *d;

	st->first = NULL;
	st->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (st->dir_fd < 0 || (d = fdopendir(dup(st->dir_fd))) == NULL)
		return ERR_SYSTEM;
	while ((e = readdir(d)) != NULL) {
		char *trustpoint = file_trustpoint(e->d_name);
		int r;

		if (trustpoint == NULL)
			continue;
		if ((r = file_load(st, e->d_name, trustpoint)) != 0)
			log_err("identity of trustpoint %s: %s: %s", trustpoint, e->d_name, err_str(r));
		free(trustpoint);
	}
	closedir(d);
	return 0;
}

static int
write_all(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return ERR_SYSTEM;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static int
pem_write(int fd, gnutls_x509_privkey_t key, const gnutls_datum_t *chain, unsigned count)
{
	gnutls_datum_t text;
	int r;

	if (gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN, &text) != 0)
		return ERR_KEY;
	r = write_all(fd, text.data, text.size);
	explicit_bzero(text.data, text.size);
	gnutls_free(text.data);
	for (unsigned i = 0; i < count && r == 0; i++) {
		if (gnutls_pem_base64_encode2("CERTIFICATE", &chain[i], &text) != 0)
			return ERR_NOMEM;
		r = write_all(fd, text.data, text.size);
		gnutls_free(text.data);
	}
	return r == 0 && fsync(fd) != 0 ? ERR_SYSTEM : r;
}

static int
file_save(struct store *st, const char *trustpoint, gnutls_x509_privkey_t key, const gnutls_datum_t *chain, unsigned count)
{
	static const char temporary[] = "new-identity";
	char name[NAME_BYTES_MAX];
	int fd, r;

	file_name(trustpoint, name);
	unlinkat(st->dir_fd, temporary, 0);
	fd = openat(st->dir_fd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return ERR_SYSTEM;
	r = pem_write(fd, key, chain, count);
	close(fd);
	if (r == 0 && renameat(st->dir_fd, temporary, st->dir_fd, name) != 0)
		r = ERR_SYSTEM;
	if (r != 0)
		unlinkat(st->dir_fd, temporary, 0);
	else
		fsync(st->dir_fd);
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
	if (gnutls_x509_privkey_init(&copy) != 0)
		return ERR_NOMEM;
	if (gnutls_x509_privkey_cpy(copy, key) != 0) {
		gnutls_x509_privkey_deinit(copy);
		return ERR_KEY;
	}
	if ((id = identity_new(trustpoint, copy, chain, count)) == NULL)
		return ERR_KEY;
	if ((r = file_save(st, trustpoint, key, chain, count)) != 0) {
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
	char name[NAME_BYTES_MAX];

	if (id == NULL)
		return ERR_NOT_FOUND;
	file_name(trustpoint, name);
	unlinkat(st->dir_fd, name, 0);
	fsync(st->dir_fd);
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
