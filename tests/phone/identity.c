/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The identity of a phone: certificate, chain, key, device name. */

#include "identity.h"

#include <stdio.h>
#include <string.h>
#include <openssl/err.h>
#include <openssl/pem.h>

static int
identity_error(const char *file, const char *what, char *err, size_t err_cap)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	snprintf(err, err_cap, "%s: %s: %s", file, what, reason ? reason : "cannot be read");
	ERR_clear_error();
	return -1;
}

static int
certs_load(struct identity *id, const char *file, char *err, size_t err_cap)
{
	BIO *bio = BIO_new_file(file, "r");
	X509 *more;

	if (bio == NULL)
		return identity_error(file, "certificate", err, err_cap);
	id->cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	id->chain = sk_X509_new_null();
	while (id->cert && (more = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL)
		sk_X509_push(id->chain, more);
	BIO_free(bio);
	if (id->cert == NULL)
		return identity_error(file, "certificate", err, err_cap);
	ERR_clear_error();	/* "no start line" at the end of the file */
	return 0;
}

int
identity_load(struct identity *id, const char *cert_file, const char *key_file, char *err, size_t err_cap)
{
	BIO *bio;

	*id = (struct identity){ 0 };
	if (certs_load(id, cert_file, err, err_cap) != 0)
		return -1;
	if ((bio = BIO_new_file(key_file, "r")) != NULL) {
		id->key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
		BIO_free(bio);
	}
	if (id->key == NULL)
		return identity_error(key_file, "key", err, err_cap);
	if (X509_check_private_key(id->cert, id->key) != 1)
		return identity_error(key_file, "key and certificate", err, err_cap);
	return 0;
}

void
identity_clear(struct identity *id)
{
	X509_free(id->cert);
	EVP_PKEY_free(id->key);
	sk_X509_pop_free(id->chain, X509_free);
	*id = (struct identity){ 0 };
}

void
identity_name(const struct identity *id, unsigned number, char *name, size_t cap)
{
	char cn[128] = "";
	size_t len;

	if (id->cert)
		X509_NAME_get_text_by_NID(X509_get_subject_name(id->cert), NID_commonName, cn, sizeof(cn));
	len = strlen(cn);
	if (len >= 12)
		snprintf(name, cap, "SEP%s", cn + len - 12);
	else
		snprintf(name, cap, "SEP%012u", number);
}
