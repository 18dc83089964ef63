/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a TLS ClientHello offers, read before GnuTLS acts on it (protocol.md 6.2). */
#ifndef OFFHOOK_HELLO_H
#define OFFHOOK_HELLO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/suite.h"

#define HELLO_SUITES_MAX     256
#define HELLO_EXTENSIONS_MAX 32

struct hello {
	uint16_t legacy_version;
	bool has_versions;       /* extension supported_versions */
	bool versions[SUITE_VERSIONS]; /* what it would speak, TLS rows only */
	size_t suite_count;
	uint16_t suites[HELLO_SUITES_MAX];
	size_t extension_count;
	uint16_t extensions[HELLO_EXTENSIONS_MAX]; /* their types, in order */
	char sni[256];           /* "" when absent or not a host name */
};

/* Parse the body of a ClientHello (without the handshake header). False: malformed. */
bool hello_parse(const void *body, size_t len, struct hello *out);

bool hello_offers(const struct hello *h, uint16_t suite);

/*
 * Could this be a Cisco phone: no TLS 1.3, AES-CBC-SHA with RSA offered, and
 * nothing that phones do not have (protocol.md 4.3, rule 2).
 */
bool hello_phone_like(const struct hello *h);

#endif
