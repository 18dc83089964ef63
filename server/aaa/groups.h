/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The server groups in force. A new configuration changes what is known of a
 * server and keeps its state and its counts; requests to one that is gone end on their own.
 */
#ifndef OFFHOOK_AAA_GROUPS_H
#define OFFHOOK_AAA_GROUPS_H

#include "common/ipc.h"
#include "server/aaa/server.h"

/* A configuration as it comes: begin, each group and behind it its servers, commit. */
void groups_begin(void);
void groups_add(const struct ipc_aaa_group *m);
void groups_add_server(const struct ipc_aaa_server *m);
void groups_commit(void);

struct aaa_group *groups_find(const char *name);
struct aaa_group *groups_first(void);

#endif
