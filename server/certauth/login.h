/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One login: which tunnel-group, what it asks for (certificate, password,
 * both), and whether that holds. Its verdict goes to main, the worker learns the outcome.
 */
#ifndef OFFHOOK_AUTH_LOGIN_H
#define OFFHOOK_AUTH_LOGIN_H

#include "common/ipc.h"

struct auth_conn;

/* Judge what the worker brings; the answer may come later. c->login is the login as long as it waits. */
void login_start(struct auth_conn *c, const struct ipc_auth_ask *m);

/* The connection is over. */
void login_cancel(struct auth_conn *c);

#endif
