/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DTLS records of application data without a TLS library's session: what
 * GnuTLS would send and take with the same keys (protocol.md 6.6).
 */
#ifndef OFFHOOK_RECORD_H
#define OFFHOOK_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/record_keys.h"

#define RECORD_HEAD  13    /* type, version, epoch, number, length */
#define RECORD_FRONT (13 + 16) /* most that stands before the content */
#define RECORD_EXTRA (13 + 16 + 20 + 16) /* most that a record is longer than its content */
#define RECORD_DATA  23
#define RECORD_CONTENT_MAX 16384

struct record;

/* NULL: GnuTLS refuses. The keys are copied. */
struct record *record_new(const struct record_keys *keys);
void record_free(struct record *r); /* NULL is allowed; wipes */

/*
 * Where content is best put for record_seal(): this many bytes behind the
 * start of the record.
 */
size_t record_front(const struct record *r);
/* Length of the record for so much content. */
size_t record_size(const struct record *r, size_t content);

/*
 * Seal len > 0 bytes into out, which has room for record_size(). The content
 * stands at out + record_front(), or apart from out. Returns the record's
 * length, 0 when there is no number left.
 */
size_t record_seal(struct record *r, const uint8_t *content, size_t len, uint8_t *out);

/* Epoch and number of the next record; the highest number that was opened. */
uint64_t record_tx_next(const struct record *r);
uint64_t record_rx_high(const struct record *r);

struct record_content {
	const uint8_t *data; /* in out */
	size_t len;
	bool newest; /* its number is the highest so far */
};

/*
 * Open one record of application data, len bytes with its head. out (as many
 * bytes; may be data itself) is spoilt when it does not authenticate. 0, or
 * ERR_DENIED: not of these keys, spoilt, seen before or too old.
 */
int record_open(struct record *r, const uint8_t *data, size_t len, uint8_t *out, struct record_content *content);

#endif
