/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/certauth/proof.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <stdbool.h>
#include <string.h>

#include "common/buf.h"
#include "common/err.h"

enum { CLIENT_HELLO = 1, SERVER_HELLO = 2, CERTIFICATE = 11, CERTIFICATE_VERIFY = 15, MESSAGE_HASH = 254 };
enum { FROM_US = 0, FROM_CLIENT = 1 };
enum { TLS10 = 0x0301, TLS11 = 0x0302, TLS12 = 0x0303, TLS13 = 0x0304 };
enum { EXT_SUPPORTED_VERSIONS = 43, HASH_MAX = 64 };

struct message {
	uint8_t direction, type;
	struct rd body;
	const uint8_t *start; /* type, length, body: what is hashed */
	size_t len;
};

struct walk { /* what the transcript turns out to be */
	unsigned version;
	uint16_t suite;
	bool random_seen, retried, foreign; /* foreign: another random than ours */
	struct message hello, certificate, verify;
	size_t hashed; /* bytes of the transcript before CertificateVerify */
};

/* RFC 8446 4.1.3: this random marks a HelloRetryRequest. */
static const uint8_t retry_random[32] = {
	0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91,
	0xC2, 0xA2, 0x11, 0x16, 0x7A, 0xBB, 0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C,
};

/* Signature schemes of TLS 1.2 and 1.3 (RFC 5246 7.4.1.4.1, RFC 8446 4.2.3). No MD5. */
static const struct {
	uint16_t wire;
	gnutls_sign_algorithm_t algorithm;
} schemes[] = {
	{ 0x0201, GNUTLS_SIGN_RSA_SHA1 }, { 0x0301, GNUTLS_SIGN_RSA_SHA224 }, { 0x0401, GNUTLS_SIGN_RSA_SHA256 },
	{ 0x0501, GNUTLS_SIGN_RSA_SHA384 }, { 0x0601, GNUTLS_SIGN_RSA_SHA512 }, { 0x0203, GNUTLS_SIGN_ECDSA_SHA1 },
	{ 0x0303, GNUTLS_SIGN_ECDSA_SHA224 }, { 0x0403, GNUTLS_SIGN_ECDSA_SHA256 }, { 0x0503, GNUTLS_SIGN_ECDSA_SHA384 },
	{ 0x0603, GNUTLS_SIGN_ECDSA_SHA512 }, { 0x0804, GNUTLS_SIGN_RSA_PSS_RSAE_SHA256 },
	{ 0x0805, GNUTLS_SIGN_RSA_PSS_RSAE_SHA384 }, { 0x0806, GNUTLS_SIGN_RSA_PSS_RSAE_SHA512 },
	{ 0x0809, GNUTLS_SIGN_RSA_PSS_SHA256 }, { 0x080A, GNUTLS_SIGN_RSA_PSS_SHA384 }, { 0x080B, GNUTLS_SIGN_RSA_PSS_SHA512 },
};

static bool
message_next(struct rd *r, struct message *m)
{
	m->direction = rd_u8(r);
	m->start = r->p;
	m->type = rd_u8(r);
	m->body = rd_sub(r, rd_u24(r));
	m->len = (size_t)(r->p - m->start);
	return !r->bad && !m->body.bad;
}

/* Version, suite and random of our answer; a HelloRetryRequest is noted only. */
static bool
server_hello_read(struct walk *w, struct rd b, const uint8_t *random)
{
	const uint8_t *got;

	w->version = rd_u16(&b);
	got = rd_bytes(&b, HELLO_RANDOM_BYTES);
	rd_bytes(&b, rd_u8(&b));
	w->suite = rd_u16(&b);
	rd_u8(&b);
	if (b.bad)
		return false;
	if (rd_left(&b) > 0) {
		struct rd exts = rd_sub(&b, rd_u16(&b));

		while (rd_left(&exts) >= 4) {
			uint16_t type = rd_u16(&exts);
			struct rd ext = rd_sub(&exts, rd_u16(&exts));

			if (ext.bad)
				return false;
			if (type == EXT_SUPPORTED_VERSIONS)
				w->version = rd_u16(&ext);
		}
	}
	if (memcmp(got, retry_random, sizeof(retry_random)) == 0) {
		w->retried = true;
		return true;
	}
	w->random_seen = memcmp(got, random, HELLO_RANDOM_BYTES) == 0;
	return w->random_seen;
}

