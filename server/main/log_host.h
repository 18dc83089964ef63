/* SPDX-License-Identifier: GPL-2.0-or-later */
/* logging host: syslog servers, by UDP or TCP. Sending never waits; what does not go is counted. */
#ifndef OFFHOOK_LOG_HOST_H
#define OFFHOOK_LOG_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "server/config/model.h"

struct log_host_info {
	const char *nameif, *address;
	bool tcp;
	uint16_t port;
	uint64_t sent, errors, dropped;
};

void log_host_configure(const struct cfg_logging *cfg);
bool log_host_any(void);

/* One message to all servers; pri is facility * 8 + severity. */
void log_host_send(unsigned pri, const char *line);

/* The nth server; false behind the last. */
bool log_host_info(unsigned n, struct log_host_info *out);

#endif
