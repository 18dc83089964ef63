/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asking the revocation helper, which fetches and reads what is not ours:
 * certauth never parses a CRL or an OCSP response. Answers come later; other
 * logins go on.
 */
#ifndef OFFHOOK_AUTH_REVOKE_H
#define OFFHOOK_AUTH_REVOKE_H

#include "common/ipc.h"
#include "server/certauth/chain.h"

struct revoke_job; /* one question under way */

/* The helper's channel; takes fd. Questions on an older one fail. */
void revoke_connect(struct ev_loop *loop, int fd);

/* Does the trustpoint of *r want revocation checked, for the certificate in it? */
bool revoke_wanted(const struct auth_policy *p, const struct chain_result *r);

/*
 * Check the path of *r. fn is called once, perhaps before this returns; then
 * NULL is returned. Else the job, for revoke_cancel().
 */
struct revoke_job *revoke_start(const struct auth_policy *p, const struct chain_result *r,
    void (*fn)(void *ctx, enum revoke_verdict verdict, const char *text), void *ctx);

/* The answer is no longer wanted. */
void revoke_cancel(struct revoke_job *job);

#endif
