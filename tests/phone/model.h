/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PHONE_MODEL_H
#define PHONE_MODEL_H

#include <stdbool.h>
#include <stdio.h>

/*
 * What one phone model says and wants. Cipher lists are in OpenSSL's
 * spelling; NULL means that the header is not sent.
 */
struct model {
	const char *name;
	int tls_max;			/* TLS1_VERSION ... */
	const char *ciphers;		/* TLS, in order of preference */
	const char *dtls_ciphers;	/* X-DTLS-CipherSuite (DTLS 0.9) */
	const char *dtls12_ciphers;	/* X-DTLS12-CipherSuite */
	bool old_firmware;		/* DTLS only with the suite that TLS has */
	bool narrows;			/* offers only non-EC suites for CONNECT when login got one */
	const char *about;
};

const struct model *model_find(const char *name);	/* NULL: no such model */
void model_print_all(FILE *out);

#endif
