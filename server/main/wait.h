/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * offhook wait EVENT: blocks its operator until so many sessions are where he
 * wants them, so that a script needs no sleep. What is so already counts.
 */
#ifndef OFFHOOK_WAIT_H
#define OFFHOOK_WAIT_H

#include <stdbool.h>

struct cli;
struct session;

enum wait_event {
	WAIT_LISTENING, /* clients are accepted */
	WAIT_LOGIN,     /* sessions that there are, with a tunnel or without */
	WAIT_SESSION,   /* with a tunnel */
	WAIT_DTLS_UP,   /* with a DTLS tunnel */
	WAIT_DTLS_DOWN, /* with a tunnel, without the DTLS tunnel that it had */
	WAIT_RESUME,    /* with a tunnel that is not their first */
	WAIT_LOGOFF,    /* that have ended: of a user of whom none is left, or since the command */
	WAIT_EVENTS
};

extern const char *const wait_event_names[WAIT_EVENTS];

/* The answer comes by c->resume(), perhaps before this returns. user NULL: anybody's; timeout_s > 0. */
void wait_start(struct cli *c, enum wait_event event, const char *user, unsigned count, double timeout_s);

/* The operator has left. True: he was waiting. */
bool wait_cancel(struct cli *c);

/* Something has happened to a session, or to the listeners; who waits looks once the work at hand is done. */
void wait_wake(void);

/* The session ends now; why as 113019 says it. */
void wait_session_ended(const struct session *s, const char *why);

#endif