/* The messages up to the client's CertificateVerify, each in its place. */
static bool
transcript_walk(const struct ipc_blob *t, const uint8_t *random, struct walk *w, const char **why)
{
	struct rd r = rd_init(t->data, t->len);
	struct message m;
	unsigned hellos = 0;

	memset(w, 0, sizeof(*w));
	while (rd_left(&r) > 0) {
		size_t before = t->len - rd_left(&r);

		if (!message_next(&r, &m)) {
			*why = "the handshake is cut off";
			return false;
		}
		if (m.direction == FROM_CLIENT && m.type == CLIENT_HELLO && hellos++ == 0) {
			w->hello = m;
		} else if (m.direction == FROM_US && m.type == SERVER_HELLO && !w->random_seen) {
			w->foreign |= !server_hello_read(w, m.body, random);
		} else if (m.direction == FROM_CLIENT && m.type == CERTIFICATE) {
			w->certificate = m;
		} else if (m.direction == FROM_CLIENT && m.type == CERTIFICATE_VERIFY) {
			w->verify = m;
			w->hashed = before;
			break;
		}
	}
	if (w->foreign) {
		*why = "the handshake is not of this connection";
		return false;
	}
	if (!w->random_seen || w->hello.start == NULL || hellos > (w->retried ? 2u : 1u)) {
		*why = "the handshake is not whole";
		return false;
	}
	return true;
}

static void
transcript_feed(gnutls_hash_hd_t h, const struct ipc_blob *t, const struct walk *w, bool skip_hello)
{
	struct rd r = rd_init(t->data, w->hashed);
	struct message m;

	while (rd_left(&r) > 0 && message_next(&r, &m)) {
		if (!skip_hello || m.start != w->hello.start)
			gnutls_hash(h, m.start, m.len);
	}
}

/* Hash of the handshake; in TLS 1.3 a first hello that was retried stands as its own hash (RFC 8446 4.4.1). */
static int
transcript_hash(const struct ipc_blob *t, const struct walk *w, gnutls_digest_algorithm_t digest, uint8_t *out)
{
	gnutls_hash_hd_t h;
	size_t size = gnutls_hash_get_len(digest);

	if (gnutls_hash_init(&h, digest) < 0)
		return ERR_UNSUPPORTED;
	if (w->retried) {
		uint8_t head[4] = { MESSAGE_HASH, 0, 0, (uint8_t)size }, first[HASH_MAX];

		gnutls_hash_fast(digest, w->hello.start, w->hello.len, first);
		gnutls_hash(h, head, sizeof(head));
		gnutls_hash(h, first, size);
	}
	transcript_feed(h, t, w, w->retried);
	gnutls_hash_deinit(h, out);
	return 0;
}

static int
verify_hash(gnutls_pubkey_t key, gnutls_sign_algorithm_t algorithm, unsigned flags, uint8_t *hash, size_t len, struct rd sig)
{
	gnutls_datum_t h = { hash, (unsigned)len }, s = { (unsigned char *)(uintptr_t)sig.p, (unsigned)rd_left(&sig) };

	return gnutls_pubkey_verify_hash2(key, algorithm, flags, &h, &s) >= 0 ? 0 : ERR_DENIED;
}

/* TLS 1.0 and 1.1: MD5 and SHA-1 side by side for RSA, SHA-1 for ECDSA. */
static int
verify_old(gnutls_pubkey_t key, const struct ipc_blob *t, const struct walk *w)
{
	struct rd b = w->verify.body, sig = rd_sub(&b, rd_u16(&b));
	uint8_t hash[HASH_MAX];

	if (sig.bad || transcript_hash(t, w, GNUTLS_DIG_SHA1, hash + 16) != 0)
		return ERR_DENIED;
	if (gnutls_pubkey_get_pk_algorithm(key, NULL) == GNUTLS_PK_ECDSA)
		return verify_hash(key, GNUTLS_SIGN_ECDSA_SHA1, GNUTLS_VERIFY_ALLOW_SIGN_WITH_SHA1, hash + 16, 20, sig);
	if (transcript_hash(t, w, GNUTLS_DIG_MD5, hash) != 0)
		return ERR_DENIED;
	return verify_hash(key, GNUTLS_SIGN_UNKNOWN, GNUTLS_VERIFY_USE_TLS1_RSA, hash, 36, sig);
}

static gnutls_sign_algorithm_t
scheme_find(uint16_t wire)
{
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		if (schemes[i].wire == wire)
			return schemes[i].algorithm;
	}
	return GNUTLS_SIGN_UNKNOWN;
}

