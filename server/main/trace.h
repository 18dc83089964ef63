/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * debug: what operators asked to be told of clients, and of whom. Workers tell
 * main what happens (server/worker/trace.h) only while somebody asked; what comes
 * before the login is kept until it is known whose it is.
 */
#ifndef OFFHOOK_MAIN_TRACE_H
#define OFFHOOK_MAIN_TRACE_H

#include <stdbool.h>
#include <stdio.h>

#include "common/ipc.h"

struct conn;
struct session;
struct trace_line;

enum debug_kind { DEBUG_WEBVPN, DEBUG_CRYPTO_CA, DEBUG_AAA, DEBUG_DAP, DEBUG_KINDS };

struct debug_filter { /* all empty: everybody */
	char user[129];
	char mac[13];       /* upper case, of a user name that holds it */
	struct addr source; /* family 0: any */
};

/* Turn one on (again: its level and filter are replaced). part: "anyconnect", "messages", "". False: too many. */
bool debug_on(enum debug_kind kind, const char *part, unsigned level, const struct debug_filter *f);
/* Turn it off; part "": all of the kind. */
void debug_off(enum debug_kind kind, const char *part);
void debug_off_all(void);
/* One line each, as show debug prints them. */
void debug_list(FILE *f);

/* Write all events of a user to a file as JSON lines, from now on. 0 or an error code with errno. */
int transcript_start(const char *user, const char *path);
/* False: there is none. user NULL: all. */
bool transcript_stop(const char *user);
void transcript_list(FILE *f);

/* Up to which level a new connection from there shall be traced; 0: not at all. */
unsigned trace_level(const struct addr *source);

/* A worker's event; c has a session or not yet. */
void trace_take(struct conn *c, const struct ipc_worker_trace *m);
/* The connection's user is known now; it is over. */
void trace_known(struct conn *c);
void trace_over(struct conn *c);

/* A message of the catalogue, in full: it belongs to debug crypto ca or aaa. */
bool trace_wants_messages(void);
void trace_message(unsigned number, const struct conn *c, const struct session *s, const char *text);

#endif
