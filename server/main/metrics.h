/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The metrics helper, as main sees it: where it listens, and its questions. */
#ifndef OFFHOOK_MAIN_METRICS_H
#define OFFHOOK_MAIN_METRICS_H

#include <stdbool.h>

#include "common/ipc.h"
#include "server/config/host.h"

struct config;

/* Listen where the host file says; ends the process with a message when that cannot be. */
void metrics_open(const struct host_config *host);
const char *metrics_address(void); /* "127.0.0.1:9717"; NULL: nowhere */

bool metrics_wanted(const struct config *cfg);
void metrics_helper_up(void);   /* it gets its socket */
void metrics_helper_down(void);

/* It wants the figures: at once, or a moment later when it asks too often. */
void metrics_ask(const struct ipc_metrics_ask *m);

#endif
