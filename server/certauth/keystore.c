/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Key pairs by label: crypto key generate. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "common/log.h"
#include "common/mem.h"
#include "server/certauth/files.h"
#include "server/certauth/store.h"
#include "server/certauth/text.h"

#define KEY_PREFIX "key-"
#define KEY_HEAD   "made %llu\n" /* the line before the key's PEM, seconds since 1970 */

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

static void
keypair_file(void *ctx, const char *file, const char *label)
{
	struct store *st = ctx;
	gnutls_x509_privkey_t key;
	gnutls_datum_t text = { 0 };
	unsigned long long made = 0;
	int r = files_read(st->dir_fd, file, &text);

	if (r == 0)
		r = text_get_key(&text, &key);
	if (r == 0) {
		(void)sscanf((char *)text.data, KEY_HEAD, &made);
		keypair_link(st, label, key, made);
	} else {
		log_err("key pair %s: %s: %s", label, file, err_str(r));
	}
	files_text_free(&text);
}

void
store_keypairs_load(struct store *st)
{
	files_each(st->dir_fd, KEY_PREFIX, keypair_file, st);
}

void
store_keypairs_forget(struct store *st)
{
	while (st->keypairs != NULL)
		keypair_unlink(st, st->keypairs->label);
}
