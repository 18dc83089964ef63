/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/worker/dtls_name.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Each switch was needed against a real client: protocol.md 3.2. */
#define FAKE_RESUMPTION ":+COMP-NULL:+SIGN-ALL:%NO_SESSION_HASH:%NO_ETM:%DISABLE_SAFE_RENEGOTIATION"
#define P10(cipher, kx) "+" cipher ":+SHA1:+" kx FAKE_RESUMPTION
#define P12(cipher, mac, kx) "+" cipher ":+" mac ":+" kx ":+GROUP-ALL" FAKE_RESUMPTION

static const struct dtls_name names[] = {
	{ false, "PSK-NEGOTIATE", 0, SUITE_DTLS12, GNUTLS_KX_PSK, GNUTLS_CIPHER_UNKNOWN, GNUTLS_MAC_UNKNOWN, NULL, 100 },
	{ true, "PSK-NEGOTIATE", 0, SUITE_DTLS12, GNUTLS_KX_PSK, GNUTLS_CIPHER_UNKNOWN, GNUTLS_MAC_UNKNOWN, NULL, 99 },
	{ true, "AES256-GCM-SHA384", 0x009D, SUITE_DTLS12, GNUTLS_KX_RSA, GNUTLS_CIPHER_AES_256_GCM, GNUTLS_MAC_AEAD, P12("AES-256-GCM", "AEAD", "RSA"), 90 },
	{ true, "ECDHE-RSA-AES256-GCM-SHA384", 0xC030, SUITE_DTLS12, GNUTLS_KX_ECDHE_RSA, GNUTLS_CIPHER_AES_256_GCM, GNUTLS_MAC_AEAD, P12("AES-256-GCM", "AEAD", "ECDHE-RSA"), 80 },
	{ true, "ECDHE-RSA-AES128-GCM-SHA256", 0xC02F, SUITE_DTLS12, GNUTLS_KX_ECDHE_RSA, GNUTLS_CIPHER_AES_128_GCM, GNUTLS_MAC_AEAD, P12("AES-128-GCM", "AEAD", "ECDHE-RSA"), 70 },
	{ true, "DHE-RSA-AES256-GCM-SHA384", 0x009F, SUITE_DTLS12, GNUTLS_KX_DHE_RSA, GNUTLS_CIPHER_AES_256_GCM, GNUTLS_MAC_AEAD, P12("AES-256-GCM", "AEAD", "DHE-RSA"), 60 },
	{ true, "DHE-RSA-AES128-GCM-SHA256", 0x009E, SUITE_DTLS12, GNUTLS_KX_DHE_RSA, GNUTLS_CIPHER_AES_128_GCM, GNUTLS_MAC_AEAD, P12("AES-128-GCM", "AEAD", "DHE-RSA"), 60 },
	{ true, "AES128-GCM-SHA256", 0x009C, SUITE_DTLS12, GNUTLS_KX_RSA, GNUTLS_CIPHER_AES_128_GCM, GNUTLS_MAC_AEAD, P12("AES-128-GCM", "AEAD", "RSA"), 50 },
	{ true, "AES256-SHA256", 0x003D, SUITE_DTLS12, GNUTLS_KX_RSA, GNUTLS_CIPHER_AES_256_CBC, GNUTLS_MAC_SHA256, P12("AES-256-CBC", "SHA256", "RSA"), 20 },
	{ true, "AES128-SHA256", 0x003C, SUITE_DTLS12, GNUTLS_KX_RSA, GNUTLS_CIPHER_AES_128_CBC, GNUTLS_MAC_SHA256, P12("AES-128-CBC", "SHA256", "RSA"), 20 },
	{ true, "AES256-SHA", 0x0035, SUITE_DTLS12, GNUTLS_KX_RSA, GNUTLS_CIPHER_AES_256_CBC, GNUTLS_MAC_SHA1, P12("AES-256-CBC", "SHA1", "RSA"), 20 },
	{ true, "AES128-SHA", 0x002F, SUITE_DTLS12, GNUTLS_KX_RSA, GNUTLS_CIPHER_AES_128_CBC, GNUTLS_MAC_SHA1, P12("AES-128-CBC", "SHA1", "RSA"), 20 },
	{ false, "OC-DTLS1_2-AES256-GCM", 0x009D, SUITE_DTLS12, GNUTLS_KX_RSA, GNUTLS_CIPHER_AES_256_GCM, GNUTLS_MAC_AEAD, P12("AES-256-GCM", "AEAD", "RSA"), 90 },
	{ false, "OC-DTLS1_2-AES128-GCM", 0x009C, SUITE_DTLS12, GNUTLS_KX_RSA, GNUTLS_CIPHER_AES_128_GCM, GNUTLS_MAC_AEAD, P12("AES-128-GCM", "AEAD", "RSA"), 80 },
	{ false, "AES256-SHA", 0x0035, SUITE_DTLS10, GNUTLS_KX_RSA, GNUTLS_CIPHER_AES_256_CBC, GNUTLS_MAC_SHA1, P10("AES-256-CBC", "RSA"), 60 },
	{ false, "AES128-SHA", 0x002F, SUITE_DTLS10, GNUTLS_KX_RSA, GNUTLS_CIPHER_AES_128_CBC, GNUTLS_MAC_SHA1, P10("AES-128-CBC", "RSA"), 50 },
	{ false, "DHE-RSA-AES256-SHA", 0x0039, SUITE_DTLS10, GNUTLS_KX_DHE_RSA, GNUTLS_CIPHER_AES_256_CBC, GNUTLS_MAC_SHA1, P10("AES-256-CBC", "DHE-RSA"), 40 },
	{ false, "DHE-RSA-AES128-SHA", 0x0033, SUITE_DTLS10, GNUTLS_KX_DHE_RSA, GNUTLS_CIPHER_AES_128_CBC, GNUTLS_MAC_SHA1, P10("AES-128-CBC", "DHE-RSA"), 30 },
	{ false, "DES-CBC3-SHA", 0x000A, SUITE_DTLS10, GNUTLS_KX_RSA, GNUTLS_CIPHER_3DES_CBC, GNUTLS_MAC_SHA1, P10("3DES-CBC", "RSA"), 1 },
};

