/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef LOAD_ISSUER_H
#define LOAD_ISSUER_H

#include <stddef.h>

#include "tests/phone/identity.h"

/* A CA that makes the certificate of each session; all share one key. */
struct issuer {
	struct identity ca;
	EVP_PKEY *key;
};

/* Returns 0, or -1 and a text in err. */
int issuer_load(struct issuer *i, const char *ca_file, const char *ca_key_file, const char *key_file, char *err,
    size_t err_cap);
/* Of phone n: CN=CP-8841-SEP and 12 hex digits. Returns 0 or -1. Free with identity_clear. */
int issuer_make(const struct issuer *i, unsigned n, struct identity *id);

#endif
