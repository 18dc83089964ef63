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

struct auth_trustpoint {
	struct auth_trustpoint *next;
	char *name;
	gnutls_x509_crt_t ca; /* owned by the policy */
};

struct auth_group {
	struct auth_group *next;
	char *name;
	char *group_policy;
	unsigned authentication; /* AUTH_ bits of the model */
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
	gnutls_x509_trust_list_t list; /* all CAs; they are the trustpoints' */
};

struct auth_policy *auth_policy_new(void);
void auth_policy_free(struct auth_policy *p);
void auth_policy_add_trustpoint(struct auth_policy *p, const struct ipc_auth_trustpoint *m);
void auth_policy_add_group(struct auth_policy *p, const struct ipc_auth_group *m);
void auth_policy_add_binding(struct auth_policy *p, const struct ipc_auth_binding *m);
const struct auth_group *auth_policy_group(const struct auth_policy *p, const char *name);
bool auth_policy_bound(const struct auth_policy *p, const char *nameif, const char *trustpoint);

#endif