#define NAMES (sizeof(names) / sizeof(names[0]))

gnutls_priority_t
dtls_name_priority(const struct dtls_name *n, gnutls_protocol_t version)
{
	static const struct {
		gnutls_protocol_t version;
		const char *word;
	} versions[] = { { GNUTLS_DTLS0_9, "DTLS0.9" }, { GNUTLS_DTLS1_0, "DTLS1.0" }, { GNUTLS_DTLS1_2, "DTLS1.2" } };
	static gnutls_priority_t made[NAMES][sizeof(versions) / sizeof(versions[0])];
	size_t v = 0;
	gnutls_priority_t *p;
	char text[200];

	while (versions[v].version != version)
		v++;
	p = &made[n - names][v];
	snprintf(text, sizeof(text), "NONE:+VERS-%s:%s", versions[v].word, n->priority);
	if (*p == NULL && gnutls_priority_init(p, text, NULL) < 0)
		*p = NULL;
	return *p;
}

void
dtls_names_prepare(void)
{
	for (size_t i = 0; i < NAMES; i++) {
		if (dtls_name_is_psk(&names[i]))
			continue;
		dtls_name_priority(&names[i], names[i].version == SUITE_DTLS12 ? GNUTLS_DTLS1_2 : GNUTLS_DTLS1_0);
		if (names[i].version == SUITE_DTLS10)
			dtls_name_priority(&names[i], GNUTLS_DTLS0_9);
	}
}

bool
dtls_list_has(const char *list, const char *name)
{
	size_t name_len = strlen(name);

	for (const char *p = list; p != NULL && *p != '\0';) {
		size_t len = strcspn(p, ":\r\n ");

		if (len == name_len && strncasecmp(p, name, len) == 0)
			return true;
		p += len;
		p += strspn(p, ":\r\n ");
	}
	return false;
}

static bool
keyword_seen(const struct suite_list *list, size_t before, const char *word, bool mac)
{
	for (size_t i = 0; i < before; i++) {
		const struct suite *s = list->suites[i];

		if (suite_psk(s->cipher, s->mac) != NULL && strcmp(mac ? s->mac : s->cipher, word) == 0)
			return true;
	}
	return false;
}

bool
dtls_psk_priority(const struct suite_list *allowed12, char *out, size_t size)
{
	size_t at = (size_t)snprintf(out, size, "NONE:+VERS-DTLS1.2:+COMP-NULL:+SIGN-ALL:+GROUP-ALL:%%SERVER_PRECEDENCE:+PSK");
	bool any = false;

	/* no ECDHE-PSK: GnuTLS has it with CBC only, and the key already comes out of a TLS session's own exchange */
	for (size_t i = 0; i < allowed12->count; i++) {
		const struct suite *s = allowed12->suites[i];

		if (suite_psk(s->cipher, s->mac) == NULL)
			continue;
		any = true;
		if (at < size && !keyword_seen(allowed12, i, s->cipher, false))
			at += (size_t)snprintf(out + at, size - at, ":+%s", s->cipher);
		if (at < size && !keyword_seen(allowed12, i, s->mac, true))
			at += (size_t)snprintf(out + at, size - at, ":+%s", s->mac);
	}
	return any && at < size;
}

/* An operator's own order goes before ours, which is protocol.md 3.2's. Below 100. */
static unsigned
allowed_rank(const struct suite_list *allowed, const struct dtls_name *n)
{
	if (suite_list_in_order(allowed))
		return n->preference;
	for (unsigned i = 0; i < allowed->count; i++) {
		if (allowed->suites[i]->id == n->suite)
			return 99 - i;
	}
	return 0;
}

/* Offered and allowed: not 0. What is nearer to the TLS connection goes first, then what is newer. */
static unsigned
name_rank(const struct dtls_offer *o, const struct dtls_name *n)
{
	const struct suite_list *allowed = n->version == SUITE_DTLS12 ? &o->allowed12 : &o->allowed10;
	const struct suite *s = suite_by_id(n->suite);
	char priority[400];
	bool same;

	if (!dtls_list_has(n->x_dtls12 ? o->x_dtls12 : o->x_dtls, n->name))
		return 0;
	if (dtls_name_is_psk(n))
		return !o->phone && dtls_psk_priority(allowed, priority, sizeof(priority)) ? 2000 + n->preference : 0;
	if (!o->has_master || !suite_list_has(allowed, s))
		return 0;
	if (o->phone) {
		if (s != o->tls_suite)
			return 0;
		return n->x_dtls12 ? 1 : 2;
	}
	same = o->tls_suite != NULL && strcmp(s->cipher, o->tls_suite->cipher) == 0 &&
	    strcmp(s->mac, o->tls_suite->mac) == 0;
	return 1 + allowed_rank(allowed, n) + (n->version == SUITE_DTLS12 ? 100 : 0) + (same ? 200 : 0) +
	    (n->x_dtls12 ? 1000 : 0);
}

const struct dtls_name *
dtls_choose(const struct dtls_offer *o)
{
	const struct dtls_name *best = NULL;
	unsigned best_rank = 0;

	for (size_t i = 0; i < NAMES; i++) {
		unsigned rank = name_rank(o, &names[i]);

		if (rank > best_rank) {
			best_rank = rank;
			best = &names[i];
		}
	}
	return best;
}
