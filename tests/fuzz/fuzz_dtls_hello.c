/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The first datagram of a client as the forwarder reads it, then as its worker
 * does, who may have to deal with it though the forwarder did not like it; and
 * the lists of names in CONNECT, when the input is text behind a '+'.
 */
#include <stdlib.h>
#include <string.h>

#include "server/forwarder/dgram.h"
#include "server/worker/compress.h"
#include "server/worker/dtls.h"
#include "server/worker/dtls_channel.h"
#include "tests/fuzz/fuzz.h"

static void
names_choose(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *second;
	struct dtls_offer offer = { .x_dtls = text, .has_master = true, .tls_suite = suite_by_name("AES256-SHA") };

	if (text == NULL)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	if ((second = strchr(text, '\n')) != NULL) {
		*second = '\0';
		offer.x_dtls12 = second + 1;
	}
	offer.phone = size % 2 != 0;
	suite_list_make(SUITE_DTLS10, "all", NULL, &offer.allowed10);
	suite_list_make(SUITE_DTLS12, "custom", second != NULL ? second + 1 : "", &offer.allowed12);
	dtls_choose(&offer);
	compress_choose(text, true);
	free(text);
}

static void
nothing_sent(void *ctx, uint8_t tag, const void *data, size_t len)
{
	(void)ctx, (void)tag, (void)data, (void)len;
}

static void
nothing_up(void *ctx, uint8_t tag)
{
	(void)ctx, (void)tag;
	abort(); /* nobody here knows the secret */
}

static void
nothing_received(void *ctx, const uint8_t *record, size_t len)
{
	(void)ctx, (void)record, (void)len;
	abort();
}

static void
nothing_happened(void *ctx, enum dtls_event event, const char *why)
{
	(void)ctx, (void)why;
	if (event == DTLS_EVENT_UP)
		abort();
}

static void
worker_take(const uint8_t *data, size_t size)
{
	static const struct dtls_channel_ops ops = { nothing_sent, nothing_up, nothing_up, nothing_received, nothing_happened,
		NULL, NULL, NULL, NULL };
	static uint8_t scratch[DTLS_RECORD_MAX];
	struct dtls_offer offer = { .x_dtls = "AES256-SHA", .tls_suite = suite_by_name("AES256-SHA"), .phone = true, .has_master = true };
	struct dtls_keys *keys = calloc(1, sizeof(*keys));
	struct dtls_channel c;

	if (keys == NULL)
		abort();
	suite_list_make(SUITE_DTLS10, "all", NULL, &offer.allowed10);
	keys->name = dtls_choose(&offer);
	memset(keys->id, 0x1d, sizeof(keys->id));
	memset(keys->secret, 0x4d, sizeof(keys->secret));
	dtls_channel_start(&c, &ops, NULL, keys, 1472, 1000);
	dtls_channel_datagram(&c, 0, data, size, scratch, 1000);
	dtls_channel_datagram(&c, 0, data, size, scratch, 1000);
	dtls_channel_stray(&c, 16, data, size, scratch);
	dtls_channel_clear(&c);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *id = NULL;
	struct dtls_hello hello;

	if (size > 0 && data[0] == '+') {
		names_choose(data + 1, size - 1);
		return 0;
	}
	if (dgram_parse(data, size, &id) == DGRAM_HELLO && (id < data || id + DTLS_ID_BYTES > data + size))
		abort();
	if (dtls_hello_get(data, size, &hello) && (hello.random < data || hello.random + DTLS_RANDOM_BYTES > data + size))
		abort();
	if (size <= 2000)
		worker_take(data, size);
	return 0;
}
