/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes where a certificate is expected. The first byte says where: pasted
 * by the administrator, sent by a client, or a CRL or OCSP response from a server.
 */
#include <gnutls/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/mem.h"
#include "server/certauth/cert_map.h"
#include "server/certauth/chain.h"
#include "server/config/config.h"
#include "server/main/pem.h"
#include "server/main/x509.h"
#include "server/revoke/crl.h"
#include "server/revoke/ocsp.h"
#include "tests/fuzz/fuzz.h"

static void
pasted(const char *text, size_t len)
{
	FILE *null = fopen("/dev/null", "w");
	struct pem_list list;
	const char *why;

	if (pem_get_all(text, len, &list, &why) == 0) {
		for (size_t i = 0; i < list.count; i++) {
			gnutls_x509_crt_t crt = x509_load(list.item[i].der, list.item[i].len);
			char name[X509_NAME_MAX], reason[256];

			if (crt == NULL)
				continue;
			x509_name_text(crt, X509_SUBJECT, name, sizeof(name));
			x509_serial_text(crt, name, sizeof(name));
			x509_acceptable(crt, reason, sizeof(reason));
			x509_fingerprints_print("", list.item[i].der, list.item[i].len, null);
			gnutls_x509_crt_deinit(crt);
		}
	}
	pem_list_clear(&list);
	fclose(null);
}

static void
sent_by_a_client(const uint8_t *data, size_t len)
{
	struct auth_policy *p = auth_policy_new();
	struct ipc_blob blob = { data, (uint32_t)len };
	struct chain_result result;
	char user[CHAIN_USER_MAX];
	struct chain c;

	auth_policy_add_cert_rule(p, &(struct ipc_auth_cert_rule){ .map = "m", .seq = 1, .field = CERT_SUBJECT, .op = CERT_CO,
	    .attr = "cn", .value = "x" });
	auth_policy_add_cert_rule(p, &(struct ipc_auth_cert_rule){ .map = "m", .seq = 1, .field = CERT_ALT_SUBJECT, .op = CERT_NC,
	    .attr = "", .value = "x" });
	auth_policy_add_group_map(p, &(struct ipc_auth_group_map){ .map = "m", .seq = 1, .tunnel_group = "g" });
	if (chain_get(&c, &blob) == 0 && c.count > 0) {
		chain_verify(&c, p, &result);
		chain_user(&c, "CN OU", user);
		cert_map_find(p, c.crts[0]);
	}
	chain_clear(&c);
	auth_policy_free(p);
}

static void
crl(const uint8_t *data, size_t len)
{
	char why[160];
	size_t too_many;

	crls_free(crls_read(data, len, why, sizeof(why), &too_many));
}

static void
ocsp(const uint8_t *data, size_t len)
{
	static gnutls_x509_crt_t crt;
	struct ocsp_request request = { .has_nonce = true };
	const char *why;

	if (crt == NULL)
		gnutls_x509_crt_init(&crt);
	ocsp_response_check(data, len, crt, crt, &request, &why);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	switch (data[0]) {
	case 'c':
		sent_by_a_client(data + 1, size - 1);
		break;
	case 'r':
		crl(data + 1, size - 1);
		break;
	case 'o':
		ocsp(data + 1, size - 1);
		break;
	default:
		pasted((const char *)data, size);
		break;
	}
	return 0;
}
