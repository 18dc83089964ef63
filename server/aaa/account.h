/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Accounting records (RFC 2866) on their way to the servers: to one of the
 * group, or with accounting-mode simultaneous to each. What no server has
 * confirmed is sent again, for hours if need be; what is too many is lost,
 * interim records first.
 */
#ifndef OFFHOOK_AAA_ACCOUNT_H
#define OFFHOOK_AAA_ACCOUNT_H

#include <ev.h>
#include <stdbool.h>

#include "common/ipc.h"

void account_init(struct ev_loop *loop);
void account_add(const struct ipc_aaa_record *m);
/* Are there records that no server has confirmed? */
bool account_pending(void);

#endif
