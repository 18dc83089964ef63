/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The phone models: a table of facts.
 *
 * TLS versions: Cisco's table in the VPN phone guide (7900, 6900, 8900 and
 * 9900 series TLS 1.0 only; 78xx and 88xx TLS 1.0 and 1.2). The 88xx list is
 * the "current cipher ->" line of an 8861 with 14-0-1-0101-145. The narrowing
 * is the "new cipher ->" line of the same log. That newer firmware puts ECDSA
 * suites in front and may name DTLS 1.2 suites is not confirmed by a capture.
 */

#include "model.h"

#include <string.h>
#include <openssl/ssl.h>

#include "bytes.h"

#define AES_ONLY "AES256-SHA:AES128-SHA"
#define LIST_88XX "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256:" AES_ONLY
#define LIST_NEW "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256:" LIST_88XX
#define LIST_DTLS12 "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256:" AES_ONLY

#define PHONE_10(name) \
	{ name, TLS1_VERSION, AES_ONLY, AES_ONLY, NULL, false, false, "TLS 1.0, AES-CBC only" }
#define PHONE_12(name) \
	{ name, TLS1_2_VERSION, LIST_88XX, AES_ONLY, NULL, false, true, "TLS 1.2, EC suites first" }

static const struct model models[] = {
	PHONE_10("6941"), PHONE_10("6961"),
	PHONE_10("7942"), PHONE_10("7945"), PHONE_10("7962"), PHONE_10("7965"), PHONE_10("7975"),
	PHONE_10("8941"), PHONE_10("8961"), PHONE_10("9951"), PHONE_10("9971"),
	PHONE_12("7811"), PHONE_12("7821"), PHONE_12("7841"), PHONE_12("7861"),
	PHONE_12("8811"), PHONE_12("8821"), PHONE_12("8841"), PHONE_12("8845"), PHONE_12("8851"),
	PHONE_12("8861"), PHONE_12("8865"),
	{ "7962old", TLS1_VERSION, AES_ONLY, AES_ONLY, NULL, true, false,
	    "7962, fails unless TLS and DTLS suites are equal" },
	{ "8861old", TLS1_2_VERSION, LIST_88XX, AES_ONLY, NULL, true, true,
	    "8861, fails unless TLS and DTLS suites are equal" },
	{ "8865new", TLS1_2_VERSION, LIST_NEW, AES_ONLY, LIST_DTLS12, false, true,
	    "8865 with ECDSA suites in front, names DTLS 1.2 suites too" },
};

const struct model *
model_find(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(models); i++)
		if (strcmp(models[i].name, name) == 0)
			return &models[i];
	return NULL;
}

void
model_print_all(FILE *out)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(models); i++)
		fprintf(out, "  %-8s %s\n", models[i].name, models[i].about);
}
