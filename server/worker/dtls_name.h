/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The names that X-DTLS-CipherSuite and X-DTLS12-CipherSuite carry, and which
 * of those offered is chosen (protocol.md 3.2, 4.3). Facts and a pure decision.
 */
#ifndef OFFHOOK_DTLS_NAME_H
#define OFFHOOK_DTLS_NAME_H

#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/suite.h"

struct dtls_name { /* a row of protocol.md 3.2 */
	bool x_dtls12;             /* named in X-DTLS12-CipherSuite, else X-DTLS-CipherSuite */
	const char *name;
	uint16_t suite;            /* 0: PSK-NEGOTIATE, the handshake finds one */
	enum suite_version version; /* SUITE_DTLS10 (0.9 or 1.0 on the wire) or SUITE_DTLS12 */
	gnutls_kx_algorithm_t kx;
	gnutls_cipher_algorithm_t cipher;
	gnutls_mac_algorithm_t mac;
	const char *priority;      /* GnuTLS's, behind the version; NULL for PSK-NEGOTIATE */
	unsigned preference;
};

struct dtls_offer { /* what a client's CONNECT said and the policy allows */
	const char *x_dtls, *x_dtls12; /* colon lists, NULL absent */
	const struct suite *tls_suite; /* of this very connection */
	bool phone;
	bool has_master;               /* without it only PSK-NEGOTIATE is possible */
	struct suite_list allowed10, allowed12; /* ssl cipher dtlsv1, dtlsv1.2 */
};

/* The name to answer, or NULL for no DTLS. For phones exactly the TLS suite (protocol.md 4.3, rule 3). */
const struct dtls_name *dtls_choose(const struct dtls_offer *o);

static inline bool
dtls_name_is_psk(const struct dtls_name *n)
{
	return n->kx == GNUTLS_KX_PSK;
}

/* Is the name in such a list? Blanks and line ends separate, too (protocol.md 1.7: stray CR or LF). */
bool dtls_list_has(const char *list, const char *name);

/*
 * GnuTLS's priorities for a made-up session of this name (not PSK-NEGOTIATE) in a version of DTLS. Made once in
 * a process and kept: the spawner makes all, so that its workers, which share them, neither parse nor hold any.
 * NULL: GnuTLS knows it not.
 */
gnutls_priority_t dtls_name_priority(const struct dtls_name *n, gnutls_protocol_t version);
void dtls_names_prepare(void);

/*
 * GnuTLS's priority string for PSK-NEGOTIATE from what "ssl cipher dtlsv1.2"
 * allows, in its order. False: nothing of it works with a pre-shared key.
 */
bool dtls_psk_priority(const struct suite_list *allowed12, char *out, size_t size);

#endif
