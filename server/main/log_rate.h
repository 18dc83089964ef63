/* SPDX-License-Identifier: GPL-2.0-or-later */
/* logging rate-limit: so many messages of a level, or of one number, in an interval. */
#ifndef OFFHOOK_LOG_RATE_H
#define OFFHOOK_LOG_RATE_H

#include <stdbool.h>

struct config;

void log_rate_configure(const struct config *cfg);
/* May this message go out now? A limit of its own number counts before that of its level. */
bool log_rate_allows(unsigned number, unsigned severity);

#endif
