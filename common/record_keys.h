/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a worker tells the forwarder when a DTLS handshake is done, so that the
 * forwarder seals and opens its records of application data (protocol.md 6.6).
 */
#ifndef OFFHOOK_RECORD_KEYS_H
#define OFFHOOK_RECORD_KEYS_H

#include <stdint.h>

#include "common/buf.h"

enum record_cipher {
	RECORD_AES128_CBC_SHA1 = 1,
	RECORD_AES256_CBC_SHA1,
	RECORD_AES128_GCM,
	RECORD_AES256_GCM,
	RECORD_CHACHA20_POLY1305,
	RECORD_CIPHERS
};

#define RECORD_MAC_BYTES 20
#define RECORD_KEY_BYTES 32
#define RECORD_IV_BYTES  12

struct record_shape {
	uint8_t mac_bytes, key_bytes, iv_bytes; /* as gnutls_record_get_state() gives them; the IV of CBC is not used */
};

extern const struct record_shape record_shapes[RECORD_CIPHERS];

struct record_side {
	uint8_t mac[RECORD_MAC_BYTES], key[RECORD_KEY_BYTES], iv[RECORD_IV_BYTES];
	uint64_t next; /* epoch (16 bits) and number of the next record */
};

struct record_keys {
	enum record_cipher cipher;
	uint16_t version; /* as records have it: 0x0100, 0xFEFF, 0xFEFD */
	struct record_side rx, tx; /* from and to the client */
};

#define RECORD_KEYS_MAX (3 + 2 * (RECORD_MAC_BYTES + RECORD_KEY_BYTES + RECORD_IV_BYTES + 8))

void record_keys_put(const struct record_keys *keys, struct wr *w);
/* 0, or ERR_BAD_MESSAGE; the caller wipes *keys when it has done with them. */
int record_keys_get(struct rd *r, struct record_keys *keys);

#endif
