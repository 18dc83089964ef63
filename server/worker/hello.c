/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/worker/hello.h"

#include <ctype.h>
#include <string.h>

#include "common/buf.h"

enum { EXT_SERVER_NAME = 0, EXT_SUPPORTED_VERSIONS = 43 };

static const struct {
	uint16_t wire;
	enum suite_version version;
} wire_versions[] = {
	{ 0x0301, SUITE_TLS10 },
	{ 0x0302, SUITE_TLS11 },
	{ 0x0303, SUITE_TLS12 },
	{ 0x0304, SUITE_TLS13 },
};

/* RFC 6066 section 3; only names that could be host names are kept. */
static void
sni_parse(struct rd ext, struct hello *out)
{
	struct rd list = rd_sub(&ext, rd_u16(&ext));
	uint8_t type = rd_u8(&list);
	size_t len = rd_u16(&list);
	const uint8_t *name = rd_bytes(&list, len);

	if (name == NULL || type != 0 || len == 0 || len >= sizeof(out->sni))
		return;
	for (size_t i = 0; i < len; i++) {
		if (!isalnum(name[i]) && memchr(".-_:", name[i], 4) == NULL) {
			out->sni[0] = '\0';
			return;
		}
		out->sni[i] = (char)tolower(name[i]);
	}
	out->sni[len] = '\0';
}

static void
versions_parse(struct rd ext, struct hello *out)
{
	struct rd list = rd_sub(&ext, rd_u8(&ext));

	out->has_versions = true;
	while (rd_left(&list) >= 2) {
		uint16_t v = rd_u16(&list);

		for (size_t i = 0; i < sizeof(wire_versions) / sizeof(wire_versions[0]); i++) {
			if (wire_versions[i].wire == v)
				out->versions[wire_versions[i].version] = true;
		}
	}
}

static void
versions_from_legacy(struct hello *out)
{
	for (size_t i = 0; i < sizeof(wire_versions) / sizeof(wire_versions[0]); i++) {
		if (wire_versions[i].wire <= out->legacy_version && wire_versions[i].version != SUITE_TLS13)
			out->versions[wire_versions[i].version] = true;
	}
}

bool
hello_parse(const void *body, size_t len, struct hello *out)
{
	struct rd r = rd_init(body, len), suites, exts;

	memset(out, 0, sizeof(*out));
	out->legacy_version = rd_u16(&r);
	rd_bytes(&r, 32);
	rd_bytes(&r, rd_u8(&r));
	suites = rd_sub(&r, rd_u16(&r));
	while (rd_left(&suites) >= 2 && out->suite_count < HELLO_SUITES_MAX)
		out->suites[out->suite_count++] = rd_u16(&suites);
	rd_bytes(&r, rd_u8(&r));
	if (r.bad || suites.bad)
		return false;
	if (rd_left(&r) > 0) {
		exts = rd_sub(&r, rd_u16(&r));
		if (exts.bad)
			return false;
		while (rd_left(&exts) >= 4) {
			uint16_t type = rd_u16(&exts);
			struct rd ext = rd_sub(&exts, rd_u16(&exts));

			if (ext.bad)
				return false;
			if (out->extension_count < HELLO_EXTENSIONS_MAX)
				out->extensions[out->extension_count++] = type;
			if (type == EXT_SERVER_NAME)
				sni_parse(ext, out);
			else if (type == EXT_SUPPORTED_VERSIONS)
				versions_parse(ext, out);
		}
	}
	if (!out->has_versions)
		versions_from_legacy(out);
	return true;
}

bool
hello_offers(const struct hello *h, uint16_t suite)
{
	for (size_t i = 0; i < h->suite_count; i++) {
		if (h->suites[i] == suite)
			return true;
	}
	return false;
}

bool
hello_phone_like(const struct hello *h)
{
	static const uint16_t phone_suites[] = {
		0xC02C, 0xC02B, 0xC030, 0xC02F, 0xC00A, 0xC009, 0xC014, 0xC013,
		0x0035, 0x002F, 0x000A, 0x0039, 0x0033,
		0x00FF, 0x5600, /* signalling values, no suites */
	};

	if (h->versions[SUITE_TLS13] || (!hello_offers(h, 0x0035) && !hello_offers(h, 0x002F)))
		return false;
	for (size_t i = 0; i < h->suite_count; i++) {
		bool known = false;

		for (size_t k = 0; k < sizeof(phone_suites) / sizeof(phone_suites[0]) && !known; k++)
			known = phone_suites[k] == h->suites[i];
		if (!known)
			return false;
	}
	return true;
}
