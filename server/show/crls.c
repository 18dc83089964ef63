/* SPDX-License-Identifier: GPL-2.0-or-later */
/* show crypto ca crls (asa-reference 2.5). */
#include <string.h>

#include "server/main/daemon.h"
#include "server/main/revocation.h"
#include "server/main/x509.h"
#include "server/show/format.h"
#include "server/show/json.h"
#include "server/show/show.h"

/* A CRL belongs to the trustpoints whose CA issued it, whoever fetched it. */
static bool
issued_by(const struct crl_info *c, const struct cfg_trustpoint *tp)
{
	gnutls_x509_crt_t crt = tp->ca.len > 0 ? x509_load(tp->ca.data, tp->ca.len) : NULL;
	gnutls_datum_t dn = { 0 };
	bool same;

	if (crt == NULL)
		return false;
	same = gnutls_x509_crt_get_dn3(crt, &dn, 0) == 0 && strlen(c->issuer) == dn.size &&
	    memcmp(c->issuer, dn.data, dn.size) == 0;
	gnutls_free(dn.data);
	gnutls_x509_crt_deinit(crt);
	return same;
}

static bool
belongs(const struct crl_info *c, const char *trustpoint)
{
	const struct cfg_trustpoint *tp = trustpoint != NULL ? config_trustpoint(daemon_.config, trustpoint) : NULL;

	return trustpoint == NULL || (tp != NULL && issued_by(c, tp));
}

static void
crl_text(FILE *f, const struct crl_info *c)
{
	char at[40];

	fprintf(f, "CRL Issuer Name:\n");
	for (const char *p = c->issuer; *p != '\0';) {
		size_t len = strcspn(p, ",");

		fprintf(f, "    %.*s\n", (int)len, p);
		p += len;
		p += *p == ',';
	}
	format_time((time_t)c->this_update, at, sizeof(at));
	fprintf(f, "    LastUpdate: %s\n", at);
	format_time((time_t)c->next_update, at, sizeof(at));
	fprintf(f, "    NextUpdate: %s\n", c->next_update != 0 ? at : "none");
	fprintf(f, "    Retrieved from CRL Distribution Point:\n        %s\n", c->url);
	fprintf(f, "    Size (bytes): %u\n    Revoked certificates: %u\n    Associated Trustpoints:", c->size, c->revoked);
	for (const struct cfg_trustpoint *tp = daemon_.config->trustpoints; tp != NULL; tp = tp->next) {
		if (issued_by(c, tp))
			fprintf(f, " %s", tp->name);
	}
	fprintf(f, "\n\n");
}

static void
crl_json(struct json *j, const struct crl_info *c)
{
	char at[40];

	json_object(j, NULL);
	json_str(j, "issuer", c->issuer);
	format_rfc3339((time_t)c->this_update, at, sizeof(at));
	json_str(j, "last_update", at);
	format_rfc3339((time_t)c->next_update, at, sizeof(at));
	json_str(j, "next_update", c->next_update != 0 ? at : NULL);
	json_str(j, "url", c->url);
	json_int(j, "size_bytes", c->size);
	json_int(j, "revoked", c->revoked);
	json_array(j, "trustpoints");
	for (const struct cfg_trustpoint *tp = daemon_.config->trustpoints; tp != NULL; tp = tp->next) {
		if (issued_by(c, tp))
			json_str(j, NULL, tp->name);
	}
	json_end_array(j);
	json_end_object(j);
}

void
show_crypto_crls(const char *trustpoint, FILE *f, bool json)
{
	struct json j = { .f = f };

	if (trustpoint != NULL && config_trustpoint(daemon_.config, trustpoint) == NULL) {
		fprintf(f, "ERROR: Trustpoint %s does not exist\n", trustpoint);
		return;
	}
	if (json)
		json_list(&j, "crls");
	for (const struct crl_info *c = revocation_crls(); c != NULL; c = c->next) {
		if (!belongs(c, trustpoint))
			continue;
		if (json)
			crl_json(&j, c);
		else
			crl_text(f, c);
	}
	if (json)
		json_end_list(&j);
}
