/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/revoke/ocsp.h"

#include <gnutls/crypto.h>
#include <gnutls/ocsp.h>
#include <string.h>
#include <time.h>

#include "common/buf.h"

#define SKEW_S         300  /* a responder's clock may be ahead */
#define AGE_MAX_S      (8 * 24 * 3600) /* of an answer that does not say when the next comes */
#define REMEMBERED_MAX 4096

struct remembered {
	uint8_t key[32]; /* over issuer and serial number */
	enum ocsp_state state;
	time_t until;
};

static struct remembered table[REMEMBERED_MAX]; /* direct-mapped: a collision costs one more question */

static bool
key_of(gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer, uint8_t key[32])
{
	uint8_t bytes[64 + 32], serial[64];
	size_t size = sizeof(serial), id_size = 32;
	struct wr w = wr_init(bytes, sizeof(bytes));

	if (gnutls_x509_crt_get_serial(crt, serial, &size) < 0 ||
	    gnutls_x509_crt_get_fingerprint(issuer, GNUTLS_DIG_SHA256, bytes, &id_size) < 0)
		return false;
	w.p += id_size;
	wr_bytes(&w, serial, size);
	return !w.bad && gnutls_hash_fast(GNUTLS_DIG_SHA256, bytes, (size_t)(w.p - bytes), key) == 0;
}

static struct remembered *
slot_of(const uint8_t key[32])
{
	return &table[(key[0] << 8 | key[1]) % REMEMBERED_MAX];
}

enum ocsp_state
ocsp_remembered(gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer)
{
	const struct remembered *r;
	uint8_t key[32];

	if (!key_of(crt, issuer, key))
		return OCSP_NONE;
	r = slot_of(key);
	return r->until > time(NULL) && memcmp(r->key, key, sizeof(key)) == 0 ? r->state : OCSP_NONE;
}

void
ocsp_forget_all(void)
{
	memset(table, 0, sizeof(table));
}

int
ocsp_request_make(gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer, bool nonce, struct ocsp_request *out)
{
	gnutls_ocsp_req_t req;
	gnutls_datum_t value = { out->nonce, OCSP_NONCE_BYTES };
	int r = gnutls_ocsp_req_init(&req);

	out->has_nonce = nonce;
	if (r < 0)
		return r;
	r = gnutls_ocsp_req_add_cert(req, GNUTLS_DIG_SHA1, issuer, crt);
	if (r >= 0 && nonce) {
		gnutls_rnd(GNUTLS_RND_NONCE, out->nonce, sizeof(out->nonce));
		r = gnutls_ocsp_req_set_nonce(req, 0, &value);
	}
	if (r >= 0)
		r = gnutls_ocsp_req_export(req, &out->der);
	gnutls_ocsp_req_deinit(req);
	return r < 0 ? r : 0;
}

static bool
signature_good(gnutls_ocsp_resp_t resp, gnutls_x509_crt_t issuer)
{
	gnutls_x509_trust_list_t list;
	unsigned status = ~0u;
	bool good;

	if (gnutls_ocsp_resp_verify_direct(resp, issuer, &status, GNUTLS_VERIFY_ALLOW_SIGN_WITH_SHA1) == 0 && status == 0)
		return true;
	if (gnutls_x509_trust_list_init(&list, 0) < 0)
		return false;
	gnutls_x509_trust_list_add_cas(list, &issuer, 1, 0);
	status = ~0u;
	good = gnutls_ocsp_resp_verify(resp, list, &status, GNUTLS_VERIFY_ALLOW_SIGN_WITH_SHA1) == 0 && status == 0;
	gnutls_x509_trust_list_deinit(list, 0);
	return good;
}

static bool
nonce_good(gnutls_ocsp_resp_t resp, const struct ocsp_request *request)
{
	gnutls_datum_t nonce = { 0 };
	bool good;

	if (!request->has_nonce)
		return true;
	good = gnutls_ocsp_resp_get_nonce(resp, NULL, &nonce) == 0 && nonce.size == OCSP_NONCE_BYTES &&
	    memcmp(nonce.data, request->nonce, OCSP_NONCE_BYTES) == 0;
	gnutls_free(nonce.data);
	return good;
}

/* The single response for crt; *until: how long it holds. */
static enum ocsp_state
status_read(gnutls_ocsp_resp_t resp, gnutls_x509_crt_t crt, time_t *until, const char **why)
{
	time_t this_update, next_update, now = time(NULL);
	unsigned status;

	for (unsigned i = 0;; i++) {
		int r = gnutls_ocsp_resp_get_single(resp, i, NULL, NULL, NULL, NULL, &status, &this_update, &next_update, NULL,
		    NULL);

		if (r < 0) {
			*why = "the response is about another certificate";
			return OCSP_NONE;
		}
		if (gnutls_ocsp_resp_check_crt(resp, i, crt) == 0)
			break;
	}
	if (this_update > now + SKEW_S) {
		*why = "the response is from the future";
		return OCSP_NONE;
	}
	if (next_update == (time_t)-1 ? this_update < now - AGE_MAX_S : next_update < now - SKEW_S) {
		*why = "the response is out of date";
		return OCSP_NONE;
	}
	*until = next_update == (time_t)-1 ? now : next_update;
	if (status == GNUTLS_OCSP_CERT_GOOD)
		return OCSP_GOOD;
	if (status == GNUTLS_OCSP_CERT_REVOKED)
		return OCSP_REVOKED;
	*why = "the responder does not know the certificate";
	return OCSP_NONE;
}

static enum ocsp_state
response_judge(gnutls_ocsp_resp_t resp, gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer,
    const struct ocsp_request *request, time_t *until, const char **why)
{
	if (gnutls_ocsp_resp_get_status(resp) != GNUTLS_OCSP_RESP_SUCCESSFUL)
		*why = "the responder refuses to answer";
	else if (!signature_good(resp, issuer) && (request->signer == NULL || !signature_good(resp, request->signer)))
		*why = "the response's signature is wrong";
	else if (!nonce_good(resp, request))
		*why = "the response does not carry our nonce; \"ocsp disable-nonce\" does without";
	else
		return status_read(resp, crt, until, why);
	return OCSP_NONE;
}

enum ocsp_state
ocsp_response_check(const uint8_t *data, size_t len, gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer,
    const struct ocsp_request *request, const char **why)
{
	gnutls_datum_t in = { (unsigned char *)(uintptr_t)data, (unsigned)len };
	enum ocsp_state state = OCSP_NONE;
	gnutls_ocsp_resp_t resp;
	struct remembered *slot;
	time_t until = 0;
	uint8_t key[32];

	*why = "it is no OCSP response";
	if (gnutls_ocsp_resp_init(&resp) < 0)
		return OCSP_NONE;
	if (gnutls_ocsp_resp_import2(resp, &in, GNUTLS_X509_FMT_DER) == 0)
		state = response_judge(resp, crt, issuer, request, &until, why);
	gnutls_ocsp_resp_deinit(resp);
	if (state != OCSP_NONE && key_of(crt, issuer, key)) {
		slot = slot_of(key);
		memcpy(slot->key, key, sizeof(key));
		slot->state = state;
		slot->until = until;
	}
	return state;
}
