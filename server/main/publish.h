/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Telling certauth and the spawner what of the configuration they need. */
#ifndef OFFHOOK_PUBLISH_H
#define OFFHOOK_PUBLISH_H

#include <stdbool.h>
#include <stdint.h>

#include "common/suite.h"

struct config;

void publish_certauth(const struct config *cfg);
void publish_spawner(const struct config *cfg);

/*
 * The trustpoints that "ssl trust-point" binds to an interface: those that name
 * it, and with no such one those for all interfaces. domain "": any name.
 */
typedef void (*binding_fn)(const char *nameif, const char *domain, const char *trustpoint, void *ctx);
void bindings_each(const struct config *cfg, binding_fn fn, void *ctx);

/* Lowest and highest TLS version that is spoken. */
void tls_versions(const struct config *cfg, enum suite_version *min, enum suite_version *max);

/* The suites of a version as "ssl cipher" has them. */
void tls_list_make(const struct config *cfg, enum suite_version version, struct suite_list *out);
bool tls_list_is_custom(const struct config *cfg, enum suite_version version);

/* The same, two bytes each; out has room for 2 * SUITE_LIST_MAX. Bytes put. */
uint32_t tls_list_put(const struct config *cfg, enum suite_version version, uint8_t *out);

#endif
