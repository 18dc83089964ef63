/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/main/asalog_series.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "common/buf.h"
#include "common/suite.h"
#include "server/main/asalog.h"
#include "server/main/daemon.h"
#include "server/main/publish.h"

#define SUITES_MAX 128

enum { HEX_DIGITS = 4, FALLBACK_SCSV = 0x5600, RENEGOTIATION_SCSV = 0x00ff };

/* The next suite; those that only signal something are none. */
static bool
suite_next(const char **at, uint16_t *id)
{
	uint8_t bytes[2];

	while (strnlen(*at, HEX_DIGITS) == HEX_DIGITS && hex_get(*at, HEX_DIGITS, bytes, sizeof(bytes))) {
		*at += HEX_DIGITS;
		*id = (uint16_t)(bytes[0] << 8 | bytes[1]);
		if (*id != FALLBACK_SCSV && *id != RENEGOTIATION_SCSV)
			return true;
	}
	return false;
}

void
asalog_support(const struct conn *c, const char *version)
{
	static const char *const older[] = { [SUITE_TLS10] = "TLSv1", [SUITE_TLS11] = "TLSv1.1", [SUITE_TLS12] = "TLSv1.2" };
	size_t v = 0;
	struct suite_list list;
	char number[24];

	if (!asalog_wanted(725010))
		return;
	while (v < SUITE_TLS13 && strcmp(older[v], version) != 0)
		v++;
	tls_list_make(daemon_.config, (enum suite_version)v, &list);
	snprintf(number, sizeof(number), "%zu", list.count);
	asalog(725010, c, NULL, number, NULL, NULL, NULL);
	for (size_t i = 0; i < list.count; i++) {
		snprintf(number, sizeof(number), "%zu", i + 1);
		asalog(725011, c, NULL, number, list.suites[i]->name, NULL, NULL);
	}
}

void
asalog_proposal(const struct conn *c, const char *suites)
{
	uint16_t ids[SUITES_MAX];
	char number[12], unknown[8];
	unsigned n = 0;

	while (n < SUITES_MAX && suite_next(&suites, &ids[n]))
		n++;
	if (n == 0)
		return;
	snprintf(number, sizeof(number), "%u", n);
	asalog(725008, c, NULL, number, NULL, NULL, NULL);
	for (unsigned i = 0; i < n; i++) {
		const struct suite *s = suite_by_id(ids[i]);

		snprintf(number, sizeof(number), "%u", i + 1);
		snprintf(unknown, sizeof(unknown), "0x%04X", ids[i]);
		asalog(725011, c, NULL, number, s != NULL ? s->name : unknown, NULL, NULL);
	}
}

void
asalog_extraction(const struct conn *c, const char *request, const char *how)
{
	char finished[40];
	const char *steps[] = { "been requested", "started", finished, "completed" };

	snprintf(finished, sizeof(finished), "finished %s", how);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		asalog(113028, c, NULL, request, steps[i], NULL, NULL);
}
