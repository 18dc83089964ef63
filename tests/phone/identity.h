/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PHONE_IDENTITY_H
#define PHONE_IDENTITY_H

#include <stddef.h>
#include <openssl/x509.h>

/* What a phone proves itself with: MIC or LSC. Owned by whoever loaded it. */
struct identity {
	X509 *cert;
	EVP_PKEY *key;
	STACK_OF(X509) *chain;	/* after the leaf; may be empty */
};

/* Read both files. Returns 0, or -1 and a text in err. */
int identity_load(struct identity *id, const char *cert_file, const char *key_file, char *err, size_t err_cap);
void identity_clear(struct identity *id);

/*
 * The device name: SEP + last 12 characters of the CN, or for lack of a
 * certificate SEP + the number in 12 digits. name has room for 16.
 */
void identity_name(const struct identity *id, unsigned number, char *name, size_t cap);

#endif
