/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Telling certauth and the spawner what of the configuration they need. */
#ifndef OFFHOOK_PUBLISH_H
#define OFFHOOK_PUBLISH_H

#include <stdint.h>

#include "common/suite.h"

struct config;

void publish_certauth(const struct config *cfg);
void publish_spawner(const struct config *cfg);

/* Warn about bound trust-points that have no identity. */
void publish_warnings(const struct config *cfg);

/* The suites of a version as "ssl cipher" has them, two bytes each; out has room for 2 * SUITE_LIST_MAX. Bytes put. */
uint32_t tls_list_put(const struct config *cfg, enum suite_version version, uint8_t *out);

#endif
