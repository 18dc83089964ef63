/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as the answer of a RADIUS server: as they are, which no key fits,
 * and as the attributes of an answer whose authenticators are right.
 */
#include <gnutls/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "server/aaa/packet.h"
#include "server/aaa/reply.h"
#include "tests/fuzz/fuzz.h"

#define KEY "key"

static const uint8_t request[RADIUS_HEADER] = { ACCESS_REQUEST, 7, 0, RADIUS_HEADER, 1, 2, 3 };

static void
texts_are_clean(const struct radius_reply *r)
{
	const char *texts[] = { r->group_policy, r->filter, r->message };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		for (const char *p = texts[i]; *p != '\0'; p++) {
			if ((unsigned char)*p < ' ' || *p == 0x7f)
				abort();
		}
	}
}

/* Lengths and values fill what is kept of the Class attributes. */
static void
classes_are_whole(const struct radius_reply *r)
{
	uint32_t at = 0;

	while (at < r->class_len)
		at += 1u + r->class[at];
	if (at != r->class_len || at > sizeof(r->class))
		abort();
}

static void
answer(const uint8_t *attributes, size_t len)
{
	static uint8_t packet[RADIUS_MAX + sizeof(KEY)];
	size_t total = RADIUS_HEADER + len;
	struct radius_reply said;
	uint8_t digest[16];
	bool signed_;

	if (total > RADIUS_MAX)
		return;
	memcpy(packet, request, RADIUS_HEADER);
	packet[0] = ACCESS_ACCEPT;
	packet[2] = (uint8_t)(total >> 8);
	packet[3] = (uint8_t)total;
	memcpy(packet + RADIUS_HEADER, attributes, len);
	memcpy(packet + total, KEY, strlen(KEY));
	gnutls_hash_fast(GNUTLS_DIG_MD5, packet, total + strlen(KEY), digest);
	memcpy(packet + 4, digest, sizeof(digest));
	radius_reply_is(packet, total, request, KEY, &signed_);
	radius_reply_read(packet, total, &said); /* broken ones too: it must stand on its own */
	texts_are_clean(&said);
	classes_are_whole(&said);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct radius_reply said;
	bool signed_;

	if (radius_reply_is(data, size, request, KEY, &signed_))
		radius_reply_read(data, size, &said);
	answer(data, size);
	return 0;
}
