/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "lab": rules about what clients are to get in place of what is right, for tests
 * of clients. They wait for a user's, or the next, login and CONNECT, or act on a
 * tunnel that is up.
 */
#ifndef OFFHOOK_MAIN_LAB_H
#define OFFHOOK_MAIN_LAB_H

#include <stdbool.h>
#include <stdio.h>

#include "common/ipc.h"

struct conn;
struct session;

enum lab_when { LAB_AT_LOGIN, LAB_AT_CONNECT, LAB_IN_TUNNEL };

struct lab_rule {
	char user[129];    /* "": the next client, whoever it is */
	enum lab_when when;
	enum lab_kind kind;
	unsigned channel, value;
	unsigned seconds;  /* 0: once, or until "no lab all" */
	char text[513];
	double until;      /* loop time, set by lab_add(); 0: none */
};

/* Takes effect on tunnels of the user at once where it is of the tunnel. False: too many. */
bool lab_add(const struct lab_rule *r);
void lab_clear(void);
void lab_list(FILE *f);

/* The next connection is served this trustpoint. */
void lab_trustpoint_next(const char *trustpoint);
/* "" none; it is used up. */
const char *lab_trustpoint_take(void);

/* Tell the worker of what is due for it: before the answer to a login, before that to CONNECT. */
void lab_login(struct conn *c, const struct session *s);
void lab_connect(struct conn *c, const struct session *s);

#endif
