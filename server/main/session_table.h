/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where sessions are kept: in order of login, by slot, by the hash of their cookie. */
#ifndef OFFHOOK_SESSION_TABLE_H
#define OFFHOOK_SESSION_TABLE_H

#include "server/main/session.h"

/* The session of a cookie, compared in constant time; NULL: none. */
struct session *session_by_cookie(const uint8_t hash[32]);

TAILQ_HEAD(session_queue, session);

/* The sessions of a user: there may be a thousand of one name. */
struct session_user {
	struct session_user *hash_next;
	unsigned count;
	struct session_queue sessions; /* in order of login, by user_link */
	struct session_queue waiting;  /* longest first, by user_waiting_link */
	char name[];
};

/* NULL: he has none. */
struct session_user *session_user_find(const char *name);

/* The state of a session becomes SESSION_WAITING, or is that no longer. Again: from now on. */
void session_waiting_begin(struct session *s);
void session_waiting_end(struct session *s);
/* Of all sessions the one that has been waiting longest; NULL: none is. */
struct session *session_waiting_longest(void);

/* The next index, 1 to 65535, that no session has. */
uint32_t session_index_take(void);

/* A free slot, of a forwarder that has the fewest sessions: slot % forwarders is its home. False: there is none, or no index. */
bool session_slot_take(unsigned forwarders, uint32_t *slot);
/* Slots from this one on have never been given out. */
uint32_t session_slots_used(void);

/* Enter a session whose index, slot and cookie_hash are set; take it out again. */
void session_link(struct session *s);
void session_unlink(struct session *s);

/* What "Audt Sess ID" and accounting call the session. Returns out. */
#define SESSION_AUDIT_ID 25
const char *session_audit_id(const struct session *s, char out[SESSION_AUDIT_ID]);

#endif
