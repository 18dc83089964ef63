/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control sockets: operators' connections, each with a command line of its
 * own. One is for all commands, one for show commands alone (monitoring).
 */
#ifndef OFFHOOK_MAIN_CONTROL_H
#define OFFHOOK_MAIN_CONTROL_H

#include "server/config/host.h"

/*
 * Listen at both paths: mode 0600, or 0660 with the group that the host file
 * names. Ends the process with a message when it cannot (or another daemon answers there).
 */
void control_start(const struct host_config *host);
/* Close all and remove the socket files. */
void control_stop(void);

#endif
