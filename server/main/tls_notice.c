/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/main/tls_notice.h"

#include <gnutls/x509.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "server/config/model.h"
#include "server/main/asalog.h"
#include "server/main/daemon.h"
#include "server/main/identity.h"
#include "server/main/publish.h"
#include "server/main/x509.h"
#include "server/show/format.h"

#define NOTICE_DAYS 30
#define DAY_S       86400

int
days_until(time_t then, time_t now)
{
	return (int)((then - now) / DAY_S) - (then < now && (then - now) % DAY_S != 0);
}

/* ---- expiry ---- */

struct expiry {
	const char *trustpoint, *kind; /* "ID", "CA" */
	time_t at;
	int days;
	gnutls_x509_crt_t crt;
};

/* Each certificate of the configuration that expires soon, or has. */
static void
expiring_each(const struct config *cfg, void (*fn)(const struct expiry *, void *), void *ctx)
{
	time_t now = time(NULL);

	for (const struct cfg_trustpoint *tp = cfg->trustpoints; tp != NULL; tp = tp->next) {
		const struct cfg_blob *blobs[] = { &tp->identity, &tp->ca };

		for (size_t i = 0; i < 2; i++) {
			struct expiry e = { .trustpoint = tp->name, .kind = i == 0 ? "ID" : "CA" };

			if (blobs[i]->len == 0 || (e.crt = x509_load(blobs[i]->data, blobs[i]->len)) == NULL)
				continue;
			e.at = gnutls_x509_crt_get_expiration_time(e.crt);
			e.days = days_until(e.at, now);
			if (e.days <= NOTICE_DAYS)
				fn(&e, ctx);
			gnutls_x509_crt_deinit(e.crt);
		}
	}
}

static void
expiry_notice(const struct expiry *e, void *ctx)
{
	const char *what = strcmp(e->kind, "ID") == 0 ? "identity" : "CA";
	char at[40];

	format_time(e->at, at, sizeof(at));
	if (e->days < 0)
		fprintf(ctx, "WARNING: the %s certificate of trustpoint %s has expired: %s\n", what, e->trustpoint, at);
	else
		fprintf(ctx, "WARNING: the %s certificate of trustpoint %s expires in %d days: %s\n", what, e->trustpoint, e->days, at);
}

static void
expiry_log(const struct expiry *e, void *ctx)
{
	char at[40], days[12], subject[X509_NAME_MAX], names[2 * X509_NAME_MAX];

	(void)ctx;
	format_time(e->at, at, sizeof(at));
	snprintf(days, sizeof(days), "%d", e->days);
	x509_name_text(e->crt, X509_SUBJECT, subject, sizeof(subject));
	snprintf(names, sizeof(names), "%s Subject Name %s", at, subject);
	if (e->days < 0)
		asalog(717055, NULL, NULL, e->kind, e->trustpoint, names, NULL);
	else
		asalog(717054, NULL, NULL, e->kind, e->trustpoint, days, names);
}

/* ---- ciphers that the bound certificates cannot serve ---- */

static bool
can_encipher(const struct main_identity *id)
{
	gnutls_x509_crt_t crt = x509_load(id->leaf, id->leaf_len);
	unsigned usage = 0;
	bool can;

	if (crt == NULL)
		return false;
	can = gnutls_x509_crt_get_key_usage(crt, &usage, NULL) < 0 || (usage & GNUTLS_KEY_KEY_ENCIPHERMENT) != 0;
	gnutls_x509_crt_deinit(crt);
	return can;
}

static bool
serves(const struct main_identity *id, const struct suite *s)
{
	bool rsa = id->key_algo == GNUTLS_PK_RSA;

	switch (s->kx) {
	case KX_RSA:
		return rsa && can_encipher(id);
	case KX_DHE_RSA:
	case KX_ECDHE_RSA:
		return rsa;
	case KX_ECDHE_ECDSA:
		return id->key_algo == GNUTLS_PK_ECDSA;
	case KX_ANY:
		return true;
	case KX_PSK: /* of DTLS only */
		break;
	}
	return false;
}

