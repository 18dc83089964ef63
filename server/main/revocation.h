/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * main's side of revocation checks: which trustpoints want them, the CRL files
 * that it reads for the helper (it has no files of its own), what the helper has.
 */
#ifndef OFFHOOK_REVOCATION_H
#define OFFHOOK_REVOCATION_H

#include <stdbool.h>
#include <stdint.h>

#include "common/ipc.h"
#include "server/config/model.h"

struct crl_info { /* a CRL in the helper's cache */
	struct crl_info *next;
	char *url, *issuer, *trustpoint; /* trustpoint "": from a file */
	uint64_t this_update, next_update; /* time_t, 0: none */
	uint32_t size, revoked;
};

/* Does any trustpoint of the configuration want revocation checked? */
bool revocation_wanted(const struct config *cfg);

/* TP_ bits and URLs (one per line) of a trustpoint, as messages carry them. */
uint32_t revocation_flags(const struct cfg_trustpoint *tp);
void revocation_urls(const struct cfg_trustpoint *tp, char *out, size_t size);

/* Watch the CRL files of this configuration; those that changed go to the helper. */
void revocation_configure(const struct config *cfg);

/* The helper is there (again), or gone. */
void revocation_helper_up(void);
void revocation_helper_down(void);

/* What the helper says. */
void revocation_crl(const struct ipc_revoke_crl *m);
void revocation_done(const struct ipc_revoke_done *m);

const struct crl_info *revocation_crls(void);

/* crypto ca crl request: request is request_new()'s. False: the helper does not run. */
bool revocation_fetch(const struct cfg_trustpoint *tp, uint32_t request);

#endif
