/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The CRLs that we have, by the URL or file they came from. A CRL is read once:
 * its serial numbers are kept sorted; its signature is verified when the first
 * certificate is checked against it.
 */
#ifndef OFFHOOK_CRL_H
#define OFFHOOK_CRL_H

#include <gnutls/x509.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define CRL_BYTES_MAX   (32u * 1024 * 1024)
#define CRL_ENTRIES_MAX 1000000u

struct crl {
	struct crl *next; /* of the same source */
	gnutls_datum_t der;
	uint8_t *issuer;  /* DER of the name */
	size_t issuer_len;
	char *issuer_text;
	time_t this_update, next_update; /* next_update 0: none said */
	uint8_t *serials; /* each behind its length byte, padded to serial_size */
	size_t count, serial_size;
	bool users_only, cas_only; /* issuing distribution point */
	uint8_t verified[32];      /* SHA-256 of the issuer's certificate that its signature was verified with */
	bool has_verified;
};

struct crl_source {
	struct crl_source *next;
	char *url;
	struct crl *crls;
	time_t fetched;
};

/*
 * Read all CRLs of a file or answer: DER, or PEM with one or more. What cannot
 * be read is left out, *why says the last reason; *too_many how many entries it
 * has, if that is the reason, else 0. NULL: none was readable.
 */
struct crl *crls_read(const uint8_t *data, size_t len, char *why, size_t why_size, size_t *too_many);
void crls_free(struct crl *);

/* Put them in the place of what the URL gave before. Takes crls; NULL removes. */
struct crl_source *crl_source_set(const char *url, struct crl *crls);
struct crl_source *crl_source_find(const char *url);
struct crl_source *crl_source_first(void);

enum crl_state { CRL_GOOD, CRL_REVOKED, CRL_NONE /* of this issuer, or not usable */ };

/*
 * Is crt on a CRL of this source? now_required: a CRL past its next update, or
 * without one, does not count ("enforcenextupdate"). *why is set for CRL_NONE.
 */
enum crl_state crl_check(struct crl_source *, gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer, bool now_required,
    const char **why);

#endif
