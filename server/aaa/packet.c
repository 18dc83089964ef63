/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/aaa/packet.h"

#include <gnutls/crypto.h>
#include <string.h>

#include "common/log.h"

#define MD5_BYTES 16
#define SIGNED_AT RADIUS_HEADER /* where an Access-Request has its Message-Authenticator: first */

/* MD5 of several pieces, the last one a key. */
static void
md5(const void *a, size_t a_len, const void *b, size_t b_len, const char *key, uint8_t out[MD5_BYTES])
{
	gnutls_hash_hd_t h;

	if (gnutls_hash_init(&h, GNUTLS_DIG_MD5) < 0)
		fatal("no MD5, which RADIUS needs");
	gnutls_hash(h, a, a_len);
	gnutls_hash(h, b, b_len);
	gnutls_hash(h, key, strlen(key));
	gnutls_hash_deinit(h, out);
}

static void
hmac(const void *data, size_t len, const char *key, uint8_t out[MD5_BYTES])
{
	if (gnutls_hmac_fast(GNUTLS_MAC_MD5, key, strlen(key), data, len, out) < 0)
		fatal("no HMAC-MD5, which RADIUS needs");
}

void
radius_begin(struct radius_request *r, enum radius_code code, uint8_t id, const uint8_t *random, const char *key)
{
	static const uint8_t zeros[RADIUS_AUTHENTICATOR];

	r->w = wr_init(r->bytes, sizeof(r->bytes));
	r->key = key;
	wr_u8(&r->w, (uint8_t)code);
	wr_u8(&r->w, id);
	wr_u16(&r->w, 0);
	wr_bytes(&r->w, code == ACCESS_REQUEST ? random : zeros, RADIUS_AUTHENTICATOR);
	if (code == ACCESS_REQUEST) /* first, against CVE-2024-3596; filled in at the end */
		radius_put(r, MESSAGE_AUTHENTICATOR, zeros, MD5_BYTES);
}

void
radius_put(struct radius_request *r, uint8_t type, const void *value, size_t len)
{
	if (len > RADIUS_VALUE_MAX) {
		r->w.bad = true;
		return;
	}
	wr_u8(&r->w, type);
	wr_u8(&r->w, (uint8_t)(len + 2));
	wr_bytes(&r->w, value, len);
}

void
radius_put_str(struct radius_request *r, uint8_t type, const char *value)
{
	if (value[0] != '\0')
		radius_put(r, type, value, strlen(value));
}

void
radius_put_u32(struct radius_request *r, uint8_t type, uint32_t value)
{
	uint8_t bytes[4];
	struct wr w = wr_init(bytes, sizeof(bytes));

	wr_u32(&w, value);
	radius_put(r, type, bytes, sizeof(bytes));
}

void
radius_put_asa(struct radius_request *r, uint8_t type, const void *value, size_t len)
{
	uint8_t bytes[RADIUS_VALUE_MAX];
	struct wr w = wr_init(bytes, sizeof(bytes));

	wr_u32(&w, VENDOR_ASA);
	wr_u8(&w, type);
	wr_u8(&w, (uint8_t)(len + 2));
	wr_bytes(&w, value, len);
	if (w.bad)
		r->w.bad = true;
	else
		radius_put(r, VENDOR_SPECIFIC, bytes, (size_t)(w.p - bytes));
}

void
radius_put_password(struct radius_request *r, const char *password)
{
	uint8_t hidden[RADIUS_PASSWORD_MAX] = { 0 }, pad[MD5_BYTES];
	const uint8_t *before = r->bytes + 4; /* the authenticator, then each hidden block */
	size_t len = strlen(password), blocks = len == 0 ? 1 : (len + MD5_BYTES - 1) / MD5_BYTES;

	if (len > RADIUS_PASSWORD_MAX) {
		r->w.bad = true;
		return;
	}
	memcpy(hidden, password, len);
	for (size_t i = 0; i < blocks * MD5_BYTES; i += MD5_BYTES) {
		md5(r->key, strlen(r->key), before, MD5_BYTES, "", pad);
		for (size_t k = 0; k < MD5_BYTES; k++)
			hidden[i + k] ^= pad[k];
		before = hidden + i;
	}
	radius_put(r, USER_PASSWORD, hidden, blocks * MD5_BYTES);
	explicit_bzero(pad, sizeof(pad));
}

size_t
radius_finish(struct radius_request *r)
{
	size_t len = (size_t)(r->w.p - r->bytes);

	if (r->w.bad)
		return 0;
	r->bytes[2] = (uint8_t)(len >> 8);
	r->bytes[3] = (uint8_t)len;
	if (r->bytes[0] == ACCESS_REQUEST) {
		uint8_t mac[MD5_BYTES];

		hmac(r->bytes, len, r->key, mac);
		memcpy(r->bytes + SIGNED_AT + 2, mac, sizeof(mac));
	} else {
		md5(r->bytes, len, "", 0, r->key, r->bytes + 4);
	}
	return len;
}

bool
radius_next(struct rd *r, uint8_t *type, struct rd *value)
{
	uint8_t len;

	if (rd_left(r) == 0)
		return false;
	*type = rd_u8(r);
	len = rd_u8(r);
	if (r->bad || len < 2 || *type == 0) {
		r->bad = true;
		return false;
	}
	*value = rd_sub(r, len - 2u);
	return !r->bad;
}

static bool
same_bytes(const uint8_t *a, const uint8_t *b)
{
	uint8_t differs = 0;

	for (size_t i = 0; i < MD5_BYTES; i++)
		differs |= a[i] ^ b[i];
	return differs == 0;
}

/* Attributes fill the packet; where is the value of the Message-Authenticator? False: the packet is broken. */
static bool
attributes_scan(const uint8_t *packet, size_t len, const uint8_t **mac)
{
	struct rd r = rd_init(packet + RADIUS_HEADER, len - RADIUS_HEADER), value;
	uint8_t type;

	*mac = NULL;
	while (radius_next(&r, &type, &value)) {
		if (type != MESSAGE_AUTHENTICATOR)
			continue;
		if (rd_left(&value) != MD5_BYTES || *mac != NULL)
			return false;
		*mac = value.p;
	}
	return !r.bad;
}

bool
radius_reply_is(const uint8_t *reply, size_t len, const uint8_t *request, const char *key, bool *signed_)
{
	uint8_t copy[RADIUS_MAX], digest[MD5_BYTES];
	const uint8_t *mac;
	size_t inside;

	*signed_ = false;
	if (len < RADIUS_HEADER || reply[1] != request[1])
		return false;
	inside = (size_t)reply[2] << 8 | reply[3];
	if (inside < RADIUS_HEADER || inside > len || inside > sizeof(copy)) /* what is behind is padding */
		return false;
	memcpy(copy, reply, inside);
	memcpy(copy + 4, request + 4, RADIUS_AUTHENTICATOR); /* it was computed over the request's */
	md5(copy, inside, "", 0, key, digest);
	if (!same_bytes(digest, reply + 4) || !attributes_scan(reply, inside, &mac))
		return false;
	if (mac == NULL)
		return true;
	memset(copy + (mac - reply), 0, MD5_BYTES);
	hmac(copy, inside, key, digest);
	*signed_ = same_bytes(digest, mac);
	return *signed_;
}
