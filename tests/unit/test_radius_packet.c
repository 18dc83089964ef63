/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/unit.h"

#include <gnutls/crypto.h>

#include "server/aaa/packet.h"

/* RFC 2865 7.1: nemo telnets to a host */
#define KEY "xyzzy5461"
static const char authenticator[] = "0f403f9473978057bd83d5cb98f4227a";
static const char hidden[] = "0dbe708d93d413ce3196e43f782a0aee";
static const char accept_hex[] = "0200002686fe220e7624ba2a1005f6bf9b55e0b20606000000010f06000000000e06c0a80103";

static struct radius_request r;
static uint8_t reply[RADIUS_MAX];

/* The request of the RFC, with our Message-Authenticator in front. */
static size_t
request_make(const char *password)
{
	uint8_t random[16];

	assert_true(hex_get(authenticator, 32, random, 16));
	radius_begin(&r, ACCESS_REQUEST, 0, random, KEY);
	radius_put_str(&r, USER_NAME, "nemo");
	radius_put_password(&r, password);
	return radius_finish(&r);
}

static size_t
from_hex(const char *hex, uint8_t *out)
{
	size_t n = strlen(hex) / 2;

	assert_true(hex_get(hex, strlen(hex), out, n));
	return n;
}

/* A reply with these attributes, its authenticator right; signs: with a Message-Authenticator at the end. */
static size_t
reply_make(uint8_t code, const uint8_t *attributes, size_t len, bool signs, const char *key)
{
	uint8_t mac[16];
	size_t total = 20 + len + (signs ? 18 : 0);
	uint8_t bytes[RADIUS_MAX + 64];

	memset(bytes, 0, sizeof(bytes));
	bytes[0] = code;
	bytes[1] = r.bytes[1];
	bytes[2] = (uint8_t)(total >> 8);
	bytes[3] = (uint8_t)total;
	memcpy(bytes + 4, r.bytes + 4, 16);
	if (len > 0)
		memcpy(bytes + 20, attributes, len);
	if (signs) {
		bytes[20 + len] = MESSAGE_AUTHENTICATOR;
		bytes[21 + len] = 18;
		gnutls_hmac_fast(GNUTLS_MAC_MD5, key, strlen(key), bytes, total, mac);
		memcpy(bytes + 22 + len, mac, 16);
	}
	memcpy(reply, bytes, total);
	memcpy(bytes + total, key, strlen(key));
	gnutls_hash_fast(GNUTLS_DIG_MD5, bytes, total + strlen(key), reply + 4);
	return total;
}

T(a_password_is_hidden_as_the_rfc_shows)
{
	uint8_t want[16];
	size_t len = request_make("arctangent");
	struct rd rd = rd_init(r.bytes + 20, len - 20), value;
	uint8_t type;
	bool seen = false;

	UNUSED;
	from_hex(hidden, want);
	assert_int_equal(r.bytes[20], MESSAGE_AUTHENTICATOR); /* first */
	while (radius_next(&rd, &type, &value)) {
		if (type != USER_PASSWORD)
			continue;
		seen = true;
		assert_int_equal(rd_left(&value), 16);
		assert_memory_equal(value.p, want, 16);
	}
	assert_true(seen && !rd.bad);
	assert_int_equal(r.bytes[2] << 8 | r.bytes[3], len);
}

T(passwords_of_each_length_fit_up_to_128)
{
	char password[140];

	UNUSED;
	for (size_t n = 0; n < sizeof(password) - 1; n++) {
		size_t len;

		memset(password, 'p', n);
		password[n] = '\0';
		len = request_make(password);
		if (n > RADIUS_PASSWORD_MAX)
			assert_int_equal(len, 0);
		else
			assert_int_equal(len, 20 + 18 + 6 + 2 + (n == 0 ? 16 : (n + 15) / 16 * 16));
	}
}

T(a_request_is_signed)
{
	uint8_t copy[RADIUS_MAX], mac[16];
	size_t len = request_make("arctangent");

	UNUSED;
	memcpy(copy, r.bytes, len);
	memset(copy + 22, 0, 16);
	gnutls_hmac_fast(GNUTLS_MAC_MD5, KEY, strlen(KEY), copy, len, mac);
	assert_memory_equal(mac, r.bytes + 22, 16);
}

T(the_answer_of_the_rfc_is_known)
{
	size_t len = from_hex(accept_hex, reply);
	bool signed_;

	UNUSED;
	request_make("arctangent");
	assert_true(radius_reply_is(reply, len, r.bytes, KEY, &signed_));
	assert_false(signed_);
	assert_true(radius_reply_is(reply, len + 50, r.bytes, KEY, &signed_)); /* padding */
	assert_false(radius_reply_is(reply, len, r.bytes, "xyzzy5462", &signed_));
}

