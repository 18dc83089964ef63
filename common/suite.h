/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TLS cipher suites under their OpenSSL names, as "ssl cipher" names them
 * (protocol.md 6.2), and DTLS names as clients offer them (protocol.md 3.2).
 * A table of facts; nothing here depends on a TLS library.
 */
#ifndef OFFHOOK_SUITE_H
#define OFFHOOK_SUITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum suite_version { SUITE_TLS10, SUITE_TLS11, SUITE_TLS12, SUITE_TLS13, SUITE_DTLS10, SUITE_DTLS12, SUITE_VERSIONS };

enum suite_kx { KX_RSA, KX_DHE_RSA, KX_ECDHE_RSA, KX_ECDHE_ECDSA, KX_ANY, KX_PSK };

struct suite {
	uint16_t id;               /* IANA number */
	const char *name;          /* OpenSSL spelling */
	enum suite_version since;  /* SUITE_TLS10, _TLS12 or _TLS13 */
	enum suite_kx kx;
	const char *cipher, *mac;  /* GnuTLS priority keywords */
	const char *encryption;    /* as show vpn-sessiondb names it: AES256 */
	const char *hashing;       /* SHA1 */
};

#define SUITE_LIST_MAX 40

struct suite_list {
	size_t count;
	const struct suite *suites[SUITE_LIST_MAX];
};

const struct suite *suite_by_name(const char *name); /* NULL: unknown or refused */
const struct suite *suite_by_id(uint16_t id);        /* NULL: unknown */
const struct suite *suite_at(size_t i);              /* all there are, in the server's order; NULL behind the last */
bool suite_fits(const struct suite *, enum suite_version version); /* may it be spoken in that version? */

/* A name OpenSSL knows that offhook never speaks (NULL-SHA, RC4-SHA, DES-CBC-SHA ...). */
bool suite_name_refused(const char *name);

/*
 * The suites of one "ssl cipher VERSION LEVEL [custom]" setting, in the
 * server's order: level "low|medium|fips|high|all|custom" (NULL: medium),
 * custom an OpenSSL string (suite_string.h). Suites that the version does not
 * know, unknown names and repetitions are left out.
 */
void suite_list_make(enum suite_version version, const char *level, const char *custom, struct suite_list *out);

bool suite_list_has(const struct suite_list *list, const struct suite *suite);

/* Is the list in the built-in order? If not, an operator's "custom" gave it one of its own. */
bool suite_list_in_order(const struct suite_list *list);

/* What PSK-NEGOTIATE of DTLS 1.2 may end in (no "ssl cipher" names these), by GnuTLS keywords; NULL: unknown. */
const struct suite *suite_psk(const char *cipher, const char *mac);

#endif
