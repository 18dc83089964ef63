/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One question: are the certificates of this path revoked? Each below the CA is
 * put to the trustpoint's methods in order; the first that has an answer decides
 * (asa-reference 4.3).
 */
#ifndef OFFHOOK_CHECK_H
#define OFFHOOK_CHECK_H

#include "common/ipc.h"

struct revoke_settings { /* strings are copied */
	const char *trustpoint;
	struct ipc_blob methods;
	uint32_t flags; /* TP_ bits */
	const char *ocsp_url;
	uint8_t crl_policy;
	uint32_t crl_cache_s;
	const char *crl_urls; /* one per line */
	/* for the leaf only, which a certificate map fits; NULL or "": none */
	const char *leaf_ocsp_url, *leaf_crl_url;
	struct ipc_blob ocsp_signer;
};

/* What happens on the way: messages of the ASA's catalogue, and CRLs that came or went. */
struct check_events {
	void (*log)(unsigned number, const char *arg1, const char *arg2, const char *arg3);
	void (*crl_changed)(const char *url, const char *trustpoint);
};

void check_init(const struct check_events *events);

/* The path: leaf first, the CA last. done is called once, perhaps before this returns. */
void check_start(const struct revoke_settings *, const struct ipc_blob *path,
    void (*done)(void *ctx, enum revoke_verdict verdict, const char *text), void *ctx);

/* Get the CRLs of the trustpoint's CA now. done: text "" when all came. */
void check_fetch_crls(const struct revoke_settings *, const struct ipc_blob *ca,
    void (*done)(void *ctx, const char *text), void *ctx);

#endif
