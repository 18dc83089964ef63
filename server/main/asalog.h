/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ASA's syslog messages (asa-reference 3). In a message's text, $G group-policy,
 * $T tunnel-group, $U user, $P the client's IP (of neither connection nor session: $4), $C "outside:P/port to A/443", $S the
 * session as 0x hex, $R why it ended, $D the date, $1..$4 the arguments, $H the second
 * one if user names that were not accepted may be shown ("logging hide username").
 */
#ifndef OFFHOOK_ASALOG_H
#define OFFHOOK_ASALOG_H

#include <stdbool.h>
#include <stdint.h>

struct config;
struct conn;
struct session;

enum asalog_from { FROM_MAIN, FROM_WORKER, FROM_CERTAUTH, FROM_REVOKER, FROM_AAA };

/* Take what the logging commands say; cfg must stay until the next call. foreground: stderr is somebody's screen. */
void asalog_configure(const struct config *cfg, bool foreground);

/* Emit a message about a connection or a session (either may be NULL). Unknown numbers are ignored. */
void asalog(unsigned number, const struct conn *c, const struct session *s, const char *arg1, const char *arg2,
    const char *arg3, const char *arg4);

/* Does anything take this message now? For those that are work to put together. */
bool asalog_wanted(unsigned number);

/* Is it one that this other process may ask for? */
bool asalog_allowed(unsigned number, enum asalog_from from);

/* Messages written to the buffer and to the servers since start. */
struct asalog_counts {
	uint64_t buffered, trap;
};

struct asalog_counts asalog_counts(void);

#endif