static int
verify_new(gnutls_pubkey_t key, const struct ipc_blob *t, const struct walk *w)
{
	static const char context[] = "TLS 1.3, client CertificateVerify";
	struct rd b = w->verify.body;
	gnutls_sign_algorithm_t algorithm = scheme_find(rd_u16(&b));
	struct rd sig = rd_sub(&b, rd_u16(&b));
	gnutls_digest_algorithm_t digest = gnutls_sign_get_hash_algorithm(algorithm);
	uint8_t hash[HASH_MAX], content[64 + sizeof(context) + HASH_MAX];
	size_t len;

	if (sig.bad || algorithm == GNUTLS_SIGN_UNKNOWN)
		return ERR_DENIED;
	if (w->version == TLS12) {
		if (transcript_hash(t, w, digest, hash) != 0)
			return ERR_DENIED;
		return verify_hash(key, algorithm, GNUTLS_VERIFY_ALLOW_SIGN_WITH_SHA1, hash, gnutls_hash_get_len(digest), sig);
	}
	/* RFC 8446 4.4.3; the suite says which hash the handshake has */
	len = w->suite == 0x1302 ? 48 : 32;
	memset(content, ' ', 64);
	memcpy(content + 64, context, sizeof(context)); /* with its NUL, which separates */
	if (transcript_hash(t, w, len == 48 ? GNUTLS_DIG_SHA384 : GNUTLS_DIG_SHA256, content + 64 + sizeof(context)) != 0)
		return ERR_DENIED;
	gnutls_hash_fast(digest, content, 64 + sizeof(context) + len, hash);
	return verify_hash(key, algorithm, 0, hash, gnutls_hash_get_len(digest), sig);
}

/* The client's certificates, out of its Certificate message. *leaf is the first. */
static int
chain_put(const struct walk *w, uint8_t *chain, size_t size, size_t *chain_len, gnutls_datum_t *leaf)
{
	struct wr out = wr_init(chain, size);
	struct rd b = w->certificate.body, list;

	if (w->version >= TLS13)
		rd_bytes(&b, rd_u8(&b)); /* request context */
	list = rd_sub(&b, rd_u24(&b));
	*leaf = (gnutls_datum_t){ 0 };
	while (rd_left(&list) > 0) {
		struct rd der = rd_sub(&list, rd_u24(&list));

		if (w->version >= TLS13)
			rd_bytes(&list, rd_u16(&list)); /* extensions */
		if (list.bad || der.bad || rd_left(&der) == 0)
			return ERR_DENIED;
		if (leaf->data == NULL)
			*leaf = (gnutls_datum_t){ (unsigned char *)(uintptr_t)der.p, (unsigned)rd_left(&der) };
		wr_u32(&out, (uint32_t)rd_left(&der));
		wr_bytes(&out, der.p, rd_left(&der));
	}
	*chain_len = (size_t)(out.p - chain);
	if (b.bad || list.bad || out.bad)
		return ERR_DENIED;
	return leaf->data == NULL ? ERR_NOT_FOUND : 0;
}

static int
verify_with(const gnutls_datum_t *leaf, const struct ipc_blob *t, const struct walk *w)
{
	gnutls_x509_crt_t crt;
	gnutls_pubkey_t key;
	int r = ERR_DENIED;

	if (gnutls_x509_crt_init(&crt) < 0)
		return ERR_NOMEM;
	if (gnutls_pubkey_init(&key) < 0) {
		gnutls_x509_crt_deinit(crt);
		return ERR_NOMEM;
	}
	if (gnutls_x509_crt_import(crt, leaf, GNUTLS_X509_FMT_DER) >= 0 && gnutls_pubkey_import_x509(key, crt, 0) >= 0)
		r = w->version == TLS10 || w->version == TLS11 ? verify_old(key, t, w) : verify_new(key, t, w);
	gnutls_pubkey_deinit(key);
	gnutls_x509_crt_deinit(crt);
	return r;
}

int
proof_check(const struct ipc_blob *transcript, const uint8_t random[HELLO_RANDOM_BYTES], uint8_t *chain,
    size_t size, size_t *chain_len, const char **why)
{
	gnutls_datum_t leaf;
	struct walk w;
	int r;

	*chain_len = 0;
	*why = "";
	if (!transcript_walk(transcript, random, &w, why)) {
		if (w.certificate.start != NULL && chain_put(&w, chain, size, chain_len, &leaf) != 0)
			*chain_len = 0;
		return ERR_DENIED;
	}
	if (w.certificate.start == NULL)
		return ERR_NOT_FOUND;
	if ((r = chain_put(&w, chain, size, chain_len, &leaf)) != 0) {
		*why = "the certificate message cannot be read";
		return r;
	}
	if (w.verify.start == NULL || w.version < TLS10 || w.version > TLS13 || verify_with(&leaf, transcript, &w) != 0) {
		*why = "the client did not prove that it holds the certificate's key";
		return ERR_DENIED;
	}
	return 0;
}
