/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/certauth/password.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define HASH_MIN 16 /* bytes; what an ASA makes, and the least that counts */
#define HASH_MAX 64
#define MD5_BYTES 16
#define MD5_TEXT 16
#define USER_CHARS 4 /* of the name are appended to a password */

static const char prefix[] = "$sha512$";

/* "$sha512$" away, the rounds read; what follows their '$', or NULL. */
static const char *
rounds_read(const char *hash, unsigned long *rounds)
{
	char *end;

	if (strncmp(hash, prefix, sizeof(prefix) - 1) != 0)
		return NULL;
	*rounds = strtoul(hash + sizeof(prefix) - 1, &end, 10);
	return *end == '$' ? end + 1 : NULL;
}

unsigned
password_rounds(enum user_password kind, const char *hash)
{
	unsigned long rounds = 0;

	if (kind != PASSWORD_PBKDF2 || hash == NULL || rounds_read(hash, &rounds) == NULL)
		return 0;
	return rounds <= PASSWORD_ROUNDS_MAX ? (unsigned)rounds : 0;
}

/* Same bytes? Takes as long when they differ at the first. */
static bool
same_bytes(const void *a, const void *b, size_t len)
{
	const volatile uint8_t *x = a, *y = b;
	uint8_t differs = 0;

	for (size_t i = 0; i < len; i++)
		differs |= x[i] ^ y[i];
	return differs == 0;
}

/* ---- pbkdf2 ---- */

/* Decode len characters of base64; false: not that, or not of a fitting size. */
static bool
base64_get(const char *text, size_t len, gnutls_datum_t *out)
{
	gnutls_datum_t in = { (unsigned char *)(uintptr_t)text, (unsigned)len };

	if (len == 0 || gnutls_base64_decode2(&in, out) < 0)
		return false;
	if (out->size >= HASH_MIN && out->size <= HASH_MAX)
		return true;
	gnutls_free(out->data);
	return false;
}

static bool
pbkdf2_run(const char *password, const gnutls_datum_t *salt, unsigned rounds, void *out, size_t len)
{
	gnutls_datum_t key = { (unsigned char *)(uintptr_t)password, (unsigned)strlen(password) };

	return gnutls_pbkdf2(GNUTLS_MAC_SHA512, &key, salt, rounds, out, len) >= 0;
}

static bool
pbkdf2_check(const char *hash, const char *password)
{
	gnutls_datum_t salt, wanted;
	uint8_t got[HASH_MAX];
	unsigned long rounds;
	const char *text = rounds_read(hash, &rounds);
	size_t salt_len = text != NULL ? strcspn(text, "$") : 0;
	bool ok;

	if (text == NULL || text[salt_len] != '$' || !base64_get(text, salt_len, &salt))
		return false;
	text += salt_len + 1;
	if (!base64_get(text, strlen(text), &wanted)) {
		gnutls_free(salt.data);
		return false;
	}
	ok = pbkdf2_run(password, &salt, (unsigned)rounds, got, wanted.size) && same_bytes(got, wanted.data, wanted.size);
	explicit_bzero(got, sizeof(got));
	gnutls_free(salt.data);
	gnutls_free(wanted.data);
	return ok;
}

/* Work of no use, for the time it takes. */
static void
rounds_spend(const char *password, unsigned rounds)
{
	static const uint8_t nothing[HASH_MIN];
	gnutls_datum_t salt = { (unsigned char *)(uintptr_t)nothing, sizeof(nothing) };
	uint8_t out[HASH_MIN];

	if (rounds > 0)
		pbkdf2_run(password, &salt, rounds, out, sizeof(out));
	explicit_bzero(out, sizeof(out));
}

/* ---- MD5 ---- */

/* The first three of each four bytes, six bits a character, lowest first. */
static void
md5_text(const uint8_t digest[MD5_BYTES], char out[MD5_TEXT])
{
	static const char digits[] = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

	for (size_t i = 0; i < MD5_BYTES; i += 4) {
		uint32_t v = digest[i] | (uint32_t)digest[i + 1] << 8 | (uint32_t)digest[i + 2] << 16;

		for (size_t k = 0; k < 4; k++)
			*out++ = digits[v >> (6 * k) & 63];
	}
}

/* Password with a piece of the user's name, filled with zeros or cut to pad bytes. */
static bool
md5_is(const char *hash, const char *password, const char *more, size_t pad)
{
	uint8_t text[32] = { 0 }, digest[MD5_BYTES];
	size_t n = strnlen(password, pad);
	char got[MD5_TEXT];
	bool ok;

	memcpy(text, password, n);
	memcpy(text + n, more, strnlen(more, pad - n));
	ok = gnutls_hash_fast(GNUTLS_DIG_MD5, text, pad, digest) >= 0;
	md5_text(digest, got);
	ok = same_bytes(got, hash, MD5_TEXT) && ok;
	explicit_bzero(text, sizeof(text));
	return ok;
}

/*
 * Releases differ: a PIX pads to 16 bytes, an ASA to 32 where 16 do not hold
 * password and name; the name's first four characters are appended, a shorter
 * name repeated or as it is, and none behind 28 characters or by the oldest.
 * Which one made the hash it does not say, so any of them may fit.
 */
static bool
md5_check(const char *hash, const char *user, const char *password)
{
	char plain[USER_CHARS + 1] = "", repeated[USER_CHARS + 1] = "";
	const char *more[] = { "", plain, repeated };
	size_t len = strlen(user);
	bool ok = false;

	for (size_t i = 0; i < USER_CHARS && len > 0; i++) {
		plain[i] = i < len ? user[i] : '\0';
		repeated[i] = user[i % len];
	}
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++) {
		ok |= md5_is(hash, password, more[i], 16);
		if (strlen(password) + strlen(more[i]) > 16)
			ok |= md5_is(hash, password, more[i], 32);
	}
	return ok;
}

bool
password_check(enum user_password kind, const char *hash, const char *user, const char *password, unsigned rounds)
{
	unsigned own = password_rounds(kind, hash);
	bool ok = false;

	if (kind == PASSWORD_PBKDF2 && own > 0)
		ok = pbkdf2_check(hash, password);
	else if (kind == PASSWORD_ENCRYPTED && hash != NULL && strlen(hash) == MD5_TEXT)
		ok = md5_check(hash, user, password);
	if (rounds > own)
		rounds_spend(password, rounds - own);
	return ok && password[0] != '\0'; /* the hash of nothing is in many a configuration, and opens nothing */
}
