/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What clients are answered while they log in, dialect by dialect (protocol.md 1.2 to 1.4). */
#ifndef OFFHOOK_LOGIN_ANSWER_H
#define OFFHOOK_LOGIN_ANSWER_H

#include <stdbool.h>

struct worker;

/* Please log in. error: what was wrong with the last try, NULL none. user: the name is known already, "" not. */
void answer_form(struct worker *w, const char *user, const char *error);

/* Refused, and no other password would help. ask: a certificate might, which its TLS handshake has not shown. */
void answer_refused(struct worker *w, const char *reason, bool ask);

/* Logged in: w->login has cookie, index and banner. */
void answer_complete(struct worker *w);

/*
 * What AnyConnect fetches between login and CONNECT; all of it must be there
 * (protocol.md 1.3). False: not one of those paths.
 */
bool answer_file(struct worker *w, const char *path, bool keep_alive);

#endif
