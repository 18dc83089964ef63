/* SPDX-License-Identifier: GPL-2.0-or-later */
/* show crypto ca certificates, trustpoints and key mypubkey; trustpoint NULL: all. */
#ifndef OFFHOOK_SHOW_CRYPTO_H
#define OFFHOOK_SHOW_CRYPTO_H

#include <stdbool.h>
#include <stdio.h>

void show_crypto_certificates(const char *trustpoint, FILE *f, bool json);
void show_crypto_trustpoints(const char *trustpoint, FILE *f, bool json);
void show_crypto_keys(bool ecdsa, FILE *f, bool json);

#endif
