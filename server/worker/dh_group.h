/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Diffie-Hellman groups of "ssl dh-group", which GnuTLS has no names for (RFC 3526). */
#ifndef OFFHOOK_DH_GROUP_H
#define OFFHOOK_DH_GROUP_H

#include <gnutls/gnutls.h>

/* group: 14 or 15. The parameters, the caller's; NULL: no memory. */
gnutls_dh_params_t dh_group_params(unsigned group);

#endif
