/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/suite.h"

#include <string.h>
#include <strings.h>

#include "common/suite_string.h"

/* In the ASA's order of preference for level medium (asa-reference 1.11). */
static const struct suite suites[] = {
	{ 0x1302, "TLS_AES_256_GCM_SHA384", SUITE_TLS13, KX_ANY, "AES-256-GCM", "AEAD", "AES-GCM-256", "SHA384" },
	{ 0x1301, "TLS_AES_128_GCM_SHA256", SUITE_TLS13, KX_ANY, "AES-128-GCM", "AEAD", "AES-GCM-128", "SHA256" },
	{ 0x1303, "TLS_CHACHA20_POLY1305_SHA256", SUITE_TLS13, KX_ANY, "CHACHA20-POLY1305", "AEAD", "CHACHA20", "SHA256" },
	{ 0xC02C, "ECDHE-ECDSA-AES256-GCM-SHA384", SUITE_TLS12, KX_ECDHE_ECDSA, "AES-256-GCM", "AEAD", "AES-GCM-256", "SHA384" },
	{ 0xC030, "ECDHE-RSA-AES256-GCM-SHA384", SUITE_TLS12, KX_ECDHE_RSA, "AES-256-GCM", "AEAD", "AES-GCM-256", "SHA384" },
	{ 0x009F, "DHE-RSA-AES256-GCM-SHA384", SUITE_TLS12, KX_DHE_RSA, "AES-256-GCM", "AEAD", "AES-GCM-256", "SHA384" },
	{ 0x009D, "AES256-GCM-SHA384", SUITE_TLS12, KX_RSA, "AES-256-GCM", "AEAD", "AES-GCM-256", "SHA384" },
	{ 0xC024, "ECDHE-ECDSA-AES256-SHA384", SUITE_TLS12, KX_ECDHE_ECDSA, "AES-256-CBC", "SHA384", "AES256", "SHA384" },
	{ 0xC028, "ECDHE-RSA-AES256-SHA384", SUITE_TLS12, KX_ECDHE_RSA, "AES-256-CBC", "SHA384", "AES256", "SHA384" },
	{ 0x006B, "DHE-RSA-AES256-SHA256", SUITE_TLS12, KX_DHE_RSA, "AES-256-CBC", "SHA256", "AES256", "SHA256" },
	{ 0x003D, "AES256-SHA256", SUITE_TLS12, KX_RSA, "AES-256-CBC", "SHA256", "AES256", "SHA256" },
	{ 0xC02B, "ECDHE-ECDSA-AES128-GCM-SHA256", SUITE_TLS12, KX_ECDHE_ECDSA, "AES-128-GCM", "AEAD", "AES-GCM-128", "SHA256" },
	{ 0xC02F, "ECDHE-RSA-AES128-GCM-SHA256", SUITE_TLS12, KX_ECDHE_RSA, "AES-128-GCM", "AEAD", "AES-GCM-128", "SHA256" },
	{ 0x009E, "DHE-RSA-AES128-GCM-SHA256", SUITE_TLS12, KX_DHE_RSA, "AES-128-GCM", "AEAD", "AES-GCM-128", "SHA256" },
	{ 0x009C, "AES128-GCM-SHA256", SUITE_TLS12, KX_RSA, "AES-128-GCM", "AEAD", "AES-GCM-128", "SHA256" },
	{ 0xC023, "ECDHE-ECDSA-AES128-SHA256", SUITE_TLS12, KX_ECDHE_ECDSA, "AES-128-CBC", "SHA256", "AES128", "SHA256" },
	{ 0xC027, "ECDHE-RSA-AES128-SHA256", SUITE_TLS12, KX_ECDHE_RSA, "AES-128-CBC", "SHA256", "AES128", "SHA256" },
	{ 0x0067, "DHE-RSA-AES128-SHA256", SUITE_TLS12, KX_DHE_RSA, "AES-128-CBC", "SHA256", "AES128", "SHA256" },
	{ 0x003C, "AES128-SHA256", SUITE_TLS12, KX_RSA, "AES-128-CBC", "SHA256", "AES128", "SHA256" },
	{ 0x0039, "DHE-RSA-AES256-SHA", SUITE_TLS10, KX_DHE_RSA, "AES-256-CBC", "SHA1", "AES256", "SHA1" },
	{ 0x0035, "AES256-SHA", SUITE_TLS10, KX_RSA, "AES-256-CBC", "SHA1", "AES256", "SHA1" },
	{ 0x0033, "DHE-RSA-AES128-SHA", SUITE_TLS10, KX_DHE_RSA, "AES-128-CBC", "SHA1", "AES128", "SHA1" },
	{ 0x002F, "AES128-SHA", SUITE_TLS10, KX_RSA, "AES-128-CBC", "SHA1", "AES128", "SHA1" },
	/* below: known by name, in no level but "low"/"all" or in none */
	{ 0x000A, "DES-CBC3-SHA", SUITE_TLS10, KX_RSA, "3DES-CBC", "SHA1", "3DES", "SHA1" },
	{ 0xC014, "ECDHE-RSA-AES256-SHA", SUITE_TLS10, KX_ECDHE_RSA, "AES-256-CBC", "SHA1", "AES256", "SHA1" },
	{ 0xC013, "ECDHE-RSA-AES128-SHA", SUITE_TLS10, KX_ECDHE_RSA, "AES-128-CBC", "SHA1", "AES128", "SHA1" },
	/* of DTLS with PSK-NEGOTIATE (protocol.md 3.4): negotiated, never configured by name */
	{ 0x00A9, "PSK-AES256-GCM-SHA384", SUITE_TLS12, KX_PSK, "AES-256-GCM", "AEAD", "AES-GCM-256", "SHA384" },
	{ 0x00A8, "PSK-AES128-GCM-SHA256", SUITE_TLS12, KX_PSK, "AES-128-GCM", "AEAD", "AES-GCM-128", "SHA256" },
	{ 0x00AF, "PSK-AES256-CBC-SHA384", SUITE_TLS12, KX_PSK, "AES-256-CBC", "SHA384", "AES256", "SHA384" },
	{ 0x00AE, "PSK-AES128-CBC-SHA256", SUITE_TLS12, KX_PSK, "AES-128-CBC", "SHA256", "AES128", "SHA256" },
	{ 0x008D, "PSK-AES256-CBC-SHA", SUITE_TLS12, KX_PSK, "AES-256-CBC", "SHA1", "AES256", "SHA1" },
	{ 0x008C, "PSK-AES128-CBC-SHA", SUITE_TLS12, KX_PSK, "AES-128-CBC", "SHA1", "AES128", "SHA1" },
};