struct served {
	const struct config *cfg;
	const char *nameif;
	const struct suite *suite;
	bool found, any_identity;
};

static void
served_by(const char *nameif, const char *domain, const char *trustpoint, void *ctx)
{
	const struct main_identity *id = main_identity_find(trustpoint);
	struct served *s = ctx;

	(void)domain;
	if (strcmp(nameif, s->nameif) != 0 || id == NULL)
		return;
	s->any_identity = true;
	s->found = s->found || serves(id, s->suite);
}

static void
suite_notice(const struct config *cfg, const char *nameif, enum suite_version v, const struct suite *suite, unsigned *good,
    FILE *out)
{
	static const char *const words[] = { "tlsv1", "tlsv1.1", "tlsv1.2", "tlsv1.3" };
	struct served s = { .cfg = cfg, .nameif = nameif, .suite = suite };

	bindings_each(cfg, served_by, &s);
	if (s.found || !s.any_identity)
		(*good)++;
	else if (tls_list_is_custom(cfg, v))
		fprintf(out, "WARNING: no certificate on interface %s can serve %s of \"ssl cipher %s\"\n", nameif, suite->name,
		    words[v]);
}

static void
cipher_notices(const struct config *cfg, FILE *out)
{
	enum suite_version min, max;

	tls_versions(cfg, &min, &max);
	for (const struct cfg_webvpn_enable *e = cfg->webvpn.enables; e != NULL; e = e->next) {
		for (unsigned v = min; v <= max; v++) {
			struct suite_list list;
			unsigned good = 0;

			tls_list_make(cfg, v, &list);
			for (size_t i = 0; i < list.count; i++)
				suite_notice(cfg, e->nameif, v, list.suites[i], &good, out);
			if (good == 0)
				fprintf(out, "WARNING: interface %s cannot speak TLS %s: no cipher that its certificate can serve\n",
				    e->nameif, (const char *[]){ "1.0", "1.1", "1.2", "1.3" }[v]);
		}
	}
}

/* ---- all ---- */

static void
binding_notice(const char *nameif, const char *domain, const char *trustpoint, void *ctx)
{
	(void)domain;
	if (main_identity_find(trustpoint) == NULL)
		fprintf(ctx, "WARNING: trust-point %s of interface %s has no identity certificate: handshakes fail until "
		    "\"crypto ca enroll %s\" or \"crypto ca import %s pkcs12\"\n", trustpoint, nameif, trustpoint, trustpoint);
}

void
tls_notices(const struct config *cfg, FILE *out)
{
	if (cfg->webvpn.enables != NULL && cfg->ssl.trustpoints == NULL)
		fprintf(out, "WARNING: no \"ssl trust-point\": there is no certificate to present, handshakes fail\n");
	bindings_each(cfg, binding_notice, out);
	identity_missing_report(cfg, out);
	cipher_notices(cfg, out);
	expiring_each(cfg, expiry_notice, out);
}

static void
daily_cb(struct ev_loop *loop, ev_periodic *w, int revents)
{
	(void)loop, (void)w, (void)revents;
	expiring_each(daemon_.config, expiry_log, NULL);
}

void
tls_notices_start(void)
{
	static ev_periodic daily;
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	if (f == NULL)
		abort();
	tls_notices(daemon_.config, f);
	fclose(f);
	for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"))
		log_warn("%s", strncmp(line, "WARNING: ", 9) == 0 ? line + 9 : line);
	free(text);
	expiring_each(daemon_.config, expiry_log, NULL);
	if (!ev_is_active(&daily)) {
		ev_periodic_init(&daily, daily_cb, 0.0, DAY_S, NULL);
		ev_periodic_start(daemon_.loop, &daily);
	}
}
