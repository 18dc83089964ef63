/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The proof that a client holds the key of its certificate. A worker is not
 * believed when it says so: it hands over the handshake, which must hold the
 * ServerHello random that certauth drew for this very connection, and
 * certauth verifies the client's CertificateVerify over it (TLS 1.0 to 1.3).
 *
 * The transcript is the handshake messages in order, each as direction (1: 0
 * from us, 1 from the client), type (1), length (3), body. Pure but for the crypto.
 */
#ifndef OFFHOOK_PROOF_H
#define OFFHOOK_PROOF_H

#include <stddef.h>
#include <stdint.h>

#include "common/ipc.h"

#define HELLO_RANDOM_BYTES 32

/*
 * Check the transcript. 0, and *chain_len bytes of the client's certificates in
 * chain (length of 4 and DER, repeated; size bytes of room);
 * ERR_NOT_FOUND: the client sent no certificate; ERR_DENIED: the proof does
 * not hold, *why says what is wrong with it; chain has what certificates it
 * shows even so, for the message that names them.
 */
int proof_check(const struct ipc_blob *transcript, const uint8_t random[HELLO_RANDOM_BYTES], uint8_t *chain,
    size_t size, size_t *chain_len, const char **why);

#endif