static const char *const refused[] = {
	"RC4-SHA", "RC4-MD5", "DES-CBC-SHA", "NULL-SHA", "NULL-MD5", "NULL-SHA256", "EDH-RSA-DES-CBC3-SHA", "EDH-RSA-DES-CBC-SHA",
	"EXP-RC4-MD5", "EXP-DES-CBC-SHA", "EXP-RC2-CBC-MD5", "ECDHE-RSA-RC4-SHA", "ECDHE-ECDSA-RC4-SHA", "ECDHE-RSA-DES-CBC3-SHA",
	"ECDHE-ECDSA-DES-CBC3-SHA", "ECDHE-ECDSA-AES256-SHA", "ECDHE-ECDSA-AES128-SHA", "DHE-DSS-AES256-SHA", "DHE-DSS-AES128-SHA",
	"ADH-AES256-SHA", "ADH-AES128-SHA", "ECDHE-RSA-CHACHA20-POLY1305", "ECDHE-ECDSA-CHACHA20-POLY1305",
	"DHE-RSA-CHACHA20-POLY1305",
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

const struct suite *
suite_by_name(const char *name)
{
	for (size_t i = 0; i < COUNT(suites); i++) {
		if (strcasecmp(suites[i].name, name) == 0)
			return suites[i].kx != KX_PSK ? &suites[i] : NULL;
	}
	return NULL;
}

const struct suite *
suite_by_id(uint16_t id)
{
	for (size_t i = 0; i < COUNT(suites); i++) {
		if (suites[i].id == id)
			return &suites[i];
	}
	return NULL;
}

bool
suite_name_refused(const char *name)
{
	for (size_t i = 0; i < COUNT(refused); i++) {
		if (strcasecmp(refused[i], name) == 0)
			return true;
	}
	return false;
}

bool
suite_list_has(const struct suite_list *list, const struct suite *suite)
{
	for (size_t i = 0; i < list->count; i++) {
		if (list->suites[i] == suite)
			return true;
	}
	return false;
}

bool
suite_list_in_order(const struct suite_list *list)
{
	for (size_t i = 1; i < list->count; i++) {
		if (list->suites[i - 1] > list->suites[i])
			return false;
	}
	return true;
}

const struct suite *
suite_psk(const char *cipher, const char *mac)
{
	for (size_t i = 0; i < COUNT(suites); i++) {
		const struct suite *s = &suites[i];

		if (s->kx == KX_PSK && strcmp(s->cipher, cipher) == 0 && strcmp(s->mac, mac) == 0)
			return s;
	}
	return NULL;
}

const struct suite *
suite_at(size_t i)
{
	return i < COUNT(suites) ? &suites[i] : NULL;
}

bool
suite_fits(const struct suite *s, enum suite_version version)
{
	switch (version) {
	case SUITE_TLS10:
	case SUITE_TLS11:
	case SUITE_DTLS10:
		return s->since == SUITE_TLS10;
	case SUITE_TLS12:
	case SUITE_DTLS12:
		return s->since <= SUITE_TLS12;
	case SUITE_TLS13:
		return s->since == SUITE_TLS13;
	default:
		return false;
	}
}

/* asa-reference 1.11: what each level holds. */
static bool
suite_in_level(const struct suite *s, const char *level)
{
	bool outside_asa = s->id == 0xC014 || s->id == 0xC013 || s->kx == KX_PSK;

	if (outside_asa)
		return false;
	if (strcmp(level, "all") == 0 || strcmp(level, "low") == 0)
		return true;
	if (s->id == 0x000A)
		return false;
	if (strcmp(level, "high") == 0)
		return strncmp(s->cipher, "AES-256", 7) == 0 && strcmp(s->mac, "SHA1") != 0;
	return true; /* medium, fips */
}

void
suite_list_make(enum suite_version version, const char *level, const char *custom, struct suite_list *out)
{
	out->count = 0;
	if (level == NULL)
		level = "medium";
	if (strcmp(level, "custom") == 0) {
		suite_string_list(version, custom != NULL ? custom : "", out);
		return;
	}
	for (size_t i = 0; i < COUNT(suites) && out->count < SUITE_LIST_MAX; i++) {
		if (suite_in_level(&suites[i], level) && suite_fits(&suites[i], version))
			out->suites[out->count++] = &suites[i];
	}
}
