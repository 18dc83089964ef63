/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What certauth knows of the configuration: CA certificates that may vouch for
 * clients, tunnel-groups and how they authenticate, which identity serves
 * which interface. Sent whole by main at each change; connections use the
 * newest one that is complete.
 */
#ifndef OFFHOOK_AUTH_POLICY_H
#define OFFHOOK_AUTH_POLICY_H

#include <gnutls/x509.h>
#include <stdbool.h>

#include "common/ipc.h"
#include "common/mem.h"
#include "server/config/model.h"

struct auth_exception { /* match certificate MAP ... */
	struct auth_exception *next;
	enum cert_exception kind;
	char *map, *url;
	uint32_t seq;
	struct ipc_blob signer;
};

struct auth_trustpoint {
	struct auth_trustpoint *next;
	char *name;
	gnutls_x509_crt_t ca; /* owned by the policy */
	void *subject;        /* DER of its name, which tells most others apart without a look inside */
	size_t subject_len;
	struct ipc_blob der;
	unsigned flags;       /* TP_ bits */
	uint8_t methods[3];   /* REVOKE_ methods in order, REVOKE_END behind the last */
	char *ocsp_url, *crl_urls;
	uint8_t crl_policy;
	uint32_t crl_cache_s;
	struct auth_exception *exceptions; /* in order of their numbers */
};

struct auth_group {
	struct auth_group *next;
	char *name;
	char *group_policy;
	unsigned authentication; /* AUTH_ bits of the model */
	bool authorization_local, authorization_required;
	char *username_from; /* fields of the certificate: "CN OU" */
	bool strip_realm, prefill;
	char *aaa_group;     /* whom a password is put to */
	bool aaa_fallback;
};

struct auth_user { /* username NAME: what authorization and authentication by LOCAL find */
	struct auth_user *next;
	char *name, *group_policy;
	enum user_password password_kind;
	char *password; /* its hash */
	int32_t service_type; /* SERVICE_ */
};

struct auth_cert_rule {
	struct auth_cert_rule *next;
	enum cert_field field;
	enum cert_op op;
	char *attr, *value; /* attr "": the whole name */
};

struct auth_cert_map { /* crypto ca certificate map NAME SEQ */
	struct auth_cert_map *next;
	char *name;
	uint32_t seq;
	struct auth_cert_rule *rules;
};

struct auth_group_map { /* certificate-group-map, in the order of trial */
	struct auth_group_map *next;
	const struct auth_cert_map *map; /* NULL: no such map */
	char *tunnel_group;
};

struct auth_binding {
	struct auth_binding *next;
	char *nameif;
	char *trustpoint;
};

struct auth_policy {
	struct mem *mem;
	struct auth_trustpoint *trustpoints;
	struct auth_group *groups;
	struct auth_binding *bindings;
	struct auth_cert_map *maps;
	struct auth_group_map *group_maps, **group_maps_tail;
	bool prefer_group_url;
	struct auth_user **users; /* hash table by name */
	size_t user_count, user_room;
	unsigned max_fail; /* failures that lock a local user, 0: none do */
	unsigned rounds;   /* of PBKDF2, the most that a user's hash takes */
	gnutls_x509_trust_list_t list; /* all CAs; they are the trustpoints' */
};

struct auth_policy *auth_policy_new(void);
void auth_policy_free(struct auth_policy *p);
void auth_policy_add_trustpoint(struct auth_policy *p, const struct ipc_auth_trustpoint *m);
/* After the trustpoints. */
void auth_policy_add_exception(struct auth_policy *p, const struct ipc_auth_exception *m);
void auth_policy_add_group(struct auth_policy *p, const struct ipc_auth_group *m);
void auth_policy_add_binding(struct auth_policy *p, const struct ipc_auth_binding *m);
/* The maps' rules come before the group maps that name them. */
void auth_policy_add_cert_rule(struct auth_policy *p, const struct ipc_auth_cert_rule *m);
void auth_policy_add_group_map(struct auth_policy *p, const struct ipc_auth_group_map *m);
void auth_policy_add_user(struct auth_policy *p, const struct ipc_auth_user *m);
const struct auth_user *auth_policy_user(const struct auth_policy *p, const char *name);
const struct auth_group *auth_policy_group(const struct auth_policy *p, const char *name);
bool auth_policy_bound(const struct auth_policy *p, const char *nameif, const char *trustpoint);

#endif
