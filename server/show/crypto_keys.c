/* SPDX-License-Identifier: GPL-2.0-or-later */
/* show crypto key mypubkey (asa-reference 2.5). */
#include <gnutls/gnutls.h>
#include <time.h>

#include "common/buf.h"
#include "server/main/keypair.h"
#include "server/show/crypto.h"
#include "server/show/format.h"
#include "server/show/json.h"

static void
key_text(FILE *f, const struct main_keypair *k)
{
	time_t t = (time_t)k->made;
	char clock[20], month[20], year[20];
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	strftime(month, sizeof(month), "%b", &tm);
	strftime(year, sizeof(year), "%Y", &tm);
	fprintf(f, "Key pair was generated at: %s UTC %s %d %s\nKey name: %s\n Usage: General Purpose Key\n",
	    clock, month, tm.tm_mday, year, k->label);
	if (k->algo == GNUTLS_PK_RSA)
		fprintf(f, " Modulus Size (bits): %u\n", k->bits);
	else
		fprintf(f, " EC Size (bits): %u\n", k->bits);
	fputs(" Storage: config\n Key Data:", f);
	for (uint32_t i = 0; i < k->public_len; i++)
		fprintf(f, "%s%02x", i % 32 == 0 ? "\n  " : i % 4 == 0 ? " " : "", k->public[i]);
	fputc('\n', f);
}

static void
key_json(struct json *j, const struct main_keypair *k)
{
	char made[40], hex[4100] = "";

	format_rfc3339((time_t)k->made, made, sizeof(made));
	if (2 * k->public_len < sizeof(hex))
		hex_put(k->public, k->public_len, hex);
	json_object(j, NULL);
	json_str(j, "name", k->label);
	json_str(j, "algorithm", keypair_algo_name(k->algo));
	json_int(j, "bits", k->bits);
	json_str(j, "made", made);
	json_str(j, "public", hex);
	json_end_object(j);
}

void
show_crypto_keys(bool ecdsa, FILE *f, bool json)
{
	struct json j = { .f = f };

	if (json)
		json_list(&j, "keys");
	for (const struct main_keypair *k = main_keypair_first(); k != NULL; k = k->next) {
		if ((k->algo == GNUTLS_PK_ECDSA) != ecdsa)
			continue;
		if (json)
			key_json(&j, k);
		else
			key_text(f, k);
	}
	if (json)
		json_end_list(&j);
}
