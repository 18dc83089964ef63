/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An accepted TCP connection and the worker that serves it, as main sees them. */
#ifndef OFFHOOK_CONN_H
#define OFFHOOK_CONN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "common/ipc.h"
#include "server/main/admission.h"

struct session;

struct conn {
	struct conn *next, *prev, *hash_next;
	uint64_t id;
	struct admission turn;
	struct ipc_chan chan;
	char nameif[49];
	struct addr local, peer;
	struct session *login;   /* made by a login here, until CONNECT */
	struct session *session; /* whose tunnel this is (granted) */
	LIST_ENTRY(conn) of_session; /* of either of them */
	int grant_fd;            /* the forwarder's end of its channel, until session_bind */
	unsigned messages;       /* of the worker, in the minute that began at */
	double messages_since;
	struct trace_line *traced; /* events of before its user was known (trace.h) */
	uint8_t trace;           /* level that its worker was told */
	unsigned traces;         /* events in the minute that began at */
	double traces_since;
	bool ending;             /* told to end */
	double accepted_at, handshake_at; /* loop time; 0: not yet */
	ev_timer deadline;       /* for a tunnel, later for its end */
};

/* A connection was accepted; takes fd. Refuses quietly when there are too many without a session. */
void conn_accept(int fd, const char *nameif, const struct addr *local, const struct addr *peer);

struct conn *conn_find(uint64_t id); /* NULL: gone */
struct session *conn_session(const struct conn *c); /* granted, else logged in, else NULL */

/* It belongs to a session that logged in here, or to one granted to it, or (NULL, NULL) to none. */
void conn_belong(struct conn *c, struct session *login, struct session *session);

/* The session is granted to this connection; takes the forwarder's end of its channel. */
void conn_grant(struct conn *c, struct session *s, int forwarder_fd);

/* A session ends: no connection may point to it any more. */
void conn_forget_session(const struct session *s);

/* Tell the worker to end, with what it says to the client; the connection belongs to no session from here on. */
void conn_close(struct conn *c, enum end_reason reason);

/* End a worker that broke the rules. */
void conn_kill(struct conn *c, const char *why);

/* The same by its number, for what another process says of it; it may have left already. */
void conn_accused(uint64_t id, const struct addr *peer, const char *why);

/* A worker process was reaped (status of waitpid). */
void conn_worker_exited(uint64_t id, uint32_t status);

/* What operators want to be told has changed: tell the workers. */
void conns_trace(void);

unsigned conn_count(void);
unsigned conn_most(void); /* at one time */
void conn_close_all(enum end_reason reason);

#endif
