/* SPDX-License-Identifier: GPL-2.0-or-later */
/* crypto ca certificate map: which tunnel-group a client's certificate leads to (asa-reference 1.9). */
#ifndef OFFHOOK_CERT_MAP_H
#define OFFHOOK_CERT_MAP_H

#include <gnutls/x509.h>

#include "server/certauth/policy.h"

/* The OID that an attribute's name stands for ("cn", any case); the name itself when it is none of ours. */
const char *cert_attr_oid(const char *name);

/* The tunnel-group of the first group map whose rules all hold; NULL when none does. */
const char *cert_map_find(const struct auth_policy *p, gnutls_x509_crt_t crt);

/* Do all rules of one of the maps of this name hold? */
bool cert_map_fits(const struct auth_policy *p, const char *name, gnutls_x509_crt_t crt);

/* What the trustpoint excepts this certificate from; NULL: nothing of this kind. */
const struct auth_exception *cert_exception(const struct auth_policy *p, const struct auth_trustpoint *tp,
    enum cert_exception kind, gnutls_x509_crt_t crt);

#endif
