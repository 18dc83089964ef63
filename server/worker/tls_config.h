/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a worker inherits from the spawner: suites and their cached GnuTLS
 * priorities, identities (certificates, never keys), which identity serves which
 * interface, group-urls. Built whole from main's messages, then swapped in.
 */
#ifndef OFFHOOK_TLS_CONFIG_H
#define OFFHOOK_TLS_CONFIG_H

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <time.h>

#include "common/ipc.h"
#include "common/mem.h"
#include "common/suite.h"
#include "server/worker/hello.h"

struct tls_identity {
	struct tls_identity *next;
	char *trustpoint;
	gnutls_pk_algorithm_t key_algo;
	unsigned key_bits;
	bool key_encipherment; /* RSA key exchange possible */
	char sha1[41], sha256[65]; /* of the leaf, hex */
	char *subject, *issuer; /* of the leaf, for people; never NULL */
	time_t not_before, not_after;
	gnutls_certificate_credentials_t cred;
};

struct tls_binding {
	struct tls_binding *next;
	char *nameif, *domain; /* domain "": any SNI */
	char *trustpoint;
	struct tls_identity *identity; /* NULL: the trustpoint has none yet */
};

struct tls_group_url {
	struct tls_group_url *next;
	char *host, *path, *tunnel_group;
	uint16_t port; /* 0: any */
	unsigned authentication;
};

struct tls_alias { /* group-alias */
	struct tls_alias *next;
	char *alias, *tunnel_group;
};

struct tls_config {
	struct mem *mem;
	enum suite_version min_version, max_version;
	bool ask_certificate, default_group, list_groups;
	char *hostname;
	gnutls_dh_params_t dh; /* "ssl dh-group" */
	unsigned ecdh_group;   /* 19, 20, 21; the one "ssl ecdh-group" names goes alone */
	bool ecdh_only;
	struct suite_list suites[SUITE_VERSIONS];
	gnutls_priority_t priorities[SUITE_VERSIONS][SUITE_LIST_MAX]; /* one per suite of the list */
	gnutls_priority_t start; /* for a session before its hello is read */
	struct tls_identity *identities;
	struct tls_binding *bindings, **bindings_tail;
	struct tls_group_url *urls, **urls_tail;
	struct tls_alias *aliases, **aliases_tail;
	gnutls_x509_crt_t *cas; /* whose names go into the CertificateRequest */
	unsigned ca_count;
};

struct tls_config *tls_config_new(const struct ipc_tls_begin *m);
void tls_config_free(struct tls_config *c);
void tls_config_add_suites(struct tls_config *c, const struct ipc_tls_suites *m);
void tls_config_add_identity(struct tls_config *c, const struct ipc_tls_identity *m);
void tls_config_add_binding(struct tls_config *c, const struct ipc_tls_binding *m);
void tls_config_add_ca(struct tls_config *c, const struct ipc_tls_ca *m);
void tls_config_add_group_url(struct tls_config *c, const struct ipc_tls_group_url *m);
void tls_config_add_alias(struct tls_config *c, const struct ipc_tls_alias *m);
/* Last step: priorities and what needs all parts. */
void tls_config_finish(struct tls_config *c);

struct tls_choice {
	enum suite_version version;
	const struct suite *suite;
	gnutls_priority_t priority;
	struct tls_identity *identity;
};

/*
 * Version, suite and identity for a hello: the highest common version, then
 * the first suite of ours for it that the client offers and an identity bound to
 * nameif can serve; for phone-like hellos AES-CBC-SHA with RSA comes first, and
 * of these what DTLS can match (protocol.md 4.3). 0, ERR_NOT_FOUND (no identity bound), ERR_UNSUPPORTED
 * (no common version or suite).
 */
int tls_config_choose(const struct tls_config *c, const char *nameif, const struct hello *h, const char *trustpoint,
    struct tls_choice *out);

/*
 * Each suite of ours before the chosen one (or each: choice->suite is NULL) that the client offers and
 * that cannot be had, with the reason in the words of message 725022.
 */
void tls_config_skipped(const struct tls_config *c, const char *nameif, const struct hello *h, const char *trustpoint,
    const struct tls_choice *choice, void (*fn)(void *ctx, const struct suite *s, const char *reason), void *ctx);

/* The trustpoint bound to an interface, for messages; "none" without one. */
const char *tls_config_bound(const struct tls_config *c, const char *nameif);

/*
 * The group-url for a request: host without port as the client named it,
 * its port, and the path (one trailing '/' ignored). NULL: none.
 */
const struct tls_group_url *tls_config_url(const struct tls_config *c, const char *host, uint16_t port, const char *path);

#endif
