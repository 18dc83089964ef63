/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The private key operation of a TLS handshake, for a worker (protocol.md 6.3). */
#ifndef OFFHOOK_KEYOP_H
#define OFFHOOK_KEYOP_H

#include "common/ipc.h"
#include "server/certauth/store.h"

#define KEYOP_RESULT_MAX 1024

/*
 * Sign a hash or decrypt a premaster secret. Decryption always succeeds: what
 * is no valid premaster gives 48 random bytes in the same time, so that it
 * is no oracle. Returns the length in out, or an error.
 */
int keyop_run(const struct identity *id, const struct ipc_key_op *op, uint8_t out[KEYOP_RESULT_MAX]);

#endif
