/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ASA's syslog messages (asa-reference 3): a table of number, severity and
 * text. In a text, $G group-policy, $T tunnel-group, $U user, $P the client's IP,
 * $C "outside:P/port to A/443", $S the session as 0x hex, $R why it ended, $1..$4 the arguments.
 */
#ifndef OFFHOOK_ASALOG_H
#define OFFHOOK_ASALOG_H

#include <stdbool.h>

struct config;
struct conn;
struct session;

/* Take what "logging enable|timestamp|console" say. foreground: stderr is somebody's screen. */
void asalog_configure(const struct config *cfg, bool foreground);

/* Emit a message about a connection or a session (either may be NULL). Unknown numbers are ignored. */
void asalog(unsigned number, const struct conn *c, const struct session *s, const char *arg1, const char *arg2,
    const char *arg3, const char *arg4);

/* Is it one that a worker, or certauth, may ask for. */
bool asalog_from_worker(unsigned number);
bool asalog_from_certauth(unsigned number);

#endif