T(a_change_of_any_bit_is_seen)
{
	size_t len = from_hex(accept_hex, reply);
	bool signed_;

	UNUSED;
	request_make("arctangent");
	for (size_t i = 0; i < len * 8; i++) {
		reply[i / 8] ^= (uint8_t)(1 << i % 8);
		assert_false(radius_reply_is(reply, len, r.bytes, KEY, &signed_));
		reply[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	for (size_t n = 0; n < len; n++)
		assert_false(radius_reply_is(reply, n, r.bytes, KEY, &signed_));
}

T(a_signature_must_be_right_when_it_is_there)
{
	static const uint8_t attributes[] = { 18, 4, 'h', 'i' };
	uint8_t wrong[18] = { MESSAGE_AUTHENTICATOR, 18 }, twice[36] = { 80, 18 }, shorter[] = { 80, 3, 0 };
	bool signed_;
	size_t len;

	UNUSED;
	request_make("arctangent");
	len = reply_make(ACCESS_ACCEPT, attributes, sizeof(attributes), true, KEY);
	assert_true(radius_reply_is(reply, len, r.bytes, KEY, &signed_));
	assert_true(signed_);
	len = reply_make(ACCESS_ACCEPT, wrong, sizeof(wrong), false, KEY); /* the other authenticator is right */
	assert_false(radius_reply_is(reply, len, r.bytes, KEY, &signed_));
	assert_false(signed_);
	twice[18] = 80;
	twice[19] = 18;
	len = reply_make(ACCESS_ACCEPT, twice, sizeof(twice), false, KEY);
	assert_false(radius_reply_is(reply, len, r.bytes, KEY, &signed_));
	len = reply_make(ACCESS_ACCEPT, shorter, sizeof(shorter), false, KEY);
	assert_false(radius_reply_is(reply, len, r.bytes, KEY, &signed_));
}

T(attributes_that_leave_the_packet_break_it)
{
	static const uint8_t past[] = { 18, 200, 'h' }, none[] = { 18, 1 }, zero[] = { 0, 2 }, half[] = { 18 };
	static const struct {
		const uint8_t *bytes;
		size_t len;
	} bad[] = { { past, sizeof(past) }, { none, sizeof(none) }, { zero, sizeof(zero) }, { half, sizeof(half) } };
	bool signed_;

	UNUSED;
	request_make("arctangent");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		size_t len = reply_make(ACCESS_ACCEPT, bad[i].bytes, bad[i].len, false, KEY);

		assert_false(radius_reply_is(reply, len, r.bytes, KEY, &signed_));
	}
}

T(accounting_has_the_authenticator_of_rfc_2866)
{
	uint8_t text[RADIUS_MAX], want[16];
	size_t len;

	UNUSED;
	radius_begin(&r, ACCOUNTING_REQUEST, 7, NULL, KEY);
	radius_put_u32(&r, ACCT_STATUS_TYPE, 1);
	len = radius_finish(&r);
	assert_int_equal(len, 26);
	memcpy(text, r.bytes, len);
	memset(text + 4, 0, 16);
	memcpy(text + len, KEY, strlen(KEY));
	gnutls_hash_fast(GNUTLS_DIG_MD5, text, len + strlen(KEY), want);
	assert_memory_equal(want, r.bytes + 4, 16);
}

T(what_does_not_fit_makes_no_request)
{
	char value[RADIUS_VALUE_MAX + 2];

	UNUSED;
	memset(value, 'v', sizeof(value));
	value[RADIUS_VALUE_MAX + 1] = '\0';
	radius_begin(&r, ACCOUNTING_REQUEST, 7, NULL, KEY);
	radius_put_str(&r, USER_NAME, value);
	assert_int_equal(radius_finish(&r), 0);
	radius_begin(&r, ACCOUNTING_REQUEST, 7, NULL, KEY);
	radius_put_asa(&r, ASA_TUNNEL_GROUP, value, 249);
	assert_int_equal(radius_finish(&r), 0);
	radius_begin(&r, ACCOUNTING_REQUEST, 7, NULL, KEY);
	for (int i = 0; i < 20; i++)
		radius_put(&r, USER_NAME, value, RADIUS_VALUE_MAX);
	assert_int_equal(radius_finish(&r), 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_password_is_hidden_as_the_rfc_shows),
		cmocka_unit_test(passwords_of_each_length_fit_up_to_128),
		cmocka_unit_test(a_request_is_signed),
		cmocka_unit_test(the_answer_of_the_rfc_is_known),
		cmocka_unit_test(a_change_of_any_bit_is_seen),
		cmocka_unit_test(a_signature_must_be_right_when_it_is_there),
		cmocka_unit_test(attributes_that_leave_the_packet_break_it),
		cmocka_unit_test(accounting_has_the_authenticator_of_rfc_2866),
		cmocka_unit_test(what_does_not_fit_makes_no_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
