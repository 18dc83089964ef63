/* SPDX-License-Identifier: GPL-2.0-or-later */
/* show vpn-phone: an extension of offhook, for those who have no CUCM to write a phone's configuration. */
#include <string.h>

#include "server/main/daemon.h"
#include "server/main/identity.h"
#include "server/main/publish.h"
#include "server/main/x509.h"
#include "server/show/show.h"

#define URLS_MAX   3  /* protocol.md 4.1 */
#define HASHES_MAX 10
#define PHONE_MTU  1290
#define CONNECT_S  30

static void
escaped(FILE *f, const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == '&')
			fputs("&amp;", f);
		else if (*s == '<')
			fputs("&lt;", f);
		else
			fputc(*s, f);
	}
}

static unsigned
urls_put(FILE *f, const struct cfg_tunnel_group *tg)
{
	unsigned n = 0;

	fprintf(f, "  <addresses>\n");
	for (const struct cfg_group_url *u = tg->urls; u != NULL && n < URLS_MAX; u = u->next) {
		if (!u->enabled || !u->https)
			continue;
		fprintf(f, "    <url%u>", ++n);
		escaped(f, u->url);
		fprintf(f, "</url%u>\n", n);
	}
	fprintf(f, "  </addresses>\n");
	return n;
}

struct hashes {
	FILE *f;
	unsigned n;
	char seen[HASHES_MAX][29];
};

/* The certificates that phones may be shown, each once. */
static void
hash_put(const char *nameif, const char *domain, const char *trustpoint, void *ctx)
{
	const struct main_identity *id = main_identity_find(trustpoint);
	struct hashes *h = ctx;
	char hash[29];

	(void)nameif, (void)domain;
	if (id == NULL || id->key_algo != GNUTLS_PK_RSA || h->n == HASHES_MAX)
		return;
	x509_cert_hash(id->leaf, id->leaf_len, hash);
	for (unsigned i = 0; i < h->n; i++) {
		if (strcmp(h->seen[i], hash) == 0)
			return;
	}
	strcpy(h->seen[h->n++], hash);
	fprintf(h->f, "    <certHash%u>%s</certHash%u>\n", h->n, hash, h->n);
}

/* What MTU the phone asks for: the policy's when that is smaller. */
static int
mtu_of(const struct cfg_group_resolved *group)
{
	struct cfg_policy_attrs p;

	config_policy_resolve(daemon_.config, NULL, group->default_group_policy, &p);
	return p.mtu < PHONE_MTU ? p.mtu : PHONE_MTU;
}

void
show_vpn_phone_xml(const char *tunnel_group, FILE *f)
{
	const struct cfg_tunnel_group *tg = config_tunnel_group(daemon_.config, tunnel_group);
	struct cfg_group_resolved group;
	struct hashes h = { .f = f };

	if (tg == NULL) {
		fprintf(f, "ERROR: Tunnel group %s does not exist\n", tunnel_group);
		return;
	}
	config_tunnel_group_resolve(daemon_.config, tg, &group);
	fprintf(f, "<vpnGroup>\n  <mtu>%d</mtu>\n  <failConnectTime>%d</failConnectTime>\n", mtu_of(&group), CONNECT_S);
	fprintf(f, "  <authMethod>%d</authMethod>\n", (group.authentication & AUTH_CERTIFICATE) != 0 ? 2 : 0);
	fprintf(f, "  <pswdPersistent>%d</pswdPersistent>\n", (group.authentication & AUTH_AAA) != 0);
	fprintf(f, "  <autoNetDetect>1</autoNetDetect>\n  <enableHostIDCheck>0</enableHostIDCheck>\n");
	if (urls_put(f, tg) == 0)
		fprintf(f, "  <!-- this tunnel-group has no group-url that is enabled and begins with https -->\n");
	fprintf(f, "  <credentials>\n    <hashAlg>0</hashAlg>\n");
	bindings_each(daemon_.config, hash_put, &h);
	if (h.n == 0)
		fprintf(f, "    <!-- no RSA certificate is bound: \"ssl trust-point\", \"crypto ca enroll\" -->\n");
	fprintf(f, "  </credentials>\n</vpnGroup>\n");
}
