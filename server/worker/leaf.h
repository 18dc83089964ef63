/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a gateway certificate says of itself. */
#ifndef OFFHOOK_LEAF_H
#define OFFHOOK_LEAF_H

#include <gnutls/abstract.h>

struct mem;
struct tls_identity;

/* Names, dates, fingerprints, and whether RSA key exchange may use it. */
void leaf_read(struct mem *mem, struct tls_identity *id, const gnutls_pcert_st *leaf);

#endif
