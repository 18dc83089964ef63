/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions to offhookd by its monitoring socket: show commands, answered as JSON. */
#ifndef OFFHOOK_SNMP_ASK_H
#define OFFHOOK_SNMP_ASK_H

#include <jansson.h>

void ask_init(const char *socket_path);

/* The answer, for json_decref(); NULL: offhookd does not answer (said once on standard error). Waits some seconds at most. */
json_t *ask(const char *command);

#endif
